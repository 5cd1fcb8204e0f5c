package graphtest

import (
	"fmt"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/graph"
)

const place muster.Key = "place/vis_1/0"

// keyed makes a change that claims and releases and has no other effect.
func keyed(command string, release, claim []muster.Claim) graph.Change {
	c := Change(command)
	c.Release, c.Claim = release, claim
	return c
}

func held(key muster.Key, owner string) []muster.Claim {
	return []muster.Claim{{Key: key, Owner: owner}}
}

// owner tells who holds a key, "" for nobody.
func (s session) owner(key muster.Key) string {
	s.Helper()
	m, err := s.Owners(s.ctx, key)
	require.NoError(s, err)
	return m[key]
}

var keyTests = []test{
	{"a free key is claimed, a held one is not", func(t *testing.T, o Options) {
		s := open(t, o)
		s.must(keyed("cmd_1", nil, held(place, "asg_a")))
		out := s.try(keyed("cmd_2", nil, held(place, "asg_b")))
		require.Equal(t, []graph.Taken{{Claim: held(place, "asg_b")[0], Owner: "asg_a"}}, out[0].Taken)
		code(t, muster.CodeTaken, out[0].Err())
		require.Equal(t, "asg_a", s.owner(place))
	}},

	{"its holder may claim it again", func(t *testing.T, o Options) {
		s := open(t, o)
		s.must(keyed("cmd_1", nil, held(place, "asg_a")), keyed("cmd_2", nil, held(place, "asg_a")))
		s.must(keyed("cmd_3", nil, held(place, "asg_a")))
	}},

	{"only its holder releases it", func(t *testing.T, o Options) {
		s := open(t, o)
		out := s.try(keyed("cmd_1", held(place, "asg_a"), nil))
		require.Equal(t, []graph.Taken{{Claim: held(place, "asg_a")[0]}}, out[0].Taken)
		s.must(keyed("cmd_2", nil, held(place, "asg_a")))
		out = s.try(keyed("cmd_3", held(place, "asg_b"), nil))
		require.Equal(t, []graph.Taken{{Claim: held(place, "asg_b")[0], Owner: "asg_a"}}, out[0].Taken)
		s.must(keyed("cmd_4", held(place, "asg_a"), nil))
		require.Empty(t, s.owner(place))
		s.must(keyed("cmd_5", nil, held(place, "asg_b")))
	}},

	{"release comes before claim in one change", func(t *testing.T, o Options) {
		s := open(t, o)
		s.must(keyed("cmd_1", nil, held(place, "asg_a")))
		s.must(keyed("cmd_2", held(place, "asg_a"), held(place, "asg_b")))
		require.Equal(t, "asg_b", s.owner(place))
	}},

	{"releases and claims follow each other in one batch", func(t *testing.T, o Options) {
		s := open(t, o)
		out := s.try(
			keyed("cmd_1", nil, held(place, "asg_a")),
			keyed("cmd_2", nil, held(place, "asg_b")),
			keyed("cmd_3", held(place, "asg_a"), nil),
			keyed("cmd_4", nil, held(place, "asg_c")),
			keyed("cmd_5", held(place, "asg_c"), held(place, "asg_d")),
			keyed("cmd_6", held(place, "asg_a"), nil),
		)
		var accepted []bool
		for _, o := range out {
			accepted = append(accepted, o.Accepted)
		}
		require.Equal(t, []bool{true, false, true, true, true, false}, accepted)
		require.Equal(t, "asg_d", s.owner(place))
	}},

	{"a key that was claimed and released in one batch is free", func(t *testing.T, o Options) {
		s := open(t, o)
		s.must(keyed("cmd_1", nil, held(place, "asg_a")), keyed("cmd_2", held(place, "asg_a"), nil))
		require.Empty(t, s.owner(place))
	}},

	{"a refused change keeps no key", func(t *testing.T, o Options) {
		s := open(t, o)
		s.must(keyed("cmd_1", nil, held(place, "asg_a")))
		both := append(held("place/vis_2/0", "asg_b"), held(place, "asg_b")...)
		require.False(t, s.try(keyed("cmd_2", nil, both))[0].Accepted)
		require.Empty(t, s.owner("place/vis_2/0"))
	}},

	{"every taken key is named", func(t *testing.T, o Options) {
		s := open(t, o)
		s.must(keyed("cmd_1", nil, append(held("email/a", "cus_a"), held("email/b", "cus_b")...)))
		out := s.try(keyed("cmd_2", nil, append(held("email/a", "cus_c"), append(held("email/free", "cus_c"), held("email/b", "cus_c")...)...)))
		require.Equal(t, []graph.Taken{
			{Claim: held("email/a", "cus_c")[0], Owner: "cus_a"}, {Claim: held("email/b", "cus_c")[0], Owner: "cus_b"},
		}, out[0].Taken)
	}},

	{"keys contended by 32 sessions have one winner each", func(t *testing.T, o Options) {
		const sessions, keys = 32, 20
		s := open(t, o)
		var mu sync.Mutex
		winners := make(map[muster.Key][]string)
		var wg sync.WaitGroup
		for n := range sessions {
			wg.Go(func() {
				owner := fmt.Sprintf("asg_%d", n)
				for k := range keys {
					key := muster.Key(fmt.Sprintf("place/vis_%d/0", (k+n)%keys))
					out, err := s.Commit(s.ctx, keyed(fmt.Sprintf("cmd_%d-%d", n, k), nil, held(key, owner)))
					if err != nil {
						t.Errorf("session %d: %v", n, err)
						return
					}
					if out[0].Accepted {
						mu.Lock()
						winners[key] = append(winners[key], owner)
						mu.Unlock()
					}
				}
			})
		}
		wg.Wait()
		require.Len(t, winners, keys)
		for key, owners := range winners {
			require.Len(t, owners, 1, key)
			require.Equal(t, owners[0], s.owner(key))
		}
	}},

	{"keys that go from hand to hand have one holder at a time", func(t *testing.T, o Options) {
		handToHand(open(t, o), 32, 2)
	}},

	{"so they have while what nobody holds is pruned", func(t *testing.T, o Options) {
		s := open(t, o)
		var done atomic.Bool
		var pruning sync.WaitGroup
		pruning.Go(func() {
			for !done.Load() {
				if _, err := s.Prune(s.ctx, Start.AddDate(100, 0, 0), 2); err != nil {
					t.Errorf("prune: %v", err)
					return
				}
			}
		})
		handToHand(s, 10, 6)
		done.Store(true)
		pruning.Wait()
	}},

	{"sets of keys claimed in any order by many sessions neither deadlock nor split", func(t *testing.T, o Options) {
		const sessions, keys = 16, 6
		s := open(t, o)
		var wg sync.WaitGroup
		for n := range sessions {
			wg.Go(func() {
				owner := fmt.Sprintf("asg_%d", n)
				var claims []muster.Claim
				for k := range keys { // each session names them in an order of its own
					claims = append(claims, muster.Claim{Key: muster.Key(fmt.Sprintf("place/vis_%d/0", (k*5+n)%keys)), Owner: owner})
				}
				if _, err := s.Commit(s.ctx, keyed("cmd_"+owner, nil, claims)); err != nil {
					t.Errorf("session %d: %v", n, err)
				}
			})
		}
		wg.Wait()
		first := s.owner("place/vis_0/0")
		require.NotEmpty(t, first)
		for k := range keys {
			require.Equal(t, first, s.owner(muster.Key(fmt.Sprintf("place/vis_%d/0", k))))
		}
	}},
}

