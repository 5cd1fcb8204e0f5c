package muster_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/sysopssquad/muster"
)

func TestNewIDIsAFunctionOfItsCommand(t *testing.T) {
	a := muster.NewID(muster.KindTicket, "c1", 0)
	require.Equal(t, a, muster.NewID(muster.KindTicket, "c1", 0))
	require.NotEqual(t, a, muster.NewID(muster.KindTicket, "c1", 1))
	require.NotEqual(t, a, muster.NewID(muster.KindTicket, "c2", 0))
	require.NoError(t, muster.CheckID(muster.KindTicket, "ticket", a))
	require.Equal(t, muster.KindTicket, muster.KindOf(a))
}

func TestCheckIDNamesFieldAndValue(t *testing.T) {
	for _, bad := range []string{
		"", "tic", "tic_", "cus_abc", "tic_ABC", "tic_a b", "tic_ä",
		"tic_" + string(make([]byte, 65)), "tic_'; DROP TABLE ticket",
	} {
		err := muster.CheckID(muster.KindTicket, "ticket", bad)
		var e *muster.Error
		require.ErrorAs(t, err, &e, "%q", bad)
		require.Equal(t, muster.CodeInvalid, e.Code)
		require.Equal(t, "ticket", e.Field)
	}
}

func TestSlugID(t *testing.T) {
	require.Equal(t, "skl_refrigerator-repair", muster.SlugID(muster.KindSkill, "Refrigerator repair"))
	require.Equal(t, "skl_epa-608", muster.SlugID(muster.KindSkill, " EPA 608! "))
}

func TestWindowIsHalfOpen(t *testing.T) {
	at := time.Date(2026, 11, 20, 13, 0, 0, 0, time.UTC)
	w := muster.Window{Start: at, End: at.Add(2 * time.Hour)}
	require.True(t, w.Contains(at))
	require.False(t, w.Contains(w.End))
	require.False(t, w.Overlaps(muster.Window{Start: w.End, End: w.End.Add(time.Hour)}))
	require.True(t, w.Overlaps(muster.Window{Start: at.Add(-time.Hour), End: at.Add(time.Microsecond)}))
	require.Equal(t, muster.CodeInvalid, muster.CodeOf(muster.Window{Start: w.End, End: w.Start}.Check("window")))
	require.Equal(t, muster.CodeInvalid, muster.CodeOf(muster.Window{Start: at, End: at}.Check("window")))
}

func TestHoursFollowTheWallClock(t *testing.T) {
	boston, err := time.LoadLocation("America/New_York")
	require.NoError(t, err)
	night := muster.Hours{Weekday: time.Saturday, From: 22 * 60, To: 30 * 60} // 22:00 to 6:00
	for _, c := range []struct {
		day   time.Time
		hours float64
	}{
		{time.Date(2026, 11, 14, 0, 0, 0, 0, boston), 8},
		{time.Date(2026, 10, 31, 0, 0, 0, 0, boston), 9}, // clocks go back at 2:00 on 1 Nov
		{time.Date(2026, 3, 7, 0, 0, 0, 0, boston), 7},   // and forward on 8 Mar
	} {
		w := night.On(c.day)
		require.Equal(t, c.hours, w.End.Sub(w.Start).Hours(), c.day)
	}
}

func TestTimersNext(t *testing.T) {
	at := time.Date(2026, 11, 20, 13, 0, 0, 0, time.UTC)
	_, _, ok := muster.Timers{}.Next()
	require.False(t, ok)
	name, when, ok := muster.Timers{muster.TimerWake: at, muster.TimerOffer: at, muster.TimerQueue: at.Add(time.Hour)}.Next()
	require.True(t, ok)
	require.Equal(t, muster.TimerOffer, name, "equal deadlines go by name, so that two stores agree")
	require.Equal(t, at, when)
}

func TestShardOfStaysInRange(t *testing.T) {
	seen := map[int]bool{}
	for n := range 10_000 {
		s := muster.ShardOf(muster.NewID(muster.KindTicket, "c", n))
		require.GreaterOrEqual(t, s, 0)
		require.Less(t, s, muster.Shards)
		seen[s] = true
	}
	require.Len(t, seen, muster.Shards)
}

func TestNarrowerSkillsCountForBroaderOnes(t *testing.T) {
	s := muster.NewSkills(1, []muster.Skill{
		{ID: "skl_white-goods"},
		{ID: "skl_refrigerator", Narrows: "skl_white-goods"},
		{ID: "skl_sealed-system", Narrows: "skl_refrigerator"},
		{ID: "skl_loop-a", Narrows: "skl_loop-b"},
		{ID: "skl_loop-b", Narrows: "skl_loop-a"},
	})
	require.True(t, s.Satisfies("skl_sealed-system", "skl_white-goods"))
	require.False(t, s.Satisfies("skl_white-goods", "skl_refrigerator"))
	require.False(t, s.Satisfies("skl_loop-a", "skl_white-goods"), "a circle ends")
	require.False(t, s.Satisfies("skl_unknown", "skl_white-goods"))
}

func TestErrorsCarryCodesThroughWrapping(t *testing.T) {
	err := fmt.Errorf("while assigning: %w", muster.E(muster.CodeUnavailable, "no graph", "start it").Because(errors.New("dial")))
	require.Equal(t, muster.CodeUnavailable, muster.CodeOf(err))
	require.Equal(t, muster.CodeInternal, muster.CodeOf(errors.New("other")))
	require.Empty(t, muster.CodeOf(nil))
	require.ErrorContains(t, err, "dial")
}

