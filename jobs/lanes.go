package jobs

import (
	"math/bits"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/graph"
)

// turns is the order in which a sweep gives pages to lanes: promises, matching and housekeeping 8:3:1, spread
// so that no lane waits longer than it must.
var turns = [...]muster.Lane{
	muster.LanePromises, muster.LanePromises, muster.LaneMatching,
	muster.LanePromises, muster.LanePromises, muster.LanePromises, muster.LaneMatching,
	muster.LanePromises, muster.LanePromises, muster.LaneMatching,
	muster.LanePromises, muster.LaneHousekeeping,
}

// plan is what a sweep has before it: the shards of each lane in which something is due. Those that have waited for twice
// as many sweeps come first, so that none is passed over for ever when there is more to do than can be done; of those that
// have waited alike the order is random, so that workers who sweep at once rarely meet.
type plan struct {
	rand   *rand.Rand
	turn   int
	shards map[muster.Lane][]int
}

func newPlan(r *rand.Rand) *plan {
	return &plan{rand: r, shards: make(map[muster.Lane][]int)}
}

// set replaces a lane's shards.
func (p *plan) set(lane muster.Lane, due []graph.DueShard, now time.Time) {
	due = slices.Clone(due)
	p.rand.Shuffle(len(due), func(i, j int) { due[i], due[j] = due[j], due[i] })
	slices.SortStableFunc(due, func(a, b graph.DueShard) int { return waited(b, now) - waited(a, now) })
	shards := make([]int, len(due))
	for i, d := range due {
		shards[i] = d.Shard
	}
	p.shards[lane] = shards
}

// waited grows by one whenever the sweeps double that a shard has waited for.
func waited(d graph.DueShard, now time.Time) int {
	return bits.Len64(uint64(max(0, now.Sub(d.Since)) / SweepEvery))
}

// turn is a shard whose turn it is. Full says that it may have more.
type turn struct {
	lane  muster.Lane
	shard int
	full  bool
}

// again puts a shard that may have more back, behind the others.
func (p *plan) again(t turn) { p.shards[t.lane] = append(p.shards[t.lane], t.shard) }

// next takes the shard whose turn it is; ok is false when nothing is left in any lane.
func (p *plan) next() (t turn, ok bool) {
	for range turns {
		lane := turns[p.turn%len(turns)]
		p.turn++
		if t, ok = p.more(lane); ok {
			break
		}
	}
	return t, ok
}

// more takes the next shard of a lane.
func (p *plan) more(lane muster.Lane) (t turn, ok bool) {
	s := p.shards[lane]
	if len(s) == 0 {
		return turn{}, false
	}
	p.shards[lane] = s[1:]
	return turn{lane: lane, shard: s[0]}, true
}
