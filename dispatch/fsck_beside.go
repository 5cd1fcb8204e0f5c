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
	own := *t
	own.Stops = slices.DeleteFunc(slices.Clone(t.Stops), func(s muster.Stop) bool {
		return s.Held() && !f.now.Before(s.HeldUntil)
	})
	for i := range own.Stops {
		if s := &own.Stops[i]; s.EndedAt.After(s.End) {
			s.EndedAt = time.Time{}
		}
	}
	return &own
}

// edited tells when those of some experts who have been changed since they were hired were changed last.
func (f *fsck) edited(ctx context.Context, records map[string]muster.Record) (map[muster.ExpertID]time.Time, error) {
	out := make(map[muster.ExpertID]time.Time)
	for _, r := range records {
		e, ok := r.(*muster.Expert)
		if !ok || e.Rev == 1 {
			continue
		}
		history, err := f.store.History(ctx, everything, string(e.ID))
		if err != nil && muster.CodeOf(err) != muster.CodeNotFound {
			return nil, err
		}
		out[e.ID] = f.now // unless it tells
		if len(history) > 0 {
			out[e.ID] = history[len(history)-1].At
		}
	}
	return out, nil
}
