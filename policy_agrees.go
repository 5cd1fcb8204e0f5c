package muster

import (
	"fmt"
	"strconv"
)

// maxSteps is how many steps an escalation may have.
const maxSteps = 20

// agrees finds figures that are each within their bounds and contradict one another: of two that don't go together one is
// named, with what would become of a ticket. Nothing is said of figures with which something is wrong by themselves.
func (p Policy) agrees(f *Findings) {
	clash := func(is bool, field string, have any, with, why string, args ...any) {
		if is && !f.about(field, with) {
			f.add(Invalid(field, fmt.Sprint(have), fmt.Sprintf(why, args...)))
		}
	}
	clash(p.Lead >= Minutes(p.HorizonDays)*day, "lead", p.Lead, "horizon_days",
		"nobody could leave before the horizon of %d days ends: no ticket would ever be assigned", p.HorizonDays)
	clash(p.UrgentOffer > p.OfferMinutes, "urgent_offer", p.UrgentOffer, "offer_minutes",
		"an urgent ticket would wait for an answer longer than others, which have %d minutes", p.OfferMinutes)
	clash(Minutes(p.UndoSeconds) >= 60*p.UrgentOffer, "undo_seconds", p.UndoSeconds, "urgent_offer",
		"whoever is asked is told after that time: an offer of %d minutes would be over by then", p.UrgentOffer)
	clash(2*p.AnswerMinutes >= p.PromiseWidth, "answer_minutes", p.AnswerMinutes, "promise_width",
		"asked, then replaced, each after that time: the promised window of %d minutes would be over", p.PromiseWidth)
	clash(p.Capacity.DayMinutes > p.Capacity.WeekMinutes, "capacity.day_minutes", p.Capacity.DayMinutes, "capacity.week_minutes",
		"the longest week, %d minutes, is shorter", p.Capacity.WeekMinutes)
	clash(p.Messages.QuietTo-p.Messages.QuietFrom == day, "messages.quiet_to", p.Messages.QuietTo, "messages.quiet_from",
		"it would be quiet all day: messages would wait for their end for ever; the same as quiet_from is at no time")
	for _, of := range priorities {
		accept, due, resolve := p.SLA.Acceptance[of], p.Due[of], p.SLA.Resolution[of]
		offer, field := p.OfferMinutes, "offer_minutes"
		if of == PriorityCritical {
			offer, field = p.UrgentOffer, "urgent_offer"
		}
		acceptance, response, resolution := "sla.acceptance."+string(of), "due."+string(of), "sla.resolution."+string(of)
		clash(accept > 0 && offer > accept, field, offer, acceptance,
			"one offer could outlast the %d minutes in which a %s ticket is to be accepted", accept, of)
		clash(p.Lead > due, "lead", p.Lead, response,
			"somebody is to be there within %d minutes, and nobody could have left by then", due)
		clash(accept > due, acceptance, accept, response,
			"somebody is to be there within %d minutes, before anybody need be assigned", due)
		clash(resolve > 0 && resolve < due, resolution, resolve, response,
			"the work is to be done before anybody need be there, within %d minutes", due)
	}
	p.climbs(f)
}

// climbs finds steps of escalation that don't widen one another, and none at all.
func (p Policy) climbs(f *Findings) {
	if p.Escalation != nil && len(p.Escalation) == 0 {
		f.add(Invalid("escalation", "[]", "a queued ticket would have no next step and no timer for it; leave it out for the usual steps"))
	}
	if n := len(p.Escalation); n > maxSteps {
		f.add(Invalid("escalation", strconv.Itoa(n)+" steps", fmt.Sprintf("at most %d", maxSteps)))
	}
	for i := 1; i < len(p.Escalation); i++ {
		was, is := p.Escalation[i-1], p.Escalation[i]
		for _, figure := range []struct {
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
			field := fmt.Sprintf("escalation[%d].%s", i, figure.name)
			if figure.narrower && !f.about(fmt.Sprintf("escalation[%d].%s", i-1, figure.name)) {
				f.add(Invalid(field, fmt.Sprint(figure.is),
					fmt.Sprintf("step %d would be narrower than step %d, which has %v: whoever could be found before couldn't any more", i+1, i, figure.was)))
			}
		}
	}
}
