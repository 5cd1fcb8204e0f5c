package dispatch

import (
	"context"
	"hash/fnv"
	"slices"
	"strconv"
	"time"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/graph"
)

// A call is a visit of the day with its ticket and its crew.
type call struct {
	stop   muster.Stop
	ticket graph.TicketCase
}

// load reads tickets, visits and assignments of calls in one round trip. A tour names the assignment of its
// own expert; the crew's other one is on another tour of the same day.
func (dr *driver) load(ctx context.Context, calls []call, tours map[muster.TourID]*muster.Tour) error {
	crews := make(map[muster.VisitID][]muster.AssignmentID)
	for _, t := range tours {
		for _, s := range t.Stops {
			crews[s.Visit] = append(crews[s.Visit], s.Assignment)
		}
	}
	var ids []string
	for _, c := range calls {
		ids = append(ids, string(c.stop.Ticket), string(c.stop.Visit))
		for _, a := range crews[c.stop.Visit] {
			ids = append(ids, string(a))
		}
	}
	found, err := dr.d.store.Records(ctx, "", ids...)
	if err != nil {
		return err
	}
	for i := range calls {
		c := &calls[i]
		if t, ok := found[string(c.stop.Ticket)].(*muster.Ticket); ok {
			c.ticket.Ticket = *t
		}
		if v, ok := found[string(c.stop.Visit)].(*muster.Visit); ok {
			c.ticket.Visits = []muster.Visit{*v}
		}
		for _, id := range crews[c.stop.Visit] {
			if a, ok := found[string(id)].(*muster.Assignment); ok {
				c.ticket.Assignments = append(c.ticket.Assignments, *a)
			}
		}
		slices.SortFunc(c.ticket.Assignments, func(a, b muster.Assignment) int { return a.Place - b.Place })
	}
	return nil
}

// call makes a visit take place: the expert leaves, arrives, starts and ends when it was planned. Steps that
// were taken already are left out.
func (dr *driver) call(c *call, tours map[muster.TourID]*muster.Tour, line *commits) error {
	for _, s := range []struct {
		state muster.VisitState
		verb  verb
		at    time.Time
	}{
		{muster.VisitAssigned, verbDepart, c.stop.Depart},
		{muster.VisitEnRoute, verbArrive, c.stop.Start},
		{muster.VisitArrived, verbStart, c.stop.Start},
		{muster.VisitInProgress, verbEnd, c.stop.End},
	} {
		if len(c.ticket.Visits) == 0 || c.ticket.Visits[0].State != s.state {
			continue
		}
		at := s.at
		if at.Before(dr.from) {
			at = dr.from
		}
		t := &c.ticket.Ticket
		draft := newDraft(dr.command(t.ID, t.Rev), at, dr.on)
		k := draft.desk(&c.ticket)
		b, sum := branch(""), tally{}
		if s.verb == verbEnd {
			for _, a := range k.crew {
				if tour := tours[a.Tour]; tour != nil {
					draft.lay(*tour)
				}
			}
			outcome := dr.outcome(t, k.visit.N)
			end := EndRequest{Outcome: outcome}
			if outcome == muster.PartNeeded {
				end.Until = at.Add(partsFor) // it comes by then
			}
			if err := k.correct(end); err != nil {
				return err
			}
			k.ticket.Outcome, b = string(outcome), branch(outcome)
			if prefersSame[outcome] {
				k.ticket.Prefer = k.crew[0].Expert
			}
			sum.ended = 1
			if outcome.Completes() {
				sum.completed = 1
			}
		}
		if err := k.proceed(s.verb, b); err != nil {
			return err
		}
		change, err := k.change()
		if err != nil {
			return err
		}
		line.add(change, sum)
		c.ticket = graph.TicketCase{Ticket: k.ticket}
		if k.visit != nil {
			c.ticket.Visits = []muster.Visit{*k.visit}
		}
		for _, a := range k.crew {
			c.ticket.Assignments = append(c.ticket.Assignments, *a)
		}
		for _, s := range draft.sheets {
			tour := s.tour
			tours[tour.ID] = &tour
		}
	}
	return nil
}

