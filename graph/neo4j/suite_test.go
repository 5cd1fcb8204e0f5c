package neo4j

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/graph"
	"github.com/sysopssquad/muster/graph/graphtest"
	"github.com/sysopssquad/muster/servertest"
)

func TestMain(m *testing.M) { servertest.Main(m) }

func TestContract(t *testing.T)  { graphtest.Run(t, options) }
func TestHistories(t *testing.T) { graphtest.Histories(t, options) }

var options = graphtest.Options{
	Open: func(t testing.TB) graph.Store { return empty(t, servertest.Neo4j(t)) },
	Reopen: func(t testing.TB, s graph.Store) graph.Store {
		require.NoError(t, s.Close(context.Background()))
		return open(t, servertest.Neo4j(t))
	},
	Faulty: func(t testing.TB) (graph.Store, graphtest.Faults) {
		p := servertest.NewProxy(t, servertest.Neo4j(t))
		s := empty(t, p.URL("bolt"))
		arm := func(f servertest.Fault) func() {
			return func() { p.Arm(servertest.BoltCommit, f, 1) }
		}
		return s, graphtest.Faults{LoseReply: arm(servertest.ReplyLost), LoseRequest: arm(servertest.RequestLost)}
	},
	Hide: func(t testing.TB, s graph.Store, aggregate string, rev int64) func() {
		p := parameters{"aggregate": aggregate, "rev": rev}
		do(t, s, "MATCH (e:Event {aggregate: $aggregate, rev: $rev}) REMOVE e:Event SET e:Hidden", p)
		return func() { do(t, s, "MATCH (e:Hidden) REMOVE e:Hidden SET e:Event", nil) }
	},
	SetVersion: func(t testing.TB, s graph.Store, version int) {
		do(t, s, "MATCH (s:Sequence {name: 'schema'}) SET s.value = $version", parameters{"version": version})
	},
	Older:     older,
	Histories: 15,
}

// open connects to the store at a URL; it is closed when the test ends.
func open(t testing.TB, url string) *Store {
	t.Helper()
	s, err := Open(t.Context(), url, muster.NewFakeClock(graphtest.Start))
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, s.Close(context.Background())) })
	return s
}

// empty opens the store at a URL with a schema and nothing else.
func empty(t testing.TB, url string) *Store {
	t.Helper()
	s := open(t, url)
	do(t, s, "MATCH (n) WHERE NOT n:Sequence OR n.name <> 'schema' CALL (n) { DETACH DELETE n } IN TRANSACTIONS OF 5000 ROWS", nil)
	require.NoError(t, s.Migrate(t.Context()))
	return s
}

// older takes a store back to schema version 1.
func older(t testing.TB, s graph.Store) {
	t.Helper()
	do(t, s, "MATCH (t:Ticket) REMOVE t.no_expert", nil)
	do(t, s, "DROP INDEX key_free", nil)
	do(t, s, "DROP INDEX customer_words", nil)
	do(t, s, "MATCH (s:Sequence {name: 'schema'}) SET s.value = 1", nil)
	s.(*Store).schema.Forget()
}

// do runs a statement that is not the store's own.
func do(t testing.TB, s graph.Store, text string, p parameters) {
	t.Helper()
	require.NoError(t, s.(*Store).define(t.Context(), text, p))
}
