package dispatch_test

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/dispatch"
	"github.com/sysopssquad/muster/graph"
)

// pushing makes rounds assign without asking.
func (c *company) pushing() {
	c.Helper()
	p := muster.DefaultPolicy()
	p.Push = true
	_, err := c.dispatch.SavePolicy(c.ctx, c.as(admin), p)
	require.NoError(c, err)
}

// poisoned is a store that can't write what is decided on some tickets by rounds.
type poisoned struct {
	graph.Store
	ids map[string]bool
}

func (p poisoned) Commit(ctx context.Context, changes ...graph.Change) ([]graph.Outcome, error) {
	for _, c := range changes {
		for _, r := range c.Put {
			if p.ids[r.RecordID()] && c.Command.Actor.ID == muster.System("rounds").ID {
				return nil, muster.E(muster.CodeInternal, "it can't be written", "report this")
			}
		}
	}
	return p.Store.Commit(ctx, changes...)
}

// TestAPoisonedTicketStopsNoRound: it is put before a person, and all others get theirs.
func TestAPoisonedTicketStopsNoRound(t *testing.T) {
	c := newCompany(t)
	c.pushing()
	c.expert("li", 3)
	c.expert("kim", 5)
	bad := c.submit()
	var good []muster.TicketID
	for range 9 {
		good = append(good, c.submit().ID)
	}
	d := dispatch.New(poisoned{c.store, map[string]bool{string(bad.ID): true}}, c.clock)
	report, err := d.Round(c.ctx, c.region())
	require.NoError(t, err)
	require.Equal(t, len(good), report.Assigned)
	for _, id := range good {
		require.Equal(t, muster.Scheduled, c.load(id).Ticket.State)
	}
	k := c.load(bad.ID)
	require.Equal(t, muster.Queued, k.Ticket.State)
	require.Equal(t, muster.ExceptionStuck, k.Ticket.Exceptions[0].Kind)
	require.Contains(t, k.Ticket.Exceptions[0].Note, "can't be written")
	c.sound()
	_, err = d.Round(c.ctx, c.region())
	require.NoError(t, err)
	_, err = c.dispatch.Round(c.ctx, c.region())
	require.NoError(t, err)
	require.Equal(t, muster.Scheduled, c.load(bad.ID).Ticket.State)

	// What happens to many is no fault of theirs.
	all := poisoned{c.store, map[string]bool{}}
	for range 6 {
		all.ids[string(c.submit().ID)] = true
	}
	_, err = dispatch.New(all, c.clock).Round(c.ctx, c.region())
	require.Equal(t, muster.CodeInternal, muster.CodeOf(err))
	stuck := 0
	for id := range all.ids {
		stuck += len(c.load(muster.TicketID(id)).Ticket.Exceptions)
	}
	require.LessOrEqual(t, stuck, 3)
}

// counting counts what is committed.
type counting struct {
	graph.Store
	mu               sync.Mutex
	changes, tickets int
}

func (s *counting) Commit(ctx context.Context, changes ...graph.Change) ([]graph.Outcome, error) {
	s.mu.Lock()
	s.changes += len(changes)
	for _, c := range changes {
		for _, r := range c.Put {
			if r.Kind() == muster.KindTicket {
				s.tickets++
			}
		}
	}
	s.mu.Unlock()
	return s.Store.Commit(ctx, changes...)
}

func TestARoundIsOneChangeForEachTour(t *testing.T) {
	c := newCompany(t)
	c.pushing()
	li := c.expert("li", 3)
	for range 8 {
		c.submit()
	}
	s := &counting{Store: c.store}
	report, err := dispatch.New(s, c.clock).AssignAll(c.ctx)
	require.NoError(t, err)
	require.Equal(t, 8, report.Assigned)
	require.Zero(t, report.Remaining)
	require.Equal(t, 8, s.tickets)
	require.Equal(t, len(c.tours()), s.changes)
	require.Less(t, s.changes, 4)
	for _, tour := range c.tours() {
		require.Equal(t, li.ID, tour.Expert)
		require.Equal(t, int64(1), tour.Rev)
	}
	k := c.load(c.tours()[0].Stops[0].Ticket)
	require.Equal(t, muster.System("rounds"), k.Assignments[0].Decided.By)
	require.NotEmpty(t, k.Assignments[0].Decided.Terms)
	require.Equal(t, 1, k.Assignments[0].Decided.Rank)
	c.sound()
}

