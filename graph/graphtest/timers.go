package graphtest

import (
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/graph"
)

const lease = 5 * time.Minute

// waiting commits n tickets in triage whose timers are due one after another, a minute apart from Start on.
func waiting(s session, n int) (tickets []*muster.Ticket) {
	s.Helper()
	var changes []graph.Change
	for i := range n {
		t := Ticket(Device(Site("cus_1", 1), 1), i+1)
		t.Timers = muster.Timers{muster.TimerQueue: Start.Add(time.Duration(i) * minute)}
		tickets = append(tickets, t)
		changes = append(changes, Change(fmt.Sprintf("cmd_waiting-%d", i), t))
	}
	s.must(changes...)
	return tickets
}

// claimAll claims all that is due in a lane, in all its shards.
func (s session) claimAll(lane muster.Lane, now time.Time) (all []graph.Wake) {
	s.Helper()
	shards, err := s.DueShards(s.ctx, lane, now)
	require.NoError(s, err)
	for _, due := range shards {
		shard := due.Shard
		found, err := s.ClaimDue(s.ctx, lane, shard, now, now.Add(lease), 1000)
		require.NoError(s, err)
		require.NotEmpty(s, found, "shard %d is due", shard)
		for _, w := range found {
			require.Equal(s, shard, muster.ShardOf(w.ID))
			require.False(s, w.At.Before(due.Since))
		}
		require.Equal(s, due.Since, found[0].At, "since when shard %d is due", shard)
		all = append(all, found...)
	}
	return all
}

func shardsOf(due []graph.DueShard) (numbers []int) {
	for _, d := range due {
		numbers = append(numbers, d.Shard)
	}
	return numbers
}

func wakeIDs(wakes []graph.Wake) (ids []string) {
	for _, w := range wakes {
		ids = append(ids, w.ID)
	}
	slices.Sort(ids)
	return ids
}

func (s session) settle(settled ...graph.Settled) (lost []string) {
	s.Helper()
	lost, err := s.Settle(s.ctx, settled...)
	require.NoError(s, err)
	return lost
}

