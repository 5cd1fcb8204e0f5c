package muster

import (
	"fmt"
	"strconv"
	"time"
)

// Date is a day of a local calendar, as 2026-12-25.
type Date string

// DateLayout is how a Date is written.
const DateLayout = "2006-01-02"

// Time is midnight UTC of the date, the zero time for what is no date.
func (d Date) Time() time.Time {
	t, err := time.Parse(DateLayout, string(d))
	if err != nil {
		return time.Time{}
	}
	return t
}

// Calendar says when the time of an agreement counts: business hours. The clock on the wall decides: an instant
// counts if a clock in the zone shows an open time then. So an hour that the clocks repeat counts twice, one that
// they skip not at all.
type Calendar struct {
	Zone     string    `json:"zone,omitempty"`     // IANA; "" is that of the site
	Hours    []Hours   `json:"hours"`              // weekly
	Holidays []Date    `json:"holidays,omitempty"` // closed from midnight to midnight
	Extra    []OpenDay `json:"extra,omitempty"`    // open on single days beside the weekly hours, on holidays too
}

// OpenDay is a span of one day: minutes from midnight as in Hours.
type OpenDay struct {
	Date Date    `json:"date"`
	From Minutes `json:"from"`
	To   Minutes `json:"to"`
}

// RoundTheClock is the calendar that is always open.
func RoundTheClock() Calendar {
	c := Calendar{Zone: "UTC"}
	for d := time.Sunday; d <= time.Saturday; d++ {
		c.Hours = append(c.Hours, Hours{Weekday: d, To: day})
	}
	return c
}

// leastWeek is how many minutes a calendar must be open in an ordinary week. With less a due time could lie
// thousands of years ahead; with none a ticket would rest for ever once the single days are over.
const leastWeek = 60

// Check refuses a calendar that is never or hardly ever open, and one that can't be read.
func (c Calendar) Check(field string) error {
	if found := c.finding(field); found != nil {
		return found
	}
	return nil
}

// finding is the first thing that is wrong with a calendar.
func (c Calendar) finding(field string) *Error {
	for _, b := range c.bounds(field) {
		if err := b.check(); err != nil {
			return err
		}
	}
	if _, err := time.LoadLocation(c.Zone); err != nil || c.Zone == "Local" {
		return Invalid(field+".zone", c.Zone, "a zone of the IANA data base, such as America/Chicago, or leave it out for that of the site")
	}
	var open [7 * day]bool
	for i, h := range c.Hours {
		if h.To <= h.From {
			return Invalid(fmt.Sprintf("%s.hours[%d].to", field, i), strconv.Itoa(int(h.To)), fmt.Sprintf("must be after from, %d", h.From))
		}
		for m := h.From; m < h.To; m++ {
			open[(int(h.Weekday)*day+int(m))%len(open)] = true
		}
	}
	total := 0
	for _, o := range open {
		if o {
			total++
		}
	}
	if total < leastWeek {
		return Invalid(field+".hours", fmt.Sprintf("%d minutes a week", total),
			fmt.Sprintf("a calendar must be open for at least %d minutes in an ordinary week, else what it counts is never due", leastWeek))
	}
	for i, d := range c.Holidays {
		if d.Time().IsZero() {
			return Invalid(fmt.Sprintf("%s.holidays[%d]", field, i), string(d), "a date such as 2026-12-25")
		}
	}
	for i, e := range c.Extra {
		at := fmt.Sprintf("%s.extra[%d]", field, i)
		if e.Date.Time().IsZero() {
			return Invalid(at+".date", string(e.Date), "a date such as 2026-12-25")
		}
		if e.To <= e.From {
			return Invalid(at+".to", strconv.Itoa(int(e.To)), fmt.Sprintf("must be after from, %d", e.From))
		}
	}
	return nil
}

func (c Calendar) bounds(at string) []bound {
	var all []bound
	for i, h := range c.Hours {
		f := fmt.Sprintf("%s.hours[%d].", at, i)
		all = append(all, whole(f+"weekday", h.Weekday, 0, 6), whole(f+"from", h.From, 0, 2*day-1), whole(f+"to", h.To, 1, 2*day))
	}
	for i, e := range c.Extra {
		f := fmt.Sprintf("%s.extra[%d].", at, i)
		all = append(all, whole(f+"from", e.From, 0, 2*day-1), whole(f+"to", e.To, 1, 2*day))
	}
	return all
}

