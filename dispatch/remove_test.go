package dispatch_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/dispatch"
	"github.com/sysopssquad/muster/graph"
)

// Whoever is taken out of service while somebody books on them stays, with the booking: on a tour that comes into
// being with it, and on one that is there.
func TestAnExpertIsNotRemovedFromUnderABooking(t *testing.T) {
	remove := map[string]func(*company, muster.Expert) error{
		"remove": func(c *company, e muster.Expert) error {
			_, err := c.dispatch.RemoveExpert(c.ctx, c.as(admin), e.ID)
			return err
		},
		"save as removed": func(c *company, e muster.Expert) error {
			e.Removed = true
			_, err := c.dispatch.SaveExpert(c.ctx, c.as(admin), e)
			return err
		},
	}
	book := map[string]func(*dispatch.Dispatch, *company, muster.TicketID, muster.ExpertID) error{
		"assign": func(d *dispatch.Dispatch, c *company, id muster.TicketID, e muster.ExpertID) error {
			_, err := d.Assign(c.ctx, c.as(dispatcher), dispatch.AssignRequest{Ticket: id, Expert: e})
			return err
		},
		"offer": func(d *dispatch.Dispatch, c *company, id muster.TicketID, e muster.ExpertID) error {
			_, err := d.Offer(c.ctx, c.as(dispatcher), dispatch.OfferRequest{Ticket: id, Expert: e})
			return err
		},
		"a round": func(d *dispatch.Dispatch, c *company, _ muster.TicketID, _ muster.ExpertID) error {
			_, err := d.AssignAll(c.ctx)
			return err
		},
		"a later day": func(d *dispatch.Dispatch, c *company, id muster.TicketID, e muster.ExpertID) error {
			_, err := d.Assign(c.ctx, c.as(dispatcher), dispatch.AssignRequest{Ticket: id, Expert: e, Start: monday.Add(9*24*time.Hour + 2*time.Hour)})
			return err
		},
	}
	for verb, remove := range remove {
		for kind, book := range book {
			for _, known := range []bool{false, true} {
				t.Run(verb+" against "+kind, func(t *testing.T) {
					c, f := newFaulty(t)
					li := c.expert("li", 3)
					one := c.submit()
					if known { // the tour exists
						a := c.submit()
						require.NoError(t, book(c.dispatch, c, a.ID, li.ID))
						_, err := c.dispatch.Cancel(c.ctx, c.as(helpdesk), dispatch.TicketRequest{Ticket: a.ID})
						require.NoError(t, err)
					}
					other := dispatch.New(c.store, c.clock)
					f.before = func() { require.NoError(t, book(other, c, one.ID, li.ID)) }
					err := remove(c, li)
					require.Equal(t, muster.CodeState, muster.CodeOf(err), "%v", err)
					require.ErrorContains(t, err, one.Ref())
					c.sound()

					_, err = c.dispatch.Cancel(c.ctx, c.as(helpdesk), dispatch.TicketRequest{Ticket: one.ID})
					require.NoError(t, err)
					require.NoError(t, remove(c, li))
					c.sound()
				})
			}
		}
	}
}

// An offer whose time is over keeps nobody: it can't be accepted any more.
func TestAnExpertWhoWasAskedInVainIsRemoved(t *testing.T) {
	c := newCompany(t)
	li := c.expert("li", 3)
	offer := c.offer(c.submit().ID, li.ID).Offers[0]
	c.clock.Set(offer.Deadline.Add(-time.Microsecond))
	_, err := c.dispatch.RemoveExpert(c.ctx, c.as(admin), li.ID)
	require.Equal(t, muster.CodeState, muster.CodeOf(err))
	c.clock.Set(offer.Deadline)
	_, err = c.dispatch.RemoveExpert(c.ctx, c.as(admin), li.ID)
	require.NoError(t, err)
	_, err = c.dispatch.Accept(c.ctx, c.as(dispatcher), dispatch.AnswerRequest{Offer: offer.ID})
	require.Equal(t, muster.CodeOfferOver, muster.CodeOf(err))
	c.sound()
	by := c.as(muster.System("timers"))
	_, err = c.dispatch.Expire(c.ctx, by, dispatch.AnswerRequest{Offer: offer.ID})
	require.NoError(t, err)
	c.sound()
}

// A visit that was never ended is still theirs, however long ago its tour was.
func TestAnExpertWithAVisitOfThePastIsNotRemoved(t *testing.T) {
	c := newCompany(t)
	li := c.expert("li", 3)
	a := c.assign(c.submit().ID, li.ID)
	c.clock.Advance(90 * 24 * time.Hour)
	_, err := c.dispatch.RemoveExpert(c.ctx, c.as(admin), li.ID)
	require.Equal(t, muster.CodeState, muster.CodeOf(err), "%v", err)
	require.ErrorContains(t, err, a.Ticket.Ref())
}

