package muster

import (
	"fmt"
	"time"
)

// Policy is an aggregate: the figures that decisions rest on. Each assignment records its revision.
type Policy struct {
	ID           PolicyID              `json:"id"`
	Rev          int64                 `json:"rev"`
	Division     string                `json:"division,omitempty"`
	HorizonDays  int                   `json:"horizon_days"`  // how far ahead a start may lie
	Push         bool                  `json:"push"`          // jobs assign without asking
	OfferMinutes Minutes               `json:"offer_minutes"` // time to answer an offer
	UrgentOffer  Minutes               `json:"urgent_offer"`  // the same for urgent tickets
	UndoSeconds  int                   `json:"undo_seconds"`  // how long a person's choice can be taken back
	ResolveAfter Minutes               `json:"resolve_after"` // completed becomes resolved
	RoundEvery   Minutes               `json:"round_every"`   // a region's rounds
	QueueEvery   Minutes               `json:"queue_every"`   // a queued ticket is looked at
	TriageEvery  Minutes               `json:"triage_every"`  // the same in triage
	FrozenFor    Minutes               `json:"frozen_for"`    // before a visit, rounds don't touch it
	Lead         Minutes               `json:"lead"`          // between a round and the earliest leaving time
	PromiseWidth Minutes               `json:"promise_width"` // of the window promised where the customer named none
	Due          map[Priority]Minutes  `json:"due"`           // from submission to arrival
	Capacity     Capacity              `json:"capacity"`      // where an expert has no figure
	BufferMin    map[Precision]Minutes `json:"buffer_min"`    // added to travel for how badly a site is known
	Weights      Weights               `json:"weights"`
	Travel       TravelFigures         `json:"travel"`
}

// ThePolicy is the id of a company's policy.
const ThePolicy PolicyID = "pol_main"

// Weights turn each cost's quantity into expected minutes lost.
type Weights struct {
	Travel     float64 `json:"travel"`     // per minute on the road that the visit adds
	Lateness   float64 `json:"lateness"`   // per minute after the due time, or after the window's first half
	Scarcity   float64 `json:"scarcity"`   // per level and rarity of skills that the visit doesn't need
	Fairness   float64 `json:"fairness"`   // per paid hour above the mean of four weeks
	Continuity float64 `json:"continuity"` // gained when the expert knows the device or customer
	FirstFix   float64 `json:"first_fix"`  // per expected second visit
	Waiting    float64 `json:"waiting"`    // per hour in the queue; above all else, so that nothing is left out for ever
}

// TravelFigures turn great-circle distance into minutes. The speeds are by how dense the place is
// (rural, suburban, urban), the factors by local hour.
type TravelFigures struct {
	Circuity  float64            `json:"circuity"`  // road over great circle
	SpeedKmh  [3]float64         `json:"speed_kmh"` // rural, suburban, urban
	HourLoad  [24]float64        `json:"hour_load"` // factor on minutes by local hour
	Fixed     Minutes            `json:"fixed"`     // parking and the way to the door
	Overrides map[string]Minutes `json:"overrides"` // cell/cell (resolution 5, smaller first) to minutes, for ferries and mountains
	Dense     [2]int             `json:"dense"`     // open sites in a cell of resolution 5 from which it is suburban, urban
	Density   map[string]int     `json:"density"`   // cell of resolution 5 to sites or people there, in the unit of Dense
}

