package muster

import (
	"fmt"
	"strconv"
)

// maxSteps is how many steps an escalation may have.
const maxSteps = 20

// agrees refuses figures that are each within their bounds and contradict one another: of two that don't go together one
// is named, with what would become of a ticket.
func (p Policy) agrees() error {
	no := func(field string, have any, why string, with ...any) error {
		return Invalid(field, fmt.Sprint(have), fmt.Sprintf(why, with...))
	}
	if p.Lead >= Minutes(p.HorizonDays)*day {
		return no("lead", p.Lead, "nobody could leave before the horizon of %d days ends: no ticket would ever be assigned", p.HorizonDays)
	}
	if p.UrgentOffer > p.OfferMinutes {
		return no("urgent_offer", p.UrgentOffer, "an urgent ticket would wait for an answer longer than others, which have %d minutes", p.OfferMinutes)
	}
	if Minutes(p.UndoSeconds) >= 60*p.UrgentOffer {
		return no("undo_seconds", p.UndoSeconds, "whoever is asked is told after that time: an offer of %d minutes would be over by then", p.UrgentOffer)
	}
	if 2*p.AnswerMinutes >= p.PromiseWidth {
		return no("answer_minutes", p.AnswerMinutes, "asked, then replaced, each after that time: the promised window of %d minutes would be over", p.PromiseWidth)
	}
	if p.Capacity.DayMinutes > p.Capacity.WeekMinutes {
		return no("capacity.day_minutes", p.Capacity.DayMinutes, "the longest week, %d minutes, is shorter", p.Capacity.WeekMinutes)
	}
	for _, of := range priorities {
		accept, due, resolve := p.SLA.Acceptance[of], p.Due[of], p.SLA.Resolution[of]
		offer, field := p.OfferMinutes, "offer_minutes"
		if of == PriorityCritical {
			offer, field = p.UrgentOffer, "urgent_offer"
		}
		switch {
		case accept > 0 && offer > accept:
			return no(field, offer, "one offer could outlast the %d minutes in which a %s ticket is to be accepted", accept, of)
		case accept > due:
			return no("sla.acceptance."+string(of), accept, "somebody is to be there within %d minutes, before anybody need be assigned", due)
		case resolve > 0 && resolve < due:
			return no("sla.resolution."+string(of), resolve, "the work is to be done before anybody need be there, within %d minutes", due)
		}
	}
	return p.climbs()
}

// climbs refuses steps of escalation that don't widen one another, and none at all.
func (p Policy) climbs() error {
	if p.Escalation != nil && len(p.Escalation) == 0 {
		return Invalid("escalation", "[]", "a queued ticket would have no next step and no timer for it; leave it out for the usual steps")
	}
	if n := len(p.Escalation); n > maxSteps {
		return Invalid("escalation", strconv.Itoa(n)+" steps", fmt.Sprintf("at most %d", maxSteps))
	}
	for i := 1; i < len(p.Escalation); i++ {
		was, is := p.Escalation[i-1], p.Escalation[i]
		for _, f := range []struct {
			name     string
			was, is  any
			narrower bool
		}{
			{"travel_km", was.TravelKm, is.TravelKm, is.TravelKm < was.TravelKm},
			{"visits", was.Visits, is.Visits, is.Visits < was.Visits},
			{"on_call", was.OnCall, is.OnCall, was.OnCall && !is.OnCall},
			{"overtime_min", was.Overtime, is.Overtime, is.Overtime < was.Overtime},
			{"propose", was.Propose, is.Propose, was.Propose && !is.Propose},
		} {
			if f.narrower {
				return Invalid(fmt.Sprintf("escalation[%d].%s", i, f.name), fmt.Sprint(f.is),
					fmt.Sprintf("step %d would be narrower than step %d, which has %v: whoever could be found before couldn't any more", i+1, i, f.was))
			}
		}
	}
	return nil
}
