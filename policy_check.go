package muster

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
)

// bound is a figure with the least and the most that it may be, both included.
type bound struct {
	field  string
	have   float64
	lo, hi float64
	whole  bool   // a count or minutes
	cycle  string // what would follow itself for ever below the least
	rest   string // what would rest above the most
}

// or says what would become of tickets outside the bounds.
func (b bound) or(cycle, rest string) bound {
	b.cycle, b.rest = cycle, rest
	return b
}

// whole is a count, minutes or another figure without a fraction.
func whole[T ~int](field string, have T, lo, hi float64) bound {
	return bound{field: field, have: float64(have), lo: lo, hi: hi, whole: true}
}

func measure(field string, have, lo, hi float64) bound {
	return bound{field: field, have: have, lo: lo, hi: hi}
}

// check refuses a figure outside its bounds; NaN is outside all.
func (b bound) check() *Error {
	if b.have >= b.lo && b.have <= b.hi {
		return nil
	}
	shown := fmt.Sprint(b.have)
	if b.whole {
		shown = strconv.FormatFloat(b.have, 'f', -1, 64)
	}
	plain := func(f float64) string { return strconv.FormatFloat(f, 'f', -1, 64) }
	hint := "must be from " + plain(b.lo) + " to " + plain(b.hi)
	switch {
	case b.have < b.lo && b.cycle != "":
		hint += "; with less " + b.cycle
	case b.have > b.hi && b.rest != "":
		hint += "; with more " + b.rest
	}
	return Invalid(b.field, shown, hint)
}

// Figures that several bounds share.
const (
	day     = 24 * 60 // minutes
	dear    = 1000    // minutes lost by one unit of a cost
	crowded = 1e9     // sites or people of a cell
)

// A Bound is what a figure of a policy may be: from the least to the most, both included.
type Bound struct {
	Field       string // path of JSON names, such as travel.speed_kmh[1]; * stands for every entry of a table
	Least, Most float64
}

// PolicyBounds are the bounds of all figures, those that Policy.Check holds a policy to.
func PolicyBounds() []Bound {
	p := DefaultPolicy()
	p.BufferMin = map[Precision]Minutes{"*": 0}
	p.SLA.Calendars = map[string]Calendar{"*": {Hours: []Hours{{}}, Extra: []OpenDay{{}}}}
	p.Travel.Overrides, p.Travel.Density = map[string]Minutes{"*": 0}, map[string]int{"*": 0}
	all := p.bounds()
	out := make([]Bound, len(all))
	for i, b := range all {
		out[i] = Bound{b.field, b.lo, b.hi}
	}
	return out
}

// Check refuses a policy under which a ticket could rest for ever or a plan could not be made. The error is Findings: each
// names what is wrong by its path, such as travel.speed_kmh[1], its value, and what would become of a ticket.
func (p Policy) Check() error {
	var f Findings
	for _, b := range p.bounds() {
		f.add(b.check())
	}
	p.tables(&f)
	p.agrees(&f)
	return f.err()
}

// What becomes of offers outside their bounds.
const (
	offerCycle = "an offer would be over as it is made: queued, offered and queued again for ever"
	offerRest  = "a ticket would rest with whoever is asked and doesn't answer"
)

func (p Policy) bounds() []bound {
	all := []bound{
		whole("horizon_days", p.HorizonDays, 1, 60),
		whole("offer_minutes", p.OfferMinutes, 1, 7*day).or(offerCycle, offerRest),
		whole("urgent_offer", p.UrgentOffer, 1, day).or(offerCycle, offerRest),
		whole("urgent_offers", p.UrgentOffers, 1, MaxOffers),
		whole("warranty_days", p.WarrantyDays, 1, 3660),
		whole("undo_seconds", p.UndoSeconds, 0, 600),
		whole("resolve_after", p.ResolveAfter, 1, 90*day).
			or("completed would be resolved before the customer can say no", "a completed ticket would rest without a timer that anybody lives to see"),
		whole("round_every", p.RoundEvery, 1, day).
			or("a round would follow itself for ever, without a pause", "a queued ticket would rest: nobody would be looked for"),
		whole("queue_every", p.QueueEvery, 1, 7*day).
			or("the last step of escalation would follow itself for ever, without a pause", "a ticket would rest in the last step of escalation"),
		whole("triage_every", p.TriageEvery, 1, 7*day).
			or("triage would follow itself for ever, without a pause", "a ticket would rest in triage"),
		whole("answer_minutes", p.AnswerMinutes, 1, day).
			or("whoever should have left would be asked and replaced in one", "a visit that nobody leaves for would rest"),
		whole("exception_minutes", p.ExceptionMinutes, 1, day).
			or("an exception would return to the list as it is taken, for ever", "an exception would rest with whoever took it"),
		whole("frozen_for", p.FrozenFor, 0, 2*day),
		whole("lead", p.Lead, 0, day),
		whole("promise_width", p.PromiseWidth, 15, day),
	}
	for _, pr := range priorities {
		all = append(all, whole("due."+string(pr), p.Due[pr], 1, 366*day), whole("reopen_due."+string(pr), p.ReopenDue[pr], 1, 366*day))
	}
	for i, s := range p.Escalation {
		at := fmt.Sprintf("escalation[%d].", i)
		all = append(all, whole(at+"after", s.After, 1, 7*day).
			or(fmt.Sprintf("step %d would begin as the one before it does: no timer is left between them", i+1), fmt.Sprintf("a queued ticket would rest before step %d", i+1)), measure(at+"travel_km", s.TravelKm, 0, 2000),
			whole(at+"visits", s.Visits, 0, 50), whole(at+"overtime_min", s.Overtime, 0, day/2))
	}
	all = append(all, p.Capacity.bounds("capacity")...)
	for _, k := range slices.Sorted(maps.Keys(p.BufferMin)) {
		all = append(all, whole("buffer_min."+string(k), p.BufferMin[k], 0, 240))
	}
	return slices.Concat(all, p.Weights.bounds(), p.Travel.bounds(), p.Messages.bounds(), p.SLA.bounds())
}

