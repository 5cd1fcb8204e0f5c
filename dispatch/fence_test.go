package dispatch_test

import (
	"context"
	"encoding/json"
	"os"
	"regexp"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/dispatch"
	"github.com/sysopssquad/muster/graph"
)

// held is a store that holds a handler up once: after it has read what a timer belongs to, or before it writes.
type held struct {
	graph.Store
	mu          sync.Mutex
	read, write func()
}

// once runs what it is given the first time it is called; handlers of several things call it side by side.
func (h *held) once(f *func()) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if run := *f; run != nil {
		*f = nil
		run()
	}
}

func (h *held) TicketCase(ctx context.Context, cmd muster.CommandID, ref graph.CaseRef) (graph.TicketCase, error) {
	c, err := h.Store.TicketCase(ctx, cmd, ref)
	h.once(&h.read)
	return c, err
}

func (h *held) ExpertCase(ctx context.Context, cmd muster.CommandID, id muster.ExpertID, from time.Time) (graph.ExpertCase, error) {
	c, err := h.Store.ExpertCase(ctx, cmd, id, from)
	h.once(&h.read)
	return c, err
}

func (h *held) Round(ctx context.Context, ref graph.RoundRef) (graph.Round, error) {
	r, err := h.Store.Round(ctx, ref)
	h.once(&h.read)
	return r, err
}

func (h *held) Commit(ctx context.Context, changes ...graph.Change) ([]graph.Outcome, error) {
	h.once(&h.write)
	return h.Store.Commit(ctx, changes...)
}

// A rung is a timer that is due, with what a person may do about the same thing before its handler is through.
type rung struct {
	id     string
	person func()
}

