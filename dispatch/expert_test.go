package dispatch_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/dispatch"
	"github.com/sysopssquad/muster/geo"
)

// A span of an expert that would last for ages is a slip of the keyboard; so is a thousand of them.
func TestSpansOfExpertsAreBounded(t *testing.T) {
	c := newCompany(t)
	li := c.expert("li", 3)
	year := muster.Window{Start: monday, End: monday.AddDate(1, 0, 0)}
	decades := muster.Window{Start: monday, End: monday.AddDate(40, 0, 0)}
	li.Extra, li.OnCall = []muster.Window{year}, []muster.Window{year}
	li.Leave = []muster.Leave{{Window: muster.Window{Start: monday, End: monday.AddDate(3, 0, 0)}, Kind: "parental"}}
	li, err := c.dispatch.SaveExpert(c.ctx, c.as(admin), li)
	require.NoError(t, err)

	refused := func(err error, field string) {
		t.Helper()
		var e *muster.Error
		require.ErrorAs(t, err, &e)
		require.Equal(t, field, e.Field)
		require.Equal(t, muster.CodeInvalid, e.Code)
	}
	for field, edit := range map[string]func(*muster.Expert){
		"extra[1]":   func(e *muster.Expert) { e.Extra = []muster.Window{year, decades} },
		"on_call[0]": func(e *muster.Expert) { e.OnCall = []muster.Window{decades} },
		"leave[0]":   func(e *muster.Expert) { e.Leave = []muster.Leave{{Window: decades}} },
		"on_call":    func(e *muster.Expert) { e.OnCall = make([]muster.Window, 1001) },
		"extra":      func(e *muster.Expert) { e.Extra = make([]muster.Window, 1001) },
		"leave":      func(e *muster.Expert) { e.Leave = make([]muster.Leave, 1001) },
		"shifts":     func(e *muster.Expert) { e.Shifts = make([]muster.Hours, 101) },
		"breaks":     func(e *muster.Expert) { e.Breaks = make([]muster.Hours, 101) },
	} {
		bad := li
		edit(&bad)
		_, err := c.dispatch.SaveExpert(c.ctx, c.as(admin), bad)
		refused(err, field)
		if field[0] != 'l' {
			_, err = c.dispatch.SaveShifts(c.ctx, c.as(admin), dispatch.ShiftsRequest{
				Expert: li.ID, Shifts: bad.Shifts, Extra: bad.Extra, Breaks: bad.Breaks, OnCall: bad.OnCall,
			})
			refused(err, field)
		}
	}
	_, err = c.dispatch.AddLeave(c.ctx, c.as(admin), dispatch.LeaveRequest{Expert: li.ID, Leave: muster.Leave{Window: decades}})
	refused(err, "leave")
}

// Whoever may come is ranked and planned, and whoever is ranked may come, whatever travel limit they have of
// their own.
func TestAnExpertIsSeenAsFarAsTheyTravel(t *testing.T) {
	c := newCompany(t)
	c.pushing()
	for i, km := range []float64{0, 120, 900, 1200} {
		e := c.hire(fmt.Sprintf("far%d", i), muster.Capacity{TravelKm: km, DayMinutes: 24 * 60},
			muster.Hours{Weekday: time.Tuesday, From: 0, To: 24 * 60})
		e.Base = muster.Place{Point: muster.Point{Lat: 43.1, Lng: -77.6}} // 540 km west
		e, err := c.dispatch.SaveExpert(c.ctx, c.as(admin), e)
		require.NoError(t, err)
		near, err := geo.Reach(c.region(), 60)
		require.NoError(t, err)
		require.NotContains(t, near, e.Region)
	}
	ticket := c.submit()
	ref := dispatch.TicketRef{ID: ticket.ID}
	m, err := c.dispatch.Match(c.ctx, ref)
	require.NoError(t, err)
	var seen []muster.ExpertID
	for _, cand := range m.Candidates {
		seen = append(seen, cand.Expert)
	}
	require.ElementsMatch(t, []muster.ExpertID{"exp_far2", "exp_far3"}, seen)
	require.Len(t, m.Excluded, 1, "nobody from there who travels no farther than usual")
	require.Equal(t, muster.ExpertID("exp_far1"), m.Excluded[0].Expert)
	for _, id := range []muster.ExpertID{"exp_far0", "exp_far1", "exp_far2", "exp_far3"} {
		v, err := c.dispatch.Why(c.ctx, ref, id)
		require.NoError(t, err)
		require.Equal(t, v.Candidate != nil, id == "exp_far2" || id == "exp_far3", id)
	}
	report, err := c.dispatch.Round(c.ctx, ticket.Region)
	require.NoError(t, err)
	require.Positive(t, report.Assigned)
	require.Equal(t, muster.Scheduled, c.load(ticket.ID).Ticket.State)

	c.submit()
	all, err := dispatch.New(c.store, c.clock).AssignAll(c.ctx)
	require.NoError(t, err)
	require.Equal(t, 1, all.Assigned)
	c.sound()
}

// region is that of the customer's site.
func (c *company) region() muster.RegionID {
	c.Helper()
	r, err := geo.RegionOf(boston)
	require.NoError(c, err)
	return r
}
