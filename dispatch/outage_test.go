package dispatch_test

import (
	"context"
	"encoding/json"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/dispatch"
	"github.com/sysopssquad/muster/dispatch/journal"
	"github.com/sysopssquad/muster/graph"
)

// The ways in which a store can be out of reach.
const (
	there = iota
	refuses
	hangs
	loses // commits take effect, but no reply comes through
)

// remote is a store that can go out of reach.
type remote struct {
	graph.Store
	state   atomic.Int32
	calls   atomic.Int32
	commits atomic.Int32 // that have taken effect
	broken  atomic.Int32 // how many loads of a customer panic

	meanwhile func(changes []graph.Change) // happens before a commit takes effect; nil: nothing
}

func (r *remote) reach(ctx context.Context) error {
	r.calls.Add(1)
	switch r.state.Load() {
	case refuses:
		return muster.E(muster.CodeUnavailable, "the store is away", "try again")
	case hangs:
		<-ctx.Done()
		return ctx.Err()
	}
	return nil
}

func (r *remote) Commit(ctx context.Context, changes ...graph.Change) ([]graph.Outcome, error) {
	if r.state.Load() == loses {
		if _, err := r.Store.Commit(ctx, changes...); err != nil {
			return nil, err
		}
		return nil, muster.E(muster.CodeUnknown, "the reply was lost", "send the same again")
	}
	if err := r.reach(ctx); err != nil {
		return nil, err
	}
	r.commits.Add(1)
	if r.meanwhile != nil {
		r.meanwhile(changes)
	}
	return r.Store.Commit(ctx, changes...)
}

func (r *remote) Setup(ctx context.Context) (graph.Setup, error) {
	if err := r.reach(ctx); err != nil {
		return graph.Setup{}, err
	}
	return r.Store.Setup(ctx)
}

func (r *remote) CustomerCase(ctx context.Context, cmd muster.CommandID, id muster.CustomerID) (graph.CustomerCase, error) {
	if r.broken.Add(-1) >= 0 {
		panic("something that nobody thought of")
	}
	if err := r.reach(ctx); err != nil {
		return graph.CustomerCase{}, err
	}
	return r.Store.CustomerCase(ctx, cmd, id)
}

func (r *remote) Reserve(ctx context.Context, n int) (int64, error) {
	if err := r.reach(ctx); err != nil {
		return 0, err
	}
	return r.Store.Reserve(ctx, n)
}

// keeper is a company whose submissions go to a journal while its store is out of reach.
type keeper struct {
	*company
	remote  *remote
	journal *journal.Journal
	folder  string
}

func newKeeper(t *testing.T) *keeper {
	t.Helper()
	k := &keeper{company: newCompany(t), folder: t.TempDir()}
	k.remote = &remote{Store: k.store}
	k.dispatch = dispatch.New(k.remote, k.clock)
	j, err := journal.Open(k.folder)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, j.Close()) })
	k.journal = j
	k.dispatch.KeepIn(j, 100)
	require.NoError(t, k.dispatch.TendIntake(k.ctx, ""))
	return k
}

func (k *keeper) accept(req dispatch.SubmitRequest) (muster.Command, dispatch.Answer) {
	k.Helper()
	cmd := k.as(helpdesk)
	a, err := k.dispatch.Submit(k.ctx, cmd, req)
	require.NoError(k, err)
	require.Equal(k, muster.Accepted, a.Ticket.State)
	return cmd, a
}

// file lets the store come back and files what was accepted.
func (k *keeper) file() dispatch.FilingReport {
	k.Helper()
	k.remote.state.Store(there)
	r, err := k.dispatch.FileIntake(k.ctx, k.journal)
	require.NoError(k, err)
	require.Empty(k, k.journal.Waiting(0))
	return r
}

func bytesOf(t *testing.T, v any) string {
	t.Helper()
	b, err := json.Marshal(v)
	require.NoError(t, err)
	return string(b)
}

