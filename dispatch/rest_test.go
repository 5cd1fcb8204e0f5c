package dispatch_test

import (
	"context"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/dispatch"
	"github.com/sysopssquad/muster/graph"
	"github.com/sysopssquad/muster/graph/sqlite"
)

// hire adds somebody who works at the hours given.
func (c *company) hire(name string, limits muster.Capacity, shifts ...muster.Hours) muster.Expert {
	c.Helper()
	e, err := c.dispatch.SaveExpert(c.ctx, c.as(admin), muster.Expert{
		ID: muster.ExpertID("exp_" + name), Name: name, Base: muster.Place{Point: boston}, Shifts: shifts, Capacity: limits,
		Skills: []muster.Competence{{Skill: fridges, Level: 3}},
	})
	require.NoError(c, err)
	return e
}

// wish is a ticket of some minutes for a local hour of a day of November.
func (c *company) wish(day, hour int, length muster.Minutes) muster.Ticket {
	c.Helper()
	start := time.Date(2026, 11, day, hour, 0, 0, 0, muster.Location("America/New_York")).UTC()
	return c.submit(func(r *dispatch.SubmitRequest) {
		r.Duration, r.Windows = length, []muster.Window{{Start: start, End: start.Add(15 * time.Minute)}}
	})
}

// Two tours of one expert that can't both be: whoever commits second has read the other as it no longer is.
func TestToursOfDifferentDaysKeepTheLimitsBetweenThem(t *testing.T) {
	for name, scene := range map[string]func(*company) (muster.Expert, [2]int, [2]muster.Ticket, muster.ReasonCode){
		"the longest week": func(c *company) (e muster.Expert, early [2]int, tickets [2]muster.Ticket, code muster.ReasonCode) {
			li := c.hire("li", muster.Capacity{WeekMinutes: 6 * 60},
				muster.Hours{Weekday: time.Monday, From: 8 * 60, To: 16 * 60}, muster.Hours{Weekday: time.Thursday, From: 8 * 60, To: 16 * 60})
			return li, [2]int{9, 9}, [2]muster.Ticket{c.wish(23, 10, 240), c.wish(26, 10, 240)}, muster.WeekTooLong
		},
		"the rest": func(c *company) (e muster.Expert, early [2]int, tickets [2]muster.Ticket, code muster.ReasonCode) {
			li := c.hire("li", muster.Capacity{},
				muster.Hours{Weekday: time.Monday, From: 14 * 60, To: 22 * 60}, muster.Hours{Weekday: time.Tuesday, From: 6 * 60, To: 14 * 60})
			return li, [2]int{16, 12}, [2]muster.Ticket{c.wish(23, 20, 90), c.wish(24, 7, 60)}, muster.AfterWindow // it would have to be after the rest
		},
		"the longest day": func(c *company) (e muster.Expert, early [2]int, tickets [2]muster.Ticket, code muster.ReasonCode) {
			li := c.hire("li", muster.Capacity{DayMinutes: 5 * 60},
				muster.Hours{Weekday: time.Tuesday, From: 6 * 60, To: 11 * 60}, muster.Hours{Weekday: time.Tuesday, From: 14 * 60, To: 19 * 60})
			return li, [2]int{10, 18}, [2]muster.Ticket{c.wish(24, 7, 150), c.wish(24, 15, 150)}, muster.DayTooLong
		},
	} {
		for _, late := range []bool{false, true} { // the tours come into being, or are there already
			t.Run(name, func(t *testing.T) {
				c, f := newFaulty(t)
				li, early, tickets, code := scene(c)
				if late {
					for i, ticket := range tickets {
						c.assign(c.wish(ticket.Windows[0].Start.Add(-6*time.Hour).Day(), early[i], 5).ID, li.ID)
					}
				}
				other := dispatch.New(c.store, c.clock)
				f.before = func() {
					_, err := other.Assign(c.ctx, c.as(dispatcher), dispatch.AssignRequest{Ticket: tickets[0].ID, Expert: li.ID})
					require.NoError(t, err)
				}
				_, err := c.dispatch.Assign(c.ctx, c.as(dispatcher), dispatch.AssignRequest{Ticket: tickets[1].ID, Expert: li.ID})
				var unfit *muster.Error
				require.ErrorAs(t, err, &unfit)
				require.Equal(t, muster.CodeUnfit, unfit.Code, "%v", err)
				var codes []muster.ReasonCode
				for _, r := range unfit.Reasons {
					codes = append(codes, r.Code)
				}
				require.Contains(t, codes, code)
				c.sound()
			})
		}
	}
}

