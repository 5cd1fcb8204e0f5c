package matcher

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sysopssquad/muster"
)

func (s *scenario) other(id muster.ExpertID, km float64) Person {
	e := *s.expert
	e.ID, e.Name, e.Base = id, string(id), north(km)
	return Person{Expert: &e}
}

func TestRankOrdersByCostAndExplainsTheRest(t *testing.T) {
	s := newScenario()
	near, same := s.other("exp_near", 15), s.other("exp_alf", 0)
	low := s.other("exp_low", 20)
	low.Expert.Skills = []muster.Competence{{Skill: whiteGoods, Level: 1}}
	far := s.other("exp_far", 400)
	far.Expert.Skills = low.Expert.Skills
	m := s.w.Rank(s.job, []Person{far, s.person(), low, near, same})
	require.Equal(t, muster.TicketID("tic_1"), m.Ticket)
	require.Equal(t, []int64{4, 7, 3}, []int64{m.Rev, m.Policy, m.Skills})
	require.Equal(t, now, m.At)
	ids := []muster.ExpertID{}
	for _, c := range m.Candidates {
		ids = append(ids, c.Expert)
	}
	require.Equal(t, []muster.ExpertID{"exp_near", "exp_alf", "exp_ana"}, ids, "the nearer first, equals by id")
	require.Equal(t, "Ana Ruiz", m.Candidates[2].Name)
	require.Len(t, m.Excluded, 2)
	require.Equal(t, muster.ExpertID("exp_far"), m.Excluded[0].Expert)
	requireCodes(t, m.Excluded[0].Reasons, muster.LevelLow, muster.TooFar)
	requireCodes(t, m.Excluded[1].Reasons, muster.LevelLow)
	require.Equal(t, map[muster.ReasonCode]int{muster.LevelLow: 2, muster.TooFar: 1}, m.Counts)
}

func TestRankOfNobody(t *testing.T) {
	s := newScenario()
	m := s.w.Rank(s.job, nil)
	require.NotNil(t, m.Candidates)
	require.NotNil(t, m.Excluded)
	require.Empty(t, m.Counts)
}

// Ranking and checking ask the same function: same expert, same start, same cost.
func TestCheckAgreesWithRank(t *testing.T) {
	s := newScenario()
	s.visit("2", "10:00", "12:00", 5)
	people := []Person{s.person(), s.other("exp_tom", 30)}
	s.w.Peers = NewPeers([]*muster.Expert{people[0].Expert, people[1].Expert})
	for _, c := range s.w.Rank(s.job, people).Candidates {
		p := people[0]
		if c.Expert == "exp_tom" {
			p = people[1]
		}
		got, rs := s.w.Check(s.job, p, time.Time{})
		require.Empty(t, rs)
		require.Equal(t, c, got)
		got, rs = s.w.Check(s.job, p, c.Start)
		require.Empty(t, rs)
		require.Equal(t, c, got)
	}
}

func TestStarts(t *testing.T) {
	s := newScenario()
	s.visit("2", "11:00", "12:00", 20)
	s.policy.PromiseWidth = 180
	clocks := func(cs []muster.Candidate) (out []string) {
		for _, c := range cs {
			out = append(out, c.Start.In(newYork).Format("2 15:04"))
			require.NotEmpty(t, c.Terms)
		}
		return out
	}
	require.Equal(t, []string{"20 08:20", "20 12:00", "20 15:00"}, clocks(s.w.Starts(s.job, s.person(), 3)),
		"before the other visit, right after it, and three hours later")
	require.Equal(t, []string{"20 08:20"}, clocks(s.w.Starts(s.job, s.person(), 1)))
	require.Empty(t, s.w.Starts(s.job, s.person(), 0))
	all := s.w.Starts(s.job, s.person(), 1000)
	require.Greater(t, len(all), 20, "over two weeks")
	for i := range all[1:] {
		require.LessOrEqual(t, all[i].Cost, all[i+1].Cost)
	}
	s.job.Start = at("13:07")
	require.Equal(t, []string{"20 13:07"}, clocks(s.w.Starts(s.job, s.person(), 9)))
	s.expert.Removed = true
	require.Empty(t, s.w.Starts(s.job, s.person(), 9))
}

// A start that runs into another visit is refused with both spans, as "why" shows them.
func TestOverlapNamesBothTimes(t *testing.T) {
	s := newScenario()
	s.visit("2", "13:30", "14:30", 20)
	_, rs := s.check(at("13:00"))
	requireCodes(t, rs, muster.Overlaps)
	require.Equal(t, span("13:00", "14:00"), rs[0].Have)
	require.Equal(t, span("13:30", "14:30"), rs[0].Need)
	require.Equal(t, "13:00 to 14:00 runs into another visit, 13:30 to 14:30.", rs[0].Text)
}