func TestASubmissionIsAcceptedWithoutTheGraphAndFiledOnce(t *testing.T) {
	k := newKeeper(t)
	before := k.submit()
	require.Equal(t, muster.Queued, before.State, "with the graph in reach nothing is different")

	k.remote.state.Store(refuses)
	cmd, a := k.accept(k.request())
	require.NotZero(t, a.Ticket.Number)
	require.Equal(t, monday, a.Ticket.CreatedAt)
	again, err := k.dispatch.Submit(k.ctx, cmd, k.request())
	require.NoError(t, err)
	require.Equal(t, bytesOf(t, a), bytesOf(t, again))
	other := k.request()
	other.Title = "Freezer warm"
	_, err = k.dispatch.Submit(k.ctx, cmd, other)
	require.Equal(t, muster.CodeReused, muster.CodeOf(err))
	shown, ok := k.dispatch.AcceptedTicket(dispatch.TicketRef{Number: a.Ticket.Number})
	require.True(t, ok)
	require.Equal(t, a.Ticket.ID, shown.ID)
	_, err = k.dispatch.FileIntake(k.ctx, k.journal)
	require.Equal(t, muster.CodeUnavailable, muster.CodeOf(err))
	require.Len(t, k.journal.Waiting(0), 1, "it waits")

	k.clock.Advance(10 * time.Minute)
	require.Equal(t, dispatch.FilingReport{Filed: 1, Failed: []string{}}, k.file())
	filed := k.load(a.Ticket.ID).Ticket
	require.Equal(t, a.Ticket.Number, filed.Number)
	require.Equal(t, muster.Queued, filed.State)
	require.Equal(t, monday, filed.CreatedAt, "its time runs since it was accepted")
	_, ok = k.dispatch.AcceptedTicket(dispatch.TicketRef{ID: a.Ticket.ID})
	require.False(t, ok)

	again, err = k.dispatch.Submit(k.ctx, cmd, k.request())
	require.NoError(t, err)
	require.Equal(t, bytesOf(t, a), bytesOf(t, again), "the same answer as then")
	k.sound()
}

// TestMuchThatWasAcceptedIsFiledInFewCommits: after an outage of minutes thousands wait, and others need the graph too.
func TestMuchThatWasAcceptedIsFiledInFewCommits(t *testing.T) {
	k := newKeeper(t)
	k.remote.state.Store(refuses)
	const accepted = 60
	numbers := map[muster.TicketID]int64{}
	for n := range accepted {
		req := k.request()
		if n == 7 {
			req.Site = "sit_gone" // for a person
		}
		_, a := k.accept(req)
		numbers[a.Ticket.ID] = a.Ticket.Number
	}
	waiting := k.journal.Waiting(0)
	elsewhere := func(e journal.Entry) { // another server had a way to the graph
		var req dispatch.SubmitRequest
		require.NoError(t, json.Unmarshal(e.Request, &req))
		_, err := dispatch.New(k.store, k.clock).Submit(k.ctx, muster.Command{ID: e.ID, Actor: e.Actor}, req)
		require.NoError(t, err)
	}
	before, racing := waiting[30], waiting[40]
	elsewhere(before)
	k.remote.meanwhile = func(changes []graph.Change) {
		if len(changes) > 1 && slices.ContainsFunc(changes, func(c graph.Change) bool { return c.Command.ID == racing.ID }) {
			elsewhere(racing)
		}
	}

	k.remote.commits.Store(0)
	r := k.file()
	require.Equal(t, dispatch.FilingReport{Filed: accepted - 1, ToPerson: 1, Failed: []string{}}, r)
	require.Less(t, k.remote.commits.Load(), int32(10))
	var others []muster.TicketID
	for id, number := range numbers {
		if k.load(id).Ticket.Number == number {
			continue
		}
		owners, err := k.store.Owners(k.ctx, muster.NumberKey(number))
		require.NoError(t, err)
		require.Equal(t, string(id), owners[muster.NumberKey(number)])
		others = append(others, id)
	}
	require.ElementsMatch(t, []muster.TicketID{before.Ticket, racing.Ticket}, others)
	k.sound()
}

