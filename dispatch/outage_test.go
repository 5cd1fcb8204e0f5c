package dispatch_test

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
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
	k.dispatch = dispatch.New(between(k.remote), k.clock)
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

// However long it is since the graph was last away, nearly all numbers that are wanted are in stock: the outage that uses
// half of them doesn't leave half to the next.
func TestNumbersAreKeptNearlyWhole(t *testing.T) {
	k := newKeeper(t)
	for used := range 100 {
		k.remote.state.Store(there)
		require.NoError(t, k.dispatch.TendIntake(k.ctx, ""))
		require.GreaterOrEqual(t, k.journal.Status().Numbers, int64(90), "after %d", used)
		k.remote.state.Store(refuses)
		k.accept(k.request())
	}
	k.file()
}

// A disk that takes nothing refuses each submission in words, for as long as it likes, and uses up no numbers; once it takes
// something again all goes on by itself.
func TestADiskThatTakesNothingUsesUpNoNumbers(t *testing.T) {
	k := newKeeper(t)
	folder := filepath.Join(t.TempDir(), "journal")
	j, err := journal.Open(folder)
	require.NoError(t, err)
	d := dispatch.New(k.remote, k.clock)
	d.KeepIn(j, 100)
	require.NoError(t, d.TendIntake(k.ctx, ""))
	require.NoError(t, j.Close())
	require.NoError(t, os.RemoveAll(folder))

	k.remote.state.Store(refuses)
	for range 300 {
		_, err := d.Submit(k.ctx, k.as(helpdesk), k.request())
		require.Equal(t, muster.CodeUnavailable, muster.CodeOf(err))
		require.ErrorContains(t, err, "free space on that disk")
	}
	require.Equal(t, int64(100), j.Status().Numbers)
	for range 60 {
		_, ok := j.Number()
		require.True(t, ok)
	}
	k.remote.state.Store(there)
	before, err := k.store.Reserve(k.ctx, 1)
	require.NoError(t, err)
	for range 5 {
		require.Equal(t, muster.CodeUnavailable, muster.CodeOf(d.TendIntake(k.ctx, "")))
	}
	after, err := k.store.Reserve(k.ctx, 1)
	require.NoError(t, err)
	require.Equal(t, before+1, after, "what can't be written down isn't reserved")

	require.NoError(t, os.Mkdir(folder, 0o700))
	require.NoError(t, d.TendIntake(k.ctx, ""))
	require.Equal(t, int64(100), j.Status().Numbers)
	k.remote.state.Store(refuses)
	k.clock.Advance(2 * time.Second)
	a, err := d.Submit(k.ctx, k.as(helpdesk), k.request())
	require.NoError(t, err)
	require.Equal(t, muster.Accepted, a.Ticket.State)
}
