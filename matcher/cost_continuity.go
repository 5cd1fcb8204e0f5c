package matcher

import (
	"fmt"
	"slices"
)

// continuity is a gain for experts who know what and whom they come to.
func continuity(a *attempt) float64 {
	began, device, customer, preferred := a.knows()
	gain := 0.0
	switch {
	case began:
		gain = 2
	case device > 0:
		gain = 1
	case customer > 0:
		gain = 0.5
	}
	if preferred {
		gain += 0.5
	}
	if gain == 0 {
		return 0
	}
	return -a.q.Policy.Weights.Continuity * gain
}

func (a *attempt) knows() (began bool, device, customer int, preferred bool) {
	id := a.m.Expert.ID
	for _, s := range a.q.Served {
		if s.Expert == id {
			device, customer = s.Device, s.Visits
			break
		}
	}
	preferred = a.q.Customer != nil && slices.Contains(a.q.Customer.Preferred, id)
	return a.q.Ticket.Prefer == id, device, customer, preferred
}

func whyContinuity(a *attempt) string {
	began, device, customer, _ := a.knows()
	switch {
	case began:
		return "Began this repair."
	case device > 0:
		return "Came for this device before: " + times(device) + "."
	case customer > 0:
		return "Came to this customer before: " + times(customer) + "."
	default:
		return "The customer prefers this expert."
	}
}

// times says how many visits there were.
func times(visits int) string {
	if visits == 1 {
		return "1 visit"
	}
	return fmt.Sprintf("%d visits", visits)
}
