package muster

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// Agreements are the policy's targets for a ticket's clocks, the calendars that count their time, and when they
// pause. Policy.Due is the target of the response. The zero value is that alone: 24/7, without pauses.
type Agreements struct {
	Acceptance map[Priority]Minutes     `json:"acceptance,omitempty"`  // from submission until somebody is assigned; 0: no such clock
	Resolution map[Priority]Minutes     `json:"resolution,omitempty"`  // from submission until the work is completed; 0: no such clock
	Calendars  map[string]Calendar      `json:"calendars,omitempty"`   // the calendars by name: hours, holidays and single days
	ByPlan     map[string]string        `json:"by_plan,omitempty"`     // the calendar of a support plan, before that of the priority
	ByPriority map[Priority]string      `json:"by_priority,omitempty"` // the calendar that counts; without one it is always
	Pauses     map[SLAName][]PauseState `json:"pauses,omitempty"`      // while the ticket is so, the clock stands still
	LateBy     Minutes                  `json:"late_by,omitempty"`     // so late or later, a predicted arrival is told to people
	OverrunBy  Minutes                  `json:"overrun_by,omitempty"`  // a visit that is over its end is taken to need so much more, each time anew
}

// Always is the name of the calendar that is always there and always open.
const Always = "always"

// PauseState is a ticket's state, a waiting one with what it waits for.
type PauseState string

// The states in which a clock may stand. Nothing stands while a ticket is queued or scheduled: it could rest for ever.
const (
	PauseTriage   PauseState = "triage"
	PauseParts    PauseState = "waiting/parts"
	PauseCustomer PauseState = "waiting/customer"
	PauseApproval PauseState = "waiting/approval"
	PauseDate     PauseState = "waiting/date"
)

// PauseStates lists them.
func PauseStates() []PauseState {
	return []PauseState{PauseTriage, PauseParts, PauseCustomer, PauseApproval, PauseDate}
}

// Stands tells whether a clock pauses while a ticket is as it is.
func (a *Agreements) Stands(clock SLAName, t *Ticket) bool {
	is := PauseState(t.State)
	if t.State == Waiting {
		is += "/" + PauseState(t.Wait.For)
	}
	return slices.Contains(a.Pauses[clock], is)
}

// Target of a clock for a priority, 0 if there is no such clock.
func (p *Policy) Target(clock SLAName, of Priority) Minutes {
	switch clock {
	case SLAAcceptance:
		return p.SLA.Acceptance[of]
	case SLAResponse:
		return p.Due[of]
	default:
		return p.SLA.Resolution[of]
	}
}

// CalendarOf names the calendar for a customer's plan and a priority.
func (a *Agreements) CalendarOf(plan string, of Priority) string {
	if name := a.ByPlan[plan]; name != "" {
		return name
	}
	if name := a.ByPriority[of]; name != "" {
		return name
	}
	return Always
}

// defaultAgreements count all the time. What waits for the customer, or for a date that suits them, isn't ours to hurry:
// every clock stands. While parts are on their way nobody can be assigned; the customer's device is broken all the same,
// so that resolution goes on.
func defaultAgreements() Agreements {
	theirs := []PauseState{PauseCustomer, PauseApproval, PauseDate}
	return Agreements{
		Acceptance: map[Priority]Minutes{PriorityCritical: 30, PriorityHigh: 4 * 60, PriorityNormal: day, PriorityLow: 2 * day},
		Resolution: map[Priority]Minutes{PriorityCritical: day, PriorityHigh: 3 * day, PriorityNormal: 7 * day, PriorityLow: 14 * day},
		Pauses: map[SLAName][]PauseState{
			SLAAcceptance: append([]PauseState{PauseParts}, theirs...), SLAResponse: theirs, SLAResolution: theirs,
		},
		LateBy: 15, OverrunBy: 15,
	}
}

func (a Agreements) bounds() []bound {
	var all []bound
	for _, p := range priorities {
		all = append(all, whole("sla.acceptance."+string(p), a.Acceptance[p], 0, 366*day), whole("sla.resolution."+string(p), a.Resolution[p], 0, 366*day))
	}
	for _, name := range slices.Sorted(maps.Keys(a.Calendars)) {
		all = append(all, a.Calendars[name].bounds("sla.calendars."+name)...)
	}
	return append(all, whole("sla.late_by", a.LateBy, 0, day), whole("sla.overrun_by", a.OverrunBy, 0, day))
}

// maxHolidays is how many holidays and single days a calendar may have: some for each year of decades.
const maxHolidays = 1000

// check finds entries that mean nothing, and pauses under which a clock would never run.
func (a Agreements) check(f *Findings) {
	f.byPriority("sla.acceptance.", a.Acceptance)
	f.byPriority("sla.resolution.", a.Resolution)
	for _, name := range slices.Sorted(maps.Keys(a.Calendars)) {
		at, c := "sla.calendars."+name, a.Calendars[name]
		if name == "" || name == Always {
			f.add(Invalid(at, name, `give it another name; "always" is there already, and always open`))
		}
		if n := len(c.Holidays) + len(c.Extra); n > maxHolidays {
			f.add(Invalid(at+".holidays", strconv.Itoa(n)+" days", fmt.Sprintf("at most %d, with single days", maxHolidays)))
		}
		f.add(c.finding(at))
	}
	known := func(at, name string) {
		if _, ok := a.Calendars[name]; !ok && name != Always {
			f.add(Invalid(at, name, "a calendar of sla.calendars, or always"))
		}
	}
	for _, plan := range slices.Sorted(maps.Keys(a.ByPlan)) {
		known("sla.by_plan."+plan, a.ByPlan[plan])
	}
	for _, k := range slices.Sorted(maps.Keys(a.ByPriority)) {
		if !slices.Contains(priorities, k) {
			f.add(notAPriority("sla.by_priority.", k, a.ByPriority[k]))
		}
		known("sla.by_priority."+string(k), a.ByPriority[k])
	}
	for _, clock := range slices.Sorted(maps.Keys(a.Pauses)) {
		if !slices.Contains(SLANames(), clock) {
			f.add(Invalid("sla.pauses."+string(clock), string(clock), "one of acceptance, response, resolution"))
		}
		for i, s := range a.Pauses[clock] {
			if !slices.Contains(PauseStates(), s) {
				f.add(Invalid(fmt.Sprintf("sla.pauses.%s[%d]", clock, i), string(s), "one of "+joined(PauseStates())+": what is queued or scheduled would rest for ever"))
			}
		}
	}
}

func notAPriority(at string, k Priority, value string) *Error {
	return Invalid(at+string(k), value, fmt.Sprintf("%q is no priority; one of critical, high, normal, low", k))
}

func joined[T ~string](all []T) string {
	var out []string
	for _, s := range all {
		out = append(out, string(s))
	}
	return strings.Join(out, ", ")
}
