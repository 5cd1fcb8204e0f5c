package dispatch_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/dispatch"
	"github.com/sysopssquad/muster/graph"
)

// narrow is a store whose pages have one entry each.
type narrow struct {
	graph.Store
	events [][]muster.Event
}

func (n *narrow) Scan(ctx context.Context, kind muster.Kind, after string, _ int) ([]muster.Record, error) {
	return n.Store.Scan(ctx, kind, after, 1)
}

func (n *narrow) EventsAfter(ctx context.Context, seq int64, limit int) ([]muster.Event, error) {
	if n.events == nil {
		return n.Store.EventsAfter(ctx, seq, limit)
	}
	for _, page := range n.events {
		if page[0].Seq > seq {
			return page, nil
		}
	}
	return nil, nil
}

func (n *narrow) Bounds(ctx context.Context) (int64, int64, error) {
	if n.events == nil {
		return n.Store.Bounds(ctx)
	}
	last := n.events[len(n.events)-1]
	return 1, last[len(last)-1].Seq, nil
}

// between hires somebody with two tours, each with a visit, and moves the second by some time, visit and all.
func (c *company) between(e muster.Expert, one, two time.Time, by time.Duration) {
	c.Helper()
	e.ID, e.Name, e.Skills = "exp_x", "X", []muster.Competence{{Skill: fridges, Level: 3}}
	e.Base = muster.Place{Point: muster.Point{Lat: boston.Lat + 0.03, Lng: boston.Lng}}
	_, err := c.dispatch.SaveExpert(c.ctx, c.as(admin), e)
	require.NoError(c, err)
	var last muster.Ticket
	for _, at := range []time.Time{one, two} {
		last = c.submit()
		_, err := c.dispatch.Assign(c.ctx, c.as(dispatcher), dispatch.AssignRequest{Ticket: last.ID, Expert: e.ID, Start: at})
		require.NoError(c, err)
	}
	c.sound()
	k := c.load(last.ID)
	a, v := k.Assignments[0], k.Visits[0]
	tours := c.tours()
	require.Len(c, tours, 2)
	for _, tour := range tours {
		s := &tour.Stops[0]
		if s.Assignment != a.ID {
			continue
		}
		s.Start, s.End, s.Depart = s.Start.Add(by), s.End.Add(by), s.Depart.Add(by)
		a.Start, a.End, v.Start, v.End = s.Start, s.End, s.Start, s.End
		k.Ticket.Visit.Start, k.Ticket.Visit.End = s.Start, s.End
		c.spoil(nil, nil, []muster.Root{&k.Ticket, tour}, &a, &v)
	}
}

// What one tour breaks together with another is found, and still there at the second look, also where the two are
// on different pages.
func TestFsckLooksAtAllToursOfAnExpert(t *testing.T) {
	for name, tt := range map[string]struct {
		expert          muster.Expert
		one, two        time.Time
		by              time.Duration
		invariant, text string
	}{
		"overlap": {
			muster.Expert{Shifts: []muster.Hours{{Weekday: time.Monday, From: 480, To: 720}, {Weekday: time.Monday, From: 600, To: 960}}},
			monday.Add(90 * time.Minute), monday.Add(5 * time.Hour), -165 * time.Minute, "I6", "of another tour",
		},
		"rest": {
			muster.Expert{Shifts: []muster.Hours{{Weekday: time.Monday, From: 840, To: 1380}, {Weekday: time.Tuesday, From: 360, To: 840}}},
			monday.Add(13*time.Hour + 30*time.Minute), monday.Add(26 * time.Hour), -3 * time.Hour, "I5", "10h0m0s are due",
		},
	} {
		t.Run(name, func(t *testing.T) {
			c := newCompany(t)
			c.between(tt.expert, tt.one, tt.two, tt.by)
			for _, store := range []graph.Store{c.store, &narrow{Store: c.store}} {
				report, err := c.dispatch.Fsck(c.ctx, store)
				require.NoError(t, err)
				found := 0
				for _, b := range report.Breaches {
					if b.Invariant == tt.invariant && strings.Contains(b.Text, tt.text) {
						found++
					}
				}
				require.Equal(t, 2, found, "on each of the two: %+v", report.Breaches)
			}
		})
	}
}

// Whoever works here no longer has no visits ahead, and isn't asked.
func TestFsckFindsVisitsOfThoseWhoAreGone(t *testing.T) {
	for name, book := range map[string]func(*company, muster.TicketID, muster.ExpertID) dispatch.Answer{
		"assigned": (*company).assign, "asked": (*company).offer,
	} {
		t.Run(name, func(t *testing.T) {
			c := newCompany(t)
			li := c.expert("li", 3)
			a := book(c, c.submit().ID, li.ID)
			li.Rev++
			li.Removed = true
			c.spoil(nil, nil, []muster.Root{&li})
			report, err := c.dispatch.Fsck(c.ctx, c.store)
			require.NoError(t, err)
			require.Len(t, report.Breaches, 1)
			require.Equal(t, "I5", report.Breaches[0].Invariant)
			require.Contains(t, report.Breaches[0].Text, string(a.Visit.ID))
		})
	}
}

// Experts who were edited before their visits were planned are judged as all others are.
func TestFsckJudgesExpertsWhoWereEdited(t *testing.T) {
	c := newCompany(t)
	li := c.expert("li", 3)
	edit := func() {
		c.clock.Advance(time.Second)
		_, err := c.dispatch.SaveShifts(c.ctx, c.as(admin), dispatch.ShiftsRequest{Expert: li.ID, Shifts: li.Shifts})
		require.NoError(t, err)
		c.clock.Advance(time.Second)
	}
	breaches := func() int {
		report, err := c.dispatch.Fsck(c.ctx, c.store)
		require.NoError(t, err)
		return len(report.Breaches)
	}
	edit()
	k := c.load(c.assign(c.submit().ID, li.ID).Ticket.ID)
	require.Zero(t, breaches())
	k.Ticket.Needs = []muster.Need{{Skill: gas, Level: 5}}
	c.spoil(nil, nil, []muster.Root{&k.Ticket})
	require.Positive(t, breaches())
	edit()
	require.Zero(t, breaches(), "what they could do when it was planned is gone")
}

