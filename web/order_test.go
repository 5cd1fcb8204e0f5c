package web_test

import (
	"cmp"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sysopssquad/muster"
)

// TestBrowserKeepsTheOrder: after changes one by one and by hundreds, new tickets and closed ones, the list stands in
// the order that sorting everything anew would give.
func TestBrowserKeepsTheOrder(t *testing.T) {
	f := newFake(t)
	b := openBrowser(t, f.URL)
	random := rand.New(rand.NewPCG(1, 2))
	priorities := []muster.Priority{muster.PriorityCritical, muster.PriorityHigh, muster.PriorityNormal, muster.PriorityLow}
	alter := func(k *muster.Ticket) {
		k.Priority = priorities[random.IntN(4)]
		k.DueAt = f.now.Add(time.Duration(random.IntN(48)-12)*time.Hour + 30*time.Minute)
		k.NoExpert, k.State, k.Wait = nil, muster.Queued, muster.Wait{}
		switch random.IntN(8) {
		case 0:
			k.NoExpert = &muster.NoExpert{Since: f.now, At: f.now, Main: muster.NoSkill}
		case 1:
			k.State, k.Wait = muster.Waiting, muster.Wait{For: muster.WaitParts, Until: f.now.Add(80 * time.Hour)}
		case 2:
			k.State = muster.Resolved
		}
	}
	for i := range 200 {
		f.ticket(int64(1000+i), "Dryer cold", alter)
	}
	b.open("/board")
	b.until(`$('[data-live=live]') && $$('.row').length > 8`)
	want := func() []string {
		var open []*muster.Ticket
		f.set(func() {
			for _, k := range f.tickets {
				if !k.Terminal() {
					open = append(open, k)
				}
			}
		})
		group := func(k *muster.Ticket) int {
			switch {
			case k.NoExpert != nil || k.State == muster.Queued && k.DueAt.Before(f.now):
				return 0
			case k.State == muster.Waiting:
				return 2
			}
			return 1
		}
		slices.SortFunc(open, func(x, y *muster.Ticket) int {
			return cmp.Or(cmp.Compare(group(x), group(y)), cmp.Compare(slices.Index(priorities, x.Priority), slices.Index(priorities, y.Priority)),
				x.DueAt.Compare(y.DueAt), cmp.Compare(x.Number, y.Number))
		})
		ids := make([]string, 0, len(open))
		for _, k := range open {
			ids = append(ids, string(k.ID))
		}
		return ids
	}
	same := func(step string) {
		t.Helper()
		// A ticket of its own goes last through the stream; what was sent before it is there when it is.
		last := *f.ticket(9000, "Last", nil)
		f.set(func() { last.Rev = int64(len(f.events)) + 2 })
		f.put(&last, "ticket.changed")
		b.until(fmt.Sprintf(`document.querySelector('muster-board').hub.store.tickets.get('tic_9000')?.rev === %d`, last.Rev))
		ids, err := json.Marshal(want())
		require.NoError(t, err)
		b.until(fmt.Sprintf(`JSON.stringify(document.querySelector('muster-board').listing.rows) === %q`, ids)) // within a pulse
		t.Log(step, "is in order")
	}
	same("loaded")
	next := int64(2000)
	for round, n := range []int{1, 3, 40, 150, 7, 400, 2} {
		for range n {
			var k muster.Ticket
			if random.IntN(5) == 0 {
				k = *f.ticket(next, "Oven cold", alter)
				next++
			} else {
				f.set(func() { k = *f.tickets[muster.TicketID(fmt.Sprintf("tic_%d", 1000+random.IntN(200)))] })
				k.Rev++
				alter(&k)
			}
			f.put(&k, "ticket.changed")
		}
		same(fmt.Sprintf("round %d, %d changes", round, n))
	}
}

// TestBrowserCallsAnImportedTicketSoonByItsTimeHere: one that was reported years ago and queued just now isn't in the
// last fifth of its time.
func TestBrowserCallsAnImportedTicketSoonByItsTimeHere(t *testing.T) {
	f := newFake(t)
	f.company(10)
	due := func(queued time.Duration) func(*muster.Ticket) {
		return func(k *muster.Ticket) {
			k.CreatedAt, k.QueuedAt, k.DueAt = f.now.AddDate(-10, 0, 0), f.now.Add(-queued), f.now.Add(70*time.Hour)
		}
	}
	f.ticket(5001, "Boiler cold", due(2*time.Hour))
	f.ticket(5002, "Boiler cold", due(700*time.Hour))
	b := openBoard(t, f)
	require.NotContains(t, value[string](b, row(5001)+`.querySelector('.due').className`), "s-soon")
	require.Contains(t, value[string](b, row(5002)+`.querySelector('.due').className`), "s-soon")
}
