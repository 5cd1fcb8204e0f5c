package dispatch

import (
	"context"
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

// leaves refuses to take an expert out of service who has a visit or is asked for one. A booking writes its tour
// and not the expert, so the change rests on every tour that somebody may book on meanwhile: as it was read, or
// absent.
func (d *Dispatch) leaves(ctx context.Context, draft *draft, e *muster.Expert) error {
	c, err := d.store.ExpertCase(ctx, "", e.ID, time.Time{}) // a visit that was never ended may be on any
	if err != nil {
		return err
	}
	refs := make(map[muster.TicketID]string, len(c.Tickets))
	for _, t := range c.Tickets {
		refs[t.ID] = t.Ref()
	}
	p := matcher.Person{Expert: e}
	tours := make(map[muster.TourID]int64, len(c.Tours))
	for i, t := range c.Tours {
		for _, s := range t.Stops {
			if s.EndedAt.IsZero() && (!s.Held() || draft.now.Before(s.HeldUntil)) {
				return muster.E(muster.CodeState, e.Name+" still has or is asked for visits, the first of ticket "+refs[s.Ticket],
					"give these to others first")
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
	return nil
}
