package neo4j

import (
	"context"
	"errors"
	"net"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/neo4j/neo4j-go-driver/v5/neo4j"
	"github.com/stretchr/testify/require"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/graph"
	"github.com/sysopssquad/muster/graph/graphtest"
	"github.com/sysopssquad/muster/servertest"
)

func TestParse(t *testing.T) {
	for text, want := range map[string]address{
		"bolt://neo4j:pa%2Fss@localhost:7687":   {"bolt://localhost:7687", neo4j.BasicAuth("neo4j", "pa/ss", ""), "", "bolt://localhost:7687"},
		"neo4j://u:p@graph.example":             {"neo4j://graph.example", neo4j.BasicAuth("u", "p", ""), "", "neo4j://graph.example"},
		"neo4j+s://u:p@[::1]:7687/muster":       {"neo4j+s://[::1]:7687", neo4j.BasicAuth("u", "p", ""), "muster", "neo4j+s://[::1]:7687"},
		"bolt+ssc://127.0.0.1:7687":             {"bolt+ssc://127.0.0.1:7687", neo4j.NoAuth(), "", "bolt+ssc://127.0.0.1:7687"},
		"neo4j://u:p@host:7687?policy=europe":   {"neo4j://host:7687?policy=europe", neo4j.BasicAuth("u", "p", ""), "", "neo4j://host:7687"},
		"neo4j+ssc://u:with%40at@host:1/a%20db": {"neo4j+ssc://host:1", neo4j.BasicAuth("u", "with@at", ""), "a db", "neo4j+ssc://host:1"},
	} {
		got, err := parse(text)
		require.NoError(t, err, text)
		require.Equal(t, want, got, text)
	}
}

func TestParseRefusesWithoutShowingThePassword(t *testing.T) {
	for _, text := range []string{
		"", "localhost:7687", "http://u:secret@host", "sqlite:u:secret@x", "bolt://", "neo4j://u:secret@",
		"neo4j://u:se%zzcret@host", "neo4j://u:secret@host:port", "neo4j://u:sec/secret@host:7687",
	} {
		_, err := parse(text)
		if err == nil { // a slash ends the host: it looks like a database
			require.Equal(t, "neo4j://u:sec/secret@host:7687", text)
			continue
		}
		require.Equal(t, muster.CodeInvalid, muster.CodeOf(err), text)
		require.NotContains(t, err.Error(), "secret", text)
	}
}

func TestOpenSaysThatTheServerCantBeReached(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	free := l.Addr().String()
	require.NoError(t, l.Close())
	for _, scheme := range []string{"bolt", "neo4j"} {
		began := time.Now()
		_, err := Open(t.Context(), scheme+"://u:secret@"+free, muster.SystemClock{})
		require.Equal(t, muster.CodeUnavailable, muster.CodeOf(err), "%v", err)
		require.True(t, Away(err), "%v", err)
		require.ErrorContains(t, err, free)
		require.NotContains(t, err.Error(), "secret")
		require.Less(t, time.Since(began), 10*time.Second)
	}
}

func TestOpenSaysThatThePasswordIsWrong(t *testing.T) {
	u, err := url.Parse(servertest.Neo4j(t))
	require.NoError(t, err)
	u.User = url.UserPassword("neo4j", "not-this-secret")
	for _, scheme := range []string{"bolt", "neo4j"} {
		u.Scheme = scheme
		_, err = Open(t.Context(), u.String(), muster.SystemClock{})
		require.Equal(t, muster.CodeUnavailable, muster.CodeOf(err), "%v", err)
		require.False(t, Away(err), "waiting doesn't help: %v", err)
		require.ErrorContains(t, err, "user and password")
		require.NotContains(t, err.Error(), "secret")
	}
}

func TestOpenSaysThatThereIsNoSuchDatabase(t *testing.T) {
	_, err := Open(t.Context(), servertest.Neo4j(t)+"/elsewhere", muster.SystemClock{})
	require.Equal(t, muster.CodeUnavailable, muster.CodeOf(err), "%v", err)
	require.False(t, Away(err), "waiting doesn't help: %v", err)
	require.ErrorContains(t, err, "database")
}