// SLAName names what an agreement promises a time for.
type SLAName string

// The clocks of a ticket. Each begins when the ticket comes in.
const (
	SLAAcceptance SLAName = "acceptance" // ends when somebody is assigned; drives escalation
	SLAResponse   SLAName = "response"   // ends when somebody arrives
	SLAResolution SLAName = "resolution" // ends when the work is completed
)

// SLANames lists them in the order in which they end.
func SLANames() []SLAName { return []SLAName{SLAAcceptance, SLAResponse, SLAResolution} }

// SLAClock is one promise of a ticket and the time that it has taken. Package sla moves it.
type SLAClock struct {
	Name       SLAName   `json:"name"`
	Target     Minutes   `json:"target_min"`       // of the calendar's time
	Calendar   string    `json:"calendar"`         // name in the policy
	StartedAt  time.Time `json:"started_at"`       //
	Due        time.Time `json:"due_at"`           // as things are: pauses and a later window of the customer's put it off
	Original   time.Time `json:"original_due_at"`  // as it was promised at first
	Pauses     []Window  `json:"pauses,omitempty"` // that are over, by start: for another target all of it is counted again
	PausedAt   time.Time `json:"paused_at,omitzero"`
	EndedAt    time.Time `json:"ended_at,omitzero"` // kept if it isn't breached, or the ticket was cancelled
	BreachedAt time.Time `json:"breached_at,omitzero"`
	Deferred   Deferral  `json:"deferred,omitzero"`
}

// Deferral is what puts a clock's due time off: a window that the customer chose. It is due when its time is used and
// the clock has run through the window, and for as much of the calendar's time after it as was agreed. So a pause before
// the window moves nothing, and one within it as much as it takes of it, whichever came first.
type Deferral struct {
	Window  Window    `json:"window"`         // as it was chosen
	From    time.Time `json:"from"`           // what runs since then counts
	End     time.Time `json:"end"`            // of the window, later by the pauses in it
	After   Minutes   `json:"after_min"`      // of the calendar's time, from the end of the window
	Due     time.Time `json:"due_at"`         // by the window
	Without time.Time `json:"without_due_at"` // as it would be without
}

// SLAStanding is how a clock stands at a moment.
type SLAStanding struct {
	Name     SLAName   `json:"name"`
	State    SLAState  `json:"state"`
	Due      time.Time `json:"due_at"`                   // as things are; while it is paused as they were then
	Original time.Time `json:"original_due_at,omitzero"` // as it was promised at first, if that was another moment
	PausedAt time.Time `json:"paused_at,omitzero"`       //
	EndedAt  time.Time `json:"ended_at,omitzero"`        //
	MissedBy Minutes   `json:"missed_by_min,omitempty"`  // whole minutes of plain time from due until it ended, or until now
}

// SLAState says how a clock stands.
type SLAState string

// The states of a clock.
const (
	SLARuns   SLAState = "runs"
	SLAPaused SLAState = "paused"
	SLAKept   SLAState = "kept"
	SLAMissed SLAState = "missed" // whether or not what it promised has come since
)

// Standing tells how the clock stands now.
func (c *SLAClock) Standing(now time.Time) SLAStanding {
	s := SLAStanding{Name: c.Name, State: SLARuns, Due: c.Due, PausedAt: c.PausedAt, EndedAt: c.EndedAt}
	if !c.Original.Equal(c.Due) {
		s.Original = c.Original
	}
	until := now
	if !c.EndedAt.IsZero() {
		until, s.PausedAt = c.EndedAt, time.Time{}
	}
	switch {
	case !c.BreachedAt.IsZero() || c.Running() && !now.Before(c.Due):
		s.State = SLAMissed
		if late := until.Sub(c.Due); late > 0 {
			s.MissedBy = Minutes(late / time.Minute)
		}
	case !c.EndedAt.IsZero():
		s.State = SLAKept
	case !c.PausedAt.IsZero():
		s.State = SLAPaused
	}
	return s
}

// Running tells whether time counts against it.
func (c *SLAClock) Running() bool { return c.EndedAt.IsZero() && c.PausedAt.IsZero() }
