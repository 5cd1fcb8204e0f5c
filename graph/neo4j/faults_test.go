package neo4j

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/graph"
	"github.com/sysopssquad/muster/graph/graphtest"
	"github.com/sysopssquad/muster/servertest"
)

// settled commits a change until its outcome is known, as callers must: the same change under the same id. A server
// that is away is waited for by signal.
func settled(ctx context.Context, s *Store, c graph.Change, away func()) (graph.Outcome, error) {
	for {
		out, err := s.Commit(ctx, c)
		switch muster.CodeOf(err) {
		case "":
			return out[0], nil
		case muster.CodeUnknown:
		case muster.CodeUnavailable:
			away()
		default:
			return graph.Outcome{}, err
		}
		if ctx.Err() != nil {
			return graph.Outcome{}, err
		}
	}
}

// requireHistory checks that a customer's revisions and events are exactly those that were accepted.
func requireHistory(t *testing.T, s *Store, id string, accepted int64) {
	t.Helper()
	found, err := s.Records(t.Context(), "", id)
	require.NoError(t, err)
	c, ok := found[id].(*muster.Customer)
	require.True(t, ok, "%s isn't there: %v", id, found)
	require.Equal(t, accepted, c.Rev)
	spans, err := s.EventSpans(t.Context(), id)
	require.NoError(t, err)
	require.Equal(t, graph.EventSpan{Low: 1, High: accepted, Count: accepted, Commands: accepted, Since: graphtest.Start}, spans[id])
}

// TestRepliesLostAroundCommit breaks every second commit in one of three ways; committing the same again makes each
// happen exactly once.
func TestRepliesLostAroundCommit(t *testing.T) {
	p := servertest.NewProxy(t, servertest.Neo4j(t))
	s := empty(t, p.URL("bolt"))
	c := graphtest.Customer(1)
	id := string(c.ID)
	const rounds = 60
	for n := range rounds {
		next := *c
		next.Rev = int64(n) + 1
		if n%2 == 1 {
			p.Arm(servertest.BoltCommit, servertest.Fault(n/2%3), 1)
		}
		out, err := settled(t.Context(), s, graphtest.Change(fmt.Sprintf("cmd_%d", n), &next), func() {})
		require.NoError(t, err)
		require.True(t, out.Accepted, "%d: %+v", n, out)
	}
	require.Equal(t, rounds/2, p.Hits())
	requireHistory(t, s, id, rounds)
}

// TestSilentConnectionsAreGivenUp: nothing tells of a link that is half open. Whoever waits on one takes another.
func TestSilentConnectionsAreGivenUp(t *testing.T) {
	p := servertest.NewProxy(t, servertest.Neo4j(t))
	s := empty(t, p.URL("bolt"))
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	c := graphtest.Customer(1)
	id := string(c.ID)
	change := func(n int64) {
		next := *c
		next.Rev = n
		out, err := settled(ctx, s, graphtest.Change(fmt.Sprintf("cmd_%d", n), &next), func() {})
		require.NoError(t, err)
		require.True(t, out.Accepted, "%d: %+v", n, out)
	}
	change(1)
	requireHistory(t, s, id, 1) // the server has planned them all
	s.silence = time.Second
	p.Arm(boltRun, servertest.Silence, 1)
	change(2)
	p.Arm(servertest.BoltCommit, servertest.Silence, 1)
	change(3)
	p.Arm(boltRun, servertest.Silence, 1)
	_, err := s.Records(ctx, "", id)
	require.NoError(t, err)
	require.Equal(t, 3, p.Hits())
	requireHistory(t, s, id, 3)

	p.Arm(boltRun, servertest.Silence, triesToConnect)
	_, err = s.Records(ctx, "", id)
	require.Equal(t, muster.CodeUnavailable, muster.CodeOf(err))
	require.True(t, Away(err), "%v", err)
}

// boltRun is in every RUN message: a statement's parameters have one name.
var boltRun = []byte("$p")

