package neo4j

import (
	"testing"
	"time"

	"github.com/neo4j/neo4j-go-driver/v5/neo4j"
	"github.com/stretchr/testify/require"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/graph"
	"github.com/sysopssquad/muster/graph/graphtest"
	"github.com/sysopssquad/muster/servertest"
)

func node(t *testing.T, r muster.Record) neo4j.Node {
	t.Helper()
	e, err := encode(r)
	require.NoError(t, err)
	return neo4j.Node{Props: e.properties}
}

func TestEveryKindSurvivesItsNode(t *testing.T) {
	for _, spec := range graph.Schema {
		for _, want := range []muster.Record{graphtest.Filled(t, spec.Kind)} {
			r := &reader{}
			got, err := r.record(node(t, want))
			require.NoError(t, err)
			require.False(t, r.torn, spec.Kind)
			require.Equal(t, want, got)
		}
	}
}

// TestAHalfWrittenNodeIsNoticed mixes two revisions of a ticket property by property, as a reader sees them while a
// commit is being applied.
func TestAHalfWrittenNodeIsNoticed(t *testing.T) {
	before := graphtest.Filled(t, muster.KindTicket).(*muster.Ticket)
	after := *before
	after.Rev, after.Title, after.State, after.DueAt = 2, "Other", muster.Resolved, after.DueAt.Add(time.Hour)
	a, b := node(t, before), node(t, &after)
	mixed := 0
	for name, v := range b.Props {
		if v == a.Props[name] || kinds[muster.KindTicket].derived(name) {
			continue
		}
		half := neo4j.Node{Props: map[string]any{}}
		for n, v := range a.Props {
			half.Props[n] = v
		}
		half.Props[name] = v
		mixed++
		r := &reader{}
		_, err := r.record(half)
		require.NoError(t, err)
		require.True(t, r.torn, name)
		lenient := &reader{lenient: true}
		_, err = lenient.record(half)
		require.NoError(t, err)
		require.False(t, lenient.torn, name)
	}
	require.GreaterOrEqual(t, mixed, 5, "rev, title, state, due_at and the sum")
}

// derived tells whether a property is none of those that are read back.
func (k *kind) derived(name string) bool {
	if name == "_sum" {
		return false
	}
	for _, i := range k.decoded {
		if k.Fields[i].Name == name {
			return false
		}
	}
	return true
}

func TestARootWithoutItsNewestPartIsNoticed(t *testing.T) {
	c := graphtest.Customer(1)
	root := node(t, c)
	first, second := node(t, graphtest.Site(c.ID, 1)), node(t, graphtest.Site(c.ID, 2))
	root.Props["_parts"] = first.Props["_sum"].(int64) ^ second.Props["_sum"].(int64)
	for _, c := range []struct {
		rev   int64
		parts []any
		torn  bool
	}{
		{1, []any{first, second}, false},
		{1, []any{second, first}, false},
		{1, []any{first}, true},
		{1, nil, true},
		{0, []any{first, second}, true}, // the root moved while the parts were read
	} {
		r := &reader{}
		r.whole(root, c.rev, c.parts)
		require.Equal(t, c.torn, r.torn, "%+v", c)
	}
}

func TestWhatWasChangedByHandIsStillRead(t *testing.T) {
	s := empty(t, servertest.Neo4j(t))
	c := graphtest.Customer(1)
	_, err := s.Commit(t.Context(), graphtest.Change("cmd_1", c, graphtest.Site(c.ID, 1)))
	require.NoError(t, err)
	do(t, s, "MATCH (n:Customer) SET n.name = 'Somebody'", nil)
	do(t, s, "MATCH (n:Site) DETACH DELETE n", nil)
	got, err := s.CustomerCase(t.Context(), "", c.ID)
	require.NoError(t, err)
	require.Equal(t, "Somebody", got.Customer.Name)
	require.Empty(t, got.Sites)
}
