package graph_test

import (
	"fmt"
	"maps"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/graph"
	"github.com/sysopssquad/muster/graph/graphtest"
)

var (
	judgedIDs  = []string{"cus_00000001", "cus_00000002", "cus_00000003"}
	judgedKeys = []muster.Key{"k1", "k2", "k3"}
	judgedBy   = []string{"o1", "o2"}
)

func drawState(t *rapid.T) *graph.State {
	s := &graph.State{
		Commands: map[muster.CommandID]muster.Outcome{}, Roots: map[string]graph.RootState{}, Owners: map[muster.Key]string{},
	}
	for _, id := range judgedIDs {
		if rev := rapid.Int64Range(0, 2).Draw(t, "rev"); rev > 0 {
			s.Roots[id] = graph.RootState{Rev: rev, Alive: rapid.Bool().Draw(t, "alive"), Fence: rapid.Int64Range(1, 3).Draw(t, "fence")}
		}
	}
	for _, k := range judgedKeys {
		if owner := rapid.SampledFrom(append(judgedBy, "")).Draw(t, "owner"); owner != "" {
			s.Owners[k] = owner
		}
	}
	if rapid.Bool().Draw(t, "known") {
		c := graphtest.Change("cmd_1")
		s.Commands[c.Command.ID] = c.Stored()
	}
	return s
}

// drawChange draws a change that passes Check: puts of customers with their guards, other guards, keys.
func drawChange(t *rapid.T) graph.Change {
	var put []muster.Record
	for n := range judgedIDs {
		if rev := rapid.Int64Range(0, 3).Draw(t, "put"); rev > 0 {
			c := graphtest.Customer(n + 1)
			c.Rev, c.Removed = rev, rapid.Bool().Draw(t, "removed")
			put = append(put, c)
		}
	}
	c := graphtest.Change(fmt.Sprintf("cmd_%d", rapid.IntRange(1, 6).Draw(t, "command")), put...)
	c.Result = []byte(fmt.Sprint(rapid.IntRange(0, 99).Draw(t, "result")))
	if rapid.IntRange(0, 5).Draw(t, "other") == 0 {
		c.Command.Fingerprint = "other"
	}
	if rapid.Bool().Draw(t, "guarded") {
		id := rapid.SampledFrom(judgedIDs).Draw(t, "id")
		guards := []graph.Guard{graph.Alive(id), graph.Fenced(id, 2), graph.At(id, 1), graph.At(id, 2), graph.Absent(id)}
		if slices.ContainsFunc(c.Expect, func(g graph.Guard) bool { return g.ID == id }) {
			guards = guards[:2] // one on the revision is enough
		}
		c.Expect = append(c.Expect, rapid.SampledFrom(guards).Draw(t, "guard"))
	}
	for _, k := range judgedKeys {
		claim := muster.Claim{Key: k, Owner: rapid.SampledFrom(judgedBy).Draw(t, "by")}
		switch rapid.IntRange(0, 6).Draw(t, "key") {
		case 0:
			c.Claim = append(c.Claim, claim)
		case 1:
			c.Release = append(c.Release, claim)
		case 2:
			c.Release = append(c.Release, claim)
			c.Claim = append(c.Claim, muster.Claim{Key: k, Owner: rapid.SampledFrom(judgedBy).Draw(t, "to")})
		}
	}
	return c
}

func copyOf(s *graph.State) *graph.State {
	return &graph.State{Commands: maps.Clone(s.Commands), Roots: maps.Clone(s.Roots), Owners: maps.Clone(s.Owners)}
}

func TestJudge(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		start := drawState(t)
		changes := rapid.SliceOfN(rapid.Custom(drawChange), 1, 6).Draw(t, "changes")
		for _, c := range changes {
			require.NoError(t, c.Check())
		}
		end := copyOf(start)
		outcomes := graph.Judge(end, changes)
		require.Len(t, outcomes, len(changes))

		one := copyOf(start) // the same, one at a time
		for i, c := range changes {
			before := copyOf(one)
			o := graph.Judge(one, []graph.Change{c})[0]
			require.Equal(t, outcomes[i], o, "a batch is judged as its changes one after another")
			first, known := before.Commands[c.Command.ID]
			switch {
			case known:
				same := first.Fingerprint == c.Command.Fingerprint
				require.Equal(t, same, o.Replayed && o.Accepted)
				require.Equal(t, !same, o.Reused)
				if same {
					require.Equal(t, first.Result, o.Result)
				}
				require.Equal(t, before, one, "a replay has no effect")
			case o.Accepted:
				require.False(t, o.Replayed)
				requireHeld(t, before, c)
				requireApplied(t, before, one, c)
			default:
				require.True(t, len(o.Failed) > 0 || len(o.Taken) > 0, "refused without a reason")
				requireRefusal(t, before, o)
				require.Equal(t, before, one, "a refused change has no effect")
			}
		}
		require.Equal(t, one, end)
		requireMerged(t, start, end, changes, outcomes)
	})
}

