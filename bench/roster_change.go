package bench

import (
	"math/rand/v2"
	"slices"
	"sync/atomic"
	"time"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/matcher/roster"
)

// change times changes of single experts, then searches without and with changes beside them, by turns.
func (c *crowd) change(r *roster.Roster, asks []ask, rng *rand.Rand) (out Changed, err error) {
	const changes, turns = 5000, 20
	out.Changes = changes
	took := make([]float64, 0, changes)
	for n := range changes {
		e := c.changed(rng)
		began := time.Now()
		err := r.Put(e, uint64(n))
		took = append(took, since(began))
		if err != nil {
			return out, err
		}
	}
	out.P50, out.P99, _ = spread(took)
	var writing atomic.Bool
	done, failed := make(chan struct{}), make(chan error, 1)
	go func() {
		tick := time.NewTicker(time.Millisecond)
		defer tick.Stop()
		var err error
		for n := uint64(changes); err == nil; n++ {
			select {
			case <-done:
				failed <- nil
				return
			case <-tick.C:
			}
			if writing.Load() {
				err = r.Put(c.changed(rng), n)
			}
		}
		failed <- err
	}()
	var alone, beside []float64
	into := make([]roster.Hit, topOf)
	for turn := range 2 * turns {
		writing.Store(turn%2 == 1)
		for i := range asks {
			began := time.Now()
			_, err := r.Now().Find(&asks[i].Query, into)
			if err != nil {
				return out, err
			}
			if turn%2 == 0 {
				alone = append(alone, since(began))
			} else {
				beside = append(beside, since(began))
			}
		}
	}
	close(done)
	out.Alone, _, _ = spread(alone)
	out.Beside, _, _ = spread(beside)
	return out, <-failed
}

// changed is an expert after what happens to one: mostly a tour gets a visit or loses one; some go on leave, are examined or move.
func (c *crowd) changed(rng *rand.Rand) roster.Entry {
	e := &c.entries[rng.IntN(len(c.entries))]
	switch rng.IntN(20) {
	case 0:
		from := c.horizon.Start.Add(time.Duration(rng.IntN(24*days)) * time.Hour)
		e.Leave = append(slices.Clone(e.Leave), muster.Window{Start: from, End: from.AddDate(0, 0, 1+rng.IntN(7))})
	case 1:
		k := c.tree[rng.IntN(len(c.tree))]
		e.Skills = append(slices.Clone(e.Skills), muster.Competence{Skill: k.ID, Level: muster.Level(1 + rng.IntN(5)), Expires: c.horizon.End.AddDate(1, 0, 0)})
	case 2:
		e.Base = c.sites[rng.IntN(len(c.sites))]
	default:
		e.Shifts = slices.Clone(e.Shifts)
		e.Shifts[rng.IntN(len(e.Shifts))].Room = rng.IntN(5)
	}
	return *e
}

// shares counts who is on shift at random times, and whose tour has room then.
func (c *crowd) shares() (onShift, room float64) {
	rng := rand.New(rand.NewPCG(1, 7))
	const times = 20
	for range times {
		at := c.horizon.Start.Add(time.Duration(rng.IntN(24*4*days)) * quarter)
		for i := range c.entries {
			for _, s := range c.entries[i].Shifts {
				if !at.Before(s.Start) && !at.Add(visit).After(s.End) {
					onShift++
					if s.Room > 0 {
						room++
					}
				}
			}
		}
	}
	return onShift / times / float64(len(c.entries)), room / onShift
}