// outcome is what a visit finds: what the ticket foretells, else what the seed says. A second visit mends it.
func (dr *driver) outcome(t *muster.Ticket, visit int) muster.VisitOutcome {
	if t.Expected.Completes() {
		return t.Expected
	}
	if visit > 1 {
		return muster.Fixed
	}
	switch t.Expected {
	case "":
	case muster.OtherSkillNeeded, muster.SecondNeeded: // whose, nobody foretold
		return muster.PartNeeded
	default:
		return t.Expected
	}
	switch n := dr.draw(t.ID, "outcome") % 100; {
	case n < 78:
		return muster.Fixed
	case n < 84:
		return muster.BeyondRepair
	case n < 89:
		return muster.FaultNotFound
	case n < 96:
		return muster.PartNeeded
	default:
		return muster.NoAccess
	}
}

// handBack is the day on which a device that was brought is handed back.
func (dr *driver) handBack(t muster.TicketID) int { return 1 + int(dr.draw(t, "hand back")%3) }

// draw gives a number for a ticket that depends on nothing but the seed and what it is for.
func (dr *driver) draw(t muster.TicketID, what string) uint64 {
	h := fnv.New64a()
	h.Write([]byte(strconv.FormatInt(dr.seed, 10) + "\x00" + what + "\x00" + string(t)))
	return h.Sum64() >> 8
}

// A tally is what a change adds to a day's report once it is in the store.
type tally struct{ ended, completed int }

// commits are changes in order, some of which rest on those before. They are the driver's of a day.
type commits struct {
	changes []graph.Change
	tallies []tally         // by position
	lost    map[string]bool // aggregates that aren't what later changes take them for
}

func (c *commits) add(change graph.Change, t tally) {
	c.changes, c.tallies = append(c.changes, change), append(c.tallies, t)
}

// write commits the changes, a few hundred at a time, and reports those that got in. One that somebody else was in
// the way of stays undone, with those that rest on it: the next day finds it as it is. Revisions alone wouldn't
// tell, because the other's change has the number that ours would have had; so changes of one aggregate are
// committed one after the other.
func (c *commits) write(ctx context.Context, dr *driver) error {
	if c.lost == nil {
		c.lost = make(map[string]bool)
	}
	for _, layer := range layers(c.changes) {
		for some := range slices.Chunk(layer, 2*changesPerCommit) {
			var changes []graph.Change
			var of []int
			for _, i := range some {
				if slices.ContainsFunc(c.changes[i].Events, func(e muster.Event) bool { return c.lost[e.Aggregate] }) {
					c.drop(i)
					continue
				}
				changes, of = append(changes, c.changes[i]), append(of, i)
			}
			if len(changes) == 0 {
				continue
			}
			outcomes, _, err := dr.d.commit(ctx, changes...)
			if err != nil {
				return err
			}
			for n, o := range outcomes {
				if !o.Accepted {
					c.drop(of[n])
					continue
				}
				dr.report.Ended += c.tallies[of[n]].ended
				dr.report.Completed += c.tallies[of[n]].completed
			}
		}
	}
	c.changes, c.tallies = nil, nil
	return nil
}

// drop leaves a change undone.
func (c *commits) drop(i int) {
	for _, e := range c.changes[i].Events {
		c.lost[e.Aggregate] = true
	}
}

// layers puts changes, by position, into groups in which no two bump the same aggregate, each after those before
// it that do.
func layers(changes []graph.Change) [][]int {
	var out [][]int
	next := make(map[string]int)
	for i, c := range changes {
		at := 0
		for _, e := range c.Events {
			at = max(at, next[e.Aggregate])
		}
		for _, e := range c.Events {
			next[e.Aggregate] = at + 1
		}
		if at == len(out) {
			out = append(out, nil)
		}
		out[at] = append(out[at], i)
	}
	return out
}