func TestOpenRefusesANewerSchema(t *testing.T) {
	url := servertest.Neo4j(t)
	s := empty(t, url)
	do(t, s, "MATCH (s:Sequence {name: 'schema'}) SET s.value = $v", parameters{"v": graph.SchemaVersion + 1})
	_, err := Open(t.Context(), url, muster.SystemClock{})
	require.Equal(t, muster.CodeNewerSchema, muster.CodeOf(err), "%v", err)
	do(t, s, "MATCH (s:Sequence {name: 'schema'}) DELETE s", nil)
	fresh := open(t, url)
	_, err = fresh.Setup(t.Context())
	require.Equal(t, muster.CodeUnsuitable, muster.CodeOf(err), "%v", err)
	require.NoError(t, fresh.Migrate(t.Context()))
	_, err = fresh.Setup(t.Context())
	require.NoError(t, err)
}

func TestMigrateAddsTheIndexesThatHaveCome(t *testing.T) {
	s := empty(t, servertest.Neo4j(t))
	online := func() []string {
		return ask(t, s, "SHOW INDEXES YIELD name, state WHERE state = 'ONLINE' RETURN name ORDER BY name")
	}
	want := online()
	require.Contains(t, want, "key_free")
	older(t, s)
	require.NotContains(t, online(), "key_free")
	require.NotContains(t, online(), "customer_words")
	require.NoError(t, s.Migrate(t.Context()))
	require.Equal(t, want, online())
}

// A newer Muster brings the schema up to date while this one has the store open: reads and timers stop too.
func TestAStoreThatIsOpenNoticesANewerSchema(t *testing.T) {
	empty(t, servertest.Neo4j(t))
	clock := muster.NewFakeClock(graphtest.Start)
	s, err := Open(t.Context(), servertest.Neo4j(t), clock)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, s.Close(context.Background())) })
	_, err = s.Setup(t.Context())
	require.NoError(t, err)
	do(t, s, "MATCH (s:Sequence {name: 'schema'}) SET s.value = $v", parameters{"v": graph.SchemaVersion + 1})
	clock.Advance(5 * time.Second)
	_, err = s.Setup(t.Context())
	require.Equal(t, muster.CodeNewerSchema, muster.CodeOf(err), "%v", err)
	_, err = s.Reserve(t.Context(), 1)
	require.Equal(t, muster.CodeNewerSchema, muster.CodeOf(err), "%v", err)
	do(t, s, "MATCH (s:Sequence {name: 'schema'}) SET s.value = $v", parameters{"v": graph.SchemaVersion})
	_, err = s.Setup(t.Context())
	require.NoError(t, err)
}

func TestAServerThatIsSilentIsNamed(t *testing.T) {
	s := &Store{where: "graph.example:7687"}
	ctx, cancel := context.WithTimeout(t.Context(), -1)
	defer cancel()
	err := s.failure(ctx, errors.New("i/o timeout"))
	require.Equal(t, muster.CodeUnavailable, muster.CodeOf(err))
	require.ErrorContains(t, err, "the graph at graph.example:7687 didn't answer in time")
}

func TestARehearsalLeavesNothingBehind(t *testing.T) {
	s := empty(t, servertest.Neo4j(t))
	_, err := s.Commit(t.Context(), graphtest.Change("cmd_1", graphtest.Customer(1)))
	require.NoError(t, err)
	all := func() []string {
		return ask(t, s, "MATCH (n) RETURN [elementId(n), labels(n), properties(n)] AS node ORDER BY node[0]")
	}
	before := all()
	for range 2 {
		require.NoError(t, s.Rehearse(t.Context()))
	}
	require.Equal(t, before, all())
}

func TestSupported(t *testing.T) {
	for agent, want := range map[string]bool{
		"Neo4j/5.26.30": true, "Neo4j/5.25.1": false, "Neo4j/4.4.12": false, "Neo4j/2026.09.0": true, "Memgraph": true,
	} {
		require.Equal(t, want, supported(agent), agent)
	}
}

func TestNowIsTheServersClock(t *testing.T) {
	s, err := Open(t.Context(), servertest.Neo4j(t), muster.SystemClock{})
	require.NoError(t, err)
	defer func() { require.NoError(t, s.Close(t.Context())) }()
	now, err := s.Now(t.Context())
	require.NoError(t, err)
	require.WithinDuration(t, time.Now(), now, 5*time.Second)
	require.Equal(t, muster.Instant(now), now)
}

func TestEveryStatementIsUsed(t *testing.T) {
	require.Panics(t, func() { statement("none") })
	for name, text := range statements {
		require.NotEmpty(t, text, name)
		require.NotContains(t, text, "//", name)
		for _, param := range regexp.MustCompile(`\$[a-z]+`).FindAllString(text, -1) {
			require.Equal(t, "$p", param, "%s: parameters are one map, or there is a plan for each combination of their sizes", name)
		}
		require.False(t, strings.ContainsAny(text, ";") && name != "schema", name)
	}
}