// TestCommitsWhileTheServerIsKilled has writers at work when the server dies. When it is back, every change has
// happened once.
func TestCommitsWhileTheServerIsKilled(t *testing.T) {
	const writers, each = 8, 12
	s := empty(t, servertest.Neo4j(t))
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	defer cancel()

	back := make(chan struct{}) // closed when the server is up again
	half := make(chan struct{}) // closed when half of the work is done
	var done atomic.Int64
	var wg sync.WaitGroup
	for w := range writers {
		wg.Go(func() {
			c := graphtest.Customer(w)
			for n := range each {
				next := *c
				next.Rev = int64(n) + 1
				out, err := settled(ctx, s, graphtest.Change(fmt.Sprintf("cmd_%d-%d", w, n), &next), func() {
					select {
					case <-back:
					case <-ctx.Done():
					}
				})
				if err != nil || !out.Accepted {
					t.Errorf("writer %d, change %d: %v %+v", w, n, err, out)
					return
				}
				if done.Add(1) == writers*each/2 {
					close(half)
				}
			}
		})
	}
	<-half
	servertest.KillNeo4j(t)
	servertest.RestartNeo4j(t)
	close(back)
	wg.Wait()
	for w := range writers {
		requireHistory(t, s, string(graphtest.Customer(w).ID), each)
	}
}

// TestAnAggregateThatManyCreateAtOnce: absence is judged by each before any of them has written.
func TestAnAggregateThatManyCreateAtOnce(t *testing.T) {
	const sessions, aggregates = 32, 6
	s := empty(t, servertest.Neo4j(t))
	var accepted atomic.Int64
	var wg sync.WaitGroup
	for n := range sessions {
		wg.Go(func() {
			var batch []graph.Change
			for i := range aggregates {
				c := graphtest.Customer((i*5 + n) % aggregates)
				batch = append(batch, graphtest.Change(fmt.Sprintf("cmd_%d-%d", n, i), c, graphtest.Site(c.ID, 100*n+i)))
			}
			out, err := s.Commit(t.Context(), batch...)
			if err != nil {
				t.Errorf("session %d: %v", n, err)
				return
			}
			for _, o := range out {
				if o.Accepted {
					accepted.Add(1)
				} else if len(o.Failed) != 1 || o.Failed[0].Rev != 1 {
					t.Errorf("session %d: %+v", n, o)
				}
			}
		})
	}
	wg.Wait()
	require.EqualValues(t, aggregates, accepted.Load())
	for i := range aggregates {
		requireHistory(t, s, string(graphtest.Customer(i).ID), 1)
	}
	require.Len(t, ask(t, s, "MATCH (n:Site) RETURN n.id"), aggregates)
}

func TestACancelledCommitGivesUpAtOnce(t *testing.T) {
	s := empty(t, servertest.Neo4j(t))
	blocker := open(t, servertest.Neo4j(t))
	c := graphtest.Customer(1)
	accept(t, s, graphtest.Change("cmd_1", c))

	ctx, cancel := context.WithCancel(t.Context())
	locked, release := make(chan struct{}), make(chan struct{})
	var wg sync.WaitGroup
	wg.Go(func() {
		err := blocker.alter(t.Context(), func(tx transaction) error {
			_, err := blocker.lock(tx, locks{roots: []string{string(c.ID)}})
			close(locked)
			<-release
			if err != nil {
				return err
			}
			return errNothing
		})
		if err != nil {
			t.Error(err)
		}
	})
	<-locked
	next := *c
	next.Rev = 2
	failed := make(chan error)
	go func() {
		_, err := s.Commit(ctx, graphtest.Change("cmd_2", &next))
		failed <- err
	}()
	cancel()
	err := <-failed
	require.ErrorIs(t, err, context.Canceled)
	require.NotEqual(t, muster.CodeUnknown, muster.CodeOf(err))
	close(release)
	wg.Wait()
	requireHistory(t, s, string(c.ID), 1)
}