func TestAnAnswerComesInTimeFromAGraphThatHangs(t *testing.T) {
	k := newKeeper(t)
	k.remote.state.Store(hangs)
	began := time.Now()
	_, first := k.accept(k.request())
	require.Less(t, time.Since(began), 2*time.Second)
	calls := k.remote.calls.Load()
	_, second := k.accept(k.request())
	require.Equal(t, calls, k.remote.calls.Load(), "it isn't asked again at once")
	require.NotEqual(t, first.Ticket.Number, second.Ticket.Number)
	k.remote.state.Store(there)
	k.clock.Advance(2 * time.Second)
	require.Equal(t, muster.Queued, k.submit().State, "it is asked again after a moment")
	require.Equal(t, 2, k.file().Filed)
	k.sound()
}

func TestACallerWhoGivesUpIsNotAccepted(t *testing.T) {
	k := newKeeper(t)
	k.remote.state.Store(hangs)
	ctx, cancel := context.WithCancel(k.ctx)
	cancel()
	_, err := k.dispatch.Submit(ctx, k.as(helpdesk), k.request())
	require.ErrorIs(t, err, context.Canceled)
	require.Empty(t, k.journal.Waiting(0))
}

func TestWhatIsWrongInAnyCaseIsRefusedWithoutTheGraph(t *testing.T) {
	k := newKeeper(t)
	k.remote.state.Store(refuses)
	for name, c := range map[string]struct {
		actor muster.Actor
		edit  func(*dispatch.SubmitRequest)
		code  muster.Code
	}{
		"no title":    {helpdesk, func(r *dispatch.SubmitRequest) { r.Title = " " }, muster.CodeInvalid},
		"no customer": {helpdesk, func(r *dispatch.SubmitRequest) { r.Customer = "joan" }, muster.CodeInvalid},
		"no site":     {helpdesk, func(r *dispatch.SubmitRequest) { r.Site = "" }, muster.CodeInvalid},
		"a window gone by": {helpdesk, func(r *dispatch.SubmitRequest) {
			r.Windows = []muster.Window{{Start: monday.Add(-2 * time.Hour), End: monday.Add(-time.Hour)}}
		}, muster.CodeInvalid},
		"somebody else's":    {muster.Actor{ID: "usr_otto", Role: muster.RoleCustomer, Customer: "cus_otto"}, func(*dispatch.SubmitRequest) {}, muster.CodeForbidden},
		"an expert":          {muster.Actor{ID: "usr_li", Role: muster.RoleExpert, Expert: "exp_li"}, func(*dispatch.SubmitRequest) {}, muster.CodeForbidden},
		"no id of a command": {helpdesk, func(r *dispatch.SubmitRequest) {}, muster.CodeInvalid},
	} {
		t.Run(name, func(t *testing.T) {
			req := k.request()
			c.edit(&req)
			cmd := k.as(c.actor)
			if name == "no id of a command" {
				cmd.ID = ""
			}
			_, err := k.dispatch.Submit(k.ctx, cmd, req)
			require.Equal(t, c.code, muster.CodeOf(err), "%v", err)
		})
	}
	require.Empty(t, k.journal.Waiting(0))
}

