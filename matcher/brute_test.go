package matcher_test

import (
	"fmt"
	"math"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/matcher"
	"github.com/sysopssquad/muster/matcher/check"
)

// Here tiny random instances are planned by the matcher and by trying every start there is with the
// independent checker, and both must say the same of each.

// plane drives a kilometre a minute, as the crow flies.
type plane struct{}

func (plane) Between(from, to muster.Place, _ time.Time) (muster.Minutes, float64) {
	const rad, earth = math.Pi / 180, 6371.0088
	lat, lng := math.Sin((to.Point.Lat-from.Point.Lat)*rad/2), math.Sin((to.Point.Lng-from.Point.Lng)*rad/2)
	h := lat*lat + math.Cos(from.Point.Lat*rad)*math.Cos(to.Point.Lat*rad)*lng*lng
	km := 2 * earth * math.Asin(math.Sqrt(h))
	return muster.Minutes(math.Ceil(km - 1e-6)), km
}

var boston = muster.Location("America/New_York")

func somewhere(t *rapid.T, label string) muster.Place {
	km := rapid.IntRange(-25, 25)
	const degree = 111.195
	return muster.Place{
		Point: muster.Point{
			Lat: 42.36 + float64(km.Draw(t, label+".north"))/degree,
			Lng: -71.06 + float64(km.Draw(t, label+".east"))/degree/math.Cos(42.36*math.Pi/180),
		},
		Cell: 0x882a306603fffff, Precision: muster.PrecisionSet, Zone: "America/New_York",
	}
}

func minutes(t *rapid.T, label string, from, to int) muster.Minutes {
	return muster.Minutes(rapid.IntRange(from/5, to/5).Draw(t, label) * 5)
}

func someWindow(t *rapid.T, label string, day time.Time) muster.Window {
	from := minutes(t, label+".from", 0, 44*60)
	start := day.Add(from.Duration())
	return muster.Window{Start: start, End: start.Add(minutes(t, label+".length", 15, 6*60).Duration())}
}

// instance is one expert, what is on their tours, and one job.
type instance struct {
	w   *matcher.World
	p   matcher.Person
	job matcher.Job
	day time.Time // midnight before now, local
}

// days are an ordinary one and those on which the clocks change.
var days = []time.Time{
	time.Date(2026, 11, 19, 0, 0, 0, 0, boston),
	time.Date(2026, 10, 31, 0, 0, 0, 0, boston),
	time.Date(2026, 11, 1, 0, 0, 0, 0, boston),
	time.Date(2027, 3, 13, 0, 0, 0, 0, boston),
	time.Date(2027, 3, 14, 0, 0, 0, 0, boston),
}

