package notify

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/dispatch"
	"github.com/sysopssquad/muster/graph"
	"github.com/sysopssquad/muster/graph/neo4j"
	"github.com/sysopssquad/muster/graph/sqlite"
	"github.com/sysopssquad/muster/servertest"
)

// BenchmarkMessages is from the events of 500 assignments to 1,000 messages that are delivered and written down as sent, in
// one process, with a provider that takes them at once. See docs/notifications.md.
func BenchmarkMessages(b *testing.B) {
	b.Run("SQLite", func(b *testing.B) {
		benchmarkMessages(b, func(clock muster.Clock) (graph.Store, error) {
			return sqlite.Open(b.Context(), filepath.Join(b.TempDir(), "muster.db"), clock)
		})
	})
	b.Run("Neo4j", func(b *testing.B) {
		server, err := servertest.StartNeo4j("")
		require.NoError(b, err)
		b.Cleanup(func() { require.NoError(b, server.Stop()) })
		benchmarkMessages(b, func(clock muster.Clock) (graph.Store, error) {
			if err := server.WipeNeo4j(b.Context()); err != nil {
				return nil, err
			}
			return neo4j.Open(b.Context(), server.URL, clock)
		})
	})
}

func benchmarkMessages(b *testing.B, open func(muster.Clock) (graph.Store, error)) {
	const tickets = 500
	for b.Loop() {
		b.StopTimer()
		ctx, clock := b.Context(), muster.NewFakeClock(monday)
		store, err := open(clock)
		require.NoError(b, err)
		require.NoError(b, store.Migrate(ctx))
		events := manyAssigned(b, store, clock, tickets)
		took := &phone{once: true}
		n := New(Config{
			Store: store, Clock: clock, Log: slog.New(slog.NewTextHandler(io.Discard, nil)),
			Channels: Channels{muster.ChannelSMS: took, muster.ChannelEmail: took, muster.ChannelPush: took},
		})
		b.StartTimer()
		began, looked := time.Now(), 0
		for _, e := range events {
			require.NoError(b, n.consume(ctx, e))
			for len(n.queue) > 0 {
				var batch []waiting
				for len(n.queue) > 0 && len(batch) < atOnce {
					batch = append(batch, <-n.queue)
				}
				looked += len(batch)
				require.NoError(b, n.round(ctx, batch))
			}
		}
		b.ReportMetric(float64(took.calls)/time.Since(began).Seconds(), "messages/s")
		b.StopTimer()
		require.Equal(b, 2*tickets, took.calls, "of %d that were looked at", looked)
		require.NoError(b, store.Close(context.WithoutCancel(ctx)))
		b.StartTimer()
	}
}

// manyAssigned gives the events of tickets that rounds have assigned, as a consumer gets them: so many at a time.
func manyAssigned(b *testing.B, store graph.Store, clock muster.Clock, tickets int) (pages [][]muster.Event) {
	ctx, d, commands := b.Context(), dispatch.New(store, clock), 0
	as := func(a muster.Actor) muster.Command {
		commands++
		return muster.Command{ID: muster.CommandID(fmt.Sprintf("cmd-%d", commands)), Actor: a}
	}
	p := muster.DefaultPolicy()
	p.Push = true
	_, err := d.SavePolicy(ctx, as(ada), p)
	require.NoError(b, err)
	_, err = d.SaveSkills(ctx, as(ada), dispatch.SkillRequest{Skills: []muster.Skill{{ID: "skl_fridges", Name: "Refrigerators"}}})
	require.NoError(b, err)
	for i := range tickets / 5 {
		e := muster.Expert{
			ID: muster.ExpertID(fmt.Sprintf("exp_%d", i)), Name: fmt.Sprint("Li ", i), Base: muster.Place{Point: boston},
			Skills: []muster.Competence{{Skill: "skl_fridges", Level: 3}}, Phone: "+1 617 555 0200",
		}
		for day := range time.Weekday(7) {
			e.Shifts = append(e.Shifts, muster.Hours{Weekday: day, From: 8 * 60, To: 18 * 60})
		}
		_, err := d.SaveExpert(ctx, as(ada), e)
		require.NoError(b, err)
	}
	for i := range tickets {
		saved, err := d.SaveCustomer(ctx, as(dana), dispatch.CustomerRequest{
			Customer: muster.Customer{Name: fmt.Sprint("Joan ", i), Phone: "+1 617 555 0100"},
			Sites:    []muster.Site{{Street: "9 Oak St", City: "Boston", Place: muster.Place{Point: boston}}},
		})
		require.NoError(b, err)
		_, err = d.Submit(ctx, as(dana), dispatch.SubmitRequest{
			Customer: saved.Customer.ID, Site: saved.Sites[0].ID, Title: "Refrigerator warm", Needs: []muster.Need{{Skill: "skl_fridges", Level: 2}},
		})
		require.NoError(b, err)
	}
	r, err := d.AssignAll(ctx)
	require.NoError(b, err)
	require.Equal(b, tickets, r.Assigned)
	var page []muster.Event
	cases, err := store.TicketCases(ctx, "", tickets)
	require.NoError(b, err)
	for _, c := range cases {
		history, err := store.History(ctx, every, string(c.Ticket.ID))
		require.NoError(b, err)
		if page = append(page, history...); len(page) >= 200 {
			pages, page = append(pages, page), nil
		}
	}
	return append(pages, page)
}