func TestWhatTheGraphRefusesComesBeforeAPerson(t *testing.T) {
	k := newKeeper(t)
	taken := k.submit(func(r *dispatch.SubmitRequest) { r.Legacy = "old/1" })
	for name, c := range map[string]struct {
		edit func(*dispatch.SubmitRequest)
		says string
		own  bool // it stays the customer's
	}{
		"no such customer": {func(r *dispatch.SubmitRequest) { r.Customer = "cus_nobody" }, "Customer: cus_nobody", false},
		"no such site":     {func(r *dispatch.SubmitRequest) { r.Site = "sit_nowhere" }, "Site: sit_nowhere", true},
		"no such device":   {func(r *dispatch.SubmitRequest) { r.Device = "dev_none" }, "Device: dev_none", true},
		"no such skill":    {func(r *dispatch.SubmitRequest) { r.Needs = []muster.Need{{Skill: "skl_magic", Level: 3}} }, "Needs: skl_magic at level 3", true},
		"no such priority": {func(r *dispatch.SubmitRequest) { r.Priority = "asap" }, "Priority: asap", true},
		"there already":    {func(r *dispatch.SubmitRequest) { r.Legacy = "old/1" }, "old/1 belongs to " + string(taken.ID), true},
		"window over": {func(r *dispatch.SubmitRequest) {
			r.Windows = []muster.Window{{Start: k.clock.Now(), End: k.clock.Now().Add(time.Minute)}}
		}, "At home: ", true},
	} {
		t.Run(name, func(t *testing.T) {
			k.remote.state.Store(refuses)
			req := k.request()
			req.Text = "It hums."
			c.edit(&req)
			cmd, a := k.accept(req)
			k.clock.Advance(time.Hour)
			require.Equal(t, dispatch.FilingReport{ToPerson: 1, Failed: []string{}}, k.file())
			ticket := k.load(a.Ticket.ID).Ticket
			require.Equal(t, muster.Triage, ticket.State)
			require.Equal(t, a.Ticket.Number, ticket.Number)
			require.Equal(t, req.Title, ticket.Title)
			require.Contains(t, ticket.Text, c.says)
			require.Contains(t, ticket.Text, "It hums.")
			require.Contains(t, ticket.Timers, muster.TimerTriage)
			require.Equal(t, c.own, ticket.Customer == k.customer.ID)
			again, err := k.dispatch.Submit(k.ctx, cmd, req)
			require.NoError(t, err)
			require.Equal(t, bytesOf(t, a), bytesOf(t, again))
		})
	}
	k.sound()
}

func TestACommitWithoutAReplyIsNotFiledTwice(t *testing.T) {
	k := newKeeper(t)
	k.remote.state.Store(loses)
	cmd, a := k.accept(k.request())
	require.Equal(t, 1, k.file().Filed)
	ticket := k.load(a.Ticket.ID).Ticket
	require.Equal(t, int64(1), ticket.Rev)
	require.Equal(t, a.Ticket.Number, ticket.Number, "the number of the lost commit")
	again, err := k.dispatch.Submit(k.ctx, cmd, k.request())
	require.NoError(t, err)
	require.Equal(t, bytesOf(t, a), bytesOf(t, again), "what was answered, not what the lost reply said")
	k.sound()
}

func TestANumberThatWasGivenLeadsToTheTicketEvenIfAnotherProcessWasFaster(t *testing.T) {
	k := newKeeper(t)
	k.remote.state.Store(refuses)
	cmd, a := k.accept(k.request())
	elsewhere, err := dispatch.New(k.store, k.clock).Submit(k.ctx, cmd, k.request()) // the same key, sent to a process that has the graph
	require.NoError(t, err)
	require.Equal(t, a.Ticket.ID, elsewhere.Ticket.ID)
	require.NotEqual(t, a.Ticket.Number, elsewhere.Ticket.Number)
	require.Equal(t, 1, k.file().Filed)
	owners, err := k.store.Owners(k.ctx, muster.NumberKey(a.Ticket.Number))
	require.NoError(t, err)
	require.Equal(t, string(a.Ticket.ID), owners[muster.NumberKey(a.Ticket.Number)])
	require.Equal(t, int64(1), k.load(a.Ticket.ID).Ticket.Rev)
	k.sound()
}