// While an offer is open its opening is on the tour. Accepting it later than the lead allows for new
// visits must not fail: it is enough that one can still leave as planned.
func TestAcceptingWhatIsHeldNeedsNoLead(t *testing.T) {
	s := newScenario()
	c, rs := s.check(time.Time{})
	require.Empty(t, rs)
	stop := s.visit("new", "08:20", "09:20", 20)
	stop.Assignment, stop.Offer, stop.HeldUntil, stop.Depart = "", "off_1", at("08:10"), c.Depart
	s.w.Now = at("07:59")
	s.job.Ignore = "vis_new"
	got, rs := s.check(at("08:20"))
	require.Empty(t, rs)
	require.Equal(t, at("08:00"), got.Depart)
	_, rs = s.check(at("08:15"))
	requireCodes(t, rs, muster.NoOpening)
	s.w.Now = at("08:01")
	_, rs = s.check(at("08:20"))
	requireCodes(t, rs, muster.NoOpening)
	require.Equal(t, "Could be there at 08:21 at the earliest.", rs[0].Text)
}

// A visit that goes back to where it was could be reached when it was planned there. The time that has passed since
// doesn't count against it; what is on the tour now does.
func TestAVisitGoesBackToWhereItWas(t *testing.T) {
	s := newScenario()
	s.w.Now = at("09:55")
	_, rs := s.check(at("10:00"))
	requireCodes(t, rs, muster.NoOpening)
	s.job.Since = at("09:41")
	_, rs = s.check(at("10:00"))
	requireCodes(t, rs, muster.NoOpening)
	s.job.Since = at("09:40")
	c, rs := s.check(at("10:00"))
	require.Empty(t, rs)
	require.Equal(t, at("09:40"), c.Depart)
	s.job.Since = at("11:00") // not before now and the lead are others asked
	_, rs = s.check(at("10:35"))
	require.Empty(t, rs)
	s.job.Since = at("09:40")
	s.visit("2", "10:30", "11:30", 20)
	_, rs = s.check(at("10:00"))
	requireCodes(t, rs, muster.Overlaps)
}

func TestMovingAVisitLeavesItsOwnStopOut(t *testing.T) {
	s := newScenario()
	s.visit("1", "10:00", "11:00", 20)
	_, rs := s.check(at("10:30"))
	requireCodes(t, rs, muster.Overlaps)
	s.job.Ignore = "vis_1"
	_, rs = s.check(at("10:30"))
	require.Empty(t, rs)
	require.Len(t, s.tours[0].Stops, 1, "and changes nothing that it was given")
}

// What took place counts as it took place: who is late is free later, who is early earlier.
func TestVisitsThatTookPlace(t *testing.T) {
	s := newScenario()
	s.w.Now = at("10:30")
	stop := s.visit("2", "09:00", "10:00", 20)
	stop.EndedAt = at("10:25")
	c, rs := s.check(time.Time{})
	require.Empty(t, rs)
	require.Equal(t, at("10:45"), c.Start, "now and the lead")
	require.Equal(t, 1, c.Index)
	s.w.Now = at("09:10")
	stop.EndedAt = at("09:05")
	c, rs = s.check(time.Time{})
	require.Empty(t, rs)
	require.Equal(t, at("09:25"), c.Start)
}

func TestATourWithoutAShiftBehindItTakesNothingNew(t *testing.T) {
	s := newScenario()
	s.visit("2", "10:00", "11:00", 20)
	s.expert.Shifts[4].From += 60 // Friday now begins at nine
	_, rs := s.check(at("13:00"))
	require.Empty(t, rs, "the new shift is a tour of its own")
	s.expert.Shifts = s.expert.Shifts[:4]
	_, rs = s.check(at("13:00"))
	requireCodes(t, rs, muster.OffShift)
	s.tours[0].Removed = true
	_, rs = s.check(at("13:00"))
	requireCodes(t, rs, muster.OffShift)
}

func TestAShorterShiftShortensItsTour(t *testing.T) {
	s := newScenario()
	s.visit("2", "10:00", "11:00", 20)
	s.expert.Shifts[4].To = 14 * 60
	_, rs := s.check(at("13:30"))
	requireCodes(t, rs, muster.OffShift)
	require.Equal(t, "Shift ends 14:00; the work would end 14:30.", rs[0].Text)
	c, rs := s.check(at("12:00"))
	require.Empty(t, rs)
	require.Equal(t, span("08:00", "17:00"), c.Shift, "the tour that exists keeps its times")
}

func TestLongTimeOnCallIsATourADay(t *testing.T) {
	s := newScenario()
	s.expert.Shifts = nil
	s.expert.OnCall = []muster.Window{{Start: at("18:00"), End: on(23, "06:00")}} // a week-end
	s.ticket.Priority = muster.PriorityCritical
	tours := map[muster.TourID]muster.Window{}
	for _, c := range s.w.Starts(s.job, s.person(), 1000) {
		require.True(t, c.OnCall)
		tours[c.Tour] = c.Shift
	}
	require.Equal(t, map[muster.TourID]muster.Window{
		muster.TourOf("exp_ana", at("18:00")):     {Start: at("18:00"), End: on(21, "18:00")},
		muster.TourOf("exp_ana", on(21, "18:00")): {Start: on(21, "18:00"), End: on(22, "18:00")},
		muster.TourOf("exp_ana", on(22, "18:00")): {Start: on(22, "18:00"), End: on(23, "06:00")},
	}, tours)
}

