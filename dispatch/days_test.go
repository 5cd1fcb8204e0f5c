package dispatch_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/dispatch"
	"github.com/sysopssquad/muster/graph"
	"github.com/sysopssquad/muster/graph/neo4j"
	"github.com/sysopssquad/muster/graph/sqlite"
	"github.com/sysopssquad/muster/servertest"
)

// drive runs a small company for some days and gives what happened, and who did what when.
func drive(t *testing.T, store graph.Store, clock *muster.FakeClock, seed int64, tickets int) ([]dispatch.DayReport, []string) {
	t.Helper()
	t.Cleanup(func() { require.NoError(t, store.Close(context.Background())) })
	c := companyOn(t, store, clock)
	c.expert("li", 3)
	c.expert("kim", 8)
	in := rows(0, tickets)
	for i := range in {
		switch i % 6 {
		case 0:
			in[i].Submit.Expected = ""
		case 1:
			in[i].Submit.Mode = muster.ModeCarryIn
		case 2:
			in[i].Submit.Expected = muster.PartNeeded
		case 3:
			in[i].Submit.Crew = 2
		}
	}
	in[tickets-1].Submit.Needs = []muster.Need{{Skill: gas, Level: 1}} // nobody can
	_, err := c.dispatch.Import(c.ctx, in)
	require.NoError(t, err)
	var seen []dispatch.DayReport
	days, err := c.dispatch.Days(c.ctx, store, clock, dispatch.DaysOptions{
		Days: 60, Seed: seed, UntilIdle: true, Report: func(d dispatch.DayReport) { seen = append(seen, d) },
	})
	require.NoError(t, err)
	require.Equal(t, days, seen)
	c.sound()
	var story []string
	after := ""
	for {
		page, err := store.TicketCases(c.ctx, after, 500)
		require.NoError(t, err)
		if len(page) == 0 {
			break
		}
		for _, k := range page {
			after = string(k.Ticket.ID)
			line := after + " " + string(k.Ticket.State) + " " + k.Ticket.Outcome
			for _, a := range k.Assignments {
				line += " " + string(a.Expert) + "@" + a.Start.Format("0102T1504")
			}
			story = append(story, line)
		}
	}
	return days, story
}

func driveSQLite(t *testing.T, seed int64, tickets int) ([]dispatch.DayReport, []string) {
	t.Helper()
	clock := muster.NewFakeClock(monday)
	store, err := sqlite.Open(t.Context(), sqlite.Memory, clock)
	require.NoError(t, err)
	return drive(t, store, clock, seed, tickets)
}

func TestDaysAreTheSameForTheSameSeed(t *testing.T) {
	days, story := driveSQLite(t, 1, 60)
	require.Greater(t, len(days), 5)
	require.Less(t, len(days), 30, "it comes to rest")
	assigned, ended, completed := 0, 0, 0
	for i, d := range days {
		require.Equal(t, i+1, d.Day)
		assigned += d.Assigned
		ended += d.Ended
		completed += d.Completed
	}
	last := days[len(days)-1]
	require.Equal(t, "2026-11-23", days[0].Date)
	require.Equal(t, 1, last.Remaining)
	require.Equal(t, map[muster.ReasonCode]int{muster.NoSkill: 1}, last.ByReason)
	require.Equal(t, 59, completed)
	require.Equal(t, assigned, ended)
	require.Greater(t, ended, 49, "some needed a second visit")

	_, again := driveSQLite(t, 1, 60)
	require.Equal(t, story, again)
	_, other := driveSQLite(t, 2, 60)
	require.NotEqual(t, story, other)
}

// One seed gives the same assignments whatever the store is: with crews, second visits and tickets that nobody can take.
// Package bench does the same on real records.
func TestVolumeDaysAreTheSameOnBothStores(t *testing.T) {
	days, story := driveSQLite(t, 1, 18)
	clock := muster.NewFakeClock(monday)
	url := servertest.Neo4j(t)
	servertest.WipeNeo4j(t)
	store, err := neo4j.Open(t.Context(), url, clock)
	require.NoError(t, err)
	alike, same := drive(t, store, clock, 1, 18)
	require.Equal(t, days, alike)
	require.Equal(t, story, same)
}

func TestDaysNeedANumber(t *testing.T) {
	c := newCompany(t)
	_, err := c.dispatch.Days(c.ctx, c.store, c.clock, dispatch.DaysOptions{})
	require.Equal(t, muster.CodeInvalid, muster.CodeOf(err))
}

// rival has somebody else cancel a ticket just before the day's work on it is committed.
type rival struct {
	graph.Store
	cancel func(muster.TicketID)
	done   map[muster.TicketID]bool
}

func (s *rival) Commit(ctx context.Context, changes ...graph.Change) ([]graph.Outcome, error) {
	for _, c := range changes {
		for _, e := range c.Events {
			if id := muster.TicketID(e.Aggregate); c.Command.Name == "day" && !s.done[id] && len(s.done) < 3 {
				s.done[id] = true
				s.cancel(id)
			}
		}
	}
	return s.Store.Commit(ctx, changes...)
}

// What a day reports is what the store has taken, not what was tried.
func TestDaysReportWhatHappened(t *testing.T) {
	clock := muster.NewFakeClock(monday)
	store, err := sqlite.Open(t.Context(), sqlite.Memory, clock)
	require.NoError(t, err)
	s := &rival{Store: store, done: make(map[muster.TicketID]bool)}
	t.Cleanup(func() { require.NoError(t, store.Close(context.Background())) })
	c := companyOn(t, s, clock)
	s.cancel = func(id muster.TicketID) {
		_, err := dispatch.New(store, clock).Cancel(c.ctx, c.as(helpdesk), dispatch.TicketRequest{Ticket: id})
		require.NoError(t, err)
	}
	c.expert("li", 3)
	for i := range 7 {
		c.submit(func(r *dispatch.SubmitRequest) {
			r.Expected = muster.Fixed
			if i%3 == 0 {
				r.Mode = muster.ModeCarryIn
			}
		})
	}
	days, err := c.dispatch.Days(c.ctx, s, clock, dispatch.DaysOptions{Days: 10, Seed: 1, UntilIdle: true})
	require.NoError(t, err)
	require.Len(t, s.done, 3)
	ended, completed := 0, 0
	for _, d := range days {
		ended += d.Ended
		completed += d.Completed
	}
	wantEnded, wantCompleted := 0, 0
	page, err := store.TicketCases(c.ctx, "", 500)
	require.NoError(t, err)
	for _, k := range page {
		if !k.Ticket.CompletedAt.IsZero() {
			wantCompleted++
		}
		for _, v := range k.Visits {
			if v.Outcome == muster.Fixed {
				wantEnded++
			}
		}
	}
	require.Equal(t, []int{4, wantEnded}, []int{wantCompleted, ended})
	require.Equal(t, wantCompleted, completed)
	c.sound()
}
