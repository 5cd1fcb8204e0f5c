package dispatch

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/graph"
	"github.com/sysopssquad/muster/matcher"
)

// RemoveExpert takes an expert out of service. Visits that they still have must be given to others first, and
// offers to them be answered or over: else it is CodeState, with the first ticket.
func (d *Dispatch) RemoveExpert(ctx context.Context, cmd muster.Command, id muster.ExpertID) (muster.Expert, error) {
	return decide(ctx, d, cmd, "expert.remove", id, func(ctx context.Context, cmd muster.Command) (muster.Expert, graph.Change, error) {
		return d.onExpert(ctx, cmd, id, func(draft *draft, e muster.Expert) (muster.Expert, string, error) {
			if err := permit(cmd.Actor, "remove experts", asBoard, ""); err != nil {
				return e, "", err
			}
			if err := present(e); err != nil {
				return e, "", err
			}
			if err := d.leaves(ctx, draft, &e); err != nil {
				return e, "", err
			}
			e.Removed = true
			return e, "expert.removed", nil
		})
	})
}

// LeavesRequest says from when on an expert works here no longer.
type LeavesRequest struct {
	Expert muster.ExpertID `json:"expert"`
	From   time.Time       `json:"from"`
}

// leavesForGood is the kind of such a leave.
const leavesForGood = "leaves"

// farAhead ends the leave of somebody who doesn't come back.
const farAhead = 9 * 366 * 24 * time.Hour

// ExpertLeaves takes an expert out of service from a moment on: what they have after it is redecided at once, as for
// leave, and at that moment they are removed.
func (d *Dispatch) ExpertLeaves(ctx context.Context, cmd muster.Command, req LeavesRequest) (muster.Expert, error) {
	return decide(ctx, d, cmd, "expert.leaves", req, func(ctx context.Context, cmd muster.Command) (muster.Expert, graph.Change, error) {
		return d.onExpert(ctx, cmd, req.Expert, func(draft *draft, e muster.Expert) (muster.Expert, string, error) {
			if err := permit(cmd.Actor, "remove experts", asBoard, ""); err != nil {
				return e, "", err
			}
			if err := present(e); err != nil {
				return e, "", err
			}
			from := muster.Instant(req.From)
			if from.Before(draft.now) {
				from = draft.now
			}
			gone := muster.Leave{Window: muster.Window{Start: from, End: from.Add(farAhead)}, Kind: leavesForGood}
			e.Leave = slices.DeleteFunc(slices.Clone(e.Leave), func(l muster.Leave) bool { return l.Kind == leavesForGood })
			e.Leave = append(e.Leave, gone) // in the place of another day that was said before
			e.Timers = withTimer(e.Timers, muster.TimerLeave, from)
			return e, "expert.leaves", hoursOf(&muster.Expert{Leave: e.Leave})
		})
	})
}

// letGo removes an expert whose time has come, unless they stay after all. A visit that they are still at is waited for.
func (d *Dispatch) letGo(ctx context.Context, id muster.ExpertID) (time.Time, error) {
	e, err := load[muster.Expert](ctx, d, "", string(id))
	if err != nil {
		return time.Time{}, err
	}
	if at, leaves := e.Timers[muster.TimerLeave]; !leaves || d.clock.Now().Before(at) {
		return at, nil
	}
	cmd := muster.Command{
		ID:    muster.CommandID(fmt.Sprintf("leaves/%s/%d", id, d.clock.Now().UnixMicro())),
		Actor: muster.System("changes"), Seen: &e.Rev,
	}
	switch _, err := d.RemoveExpert(ctx, cmd, id); muster.CodeOf(err) {
	case muster.CodeState:
		return d.clock.Now().Add(stillHere), nil
	case muster.CodeStale:
		return time.Time{}, nil // who changed them has set the timer anew
	default:
		return time.Time{}, err
	}
}

// stillHere is how long to wait for somebody's last visit to end.
const stillHere = 15 * time.Minute

// leaves refuses to take an expert out of service who has a visit or is asked for one. A booking writes its tour
// and not the expert, so the change rests on every tour that somebody may book on meanwhile: as it was read, or
// absent.
func (d *Dispatch) leaves(ctx context.Context, draft *draft, e *muster.Expert) error {
	// Nobody books on a tour that is over, so only those from now on must hold still. That is a few weeks, whereas
	// what somebody has driven in their years here is never read. Around is more than overtime can add to a tour.
	c, err := d.store.ExpertCase(ctx, "", e.ID, draft.now.Add(-around))
	if err != nil {
		return err
	}
	refs := make(map[muster.TicketID]string, len(c.Tickets))
	for _, t := range c.Tickets {
		refs[t.ID] = t.Ref()
	}
	p, world := matcher.Person{Expert: e}, draft.on.world(draft.now)
	tours := make(map[muster.TourID]int64, len(c.Tours))
	for i, t := range c.Tours {
		for _, s := range t.Stops {
			if s.EndedAt.IsZero() && !world.Over(&s) {
				return stillHas(e, refs[s.Ticket])
			}
		}
		tours[t.ID] = t.Rev
		p.Tours = append(p.Tours, &c.Tours[i])
	}
	for _, id := range draft.on.world(draft.now).Bookable(p) {
		if rev, known := tours[id]; known {
			draft.rest(graph.At(string(id), rev))
		} else {
			draft.rest(graph.Absent(string(id)))
		}
	}
	return d.neverEnded(ctx, e)
}

func stillHas(e *muster.Expert, ref string) error {
	return muster.E(muster.CodeState, e.Name+" still has or is asked for visits, the first of ticket "+ref, "give these to others first")
}

// neverEnded refuses to take an expert out of service whose visit of long ago nobody has ended. Such visits are
// found by their tickets, which are scheduled still; none can come into being meanwhile.
func (d *Dispatch) neverEnded(ctx context.Context, e *muster.Expert) error {
	return eachPage(ctx, d.store, graph.TicketFilter{Expert: e.ID, States: openVisits()}, func(tickets []*muster.Ticket) error {
		for _, t := range tickets {
			if t.Visit == nil || !slices.Contains(t.Visit.Experts, e.ID) {
				continue // they had an earlier visit of it
			}
			c, err := d.store.TicketCase(ctx, "", graph.CaseRef{Ticket: t.ID})
			if err != nil {
				return err
			}
			if slices.ContainsFunc(c.Assignments, func(a muster.Assignment) bool {
				return a.Expert == e.ID && a.State == muster.AssignmentActive
			}) {
				return stillHas(e, t.Ref())
			}
		}
		return nil
	})
}

// openVisits lists the states of a visit that hasn't ended, for filters.
func openVisits() []string {
	open := make([]string, 0, len(muster.VisitStates()))
	for _, s := range muster.VisitStates() {
		if s != muster.VisitEnded {
			open = append(open, string(s))
		}
	}
	return open
}