// rungs are all timers that dispatch sees to.
func rungs() map[muster.TimerName]func(*company) rung {
	leaving := func(timer muster.TimerName) func(*company) rung {
		return func(c *company) rung {
			id, a := c.morning()
			c.until(id, leaveBy(a.Ticket).Add(-time.Minute), true)
			for range 100 { // the questions that come before it
				if at, set := c.load(id).Ticket.Timers[timer]; set && !c.clock.Now().Before(at) {
					break
				}
				c.due(id)
				c.clock.Advance(15 * time.Second)
				require.NoError(c, c.dispatch.Reachable(c.ctx))
			}
			require.Contains(c, c.load(id).Ticket.Timers, timer)
			return rung{string(id), func() {
				_, err := c.dispatch.AnswerVisit(c.ctx, c.as(actorOf("exp_li")), dispatch.ComingRequest{
					Visit: a.Visit.ID, Coming: true, At: c.clock.Now().Add(20 * time.Minute),
				})
				require.NoError(c, err)
			}}
		}
	}
	return map[muster.TimerName]func(*company) rung{
		muster.TimerOffer: func(c *company) rung {
			li := c.expert("li", 3)
			o := c.offer(c.submit().ID, li.ID).Offers[0]
			c.clock.Set(o.Deadline)
			return rung{string(o.Ticket), func() {
				_, err := c.dispatch.Cancel(c.ctx, c.as(helpdesk), dispatch.TicketRequest{Ticket: o.Ticket})
				require.NoError(c, err)
			}}
		},
		muster.TimerWake: func(c *company) rung {
			id := c.submit().ID
			wait := func() {
				_, err := c.dispatch.Wait(c.ctx, c.as(dispatcher), dispatch.WaitRequest{
					Ticket: id, For: muster.WaitDate, Until: c.clock.Now().Add(24 * time.Hour),
				})
				require.NoError(c, err)
			}
			wait()
			c.clock.Advance(24 * time.Hour)
			return rung{string(id), wait}
		},
		muster.TimerSLA: func(c *company) rung {
			id := c.submit().ID
			c.clock.Set(c.load(id).Ticket.Timers[muster.TimerSLA])
			return rung{string(id), func() {
				_, err := c.dispatch.Cancel(c.ctx, c.as(helpdesk), dispatch.TicketRequest{Ticket: id})
				require.NoError(c, err)
			}}
		},
		muster.TimerOverrun: func(c *company) rung {
			li := c.expert("li", 3)
			a := c.assign(c.submit().ID, li.ID)
			c.clock.Set(a.Visit.Start)
			c.under(a.Visit.ID, li.ID, muster.VisitInProgress)
			c.clock.Set(c.load(a.Ticket.ID).Ticket.Timers[muster.TimerOverrun])
			return rung{string(a.Ticket.ID), func() {
				_, err := c.dispatch.End(c.ctx, c.as(actorOf(li.ID)), dispatch.EndRequest{Visit: a.Visit.ID, Outcome: muster.Fixed})
				require.NoError(c, err)
			}}
		},
		muster.TimerVisit: func(c *company) rung {
			li := c.expert("li", 3)
			a := c.assign(c.submit().ID, li.ID)
			c.under(a.Visit.ID, li.ID, muster.VisitEnRoute)
			c.clock.Set(a.Visit.End)
			return rung{string(a.Ticket.ID), func() {
				_, err := c.dispatch.Arrive(c.ctx, c.as(actorOf(li.ID)), dispatch.VisitRequest{Visit: a.Visit.ID})
				require.NoError(c, err)
			}}
		},
		muster.TimerResolve: func(c *company) rung {
			id := c.submit().ID
			complete := func() {
				_, err := c.dispatch.Complete(c.ctx, c.as(dispatcher), dispatch.CompleteRequest{Ticket: id, Outcome: muster.Fixed})
				require.NoError(c, err)
			}
			complete()
			c.clock.Set(c.load(id).Ticket.Timers[muster.TimerResolve])
			return rung{string(id), func() { // it broke again, and was mended again: the customer has a day from then
				_, err := c.dispatch.Reopen(c.ctx, c.as(helpdesk), dispatch.TicketRequest{Ticket: id})
				require.NoError(c, err)
				complete()
			}}
		},
		muster.TimerException: func(c *company) rung {
			id := c.locked()
			req := dispatch.ExceptionRequest{Ticket: id, Kind: muster.ExceptionNoAccess}
			_, err := c.dispatch.TakeException(c.ctx, c.as(dispatcher), req)
			require.NoError(c, err)
			c.clock.Set(c.load(id).Ticket.Timers[muster.TimerException])
			return rung{string(id), func() {
				_, err := c.dispatch.ContactException(c.ctx, c.as(dispatcher), dispatch.ContactRequest{
					ExceptionRequest: req, Whom: "customer", How: "phone", Result: "will_call_back",
				})
				require.NoError(c, err)
			}}
		},
		muster.TimerDepart:  leaving(muster.TimerDepart),
		muster.TimerAnswer:  leaving(muster.TimerAnswer),
		muster.TimerReplace: leaving(muster.TimerReplace),
		muster.TimerRedecide: func(c *company) rung {
			li := c.expert("li", 3)
			a := c.assign(c.submit().ID, li.ID)
			leave := func(l muster.Leave) {
				_, err := c.dispatch.AddLeave(c.ctx, c.as(admin), dispatch.LeaveRequest{Expert: li.ID, Leave: l})
				require.NoError(c, err)
			}
			leave(muster.Leave{Window: muster.Window{Start: a.Visit.Start, End: a.Visit.End}})
			return rung{string(li.ID), func() {
				_, err := c.dispatch.Cancel(c.ctx, c.as(helpdesk), dispatch.TicketRequest{Ticket: a.Ticket.ID})
				require.NoError(c, err)
				leave(muster.Leave{Window: muster.Window{Start: monday.AddDate(0, 1, 0), End: monday.AddDate(0, 1, 1)}})
				_, err = c.dispatch.Redecide(c.ctx, li.ID) // else the handler, which looks again, sees to that leave too
				require.NoError(c, err)
			}}
		},
		muster.TimerSkills: func(c *company) rung {
			li := c.expert("li", 3)
			a := c.assign(c.submit(func(r *dispatch.SubmitRequest) { r.Needs = []muster.Need{{Skill: goods, Level: 2}} }).ID, li.ID)
			_, err := c.dispatch.SaveSkills(c.ctx, c.as(admin), dispatch.SkillRequest{Skills: []muster.Skill{{ID: fridges, Name: "Refrigerators"}}})
			require.NoError(c, err)
			c.clock.Advance(10 * time.Minute)
			return rung{string(li.ID), func() {
				_, err := c.dispatch.Cancel(c.ctx, c.as(helpdesk), dispatch.TicketRequest{Ticket: a.Ticket.ID})
				require.NoError(c, err)
				_, err = c.dispatch.Redecide(c.ctx, li.ID)
				require.NoError(c, err)
			}}
		},
		muster.TimerLeave: func(c *company) rung {
			li := c.expert("li", 3)
			_, err := c.dispatch.ExpertLeaves(c.ctx, c.as(admin), dispatch.LeavesRequest{Expert: li.ID, From: monday.Add(time.Hour)})
			require.NoError(c, err)
			_, err = c.dispatch.Redecide(c.ctx, li.ID)
			require.NoError(c, err)
			c.clock.Set(monday.Add(time.Hour))
			return rung{string(li.ID), func() { // they stay for another month
				_, err := c.dispatch.ExpertLeaves(c.ctx, c.as(admin), dispatch.LeavesRequest{Expert: li.ID, From: monday.AddDate(0, 1, 0)})
				require.NoError(c, err)
			}}
		},
		muster.TimerRound: func(c *company) rung {
			li := c.expert("li", 3)
			ticket := c.submit()
			return rung{string(ticket.Region), func() { c.assign(ticket.ID, li.ID) }}
		},
		muster.TimerQueue: func(c *company) rung {
			id := c.submit().ID
			c.clock.Set(c.load(id).Ticket.Timers[muster.TimerQueue])
			return rung{string(id), func() {
				_, err := c.dispatch.Cancel(c.ctx, c.as(helpdesk), dispatch.TicketRequest{Ticket: id})
				require.NoError(c, err)
			}}
		},
		muster.TimerEnding: func(c *company) rung {
			li := c.expert("li", 3)
			id := c.submit().ID
			c.step(id, 1)
			a := c.offer(id, li.ID)
			c.clock.Set(a.Ticket.Timers[muster.TimerEnding])
			return rung{string(id), func() {
				_, err := c.dispatch.Accept(c.ctx, c.as(actorOf(li.ID)), dispatch.AnswerRequest{Offer: a.Offers[0].ID})
				require.NoError(c, err)
			}}
		},
		muster.TimerTriage: func(c *company) rung {
			id := c.submit(func(r *dispatch.SubmitRequest) { r.Needs = nil }).ID
			c.clock.Set(c.load(id).Ticket.Timers[muster.TimerTriage])
			return rung{string(id), func() {
				_, err := c.dispatch.Triage(c.ctx, c.as(helpdesk), dispatch.TriageRequest{Ticket: id, Needs: c.request().Needs})
				require.NoError(c, err)
			}}
		},
	}
}

