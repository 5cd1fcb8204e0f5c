package jobs

import (
	"math/rand/v2"

	"github.com/sysopssquad/muster"
)

// turns is the order in which a sweep gives pages to lanes: promises, matching and housekeeping 8:3:1, spread
// so that no lane waits longer than it must.
var turns = [...]muster.Lane{
	muster.LanePromises, muster.LanePromises, muster.LaneMatching,
	muster.LanePromises, muster.LanePromises, muster.LanePromises, muster.LaneMatching,
	muster.LanePromises, muster.LanePromises, muster.LaneMatching,
	muster.LanePromises, muster.LaneHousekeeping,
}

// plan is what a sweep has before it: the shards of each lane in which something is due, in random order,
// so that workers who sweep at once rarely meet.
type plan struct {
	rand   *rand.Rand
	turn   int
	shards map[muster.Lane][]int
}

func newPlan(r *rand.Rand) *plan {
	return &plan{rand: r, shards: make(map[muster.Lane][]int)}
}

// set replaces a lane's shards.
func (p *plan) set(lane muster.Lane, shards []int) {
	shards = append([]int(nil), shards...)
	p.rand.Shuffle(len(shards), func(i, j int) { shards[i], shards[j] = shards[j], shards[i] })
	p.shards[lane] = shards
}

// again puts a shard that may have more back, behind the others.
func (p *plan) again(lane muster.Lane, shard int) {
	p.shards[lane] = append(p.shards[lane], shard)
}

// next takes the shard whose turn it is; ok is false when nothing is left in any lane.
func (p *plan) next() (lane muster.Lane, shard int, ok bool) {
	for range turns {
		lane = turns[p.turn%len(turns)]
		p.turn++
		if s := p.shards[lane]; len(s) > 0 {
			p.shards[lane] = s[1:]
			return lane, s[0], true
		}
	}
	return "", 0, false
}
