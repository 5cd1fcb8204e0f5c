package dispatch_test

import (
	"fmt"
	"maps"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/dispatch"
)

// rows of another system: every third customer has several tickets.
func rows(from, to int) []dispatch.Intake {
	var out []dispatch.Intake
	for i := from; i < to; i++ {
		household := i / 3
		customer, site := muster.CustomerID(fmt.Sprintf("cus_old%d", household)), muster.SiteID(fmt.Sprintf("sit_old%d", household))
		device := muster.DeviceID(fmt.Sprintf("dev_old%d", i))
		out = append(out, dispatch.Intake{
			Command:  muster.Command{ID: muster.CommandID(fmt.Sprintf("import/old/%d", i)), Actor: muster.System("import")},
			Customer: &muster.Customer{ID: customer, Name: fmt.Sprintf("Household %d", household), CreatedAt: monday.AddDate(-1, 0, 0)},
			Sites:    []muster.Site{{ID: site, City: "Boston", Place: muster.Place{Point: boston, Zone: "America/New_York"}}},
			Devices:  []muster.Device{{ID: device, Site: site, Category: "Refrigerator", Brand: "Frostline"}},
			At:       monday.Add(-time.Duration(i) * time.Hour),
			Submit: dispatch.SubmitRequest{
				Customer: customer, Site: site, Device: device, Title: "Refrigerator", Expected: muster.Fixed,
				Needs: []muster.Need{{Skill: fridges, Level: 1}}, Legacy: fmt.Sprintf("old/%d", i),
			},
		})
	}
	return out
}

func states(results []dispatch.RowResult) map[dispatch.RowState]int {
	out := make(map[dispatch.RowState]int)
	for _, r := range results {
		out[r.State]++
	}
	return out
}

func TestImportTakesEachRowInOnce(t *testing.T) {
	c := newCompany(t)
	results, err := c.dispatch.Import(c.ctx, rows(0, 600))
	require.NoError(t, err)
	require.Equal(t, map[dispatch.RowState]int{dispatch.RowNew: 600}, states(results))

	k := c.load(muster.TicketID(results[7].ID))
	require.Equal(t, muster.Queued, k.Ticket.State)
	require.Equal(t, monday.Add(-7*time.Hour), k.Ticket.CreatedAt)
	require.Equal(t, k.Ticket.CreatedAt.Add(72*time.Hour), k.Ticket.DueAt)
	require.Equal(t, "Frostline", k.Ticket.Brand)
	require.Equal(t, muster.Fixed, k.Ticket.Expected)
	require.Equal(t, monday.AddDate(-1, 0, 0), k.Customer.CreatedAt)
	require.Equal(t, int64(3), k.Customer.Rev, "one for each device")

	results, err = c.dispatch.Import(c.ctx, rows(300, 900))
	require.NoError(t, err)
	require.Equal(t, map[dispatch.RowState]int{dispatch.RowNew: 300, dispatch.RowRepeated: 300}, states(results))

	// The same rows after commands have been forgotten, and by another name: the legacy id tells.
	_, err = c.store.Prune(c.ctx, monday.AddDate(1, 0, 0), 100_000)
	require.NoError(t, err)
	again := rows(0, 30)
	for i := range again[:15] {
		again[i].Command.ID = muster.CommandID(fmt.Sprintf("other/%d", i))
	}
	results, err = c.dispatch.Import(c.ctx, again)
	require.NoError(t, err)
	require.Equal(t, map[dispatch.RowState]int{dispatch.RowRepeated: 30}, states(results))
	counts, err := c.store.TicketCounts(c.ctx, muster.Scope{Everything: true})
	require.NoError(t, err)
	require.Equal(t, 900, counts["queued"])
	c.sound()
}