// elsewhere are the timers that are not dispatch's: jobs' own tests are about those.
var elsewhere = []muster.TimerName{muster.TimerLease, muster.TimerRetry, muster.TimerSend, muster.TimerResend}

// all shows everything that is in the store.
func (c *company) all() string {
	c.Helper()
	shown := make(map[string]any)
	for after := ""; ; {
		cases, err := c.store.TicketCases(c.ctx, after, 100)
		require.NoError(c, err)
		if len(cases) == 0 {
			break
		}
		for _, k := range cases {
			after = string(k.Ticket.ID)
			shown[after] = k
			events, err := c.store.History(c.ctx, muster.Scope{Everything: true}, after)
			require.NoError(c, err)
			shown[after+"/events"] = len(events)
		}
	}
	experts, err := c.store.Records(c.ctx, "", "exp_li", "exp_kim")
	require.NoError(c, err)
	shown["experts"], shown["tours"] = experts, c.tours()
	b, err := json.MarshalIndent(shown, "", " ")
	require.NoError(c, err)
	return string(b)
}

// TestAHandlerThatWasHeldUpChangesNothing holds each timer's handler up for an hour, after it has read or before it
// writes. Meanwhile another worker sees to the same timer, or a person to what it is about. Then the handler goes on, and
// nothing of what is there by then is changed by it.
func TestAHandlerThatWasHeldUpChangesNothing(t *testing.T) {
	for name, scene := range rungs() {
		for _, meanwhile := range []string{"another worker", "a person"} {
			for _, at := range []string{"read", "write"} {
				t.Run(string(name)+", "+meanwhile+" at the "+at, func(t *testing.T) {
					c := newCompany(t)
					r := scene(c)
					h := &held{Store: c.store}
					ran, before := false, ""
					do := func() {
						ran = true
						if meanwhile == "a person" {
							r.person()
						} else {
							_, err := c.dispatch.Due(c.ctx, graph.Wake{ID: r.id, Kind: muster.KindOf(r.id)})
							require.NoError(t, err)
						}
						c.clock.Advance(time.Hour)
						before = c.all()
					}
					if at == "read" {
						h.read = do
					} else {
						h.write = do
					}
					_, err := dispatch.New(h, c.clock).Due(c.ctx, graph.Wake{ID: r.id, Kind: muster.KindOf(r.id)})
					if err != nil {
						require.Contains(t, []muster.Code{muster.CodeState, muster.CodeConflict}, muster.CodeOf(err), "%v", err)
					}
					if !ran { // a timer that writes nothing
						require.Equal(t, "write", at)
						return
					}
					require.Equal(t, before, c.all())
					c.sound()
				})
			}
		}
	}
}

