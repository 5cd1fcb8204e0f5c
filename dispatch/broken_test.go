package dispatch_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/dispatch"
	"github.com/sysopssquad/muster/graph"
	"github.com/sysopssquad/muster/matcher"
)

// breaking is a way to reckon travel that breaks between some places.
type breaking struct {
	matcher.Travel
	over func(from, to muster.Point) bool
}

func (b breaking) Between(from, to muster.Place, at time.Time) (muster.Minutes, float64) {
	if b.over(from.Point, to.Point) {
		panic("no road is known")
	}
	return b.Travel.Between(from, to, at)
}

func breaks(over func(from, to muster.Point) bool) func(matcher.Travel) matcher.Travel {
	return func(t matcher.Travel) matcher.Travel { return breaking{t, over} }
}

// elsewhere submits a ticket at a site of its own, some km east of Boston.
func (c *company) elsewhere(km float64) (muster.TicketID, muster.Point) {
	c.Helper()
	at := muster.Point{Lat: boston.Lat, Lng: boston.Lng + km/82}
	saved, err := c.dispatch.SaveCustomer(c.ctx, c.as(helpdesk), dispatch.CustomerRequest{
		Customer: muster.Customer{Name: fmt.Sprintf("Kim %g", km), Phone: "+1 617 555 0199"},
		Sites:    []muster.Site{{Street: "2 Elm St", City: "Boston", Place: muster.Place{Point: at}}},
	})
	require.NoError(c, err)
	return c.submit(func(r *dispatch.SubmitRequest) {
		r.Customer, r.Site, r.Device = saved.Customer.ID, saved.Sites[0].ID, ""
	}).ID, saved.Sites[0].Place.Point
}

func (c *company) stuck(id muster.TicketID) string {
	c.Helper()
	for _, e := range c.load(id).Ticket.Exceptions {
		if e.Kind == muster.ExceptionStuck {
			return e.Note
		}
	}
	return ""
}

// A ticket over which the matcher breaks costs no other its place: it is put before a person, once, and tried again.
func TestATicketOverWhichTheMatcherBreaksStopsNoOther(t *testing.T) {
	for name, push := range map[string]bool{"assigned": true, "offered": false} {
		t.Run(name, func(t *testing.T) {
			c := newCompany(t)
			if push {
				c.pushing()
			}
			c.expert("li", 3)
			c.expert("kim", 5)
			var good []muster.TicketID
			for n := range 9 {
				if n == 4 {
					continue
				}
				good = append(good, c.submit().ID)
			}
			bad, site := c.elsewhere(4)
			over := breaks(func(from, to muster.Point) bool { return from == site || to == site })
			report, err := c.dispatch.RoundBy(c.ctx, c.region(), over)
			require.NoError(t, err)
			require.Equal(t, len(good), report.Assigned+report.Offered)
			require.Equal(t, 1, report.Remaining)
			for _, id := range good {
				require.NotEmpty(t, c.load(id).Visits)
			}
			k := c.load(bad)
			require.Equal(t, muster.Queued, k.Ticket.State)
			require.Contains(t, c.stuck(bad), "no road is known")
			c.sound()

			backlog, err := c.dispatch.Backlog(c.ctx, c.store, 10)
			require.NoError(t, err)
			require.Equal(t, 1, backlog.Tickets.Stuck)
			require.Equal(t, string(bad), backlog.Items[0].ID)
			require.Equal(t, "stuck", backlog.Items[0].Why)
			require.Contains(t, backlog.Items[0].LastErr, "no road is known")

			more := c.submit().ID
			report, err = c.dispatch.RoundBy(c.ctx, c.region(), over)
			require.NoError(t, err)
			require.Equal(t, 1, report.Assigned+report.Offered)
			require.NotEmpty(t, c.load(more).Visits)
			require.Equal(t, k.Ticket.Rev, c.load(bad).Ticket.Rev, "it is told once")

			_, err = c.dispatch.Round(c.ctx, c.region())
			require.NoError(t, err)
			require.NotEmpty(t, c.load(bad).Visits)
			require.Empty(t, c.stuck(bad), "it was given to somebody")
			c.sound()
		})
	}
}

// Where the matcher breaks only over two together, one of them gets its place.
func TestTicketsOverWhichTheMatcherBreaksTogether(t *testing.T) {
	c := newCompany(t)
	c.pushing()
	c.expert("li", 3)
	one, here := c.elsewhere(2)
	two, there := c.elsewhere(4)
	third := c.submit().ID
	both := breaks(func(from, to muster.Point) bool { return from == here && to == there || from == there && to == here })
	report, err := c.dispatch.RoundBy(c.ctx, c.region(), both)
	require.NoError(t, err)
	require.Equal(t, 2, report.Assigned, "%+v", report)
	require.NotEmpty(t, c.load(third).Visits)
	require.Equal(t, 1, len(c.load(one).Visits)+len(c.load(two).Visits))
	require.Equal(t, 1, strings.Count(c.stuck(one)+c.stuck(two), "no road is known"))
	c.sound()
}

// Where it breaks over many a round ends, as that is no fault of theirs; those that were told of stop no later one.
func TestMatcherThatBreaksOverMany(t *testing.T) {
	c := newCompany(t)
	c.pushing()
	c.expert("li", 3)
	sites := make(map[muster.Point]bool)
	for n := range 5 {
		_, at := c.elsewhere(float64(n + 1))
		sites[at] = true
	}
	good := c.submit().ID
	over := breaks(func(from, to muster.Point) bool { return sites[from] || sites[to] })
	_, err := c.dispatch.RoundBy(c.ctx, c.region(), over)
	require.Equal(t, muster.CodeInternal, muster.CodeOf(err))
	require.Empty(t, c.load(good).Visits)
	report, err := c.dispatch.RoundBy(c.ctx, c.region(), over)
	require.NoError(t, err)
	require.Equal(t, 1, report.Assigned)
	require.NotEmpty(t, c.load(good).Visits)
	c.sound()
}

// fragile is a store that breaks over what rounds write of a ticket.
type fragile struct {
	graph.Store
	id muster.TicketID
}

func (f fragile) Commit(ctx context.Context, changes ...graph.Change) ([]graph.Outcome, error) {
	for _, c := range changes {
		for _, r := range c.Put {
			if r.RecordID() == string(f.id) && c.Command.Actor == muster.System("rounds") {
				panic("no form is known")
			}
		}
	}
	return f.Store.Commit(ctx, changes...)
}

// What can't be written of a ticket, or said of nobody being there for it, stops no other either.
func TestATicketOverWhichTheStoreBreaksStopsNoOther(t *testing.T) {
	c := newCompany(t)
	c.pushing()
	c.expert("li", 3)
	bad, good := c.submit().ID, c.submit().ID
	d := dispatch.New(fragile{c.store, bad}, c.clock)
	_, err := d.Round(c.ctx, c.region())
	require.NoError(t, err)
	require.NotEmpty(t, c.load(good).Visits)
	require.Contains(t, c.stuck(bad), "no form is known")
	c.sound()
}