var (
	priorities = []Priority{PriorityCritical, PriorityHigh, PriorityNormal, PriorityLow}
	precisions = []Precision{PrecisionSet, PrecisionRooftop, PrecisionStreet, PrecisionZIP}
)

// byPriority finds entries of a table that no ticket would read.
func (f *Findings) byPriority(at string, table map[Priority]Minutes) {
	for _, k := range slices.Sorted(maps.Keys(table)) {
		if !slices.Contains(priorities, k) {
			f.add(notAPriority(at, k, strconv.Itoa(int(table[k]))))
		}
	}
}

// tables finds entries that nothing would ever read, and steps of density that go down.
func (p Policy) tables(f *Findings) {
	f.byPriority("due.", p.Due)
	f.byPriority("reopen_due.", p.ReopenDue)
	for _, k := range slices.Sorted(maps.Keys(p.BufferMin)) {
		if !slices.Contains(precisions, k) {
			f.add(Invalid("buffer_min."+string(k), strconv.Itoa(int(p.BufferMin[k])), fmt.Sprintf("%q is no precision; one of set, rooftop, street, zip", k)))
		}
	}
	if d := p.Travel.Dense; d[1] < d[0] {
		f.add(Invalid("travel.dense[1]", strconv.Itoa(d[1]), fmt.Sprintf("urban begins where suburban does, at %d, or above", d[0])))
	}
	p.Messages.check(f)
	p.SLA.check(f)
}

// Check refuses limits of an expert that are out of bounds. Zero is none of its own.
func (c Capacity) Check(field string) error {
	for _, b := range c.bounds(field) {
		if b.have == 0 {
			continue
		}
		if err := b.check(); err != nil {
			return err
		}
	}
	return nil
}

func (c Capacity) bounds(at string) []bound {
	return []bound{
		whole(at+".visits_per_tour", c.VisitsPerTour, 1, 50),
		whole(at+".day_minutes", c.DayMinutes, 60, day),
		whole(at+".week_minutes", c.WeekMinutes, 60, 7*day),
		whole(at+".rest_minutes", c.RestMinutes, 0, day),
		measure(at+".travel_km", c.TravelKm, 1, 2000),
		whole(at+".overtime_min", c.OvertimeMin, 0, day/2),
	}
}

func (w Weights) bounds() []bound {
	return []bound{
		measure("weights.travel", w.Travel, 0, dear),
		measure("weights.lateness", w.Lateness, 0, dear),
		measure("weights.scarcity", w.Scarcity, 0, dear),
		measure("weights.fairness", w.Fairness, 0, dear),
		measure("weights.continuity", w.Continuity, 0, dear),
		measure("weights.first_fix", w.FirstFix, 0, 100*dear),
		measure("weights.waiting", w.Waiting, 0.001, 1000*dear), // never nothing: leaving a ticket out must cost
	}
}

func (f TravelFigures) bounds() []bound {
	all := []bound{
		measure("travel.circuity", f.Circuity, 1, 5),
		whole("travel.fixed", f.Fixed, 0, 240),
	}
	for i, v := range f.SpeedKmh {
		all = append(all, measure(fmt.Sprintf("travel.speed_kmh[%d]", i), v, 1, 300))
	}
	for h, load := range f.HourLoad {
		all = append(all, measure(fmt.Sprintf("travel.hour_load[%d]", h), load, 0.2, 10))
	}
	for i, n := range f.Dense {
		all = append(all, whole(fmt.Sprintf("travel.dense[%d]", i), n, 0, crowded))
	}
	for _, k := range slices.Sorted(maps.Keys(f.Overrides)) {
		all = append(all, whole("travel.overrides."+k, f.Overrides[k], 0, 2*day))
	}
	for _, k := range slices.Sorted(maps.Keys(f.Density)) {
		all = append(all, whole("travel.density."+k, f.Density[k], 0, crowded))
	}
	return all
}