func TestWhatARoundLeavesIsCountedByReason(t *testing.T) {
	c := newCompany(t)
	c.expert("li", 3)
	c.submit(func(r *dispatch.SubmitRequest) { r.Needs = []muster.Need{{Skill: gas, Level: 1}} })
	c.submit(func(r *dispatch.SubmitRequest) { r.Needs[0].Level = 5 })
	c.submit()
	report, err := c.dispatch.AssignAll(c.ctx)
	require.NoError(t, err)
	require.Equal(t, dispatch.AssignReport{
		Assigned: 1, Remaining: 2, ByReason: map[muster.ReasonCode]int{muster.NoSkill: 1, muster.LevelLow: 1},
	}, report)
	again, err := c.dispatch.AssignAll(c.ctx)
	require.NoError(t, err)
	require.Equal(t, 0, again.Assigned)
	require.Equal(t, 2, again.Remaining)
}

// Others are faster while a round commits: what they took is left to them, what they moved is planned again.
func TestARoundGivesWay(t *testing.T) {
	for name, meddle := range map[string]func(*company, *dispatch.Dispatch, []muster.Ticket, muster.ExpertID){
		"a ticket is cancelled": func(c *company, d *dispatch.Dispatch, tickets []muster.Ticket, _ muster.ExpertID) {
			_, err := d.Cancel(c.ctx, c.as(helpdesk), dispatch.TicketRequest{Ticket: tickets[0].ID})
			require.NoError(c, err)
		},
		"a tour is changed": func(c *company, d *dispatch.Dispatch, tickets []muster.Ticket, e muster.ExpertID) {
			_, err := d.Assign(c.ctx, c.as(dispatcher), dispatch.AssignRequest{Ticket: tickets[1].ID, Expert: e})
			require.NoError(c, err)
		},
		"an expert is changed": func(c *company, d *dispatch.Dispatch, _ []muster.Ticket, e muster.ExpertID) {
			_, err := d.AddLeave(c.ctx, c.as(dispatcher), dispatch.LeaveRequest{
				Expert: e, Leave: muster.Leave{Window: muster.Window{Start: monday, End: monday.Add(24 * time.Hour)}},
			})
			require.NoError(c, err)
		},
	} {
		t.Run(name, func(t *testing.T) {
			c, f := newFaulty(t)
			c.pushing()
			li := c.expert("li", 3)
			tickets := []muster.Ticket{c.submit(), c.submit(), c.submit(), c.submit()}
			other := dispatch.New(c.store, c.clock)
			f.before = func() { meddle(c, other, tickets, li.ID) }
			report, err := c.dispatch.Round(c.ctx, tickets[0].Region)
			require.NoError(t, err)
			require.Zero(t, report.Lost)
			require.Equal(t, 4, report.Looked)
			for _, ticket := range tickets {
				k := c.load(ticket.ID)
				require.NotEqual(t, muster.Queued, k.Ticket.State, "%d assigned", report.Assigned)
			}
			c.sound()
		})
	}
}

func TestARoundThatAlwaysLosesSaysSo(t *testing.T) {
	c, f := newFaulty(t)
	c.pushing()
	li := c.expert("li", 3)
	ticket := c.submit()
	other := dispatch.New(c.store, c.clock)
	races := 0
	var race func()
	race = func() {
		races++
		_, err := other.AddLeave(c.ctx, c.as(dispatcher), dispatch.LeaveRequest{
			Expert: li.ID, Leave: muster.Leave{Window: muster.Window{Start: monday.AddDate(1, 0, 0), End: monday.AddDate(1, 0, 1)}},
		})
		require.NoError(t, err)
		f.before = race
	}
	f.before = race
	report, err := c.dispatch.Round(c.ctx, ticket.Region)
	require.NoError(t, err)
	require.Equal(t, dispatch.RoundReport{Region: ticket.Region, Looked: 1, Lost: 1, Remaining: 1, ByReason: map[muster.ReasonCode]int{}}, report)
	require.Equal(t, 3, races)
}

