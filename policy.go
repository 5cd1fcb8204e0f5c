package muster

import "time"

//go:generate go test -run TestPolicyDocument . -update

// Policy is an aggregate: the figures that decisions rest on. Each assignment records its revision.
type Policy struct {
	ID               PolicyID              `json:"id"`
	Rev              int64                 `json:"rev"`
	Division         string                `json:"division,omitempty"`
	HorizonDays      int                   `json:"horizon_days"`      // how many days ahead a start may lie
	Push             bool                  `json:"push"`              // rounds assign without asking; else they ask
	OfferMinutes     Minutes               `json:"offer_minutes"`     // time to answer an offer
	AnswerMinutes    Minutes               `json:"answer_minutes"`    // whoever should have left has so long to answer, in time in which answers can reach us
	UrgentOffer      Minutes               `json:"urgent_offer"`      // time to answer an offer of an urgent ticket
	UndoSeconds      int                   `json:"undo_seconds"`      // how long a person's choice can be taken back
	ResolveAfter     Minutes               `json:"resolve_after"`     // from completed to resolved, if nobody reopens it
	RoundEvery       Minutes               `json:"round_every"`       // from one round of a region to the next
	QueueEvery       Minutes               `json:"queue_every"`       // from one look to the next at a queued ticket after the last step of escalation
	TriageEvery      Minutes               `json:"triage_every"`      // in triage, until the ticket is put before a person, and each time again
	ExceptionMinutes Minutes               `json:"exception_minutes"` // an exception that was taken and isn't looked after for so long returns to the list
	FrozenFor        Minutes               `json:"frozen_for"`        // so long before a visit rounds don't touch it
	Lead             Minutes               `json:"lead"`              // from a round to the earliest leaving time
	PromiseWidth     Minutes               `json:"promise_width"`     // of the window promised where the customer named none
	Due              map[Priority]Minutes  `json:"due"`               // from submission to arrival
	Capacity         Capacity              `json:"capacity"`          // where an expert has no figure
	BufferMin        map[Precision]Minutes `json:"buffer_min"`        // added to travel for how badly a site is known
	Weights          Weights               `json:"weights"`
	Travel           TravelFigures         `json:"travel"`
	Messages         Telling               `json:"messages"`
	SLA              Agreements            `json:"sla,omitzero"`

	UrgentOffers int                  `json:"urgent_offers"` // experts that a round asks at once about an urgent ticket
	WarrantyDays int                  `json:"warranty_days"` // so many days after its completion a ticket is reopened at no charge
	ReopenDue    map[Priority]Minutes `json:"reopen_due"`    // from reopening under warranty to arrival
	Escalation   []EscalationStep     `json:"escalation"`    // of tickets for which nobody is found
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
	Density   map[string]int     `json:"density"`   // cell of resolution 5 to sites or people there, in the unit of dense
}

// DefaultPolicy is what a new company starts from.
func DefaultPolicy() Policy {
	p := Policy{
		ID: ThePolicy, Rev: 1,
		HorizonDays: 14, OfferMinutes: 10, UrgentOffer: 5, AnswerMinutes: 5, UndoSeconds: 10, ResolveAfter: 24 * 60,
		RoundEvery: 1, QueueEvery: 60, TriageEvery: 60, ExceptionMinutes: 15, FrozenFor: 120, Lead: 15, PromiseWidth: 120,
		UrgentOffers: 3, WarrantyDays: 30, Escalation: defaultEscalation(),
		ReopenDue: map[Priority]Minutes{
			PriorityCritical: 4 * 60, PriorityHigh: 12 * 60, PriorityNormal: 24 * 60, PriorityLow: 3 * 24 * 60,
		},
		Due: map[Priority]Minutes{
			PriorityCritical: 4 * 60, PriorityHigh: 24 * 60, PriorityNormal: 3 * 24 * 60, PriorityLow: 7 * 24 * 60,
		},
		SLA: defaultAgreements(),
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
		Messages: DefaultTelling(),
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

// Filled is the policy with the defaults of figures that came later than it was saved.
func (p Policy) Filled() Policy {
	later := DefaultPolicy()
	if p.ExceptionMinutes == 0 {
		p.ExceptionMinutes = later.ExceptionMinutes
	}
	if p.AnswerMinutes == 0 {
		p.AnswerMinutes = later.AnswerMinutes
	}
	if p.SLA.LateBy == 0 {
		p.SLA.LateBy = later.SLA.LateBy
	}
	if p.SLA.OverrunBy == 0 {
		p.SLA.OverrunBy = later.SLA.OverrunBy
	}
	if p.UrgentOffers == 0 {
		p.UrgentOffers = later.UrgentOffers
	}
	if p.WarrantyDays == 0 {
		p.WarrantyDays = later.WarrantyDays
	}
	if p.ReopenDue == nil {
		p.ReopenDue = later.ReopenDue
	}
	if p.Escalation == nil {
		p.Escalation = later.Escalation
	}
	return p
}

// Horizon is the span in which a round may plan starts.
func (p Policy) Horizon(now time.Time) Window {
	return Window{Start: now, End: now.AddDate(0, 0, p.HorizonDays)}
}
