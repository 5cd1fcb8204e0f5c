// Package sla counts the time of service agreements exactly: business hours in a zone with its clock changes,
// holidays and single days, and clocks that run, pause and end on them. It is pure: instants are passed in.
//
// A calendar is compiled to a plain timeline, on which every day has 24 hours and every week the same open spans but
// for single days. A real instant lies on it at what a clock on the wall shows. Between two changes of a zone's
// offset the way there is only a shift, so counting and adding work on whole stretches: there is no loop over
// minutes, days or weeks, only one over changes of the clock.
package sla

import (
	"slices"
	"sort"
	"time"

	"github.com/sysopssquad/muster"
)

// Microseconds, the unit of the timeline: what both stores keep.
const (
	minute = int64(time.Minute / time.Microsecond)
	day    = 24 * 60 * minute
)

// Calendar is a muster.Calendar made ready to count. It is read-only and may be shared.
type Calendar struct {
	zone   *time.Location
	week   [7]sheet    // what is open of an ordinary day, by weekday
	before [8]int64    // open time of an ordinary week before each weekday; the last is the week's
	single []singleDay // the others, by day
	sums   []int64     // how much more than ordinary the single days before each are open
}

type span struct{ from, to int64 } // within a day

// sheet is what is open of one day: spans by start that don't touch, and their sum.
type sheet struct {
	spans []span
	total int64
}

type singleDay struct {
	day int64 // since 1970-01-01
	sheet
}

// Compile makes a calendar ready; zone is that of the site, for a calendar that has none of its own. The error is
// that of Calendar.Check.
func Compile(c muster.Calendar, zone string) (*Calendar, error) {
	if err := c.Check("calendar"); err != nil {
		return nil, err
	}
	if c.Zone != "" {
		zone = c.Zone
	}
	out := &Calendar{zone: muster.Location(zone)}
	var week [7][]span
	for _, h := range c.Hours {
		d := int(h.Weekday)
		if h.From < 24*60 {
			week[d] = append(week[d], cut(h.From, h.To, 0))
		}
		if h.To > 24*60 {
			week[(d+1)%7] = append(week[(d+1)%7], cut(h.From, h.To, 24*60))
		}
	}
	for d := range week {
		out.week[d] = sheetOf(week[d])
		out.before[d+1] = out.before[d] + out.week[d].total
	}
	own := make(map[int64][]span)
	closed := make(map[int64]bool, len(c.Holidays))
	for _, d := range c.Holidays {
		closed[dayOf(d)], own[dayOf(d)] = true, nil
	}
	for _, e := range c.Extra {
		d := dayOf(e.Date)
		own[d] = append(own[d], cut(e.From, e.To, 0))
		if e.To > 24*60 {
			own[d+1] = append(own[d+1], cut(e.From, e.To, 24*60))
		}
	}
	for d, spans := range own {
		if !closed[d] {
			spans = append(spans, week[weekday(d)]...)
		}
		out.single = append(out.single, singleDay{d, sheetOf(spans)})
	}
	slices.SortFunc(out.single, func(a, b singleDay) int { return int(a.day - b.day) })
	out.sums = make([]int64, len(out.single)+1)
	for i, s := range out.single {
		out.sums[i+1] = out.sums[i] + s.total - out.week[weekday(s.day)].total
	}
	return out, nil
}

// cut is the part of a span of minutes that lies in the day beginning at minute from its first midnight.
func cut(from, to, at muster.Minutes) span {
	return span{int64(max(from-at, 0)) * minute, int64(min(to-at, 24*60)) * minute}
}

func sheetOf(spans []span) sheet {
	spans = slices.Clone(spans)
	slices.SortFunc(spans, func(a, b span) int { return int(a.from - b.from) })
	var s sheet
	for _, p := range spans {
		if n := len(s.spans); n > 0 && p.from <= s.spans[n-1].to {
			s.spans[n-1].to = max(s.spans[n-1].to, p.to)
			continue
		}
		if p.to > p.from {
			s.spans = append(s.spans, p)
		}
	}
	for _, p := range s.spans {
		s.total += p.to - p.from
	}
	return s
}