// Without the graph several processes may accept one request, each under a number of its own (decision 21). All of the
// numbers lead to the one ticket, whoever files first.
func TestAllNumbersThatWereGivenLeadToTheTicket(t *testing.T) {
	k := newKeeper(t)
	k.remote.state.Store(refuses)
	cmd, a := k.accept(k.request())
	journals, numbers := []*journal.Journal{k.journal}, []int64{a.Ticket.Number}
	for _, first := range []int64{1000, 2000} {
		j, err := journal.Open(t.TempDir())
		require.NoError(t, err)
		t.Cleanup(func() { require.NoError(t, j.Close()) })
		require.NoError(t, j.Grant(first, 10))
		other := dispatch.New(k.remote, k.clock)
		other.KeepIn(j, 10)
		b, err := other.Submit(k.ctx, cmd, k.request())
		require.NoError(t, err)
		require.Equal(t, a.Ticket.ID, b.Ticket.ID)
		journals, numbers = append(journals, j), append(numbers, first)
	}
	k.remote.state.Store(there)
	for _, j := range journals {
		_, err := k.dispatch.FileIntake(k.ctx, j)
		require.NoError(t, err)
		require.Empty(t, j.Waiting(0))
	}
	for _, n := range numbers[1:] {
		owners, err := k.store.Owners(k.ctx, muster.NumberKey(n))
		require.NoError(t, err)
		require.Equal(t, string(a.Ticket.ID), owners[muster.NumberKey(n)], "number %d", n)
	}
	require.Equal(t, numbers[0], k.load(a.Ticket.ID).Ticket.Number)
	k.sound()
}

func TestWithoutNumbersNothingIsAccepted(t *testing.T) {
	k := newKeeper(t)
	k.remote.state.Store(refuses)
	for range 100 {
		k.accept(k.request())
	}
	_, err := k.dispatch.Submit(k.ctx, k.as(helpdesk), k.request())
	require.Equal(t, muster.CodeUnavailable, muster.CodeOf(err))
	require.ErrorContains(t, err, "no ticket numbers are left")
	require.Equal(t, 100, k.file().Filed)
	require.NoError(t, k.dispatch.TendIntake(k.ctx, ""))
	k.remote.state.Store(refuses)
	k.clock.Advance(2 * time.Second)
	k.accept(k.request())
	k.file()
	k.sound()
}

// TestOneThatCantBeFiledHoldsNothingElseUp: numbers are reserved, and what dead processes left is filed.
func TestOneThatCantBeFiledHoldsNothingElseUp(t *testing.T) {
	k := newKeeper(t)
	for n := range 60 {
		number, ok := k.journal.Number()
		require.True(t, ok)
		if n > 0 {
			continue
		}
		_, err := k.journal.Accept(journal.Entry{
			ID: "cmd-bad", Actor: helpdesk, Ticket: "tic_bad", Number: number, At: k.clock.Now(),
			Request: json.RawMessage(`{"title": 5}`), Answer: json.RawMessage(`{}`),
		})
		require.NoError(t, err)
	}
	dead, err := journal.Open(k.folder)
	require.NoError(t, err)
	k.remote.state.Store(refuses)
	_, a := k.accept(k.request())
	left := k.journal.Waiting(0)[1]
	require.NoError(t, k.journal.Filed(left.ID))
	_, err = dead.Accept(left)
	require.NoError(t, err)
	require.NoError(t, dead.Close())

	k.remote.state.Store(there)
	require.Equal(t, muster.CodeInternal, muster.CodeOf(k.dispatch.TendIntake(k.ctx, k.folder)))
	require.Equal(t, int64(100), k.journal.Status().Numbers)
	require.Equal(t, a.Ticket.Number, k.load(a.Ticket.ID).Ticket.Number)
	require.Len(t, k.journal.Waiting(0), 1, "it stays, and is said")
}

