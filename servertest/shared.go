package servertest

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"sync"
	"testing"

	"go.uber.org/goleak"
)

// shared is a server that the tests of one process share. It is started when first asked for.
type shared struct {
	start func(dir string) (*Server, error)
	once  sync.Once
	s     *Server
	err   error
}

var (
	sharedNeo4j  = shared{start: StartBriefNeo4j}
	lastingNeo4j = shared{start: StartNeo4j}
	sharedRedis  = shared{start: StartRedis}
)

func (h *shared) get(t testing.TB) *Server {
	t.Helper()
	h.once.Do(func() { h.s, h.err = h.start("") })
	if h.err != nil {
		t.Fatal(h.err)
	}
	return h.s
}

// Main runs a package's tests, stops the servers that they started, and fails if a goroutine is left over:
//
//	func TestMain(m *testing.M) { servertest.Main(m) }
func Main(m *testing.M, ignore ...goleak.Option) {
	code := m.Run()
	if err := stopShared(); err != nil {
		fmt.Fprintln(os.Stderr, "servertest:", err)
		code = max(code, 1)
	}
	if code == 0 {
		if err := goleak.Find(ignore...); err != nil {
			fmt.Fprintln(os.Stderr, err)
			code = 1
		}
	}
	os.Exit(code)
}

func stopShared() error {
	var errs []error
	for _, h := range []*shared{&sharedNeo4j, &lastingNeo4j, &sharedRedis} {
		if h.s != nil {
			errs = append(errs, h.s.Stop())
		}
	}
	return errors.Join(errs...)
}

// Neo4j gives the URL, with user and password, of this process's Neo4j. Tests of one process share it: begin with
// WipeNeo4j, and don't run in parallel. It is bolt://, for the driver's routing has a data race of its own (v5.28.4,
// Router.InvalidateServer beside GetOrUpdateWriters) that connections which break bring out.
func Neo4j(t testing.TB) string {
	t.Helper()
	return "bolt" + strings.TrimPrefix(sharedNeo4j.get(t).URL, "neo4j")
}

// LastingNeo4j is another Neo4j than Neo4j's, tuned for long runs: for benchmarks. It is stopped by Main like the others.
func LastingNeo4j(t testing.TB) *Server {
	t.Helper()
	return lastingNeo4j.get(t)
}

// WipeNeo4j empties the graph; constraints and indexes stay.
func WipeNeo4j(t testing.TB) {
	t.Helper()
	if err := sharedNeo4j.get(t).WipeNeo4j(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// AlterNeo4j runs a statement past the store: what no commit would do.
func AlterNeo4j(t testing.TB, text string, parameters map[string]any) {
	t.Helper()
	if err := sharedNeo4j.get(t).alter(t.Context(), text, parameters); err != nil {
		t.Fatal(err)
	}
}

// KillNeo4j ends it as a power cut would.
func KillNeo4j(t testing.TB) {
	t.Helper()
	if err := sharedNeo4j.get(t).Kill(); err != nil {
		t.Fatal(err)
	}
}

// RestartNeo4j starts it again after KillNeo4j, on the same port and data, and waits until it answers.
func RestartNeo4j(t testing.TB) {
	t.Helper()
	if err := sharedNeo4j.get(t).Start(); err != nil {
		t.Fatal(err)
	}
}

// Redis gives the URL of this process's Redis. Tests of one process share it: begin with WipeRedis, and don't run in
// parallel.
func Redis(t testing.TB) string {
	t.Helper()
	return sharedRedis.get(t).URL
}

// WipeRedis deletes all keys.
func WipeRedis(t testing.TB) {
	t.Helper()
	if err := sharedRedis.get(t).WipeRedis(); err != nil {
		t.Fatal(err)
	}
}

// KillRedis ends it as a power cut would.
func KillRedis(t testing.TB) {
	t.Helper()
	if err := sharedRedis.get(t).Kill(); err != nil {
		t.Fatal(err)
	}
}

// RestartRedis starts it again after KillRedis, on the same port and data.
func RestartRedis(t testing.TB) {
	t.Helper()
	if err := sharedRedis.get(t).Start(); err != nil {
		t.Fatal(err)
	}
}