func drawInstance(t *rapid.T, travel matcher.Travel) *instance {
	p := muster.DefaultPolicy()
	p.HorizonDays = 1
	p.Lead = minutes(t, "lead", 0, 60)
	day := rapid.SampledFrom(days).Draw(t, "day")
	in := &instance{day: day}
	skills := muster.NewSkills(1, []muster.Skill{{ID: "skl_a", Name: "A"}})
	in.w = &matcher.World{
		Now:    day.Add(time.Duration(rapid.IntRange(0, 16*60).Draw(t, "now")) * time.Minute).UTC(),
		Policy: &p, Skills: &skills, Travel: travel,
	}
	e := &muster.Expert{ID: "exp_a", Name: "A", Base: somewhere(t, "base"), Skills: []muster.Competence{{Skill: "skl_a", Level: 3}}}
	for d := range 3 {
		weekday := day.AddDate(0, 0, d).Weekday()
		from := rapid.SampledFrom([]muster.Minutes{0, 125, 480, 600, 1200}).Draw(t, "shift.from")
		e.Shifts = append(e.Shifts, muster.Hours{Weekday: weekday, From: from, To: from + rapid.SampledFrom([]muster.Minutes{60, 185, 480, 600, 720}).Draw(t, "shift.length")})
		if rapid.Bool().Draw(t, "break") {
			b := from + minutes(t, "break.from", 0, 8*60)
			e.Breaks = append(e.Breaks, muster.Hours{Weekday: weekday, From: b, To: b + minutes(t, "break.length", 5, 60)})
		}
	}
	if rapid.IntRange(0, 3).Draw(t, "extra") == 3 {
		e.Extra = append(e.Extra, someWindow(t, "extra", day))
	}
	if rapid.IntRange(0, 3).Draw(t, "on call") == 3 {
		e.OnCall = append(e.OnCall, someWindow(t, "on call", day))
	}
	if rapid.IntRange(0, 3).Draw(t, "leave") == 3 {
		e.Leave = append(e.Leave, muster.Leave{Window: someWindow(t, "leave", day)})
	}
	e.Capacity = muster.Capacity{
		VisitsPerTour: rapid.IntRange(2, 4).Draw(t, "capacity"), OvertimeMin: minutes(t, "overtime", 0, 60),
		DayMinutes:  rapid.SampledFrom([]muster.Minutes{120, 305, 480, 600}).Draw(t, "longest day"),
		WeekMinutes: rapid.SampledFrom([]muster.Minutes{305, 600, 2000}).Draw(t, "longest week"),
		RestMinutes: rapid.SampledFrom([]muster.Minutes{5, 300, 660}).Draw(t, "rest"),
	}
	ticket := &muster.Ticket{
		ID: "tic_1", Mode: muster.ModeHomeVisit, Duration: minutes(t, "duration", 15, 180), Needs: []muster.Need{{Skill: "skl_a", Level: 3}},
		Priority: rapid.SampledFrom([]muster.Priority{muster.PriorityCritical, muster.PriorityNormal}).Draw(t, "priority"),
	}
	for i := range rapid.SampledFrom([]int{0, 0, 0, 1, 2}).Draw(t, "windows") {
		ticket.Windows = append(ticket.Windows, someWindow(t, fmt.Sprint("window ", i), day))
	}
	if rapid.IntRange(0, 3).Draw(t, "declined") == 3 {
		ticket.Declines = []muster.Decline{{Expert: "exp_a", Reason: "not_then", Window: someWindow(t, "declined", day)}}
	}
	if rapid.IntRange(0, 3).Draw(t, "ordered") == 3 {
		ticket.Parts = []muster.PartNeed{{Name: "relay", State: muster.PartOrdered, ETA: someWindow(t, "ordered", day).Start}}
	}
	if rapid.IntRange(0, 3).Draw(t, "expires") == 3 {
		e.Skills[0].Expires = someWindow(t, "expires", day).End
	}
	site := &muster.Site{ID: "sit_1", Place: somewhere(t, "site")}
	if rapid.IntRange(0, 3).Draw(t, "access") == 3 {
		for d := range 3 {
			from := minutes(t, "access.from", 0, 20*60)
			site.AccessHours = append(site.AccessHours, muster.Hours{
				Weekday: day.AddDate(0, 0, d).Weekday(), From: from, To: from + minutes(t, "access.length", 30, 10*60),
			})
		}
	}
	in.p = matcher.Person{Expert: e}
	in.job = matcher.Job{Ticket: ticket, Site: site}
	if rapid.IntRange(0, 2).Draw(t, "escalated") == 2 {
		in.job.Wider = muster.Widening{
			Visits: rapid.IntRange(0, 2).Draw(t, "more visits"), OnCall: rapid.Bool().Draw(t, "on call too"),
			Overtime: minutes(t, "more overtime", 0, 90), TravelKm: float64(rapid.IntRange(0, 30).Draw(t, "more km")),
		}
		e.Capacity.TravelKm = float64(rapid.IntRange(5, 80).Draw(t, "travel limit"))
	}
	in.fill(t)
	return in
}

// fill puts visits on the tours at random, as long as the checker finds nothing wrong with them.
func (in *instance) fill(t *rapid.T) {
	for i := range rapid.IntRange(0, 5).Draw(t, "stops") {
		tours := in.tours()
		if len(tours) == 0 {
			return
		}
		tour := *rapid.SampledFrom(tours).Draw(t, "tour")
		start := tour.Start.Add(time.Duration(rapid.IntRange(0, max(0, int(tour.End.Sub(tour.Start).Minutes()))).Draw(t, "stop.start")) * time.Minute)
		stop := muster.Stop{
			Visit: muster.VisitID(fmt.Sprint("vis_", i)), Ticket: muster.TicketID(fmt.Sprint("tic_other-", i)), Place: somewhere(t, "stop"),
			Start: start, End: start.Add(minutes(t, "stop.length", 15, 120).Duration()), Assignment: muster.AssignmentID(fmt.Sprint("asg_", i)),
		}
		if rapid.IntRange(0, 4).Draw(t, "held") == 0 {
			stop.Assignment, stop.HeldUntil = "", in.w.Now.Add(minutes(t, "held until", 0, 30).Duration())
		}
		if breaches, after := in.with(&tour, stop, nil); len(breaches) == 0 {
			in.p = after
		}
	}
}

