package matcher

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/sysopssquad/muster"
)

// day simulates the rest of an expert's day minute by minute: they do one thing after the other, as they are told to.
type daySim struct {
	breaks []muster.Window
	t      time.Time
}

func (s *daySim) working() bool {
	for _, b := range s.breaks {
		if b.Contains(s.t) {
			return false
		}
	}
	return true
}

// spend lets minutes pass that count only outside breaks.
func (s *daySim) spend(m int) {
	for m > 0 {
		if s.working() {
			m--
		}
		s.t = s.t.Add(time.Minute)
	}
}

// TestPredictionsAreWhatTheDayWouldBring compares Predict with a simulation that knows nothing of the matcher.
func TestPredictionsAreWhatTheDayWouldBring(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 5).Draw(t, "stops")
		base := north(0)
		start := at("08:00")
		min := func(m int) time.Time { return start.Add(time.Duration(m) * time.Minute) }
		tour := muster.Tour{Start: start, End: at("17:00")}
		if rapid.Bool().Draw(t, "break") {
			from := rapid.IntRange(60, 300).Draw(t, "break from")
			tour.Breaks = []muster.Window{{Start: min(from), End: min(from + 30)}}
		}
		clock := 0
		for i := range n {
			clock += rapid.IntRange(0, 60).Draw(t, "gap")
			length := rapid.IntRange(10, 90).Draw(t, "length")
			tour.Stops = append(tour.Stops, muster.Stop{
				Visit: muster.VisitID(rune('a' + i)), Assignment: "asn_1", Place: north(float64(rapid.IntRange(-20, 20).Draw(t, "km"))),
				Start: min(clock), End: min(clock + length),
			})
			clock += length
		}
		now := min(rapid.IntRange(0, 400).Draw(t, "now"))
		const overrun = 15
		// The first stops are over, perhaps one is under way.
		done := rapid.IntRange(0, n).Draw(t, "done")
		last := start
		for i := range done {
			s := &tour.Stops[i]
			s.LeftAt, s.ArrivedAt = last, last
			s.EndedAt = later(s.Start, last)
			last = s.EndedAt
		}
		if last.After(now) {
			now = last
		}
		state := 0
		if done < n {
			state = rapid.IntRange(0, 2).Draw(t, "state")
			s := &tour.Stops[done]
			if state > 0 {
				s.LeftAt = last
			}
			if state > 1 {
				s.ArrivedAt = now.Add(-time.Duration(rapid.IntRange(0, 60).Draw(t, "there for")) * time.Minute)
			}
		}

		have := Predict(&tour, base, flat{}, now, overrun*time.Minute)

		sim := daySim{breaks: tour.Breaks, t: last}
		here := base
		if done > 0 {
			here = tour.Stops[done-1].Place
		}
		for i := done; i < n; i++ {
			s := tour.Stops[i]
			way, _ := flat{}.Between(here, s.Place, now)
			length := int(s.End.Sub(s.Start) / time.Minute)
			var arrived time.Time
			switch {
			case i == done && state == 2:
				sim.t = s.ArrivedAt
				arrived = s.ArrivedAt
				sim.spend(length)
				if !sim.t.After(now) {
					sim.t = now.Add(overrun * time.Minute)
				}
			default:
				if i > done || state == 0 {
					for sim.t.Before(now) {
						sim.t = sim.t.Add(time.Minute)
					}
				}
				sim.spend(int(way))
				if i == done && state == 1 {
					for sim.t.Before(now) {
						sim.t = sim.t.Add(time.Minute)
					}
				}
				arrived = sim.t
				for sim.t.Before(s.Start) {
					sim.t = sim.t.Add(time.Minute)
				}
				sim.spend(length)
			}
			p := have[i]
			if !p.Start.Equal(s.Start) || !p.End.Equal(s.End) {
				t.Fatal("the plan stays")
			}
			if want := arrived; i == done && state == 2 || !want.After(s.Start) {
				if !p.Expected.IsZero() {
					t.Fatalf("stop %d is expected at %s, not as planned", i, p.Expected)
				}
			} else if !p.Expected.Equal(want) {
				t.Fatalf("stop %d is expected at %s, the day brings %s", i, p.Expected, want)
			}
			if !sim.t.After(s.End) {
				if !p.Until.IsZero() {
					t.Fatalf("stop %d lasts until %s, not as planned", i, p.Until)
				}
			} else if !p.Until.Equal(sim.t) {
				t.Fatalf("stop %d lasts until %s, the day brings %s", i, p.Until, sim.t)
			}
			here = s.Place
		}
	})
}

// TestLateToursGiveNoTimeAway: what is expected to be taken isn't there for others, and nothing comes before a visit that
// the expert is on the way to.
func TestLateToursGiveNoTimeAway(t *testing.T) {
	stops := []muster.Stop{
		{Visit: "a", Assignment: "x", Start: at("09:00"), End: at("10:00"), LeftAt: at("07:30"), Until: at("10:45")},
		{Visit: "b", Assignment: "y", Start: at("12:00"), End: at("13:00")},
	}
	asExpected(stops, at("07:00"))
	require.Equal(t, at("07:30"), stops[0].Start)
	require.Equal(t, at("10:45"), stops[0].End)
	require.Equal(t, at("12:00"), stops[1].Start)
	require.Equal(t, at("13:00"), stops[1].End)
}

// TestNothingComesBeforeAVisitUnderWay: an expert who is ahead of the plan, or takes another visit first, has no time
// before it either, and the stops stay apart in their order.
func TestNothingComesBeforeAVisitUnderWay(t *testing.T) {
	stops := []muster.Stop{
		{Visit: "over before its time", Assignment: "w", Start: at("09:00"), End: at("10:00"), EndedAt: at("09:00")},
		{Visit: "left for later", Assignment: "x", Start: at("10:30"), End: at("11:00")},
		{Visit: "under way", Assignment: "y", Start: at("12:00"), End: at("13:00"), LeftAt: at("07:30"), Until: at("14:00")},
		{Visit: "held", Offer: "o", Start: at("13:10"), End: at("13:40")},
		{Visit: "b", Assignment: "z", Start: at("16:00"), End: at("17:00")},
	}
	asExpected(stops, at("08:00"))
	for i, want := range [][2]string{{"08:00", "09:00"}, {"09:00", "11:00"}, {"11:00", "14:00"}, {"13:10", "14:00"}, {"16:00", "17:00"}} {
		require.Equal(t, at(want[0]), stops[i].Start, stops[i].Visit)
		require.Equal(t, at(want[1]), doneAt(&stops[i]), stops[i].Visit)
	}
}
