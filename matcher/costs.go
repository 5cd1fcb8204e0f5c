package matcher

import (
	"math"

	"github.com/sysopssquad/muster"
)

// cost is one part of what a choice costs, in expected minutes lost: a quantity times a published weight.
type cost struct {
	name     string
	weight   func(muster.Weights) float64
	field    string // of the weight in a policy
	quantity string // for the documentation
	timed    bool   // depends on the start; the others are the same at every start of an expert
	minutes  func(*attempt) float64
	why      func(*attempt) string
}

// costs are all parts, in the order in which they are told.
var costs = []cost{
	{
		name: "travel", field: "travel", weight: func(w muster.Weights) float64 { return w.Travel }, timed: true,
		minutes: travelAdded, why: whyTravel,
		quantity: "minutes on the road that the visit adds to the tour, both ways, never below 0",
	},
	{
		name: "lateness", field: "lateness", weight: func(w muster.Weights) float64 { return w.Lateness }, timed: true,
		minutes: lateness, why: whyLateness,
		quantity: "minutes from the later of now and the due time to the start, and from the middle of the customer's window to the start",
	},
	{
		name: "waiting", field: "waiting", weight: func(w muster.Weights) float64 { return w.Waiting }, timed: true,
		minutes: waiting, why: whyWaiting,
		quantity: "hours from now to the start, times 4, 2, 1, 1/2 by priority from critical to low, times 1 + half the days in the queue so far",
	},
	{
		name: "scarcity", field: "scarcity", weight: func(w muster.Weights) float64 { return w.Scarcity },
		minutes: scarcity, why: whyScarcity,
		quantity: "the largest, over the expert's skills, of scarcity times unused levels / 5; scarcity is the decimal logarithm of experts over holders",
	},
	{
		name: "fairness", field: "fairness", weight: func(w muster.Weights) float64 { return w.Fairness },
		minutes: fairness, why: whyFairness,
		quantity: "paid hours of four weeks above the mean of the peers; below it a gain",
	},
	{
		name: "continuity", field: "continuity", weight: func(w muster.Weights) float64 { return w.Continuity },
		minutes: continuity, why: whyContinuity,
		quantity: "a gain: 2 for who began the repair, else 1 for who knows the device, else 1/2 for who knows the customer; 1/2 more for whom the customer prefers",
	},
	{
		name: "first fix", field: "first_fix", weight: func(w muster.Weights) float64 { return w.FirstFix },
		minutes: firstFix, why: whyFirstFix,
		quantity: "expected share of second visits with the needed skill that the expert fixes least well; below 30 visits mixed with the mean of the peers in proportion",
	},
}

// cents rounds to hundredths of a minute, so that terms read well and add up exactly as shown.
func cents(m float64) float64 { return math.Round(m*100) / 100 }

// slack is more than rounding the terms can take from a cost; lower bounds leave it out.
const slack = 0.02

// steady adds up the costs that every start of the expert has, once.
func (a *attempt) steady() {
	if a.summed {
		return
	}
	a.fixed, a.summed = 0, true
	for i := range costs {
		if c := &costs[i]; !c.timed {
			a.fixed += cents(c.minutes(a))
		}
	}
}

// cost of the slot; the steady part must have been worked out.
func (a *attempt) cost() float64 {
	return cents(cents(travelAdded(a)) + cents(lateness(a)) + cents(waiting(a)) + a.fixed)
}

// terms breaks the cost of the slot down; parts that are nothing are left out.
func (a *attempt) terms() []muster.Term {
	ts := []muster.Term{}
	for i := range costs {
		c := &costs[i]
		if m := cents(c.minutes(a)); m != 0 {
			ts = append(ts, muster.Term{Name: c.name, Minutes: m, Why: c.why(a)})
		}
	}
	return ts
}