// TestAKeyThatIsForgottenMakesNoSecondTicket: a submission that comes again after its outcome was pruned.
func TestAKeyThatIsForgottenMakesNoSecondTicket(t *testing.T) {
	k := newKeeper(t)
	cmd := k.as(helpdesk)
	first, err := k.dispatch.Submit(k.ctx, cmd, k.request())
	require.NoError(t, err)
	_, err = k.store.Prune(k.ctx, k.clock.Now().Add(time.Hour), 1000)
	require.NoError(t, err)

	other := dispatch.New(k.store, k.clock)
	_, err = other.Submit(k.ctx, cmd, k.request())
	require.Equal(t, muster.CodeReused, muster.CodeOf(err), "%v", err)
	require.Contains(t, err.Error(), first.Ticket.Ref())

	req, err := json.Marshal(k.request())
	require.NoError(t, err)
	second := first
	second.Ticket.State, second.Ticket.Number = muster.Accepted, 9000 // by a process that knew nothing of it
	_, err = k.journal.Accept(journal.Entry{
		ID: cmd.ID, Actor: cmd.Actor, Ticket: first.Ticket.ID, Number: 9000, At: k.clock.Now(),
		Request: req, Answer: json.RawMessage(bytesOf(t, second)),
	})
	require.NoError(t, err)
	k.file()
	owners, err := k.store.Owners(k.ctx, muster.NumberKey(9000))
	require.NoError(t, err)
	require.Equal(t, string(first.Ticket.ID), owners[muster.NumberKey(9000)])
	require.Equal(t, first.Ticket.Number, k.load(first.Ticket.ID).Ticket.Number)
	k.sound()
}

// TestASubmissionThatBreaksUsEndsNoProcess: each that looks after the journal would end, again at each start.
func TestASubmissionThatBreaksUsEndsNoProcess(t *testing.T) {
	k := newKeeper(t)
	k.remote.state.Store(refuses)
	_, a := k.accept(k.request())
	k.remote.state.Store(there)
	k.remote.broken.Store(2) // as it is, and for a person
	require.Equal(t, muster.CodeInternal, muster.CodeOf(k.dispatch.TendIntake(k.ctx, "")))
	require.Len(t, k.journal.Waiting(0), 1, "it stays")
	k.remote.broken.Store(1)
	require.Equal(t, 1, k.file().ToPerson)
	found := k.load(a.Ticket.ID).Ticket
	require.Equal(t, muster.Triage, found.State)
	require.Equal(t, a.Ticket.Number, found.Number)
	require.Contains(t, found.Text, "something that nobody thought of")
	k.sound()
}

func TestTwinsAreAcceptedOnce(t *testing.T) {
	k := newKeeper(t)
	k.remote.state.Store(refuses)
	cmd := k.as(helpdesk)
	answers := make([]dispatch.Answer, 32)
	var g sync.WaitGroup
	for i := range answers {
		g.Go(func() {
			a, err := k.dispatch.Submit(k.ctx, cmd, k.request())
			if err == nil {
				answers[i] = a
			}
		})
	}
	g.Wait()
	for _, a := range answers {
		require.Equal(t, bytesOf(t, answers[0]), bytesOf(t, a))
	}
	require.NotZero(t, answers[0].Ticket.Number)
	require.Len(t, k.journal.Waiting(0), 1)
	k.file()
	k.sound()
}

func TestAnotherProcessFilesWhatADeadOneLeft(t *testing.T) {
	k := newKeeper(t)
	k.remote.state.Store(refuses)
	dead, err := journal.Open(k.folder)
	require.NoError(t, err)
	require.NoError(t, dead.Grant(1000, 10))
	theirs := dispatch.New(k.remote, k.clock)
	theirs.KeepIn(dead, 10)
	cmd := k.as(helpdesk)
	a, err := theirs.Submit(k.ctx, cmd, k.request())
	require.NoError(t, err)
	left, err := journal.Left(k.folder)
	require.NoError(t, err)
	require.Empty(t, left, "it lives")
	require.NoError(t, dead.Close())

	k.remote.state.Store(there)
	require.NoError(t, k.dispatch.TendIntake(k.ctx, k.folder))
	require.Equal(t, int64(1000), k.load(a.Ticket.ID).Ticket.Number)
	k.sound()

	k.remote.state.Store(hangs) // for longer than is waited for it: who has filed it knows the answer
	again, err := k.dispatch.Submit(k.ctx, cmd, k.request())
	require.NoError(t, err)
	require.Equal(t, bytesOf(t, a), bytesOf(t, again))
}