// handToHand has sessions that take the same keys and give them back, so many turns each. Nobody may hold them beside
// another, lose them, or be told anything but that they are taken.
func handToHand(s session, sessions, turns int) {
	s.Helper()
	var holders atomic.Int64
	refused := make(chan struct{}) // closed when one session was: till then the first holder waits
	contended := sync.OnceFunc(func() { close(refused) })
	var wg sync.WaitGroup
	for n := range sessions {
		wg.Go(func() {
			c := Customer(n)
			claim := []muster.Claim{{Key: "email/b", Owner: string(c.ID)}, {Key: "email/a", Owner: string(c.ID)}}
			for rev := int64(1); rev < 2*int64(turns); {
				take := Change(fmt.Sprintf("cmd_%d-%d", n, rev), with(c, func(c *muster.Customer) { c.Rev = rev }))
				take.Claim = claim
				out, err := s.Commit(s.ctx, take)
				if err != nil {
					contended()
					s.Errorf("session %d: %v", n, err)
					return
				}
				if !out[0].Accepted {
					contended()
					if len(out[0].Taken) != 2 || len(out[0].Failed) != 0 {
						s.Errorf("session %d: %+v", n, out[0])
						return
					}
					continue
				}
				<-refused
				if holders.Add(1) != 1 {
					s.Errorf("session %d holds the keys beside another", n)
				}
				held, err := s.Owners(s.ctx, "email/a", "email/b")
				if err != nil || held["email/a"] != string(c.ID) || held["email/b"] != string(c.ID) {
					s.Errorf("session %d has lost a key: %v %v", n, held, err)
				}
				holders.Add(-1) // from here on another may have them
				give := Change(fmt.Sprintf("cmd_%d-%d", n, rev+1), with(c, func(c *muster.Customer) { c.Rev = rev + 1 }))
				give.Release = claim
				if out, err = s.Commit(s.ctx, give); err != nil || !out[0].Accepted {
					s.Errorf("session %d can't give back: %v %+v", n, err, out)
					return
				}
				rev += 2
			}
		})
	}
	wg.Wait()
	require.Empty(s, s.owner("email/a"))
	require.Empty(s, s.owner("email/b"))
	all := int64(2 * turns)
	for n := range sessions {
		id := string(Customer(n).ID)
		spans, err := s.EventSpans(s.ctx, id)
		require.NoError(s, err)
		require.Equal(s, graph.EventSpan{Low: 1, High: all, Count: all, Commands: all, Since: Start}, spans[id])
	}
}