func TestPromise(t *testing.T) {
	s := newScenario()
	require.Equal(t, span("13:00", "15:00"), s.w.Promise(s.job, at("13:05")))
	require.Equal(t, span("13:30", "15:30"), s.w.Promise(s.job, at("13:30")))
	s.ticket.Windows = []muster.Window{span("10:00", "16:00"), span("12:00", "14:00"), {Start: on(21, "10:00"), End: on(21, "11:00")}}
	require.Equal(t, span("12:00", "14:00"), s.w.Promise(s.job, at("13:05")), "of two that hold the start the one that ends first")
	require.Equal(t, span("10:00", "16:00"), s.w.Promise(s.job, at("14:00")))
	require.Equal(t, span("17:00", "19:00"), s.w.Promise(s.job, at("17:20")), "a window that was set aside is none")
	kathmandu := time.Date(2026, 11, 20, 4, 0, 0, 0, time.UTC) // 09:45 there
	s.job.Site.Place.Zone = "Asia/Kathmandu"
	s.ticket.Windows = nil
	require.Equal(t, kathmandu.Add(-15*time.Minute), s.w.Promise(s.job, kathmandu).Start)
}

func TestInsertAndRemove(t *testing.T) {
	s := newScenario()
	s.visit("2", "10:00", "11:00", 30)
	s.visit("3", "14:00", "15:00", 30)
	tour := s.tours[0]
	s.job.Site.Place = north(20)
	c, rs := s.check(at("12:00"))
	require.Empty(t, rs)
	require.Equal(t, 1, c.Index)
	require.Equal(t, muster.Leg{Visit: "vis_3", Start: at("14:00"), Depart: at("13:50"), Travel: 10, Km: c.Onward.Km}, c.Onward)
	Insert(tour, c, muster.Stop{Visit: "vis_1", Ticket: "tic_1", Assignment: "asg_1", Place: s.job.Site.Place, Window: span("12:00", "14:00")})
	require.Equal(t, []muster.VisitID{"vis_2", "vis_1", "vis_3"}, visits(tour))
	got := tour.Stops[1]
	require.Equal(t, []time.Time{at("11:50"), at("12:00"), at("13:00")}, []time.Time{got.Depart, got.Start, got.End})
	require.Equal(t, muster.Minutes(10), got.Travel)
	require.Equal(t, span("12:00", "14:00"), got.Window)
	require.Equal(t, at("13:50"), tour.Stops[2].Depart)
	require.InDelta(t, 10, tour.Stops[2].Km, 1e-6)

	Insert(tour, c, got)
	require.Len(t, tour.Stops, 3, "the same visit is not put in twice")

	gone, ok := Remove(tour, "vis_1", s.expert, flat{})
	require.True(t, ok)
	require.Equal(t, muster.VisitID("vis_1"), gone.Visit)
	require.Equal(t, []muster.VisitID{"vis_2", "vis_3"}, visits(tour))
	require.Equal(t, muster.Minutes(0), tour.Stops[1].Travel)
	require.Equal(t, at("14:00"), tour.Stops[1].Depart)
	_, ok = Remove(tour, "vis_2", s.expert, flat{})
	require.True(t, ok)
	require.Equal(t, muster.Minutes(30), tour.Stops[0].Travel, "now from the base")
	require.Equal(t, at("13:30"), tour.Stops[0].Depart)
	_, ok = Remove(tour, "vis_2", s.expert, flat{})
	require.False(t, ok)
	_, ok = Remove(tour, "vis_3", s.expert, flat{})
	require.True(t, ok)
	require.Empty(t, tour.Stops)
}

// A stop that ended late makes nobody leave later by plan: who is late already should have left by then.
func TestRemoveBesideAStopThatEndedLate(t *testing.T) {
	s := newScenario()
	s.visit("1", "08:30", "09:30", 20).EndedAt = at("13:40")
	s.visit("2", "11:00", "12:00", 20)
	s.visit("3", "14:00", "15:00", 50)
	tour := s.tours[0]
	_, ok := Remove(tour, "vis_2", s.expert, flat{})
	require.True(t, ok)
	require.Equal(t, []any{at("13:30"), muster.Minutes(30)}, []any{tour.Stops[1].Depart, tour.Stops[1].Travel})
}

func TestInsertTakesThePlaceOfAHoldThatIsOver(t *testing.T) {
	s := newScenario()
	stop := s.visit("2", "08:30", "09:30", 20)
	stop.Assignment, stop.Offer, stop.HeldUntil = "", "off_2", at("06:59")
	c, rs := s.check(time.Time{})
	require.Empty(t, rs)
	require.Equal(t, at("08:20"), c.Start)
	Insert(s.tours[0], c, muster.Stop{Visit: "vis_1", Assignment: "asg_1", Place: s.job.Site.Place})
	require.Equal(t, []muster.VisitID{"vis_1"}, visits(s.tours[0]))
}

func visits(t *muster.Tour) (out []muster.VisitID) {
	for _, s := range t.Stops {
		out = append(out, s.Visit)
	}
	return out
}