// tours lists those that exist and, by the calendar, those that may come to be.
func (in *instance) tours() []*muster.Tour {
	out := slices.Clone(in.p.Tours)
	e := in.p.Expert
	add := func(w muster.Window, onCall bool) {
		same := func(o muster.Window) bool { return o.Start.Equal(w.Start) }
		if !onCall && slices.ContainsFunc(e.Extra, same) {
			w.End = latest(w.End, e.Extra[slices.IndexFunc(e.Extra, same)].End)
		}
		known := slices.ContainsFunc(out, func(t *muster.Tour) bool { return t.Start.Equal(w.Start) })
		if known || !w.End.After(w.Start) || !w.End.After(in.w.Now) || !w.Start.Before(in.w.Policy.Horizon(in.w.Now).End) {
			return
		}
		t := &muster.Tour{ID: muster.TourOf(e.ID, w.Start), Expert: e.ID, Start: w.Start, End: w.End, OnCall: onCall}
		for d := -1; d < 5; d++ {
			for _, b := range e.Breaks {
				if day := in.day.AddDate(0, 0, d); day.Weekday() == b.Weekday && b.On(day).Minutes() > 0 && b.On(day).Overlaps(w) {
					t.Breaks = append(t.Breaks, b.On(day))
				}
			}
		}
		out = append(out, t)
	}
	for d := -2; d < 4; d++ {
		day := in.day.AddDate(0, 0, d)
		for _, h := range e.Shifts {
			if h.Weekday == day.Weekday() {
				add(h.On(day), false)
			}
		}
	}
	for _, w := range e.Extra {
		add(w, false)
	}
	for _, w := range e.OnCall {
		add(w, true)
	}
	return out
}

func latest(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// with puts a stop on a copy of a tour and lets the checker judge all the expert's tours.
func (in *instance) with(tour *muster.Tour, stop muster.Stop, fresh map[muster.VisitID]bool) ([]check.Breach, matcher.Person) {
	own := *tour
	own.Stops = append(slices.Clone(tour.Stops), stop)
	slices.SortStableFunc(own.Stops, func(a, b muster.Stop) int { return a.Start.Compare(b.Start) })
	after := matcher.Person{Expert: in.p.Expert}
	found := false
	for _, t := range in.p.Tours {
		if t.ID == own.ID {
			t, found = &own, true
		}
		after.Tours = append(after.Tours, t)
	}
	if !found {
		after.Tours = append(after.Tours, &own)
	}
	var jobs map[muster.VisitID]matcher.Job
	if fresh != nil {
		jobs = map[muster.VisitID]matcher.Job{stop.Visit: in.job}
	}
	var out []check.Breach
	for _, t := range after.Tours {
		out = append(out, check.Tour(check.Case{World: in.w, Person: after, Tour: t, Jobs: jobs, Fresh: fresh})...)
	}
	return out, after
}

// possible asks the checker about one start, on any tour.
func (in *instance) possible(start time.Time) bool {
	if !start.Before(in.w.Policy.Horizon(in.w.Now).End) {
		return false
	}
	for _, t := range in.tours() {
		if start.Before(t.Start) || start.After(t.End.Add(3*time.Hour)) {
			continue
		}
		stop := muster.Stop{
			Visit: "vis_new", Ticket: in.job.Ticket.ID, Assignment: "asg_new", Place: in.job.Site.Place,
			Start: start, End: start.Add(in.job.Ticket.Duration.Duration()),
		}
		if b, _ := in.with(t, stop, map[muster.VisitID]bool{"vis_new": true}); len(b) == 0 {
			return true
		}
	}
	return false
}

// plainly asks the checker the same as if the ticket were in no step of escalation.
func (in *instance) plainly(start time.Time) bool {
	own := *in
	own.job.Wider = muster.Widening{}
	return own.possible(start)
}

func TestLongEveryStartIsJudgedAsByTheChecker(t *testing.T) {
	fits, not, beyond := 0, 0, 0
	rapid.Check(t, func(t *rapid.T) {
		in := drawInstance(t, plane{})
		first := time.Time{}
		for start := in.day.UTC(); start.Before(in.day.AddDate(0, 0, 2)); start = start.Add(5 * time.Minute) {
			want := in.possible(start)
			c, rs := in.w.Check(in.job, in.p, start)
			require.Equal(t, want, len(rs) == 0, "%s: %v", start.In(boston), rs)
			if want {
				fits++
				require.Equal(t, start.UTC(), c.Start)
				beyond += len(c.Beyond)
				if len(c.Beyond) == 0 {
					require.True(t, in.plainly(start), "%s: what only the step allows is told", start.In(boston))
				}
				if first.IsZero() {
					first = start
				}
			} else {
				not++
				require.Zero(t, c)
			}
		}
		c, rs := in.w.Check(in.job, in.p, time.Time{})
		require.Equal(t, !first.IsZero(), len(rs) == 0, "the first is %s: %v", first.In(boston), rs)
		all := in.w.Starts(in.job, in.p, 1000)
		require.Equal(t, len(rs) == 0, len(all) > 0)
		if len(rs) > 0 {
			return
		}
		require.Equal(t, c, all[0], "the cheapest comes first")
		earliest := all[0].Start
		for i, x := range all {
			require.True(t, in.possible(x.Start))
			if x.Start.Before(earliest) {
				earliest = x.Start
			}
			if i > 0 {
				require.GreaterOrEqual(t, x.Cost, all[i-1].Cost)
			}
		}
		require.Equal(t, first, earliest, "none is earlier than the earliest")
	})
	t.Logf("%d starts fit, %d do not; %d limits were widened", fits, not, beyond)
	require.Positive(t, beyond)
	require.Greater(t, fits, 300)
	require.Greater(t, not, 1000)
}