// DefaultPolicy is what a new company starts from.
func DefaultPolicy() Policy {
	p := Policy{
		ID: ThePolicy, Rev: 1,
		HorizonDays: 14, OfferMinutes: 10, UrgentOffer: 5, UndoSeconds: 10, ResolveAfter: 24 * 60,
		RoundEvery: 1, QueueEvery: 60, TriageEvery: 60, FrozenFor: 120, Lead: 15, PromiseWidth: 120,
		Due: map[Priority]Minutes{
			PriorityCritical: 4 * 60, PriorityHigh: 24 * 60, PriorityNormal: 3 * 24 * 60, PriorityLow: 7 * 24 * 60,
		},
		Capacity: Capacity{
			VisitsPerTour: 6, DayMinutes: 10 * 60, WeekMinutes: 48 * 60, RestMinutes: 10 * 60, TravelKm: 60,
		},
		BufferMin: map[Precision]Minutes{PrecisionStreet: 2, PrecisionZIP: 8},
		Weights: Weights{
			Travel: 1, Lateness: 0.5, Scarcity: 4, Fairness: 0.25, Continuity: 10, FirstFix: 60, Waiting: 2,
		},
		Travel: TravelFigures{
			Circuity: 1.35, SpeedKmh: [3]float64{70, 45, 28}, Fixed: 4, Dense: [2]int{20_000, 120_000},
			Overrides: map[string]Minutes{}, Density: map[string]int{},
		},
	}
	for h := range p.Travel.HourLoad {
		switch {
		case h >= 7 && h < 9, h >= 16 && h < 19:
			p.Travel.HourLoad[h] = 1.35
		case h >= 9 && h < 16:
			p.Travel.HourLoad[h] = 1.1
		default:
			p.Travel.HourLoad[h] = 1
		}
	}
	return p
}

// Check refuses a policy under which a ticket could rest for ever or a plan could not be made.
func (p Policy) Check() error {
	for _, f := range []struct {
		name   string
		have   float64
		lo, hi float64
	}{
		{"horizon_days", float64(p.HorizonDays), 1, 60},
		{"offer_minutes", float64(p.OfferMinutes), 1, 7 * 24 * 60},
		{"urgent_offer", float64(p.UrgentOffer), 1, 24 * 60},
		{"undo_seconds", float64(p.UndoSeconds), 0, 600},
		{"resolve_after", float64(p.ResolveAfter), 1, 90 * 24 * 60},
		{"round_every", float64(p.RoundEvery), 1, 24 * 60},
		{"queue_every", float64(p.QueueEvery), 1, 7 * 24 * 60},
		{"triage_every", float64(p.TriageEvery), 1, 7 * 24 * 60},
		{"frozen_for", float64(p.FrozenFor), 0, 48 * 60},
		{"lead", float64(p.Lead), 0, 24 * 60},
		{"promise_width", float64(p.PromiseWidth), 15, 24 * 60},
		{"capacity.visits_per_tour", float64(p.Capacity.VisitsPerTour), 1, 50},
		{"capacity.day_minutes", float64(p.Capacity.DayMinutes), 60, 24 * 60},
		{"capacity.week_minutes", float64(p.Capacity.WeekMinutes), 60, 7 * 24 * 60},
		{"capacity.rest_minutes", float64(p.Capacity.RestMinutes), 0, 24 * 60},
		{"capacity.travel_km", p.Capacity.TravelKm, 1, 2000},
		{"travel.circuity", p.Travel.Circuity, 1, 5},
		{"travel.speed_kmh[0]", p.Travel.SpeedKmh[0], 1, 300},
		{"travel.speed_kmh[1]", p.Travel.SpeedKmh[1], 1, 300},
		{"travel.speed_kmh[2]", p.Travel.SpeedKmh[2], 1, 300},
		{"weights.travel", p.Weights.Travel, 0, 1000},
		{"weights.waiting", p.Weights.Waiting, 0.001, 1e6},
	} {
		if !(f.have >= f.lo && f.have <= f.hi) {
			return Invalid(f.name, fmt.Sprint(f.have), fmt.Sprintf("must be from %g to %g", f.lo, f.hi))
		}
	}
	for h, load := range p.Travel.HourLoad {
		if !(load >= 0.2 && load <= 10) {
			return Invalid(fmt.Sprintf("travel.hour_load[%d]", h), fmt.Sprint(load), "must be from 0.2 to 10")
		}
	}
	for _, pr := range []Priority{PriorityCritical, PriorityHigh, PriorityNormal, PriorityLow} {
		if p.Due[pr] <= 0 {
			return Invalid("due."+string(pr), fmt.Sprint(int(p.Due[pr])), "must be above 0 minutes")
		}
	}
	return nil
}

// Horizon is the span in which a round may plan starts.
func (p Policy) Horizon(now time.Time) Window {
	return Window{Start: now, End: now.AddDate(0, 0, p.HorizonDays)}
}
