package sla_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"runtime"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/evidence"
	"github.com/sysopssquad/muster/sla"
)

// The oracle looks at every minute of the clock on the wall by itself. It knows nothing of whole days, weeks or changes.
type oracle struct {
	zone     *time.Location
	cal      muster.Calendar
	holidays map[string]bool
	extra    []time.Time // the dates of single days
}

func newOracle(c muster.Calendar) *oracle {
	o := &oracle{zone: muster.Location(c.Zone), cal: c, holidays: map[string]bool{}}
	for _, d := range c.Holidays {
		o.holidays[string(d)] = true
	}
	for _, e := range c.Extra {
		o.extra = append(o.extra, e.Date.Time())
	}
	return o
}

// open tells whether the minute that an instant lies in counts.
func (o *oracle) open(t time.Time) bool {
	_, offset := t.In(o.zone).Zone()
	local := t.UTC().Add(time.Duration(offset) * time.Second) // what the wall shows, asked for once
	m, today := muster.Minutes(local.Hour()*60+local.Minute()), local.Weekday()
	if len(o.extra) > 0 {
		y, mo, d := local.Date()
		date := time.Date(y, mo, d, 0, 0, 0, 0, time.UTC)
		for i, e := range o.cal.Extra {
			switch {
			case o.extra[i].Equal(date):
				if m >= e.From && m < e.To {
					return true
				}
			case o.extra[i].AddDate(0, 0, 1).Equal(date):
				if m+24*60 >= e.From && m+24*60 < e.To {
					return true
				}
			}
		}
	}
	for _, h := range o.cal.Hours {
		if h.Weekday == today && m >= h.From && m < h.To || (h.Weekday+1)%7 == today && m+24*60 >= h.From && m+24*60 < h.To {
			return len(o.holidays) == 0 || !o.holidays[local.Format(muster.DateLayout)]
		}
	}
	return false
}

// A film is what the oracle saw: the minutes that count from an instant on, the first and last cut.
type film struct {
	cells []cell
}

type cell struct {
	from, to int64 // microseconds since 1970
	open     bool
}

func (o *oracle) watch(from, to time.Time) film {
	var f film
	const step = int64(60_000_000)
	for a, end := from.UnixMicro(), to.UnixMicro(); a < end; {
		b := min(time.UnixMicro(a).Truncate(time.Minute).UnixMicro()+step, end) // a minute begins before its instants in 1969, too
		f.cells = append(f.cells, cell{a, b, o.open(time.UnixMicro(a))})
		a = b
	}
	return f
}

func (f film) between() (sum int64) {
	for _, c := range f.cells {
		if c.open {
			sum += c.to - c.from
		}
	}
	return sum
}

// when is the first instant by which so much has counted.
func (f film) when(open int64) (int64, bool) {
	for _, c := range f.cells {
		if !c.open {
			continue
		}
		if n := c.to - c.from; open > n {
			open -= n
			continue
		}
		return c.from + open, true
	}
	return 0, false
}

// run plays a clock that stands at first, runs from the first switch to the second, and so on; the last one ends it.
// It gives what has counted by the end, and when the target was reached.
func (f film) run(switches []int64, target int64) (used, late int64) {
	n := 0
	for _, c := range f.cells {
		for a := c.from; a < c.to; {
			for n < len(switches) && switches[n] <= a {
				n++
			}
			b := c.to
			if n < len(switches) {
				b = min(b, switches[n])
			}
			if n%2 == 1 && c.open {
				used += b - a
				if late == 0 && used >= target {
					late = b - (used - target)
				}
			}
			a = b
		}
	}
	return used, late
}

// Places with a clock that does something odd, and years in which it does.
var places = []struct {
	zone        string
	first, last int
}{
	{"America/New_York", 2024, 2029},
	{"America/Chicago", 1999, 2008},
	{"Europe/Berlin", 2024, 2029},
	{"Australia/Lord_Howe", 1984, 2028},  // half an hour
	{"Asia/Beirut", 2019, 2027},          // at midnight
	{"America/Sao_Paulo", 2012, 2020},    // at midnight
	{"Africa/Cairo", 2008, 2027},         // at midnight, and twice a year more in 2010 and 2014
	{"Pacific/Apia", 2010, 2013},         // left out 2011-12-30
	{"Pacific/Kwajalein", 1992, 1994},    // left out 1993-08-21
	{"America/St_Johns", 2005, 2012},     // at 0:01, back to the day before
	{"America/Scoresbysund", 2023, 2025}, // another zone from one day to the next
	{"Antarctica/Troll", 2022, 2028},     // two hours
	{"Asia/Kathmandu", 1985, 1987},       // a quarter of an hour, once
	{"America/Caracas", 2006, 2017},      // half an hour, once
	{"Africa/Casablanca", 2015, 2028},    // the other way in Ramadan
	{"Asia/Kolkata", 2020, 2028},
	{"America/Los_Angeles", 1965, 1971}, // before 1970, where time counts backwards
	{"UTC", 2019, 2029},
}

