package muster

// EscalationStep is what a policy does for a ticket that has waited too long for an expert: it widens the constraints of
// class policy, and no others. The ticket's Step says how many of them have begun; each is as wide as the one before, or
// wider. After the last the ticket is looked at every QueueEvery for as long as it is open.
type EscalationStep struct {
	After Minutes `json:"after"` // in the step before, or in the queue, until this one begins; a missed deadline begins it at once
	Widening
	Propose bool `json:"propose"` // from this step on a person is shown what they could set aside
}

// Widening is how far the limits of class policy are set aside for a ticket. The zero value is not at all.
type Widening struct {
	TravelKm float64 `json:"travel_km"`    // km that the site may lie beyond an expert's travel limit
	Visits   int     `json:"visits"`       // that a tour may have above its capacity
	OnCall   bool    `json:"on_call"`      // time on call counts, though the ticket isn't urgent
	Overtime Minutes `json:"overtime_min"` // that the way home may take after the shift and the overtime that was agreed
}

// IsZero tells whether nothing is widened.
func (w Widening) IsZero() bool {
	return w.TravelKm == 0 && w.Visits == 0 && !w.OnCall && w.Overtime == 0
}

// For is the part of a widening that is about one constraint; zero for one that no policy widens.
func (w Widening) For(code ReasonCode) Widening {
	var part Widening
	switch code {
	case TooFar:
		part.TravelKm = w.TravelKm
	case OverCapacity:
		part.Visits = w.Visits
	case NotOnCall:
		part.OnCall = w.OnCall
	case Overtime:
		part.Overtime = w.Overtime
	}
	return part
}

// And is as wide as the wider of two, constraint by constraint.
func (w Widening) And(o Widening) Widening {
	return Widening{
		TravelKm: max(w.TravelKm, o.TravelKm), Visits: max(w.Visits, o.Visits), OnCall: w.OnCall || o.OnCall,
		Overtime: max(w.Overtime, o.Overtime),
	}
}

// Widened says how far the limits are set aside for a ticket in a step; 0 is none. A step beyond the last is the last.
func (p *Policy) Widened(step int) Widening {
	step = min(step, len(p.Escalation))
	if step < 1 {
		return Widening{}
	}
	return p.Escalation[step-1].Widening
}

// Proposes tells whether in a step a person is shown what they could set aside.
func (p *Policy) Proposes(step int) bool {
	step = min(step, len(p.Escalation))
	return step > 0 && p.Escalation[step-1].Propose
}

// defaultEscalation asks those first who are at hand anyway, on call or a little farther away, before tours get longer or a
// person is troubled. A normal ticket is due after three days: it has been through all steps in a third of one. Nobody is
// made to be home later than they agreed to. A company may choose that; then the tours of people who work 45 hours a week
// can't be booked any more without a look at one another, which takes more guards and more of the round's time.
func defaultEscalation() []EscalationStep {
	return []EscalationStep{
		{After: 60, Widening: Widening{TravelKm: 15, OnCall: true}},
		{After: 2 * 60, Widening: Widening{TravelKm: 30, Visits: 1, OnCall: true}, Propose: true},
		{After: 4 * 60, Widening: Widening{TravelKm: 60, Visits: 2, OnCall: true}, Propose: true},
	}
}
