package jobs

import (
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/graph"
)

func TestLanesAreServedInProportion(t *testing.T) {
	p := newPlan(newShop(1).w.rand)
	for _, lane := range muster.Lanes() {
		p.set(lane, dueSince(monday, 120), monday)
	}
	count := make(map[muster.Lane]int)
	for range 120 {
		next, ok := p.next()
		require.True(t, ok)
		count[next.lane]++
	}
	require.Equal(t, map[muster.Lane]int{muster.LanePromises: 80, muster.LaneMatching: 30, muster.LaneHousekeeping: 10}, count)
	// A lane that has run dry gives its turns to the others.
	p.set(muster.LanePromises, nil, monday)
	p.set(muster.LaneMatching, nil, monday)
	last, ok := p.next()
	require.True(t, ok)
	require.Equal(t, muster.LaneHousekeeping, last.lane)
}

func TestShardsAreWalkedInRandomOrder(t *testing.T) {
	order := func(seed uint64) (out []int) {
		p := newPlan(newShop(seed).w.rand)
		p.set(muster.LanePromises, dueSince(monday, muster.Shards), monday)
		return walk(p)
	}
	one, same, other := order(1), order(1), order(2)
	require.Equal(t, one, same)
	require.NotEqual(t, one, other)
	slices.Sort(one)
	slices.Sort(other)
	require.Equal(t, one, other, "every shard once")
}

// TestWhatHasWaitedLongestComesFirst: when there is always more to do than can be done between two looks, every shard has its turn.
func TestWhatHasWaitedLongestComesFirst(t *testing.T) {
	p := newPlan(newShop(1).w.rand)
	since := make(map[int]time.Time)
	now := monday
	for shard := range 100 {
		since[shard] = now
	}
	longest := time.Duration(0)
	for range 1000 { // looks: 5 of 100 shards have a turn, and are due again at once
		var due []graph.DueShard
		for shard := range 100 {
			due = append(due, graph.DueShard{Shard: shard, Since: since[shard]})
		}
		p.set(muster.LaneMatching, due, now)
		for range 5 {
			next, ok := p.next()
			require.True(t, ok)
			longest = max(longest, now.Sub(since[next.shard]))
			since[next.shard] = now
		}
		now = now.Add(SweepEvery)
	}
	require.LessOrEqual(t, longest, 2*100/5*SweepEvery)
	require.NotEmpty(t, walk(p))
}

func dueSince(since time.Time, shards int) (due []graph.DueShard) {
	for shard := range shards {
		due = append(due, graph.DueShard{Shard: shard, Since: since})
	}
	return due
}

func walk(p *plan) (shards []int) {
	for {
		t, ok := p.next()
		if !ok {
			return shards
		}
		shards = append(shards, t.shard)
	}
}
