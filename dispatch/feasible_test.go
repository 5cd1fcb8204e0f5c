package dispatch_test

import (
	"math/rand/v2"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/dispatch"
)

// Whatever rounds ask, people answer and experts do, in whichever order and however early, the stops of a tour stay apart
// with time for the ways between.
func TestLongDaysStayFeasible(t *testing.T) {
	for seed := range uint64(80) {
		r := rand.New(rand.NewPCG(seed, 7))
		c := newCompany(t)
		for i := range 3 {
			c.expert("e"+strconv.Itoa(i), 20*r.Float64()-10)
		}
		policy := muster.DefaultPolicy()
		policy.Push = seed%3 == 0 // else experts are asked
		_, err := c.dispatch.SavePolicy(c.ctx, c.as(admin), policy)
		require.NoError(t, err)
		var tickets []muster.TicketID
		for range 40 {
			switch r.IntN(7) {
			case 0, 1:
				place := muster.Point{Lat: boston.Lat + r.Float64()/5 - 0.1, Lng: boston.Lng + r.Float64()/5 - 0.1}
				saved, err := c.dispatch.SaveCustomer(c.ctx, c.as(helpdesk), dispatch.CustomerRequest{
					Customer: muster.Customer{Name: "Jo"},
					Sites:    []muster.Site{{Street: "1 Elm St", City: "Boston", Place: muster.Place{Point: place}}},
				})
				require.NoError(t, err)
				made := c.submit(func(q *dispatch.SubmitRequest) {
					q.Customer, q.Site, q.Device = saved.Customer.ID, saved.Sites[0].ID, ""
					q.Duration = muster.Minutes(20 + r.IntN(40))
					if r.IntN(2) == 0 {
						q.Priority = muster.PriorityCritical
					}
					if r.IntN(5) == 0 {
						q.Crew = 2
					}
					if r.IntN(3) > 0 {
						from := c.clock.Now().Add(time.Duration(r.IntN(12)) * 30 * time.Minute)
						q.Windows = []muster.Window{{Start: from, End: from.Add(2 * time.Hour)}}
					}
				})
				tickets = append(tickets, made.ID)
			case 2:
				_, err := c.dispatch.Rounds(c.ctx)
				require.NoError(t, err)
			case 3:
				if len(tickets) > 0 {
					_, err := c.dispatch.PromptRound(c.ctx, tickets[r.IntN(len(tickets))])
					require.NoError(t, err)
				}
			case 4:
				if len(tickets) == 0 {
					continue
				}
				offers := c.load(tickets[r.IntN(len(tickets))]).Offers
				if len(offers) == 0 {
					continue
				}
				o := offers[r.IntN(len(offers))] // those that are over are refused
				answer := dispatch.AnswerRequest{Offer: o.ID, Reason: "not_then"}
				if r.IntN(3) == 0 {
					_, _ = c.dispatch.Decline(c.ctx, c.as(actorOf(o.Expert)), answer)
				} else {
					_, _ = c.dispatch.Accept(c.ctx, c.as(actorOf(o.Expert)), answer)
				}
			case 5: // who has work goes through it, whenever they like
				if len(tickets) == 0 {
					continue
				}
				k := c.load(tickets[r.IntN(len(tickets))])
				if len(k.Visits) == 0 || len(k.Assignments) == 0 {
					continue
				}
				visit, by := dispatch.VisitRequest{Visit: k.Visits[len(k.Visits)-1].ID}, actorOf(k.Assignments[len(k.Assignments)-1].Expert)
				_, _ = c.dispatch.Depart(c.ctx, c.as(by), visit) // what isn't theirs to do is refused
				if r.IntN(2) == 0 {
					_, _ = c.dispatch.Arrive(c.ctx, c.as(by), visit)
					_, _ = c.dispatch.Start(c.ctx, c.as(by), visit)
				}
				if r.IntN(3) > 0 {
					_, _ = c.dispatch.Complete(c.ctx, c.as(by), dispatch.CompleteRequest{Ticket: k.Ticket.ID, Outcome: muster.Fixed})
				}
			case 6:
				c.clock.Set(c.clock.Now().Add(time.Duration(r.IntN(4)) * time.Minute))
			}
			report, err := c.dispatch.Fsck(c.ctx, c.store)
			require.NoError(t, err)
			require.Empty(t, slices.DeleteFunc(report.Breaches, func(b dispatch.Breach) bool { return b.Invariant != "I6" }), "seed %d", seed)
		}
	}
}
