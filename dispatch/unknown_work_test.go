package dispatch_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/dispatch"
	"github.com/sysopssquad/muster/evidence"
	"github.com/sysopssquad/muster/jobs/notify"
)

// story is what has happened to a ticket, and of what its people were told, without the moments.
func (f *firm) story(id muster.TicketID) (lines []string) {
	f.Helper()
	events, err := f.store.History(f.ctx, muster.Scope{Everything: true}, string(id))
	require.NoError(f, err)
	for _, e := range events {
		lines = append(lines, e.Name)
	}
	found, err := f.store.Messages(f.ctx, muster.Scope{Everything: true}, []muster.TicketID{id}, 500)
	require.NoError(f, err)
	var messages []string
	for _, m := range found {
		messages = append(messages, fmt.Sprintf("%s to %s%s: %s", m.Topic, m.Customer, m.Expert, m.State))
	}
	slices.Sort(messages)
	k := f.load(id)
	return append(append(lines, messages...), k.Ticket.Shown(), fmt.Sprint(len(k.Visits), len(k.Offers), len(k.Assignments)))
}

// whole asks of what is left behind: each event has one number, without gaps, and was heard of; nobody was told anything
// twice, no ticket has another's number, nothing keeps failing, and all invariants hold.
func (f *firm) whole() (events int64) {
	f.Helper()
	for range 10 { // what has failed last is made up for
		f.look()
	}
	f.dispatch = dispatch.New(f.store, f.clock)
	pending, err := f.store.Pending(f.ctx, 1)
	require.NoError(f, err)
	require.Empty(f, pending)
	_, head, err := f.store.Bounds(f.ctx)
	require.NoError(f, err)
	seen := make(map[string]bool)
	for at := int64(0); at < head; {
		some, err := f.store.EventsAfter(f.ctx, at, 500)
		require.NoError(f, err)
		require.NotEmpty(f, some)
		for _, e := range some {
			at++
			require.Equal(f, at, e.Seq)
			id := fmt.Sprintf("%s/%d", e.Aggregate, e.Rev)
			require.False(f, seen[id], "%s has two numbers", id)
			require.Equal(f, at > forgotten, f.heard[id] > 0, "who heard of %s", id)
			seen[id] = true
		}
	}
	cursors, err := f.store.Cursors(f.ctx)
	require.NoError(f, err)
	for _, name := range []string{"prompt", notify.Consumer, "picky"} {
		require.Equal(f, head, cursors[name], name)
	}
	failing, err := f.store.Failing(f.ctx, 1)
	require.NoError(f, err)
	require.Empty(f, failing)
	for key, n := range f.letters {
		require.Equal(f, 1, n, key)
	}
	numbers := make(map[int64]bool)
	for after := ""; ; {
		page, err := f.store.Scan(f.ctx, muster.KindTicket, after, 500)
		require.NoError(f, err)
		if len(page) == 0 {
			break
		}
		for _, r := range page {
			n := r.(*muster.Ticket).Number
			require.False(f, numbers[n], "two tickets have the number %d", n)
			numbers[n], after = true, r.RecordID()
		}
	}
	f.sound()
	return head
}

// TestVolumeUnknownOutcomesOfWorkLeaveNoTrace has two companies do the same work by themselves. In one of them nobody learns
// at once what became of any write: the same happens to all tickets there, and people are told the same, once. All functions
// that write come by it, and all commands of jobs.
func TestVolumeUnknownOutcomesOfWorkLeaveNoTrace(t *testing.T) {
	onBothStores(t, func(c *company, _ raw) {
		t := c.T
		began := evidence.Begin(campaign(t), 1)
		calm := newCompany(t)
		u := newDoubtful(c.store)
		pair := []*firm{newFirm(calm, calm.store), newFirm(c, u)}
		var mute dispatch.CustomerRequest
		for _, f := range pair {
			mute = f.people()
		}
		require.NoError(t, c.store.Advance(c.ctx, "picky", forgotten))
		days, tickets := 0, 0
		for ; u.n < unknownOutcomes(t); days++ {
			var ids [2][]muster.TicketID
			for i, f := range pair {
				f.told = nil
				ids[i] = f.day(days, mute)
				slices.Sort(f.told)
			}
			require.Equal(t, ids[0], ids[1])
			for _, id := range ids[0] {
				require.Equal(t, pair[0].story(id), pair[1].story(id))
			}
			require.Equal(t, pair[0].told, pair[1].told)
			tickets += len(ids[0])
		}
		events := pair[1].whole()
		functions := make(map[string]int)
		for _, site := range writeSites(t) {
			assert.Positive(t, u.calls[site], "no outcome was unknown to %s: have it called here", site)
			functions[site] = u.calls[site]
		}
		for _, name := range jobCommands(t) {
			assert.Positive(t, u.sites[name], "no outcome of %s was unknown: have it carried out here", name)
		}
		t.Logf("%d writes of unknown outcome in %d days with %d tickets, %d letters and %d events: %v, %v",
			u.n, days, tickets, len(pair[1].letters), events, u.sites, functions)
		if dir := os.Getenv("EVIDENCE"); dir != "" && !t.Failed() {
			store := strings.ToLower(filepath.Base(t.Name()))
			require.NoError(t, began.Write(filepath.Join(dir, "unknown-outcomes-work-"+store+".json"), map[string]any{
				"unknown_outcomes": u.n, "days": days, "tickets": tickets, "letters": len(pair[1].letters), "events": events,
				"write_sites": u.sites, "functions": functions, "duplicates": 0, "other_effects": 0,
			}))
		}
	})
}