// requireHeld holds an accepted change against the state before it.
func requireHeld(t *rapid.T, s *graph.State, c graph.Change) {
	for _, g := range c.Expect {
		r, exists := s.Roots[g.ID]
		require.Equal(t, g.Absent, g.Absent && !exists, "%+v", g)
		require.Equal(t, g.Alive, g.Alive && r.Alive, "%+v", g)
		require.True(t, g.Rev == 0 || g.Rev == r.Rev, "%+v", g)
		require.True(t, g.Fence == 0 || g.Fence == r.Fence, "%+v", g)
	}
	released := map[muster.Key]bool{}
	for _, k := range c.Release {
		require.Equal(t, k.Owner, s.Owners[k.Key])
		released[k.Key] = true
	}
	for _, k := range c.Claim {
		owner := s.Owners[k.Key]
		require.True(t, owner == "" || owner == k.Owner || released[k.Key])
	}
}

// requireApplied holds the state after an accepted change against the one before it.
func requireApplied(t *rapid.T, before, after *graph.State, c graph.Change) {
	want := copyOf(before)
	for _, r := range c.Put {
		root := r.(muster.Root)
		want.Roots[r.RecordID()] = graph.RootState{Rev: root.Revision(), Alive: root.Alive(), Fence: before.Roots[r.RecordID()].Fence + 1}
	}
	for _, k := range c.Release {
		delete(want.Owners, k.Key)
	}
	for _, k := range c.Claim {
		want.Owners[k.Key] = k.Owner
	}
	want.Commands[c.Command.ID] = c.Stored()
	require.Equal(t, want, after)
}

// requireRefusal holds what a refusal names against the state.
func requireRefusal(t *rapid.T, s *graph.State, o graph.Outcome) {
	for _, f := range o.Failed {
		r := s.Roots[f.Guard.ID]
		require.Equal(t, graph.Failed{Guard: f.Guard, Rev: r.Rev, Alive: r.Alive, Fence: r.Fence}, f)
	}
	for _, k := range o.Taken {
		require.Equal(t, s.Owners[k.Claim.Key], k.Owner)
		require.NotEqual(t, k.Claim.Owner, k.Owner)
	}
}

// requireMerged replays the writes of a batch on the state before it: that must give the state after it.
func requireMerged(t *rapid.T, start, end *graph.State, changes []graph.Change, outcomes []graph.Outcome) {
	w := graph.Merge(changes, outcomes)
	owners := maps.Clone(start.Owners)
	for _, k := range w.Released {
		delete(owners, k.Key)
	}
	for _, k := range w.Claimed {
		require.NotContains(t, w.Released, muster.Claim{Key: k.Key})
		owners[k.Key] = k.Owner
	}
	require.Equal(t, end.Owners, owners)
	written := map[string]bool{}
	for _, r := range w.Records {
		require.False(t, written[r.RecordID()], "%s is written twice", r.RecordID())
		written[r.RecordID()] = true
		require.Equal(t, end.Roots[r.RecordID()].Rev, r.(muster.Root).Revision())
	}
	for id, r := range end.Roots {
		require.Equal(t, r != start.Roots[id], written[id])
	}
	told := map[string]bool{}
	for _, e := range w.Events {
		id := fmt.Sprintf("%s/%d", e.Aggregate, e.Rev)
		require.False(t, told[id], "%s is told twice", id)
		told[id] = true
	}
	for id, r := range end.Roots { // every revision of the batch has its event
		for rev := start.Roots[id].Rev + 1; rev <= r.Rev; rev++ {
			require.True(t, told[fmt.Sprintf("%s/%d", id, rev)])
		}
	}
	var commands []muster.CommandID
	for _, c := range w.Commands {
		commands = append(commands, c.ID)
		require.Equal(t, c, end.Commands[c.ID])
		require.NotContains(t, start.Commands, c.ID)
	}
	slices.Sort(commands)
	require.Len(t, slices.Compact(commands), len(end.Commands)-len(start.Commands))
}
