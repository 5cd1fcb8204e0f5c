package muster

import (
	"fmt"
	"time"
)

// HoursOfWeek is how many hours a week has; the first begins on Monday at midnight.
const HoursOfWeek = 7 * 24

// Coverage says by hour of the week which skills and regions have nobody at work, or one person only. It counts the weekly
// shifts, each by the clock where the expert is based: an hour counts for who works all of it, breaks among it. Leave, single
// shifts and time on call don't count: it is about the usual week, not about the next.
type Coverage struct {
	At      time.Time        `json:"at"`     // certificates that have ended by then don't count
	Region  RegionID         `json:"region"` // empty: the whole company
	Experts int              `json:"experts"`
	Closed  []HourSpan       `json:"closed"` // hours in which nobody at all works; they are left out below
	Skills  []SkillCoverage  `json:"skills"`
	Regions []RegionCoverage `json:"regions"`
}

// SkillCoverage is about those who have a skill, or one that narrows it, at a level or above. Levels at which all hours are
// covered by two are left out, and so are those above the first that nobody has.
type SkillCoverage struct {
	Skill   SkillID    `json:"skill"`
	Name    string     `json:"name"`
	Level   Level      `json:"level"`
	Experts int        `json:"experts"`
	Nobody  []HourSpan `json:"nobody"`
	One     []HourSpan `json:"one"` // person only
}

// RegionCoverage is about those who are based in a region, or have part of their territory there.
type RegionCoverage struct {
	Region  RegionID   `json:"region"`
	Experts int        `json:"experts"`
	Nobody  []HourSpan `json:"nobody"`
	One     []HourSpan `json:"one"`
}

// HourSpan is a span of whole hours of the week; hour 0 begins on Monday at midnight.
type HourSpan struct {
	From int `json:"from" minimum:"0" maximum:"167" example:"8"`
	To   int `json:"to" minimum:"1" maximum:"168" example:"17"`
}

// String reads as Mon 08:00 to 17:00.
func (s HourSpan) String() string {
	day := func(h int) string { return time.Weekday((h/24 + 1) % 7).String()[:3] }
	to := fmt.Sprintf("%02d:00", (s.To-1)%24+1)
	if s.From/24 != (s.To-1)/24 {
		to = day(s.To-1) + " " + to
	}
	return fmt.Sprintf("%s %02d:00 to %s", day(s.From), s.From%24, to)
}
