package main

import (
	"context"
	"fmt"
	"io"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/dispatch"
	"github.com/sysopssquad/muster/graph"
	"github.com/sysopssquad/muster/servertest"
)

// earlier is a clock of the past, with which a ticket can be made to wait for a moment that has come already.
type earlier struct{ by time.Duration }

func (e earlier) Now() time.Time { return time.Now().Add(-e.by) }

// TestDueWorkIsTakenUpWhateverRedisDoes: `muster work` on a real Redis that is killed, comes back and is wiped. In each state what
// comes due is done within a minute.
func TestDueWorkIsTakenUpWhateverRedisDoes(t *testing.T) {
	t.Parallel()
	const most = time.Minute // docs/guarantees.md
	at := "sqlite:" + filepath.Join(t.TempDir(), "m.db")
	answers(t, exitFine, "demo", "--experts", "12", "--tickets", "40", "--seed", "3", "--graph", at)
	redis, err := servertest.StartRedis("")
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, redis.Stop()) })

	ctx, stop := context.WithCancel(t.Context())
	ended, ready := make(chan int, 1), newLine("Muster works")
	go func() {
		ended <- run(ctx, []string{"work", "--graph", at, "--redis", redis.URL}, streams{strings.NewReader(""), io.Discard, ready})
	}()
	t.Cleanup(func() {
		stop()
		require.Equal(t, exitFine, <-ended)
	})
	<-ready.seen

	a := &app{graph: at}
	require.NoError(t, a.existing(t.Context(), muster.SystemClock{}, func(s graph.Store) error {
		cases, err := s.TicketCases(t.Context(), "", 40)
		require.NoError(t, err)
		next := 0
		for _, state := range []struct {
			redis string
			do    func() error
		}{
			{"up", func() error { return nil }},
			{"killed", redis.Kill},
			{"back", redis.Start},
			{"wiped", redis.WipeRedis},
			{"killed again", redis.Kill},
			{"back with what it had", redis.Start},
		} {
			require.NoError(t, state.do())
			id := wakeable(t, s, cases, &next)
			begin := time.Now()
			for {
				ticket := caseOf(t, s, id)
				if ticket.State != muster.Waiting {
					break
				}
				require.Less(t, time.Since(begin), most, "Redis is %s: %s still waits since %s", state.redis, id, ticket.Wait.Until)
				<-time.After(50 * time.Millisecond)
			}
			t.Logf("Redis %s: taken up after %s", state.redis, time.Since(begin).Round(100*time.Millisecond))
		}
		return nil
	}))
}

// wakeable makes the next ticket that can wait do so, until a moment that has passed.
func wakeable(t *testing.T, s graph.Store, cases []graph.TicketCase, next *int) muster.TicketID {
	t.Helper()
	past := dispatch.New(s, earlier{by: time.Hour})
	for ; *next < len(cases); *next++ {
		id := cases[*next].Ticket.ID
		cmd := muster.Command{ID: muster.CommandID("wait-" + id), Actor: muster.Actor{ID: "usr_dana", Role: muster.RoleDispatcher}}
		_, err := past.Wait(t.Context(), cmd, dispatch.WaitRequest{
			Ticket: id, For: muster.WaitDate, Until: time.Now().Add(-time.Minute),
		})
		if err == nil {
			*next++
			return id
		}
		require.NotEqual(t, muster.CodeInternal, muster.CodeOf(err), "%v", err)
	}
	require.FailNow(t, fmt.Sprint("no ticket is left that can wait, of ", len(cases)))
	return ""
}

func caseOf(t *testing.T, s graph.Store, id muster.TicketID) muster.Ticket {
	t.Helper()
	c, err := s.TicketCase(t.Context(), "", graph.CaseRef{Ticket: id})
	require.NoError(t, err)
	return c.Ticket
}
