package dispatch_test

import (
	"encoding/json"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/dispatch"
	"github.com/sysopssquad/muster/dispatch/journal"
	"github.com/sysopssquad/muster/graph"
)

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
	k.journal.Filed(left.ID)
	_, err = dead.Accept(left)
	require.NoError(t, err)
	require.NoError(t, dead.Close())

	k.remote.state.Store(there)
	require.Equal(t, muster.CodeInternal, muster.CodeOf(k.dispatch.TendIntake(k.ctx, k.folder)))
	require.Equal(t, int64(100), k.journal.Status().Numbers)
	require.Equal(t, a.Ticket.Number, k.load(a.Ticket.ID).Ticket.Number)
	require.Len(t, k.journal.Waiting(0), 1, "it stays, and is said")
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
			accepted := slices.DeleteFunc(o.journal.Waiting(0), func(e journal.Entry) bool { return e.Number != a.Ticket.Number })
			require.Len(t, accepted, 1)
			k.file()
			twice, err := journal.Open(t.TempDir()) // as one that dies after the commit comes back with
			require.NoError(t, err)
			t.Cleanup(func() { require.NoError(t, twice.Close()) })
			for _, e := range accepted {
				_, err = twice.Accept(e)
				require.NoError(t, err)
			}
			for _, j := range []*journal.Journal{o.journal, twice} {
				_, err = o.dispatch.FileIntake(k.ctx, j)
				require.NoError(t, err)
				require.Empty(t, j.Waiting(0))
			}
			all, _, err := k.store.Tickets(k.ctx, muster.Scope{Everything: true}, graph.TicketFilter{}, graph.Page{Limit: 10})
			require.NoError(t, err)
			require.Len(t, all, 2, "one for each request")
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
