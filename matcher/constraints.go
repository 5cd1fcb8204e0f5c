package matcher

import (
	"time"

	"github.com/sysopssquad/muster"
)

// constraint is one test that excludes an expert or a start.
type constraint struct {
	code  muster.ReasonCode
	rule  string // for the documentation: what is asked
	timed bool   // about the slot; the others are about the expert alone
	test  func(*attempt) muster.Reason
	each  func(*attempt, *need) muster.Reason // in place of test: asked for each skill that is needed
	wait  func(*attempt) time.Time            // a start before this instant can't pass; zero or not later than the slot's: waiting doesn't help

	changes  []*easing                          // what satisfies it
	ease     func(*attempt, []set) []set        // adds, for an attempt that fails the test, each least set that would do; nil: none at a given start
	easeEach func(*attempt, *need, []set) []set // the same for each
}

// constraints are all tests, in the order in which reasons are told.
var constraints = []constraint{
	{code: muster.Gone, test: removed, rule: "The expert works here."},
	{
		code: muster.OtherDivision, test: division, ease: easeDivision, changes: []*easing{otherDivision},
		rule: "Expert and ticket belong to the same division.",
	},
	{
		code: muster.NotMobile, test: carryInOnly, ease: easeCarryIn, changes: []*easing{goesOut},
		rule: "An expert who works at the shop only takes no home visits.",
	},
	{
		code: muster.NoSkill, each: skill, easeEach: easeSkill, changes: []*easing{learns},
		rule: "The expert has each needed skill, or one that narrows it.",
	},
	{
		code: muster.LevelLow, each: level, easeEach: easeLevel, changes: []*easing{levelAside},
		rule: "The best level among these is at least the needed one. One below may be set aside, more never.",
	},
	{
		code: muster.CertificateEnds, timed: true, test: certificate, ease: easeCertificate, changes: []*easing{renewed},
		rule: "A competence with an expiry is valid at the end of the visit; a licensed skill needs one with an expiry.",
	},
	{
		code: muster.NotAuthorised, test: authorisation, ease: easeAuthorisation, changes: []*easing{authorised},
		rule: "An expert who is authorised for certain makes repairs only these; one without any such entry repairs all makes.",
	},
	{
		code: muster.LacksParts, test: parts, ease: easeParts, changes: []*easing{loaded},
		rule: "The expert carries every part and tool that the ticket asks for.",
	},
	{
		code: muster.LacksParts, timed: true, test: partsOrdered, ease: easePartsOrdered, changes: []*easing{partsSooner}, wait: afterParts,
		rule: "Nor does the visit begin before what was ordered for the ticket comes.",
	},
	{
		code: muster.OutOfTerritory, test: territory, ease: easeTerritory, changes: []*easing{beyondTerritory},
		rule: "The site lies in a cell of the expert's territory, unless there is none or the expert relocates.",
	},
	{
		code: muster.TooFar, test: travelLimit, ease: easeTravel, changes: []*easing{farther},
		rule: "The road from the base to the site is no longer than the travel limit, and what the ticket's step of escalation adds.",
	},
	{
		code: muster.IsBlocked, test: blocked, ease: easeBlocked, changes: []*easing{unblocked},
		rule: "The customer has not blocked the expert, nor has the expert declined the customer for good.",
	},
	{
		code: muster.HasDeclined, test: declined, ease: easeDeclined, changes: []*easing{asksAgain},
		rule: "The expert has not declined this ticket or customer.",
	},
	{
		code: muster.HasDeclined, timed: true, test: declinedThen, ease: easeDeclined, wait: afterDeclined,
		rule: "Nor the time of the visit: a decline for a time is bound to it.",
	},
	{code: muster.CrewClash, test: crew, rule: "The expert is not already on the visit's crew, and all of a crew start together."},
	{
		code: muster.OffShift, timed: true, test: offShift, ease: easeShift, changes: []*easing{agreesTo, extraShift},
		rule: "The way there and the work lie within a shift, and consented overtime after it; the start lies within the horizon.",
	},
	{
		code: muster.OnLeave, timed: true, test: leave, changes: []*easing{backFromLeave}, wait: afterLeave,
		rule: "Work doesn't fall into leave; ways go on after it, the way home if the shift does.",
	},
	{
		code: muster.NotOnCall, timed: true, test: onCall, ease: easeOnCall, changes: []*easing{fromCall},
		rule: "A tour on call takes urgent tickets only, and those whose step of escalation allows it.",
	},
	{
		code: muster.AfterWindow, timed: true, test: window, ease: easeWindow, changes: []*easing{windowLonger, windowSooner}, wait: nextWindow,
		rule: "Arrival is within one of the windows that the customer named.",
	},
	{
		code: muster.SiteClosed, timed: true, test: siteHours, ease: easeSiteHours, changes: []*easing{siteOpens}, wait: nextOpen,
		rule: "The site is open from start to end.",
	},
	{code: muster.BreakMissed, timed: true, test: breakMissed, wait: afterBreak, rule: "The work leaves every break whole, and so do the ways around it, which may go on after the break."},
	{code: muster.Overlaps, timed: true, test: overlap, rule: "The work does not run into another visit of the expert."},
	{code: muster.NoOpening, timed: true, test: opening, wait: afterWay, rule: "There is time for the way from the stop before, from now and the lead, and to the stop after."},
	{
		code: muster.HeldByOther, timed: true, test: held, changes: []*easing{released},
		rule: "The opening is not held for another ticket's open offer.",
	},
	{
		code: muster.OverCapacity, timed: true, test: capacity, ease: easeCapacity, changes: []*easing{moreVisits},
		rule: "The tour has fewer visits than the expert's capacity, and what the ticket's step adds.",
	},
	{
		code: muster.Overtime, timed: true, test: overtime, ease: easeOvertime, changes: []*easing{homeLater},
		rule: "The way home ends before the shift and consented overtime do, and what the ticket's step adds.",
	},
	{
		code: muster.DayTooLong, timed: true, test: longestDay, ease: easeDay, changes: []*easing{longerDay}, wait: afterLongDay,
		rule: "From the first departure to the return, all tours of a day, breaks included, last no longer than the longest day.",
	},
	{
		code: muster.WeekTooLong, timed: true, test: longestWeek, ease: easeWeek, changes: []*easing{longerWeek}, wait: afterLongWeek,
		rule: "The same for all tours of a week from Monday, in the zone of the base.",
	},
	{
		code: muster.RestTooShort, timed: true, test: rest, ease: easeRest, changes: []*easing{restLess}, wait: afterRest,
		rule: "Between the return and the first departure of tours on different days lies the rest; tours of one day don't run into each other.",
	},
}

