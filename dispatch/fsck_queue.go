package dispatch

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/graph"
)

// passedOver is how much older a ticket may be than one of its priority that has the place it could have had.
const passedOver = 2 * 24 * time.Hour

// comparisons is how many places a ticket is held against at most, those of the youngest tickets.
const comparisons = 20

// line is whom a ticket waits with.
type line struct {
	region   muster.RegionID
	priority muster.Priority
}

// waiting is a queued ticket that has waited for long.
type waiting struct {
	line
	id    muster.TicketID
	since time.Time
}

// given is a place ahead that a round gave to a ticket.
type given struct {
	ticket muster.TicketID
	visit  muster.VisitID
	expert muster.ExpertID
	start  time.Time
	since  time.Time // the ticket was queued
}

// lineUp notes who waits for long, and what was given to whom.
func (f *fsck) lineUp(page []graph.TicketCase) {
	for i := range page {
		t := &page[i].Ticket
		at := line{t.Region, t.Priority}
		if t.State == muster.Queued && t.Crew == 1 && f.now.Sub(t.QueuedAt) > passedOver {
			f.waiting = append(f.waiting, waiting{at, t.ID, t.QueuedAt})
		}
		for _, a := range page[i].Assignments {
			if a.State == muster.AssignmentActive && a.Place == 0 && a.Start.After(f.now) && a.Decided.By.Role == muster.RoleSystem {
				if f.given == nil {
					f.given = make(map[line][]given)
				}
				f.given[at] = append(f.given[at], given{t.ID, a.Visit, a.Expert, a.Start, t.QueuedAt})
			}
		}
	}
}

// queue checks that nobody was passed over for long: that no ticket which was queued much later has a place
// ahead that the older one could have just as well.
func (f *fsck) queue(ctx context.Context) error {
	for _, places := range f.given {
		slices.SortFunc(places, func(a, b given) int { return b.since.Compare(a.since) })
	}
	for _, w := range f.waiting {
		var younger []given
		ref := graph.CaseRef{Ticket: w.id, Span: f.on.span(f.now)}
		for _, g := range f.given[w.line] {
			if len(younger) == comparisons || g.since.Sub(w.since) <= passedOver {
				break
			}
			younger = append(younger, g)
			if !slices.Contains(ref.Experts, g.expert) {
				ref.Experts = append(ref.Experts, g.expert)
			}
		}
		if len(younger) == 0 {
			continue
		}
		c, err := f.store.TicketCase(ctx, "", ref)
		if muster.CodeOf(err) == muster.CodeNotFound {
			continue
		}
		if err != nil {
			return err
		}
		if c.Ticket.State == muster.Queued {
			f.judge(&c, younger)
		}
	}
	return nil
}

// judge asks the matcher whether a ticket could have a younger one's place.
func (f *fsck) judge(c *graph.TicketCase, younger []given) {
	k := newDraft(muster.Command{}, f.now, f.on).desk(c)
	for _, g := range younger {
		p, err := k.person(g.expert)
		if err != nil {
			continue
		}
		j := k.job(0)
		j.Ignore = g.visit
		if _, reasons := f.on.world(f.now).Check(j, p, g.start); len(reasons) == 0 {
			f.report.Breaches = append(f.report.Breaches, Breach{"I11", string(c.Ticket.ID), fmt.Sprintf(
				"%s has been queued since %s and could have had the place of %s, queued at %s: %s at %s", c.Ticket.Ref(),
				c.Ticket.QueuedAt.Format(time.RFC3339), g.ticket, g.since.Format(time.RFC3339), g.expert, g.start.Format(time.RFC3339),
			)})
			return
		}
	}
}
