package demo

import (
	"math/rand/v2"
	"time"

	"github.com/sysopssquad/muster"
)

// pattern is a week of work, in minutes of the local day. A shift may run past midnight.
type pattern struct {
	days     []time.Weekday
	from, to muster.Minutes
	pause    muster.Minutes // start of a half-hour break, 0 for none
}

var (
	weekdays = []time.Weekday{time.Monday, time.Tuesday, time.Wednesday, time.Thursday, time.Friday}

	officeHours = pattern{weekdays, 8 * 60, 17 * 60, 12 * 60}
	early       = pattern{weekdays, 6*60 + 30, 15 * 60, 11 * 60}
	late        = pattern{weekdays, 11 * 60, 20 * 60, 15 * 60}
	fourTens    = pattern{weekdays[:4], 7 * 60, 17*60 + 30, 12 * 60}
	lateTens    = pattern{weekdays[1:], 7 * 60, 17*60 + 30, 12*60 + 30}
	weekend     = pattern{[]time.Weekday{time.Wednesday, time.Thursday, time.Friday, time.Saturday, time.Sunday}, 8 * 60, 17 * 60, 12 * 60}
	nights      = pattern{[]time.Weekday{time.Sunday, time.Monday, time.Tuesday, time.Wednesday, time.Thursday}, 20 * 60, 28 * 60, 24 * 60}
	mornings    = pattern{[]time.Weekday{time.Monday, time.Wednesday, time.Friday}, 8 * 60, 13 * 60, 0}
	longDrives  = pattern{weekdays, 7 * 60, 17*60 + 30, 0} // they rest when the road allows
	sixDays     = pattern{[]time.Weekday{time.Tuesday, time.Wednesday, time.Thursday, time.Friday, time.Saturday}, 7 * 60, 17*60 + 30, 0}
)

// roster gives an expert shifts, breaks, leave and on-call spans around now.
func roster(r *rand.Rand, now time.Time, zone *time.Location, p post, e *muster.Expert) {
	var week pattern
	switch x := r.Float64(); {
	case p.core && p.trade == &electronicsTechnician && odds(r, 0.5):
		week = sixDays
	case p.core:
		week = longDrives
	case x < 0.36:
		week = officeHours
	case x < 0.50:
		week = early
	case x < 0.62:
		week = late
	case x < 0.72:
		week = fourTens
	case x < 0.80:
		week = lateTens
	case x < 0.92:
		week = weekend
	case x < 0.95 && p.town.people > 400_000:
		week = nights
	default:
		week = mornings
	}
	for _, d := range week.days {
		e.Shifts = append(e.Shifts, muster.Hours{Weekday: d, From: week.from, To: week.to})
		if week.pause > 0 {
			e.Breaks = append(e.Breaks, muster.Hours{Weekday: d, From: week.pause, To: week.pause + 30})
		}
	}
	if day := e.Capacity.DayMinutes; day == 0 && week.to-week.from > 10*60 {
		e.Capacity.DayMinutes = 11 * 60
	}
	weekly := muster.Minutes(len(week.days)) * (week.to - week.from)
	e.Capacity.WeekMinutes = max(weekly+4*60, 30*60)
	e.PaidWeeks = 4 * weekly * muster.Minutes(between(r, 80, 110)) / 100

	local := now.In(zone)
	midnight := time.Date(local.Year(), local.Month(), local.Day(), 0, 0, 0, 0, zone)
	day := func(n int) time.Time { return midnight.AddDate(0, 0, n).UTC() }
	switch x := r.Float64(); {
	case x < 0.08:
		from := between(r, 1, 12)
		e.Leave = append(e.Leave, muster.Leave{Window: muster.Window{Start: day(from), End: day(from + between(r, 2, 9))}, Kind: "holiday"})
	case x < 0.10:
		e.Leave = append(e.Leave, muster.Leave{Window: muster.Window{Start: day(0), End: day(between(r, 1, 3))}, Kind: "sick"})
	case x < 0.12:
		from := between(r, 1, 9)
		e.Leave = append(e.Leave, muster.Leave{Window: muster.Window{Start: day(from), End: day(from + 1)}, Kind: "training"})
	}
	if odds(r, 0.08) && week.from < 12*60 && week.to < 21*60 {
		for n := r.IntN(2); n < 10; n += between(r, 2, 3) { // evenings, so that enough rest is left before the morning
			on := midnight.AddDate(0, 0, n)
			from := time.Date(on.Year(), on.Month(), on.Day(), 17, 30, 0, 0, zone)
			e.OnCall = append(e.OnCall, muster.Window{Start: from.UTC(), End: from.Add(4 * time.Hour).UTC()})
		}
	}
	if odds(r, 0.05) {
		on := midnight.AddDate(0, 0, between(r, 1, 8))
		from := time.Date(on.Year(), on.Month(), on.Day(), 9, 0, 0, 0, zone)
		if !works(week, from.Weekday()) {
			e.Extra = append(e.Extra, muster.Window{Start: from.UTC(), End: from.Add(5 * time.Hour).UTC()})
		}
	}
}

func works(p pattern, d time.Weekday) bool {
	for _, w := range p.days {
		if w == d {
			return true
		}
	}
	return false
}