func TestAnUrgentTicketIsOfferedAtOnce(t *testing.T) {
	c := newCompany(t)
	li := c.expert("li", 3)
	calm := c.submit()
	urgent := c.submit(func(r *dispatch.SubmitRequest) { r.Priority = muster.PriorityCritical })
	report, err := c.dispatch.PromptRound(c.ctx, urgent.ID)
	require.NoError(t, err)
	require.Equal(t, 1, report.Offered)
	k := c.load(urgent.ID)
	require.Equal(t, li.ID, k.Offers[0].Expert)
	require.Equal(t, monday.Add(5*time.Minute), k.Offers[0].Deadline)
	require.Equal(t, muster.Queued, c.load(calm.ID).Ticket.State, "all others are planned by rounds")

	report, err = c.dispatch.PromptRound(c.ctx, urgent.ID)
	require.NoError(t, err)
	require.Zero(t, report.Looked, "it has its offer")
	_, err = c.dispatch.PromptRound(c.ctx, "tic_nothing")
	require.Equal(t, muster.CodeNotFound, muster.CodeOf(err))
}

// Experts near a border are planned for both regions, each opening once.
func TestRegionsShareExperts(t *testing.T) {
	c := newCompany(t)
	c.pushing()
	var region []muster.RegionID
	for i := range 12 { // a line of customers to the west, over a border
		saved, err := c.dispatch.SaveCustomer(c.ctx, c.as(helpdesk), dispatch.CustomerRequest{
			Customer: muster.Customer{Name: fmt.Sprintf("Customer %d", i)},
			Sites:    []muster.Site{{Place: muster.Place{Point: muster.Point{Lat: 42.36, Lng: -71.1 - 0.4*float64(i)}}}},
		})
		require.NoError(t, err)
		for range 3 {
			ticket := c.submit(func(r *dispatch.SubmitRequest) {
				r.Customer, r.Site, r.Device = saved.Customer.ID, saved.Sites[0].ID, ""
			})
			region = append(region, ticket.Region)
		}
		e := c.expert(fmt.Sprintf("e%d", i), 0)
		e.Base = muster.Place{Point: muster.Point{Lat: 42.36, Lng: -71.3 - 0.4*float64(i)}}
		_, err = c.dispatch.SaveExpert(c.ctx, c.as(admin), e)
		require.NoError(t, err)
	}
	require.NotEqual(t, region[0], region[len(region)-1])
	reports, err := c.dispatch.Rounds(c.ctx)
	require.NoError(t, err)
	assigned := 0
	for _, r := range reports {
		assigned += r.Assigned
		require.Zero(t, r.Remaining)
		require.Zero(t, r.Lost)
	}
	require.Equal(t, 36, assigned)
	c.sound()
}