// because makes a reason; the numbers and words are only asked for if somebody reads them.
func (a *attempt) because(code muster.ReasonCode, say func(*muster.Reason)) muster.Reason {
	r := muster.Reason{Code: code, Class: code.Class()}
	if !a.quiet {
		say(&r)
	}
	return r
}

// judge adds the reasons that the constraints about the expert alone, or those about the slot, give.
func (a *attempt) judge(timed bool, rs []muster.Reason) []muster.Reason {
	for i := range constraints {
		c := &constraints[i]
		if c.timed != timed {
			continue
		}
		if c.each == nil {
			if r := c.test(a); r.Code != "" && !a.q.allows(r) {
				rs = append(rs, r)
			}
			continue
		}
		for n := range a.q.needs {
			if r := c.each(a, &a.q.needs[n]); r.Code != "" && !a.q.allows(r) {
				rs = append(rs, r)
			}
		}
	}
	return rs
}

// eligible tells whether nothing about the expert alone excludes them.
func (a *attempt) eligible() bool {
	for i := range constraints {
		if c := &constraints[i]; !c.timed && a.fails(c) {
			return false
		}
	}
	return true
}

func (a *attempt) fails(c *constraint) bool {
	if c.each == nil {
		r := c.test(a)
		return r.Code != "" && !a.q.allows(r)
	}
	for n := range a.q.needs {
		if r := c.each(a, &a.q.needs[n]); r.Code != "" && !a.q.allows(r) {
			return true
		}
	}
	return false
}

// bits is a set of constraints by their index; of two with one code that of the first.
type bits uint64

// against is the set of what excludes the expert alone.
func (a *attempt) against() bits {
	var set bits
	for i := range constraints {
		if c := &constraints[i]; !c.timed && a.fails(c) {
			set |= 1 << i
		}
	}
	return set
}

// order is the index of a code's first constraint.
var order = func() map[muster.ReasonCode]int {
	m := make(map[muster.ReasonCode]int, len(constraints))
	for i := len(constraints) - 1; i >= 0; i-- {
		m[constraints[i].code] = i
	}
	return m
}()