func TestTheZeroScopeIsRefused(t *testing.T) {
	require.Equal(t, muster.CodeForbidden, muster.CodeOf(muster.Scope{}.Check()))
	require.NoError(t, muster.Scope{Customer: "cus_1"}.Check())
}

func TestUrgent(t *testing.T) {
	now := time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)
	in := func(h time.Duration) []muster.Window {
		return []muster.Window{{Start: now.Add(h * time.Hour), End: now.Add((h + 2) * time.Hour)}}
	}
	require.True(t, (&muster.Ticket{Priority: muster.PriorityCritical}).Urgent(now))
	require.True(t, (&muster.Ticket{Windows: in(3)}).Urgent(now))
	require.True(t, (&muster.Ticket{Windows: in(4)}).Urgent(now))
	require.False(t, (&muster.Ticket{Windows: in(5)}).Urgent(now))
	require.False(t, (&muster.Ticket{Windows: in(-2)}).Urgent(now), "a window that is over makes nothing urgent")
	from, ever := (&muster.Ticket{Windows: append(append(in(9), in(7)...), in(-2)...)}).UrgentFrom(now)
	require.True(t, ever)
	require.Equal(t, now.Add(3*time.Hour), from)
	_, ever = (&muster.Ticket{Windows: in(-2)}).UrgentFrom(now)
	require.False(t, ever)
}

func TestPolicyCheckRefusesWhatCouldRestForEver(t *testing.T) {
	require.NoError(t, muster.DefaultPolicy().Check())
	for field, spoil := range map[string]func(*muster.Policy){
		"queue_every":           func(p *muster.Policy) { p.QueueEvery = 0 },
		"resolve_after":         func(p *muster.Policy) { p.ResolveAfter = -1 },
		"weights.waiting":       func(p *muster.Policy) { p.Weights.Waiting = 0 },
		"due.low":               func(p *muster.Policy) { delete(p.Due, muster.PriorityLow) },
		"travel.hour_load[3]":   func(p *muster.Policy) { p.Travel.HourLoad[3] = 0 },
		"travel.speed_kmh[1]":   func(p *muster.Policy) { p.Travel.SpeedKmh[1] = 0 },
		"horizon_days":          func(p *muster.Policy) { p.HorizonDays = 1000 },
		"capacity.week_minutes": func(p *muster.Policy) { p.Capacity.WeekMinutes = 0 },
	} {
		p := muster.DefaultPolicy()
		spoil(&p)
		var e *muster.Error
		require.ErrorAs(t, p.Check(), &e, field)
		require.Equal(t, field, e.Field)
	}
}

func TestCellJSON(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := muster.Cell(rapid.Uint64().Draw(t, "cell"))
		b, err := json.Marshal(c)
		require.NoError(t, err)
		var back muster.Cell
		require.NoError(t, json.Unmarshal(b, &back))
		require.Equal(t, c, back)
	})
	var c muster.Cell
	require.Error(t, json.Unmarshal([]byte(`"zz"`), &c))
}

func TestTourOfIsKeyedByExpertAndShiftStart(t *testing.T) {
	at := time.Date(2026, 11, 20, 13, 30, 0, 0, time.UTC)
	id := muster.TourOf("exp_ana", at)
	require.Equal(t, muster.TourID("tou_ana-20261120t1330"), id)
	require.NoError(t, muster.CheckID(muster.KindTour, "tour", string(id)))
}

func TestEveryKindHasAPrefixAndEveryRootIsOne(t *testing.T) {
	for _, r := range []muster.Record{
		&muster.Customer{}, &muster.Site{}, &muster.Device{}, &muster.Ticket{}, &muster.Visit{}, &muster.Offer{},
		&muster.Assignment{}, &muster.Expert{}, &muster.Tour{}, &muster.SkillTree{}, &muster.Skill{}, &muster.Policy{},
		&muster.User{}, &muster.Article{}, &muster.Region{}, &muster.Message{}, &muster.Survey{}, &muster.Duty{},
	} {
		require.Equal(t, r.Kind(), muster.KindOf(muster.NewID(r.Kind(), "c", 0)))
		_, root := r.(muster.Root)
		require.Equal(t, root, r.Kind().IsRoot(), r.Kind())
	}
}

// What a reason compares is written again as it was, whatever it is.
func TestReasonsComeBackByteForByte(t *testing.T) {
	w := muster.Window{Start: time.Date(2026, 11, 23, 13, 0, 0, 0, time.UTC), End: time.Date(2026, 11, 23, 15, 0, 0, 0, time.UTC)}
	for _, v := range []any{nil, 3, 70.2, "normal", w.Start, w, []muster.Window{w, w}, []string{"pump"}, muster.PriorityHigh} {
		first, err := json.Marshal(muster.Reason{Code: muster.AfterWindow, Class: muster.ByDispatcher, Have: v, Need: v, Unit: "min", Text: "t", About: "a"})
		require.NoError(t, err)
		var back muster.Reason
		require.NoError(t, json.Unmarshal(first, &back))
		second, err := json.Marshal(back)
		require.NoError(t, err)
		require.Equal(t, string(first), string(second))
	}
}
