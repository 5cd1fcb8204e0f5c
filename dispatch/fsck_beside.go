package dispatch

import (
	"context"
	"slices"
	"time"

	"github.com/sysopssquad/muster"
)

// beside lists the tours of the experts whose tours are given, these and all around them, as they were planned:
// rest, day and week are of several tours, wherever a page of them ends.
func (f *fsck) beside(ctx context.Context, tours []*muster.Tour) (map[muster.ExpertID][]*muster.Tour, error) {
	out := make(map[muster.ExpertID][]*muster.Tour)
	if len(tours) == 0 {
		return out, nil
	}
	span := muster.Window{Start: tours[0].Start, End: tours[0].End}
	given := make(map[muster.TourID]bool, len(tours))
	var experts []muster.ExpertID
	for _, t := range tours {
		if t.Start.Before(span.Start) {
			span.Start = t.Start
		}
		if t.End.After(span.End) {
			span.End = t.End
		}
		if given[t.ID] = true; len(out[t.Expert]) == 0 {
			experts = append(experts, t.Expert)
		}
		out[t.Expert] = append(out[t.Expert], f.planned(t))
	}
	span.Start, span.End = span.Start.Add(-around), span.End.Add(around)
	read, err := f.store.Tours(ctx, everything, experts, span)
	if err != nil {
		return nil, err
	}
	for _, t := range read {
		if !given[t.ID] {
			out[t.Expert] = append(out[t.Expert], f.planned(t))
		}
	}
	return out, nil
}

// planned is a tour without what happened otherwise: visits that took longer, and openings whose hold is over,
// which stand in the way of nothing on another tour.
func (f *fsck) planned(t *muster.Tour) *muster.Tour {
	own, world := *t, f.on.world(f.now)
	own.Stops = slices.DeleteFunc(slices.Clone(t.Stops), func(s muster.Stop) bool { return world.Over(&s) })
	for i := range own.Stops {
		if s := &own.Stops[i]; s.EndedAt.After(s.End) {
			s.EndedAt = time.Time{}
		}
	}
	return &own
}

// edited tells when an expert or a customer was changed last, the zero time if never since they came. It takes a read
// of its own: ask only where something looks wrong.
func (f *fsck) edited(ctx context.Context, who muster.Root) (time.Time, error) {
	if who.Revision() == 1 {
		return time.Time{}, nil
	}
	history, err := f.store.History(ctx, everything, who.RecordID())
	if err != nil && muster.CodeOf(err) != muster.CodeNotFound {
		return time.Time{}, err
	}
	if len(history) == 0 {
		return f.now, nil // it doesn't tell
	}
	return history[len(history)-1].At, nil
}