// Whoever comes back after an hour in which nothing happened does not carry out what was decided then.
func TestAnOldDecisionIsNotCarriedOut(t *testing.T) {
	c := newCompany(t)
	c.pushing()
	c.expert("li", 3)
	ticket := c.submit()
	h := &held{Store: c.store, write: func() {}}
	late := dispatch.New(h, c.clock)
	for name, round := range map[string]func() error{
		"prompt": func() error { _, err := late.PromptRound(c.ctx, ticket.ID); return err },
		"region": func() error { _, err := late.Round(c.ctx, ticket.Region); return err },
	} {
		h.read = func() { c.clock.Advance(time.Hour) }
		require.Equal(t, muster.CodeConflict, muster.CodeOf(round()), name)
		require.Equal(t, ticket.Rev, c.load(ticket.ID).Ticket.Rev)
	}
	h.read = func() { c.clock.Advance(time.Hour) }
	a, err := late.Assign(c.ctx, c.as(dispatcher), dispatch.AssignRequest{Ticket: ticket.ID, Expert: "exp_li"})
	require.NoError(t, err)
	require.True(t, a.Visit.Start.After(c.clock.Now()), "it is decided again, on the hour that it is")
	c.sound()
}

// Filing that was held up, or does it twice, files nothing a second time: neither what was filed as asked for, nor what
// was put before a person.
func TestFilingThatWasHeldUpFilesNothing(t *testing.T) {
	k := newKeeper(t)
	k.remote.state.Store(refuses)
	_, good := k.accept(k.request())
	req := k.request()
	req.Customer = "cus_nobody"
	_, lost := k.accept(req)
	k.remote.state.Store(there)
	h, before := &held{Store: k.remote}, ""
	h.write = func() {
		r, err := k.dispatch.FileIntake(k.ctx, k.journal)
		require.NoError(t, err)
		require.Equal(t, 1, r.Filed)
		require.Equal(t, 1, r.ToPerson)
		k.clock.Advance(time.Hour)
		before = k.all()
	}
	_, err := dispatch.New(h, k.clock).FileIntake(k.ctx, k.journal)
	require.NoError(t, err)
	require.NotEmpty(t, before)
	require.Equal(t, before, k.all())
	for _, a := range []dispatch.Answer{good, lost} {
		require.Equal(t, int64(1), k.load(a.Ticket.ID).Ticket.Rev)
	}
	k.sound()
}

// Every timer of timers.go has its scene above.
func TestEveryTimerIsHeldUp(t *testing.T) {
	all := rungs()
	for _, name := range elsewhere {
		all[name] = nil
	}
	text, err := os.ReadFile("../timers.go")
	require.NoError(t, err)
	declared := regexp.MustCompile(`Timer\w+ +TimerName = "(\w+)"`).FindAllSubmatch(text, -1)
	require.Greater(t, len(declared), 15)
	for _, d := range declared {
		require.Contains(t, all, muster.TimerName(d[1]))
	}
}
