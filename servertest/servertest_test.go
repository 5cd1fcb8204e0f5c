package servertest

import (
	"context"
	"net/url"
	"os"
	"syscall"
	"testing"

	"github.com/neo4j/neo4j-go-driver/v5/neo4j"
	"github.com/stretchr/testify/require"
)

func TestMain(m *testing.M) { Main(m) }

// address is host:port of a server.
func address(t *testing.T, s *Server) string {
	t.Helper()
	u, err := url.Parse(s.URL)
	require.NoError(t, err)
	return u.Host
}

func count(t *testing.T, d neo4j.DriverWithContext) int64 {
	t.Helper()
	r, err := neo4j.ExecuteQuery(t.Context(), d, "MATCH (n:Thing) RETURN count(n)", nil, neo4j.EagerResultTransformer)
	require.NoError(t, err)
	return r.Records[0].Values[0].(int64)
}

func TestNeo4jKeepsWhatWasCommittedWhenKilled(t *testing.T) {
	s := sharedNeo4j.get(t)
	ctx := t.Context()
	open := func() neo4j.DriverWithContext {
		d, err := neo4j.NewDriverWithContext("neo4j://"+address(t, s), neo4j.BasicAuth(neo4jUser, neo4jPassword, ""))
		require.NoError(t, err)
		return d
	}
	d := open()
	_, err := neo4j.ExecuteQuery(ctx, d, "UNWIND range(1, 12000) AS n CREATE (:Thing {n: n})", nil, neo4j.EagerResultTransformer)
	require.NoError(t, err)
	require.EqualValues(t, 12000, count(t, d))
	require.NoError(t, d.Close(ctx))

	pid := s.Pid()
	KillNeo4j(t)
	require.ErrorIs(t, syscall.Kill(pid, 0), syscall.ESRCH)
	RestartNeo4j(t)
	d = open()
	defer func() { require.NoError(t, d.Close(context.Background())) }()
	require.EqualValues(t, 12000, count(t, d))
	WipeNeo4j(t)
	require.EqualValues(t, 0, count(t, d))
}

func TestNeo4jAsksForThePassword(t *testing.T) {
	s := sharedNeo4j.get(t)
	for range 5 { // more often than a server forgives that counts failures
		require.ErrorContains(t, run(t.Context(), "bolt://"+address(t, s), "wrong", "neo4j", "RETURN 1", nil), "Unauthorized")
	}
	require.NoError(t, run(t.Context(), "bolt://"+address(t, s), neo4jPassword, "neo4j", "RETURN 1", nil))
}

func TestRedisKeepsWhatWasWrittenWhenKilled(t *testing.T) {
	s := sharedRedis.get(t)
	require.NoError(t, s.redis("SET k v", "+OK"))
	require.NoError(t, s.redis("CONFIG SET appendfsync always", "+OK"))
	require.NoError(t, s.redis("SET k2 v", "+OK"))
	KillRedis(t)
	require.Error(t, s.redis("PING", "+PONG"))
	RestartRedis(t)
	require.NoError(t, s.redis("EXISTS k k2", ":2"))
	WipeRedis(t)
	require.NoError(t, s.redis("EXISTS k k2", ":0"))
}

func TestStopRemovesATemporaryHome(t *testing.T) {
	s, err := StartRedis("")
	require.NoError(t, err)
	require.DirExists(t, s.home)
	require.NoError(t, s.Stop())
	require.NoDirExists(t, s.home)
}

func TestStopKeepsAGivenHome(t *testing.T) {
	dir := t.TempDir()
	s, err := StartRedis(dir)
	require.NoError(t, err)
	require.NoError(t, s.redis("SET k v", "+OK"))
	require.NoError(t, s.Stop())
	s, err = StartRedis(dir)
	require.NoError(t, err)
	require.NoError(t, s.redis("EXISTS k", ":1"))
	require.NoError(t, s.Stop())
}

func TestMissingServersNameTheRemedy(t *testing.T) {
	t.Setenv("MUSTER_SERVERS", t.TempDir())
	_, err := StartNeo4j("")
	require.ErrorContains(t, err, remedy)
	t.Setenv("PATH", t.TempDir())
	_, err = StartRedis("")
	require.ErrorContains(t, err, remedy)
}

func TestSweepRemovesHomesOfTheDead(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	dead, alive := os.TempDir()+"/"+prefix+"999999999-redis-1", os.TempDir()+"/"+prefix+"1-redis-1"
	require.NoError(t, os.Mkdir(dead, 0o700))
	require.NoError(t, os.Mkdir(alive, 0o700))
	sweep()
	require.NoDirExists(t, dead)
	require.DirExists(t, alive)
}
