package dispatch

import (
	"slices"
	"time"

	"github.com/sysopssquad/muster"
)

// departureTold is the event of when somebody left who is known to be there, or to have been: a phone's signs may overtake
// each other.
const departureTold = "ticket.departure_told"

// wasAt finds a visit to which an expert came, by what is known: who had it when it was arrived at. A dispatcher speaks
// for whoever did. Nil: nobody has arrived, or it was another's.
func (k *desk) wasAt(visit muster.VisitID, e muster.ExpertID) (*muster.Visit, *muster.Assignment) {
	all := k.visits()
	i := slices.IndexFunc(all, func(v *muster.Visit) bool { return v.ID == visit && !v.ArrivedAt.IsZero() })
	if i < 0 || k.ticket.State.Terminal() {
		return nil, nil
	}
	for j := range k.loaded.Assignments {
		a := &k.loaded.Assignments[j]
		if a.Visit == visit && a.State != muster.AssignmentWithdrawn && (e == "" || a.Expert == e) {
			if all[i] == k.visit {
				return k.visit, a
			}
			ended := *all[i]
			return &ended, a
		}
	}
	return nil, nil
}

// leftBefore keeps when somebody left for a visit at which they have been since, with both its times. It changes nothing else,
// and nothing at all if it is known. CodeOutOfOrder if they would have left after they arrived.
func (k *desk) leftBefore(v *muster.Visit, had *muster.Assignment) error {
	e := k.cmd.Actor.Expert
	if err := authorize(verbDepart, k.cmd.Actor, k.ticket.Customer, had.Expert); err != nil {
		return err
	}
	if there := arrivalBy(v, e); !there.IsZero() && k.happened.After(there) {
		return muster.E(muster.CodeOutOfOrder,
			"they left at "+k.happened.Format(time.RFC3339)+", but arrived at "+there.Format(time.RFC3339),
			"say when they left, or leave it out: that they arrived is known")
	}
	left := k.when(k.firstPlanned(v.ID, had.Expert, had.Start))
	if v.ArrivedAt.Before(left) {
		left = v.ArrivedAt
	}
	same := func(r muster.Report) bool { return r.State == muster.VisitEnRoute && r.Expert == e && !r.InVain }
	told := slices.IndexFunc(v.Reports, same)
	switch {
	case told >= 0 && v.Reports[told].Happened.Equal(k.happened), told < 0 && hasLeft(v, e) && v.DepartedAt.Equal(left):
		return nil
	case told >= 0 || hasLeft(v, e):
		return wrongState(verbDepart, &k.ticket, v.State)
	case v.DepartedAt.IsZero() || left.Before(v.DepartedAt): // the first of a crew
		v.DepartedAt = left
	}
	v.Reports = append(slices.Clone(v.Reports), muster.Report{
		State: muster.VisitEnRoute, Expert: e, Happened: k.happened, Received: k.now,
	})
	k.touch(v)
	k.event = departureTold
	return nil
}

// hasLeft tells whether it was known before they arrived that somebody had left.
func hasLeft(v *muster.Visit, e muster.ExpertID) bool {
	if v.Crew < 2 {
		return !v.DepartedAt.IsZero()
	}
	return slices.ContainsFunc(v.Heard, func(h muster.Heard) bool { return h.Expert == e && h.Left })
}

// arrivalBy is when somebody was there, by their own clock if they told it by that: a phone's clock is compared with itself.
// Zero: of a crew another arrived.
func arrivalBy(v *muster.Visit, e muster.ExpertID) time.Time {
	for _, r := range v.Reports {
		if r.Expert == e && r.State != muster.VisitEnRoute && !r.InVain {
			return r.Happened
		}
	}
	if v.Crew < 2 {
		return v.ArrivedAt
	}
	return time.Time{}
}
