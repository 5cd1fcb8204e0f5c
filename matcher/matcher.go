// Package matcher says who may take a visit, when, at what cost, and why everyone else may not. It is
// a pure function of what it is given: no clock, no store, no network, no randomness. Board, booking,
// rounds, offers and "why not me?" all call it, so that no two screens can give two answers.
//
// Each hard constraint and each cost has a file of its own; constraints.go and costs.go list them, and
// docs/matching.md is written from these lists. fits.go is the one test of time.
package matcher

import (
	"time"

	"github.com/sysopssquad/muster"
)

// Travel says how far and how long it is between two places for somebody who leaves at an instant.
// Kilometres are by road, so never less than the great circle, and the same at every hour.
type Travel interface {
	Between(from, to muster.Place, at time.Time) (muster.Minutes, float64)
}

// World is what all decisions of one moment share. Its methods change nothing that they are given.
type World struct {
	Now    time.Time
	Policy *muster.Policy
	Skills *muster.Skills
	Travel Travel
	Peers  *Peers    // whom costs compare with; nil: the people of the call
	Hold   time.Time // until when no opening is given away that is held, whatever its own time: who was asked could not answer
	Broke  time.Time // whose time was over by then could: their opening stays free
}

// Over tells whether the opening of a stop is held no longer.
func (w *World) Over(s *muster.Stop) bool {
	return s.Held() && !s.HeldUntil.IsZero() && !w.Now.Before(s.HeldUntil) && (!w.Now.Before(w.Hold) || !s.HeldUntil.After(w.Broke))
}

// Job is one visit place to fill.
type Job struct {
	Ticket   *muster.Ticket
	Customer *muster.Customer
	Site     *muster.Site
	Device   *muster.Device // nil if the ticket is about none
	Served   []muster.Served
	Place    int                 // which of the crew, from 0
	Crew     []muster.ExpertID   // who has the other places
	Start    time.Time           // if set, the only start allowed (a crew's, or one that was asked for)
	Ignore   muster.VisitID      // stops of this visit don't count: it is being moved
	Since    time.Time           // if set, leaving counts from then on, whatever the hour: it goes back to where it was
	Allowed  []muster.ReasonCode // constraints that a named person sets aside; those of class never stay
	Wider    muster.Widening     // how far those of class policy are set aside, by the ticket's step of escalation
}

// Person is an expert with the tours that exist; tours that have no visit yet follow from shifts. For the
// longest week and the rest between tours, those since the Monday before now are needed, past ones too.
type Person struct {
	Expert *muster.Expert
	Tours  []*muster.Tour
}
