package graph_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/graph"
	"github.com/sysopssquad/muster/graph/graphtest"
)

// TestRelayable draws histories of which some events have numbers, and a reading that missed some.
func TestRelayable(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		numbered := map[string]int64{}
		missed := map[string]int64{} // the first revision that was not seen
		var pending []muster.Event
		for _, id := range []string{"cus_1", "exp_1", "tic_1"} {
			rev := rapid.Int64Range(0, 3).Draw(t, "numbered")
			if rev > 0 {
				numbered[id] = rev
			}
			for range rapid.IntRange(0, 5).Draw(t, "pending") {
				rev++
				if rapid.IntRange(0, 6).Draw(t, "missed") == 0 {
					if missed[id] == 0 {
						missed[id] = rev
					}
					continue
				}
				at := graphtest.Start.Add(time.Duration(rapid.IntRange(0, 9).Draw(t, "at")) * time.Minute)
				pending = append(pending, muster.Event{Aggregate: id, Rev: rev, At: at})
			}
		}
		shuffled := rapid.Permutation(pending).Draw(t, "order")
		out := graph.Relayable(shuffled, numbered)
		require.Equal(t, out, graph.Relayable(pending, numbered), "the order of reading doesn't matter")

		last, latest := map[string]int64{}, time.Time{}
		for id, rev := range numbered {
			last[id] = rev
		}
		highest := map[string]time.Time{}
		for _, e := range out {
			require.Equal(t, last[e.Aggregate]+1, e.Rev, "a gap in %s", e.Aggregate)
			last[e.Aggregate] = e.Rev
			if e.At.After(highest[e.Aggregate]) {
				highest[e.Aggregate] = e.At
			}
			require.False(t, highest[e.Aggregate].Before(latest), "out of time")
			latest = highest[e.Aggregate]
		}
		for _, e := range pending {
			held := missed[e.Aggregate] > 0 && e.Rev > missed[e.Aggregate]
			require.Equal(t, held, e.Rev > last[e.Aggregate], "%s/%d", e.Aggregate, e.Rev)
		}
	})
}