var timerTests = []test{
	{"the store has a clock", func(t *testing.T, o Options) {
		s := open(t, o)
		now, err := s.Now(s.ctx)
		require.NoError(t, err)
		require.Equal(t, muster.Instant(now), now)
		require.False(t, now.IsZero())
	}},

	{"an aggregate's timer is its earliest, in that one's lane", func(t *testing.T, o Options) {
		s := open(t, o)
		tk := Ticket(Device(Site("cus_1", 1), 1), 1)
		tk.Timers = muster.Timers{muster.TimerResolve: Start.Add(3 * minute), muster.TimerOffer: Start.Add(minute), muster.TimerQueue: Start.Add(2 * minute)}
		s.must(Change("cmd_1", tk))
		require.Equal(t, graph.Wake{ID: string(tk.ID), Kind: muster.KindTicket, Rev: 1, At: Start.Add(minute), Fence: 1}, s.wake(string(tk.ID)))
		require.Empty(t, s.claimAll(muster.LaneMatching, Start.Add(time.Hour)))
		require.Empty(t, s.claimAll(muster.LaneHousekeeping, Start.Add(time.Hour)))
		require.Equal(t, []string{string(tk.ID)}, wakeIDs(s.claimAll(muster.LanePromises, Start.Add(time.Hour))))
	}},

	{"a timer is due at its moment, not a microsecond before", func(t *testing.T, o Options) {
		s := open(t, o)
		tk := waiting(s, 1)[0]
		early := Start.Add(-time.Microsecond)
		shards, err := s.DueShards(s.ctx, muster.LaneMatching, early)
		require.NoError(t, err)
		require.Empty(t, shards)
		due, err := s.ClaimDue(s.ctx, muster.LaneMatching, muster.ShardOf(string(tk.ID)), early, Start.Add(lease), 10)
		require.NoError(t, err)
		require.Empty(t, due)
		_, ok, err := s.Claim(s.ctx, string(tk.ID), early, Start.Add(lease))
		require.NoError(t, err)
		require.False(t, ok)
		require.Len(t, s.claimAll(muster.LaneMatching, Start), 1)
	}},

	{"due shards are exactly those of what is due", func(t *testing.T, o Options) {
		s := open(t, o)
		tickets := waiting(s, 30)
		var want []int
		for _, tk := range tickets[:11] {
			want = append(want, muster.ShardOf(string(tk.ID)))
		}
		slices.Sort(want)
		got, err := s.DueShards(s.ctx, muster.LaneMatching, Start.Add(10*minute))
		require.NoError(t, err)
		require.Equal(t, slices.Compact(want), shardsOf(got))
		require.Equal(t, idsOf(tickets[:11]), wakeIDs(s.claimAll(muster.LaneMatching, Start.Add(10*minute))))
	}},

	{"a claim takes the oldest up to its limit and moves them away", func(t *testing.T, o Options) {
		s := open(t, o)
		shard := muster.ShardOf(string(Ticket(Device(Site("cus_1", 1), 1), 1).ID))
		var same []*muster.Ticket
		for n := 1; len(same) < 5; n++ {
			tk := Ticket(Device(Site("cus_1", 1), 1), n)
			if muster.ShardOf(string(tk.ID)) == shard {
				tk.Timers = muster.Timers{muster.TimerQueue: Start.Add(time.Duration(10-len(same)) * minute)}
				s.must(Change("cmd_"+itoa(n), tk))
				same = append(same, tk)
			}
		}
		now := Start.Add(time.Hour)
		due, err := s.ClaimDue(s.ctx, muster.LaneMatching, shard, now, now.Add(lease), 3)
		require.NoError(t, err)
		require.Equal(t, []graph.Wake{
			{ID: string(same[4].ID), Kind: muster.KindTicket, Rev: 1, At: Start.Add(6 * minute), Fence: 2},
			{ID: string(same[3].ID), Kind: muster.KindTicket, Rev: 1, At: Start.Add(7 * minute), Fence: 2},
			{ID: string(same[2].ID), Kind: muster.KindTicket, Rev: 1, At: Start.Add(8 * minute), Fence: 2},
		}, due)
		require.Equal(t, graph.Wake{ID: due[0].ID, Kind: muster.KindTicket, Rev: 1, At: now.Add(lease), Fence: 2}, s.wake(due[0].ID))
		due, err = s.ClaimDue(s.ctx, muster.LaneMatching, shard, now, now.Add(lease), 3)
		require.NoError(t, err)
		require.Equal(t, idsOf(same[:2]), wakeIDs(due))
		require.Len(t, s.claimAll(muster.LaneMatching, now.Add(lease)), 5, "a lease that runs out is due again")
	}},

	{"a claim leaves revision, record and history alone", func(t *testing.T, o Options) {
		s := open(t, o)
		tk := waiting(s, 1)[0]
		require.Len(t, s.claimAll(muster.LaneMatching, Start), 1)
		require.Equal(t, tk, s.record(string(tk.ID)))
		told, err := s.History(s.ctx, everythingScope, string(tk.ID))
		require.NoError(t, err)
		require.Len(t, told, 1)
		s.must(Change("cmd_next", with(tk, func(t *muster.Ticket) { t.Rev++ })))
	}},

	{"claims of one aggregate", func(t *testing.T, o Options) {
		s := open(t, o)
		tk := waiting(s, 1)[0]
		w, ok, err := s.Claim(s.ctx, string(tk.ID), Start, Start.Add(lease))
		require.NoError(t, err)
		require.True(t, ok)
		require.Equal(t, graph.Wake{ID: string(tk.ID), Kind: muster.KindTicket, Rev: 1, At: Start, Fence: 2}, w)
		for _, id := range []string{string(tk.ID), "tic_none", "cus_1", "nonsense"} {
			_, ok, err = s.Claim(s.ctx, id, Start, Start.Add(lease))
			require.NoError(t, err)
			require.False(t, ok, id)
		}
	}},

	{"settling moves the timer and keeps the fence", func(t *testing.T, o Options) {
		s := open(t, o)
		waiting(s, 1)
		w := s.claimAll(muster.LaneMatching, Start)[0]
		for i := 1; i < 4; i++ {
			next := Start.Add(time.Duration(i) * time.Hour)
			require.Empty(t, s.settle(graph.Settled{Wake: w, Next: next}))
			require.Equal(t, graph.Wake{ID: w.ID, Kind: w.Kind, Rev: 1, At: next, Fence: w.Fence}, s.wake(w.ID))
		}
	}},

	{"failures in a row are kept until a success or a put, with the last one", func(t *testing.T, o Options) {
		s := open(t, o)
		tk := waiting(s, 1)[0]
		now := Start
		fail := func(failures int, why string) {
			t.Helper()
			now = now.Add(time.Hour)
			w, ok, err := s.Claim(s.ctx, string(tk.ID), now, now.Add(lease))
			require.NoError(t, err)
			require.True(t, ok)
			require.Empty(t, s.settle(graph.Settled{Wake: w, Next: now.Add(minute), Failures: failures, Why: why}))
			require.Equal(t, why, s.wake(string(tk.ID)).Why)
		}
		fail(1, "no road is known")
		fail(2, "the store is away")
		require.Equal(t, 2, s.wake(string(tk.ID)).Failures)
		now = now.Add(time.Hour)
		w, _, err := s.Claim(s.ctx, string(tk.ID), now, now.Add(lease))
		require.NoError(t, err)
		require.Equal(t, 2, w.Failures)
		require.Equal(t, "the store is away", w.Why)
		b, err := s.Backlog(s.ctx, Start)
		require.NoError(t, err)
		require.Equal(t, graph.Backlog{Failed: 1}, b[muster.LaneMatching])
		failing, err := s.Failing(s.ctx, 10)
		require.NoError(t, err)
		require.Equal(t, []graph.Wake{s.wake(string(tk.ID))}, failing)
		fail(0, "")
		require.Zero(t, s.wake(string(tk.ID)).Failures)
		fail(1, "no road is known")
		s.must(Change("cmd_next", with(tk, func(t *muster.Ticket) { t.Rev++ })))
		require.Zero(t, s.wake(string(tk.ID)).Failures)
	}},

	{"who lost a timer is told: to another claim, to a put, to the end", func(t *testing.T, o Options) {
		s := open(t, o)
		tickets := waiting(s, 4)
		now := Start.Add(time.Hour)
		var wakes []graph.Settled
		for _, w := range s.claimAll(muster.LaneMatching, now) {
			wakes = append(wakes, graph.Settled{Wake: w, Next: now.Add(time.Hour)})
		}
		slices.SortFunc(wakes, func(a, b graph.Settled) int { return a.Wake.At.Compare(b.Wake.At) })
		_, ok, err := s.Claim(s.ctx, string(tickets[0].ID), now.Add(lease), now.Add(2*lease))
		require.NoError(t, err)
		require.True(t, ok)
		s.must(
			Change("cmd_put", with(tickets[1], func(t *muster.Ticket) { t.Rev++ })),
			Change("cmd_end", with(tickets[2], func(t *muster.Ticket) { t.Rev++; t.State = muster.Resolved; t.Timers = nil })),
		)
		wakes = append(wakes, graph.Settled{Wake: graph.Wake{ID: "tic_none", Kind: muster.KindTicket, Fence: 1}, Next: now.Add(time.Hour)})
		require.Equal(t, []string{string(tickets[0].ID), string(tickets[1].ID), string(tickets[2].ID), "tic_none"}, s.settle(wakes...))
		require.Equal(t, now.Add(2*lease), s.wake(string(tickets[0].ID)).At)
		require.Equal(t, Start.Add(minute), s.wake(string(tickets[1].ID)).At)
		require.Equal(t, now.Add(time.Hour), s.wake(string(tickets[3].ID)).At)
	}},

	{"a put arms the timer of the record anew", func(t *testing.T, o Options) {
		s := open(t, o)
		tk := waiting(s, 1)[0]
		w := s.claimAll(muster.LaneMatching, Start)[0]
		next := with(tk, func(t *muster.Ticket) { t.Rev++; t.Timers = muster.Timers{muster.TimerResolve: Start.Add(2 * minute)} })
		s.must(Change("cmd_next", next))
		require.Equal(t, graph.Wake{
			ID: w.ID, Kind: w.Kind, Rev: 2, At: Start.Add(2 * minute), Fence: w.Fence + 1,
		}, s.wake(w.ID))
		require.Empty(t, s.claimAll(muster.LaneMatching, Start.Add(time.Hour)), "it has left this lane")
		require.Len(t, s.claimAll(muster.LaneHousekeeping, Start.Add(time.Hour)), 1)
	}},

	{"two puts in one batch bump the fence twice", func(t *testing.T, o Options) {
		s := open(t, o)
		tk := waiting(s, 1)[0]
		second := with(tk, func(t *muster.Ticket) { t.Rev = 2 })
		third := with(tk, func(t *muster.Ticket) { t.Rev = 3 })
		s.must(Change("cmd_2", second), Change("cmd_3", third))
		require.Equal(t, graph.Wake{ID: string(tk.ID), Kind: muster.KindTicket, Rev: 3, At: Start, Fence: 3}, s.wake(string(tk.ID)))
	}},

	{"what is over has no timer, and gets one if it begins again", func(t *testing.T, o Options) {
		s := open(t, o)
		tk := waiting(s, 1)[0]
		over := with(tk, func(t *muster.Ticket) { t.Rev++; t.State = muster.Cancelled })
		s.must(Change("cmd_over", over))
		w, err := s.Wakes(s.ctx, string(tk.ID))
		require.NoError(t, err)
		require.Empty(t, w, "though the record still names one")
		require.Empty(t, s.claimAll(muster.LaneMatching, Start.Add(time.Hour)))
		s.must(Change("cmd_again", with(tk, func(t *muster.Ticket) { t.Rev = 3 })))
		require.Len(t, s.claimAll(muster.LaneMatching, Start.Add(time.Hour)), 1)
	}},

	{"all kinds that have timers share lanes and shards", func(t *testing.T, o Options) {
		s := open(t, o)
		region := with(Region("Denver"), func(r *muster.Region) { r.Timers = muster.Timers{muster.TimerRound: Start} })
		duty := with(Duty("relay"), func(d *muster.Duty) { d.Timers = muster.Timers{muster.TimerRound: Start} })
		tk := waiting(s, 1)[0]
		s.must(Change("cmd_1", region, duty))
		due := s.claimAll(muster.LaneMatching, Start)
		require.Equal(t, []string{string(duty.ID), string(region.ID), string(tk.ID)}, wakeIDs(due))
		for _, w := range due {
			require.Equal(t, muster.KindOf(w.ID), w.Kind)
		}
		all, err := s.Wakes(s.ctx, string(region.ID), string(duty.ID), string(tk.ID), "reg_none", "cus_1", "nonsense")
		require.NoError(t, err)
		require.Len(t, all, 3)
	}},

	{"the backlog of each lane: how much is due, how late the oldest is", func(t *testing.T, o Options) {
		s := open(t, o)
		waiting(s, 10)
		s.must(Change("cmd_1", Duty("relay")))
		got, err := s.Backlog(s.ctx, Start.Add(4*minute))
		require.NoError(t, err)
		require.Equal(t, map[muster.Lane]graph.Backlog{
			muster.LanePromises: {}, muster.LaneMatching: {Due: 5, Oldest: 4 * minute}, muster.LaneHousekeeping: {Due: 1, Oldest: 4 * minute},
		}, got)
	}},

	{"many workers on one shard claim each aggregate once", func(t *testing.T, o Options) {
		const workers = 8
		s := open(t, o)
		tickets := waiting(s, 120)
		now := Start.Add(200 * minute)
		var mu sync.Mutex
		claimed := map[string]int{}
		var wg sync.WaitGroup
		for w := range workers {
			wg.Go(func() {
				for {
					shards, err := s.DueShards(s.ctx, muster.LaneMatching, now)
					if err != nil {
						t.Errorf("worker %d: %v", w, err)
						return
					}
					if len(shards) == 0 {
						return
					}
					due, err := s.ClaimDue(s.ctx, muster.LaneMatching, shards[w%len(shards)].Shard, now, now.Add(lease), 2)
					if err != nil {
						t.Errorf("worker %d: %v", w, err)
						return
					}
					mu.Lock()
					for _, d := range due {
						claimed[d.ID]++
					}
					mu.Unlock()
				}
			})
		}
		wg.Wait()
		require.Len(t, claimed, len(tickets))
		for id, n := range claimed {
			require.Equal(t, 1, n, id)
		}
	}},

	{"a duty is taken by one of many", func(t *testing.T, o Options) {
		s := open(t, o)
		s.must(Change("cmd_1", Duty("relay")))
		var mu sync.Mutex
		var won []graph.Wake
		var wg sync.WaitGroup
		for range 16 {
			wg.Go(func() {
				w, ok, err := s.Claim(s.ctx, "dut_relay", Start, Start.Add(lease))
				if err != nil {
					t.Error(err)
				}
				if ok {
					mu.Lock()
					won = append(won, w)
					mu.Unlock()
				}
			})
		}
		wg.Wait()
		require.Len(t, won, 1)
		require.EqualValues(t, 2, won[0].Fence)
	}},
}