// Years of another system's backlog are not years of lateness here.
func TestImportedTicketsAreDueAsIfADayOld(t *testing.T) {
	c := newCompany(t)
	today := time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC)
	in := rows(0, 4)
	for i, reported := range []time.Time{monday.Add(-time.Hour), today.Add(-time.Minute), monday.AddDate(-30, 0, 0), monday.AddDate(-30, 0, 0)} {
		in[i].At = reported
	}
	was := muster.Window{Start: in[3].At, End: in[3].At.Add(time.Hour)}
	in[3].Ended = &dispatch.EndedVisit{Window: was, Outcome: muster.Fixed}
	results, err := c.dispatch.Import(c.ctx, in)
	require.NoError(t, err)
	due := muster.DefaultPolicy().Due[muster.PriorityNormal].Duration()
	month := today.Sub(in[2].At).Hours() / 24
	old := today.Add(-time.Duration(24 * float64(time.Hour) * month / (month + 1)))
	for i, from := range []time.Time{in[0].At, today.Add(-time.Minute), old, in[3].At} {
		k := c.load(muster.TicketID(results[i].ID))
		require.Equal(t, in[i].At, k.Ticket.CreatedAt, "as it was reported")
		require.WithinDuration(t, from.Add(due), k.Ticket.DueAt, time.Second, "row %d", i)
	}

	a, err := c.dispatch.Triage(c.ctx, c.as(helpdesk), dispatch.TriageRequest{
		Ticket: muster.TicketID(results[2].ID), Needs: c.request().Needs, Priority: muster.PriorityCritical,
	})
	require.NoError(t, err)
	require.WithinDuration(t, old.Add(4*time.Hour), a.Ticket.DueAt, time.Second, "another priority counts from the same moment")

	li := c.expert("li", 3)
	why, err := c.dispatch.Why(c.ctx, dispatch.TicketRef{ID: muster.TicketID(results[1].ID)}, li.ID)
	require.NoError(t, err)
	for _, term := range why.Candidate.Terms {
		require.NotEqual(t, "lateness", term.Name, "%+v", term)
	}
	c.sound()
}

func TestImportRefusesBadRowsAlone(t *testing.T) {
	c := newCompany(t)
	in := rows(0, 9)
	in[1].Submit.Needs[0].Level = 9
	in[2].Customer = nil // the row before was of the same household
	in[3].Customer = nil
	in[7].Submit.Device = "dev_elsewhere"
	results, err := c.dispatch.Import(c.ctx, in)
	require.NoError(t, err)
	for i, r := range results {
		switch i {
		case 1, 7:
			require.Equal(t, muster.CodeInvalid, muster.CodeOf(r.Err), i)
		case 3:
			require.Equal(t, muster.CodeNotFound, muster.CodeOf(r.Err))
		default:
			require.NoError(t, r.Err)
			require.Equal(t, dispatch.RowNew, r.State)
		}
		require.Equal(t, r.Err != nil, r.State == dispatch.RowRefused)
	}
	c.sound()
}

func TestImportSettlesLostReplies(t *testing.T) {
	c, f := newFaulty(t)
	f.lose = 1
	results, err := c.dispatch.Import(c.ctx, rows(0, 50))
	require.NoError(t, err)
	require.Equal(t, map[dispatch.RowState]int{dispatch.RowNew: 50}, states(results))
	c.sound()
}

// Another import of the same file runs at the same time.
func TestImportsMeet(t *testing.T) {
	c, f := newFaulty(t)
	other := dispatch.New(c.store, c.clock)
	f.before = func() {
		results, err := other.Import(c.ctx, rows(5, 20))
		require.NoError(t, err)
		require.Equal(t, map[dispatch.RowState]int{dispatch.RowNew: 15}, states(results))
	}
	results, err := c.dispatch.Import(c.ctx, rows(0, 40))
	require.NoError(t, err)
	require.Equal(t, map[dispatch.RowState]int{dispatch.RowNew: 25, dispatch.RowRepeated: 15}, states(results))
	c.sound()
}

