package matcher

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sysopssquad/muster"
)

// term finds a part of the cost of Ana's cheapest start, or of the one at a clock.
func (s *scenario) term(t *testing.T, name, clock string) muster.Term {
	t.Helper()
	var start time.Time
	if clock != "" {
		start = at(clock)
	}
	c, rs := s.check(start)
	require.Empty(t, rs)
	sum, found := 0.0, muster.Term{Name: name}
	for _, x := range c.Terms {
		sum += x.Minutes
		require.NotEmpty(t, x.Why)
		require.NotZero(t, x.Minutes)
		if x.Name == name {
			found = x
		}
	}
	require.InDelta(t, c.Cost, sum, 1e-6, "the terms add up to the cost")
	return found
}

func TestEachCost(t *testing.T) {
	type costCase struct {
		name, term, start string
		set               func(*scenario)
		want              float64
		why               string
	}
	tom := &muster.Expert{ID: "exp_tom", Skills: []muster.Competence{{Skill: fridge, Level: 1, Visits: 70, Fixed: 35}}}
	peers := func(s *scenario) { s.w.Peers = NewPeers([]*muster.Expert{s.expert, tom}) }
	cases := []costCase{
		{"there and back", "travel", "", nil, 40, "20 min there, 20 km; 40 min more on the road in all."},
		{"on the way it is nothing", "travel", "12:00", func(s *scenario) { s.visit("2", "14:00", "15:00", 30) }, 0, ""},
		{"a detour counts twice", "travel", "12:00", func(s *scenario) { s.visit("2", "14:00", "15:00", 15) }, 10, "20 min there, 20 km; 10 min more on the road in all."},
		{"between two visits", "travel", "12:00", func(s *scenario) { s.visit("2", "10:00", "11:00", -10); s.visit("3", "14:00", "15:00", 10) }, 20, "30 min there, 30 km; 20 min more on the road in all."},
		{"twice the weight", "travel", "", func(s *scenario) { s.policy.Weights.Travel = 2 }, 80, "20 min there, 20 km; 40 min more on the road in all."},

		{"in time", "lateness", "09:00", func(s *scenario) { s.ticket.DueAt = at("09:00") }, 0, ""},
		{"after the due time", "lateness", "10:00", func(s *scenario) { s.ticket.DueAt = at("09:00") }, 30, "Due 09:00; 60 min later."},
		{"what is late already can't be helped", "lateness", "10:00", func(s *scenario) { s.ticket.DueAt = on(18, "09:00") }, 90, "Due 18 Nov 09:00; 180 min later."},
		{"in the first half of the window", "lateness", "11:00", func(s *scenario) { s.ticket.Windows = []muster.Window{span("10:00", "12:00")} }, 0, ""},
		{"in its second half", "lateness", "11:40", func(s *scenario) { s.ticket.Windows = []muster.Window{span("10:00", "12:00")} }, 20, "40 min after the middle of the window."},
		{"of two windows the better", "lateness", "11:40", func(s *scenario) { s.ticket.Windows = []muster.Window{span("10:00", "12:00"), span("11:40", "13:00")} }, 0, ""},

		{"from now to the start", "waiting", "10:00", nil, 6, "Starts in 3.0 h, at 2.0 min lost an hour."},
		{"critical", "waiting", "10:00", func(s *scenario) { s.ticket.Priority = muster.PriorityCritical }, 24, "Starts in 3.0 h, at 8.0 min lost an hour."},
		{"high", "waiting", "10:00", func(s *scenario) { s.ticket.Priority = muster.PriorityHigh }, 12, "Starts in 3.0 h, at 4.0 min lost an hour."},
		{"low", "waiting", "10:00", func(s *scenario) { s.ticket.Priority = muster.PriorityLow }, 3, "Starts in 3.0 h, at 1.0 min lost an hour."},
		{"four days in the queue", "waiting", "10:00", func(s *scenario) { s.ticket.QueuedAt = now.AddDate(0, 0, -4) }, 18, "Starts in 3.0 h, at 6.0 min lost an hour."},
		{"never queued: since it was made", "waiting", "10:00", func(s *scenario) { s.ticket.QueuedAt, s.ticket.CreatedAt = time.Time{}, now.AddDate(0, 0, -2) }, 12, "Starts in 3.0 h, at 4.0 min lost an hour."},

		{"everybody has it", "scarcity", "", nil, 0, ""},
		{
			"one in ten has what is not needed", "scarcity", "",
			func(s *scenario) {
				s.expert.Skills = append(s.expert.Skills, muster.Competence{Skill: sewing, Level: 5})
				all := []*muster.Expert{s.expert}
				for range 9 {
					all = append(all, tom)
				}
				s.w.Peers = NewPeers(all)
			}, 4, "Has Sewing machines at level 5, which is rare.",
		},
		{
			"only the unused levels of what is needed", "scarcity", "",
			func(s *scenario) {
				s.expert.Skills = []muster.Competence{{Skill: whiteGoods, Level: 4}}
				all := []*muster.Expert{s.expert}
				for range 99 {
					all = append(all, tom)
				}
				s.w.Peers = NewPeers(all)
			}, 3.2, "Has White goods at level 4, which is rare.", // 4 x log10(100) x 2/5
		},

		{"alone there is no mean", "fairness", "", func(s *scenario) { s.expert.PaidWeeks = 100 * 60 }, 0, ""},
		{"paid more than the mean", "fairness", "", func(s *scenario) { s.expert.PaidWeeks = 100 * 60; peers(s) }, 12.5, "Paid 100 h in four weeks; the mean is 50."},
		{"paid less", "fairness", "", func(s *scenario) { peers(s); s.w.Peers.paid = 10 }, -2.5, "Paid 0 h in four weeks; the mean is 10."},

		{"began the repair", "continuity", "", func(s *scenario) { s.ticket.Prefer = "exp_ana" }, -20, "Began this repair."},
		{"knows the device", "continuity", "", func(s *scenario) {
			s.job.Served = []muster.Served{{Expert: "exp_tom", Visits: 9}, {Expert: "exp_ana", Visits: 3, Device: 2}}
		}, -10, "Came for this device before: 2 visits."},
		{"knows the customer", "continuity", "", func(s *scenario) { s.job.Served = []muster.Served{{Expert: "exp_ana", Visits: 3}} }, -5, "Came to this customer before: 3 visits."},
		{"was there once", "continuity", "", func(s *scenario) { s.job.Served = []muster.Served{{Expert: "exp_ana", Visits: 1}} }, -5, "Came to this customer before: 1 visit."},
		{"preferred", "continuity", "", func(s *scenario) { s.job.Customer.Preferred = []muster.ExpertID{"exp_ana"} }, -5, "The customer prefers this expert."},
		{"knows the device and is preferred", "continuity", "", func(s *scenario) {
			s.job.Served = []muster.Served{{Expert: "exp_ana", Visits: 3, Device: 2}}
			s.job.Customer.Preferred = []muster.ExpertID{"exp_ana"}
		}, -15, "Came for this device before: 2 visits."},

		{"nobody has a record", "first fix", "", nil, 12, "20 % of such visits need a second one."},
		{"a record of one's own", "first fix", "", func(s *scenario) { s.expert.Skills[0].Visits, s.expert.Skills[0].Fixed = 30, 27 }, 6, "10 % of such visits need a second one."},
		{
			"a short record shrinks to the mean", "first fix", "",
			func(s *scenario) { s.expert.Skills[0].Visits, s.expert.Skills[0].Fixed = 10, 10; peers(s) },
			17.5, "29 % of such visits need a second one.", // mean 45/80; a third of it is her own
		},
		{
			"the needed skill that is fixed least well", "first fix", "",
			func(s *scenario) {
				s.expert.Skills[0].Visits, s.expert.Skills[0].Fixed = 30, 27
				s.expert.Skills = append(s.expert.Skills, muster.Competence{Skill: sewing, Level: 5, Visits: 100, Fixed: 50})
				s.ticket.Needs = append(s.ticket.Needs, muster.Need{Skill: sewing, Level: 5})
			}, 30, "50 % of such visits need a second one.",
		},
	}
	seen := map[string]bool{}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			s := newScenario()
			if c.set != nil {
				c.set(s)
			}
			got := s.term(t, c.term, c.start)
			require.InDelta(t, c.want, got.Minutes, 0.005)
			require.Equal(t, c.why, got.Why)
			if got.Minutes != 0 {
				seen[c.term] = true
			}
		})
	}
	for _, c := range costs {
		require.True(t, seen[c.name], "%s has no case", c.name)
	}
}

func TestThoseWhoLeftDontCountAsPeers(t *testing.T) {
	p := NewPeers([]*muster.Expert{{ID: "exp_a", PaidWeeks: 600}, {ID: "exp_b", PaidWeeks: 6000, Removed: true, Skills: []muster.Competence{{Skill: gas}}}})
	require.Equal(t, 1, p.experts)
	require.InDelta(t, 10, p.paid, 1e-9)
	require.Empty(t, p.skills)
	require.Zero(t, NewPeers(nil).scarcity(gas))
}

// Leaving a ticket out costs more than any start within the horizon, and more with each day of age.
func TestLeavingOutIsNeverCheap(t *testing.T) {
	last := 0.0
	for _, age := range []int{0, 1, 2, 10, 100} {
		s := newScenario()
		s.ticket.QueuedAt = now.AddDate(0, 0, -age)
		s.ticket.DueAt = now.AddDate(0, 0, 3-age)
		all := s.w.Starts(s.job, s.person(), 1000)
		require.NotEmpty(t, all)
		out := s.w.scene(nil).question(s.job).leftOut()
		require.Greater(t, out, all[len(all)-1].Cost)
		require.Greater(t, out, last+200*float64(min(age, 1)))
		last = out
	}
}
