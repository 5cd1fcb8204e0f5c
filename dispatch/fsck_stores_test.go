package dispatch_test

import (
	"context"
	"database/sql"
	"encoding/json"
	"path/filepath"
	"slices"
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

// raw writes into a store past it: what no commit would do. An id is the statement's only parameter.
type raw func(sqlite, cypher, id string)

// onBothStores gives a test a company on a SQLite file and on Neo4j.
func onBothStores(t *testing.T, test func(*company, raw)) {
	onSQLite(t, test)
	t.Run("Neo4j", func(t *testing.T) {
		clock := muster.NewFakeClock(monday)
		url := servertest.Neo4j(t)
		servertest.WipeNeo4j(t)
		store, err := neo4j.Open(t.Context(), url, clock)
		require.NoError(t, err)
		t.Cleanup(func() { require.NoError(t, store.Close(context.Background())) })
		test(companyOn(t, store, clock), func(_, text, id string) {
			servertest.AlterNeo4j(t, text, map[string]any{"id": id})
		})
	})
}

// onSQLite gives a test a company on a SQLite file.
func onSQLite(t *testing.T, test func(*company, raw)) {
	t.Run("SQLite", func(t *testing.T) {
		clock := muster.NewFakeClock(monday)
		path := filepath.Join(t.TempDir(), "muster.db")
		store, err := sqlite.Open(t.Context(), path, clock)
		require.NoError(t, err)
		t.Cleanup(func() { require.NoError(t, store.Close(context.Background())) })
		db, err := sql.Open("sqlite", path)
		require.NoError(t, err)
		t.Cleanup(func() { require.NoError(t, db.Close()) })
		test(companyOn(t, store, clock), func(text, _, id string) {
			done, err := db.ExecContext(t.Context(), text, id)
			require.NoError(t, err)
			n, err := done.RowsAffected()
			require.NoError(t, err)
			require.Positive(t, n, text)
		})
	})
}

// duty is somebody at work until an instant.
func (c *company) duty(until time.Time) string {
	c.Helper()
	lease := &muster.Duty{ID: "dut_relay", Rev: 1, Timers: muster.Timers{muster.TimerLease: until}}
	body, err := json.Marshal(dispatch.EventBody{Root: lease})
	require.NoError(c, err)
	out, err := c.store.Commit(c.ctx, graph.Change{
		Command: muster.Command{ID: "duty", Name: "duty.create", Fingerprint: "x", Actor: muster.System("relay")}, At: c.clock.Now(),
		Put: []muster.Record{lease}, Expect: []graph.Guard{graph.Absent(string(lease.ID))},
		Events: []muster.Event{{Aggregate: string(lease.ID), Rev: 1, Name: "duty.created", Version: 1, At: c.clock.Now(), Body: body}},
	})
	require.NoError(c, err)
	require.NoError(c, out[0].Err())
	return string(lease.ID)
}

// number gives all events their numbers, as the relay does.
func (c *company) number(duty string) {
	c.Helper()
	wakes, err := c.store.Wakes(c.ctx, duty)
	require.NoError(c, err)
	for {
		pending, err := c.store.Pending(c.ctx, 500)
		require.NoError(c, err)
		if len(pending) == 0 {
			return
		}
		_, head, err := c.store.Bounds(c.ctx)
		require.NoError(c, err)
		require.NoError(c, c.store.Number(c.ctx, duty, wakes[duty].Fence, head+1, pending))
	}
}

// TestVolumeFsckFindsEachInvariantBroken breaks one invariant after the other below dispatch, and finds each.
func TestVolumeFsckFindsEachInvariantBroken(t *testing.T) {
	onBothStores(t, func(c *company, raw raw) {
		li, kim, mo := c.expert("li", 3), c.expert("kim", 4), c.expert("mo", 5)
		duty := c.duty(monday.Add(time.Hour))
		c.sound()
		known := make(map[dispatch.Breach]bool)
		given := func(e muster.ExpertID) (graph.TicketCase, *muster.Tour) {
			a := c.assign(c.submit().ID, e)
			tours := c.tours()
			at := slices.IndexFunc(tours, func(t *muster.Tour) bool { return t.ID == a.Assignments[0].Tour })
			return c.load(a.Ticket.ID), tours[at]
		}
		for _, tt := range []struct {
			invariant, name string
			spoil           func() (id string)
		}{
			{"I9", "a number is missing", func() string {
				id := string(c.submit().ID)
				c.submit()
				c.number(duty)
				raw("DELETE FROM event WHERE aggregate = ?", "MATCH (e:Event {aggregate: $id}) DETACH DELETE e", id)
				return id
			}},
			{"I9", "an event gets no number", func() string {
				id := string(c.submit().ID)
				c.clock.Advance(time.Minute)
				return id
			}},
			{"I9", "nobody reads on", func() string {
				c.number(duty)
				require.NoError(c, c.store.Advance(c.ctx, "mail", 1))
				return "mail"
			}},
			{"I9", "a cursor is ahead of all numbers", func() string {
				require.NoError(c, c.store.Advance(c.ctx, "sms", 1_000_000))
				return "sms"
			}},
			{"I1", "an acknowledged ticket is gone", func() string {
				id := string(c.submit().ID)
				raw(`DELETE FROM ticket WHERE "id" = ?`, "MATCH (t:Ticket {id: $id}) DETACH DELETE t", id)
				return id
			}},
			{"I2", "nothing will look at it again", func() string {
				id := string(c.submit().ID)
				raw(`UPDATE ticket SET next_at = NULL WHERE "id" = ?`, "MATCH (t:Ticket {id: $id}) REMOVE t._next_at", id)
				return id
			}},
			{"I2", "nothing will look at it in time", func() string {
				id := string(c.submit().ID)
				raw(`UPDATE ticket SET next_at = next_at + 86400000000 WHERE "id" = ?`, "MATCH (t:Ticket {id: $id}) SET t._next_at = t._next_at + 86400000000", id)
				return id
			}},
			{"I1", "the number that was told leads nowhere", func() string {
				id := string(c.submit().ID)
				raw(`UPDATE ticket SET "number" = 1000000 WHERE "id" = ?`, "MATCH (t:Ticket {id: $id}) SET t.number = 1000000", id)
				return id
			}},
			{"I4", "a visit that isn't there stands in the way of each", func() string {
				t := c.submit()
				raw("INSERT INTO key (key, owner) VALUES ('open_visit/' || ?, 'vis_ghost')",
					"MERGE (k:Key {key: 'open_visit/' + $id}) SET k.owner = 'vis_ghost'", string(t.ID))
				return string(t.ID)
			}},
			{"I3", "a promise is late", func() string {
				id := string(c.offer(c.submit().ID, mo.ID).Ticket.ID)
				raw(`UPDATE ticket SET next_at = next_at - 86400000000 WHERE "id" = ?`, "MATCH (t:Ticket {id: $id}) SET t._next_at = t._next_at - 86400000000", id)
				return id
			}},
			{"I1", "a duplicate leads nowhere", func() string {
				loser, winner := c.duplicate()
				raw(`DELETE FROM ticket WHERE "id" = ?`, "MATCH (t:Ticket {id: $id}) DETACH DELETE t", string(winner))
				return string(loser)
			}},
			{"I1", "what was said in a duplicate is lost", func() string {
				loser, winner := c.duplicate()
				k := c.load(winner)
				k.Ticket.Merged = nil
				c.spoil(nil, nil, []muster.Root{&k.Ticket})
				return string(loser)
			}},
			{"I1", "duplicates in a circle", func() string {
				loser, winner := c.duplicate()
				one, two := c.load(loser), c.load(winner)
				two.Ticket.MergedInto, two.Ticket.State, two.Ticket.Timers = loser, muster.Cancelled, nil
				one.Ticket.Merged = []muster.MergedTicket{{Ticket: winner}}
				c.spoil(nil, nil, []muster.Root{&one.Ticket, &two.Ticket})
				return string(loser)
			}},
			{"I1", "a duplicate is open", func() string {
				loser, _ := c.duplicate()
				k := c.load(loser)
				k.Ticket.State, k.Ticket.Timers = muster.Queued, muster.Timers{muster.TimerQueue: c.clock.Now().Add(time.Hour)}
				c.spoil(nil, nil, []muster.Root{&k.Ticket})
				return string(loser)
			}},
			{"I2", "a duplicate has a timer", func() string {
				loser, _ := c.duplicate()
				raw(`UPDATE ticket SET next_at = 1, lane = 1 WHERE "id" = ?`, "MATCH (t:Ticket {id: $id}) SET t._next_at = 1", string(loser))
				return string(loser)
			}},
			{"I2", "an alarm without a question", func() string {
				k, _ := given(li.ID)
				v := k.Visits[0]
				v.AlarmedAt = c.clock.Now()
				c.spoil(nil, nil, []muster.Root{&k.Ticket}, &v)
				return string(k.Ticket.ID)
			}},
			{"I2", "nobody looks whether an expert leaves", func() string {
				k, _ := given(kim.ID)
				delete(k.Ticket.Timers, muster.TimerDepart)
				c.spoil(nil, nil, []muster.Root{&k.Ticket})
				return string(k.Ticket.ID)
			}},
			{"I2", "nobody looks whether who was asked has answered", func() string {
				k, _ := given(kim.ID)
				v := k.Visits[0]
				v.AskedAt = c.clock.Now()
				c.spoil(nil, nil, []muster.Root{&k.Ticket}, &v)
				return string(k.Ticket.ID)
			}},
			{"I3", "nobody has looked at what an expert has ahead", func() string {
				_, err := c.dispatch.AddLeave(c.ctx, c.as(admin), dispatch.LeaveRequest{Expert: mo.ID, Leave: muster.Leave{
					Window: muster.Window{Start: monday.AddDate(0, 2, 0), End: monday.AddDate(0, 2, 1)},
				}})
				require.NoError(c, err)
				raw(`UPDATE expert SET next_at = next_at - 86400000000 WHERE "id" = ?`, "MATCH (t:Expert {id: $id}) SET t._next_at = t._next_at - 86400000000", string(mo.ID))
				return string(mo.ID)
			}},
			{"I2", "nobody will look at what an expert has ahead", func() string {
				raw(`UPDATE expert SET next_at = NULL WHERE "id" = ?`, "MATCH (t:Expert {id: $id}) REMOVE t._next_at", string(mo.ID))
				return string(mo.ID)
			}},
			{"I4", "a place is given twice", func() string {
				k, _ := given(li.ID)
				a := k.Assignments[0]
				a.ID = "asg_second"
				c.spoil(nil, nil, []muster.Root{&k.Ticket}, &a)
				return string(k.Ticket.ID)
			}},
			{"I4", "two visits are open", func() string {
				k, _ := given(li.ID)
				v := k.Visits[0]
				v.ID = "vis_second"
				c.spoil(nil, nil, []muster.Root{&k.Ticket}, &v)
				return string(k.Ticket.ID)
			}},
			{"I5", "an expert who can't", func() string {
				k, tour := given(kim.ID)
				k.Ticket.Needs = []muster.Need{{Skill: gas, Level: 5}}
				c.spoil(nil, nil, []muster.Root{&k.Ticket})
				return string(tour.ID)
			}},
			{"I6", "a stop is missing", func() string {
				k, tour := given(li.ID)
				tour.Stops = slices.DeleteFunc(tour.Stops, func(s muster.Stop) bool { return s.Ticket == k.Ticket.ID })
				c.spoil(nil, nil, []muster.Root{tour})
				return string(k.Ticket.ID)
			}},
			{"I6", "somebody is on two visits at once", func() string {
				one, _ := given(mo.ID)
				two, _ := given(mo.ID)
				for _, k := range []*graph.TicketCase{&one, &two} {
					v := k.Visits[0]
					v.State, k.Ticket.Visit.State = muster.VisitEnRoute, muster.VisitEnRoute
					c.spoil(nil, nil, []muster.Root{&k.Ticket}, &v)
				}
				return max(string(one.Ticket.ID), string(two.Ticket.ID)) // the second that is read
			}},
			{"I7", "an offer holds nothing", func() string {
				k, tour := given(kim.ID)
				c.spoil(nil, nil, []muster.Root{&k.Ticket}, &muster.Offer{
					ID: "off_lost", Ticket: k.Ticket.ID, Visit: k.Visits[0].ID, Expert: tour.Expert, Tour: tour.ID,
					State: muster.OfferOpen, At: c.clock.Now(), Deadline: c.clock.Now().Add(time.Hour),
				})
				return string(k.Ticket.ID)
			}},
			{"I8", "a change has no event", func() string {
				id := string(c.submit().ID)
				raw("DELETE FROM event WHERE aggregate = ?", "MATCH (e:Event {aggregate: $id}) DETACH DELETE e", id)
				return id
			}},
			{"I10", "a command had its effect twice", func() string {
				id := c.assign(c.submit().ID, kim.ID).Ticket.ID
				raw("UPDATE event SET command = (SELECT command FROM event WHERE aggregate = ?1 AND rev = 1) WHERE aggregate = ?1",
					"MATCH (a:Event {aggregate: $id, rev: 1}) MATCH (b:Event {aggregate: $id}) SET b.command = a.command", string(id))
				return string(id)
			}},
			{"I11", "a ticket is passed over", func() string {
				c.pushing()
				old := c.submit(func(r *dispatch.SubmitRequest) { r.Needs[0].Level = 5 })
				c.clock.Advance(2*24*time.Hour + time.Minute)
				c.submit()
				_, err := c.dispatch.AssignAll(c.ctx)
				require.NoError(c, err)
				k := c.load(old.ID)
				k.Ticket.Needs = c.request().Needs
				c.spoil(nil, nil, []muster.Root{&k.Ticket})
				return string(old.ID)
			}},
		} {
			id := tt.spoil()
			report, err := c.dispatch.Fsck(c.ctx, c.store)
			require.NoError(c, err)
			found := false
			for _, b := range report.Breaches {
				found = found || !known[b] && b.Invariant == tt.invariant && (b.ID == id || tt.name == "a number is missing") // which is what it names
				known[b] = true
			}
			require.True(c, found, "%s, %s: %+v", tt.invariant, tt.name, report.Breaches)
		}
	})
}

// duplicate is a ticket that was merged into another.
func (c *company) duplicate() (loser, winner muster.TicketID) {
	c.Helper()
	loser, winner = c.submit().ID, c.submit().ID
	_, err := c.dispatch.Merge(c.ctx, c.as(helpdesk), dispatch.MergeRequest{Ticket: loser, Into: string(winner)})
	require.NoError(c, err)
	return loser, winner
}
