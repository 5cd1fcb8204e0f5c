package api

import (
	"context"
	"net/http"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/dispatch"
	intake "github.com/sysopssquad/muster/dispatch/journal"
	"github.com/sysopssquad/muster/graph"
)

// severed is a store that can hang: nothing answers before its caller gives up.
type severed struct {
	graph.Store
	away atomic.Bool
}

func (s *severed) wait(ctx context.Context) error {
	if !s.away.Load() {
		return nil
	}
	<-ctx.Done()
	return ctx.Err()
}

func (s *severed) Users(ctx context.Context, scope muster.Scope) ([]*muster.User, error) {
	if err := s.wait(ctx); err != nil {
		return nil, err
	}
	return s.Store.Users(ctx, scope)
}

func (s *severed) Setup(ctx context.Context) (graph.Setup, error) {
	if err := s.wait(ctx); err != nil {
		return graph.Setup{}, err
	}
	return s.Store.Setup(ctx)
}

func (s *severed) CustomerCase(ctx context.Context, cmd muster.CommandID, id muster.CustomerID) (graph.CustomerCase, error) {
	if err := s.wait(ctx); err != nil {
		return graph.CustomerCase{}, err
	}
	return s.Store.CustomerCase(ctx, cmd, id)
}

func (s *severed) TicketCase(ctx context.Context, cmd muster.CommandID, ref graph.CaseRef) (graph.TicketCase, error) {
	if err := s.wait(ctx); err != nil {
		return graph.TicketCase{}, err
	}
	return s.Store.TicketCase(ctx, cmd, ref)
}

// severable makes a company whose store can be severed, with a journal in its dispatch.
func severable(t *testing.T) (*company, *severed) {
	t.Helper()
	var s *severed
	c := newCompany(t, func(conf *Config) {
		s = &severed{Store: conf.Graph.(graph.Store)}
		j, err := intake.Open(t.TempDir())
		require.NoError(t, err)
		t.Cleanup(func() { require.NoError(t, j.Close()) })
		conf.Graph, conf.Dispatch = s, dispatch.New(s, conf.Clock)
		conf.Dispatch.KeepIn(j, 100)
	})
	require.NoError(t, c.server.Dispatch.TendIntake(t.Context(), ""))
	return c, s
}

func TestASubmissionIsAcceptedWhileTheGraphIsAway(t *testing.T) {
	c, s := severable(t)
	c.submit()
	s.away.Store(true)
	c.clock.Advance(usersFor + time.Second) // the list of people is old too
	began := time.Now()
	key := []string{"Idempotency-Key", "k1"}
	first := c.as(ruth, "POST", "/v1/tickets", c.ticket(), key...)
	require.Less(t, time.Since(began), 2*time.Second)
	a := into[TicketAnswer](t, http.StatusAccepted, first)
	require.Equal(t, "accepted", a.Shown)
	require.Equal(t, "k1", first.Header.Get("Idempotency-Key"))
	require.Empty(t, first.Header.Get("ETag"))
	require.Equal(t, "/v1/tickets/"+string(a.ID), first.Header.Get("Location"))

	for _, id := range []string{string(a.ID), a.Ref} {
		w := into[TicketWhole](t, http.StatusOK, c.as(ruth, "GET", "/v1/tickets/"+id, nil))
		require.Equal(t, a.ID, w.ID)
		require.Equal(t, muster.Accepted, w.Ticket.State)
	}
	other := muster.Actor{Role: muster.RoleCustomer, Customer: "cus_otto"}
	_, seen := c.server.beingFiled(context.WithValue(t.Context(), actorKey{}, other), string(a.ID))
	require.False(t, seen, "it is not another customer's to see")

	again := c.as(ruth, "POST", "/v1/tickets", c.ticket(), key...)
	require.Equal(t, http.StatusAccepted, again.StatusCode)
	require.Equal(t, string(first.body), string(again.body))
	into[Problem](t, http.StatusUnprocessableEntity, c.as(ruth, "POST", "/v1/tickets", c.ticket("title", "Another"), key...))

	s.away.Store(false)
	require.NoError(t, c.server.Dispatch.TendIntake(t.Context(), ""))
	w := into[TicketWhole](t, http.StatusOK, c.as(ruth, "GET", "/v1/tickets/"+a.Ref, nil))
	require.Equal(t, a.ID, w.ID)
	require.Equal(t, muster.Queued, w.Ticket.State)
	again = c.as(ruth, "POST", "/v1/tickets", c.ticket(), key...)
	require.Equal(t, http.StatusAccepted, again.StatusCode)
	require.Equal(t, string(first.body), string(again.body))
}

func TestATicketIsFoundByANumberThatItWasAcceptedUnder(t *testing.T) {
	c := newCompany(t)
	a := c.submit()
	outcomes, err := c.store.Commit(t.Context(), graph.Change{
		Command: muster.Command{ID: "cmd_x", Name: "ticket.accepted", Actor: muster.System("test"), Fingerprint: "f"},
		At:      c.clock.Now(), Expect: []graph.Guard{graph.Alive(string(a.ID))},
		Claim: []muster.Claim{{Key: muster.NumberKey(77777), Owner: string(a.ID)}},
	})
	require.NoError(t, err)
	require.NoError(t, outcomes[0].Err())
	require.Equal(t, a.ID, into[TicketWhole](t, http.StatusOK, c.as(ruth, "GET", "/v1/tickets/T-77777", nil)).ID)
	into[Problem](t, http.StatusNotFound, c.as(otto, "GET", "/v1/tickets/T-77777", nil))
	into[Problem](t, http.StatusNotFound, c.as(ruth, "GET", "/v1/tickets/T-77778", nil))
}