// A trial is one case, made from seed and number alone.
type trial struct {
	rand *rand.Rand
	cal  muster.Calendar
	from time.Time
	to   time.Time
}

func newTrial(seed, n uint64) *trial {
	r := rand.New(rand.NewPCG(seed, n))
	p := places[r.IntN(len(places))]
	zone := muster.Location(p.zone)
	at := time.Date(p.first+r.IntN(p.last-p.first), time.Month(1+r.IntN(12)), 1+r.IntN(28), 0, 0, 0, 0, time.UTC)
	switch r.IntN(4) {
	case 0, 1: // around a change of the clock
		if _, end := at.In(zone).ZoneBounds(); !end.IsZero() {
			at = end.Add(-time.Duration(r.IntN(2*24*60)) * time.Minute)
		}
	case 2: // around the end of a February
		at = time.Date(at.Year(), time.February, 27+r.IntN(3), r.IntN(24), 0, 0, 0, time.UTC)
	}
	from := at.Add(time.Duration(r.IntN(24*60)) * time.Minute)
	if r.IntN(2) == 0 {
		from = from.Add(time.Duration(r.IntN(60_000_000)) * time.Microsecond)
	}
	length := r.IntN(2 * 24 * 60)
	switch r.IntN(100) {
	case 0:
		length *= 30
	case 1, 2, 3, 4, 5, 6, 7, 8, 9:
		length *= 7
	}
	t := &trial{rand: r, from: muster.Instant(from), to: muster.Instant(from.Add(time.Duration(length)*time.Minute + time.Duration(r.IntN(60_000_000))*time.Microsecond))}
	t.cal = t.calendar(p.zone)
	return t
}

func (t *trial) calendar(zone string) muster.Calendar {
	r := t.rand
	if r.IntN(10) == 0 {
		c := muster.RoundTheClock()
		c.Zone = zone
		return c
	}
	c := muster.Calendar{Zone: zone}
	hours := func() (from, to muster.Minutes) {
		from = muster.Minutes(r.IntN(24 * 60))
		if r.IntN(2) == 0 {
			from -= from % 60
		}
		return from, min(from+muster.Minutes(1+r.IntN(14*60)), 48*60)
	}
	for d := time.Sunday; d <= time.Saturday; d++ {
		for range r.IntN(3) {
			from, to := hours()
			c.Hours = append(c.Hours, muster.Hours{Weekday: d, From: from, To: to})
		}
	}
	date := func() muster.Date {
		return muster.Date(t.from.AddDate(0, 0, r.IntN(9)-2).Format(muster.DateLayout))
	}
	for range r.IntN(3) {
		c.Holidays = append(c.Holidays, date())
	}
	for range r.IntN(3) {
		from, to := hours()
		c.Extra = append(c.Extra, muster.OpenDay{Date: date(), From: from, To: to})
	}
	if c.Check("calendar") != nil {
		c.Hours = append(c.Hours, muster.Hours{Weekday: time.Weekday(r.IntN(7)), From: 9 * 60, To: 17 * 60})
	}
	return c
}

// differs says where the package and the oracle disagree on a trial, "" if nowhere.
func (t *trial) differs() string {
	on, err := sla.Compile(t.cal, "")
	if err != nil {
		return err.Error()
	}
	f := newOracle(t.cal).watch(t.from, t.to)
	sum := f.between()
	if have := on.Between(t.from, t.to).Microseconds(); have != sum {
		return fmt.Sprintf("Between(%s, %s) counts %d us, the oracle %d", t.from, t.to, have, sum)
	}
	if sum == 0 {
		return ""
	}
	open := 1 + t.rand.Int64N(sum)
	if t.rand.IntN(2) == 0 && open > 60_000_000 {
		open -= open % 60_000_000
	}
	want, _ := f.when(open)
	if have := on.Add(t.from, time.Duration(open)*time.Microsecond); have.UnixMicro() != want {
		return fmt.Sprintf("Add(%s, %d us) is %s, by the oracle %s", t.from, open, have, time.UnixMicro(want).UTC())
	}
	if d := t.clock(on, f, sum); d != "" {
		return d
	}
	return t.life(on, f, sum)
}