// Whoever moves house drove another way when the visit was planned.
func TestFsckAllowsForAnotherBase(t *testing.T) {
	c := newCompany(t)
	li := c.expert("li", 3)
	c.assign(c.submit().ID, li.ID)
	c.clock.Advance(time.Second)
	li.Base.Point.Lat += 0.2
	_, err := c.dispatch.SaveExpert(c.ctx, c.as(admin), li)
	require.NoError(t, err)
	c.sound()
}

// Nor does it make visits wrong that were planned before when a site moves, or opens at other hours, or its customer goes
// to another division.
func TestFsckAllowsForAnotherSite(t *testing.T) {
	c := newCompany(t)
	li := c.expert("li", 3)
	a := c.assign(c.submit().ID, li.ID)
	c.fix(a, li.ID)
	c.assign(c.submit().ID, li.ID)
	c.clock.Advance(time.Second)
	moved, other := c.site, c.customer
	moved.Place = muster.Place{Point: muster.Point{Lat: boston.Lat + 2, Lng: boston.Lng}}
	moved.AccessHours = []muster.Hours{{Weekday: time.Sunday, From: 600, To: 660}}
	_, err := c.dispatch.SaveSite(c.ctx, c.as(helpdesk), dispatch.SiteRequest{Customer: other.ID, Site: moved})
	require.NoError(t, err)
	other.Division, other.Rev = "north", 0
	_, err = c.dispatch.SaveCustomer(c.ctx, c.as(helpdesk), dispatch.CustomerRequest{Customer: other})
	require.NoError(t, err)
	c.sound()
}

// What happened otherwise than planned is no breach of the plan: a visit that took longer than until the next one
// of another tour, and an opening of another tour that was held until a while ago.
func TestFsckAllowsForWhatHappened(t *testing.T) {
	c := newCompany(t)
	e := muster.Expert{
		ID: "exp_x", Name: "X", Skills: []muster.Competence{{Skill: fridges, Level: 3}},
		Base:   muster.Place{Point: muster.Point{Lat: boston.Lat + 0.03, Lng: boston.Lng}},
		Shifts: []muster.Hours{{Weekday: time.Monday, From: 480, To: 720}, {Weekday: time.Monday, From: 720, To: 960}},
	}
	_, err := c.dispatch.SaveExpert(c.ctx, c.as(admin), e)
	require.NoError(t, err)
	give := func(at time.Time) dispatch.Answer {
		a, err := c.dispatch.Assign(c.ctx, c.as(dispatcher), dispatch.AssignRequest{Ticket: c.submit().ID, Expert: e.ID, Start: at})
		require.NoError(t, err)
		return a
	}
	early := give(monday.Add(time.Hour))
	give(monday.Add(5 * time.Hour))
	c.under(early.Visit.ID, e.ID, muster.VisitInProgress)
	c.clock.Advance(5*time.Hour + 30*time.Minute)
	_, err = c.dispatch.End(c.ctx, c.as(actorOf(e.ID)), dispatch.EndRequest{Visit: early.Visit.ID, Outcome: muster.Fixed})
	require.NoError(t, err)
	c.sound()

	d := newCompany(t)
	_, err = d.dispatch.SaveExpert(d.ctx, d.as(admin), muster.Expert{
		ID: e.ID, Name: e.Name, Skills: e.Skills, Base: e.Base,
		Shifts: []muster.Hours{{Weekday: time.Monday, From: 480, To: 960}, {Weekday: time.Monday, From: 600, To: 960}},
	})
	require.NoError(t, err)
	offer, err := d.dispatch.Offer(d.ctx, d.as(dispatcher), dispatch.OfferRequest{Ticket: d.submit().ID, Expert: e.ID, Start: monday.Add(4 * time.Hour)})
	require.NoError(t, err)
	d.clock.Set(offer.Offers[0].Deadline)
	_, err = d.dispatch.Assign(d.ctx, d.as(dispatcher), dispatch.AssignRequest{Ticket: d.submit().ID, Expert: e.ID, Start: monday.Add(4 * time.Hour)})
	require.NoError(t, err)
	d.sound()
}

// Numbers that fall out of order far apart are found like those next to each other.
func TestFsckComparesNumbersAcrossPages(t *testing.T) {
	c := newCompany(t)
	event := func(seq int64, aggregate string, rev int64) muster.Event {
		return muster.Event{Aggregate: aggregate, Rev: rev, Seq: seq}
	}
	right := [][]muster.Event{{event(1, "tic_a", 1), event(2, "tic_b", 1)}, {event(3, "tic_b", 2)}, {event(4, "tic_a", 2)}}
	report, err := c.dispatch.Fsck(c.ctx, &narrow{Store: c.store, events: right})
	require.NoError(t, err)
	require.Empty(t, report.Breaches)
	wrong := [][]muster.Event{{event(1, "tic_a", 2), event(2, "tic_b", 1)}, {event(3, "tic_b", 2)}, {event(4, "tic_a", 1)}}
	report, err = c.dispatch.Fsck(c.ctx, &narrow{Store: c.store, events: wrong})
	require.NoError(t, err)
	require.Len(t, report.Breaches, 1)
	require.Equal(t, "I9", report.Breaches[0].Invariant)
	require.Equal(t, "tic_a/1", report.Breaches[0].ID)
}