func TestAnAnswerStaysTheSameWhenTheGraphGoesAwayAgain(t *testing.T) {
	k := newKeeper(t)
	online := k.as(helpdesk)
	first, err := k.dispatch.Submit(k.ctx, online, k.request())
	require.NoError(t, err)
	k.remote.state.Store(refuses)
	accepted, second := k.accept(k.request())
	k.file()
	k.remote.state.Store(refuses)
	for cmd, before := range map[muster.Command]dispatch.Answer{online: first, accepted: second} {
		again, err := k.dispatch.Submit(k.ctx, cmd, k.request())
		require.NoError(t, err)
		require.Equal(t, bytesOf(t, before), bytesOf(t, again))
	}
	require.Empty(t, k.journal.Waiting(0))
}

// A key may be used again for another request while nobody can know: what was accepted so is a ticket of its own, before a
// person, and its number leads to it.
func TestAnotherRequestUnderAUsedKeyIsNotLost(t *testing.T) {
	type other struct {
		dispatch *dispatch.Dispatch
		journal  *journal.Journal
	}
	anew := func(k *keeper) other { // a server that was started since
		d := dispatch.New(k.remote, k.clock)
		d.KeepIn(k.journal, 100)
		return other{d, k.journal}
	}
	for name, before := range map[string]func(k *keeper, cmd muster.Command) other{
		"the key was used with the graph": func(k *keeper, cmd muster.Command) other {
			_, err := k.dispatch.Submit(k.ctx, cmd, k.request())
			require.NoError(t, err)
			return anew(k)
		},
		"and is forgotten": func(k *keeper, cmd muster.Command) other {
			_, err := k.dispatch.Submit(k.ctx, cmd, k.request())
			require.NoError(t, err)
			_, err = k.store.Prune(k.ctx, k.clock.Now().Add(time.Hour), 1000)
			require.NoError(t, err)
			return anew(k)
		},
		"another server accepted it": func(k *keeper, cmd muster.Command) other {
			k.remote.state.Store(refuses)
			_, err := k.dispatch.Submit(k.ctx, cmd, k.request())
			require.NoError(t, err)
			j, err := journal.Open(t.TempDir())
			require.NoError(t, err)
			t.Cleanup(func() { require.NoError(t, j.Close()) })
			require.NoError(t, j.Grant(5000, 10))
			d := dispatch.New(k.remote, k.clock)
			d.KeepIn(j, 10)
			return other{d, j}
		},
	} {
		t.Run(name, func(t *testing.T) {
			k := newKeeper(t)
			cmd := k.as(helpdesk)
			o := before(k, cmd)
			k.remote.state.Store(refuses)
			req := k.request()
			req.Title = "Freezer warm"
			a, err := o.dispatch.Submit(k.ctx, cmd, req)
			require.NoError(t, err)
			require.Equal(t, muster.Accepted, a.Ticket.State)
			k.file()
			for range 2 { // the second finds nothing to do
				_, err = o.dispatch.FileIntake(k.ctx, o.journal)
				require.NoError(t, err)
				require.Empty(t, o.journal.Waiting(0))
			}
			found, err := k.store.TicketCase(k.ctx, "", graph.CaseRef{Number: a.Ticket.Number})
			require.NoError(t, err)
			require.Equal(t, "Freezer warm", found.Ticket.Title)
			require.Equal(t, muster.Triage, found.Ticket.State)
			require.Contains(t, found.Ticket.Text, "was used for")
			require.NotEqual(t, k.request().Title, found.Ticket.Title)
			first := k.load(muster.TicketID(muster.NewID(muster.KindTicket, cmd.ID, 0))).Ticket
			require.Equal(t, k.request().Title, first.Title)
			require.NotEqual(t, first.ID, found.Ticket.ID)
			k.sound()
		})
	}
}
