package matcher

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/sysopssquad/muster"
)

func (s *scenario) tourOn(day int, clock string) muster.TourID {
	return muster.TourOf(s.expert.ID, on(day, clock))
}

func TestABookingRestsOnNothingWhereShiftsLeaveRoom(t *testing.T) {
	s := newScenario() // five shifts of nine hours in a week of 48
	s.visit("1", "09:00", "10:00", 10)
	require.True(t, s.w.Apart(s.person()))
	require.Empty(t, s.w.Rests(s.person(), s.tourOn(20, "08:00")))
}

func TestABookingRestsOnAsFewToursAsWillDo(t *testing.T) {
	s := newScenario()
	s.visitOn(23, "1", "09:00", "10:00", 10) // Monday, 80 minutes with the ways
	s.visitOn(24, "2", "09:00", "12:00", 10)
	week := []muster.TourID{s.tourOn(24, "08:00"), s.tourOn(25, "08:00"), s.tourOn(26, "08:00"), s.tourOn(27, "08:00")}
	limit := func(m muster.Minutes) []muster.TourID {
		s.expert.Capacity.WeekMinutes = m
		return s.w.Rests(s.person(), s.tourOn(23, "08:00"))
	}
	require.Empty(t, limit(80+4*540), "all others may be full")
	require.Equal(t, week[1:2], limit(80+4*540-1), "one with most room stays as it is")
	require.Equal(t, week[1:], limit(80+540))
	require.Equal(t, week, limit(80+539))

	s.expert.Capacity.OvertimeMin = 60
	require.Equal(t, week[1:2], limit(80+4*600-1), "they may get longer by the overtime")
	require.Empty(t, limit(80+4*600))
}

func TestABookingRestsOnToursBeforeAndAfter(t *testing.T) {
	s := newScenario()
	s.expert.Capacity.RestMinutes = 14 * 60
	s.visitOn(24, "1", "08:10", "09:10", 10) // from 8:00, so 15 hours after Monday's shift ends
	require.Empty(t, s.w.Rests(s.person(), s.tourOn(24, "08:00")))
	s.expert.Capacity.RestMinutes = 15*60 + 1
	require.Equal(t, []muster.TourID{s.tourOn(23, "08:00")}, s.w.Rests(s.person(), s.tourOn(24, "08:00")), "home long before Wednesday")
	s.visitOn(24, "2", "15:00", "16:50", 10)
	require.Equal(t, []muster.TourID{s.tourOn(23, "08:00"), s.tourOn(25, "08:00")}, s.w.Rests(s.person(), s.tourOn(24, "08:00")))

	s.w.Now = on(23, "17:00") // Monday's shift is over: nothing can be booked on it
	require.Equal(t, []muster.TourID{s.tourOn(25, "08:00")}, s.w.Rests(s.person(), s.tourOn(24, "08:00")))
}

// The quick answer never says yes where the exact one finds a tour to look at.
func TestApartErrsOnTheSafeSide(t *testing.T) {
	apart := 0
	rapid.Check(t, func(r *rapid.T) {
		s := newScenario()
		s.expert.Shifts = nil
		for day := time.Sunday; day <= time.Saturday; day++ {
			for range rapid.IntRange(0, 1+rapid.IntRange(0, 5).Draw(r, "two")/5).Draw(r, "shifts") {
				from := muster.Minutes(30 * rapid.IntRange(0, 40).Draw(r, "from"))
				s.expert.Shifts = append(s.expert.Shifts, muster.Hours{
					Weekday: day, From: from, To: from + muster.Minutes(30*rapid.IntRange(4, 20).Draw(r, "length")),
				})
			}
		}
		s.expert.Capacity = muster.Capacity{
			WeekMinutes: muster.Minutes(60 * rapid.IntRange(20, 80).Draw(r, "week")),
			RestMinutes: muster.Minutes(60 * rapid.IntRange(1, 12).Draw(r, "rest")),
			OvertimeMin: muster.Minutes(30 * rapid.IntRange(0, 2).Draw(r, "overtime")),
		}
		if !s.w.Apart(s.person()) {
			return
		}
		apart++
		for _, tour := range s.w.scene([]Person{s.person()}).members[0].tours {
			span := muster.Window{Start: tour.shift.Start, End: tour.last}
			p := s.person()
			p.Tours = []*muster.Tour{{
				ID: muster.TourOf(s.expert.ID, span.Start), Rev: 1, Expert: s.expert.ID, Start: span.Start, End: tour.shift.End,
				Stops: []muster.Stop{{Visit: "vis_1", Assignment: "asg_1", Place: north(0), Start: span.Start, End: span.End}},
			}}
			require.True(r, s.w.Apart(p))
			require.Empty(r, s.w.restsOf(p, p.Tours[0].ID))
		}
	})
	require.Positive(t, apart)
}

// Overtime that a step of escalation may add counts as if it were part of every shift.
func TestOvertimeByStepsIsRestedOn(t *testing.T) {
	s := newScenario()
	require.True(t, s.w.Apart(s.person()))
	for i := range s.policy.Escalation {
		s.policy.Escalation[i].Overtime = 30
	}
	require.False(t, s.w.Apart(s.person()), "five shifts of nine hours, half an hour longer each, exceed 48 hours")
}
