package dispatch

import (
	"context"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/graph"
)

// mergeDepth is how many tickets a chain of duplicates may have: no person makes one as long.
const mergeDepth = 50

// merges checks that whoever follows a ticket that was a duplicate comes to one that stays (I1): it is closed, the ticket
// that it points to is there and keeps what was said in it, and no chain of them ends where it began.
func (f *fsck) merges(ctx context.Context, page []graph.TicketCase, wrong found) error {
	at := make(map[muster.TicketID]muster.Ticket) // where the chain of each has come to
	trail := make(map[muster.TicketID]map[muster.TicketID]bool)
	for _, c := range page {
		t := c.Ticket
		if t.MergedInto == "" {
			continue
		}
		if t.State != muster.Cancelled {
			wrong.add("I1", string(t.ID), "%s is merged into %s, and %s all the same", t.Ref(), t.MergedInto, t.State)
		}
		at[t.ID], trail[t.ID] = t, map[muster.TicketID]bool{t.ID: true}
	}
	for range mergeDepth {
		var next []string
		for _, t := range at {
			next = append(next, string(t.MergedInto))
		}
		if len(next) == 0 {
			return nil
		}
		found, err := f.store.Records(ctx, "", next...)
		if err != nil {
			return err
		}
		for id, t := range at {
			w, there := found[string(t.MergedInto)].(*muster.Ticket)
			switch {
			case !there:
				wrong.add("I1", string(id), "%s leads to %s, which is not there", t.Ref(), t.MergedInto)
			case !keeps(w, t.ID):
				wrong.add("I1", string(id), "%s is merged into %s, which knows nothing of it", t.Ref(), w.Ref())
			case trail[id][w.ID]:
				wrong.add("I1", string(id), "%s is merged in a circle: it leads to %s and back", t.Ref(), w.Ref())
			case w.MergedInto != "":
				f.rests(w)
				trail[id][w.ID] = true
				at[id] = *w
				continue
			}
			if there {
				f.rests(w)
			}
			delete(at, id)
		}
	}
	for id, t := range at {
		wrong.add("I1", string(id), "more than %d tickets are merged into one another, up to %s", mergeDepth, t.Ref())
	}
	return nil
}

func keeps(t *muster.Ticket, merged muster.TicketID) bool {
	for _, m := range t.Merged {
		if m.Ticket == merged {
			return true
		}
	}
	return false
}