// clock plays a clock with pauses, and compares due time, breach and time used.
func (t *trial) clock(on *sla.Calendar, f film, sum int64) string {
	target := muster.Minutes(1 + t.rand.Int64N(max(1, sum/60_000_000*5/4)))
	span := t.to.UnixMicro() - t.from.UnixMicro()
	switches := []int64{t.from.UnixMicro()}
	for range 2*t.rand.IntN(4) + 1 {
		switches = append(switches, switches[len(switches)-1]+t.rand.Int64N(1+span/3))
	}
	for len(switches) > 2 && switches[len(switches)-1] > t.to.UnixMicro() {
		switches = switches[:len(switches)-2]
	}
	if switches[len(switches)-1] > t.to.UnixMicro() {
		switches[1] = t.to.UnixMicro()
	}
	c := sla.Start(muster.SLAResponse, target, "c", on, t.from)
	for i, at := range switches[1:] {
		now := time.UnixMicro(at)
		switch {
		case i == len(switches)-2:
			sla.End(&c, now)
		case i%2 == 0:
			sla.Pause(&c, now)
		default:
			sla.Run(&c, on, now)
			if t.rand.IntN(2) == 0 {
				sla.Miss(&c, now) // looking at it changes nothing but when a breach is noted
			}
		}
	}
	used, late := f.run(switches, target.Duration().Microseconds())
	if have := sla.Used(&c, on, t.to).Microseconds(); have != used {
		return fmt.Sprintf("a clock of %d min switched at %v has used %d us, by the oracle %d", target, instants(switches), have, used)
	}
	switch {
	case late == 0 && !c.BreachedAt.IsZero():
		return fmt.Sprintf("a clock of %d min switched at %v is late since %s, by the oracle never", target, instants(switches), c.BreachedAt)
	case late != 0 && (c.BreachedAt.IsZero() || c.BreachedAt.UnixMicro() != late || !c.Due.Equal(c.BreachedAt)):
		return fmt.Sprintf("a clock of %d min switched at %v is due %s and late since %s, by the oracle %s",
			target, instants(switches), c.Due, c.BreachedAt, time.UnixMicro(late).UTC())
	}
	return ""
}

func instants(us []int64) []string {
	out := make([]string, len(us))
	for i, u := range us {
		out[i] = time.UnixMicro(u).UTC().Format(time.RFC3339Nano)
	}
	return out
}

const oracleSeed = 20261121

// TestLongCasesAgainstTheOracle compares random cases with the oracle: calendars with nights, holidays and single days,
// in zones whose clocks change by hours, halves and days, around those changes and leap days, with pauses and windows. SLA_CASES
// sets how many, SLA_SEED another seed; SLA_EVIDENCE names a file for the result.
func TestLongCasesAgainstTheOracle(t *testing.T) {
	cases, seed := number(t, "SLA_CASES", 5_000), number(t, "SLA_SEED", oracleSeed)
	command := fmt.Sprintf("SLA_CASES=%d SLA_SEED=%d SLA_EVIDENCE=$PWD/docs/evidence/sla.json go test ./sla -run %s -timeout 0", cases, seed, t.Name())
	run := evidence.Begin(command, int64(seed))
	var next, wrong atomic.Uint64
	var group sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		group.Go(func() {
			for n := next.Add(1) - 1; n < cases; n = next.Add(1) - 1 {
				trial := newTrial(seed, n)
				if d := trial.differs(); d != "" && wrong.Add(1) <= 10 {
					c, _ := json.Marshal(trial.cal)
					t.Errorf("seed %d, case %d: %s\ncalendar %s", seed, n, d, c)
				}
			}
		})
	}
	group.Wait()
	if file := os.Getenv("SLA_EVIDENCE"); file != "" {
		require.NoError(t, run.Write(file, map[string]uint64{"cases": cases, "differences": wrong.Load()}))
	}
	require.Zero(t, wrong.Load())
}

func number(t *testing.T, name string, otherwise uint64) uint64 {
	t.Helper()
	given := os.Getenv(name)
	if given == "" {
		return otherwise
	}
	n, err := strconv.ParseUint(given, 10, 64)
	require.NoError(t, err, name)
	return n
}