func TestImportOfWhatIsDone(t *testing.T) {
	c := newCompany(t)
	in := rows(0, 2)
	was := muster.Window{Start: monday.AddDate(0, 0, -3), End: monday.AddDate(0, 0, -3).Add(time.Hour)}
	in[0].Ended = &dispatch.EndedVisit{Window: was, Outcome: muster.Fixed, Note: "new seal"}
	in[1].Ended = &dispatch.EndedVisit{Window: was, Outcome: muster.PartNeeded}
	results, err := c.dispatch.Import(c.ctx, in)
	require.NoError(t, err)
	require.Equal(t, muster.CodeInvalid, muster.CodeOf(results[1].Err))
	k := c.load(muster.TicketID(results[0].ID))
	require.Equal(t, muster.Resolved, k.Ticket.State)
	require.Equal(t, "new seal", k.Visits[0].Note)
	c.sound()
}

func TestManyExpertsAreSavedOnce(t *testing.T) {
	c := newCompany(t)
	one := c.expert("one", 3)
	many := make([]muster.Expert, 300)
	for i := range many {
		many[i] = one
		many[i].Rev = 0
		many[i].ID = muster.ExpertID(fmt.Sprintf("exp_many%d", i))
	}
	many[0].ID = one.ID
	many[1].Name = ""
	results, err := c.dispatch.SaveExperts(c.ctx, muster.System("demo"), many)
	require.NoError(t, err)
	require.Equal(t, map[dispatch.RowState]int{dispatch.RowNew: 298, dispatch.RowRepeated: 1, dispatch.RowRefused: 1}, states(results))
	results, err = c.dispatch.SaveExperts(c.ctx, muster.System("demo"), many)
	require.NoError(t, err)
	require.Equal(t, map[dispatch.RowState]int{dispatch.RowRepeated: 299, dispatch.RowRefused: 1}, states(results))
	_, err = c.dispatch.SaveExperts(c.ctx, helpdesk, many)
	require.Equal(t, muster.CodeForbidden, muster.CodeOf(err))
	c.sound()
}

// Another priority counts from the report, whatever the policy said when the ticket came in.
func TestTriageCountsDueTimesFromTheReport(t *testing.T) {
	c := newCompany(t)
	ticket := c.submit()
	p := muster.DefaultPolicy()
	p.Rev, p.Due = 0, maps.Clone(p.Due)
	p.Due[muster.PriorityNormal], p.SLA.Resolution[muster.PriorityNormal] = 30*24*60, 0
	_, err := c.dispatch.SavePolicy(c.ctx, c.as(admin), p)
	require.NoError(t, err)
	c.clock.Advance(5 * time.Second)
	a, err := c.dispatch.Triage(c.ctx, c.as(helpdesk), dispatch.TriageRequest{
		Ticket: ticket.ID, Priority: muster.PriorityHigh, Needs: ticket.Needs,
	})
	require.NoError(t, err)
	require.Equal(t, ticket.CreatedAt.Add(p.Due[muster.PriorityHigh].Duration()), a.Ticket.DueAt)
}

// What another system closed has all its clocks anew when it is reopened.
func TestWhatWasTakenInClosedIsReopened(t *testing.T) {
	c := newCompany(t)
	in := rows(0, 1)
	in[0].At = monday.AddDate(0, 0, -5)
	in[0].Ended = &dispatch.EndedVisit{
		Window: muster.Window{Start: monday.AddDate(0, 0, -3), End: monday.AddDate(0, 0, -3).Add(time.Hour)}, Outcome: muster.Fixed,
	}
	results, err := c.dispatch.Import(c.ctx, in)
	require.NoError(t, err)
	id := muster.TicketID(results[0].ID)
	a, err := c.dispatch.Reopen(c.ctx, c.as(helpdesk), dispatch.TicketRequest{Ticket: id})
	require.NoError(t, err)
	require.Equal(t, muster.Queued, a.Ticket.State)
	for _, name := range muster.SLANames() {
		clock := c.clockOf(id, name)
		require.True(t, clock.Running(), name)
		require.Equal(t, monday, clock.StartedAt, name)
	}
	require.Equal(t, monday.Add(24*time.Hour), a.Ticket.DueAt, "under warranty")
	c.sound()
}