// Many at once, through rounds and from the board, on a store that takes them side by side.
func TestLimitsHoldUnderConcurrency(t *testing.T) {
	clock := muster.NewFakeClock(monday)
	store, err := sqlite.Open(t.Context(), t.TempDir()+"/muster.db", clock)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, store.Close(context.Background())) })
	c := companyOn(t, store, clock)
	c.pushing()
	var shifts []muster.Hours
	for day := time.Monday; day <= time.Friday; day++ {
		shifts = append(shifts, muster.Hours{Weekday: day, From: 8 * 60, To: 16 * 60})
	}
	var experts []muster.Expert
	for _, name := range []string{"ada", "bo", "cy"} {
		experts = append(experts, c.hire(name, muster.Capacity{WeekMinutes: 9 * 60}, shifts...))
	}
	var tickets []muster.Ticket
	for day := 23; day <= 27; day++ {
		for range 3 {
			tickets = append(tickets, c.wish(day, 11, 180))
		}
	}
	var all sync.WaitGroup
	commands := make([]muster.Command, len(tickets))
	for i := range commands {
		commands[i] = c.as(dispatcher)
	}
	for i, ticket := range tickets[:9] {
		all.Go(func() {
			_, err := dispatch.New(store, clock).Assign(c.ctx, commands[i], dispatch.AssignRequest{Ticket: ticket.ID, Expert: experts[i%3].ID})
			if err != nil && !slices.Contains([]muster.Code{muster.CodeUnfit, muster.CodeConflict, muster.CodeState}, muster.CodeOf(err)) {
				t.Error(err)
			}
		})
	}
	for range 2 {
		all.Go(func() {
			if _, err := dispatch.New(store, clock).Rounds(c.ctx); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	_, err = c.dispatch.Rounds(c.ctx)
	require.NoError(t, err)
	assigned := 0
	for _, ticket := range tickets {
		if c.load(ticket.ID).Ticket.State == muster.Scheduled {
			assigned++
		}
	}
	require.Equal(t, 6, assigned, "two of three hours each fit into nine, with the ways")
	c.sound()
}

// recording keeps the guards of what is committed.
type recording struct {
	graph.Store
	mu     sync.Mutex
	guards []graph.Guard
}

func (s *recording) Commit(ctx context.Context, changes ...graph.Change) ([]graph.Outcome, error) {
	s.mu.Lock()
	for _, c := range changes {
		s.guards = append(s.guards, c.Expect...)
	}
	s.mu.Unlock()
	return s.Store.Commit(ctx, changes...)
}

// A round plans all days of an expert whose limits are tight without standing in its own way, and an expert
// whose shifts leave room for everything costs no guard but that of the tour.
func TestGuardsAreFew(t *testing.T) {
	for name, limits := range map[string]muster.Capacity{"roomy": {}, "tight": {WeekMinutes: 20 * 60}} {
		t.Run(name, func(t *testing.T) {
			c := newCompany(t)
			c.pushing()
			var shifts []muster.Hours
			for day := time.Monday; day <= time.Friday; day++ {
				shifts = append(shifts, muster.Hours{Weekday: day, From: 8 * 60, To: 16 * 60})
			}
			c.hire("li", limits, shifts...)
			for day := 23; day <= 27; day++ {
				c.wish(day, 11, 180)
			}
			s := &recording{Store: c.store}
			reports, err := dispatch.New(s, c.clock).Rounds(c.ctx)
			require.NoError(t, err)
			require.Equal(t, 5, reports[0].Assigned)
			require.Zero(t, reports[0].Lost)
			tours := 0
			for _, g := range s.guards {
				if muster.KindOf(g.ID) == muster.KindTour {
					tours++
				}
			}
			require.Equal(t, 5, tours, "those that it changes: of whom the limits are tight, all in one change")
			c.sound()
		})
	}
}