// A customer or site with open tickets stays, also with one that comes in at that moment; what is gone takes none.
func TestCustomersAndSitesStayWhileTicketsAreOpen(t *testing.T) {
	for name, edit := range map[string]func(*dispatch.CustomerRequest){
		"customer": func(r *dispatch.CustomerRequest) { r.Customer.Removed, r.Sites = true, nil },
		"site":     func(r *dispatch.CustomerRequest) { r.Sites[0].Removed = true },
		"both":     func(r *dispatch.CustomerRequest) { r.Customer.Removed, r.Sites[0].Removed = true, true },
	} {
		t.Run(name, func(t *testing.T) {
			c, f := newFaulty(t)
			other := dispatch.New(c.store, c.clock)
			remove := func(d *dispatch.Dispatch, cmd muster.Command) error {
				req := dispatch.CustomerRequest{Customer: c.customer, Sites: []muster.Site{c.site}}
				req.Customer.Rev = 0
				edit(&req)
				_, err := d.SaveCustomer(c.ctx, cmd, req)
				return err
			}
			stays := func(err error, open muster.Ticket) {
				t.Helper()
				require.Equal(t, muster.CodeState, muster.CodeOf(err), "%v", err)
				require.ErrorContains(t, err, open.Ref())
				k, err := c.store.CustomerCase(c.ctx, "", c.customer.ID)
				require.NoError(t, err)
				require.False(t, k.Customer.Removed || k.Sites[0].Removed)
			}
			cancel := func(id muster.TicketID) {
				t.Helper()
				_, err := c.dispatch.Cancel(c.ctx, c.as(helpdesk), dispatch.TicketRequest{Ticket: id})
				require.NoError(t, err)
			}
			closed := c.in("resolved", "")
			one := c.submit()
			stays(remove(c.dispatch, c.as(helpdesk)), one)
			cancel(one.ID)

			var two dispatch.Answer
			f.before = func() { // a ticket comes in between the look and the commit
				var err error
				two, err = other.Submit(c.ctx, c.as(helpdesk), c.request())
				require.NoError(t, err)
			}
			cmd := c.as(helpdesk)
			stays(remove(c.dispatch, cmd), two.Ticket)
			stays(remove(c.dispatch, cmd), two.Ticket) // the same command has the same answer
			cancel(two.Ticket.ID)
			stays(remove(c.dispatch, cmd), two.Ticket)

			f.before = func() { require.NoError(t, remove(other, c.as(helpdesk))) }
			_, err := c.dispatch.Submit(c.ctx, c.as(helpdesk), c.request())
			require.Error(t, err, "what it is for has just gone")
			_, err = c.dispatch.Reopen(c.ctx, c.as(helpdesk), dispatch.TicketRequest{Ticket: closed})
			require.Equal(t, muster.CodeState, muster.CodeOf(err), "%v", err)
			c.sound()
		})
	}
}

// A ticket is not taken up again at a place that goes at that moment.
func TestReopenRestsOnItsCustomer(t *testing.T) {
	c, f := newFaulty(t)
	closed := c.in("resolved", "")
	other := dispatch.New(c.store, c.clock)
	f.before = func() {
		gone := c.site
		gone.Removed = true
		_, err := other.SaveSite(c.ctx, c.as(helpdesk), dispatch.SiteRequest{Customer: c.customer.ID, Site: gone})
		require.NoError(t, err)
	}
	_, err := c.dispatch.Reopen(c.ctx, c.as(helpdesk), dispatch.TicketRequest{Ticket: closed})
	require.Equal(t, muster.CodeState, muster.CodeOf(err), "%v", err)
}

