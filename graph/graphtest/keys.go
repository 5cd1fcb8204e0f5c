package graphtest

import (
	"fmt"
	"sync"
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
