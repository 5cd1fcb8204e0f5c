package dispatch_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/dispatch"
	"github.com/sysopssquad/muster/graph"
	"github.com/sysopssquad/muster/graph/sqlite"
)

// monday is a working day in Boston, 8:00 local time.
var monday = time.Date(2026, 11, 23, 13, 0, 0, 0, time.UTC)

var (
	boston     = muster.Point{Lat: 42.3601, Lng: -71.0589}
	dispatcher = muster.Actor{ID: "usr_dana", Role: muster.RoleDispatcher, Name: "Dana"}
	admin      = muster.Actor{ID: "usr_ada", Role: muster.RoleAdministrator, Name: "Ada"}
	helpdesk   = muster.Actor{ID: "usr_pat", Role: muster.RoleHelpdesk, Name: "Pat"}
)

// company is a small company on a store in memory, for tests of commands.
type company struct {
	*testing.T
	ctx      context.Context
	clock    *muster.FakeClock
	store    graph.Store
	dispatch *dispatch.Dispatch
	n        int // commands so far, for ids
	customer muster.Customer
	site     muster.Site
	device   muster.Device
}

const (
	fridges muster.SkillID = "skl_refrigerators"
	goods   muster.SkillID = "skl_white-goods"
	gas     muster.SkillID = "skl_gas"
)

func newCompany(t *testing.T) *company {
	t.Helper()
	clock := muster.NewFakeClock(monday)
	store, err := sqlite.Open(t.Context(), sqlite.Memory, clock)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, store.Close(context.Background())) })
	return companyOn(t, store, clock)
}

// between gives what lies between a company's dispatch and its store: nothing, but in tests of that.
var between = func(s graph.Store) graph.Store { return s }

func companyOn(t *testing.T, store graph.Store, clock *muster.FakeClock) *company {
	t.Helper()
	c := &company{T: t, ctx: t.Context(), clock: clock, store: store, dispatch: dispatch.New(between(store), clock)}
	require.NoError(t, store.Migrate(c.ctx))
	_, err := c.dispatch.SavePolicy(c.ctx, c.as(admin), muster.DefaultPolicy())
	require.NoError(t, err)
	_, err = c.dispatch.SaveSkills(c.ctx, c.as(admin), dispatch.SkillRequest{Skills: []muster.Skill{
		{ID: goods, Name: "White goods"},
		{ID: fridges, Name: "Refrigerators", Narrows: goods},
		{ID: gas, Name: "Gas", Licensed: true},
	}})
	require.NoError(t, err)
	saved, err := c.dispatch.SaveCustomer(c.ctx, c.as(helpdesk), dispatch.CustomerRequest{
		Customer: muster.Customer{Name: "Joan Park", Email: "Joan@Example.com"},
		Sites:    []muster.Site{{Street: "9 Oak St", City: "Boston", Place: muster.Place{Point: boston}}},
		Devices:  []muster.Device{{Category: "Refrigerator", Brand: "Frostline", Year: 2019}},
	})
	require.NoError(t, err)
	c.customer, c.site, c.device = saved.Customer, saved.Sites[0], saved.Devices[0]
	return c
}

// as is a new command of an actor.
func (c *company) as(a muster.Actor) muster.Command {
	c.n++
	return muster.Command{ID: muster.CommandID(fmt.Sprintf("cmd-%d", c.n)), Actor: a}
}

// expert hires somebody who works on weekdays from 8 to 16:30 local time, some km north of Boston.
func (c *company) expert(name string, km float64, skills ...muster.Competence) muster.Expert {
	c.Helper()
	e := muster.Expert{
		ID: muster.ExpertID("exp_" + name), Name: name, Skills: skills,
		Base: muster.Place{Point: muster.Point{Lat: boston.Lat + km/111, Lng: boston.Lng}},
	}
	if len(skills) == 0 {
		e.Skills = []muster.Competence{{Skill: fridges, Level: 3}}
	}
	for day := time.Monday; day <= time.Friday; day++ {
		e.Shifts = append(e.Shifts, muster.Hours{Weekday: day, From: 8 * 60, To: 16*60 + 30})
	}
	saved, err := c.dispatch.SaveExpert(c.ctx, c.as(admin), e)
	require.NoError(c, err)
	return saved
}

func actorOf(e muster.ExpertID) muster.Actor {
	return muster.Actor{ID: muster.UserID("usr_" + string(e[4:])), Role: muster.RoleExpert, Name: string(e[4:]), Expert: e}
}

// request is a ticket that a fridge expert can take in an hour.
func (c *company) request() dispatch.SubmitRequest {
	return dispatch.SubmitRequest{
		Customer: c.customer.ID, Site: c.site.ID, Device: c.device.ID, Title: "Refrigerator warm",
		Needs: []muster.Need{{Skill: fridges, Level: 2}},
	}
}

func (c *company) submit(edit ...func(*dispatch.SubmitRequest)) muster.Ticket {
	c.Helper()
	req := c.request()
	for _, e := range edit {
		e(&req)
	}
	a, err := c.dispatch.Submit(c.ctx, c.as(helpdesk), req)
	require.NoError(c, err)
	return a.Ticket
}

func (c *company) assign(t muster.TicketID, e muster.ExpertID) dispatch.Answer {
	c.Helper()
	a, err := c.dispatch.Assign(c.ctx, c.as(dispatcher), dispatch.AssignRequest{Ticket: t, Expert: e})
	require.NoError(c, err)
	return a
}

func (c *company) offer(t muster.TicketID, e muster.ExpertID) dispatch.Answer {
	c.Helper()
	a, err := c.dispatch.Offer(c.ctx, c.as(dispatcher), dispatch.OfferRequest{Ticket: t, Expert: e})
	require.NoError(c, err)
	return a
}

// under brings a visit that is assigned to a state.
func (c *company) under(v muster.VisitID, by muster.ExpertID, to muster.VisitState) {
	c.Helper()
	req := dispatch.VisitRequest{Visit: v}
	for _, s := range []struct {
		state muster.VisitState
		do    func(context.Context, muster.Command, dispatch.VisitRequest) (dispatch.Answer, error)
	}{
		{muster.VisitEnRoute, c.dispatch.Depart}, {muster.VisitArrived, c.dispatch.Arrive}, {muster.VisitInProgress, c.dispatch.Start},
	} {
		_, err := s.do(c.ctx, c.as(actorOf(by)), req)
		require.NoError(c, err)
		if s.state == to {
			return
		}
	}
}

func (c *company) load(t muster.TicketID) graph.TicketCase {
	c.Helper()
	k, err := c.store.TicketCase(c.ctx, "", graph.CaseRef{Ticket: t})
	require.NoError(c, err)
	return k
}

func (c *company) tours() []*muster.Tour {
	c.Helper()
	tours, err := c.store.Tours(c.ctx, muster.Scope{Everything: true}, nil,
		muster.Window{Start: monday.AddDate(-1, 0, 0), End: monday.AddDate(1, 0, 0)})
	require.NoError(c, err)
	return tours
}

// sound checks the invariants on all that is in the store.
func (c *company) sound() {
	c.Helper()
	report, err := c.dispatch.Fsck(c.ctx, c.store)
	require.NoError(c, err)
	require.Empty(c, report.Breaches)
	require.Positive(c, report.Checked)
}