// What has been removed before stays so when a removal is taken back that names it again.
func TestARemovalThatIsTakenBackBringsNothingElseBack(t *testing.T) {
	c, f := newFaulty(t)
	other := dispatch.New(c.store, c.clock)
	saved, err := c.dispatch.SaveSite(c.ctx, c.as(helpdesk), dispatch.SiteRequest{
		Customer: c.customer.ID, Site: muster.Site{Street: "1 Elm St", City: "Boston", Place: muster.Place{Point: boston}},
	})
	require.NoError(t, err)
	cottage := saved.Sites[1]
	if cottage.ID == c.site.ID {
		cottage = saved.Sites[0]
	}
	cottage.Removed = true
	_, err = c.dispatch.SaveSite(c.ctx, c.as(helpdesk), dispatch.SiteRequest{Customer: c.customer.ID, Site: cottage})
	require.NoError(t, err)

	home := c.site
	home.Removed = true
	req := dispatch.CustomerRequest{Customer: c.customer, Sites: []muster.Site{home, cottage}}
	req.Customer.Rev = 0
	var open dispatch.Answer
	f.before = func() {
		open, err = other.Submit(c.ctx, c.as(helpdesk), c.request())
		require.NoError(t, err)
	}
	cmd := c.as(helpdesk)
	for range 2 { // and when it is repeated
		_, err = c.dispatch.SaveCustomer(c.ctx, cmd, req)
		require.Equal(t, muster.CodeState, muster.CodeOf(err), "%v", err)
		require.ErrorContains(t, err, open.Ticket.Ref())
		k, err := c.store.CustomerCase(c.ctx, "", c.customer.ID)
		require.NoError(t, err)
		for _, s := range k.Sites {
			require.Equal(t, s.ID == cottage.ID, s.Removed, s.Street)
		}
	}
	c.sound()
}

// reads counts the records that are read of tours and tickets.
type reads struct {
	graph.Store
	n int
}

func (r *reads) ExpertCase(ctx context.Context, cmd muster.CommandID, id muster.ExpertID, from time.Time) (graph.ExpertCase, error) {
	c, err := r.Store.ExpertCase(ctx, cmd, id, from)
	r.n += len(c.Tours) + len(c.Tickets)
	return c, err
}

func (r *reads) TicketCase(ctx context.Context, cmd muster.CommandID, ref graph.CaseRef) (graph.TicketCase, error) {
	r.n++
	return r.Store.TicketCase(ctx, cmd, ref)
}

func (r *reads) Tickets(ctx context.Context, s muster.Scope, f graph.TicketFilter, p graph.Page) ([]*muster.Ticket, string, error) {
	tickets, next, err := r.Store.Tickets(ctx, s, f, p)
	r.n += len(tickets)
	return tickets, next, err
}

func (r *reads) Tours(ctx context.Context, s muster.Scope, experts []muster.ExpertID, span muster.Window) ([]*muster.Tour, error) {
	tours, err := r.Store.Tours(ctx, s, experts, span)
	r.n += len(tours)
	return tours, err
}

// Taking somebody out of service reads no more the longer they have been here.
func TestRemovingAnExpertReadsNothingOfTheirPast(t *testing.T) {
	read := make(map[int]int)
	for _, days := range []int{20, 60} {
		c := newCompany(t)
		li := c.expert("li", 3)
		for range days {
			a := c.assign(c.submit().ID, li.ID)
			c.clock.Set(a.Visit.Start)
			c.under(a.Visit.ID, li.ID, muster.VisitInProgress)
			_, err := c.dispatch.End(c.ctx, c.as(actorOf(li.ID)), dispatch.EndRequest{Visit: a.Visit.ID, Outcome: muster.Fixed})
			require.NoError(t, err)
			c.clock.Set(a.Visit.Start.Truncate(24 * time.Hour).Add(34 * time.Hour))
		}
		require.GreaterOrEqual(t, len(c.tours()), days*2/3)
		r := &reads{Store: c.store}
		_, err := dispatch.New(r, c.clock).RemoveExpert(c.ctx, c.as(admin), li.ID)
		require.NoError(t, err)
		read[days] = r.n
		c.sound()
	}
	require.Equal(t, read[20], read[60])
	require.Less(t, read[60], 20)
}

// Somebody may have had a ticket once, and another has it now.
func TestAnExpertWhoseTicketAnotherHasNowIsRemoved(t *testing.T) {
	c := newCompany(t)
	li, kim := c.expert("li", 3), c.expert("kim", 4)
	a := c.assign(c.submit().ID, li.ID)
	c.under(a.Visit.ID, li.ID, muster.VisitInProgress)
	_, err := c.dispatch.End(c.ctx, c.as(actorOf(li.ID)), dispatch.EndRequest{
		Visit: a.Visit.ID, Outcome: muster.OtherSkillNeeded, Needs: c.request().Needs,
	})
	require.NoError(t, err)
	c.assign(a.Ticket.ID, kim.ID)
	_, err = c.dispatch.RemoveExpert(c.ctx, c.as(admin), kim.ID)
	require.Equal(t, muster.CodeState, muster.CodeOf(err))
	_, err = c.dispatch.RemoveExpert(c.ctx, c.as(admin), li.ID)
	require.NoError(t, err)
	c.sound()
}