func dayOf(d muster.Date) int64 { return floorDiv(d.Time().UnixMicro(), day) }

// weekday of a day; 1970-01-01 was a Thursday.
func weekday(d int64) int { return int(d + 4 - 7*floorDiv(d+4, 7)) }

func floorDiv(a, b int64) int64 {
	q := a / b
	if a%b < 0 {
		q--
	}
	return q
}

// on is what is open on a day.
func (c *Calendar) on(d int64) *sheet {
	if i := c.find(d); i < len(c.single) && c.single[i].day == d {
		return &c.single[i].sheet
	}
	return &c.week[weekday(d)]
}

// find is the first single day not before d.
func (c *Calendar) find(d int64) int {
	return sort.Search(len(c.single), func(i int) bool { return c.single[i].day >= d })
}

// until is the open time before a day, from a day that is the same for all questions.
func (c *Calendar) until(d int64) int64 {
	return floorDiv(d+4, 7)*c.before[7] + c.before[weekday(d)] + c.sums[c.find(d)]
}

// at is the open time before a moment of the timeline.
func (c *Calendar) at(x int64) int64 {
	d := floorDiv(x, day)
	sum, in := c.until(d), x-d*day
	for _, p := range c.on(d).spans {
		if in <= p.from {
			break
		}
		sum += min(in, p.to) - p.from
	}
	return sum
}

// reach is the first moment not before x by which so much is open. It finds the day by halving.
func (c *Calendar) reach(x, open int64) int64 {
	target := c.at(x) + open
	lo := floorDiv(x, day)
	step := int64(1)
	for c.until(lo+step) < target { // an ordinary week is open for an hour at least, so this ends
		step *= 2
	}
	d := lo + int64(sort.Search(int(step), func(n int) bool { return c.until(lo+int64(n)+1) >= target }))
	left := target - c.until(d)
	for _, p := range c.on(d).spans {
		if length := p.to - p.from; left > length {
			left -= length
			continue
		}
		return d*day + p.from + left
	}
	return d*day + left // not reached: the day holds what is left
}

// stretch is the span around an instant in which the zone's offset stays: what to add to get onto the timeline, and
// where it ends; last tells that it never does.
func (c *Calendar) stretch(t time.Time) (offset int64, end time.Time, last bool) {
	local := t.In(c.zone)
	_, seconds := local.Zone()
	_, end = local.ZoneBounds()
	if !end.IsZero() && !end.After(t) {
		// Go takes the year of a zone's rule to have 365 days: on the last day of a leap year to come it gives that day's
		// beginning. No rule changes the clock on that day.
		end = t.UTC().Truncate(24*time.Hour).AddDate(0, 0, 1)
	}
	return int64(seconds) * 1_000_000, end, end.IsZero()
}

// Between counts the open time from a to b, exactly; 0 if b isn't after a.
func (c *Calendar) Between(a, b time.Time) time.Duration {
	var sum int64
	for a.Before(b) {
		offset, end, last := c.stretch(a)
		if last || end.After(b) {
			end = b
		}
		sum += c.at(end.UnixMicro()+offset) - c.at(a.UnixMicro()+offset)
		a = end
	}
	return time.Duration(sum) * time.Microsecond
}

// Add gives the first instant by which so much open time has passed since from; from itself for none.
func (c *Calendar) Add(from time.Time, open time.Duration) time.Time {
	left := int64(open / time.Microsecond)
	if left <= 0 {
		return muster.Instant(from)
	}
	for {
		offset, end, last := c.stretch(from)
		x := from.UnixMicro() + offset
		if !last {
			if here := c.at(end.UnixMicro()+offset) - c.at(x); here < left {
				left -= here
				from = end
				continue
			}
		}
		return time.UnixMicro(c.reach(x, left) - offset).UTC()
	}
}