func TestDueTimers(t *testing.T) {
	c := newCompany(t)
	li := c.expert("li", 3)
	queued := c.submit()
	untriaged := c.submit(func(r *dispatch.SubmitRequest) { r.Needs = nil })
	offered := c.offer(c.submit().ID, li.ID).Ticket
	waiting, err := c.dispatch.Wait(c.ctx, c.as(helpdesk), dispatch.WaitRequest{Ticket: c.submit().ID, For: muster.WaitDate, Until: monday.Add(time.Hour)})
	require.NoError(t, err)
	done, err := c.dispatch.Complete(c.ctx, c.as(helpdesk), dispatch.CompleteRequest{Ticket: c.submit().ID, Outcome: muster.Fixed})
	require.NoError(t, err)

	due := func(id string, kind muster.Kind) time.Time {
		next, err := c.dispatch.Due(c.ctx, graph.Wake{ID: id, Kind: kind})
		require.NoError(t, err)
		return next
	}
	require.Equal(t, monday.Add(10*time.Minute), due(string(offered.ID), muster.KindTicket), "too early: look again at the deadline")

	c.clock.Set(monday.Add(2 * time.Hour))
	now := c.clock.Now()
	require.Equal(t, now.Add(2*time.Hour), due(string(queued.ID), muster.KindTicket), "the second step")
	require.Equal(t, 1, c.load(queued.ID).Ticket.Step)
	require.Equal(t, now.Add(time.Hour), due(string(untriaged.ID), muster.KindTicket))
	require.True(t, c.has(untriaged.ID, muster.ExceptionEscalated))
	c.clock.Set(monday.Add(23*time.Hour + 30*time.Minute))
	require.Equal(t, monday.Add(24*time.Hour), due(string(queued.ID), muster.KindTicket), "a deadline is looked at when it is due, not an hour later")

	c.clock.Set(monday.Add(25 * time.Hour))
	now = c.clock.Now()
	require.Equal(t, now.Add(4*time.Hour), due(string(offered.ID), muster.KindTicket))
	require.Equal(t, muster.Queued, c.load(offered.ID).Ticket.State)
	require.Equal(t, 2, c.load(offered.ID).Ticket.Step, "an offer is no answer: it has waited for more than a day, and its acceptance was due")
	require.Equal(t, now.Add(time.Hour), due(string(waiting.Ticket.ID), muster.KindTicket))
	require.Equal(t, muster.Queued, c.load(waiting.Ticket.ID).Ticket.State)
	require.Zero(t, due(string(done.Ticket.ID), muster.KindTicket))
	require.Equal(t, muster.Resolved, c.load(done.Ticket.ID).Ticket.State)
	require.Zero(t, due(string(done.Ticket.ID), muster.KindTicket), "it stays so")

	require.Equal(t, now.Add(time.Minute), due(string(queued.Region), muster.KindRegion))
	require.Equal(t, string(muster.VisitOffered), ref(c.load(queued.ID).Ticket).Shown())
	_, err = c.dispatch.Due(c.ctx, graph.Wake{ID: "dut_relay", Kind: muster.KindDuty})
	require.Equal(t, muster.CodeInternal, muster.CodeOf(err))
	c.sound()
}

func ref[T any](v T) *T { return &v }

// A queue that is longer than a round looks at is gone through in turn: who could be helped isn't kept waiting by what is more
// urgent and nobody can do.
func TestALongQueueIsGoneThroughInTurn(t *testing.T) {
	c := newCompany(t)
	c.dispatch.LookingAt(6)
	c.expert("li", 3)
	hopeless := func(r *dispatch.SubmitRequest) {
		r.Needs, r.Priority = []muster.Need{{Skill: gas, Level: 2}}, muster.PriorityHigh
	}
	for range 11 {
		c.submit(hopeless)
	}
	mine := c.submit()
	for range 3 {
		report, err := c.dispatch.Round(c.ctx, mine.Region)
		require.NoError(t, err)
		require.Equal(t, 6, report.Looked, "no more than that")
	}
	require.Equal(t, "offered", c.shown(mine.ID))
	for range 8 {
		c.submit(hopeless)
	}
	other := c.submit()
	for range 7 {
		_, err := c.dispatch.Round(c.ctx, mine.Region)
		require.NoError(t, err)
	}
	require.Equal(t, "offered", c.shown(other.ID), "over and over")
	c.sound()
}

// How far that has come is known to all processes, and to those that are started anew.
func TestALongQueueIsGoneThroughWhoeverDoesTheRounds(t *testing.T) {
	c := newCompany(t)
	c.expert("li", 3)
	for range 20 {
		c.submit(func(r *dispatch.SubmitRequest) {
			r.Needs, r.Priority = []muster.Need{{Skill: gas, Level: 2}}, muster.PriorityHigh
		})
	}
	for range 2 {
		mine := c.submit()
		for range 7 {
			d := dispatch.New(c.store, c.clock)
			d.LookingAt(6)
			_, err := d.Round(c.ctx, mine.Region)
			require.NoError(t, err)
		}
		require.Equal(t, "offered", c.shown(mine.ID))
	}
	backlog, err := c.dispatch.Backlog(c.ctx, c.store.(dispatch.BacklogStore), 10)
	require.NoError(t, err)
	require.Empty(t, backlog.Consumers, "it is no consumer of events")
	c.sound()
}
