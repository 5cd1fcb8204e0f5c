package dispatch_test

import (
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/dispatch"
)

// part gives a command about a part.
func (c *company) part(do func(*dispatch.Dispatch, muster.Command, dispatch.PartRequest) (dispatch.Answer, error), t muster.TicketID, name string, eta time.Time) muster.Ticket {
	c.Helper()
	a, err := do(c.dispatch, c.as(dispatcher), dispatch.PartRequest{Ticket: t, Name: name, ETA: eta})
	require.NoError(c, err)
	return a.Ticket
}

func (c *company) need(d *dispatch.Dispatch, cmd muster.Command, r dispatch.PartRequest) (dispatch.Answer, error) {
	return d.NeedPart(c.ctx, cmd, r)
}

func (c *company) order(d *dispatch.Dispatch, cmd muster.Command, r dispatch.PartRequest) (dispatch.Answer, error) {
	return d.OrderPart(c.ctx, cmd, r)
}

func (c *company) there(d *dispatch.Dispatch, cmd muster.Command, r dispatch.PartRequest) (dispatch.Answer, error) {
	return d.PartThere(c.ctx, cmd, r)
}

// A repair in two visits: what is missing is named at the first, and the same expert comes again with it.
func TestATicketWaitsForItsParts(t *testing.T) {
	c := newCompany(t)
	li := c.expert("li", 30)
	c.expert("kim", 2) // nearer, but it was begun by another
	a := c.assign(c.submit().ID, li.ID)
	c.under(a.Visit.ID, li.ID, muster.VisitInProgress)
	a, err := c.dispatch.End(c.ctx, c.as(actorOf(li.ID)), dispatch.EndRequest{Visit: a.Visit.ID, Outcome: muster.PartNeeded, Carry: []string{"Relay", "Fan"}})
	require.NoError(t, err)
	id := a.Ticket.ID
	require.Len(t, a.Ticket.Parts, 2)
	require.Equal(t, muster.PartMissing, a.Ticket.Parts[0].State)

	day := 24 * time.Hour
	k := c.part(c.order, id, "relay", monday.Add(5*day))
	require.Equal(t, monday.Add(5*day), k.Wait.Until, "the last of them")
	k = c.part(c.order, id, "fan", monday.Add(day))
	require.Equal(t, monday.Add(5*day), k.Wait.Until)
	k = c.part(c.order, id, "relay", monday.Add(2*day))
	require.Equal(t, monday.Add(2*day), k.Wait.Until, "an earlier moment wakes it earlier")
	require.Equal(t, monday.Add(2*day), k.Timers[muster.TimerWake])
	k = c.part(c.order, id, "relay", monday.Add(3*day))
	require.Equal(t, monday.Add(3*day), k.Timers[muster.TimerWake])
	k = c.part(c.there, id, "RELAY", time.Time{})
	require.Equal(t, muster.Waiting, k.State)
	require.Equal(t, monday.Add(day), k.Wait.Until)
	k = c.part(c.there, id, "fan", time.Time{})
	require.Equal(t, muster.Queued, k.State, "all are there: at once")
	require.Equal(t, li.ID, k.Prefer)
	_, err = c.dispatch.Round(c.ctx, k.Region)
	require.NoError(t, err)
	require.Equal(t, []muster.ExpertID{li.ID}, c.load(id).Ticket.Visit.Experts, "the same expert")
	c.sound()
}

func TestAPartThatComesLaterThanTheVisit(t *testing.T) {
	for name, tt := range map[string]struct {
		eta   time.Duration
		shown string
	}{"before it": {20 * time.Hour, "assigned"}, "after it": {48 * time.Hour, "waiting"}} {
		t.Run(name, func(t *testing.T) {
			c := newCompany(t)
			li := c.expert("li", 3)
			a := c.at(li.ID, monday.Add(26*time.Hour))
			k := c.part(c.order, a.Ticket.ID, "relay", monday.Add(tt.eta))
			require.Equal(t, tt.shown, k.Shown())
			if tt.shown == "waiting" {
				require.Equal(t, monday.Add(tt.eta), k.Wait.Until)
				require.Equal(t, muster.Withdrawn, c.load(k.ID).Visits[0].Outcome)
			}
			c.sound()
		})
	}
}

func TestPartsAreNotedWhateverTheTicketDoes(t *testing.T) {
	for state, want := range map[string]string{
		"triage": "waiting", "queued": "waiting", "offered": "waiting", "assigned": "waiting", "waiting": "waiting",
		"en_route": "en_route", "arrived": "arrived", "in_progress": "in_progress", "completed": "", "resolved": "", "cancelled": "",
	} {
		t.Run(state, func(t *testing.T) {
			c := newCompany(t)
			li := c.expert("li", 3)
			id := c.in(state, li.ID)
			a, err := c.dispatch.NeedPart(c.ctx, c.as(dispatcher), dispatch.PartRequest{Ticket: id, Name: "relay"})
			if want == "" {
				require.Equal(t, muster.CodeState, muster.CodeOf(err))
				return
			}
			require.NoError(t, err)
			require.Equal(t, want, a.Ticket.Shown())
			require.Len(t, a.Ticket.Parts, 1)
			c.sound()
		})
	}
}

// Nobody ordered: after a while a person looks, instead of a visit for nothing.
func TestAPartThatNobodyOrdersIsPutBeforeAPerson(t *testing.T) {
	c := newCompany(t)
	c.expert("li", 3)
	id := c.submit().ID
	k := c.part(c.need, id, "relay", time.Time{})
	c.clock.Set(k.Wait.Until)
	for range 3 { // a sweep does one thing for a ticket
		c.sweep()
	}
	require.Equal(t, "triage", c.shown(id))
	asks := c.of(id, muster.ExceptionParts)
	require.Len(t, asks, 1)
	require.Equal(t, "nobody has ordered: relay; needed since 2026-11-23T13:00:00Z", asks[0].Note)
	require.NoError(t, c.attend("take", dispatch.ExceptionRequest{Ticket: id, Kind: muster.ExceptionParts}))
	_, err := c.dispatch.PartThere(c.ctx, c.as(dispatcher), dispatch.PartRequest{Ticket: id, Name: "fan"})
	require.Equal(t, muster.CodeInvalid, muster.CodeOf(err))
	_, err = c.dispatch.OrderPart(c.ctx, c.as(dispatcher), dispatch.PartRequest{Ticket: id, Name: "relay", ETA: monday})
	require.Equal(t, muster.CodeInvalid, muster.CodeOf(err))
}

// An expert says that a part is needed, and not which: nobody is sent again before somebody has said so, or ordered it.
func TestAPartThatNobodyNamesIsPutBeforeAPerson(t *testing.T) {
	begin := func(t *testing.T) (*company, muster.TicketID) {
		c := newCompany(t)
		li := c.expert("li", 3)
		a := c.assign(c.submit().ID, li.ID)
		c.under(a.Visit.ID, li.ID, muster.VisitInProgress)
		a, err := c.dispatch.End(c.ctx, c.as(actorOf(li.ID)), dispatch.EndRequest{Visit: a.Visit.ID, Outcome: muster.PartNeeded})
		require.NoError(t, err)
		require.Empty(t, a.Ticket.Exceptions, "somebody may order it in time")
		return c, a.Ticket.ID
	}
	t.Run("nobody says anything", func(t *testing.T) {
		c, id := begin(t)
		c.clock.Advance(3 * 24 * time.Hour)
		for range 3 {
			c.sweep()
		}
		require.Equal(t, "triage", c.shown(id))
		asks := c.of(id, muster.ExceptionParts)
		require.Len(t, asks, 1)
		require.NotEmpty(t, asks[0].Next)
		require.Contains(t, asks[0].Note, "a part that nobody has named")
		_, err := c.dispatch.Triage(c.ctx, c.as(dispatcher), dispatch.TriageRequest{Ticket: id, Needs: []muster.Need{{Skill: fridges, Level: 2}}})
		require.NoError(t, err)
		require.Empty(t, c.exceptions(id), "a person has decided")
		require.Equal(t, "queued", c.shown(id))
		c.sound()
	})
	t.Run("it is ordered after that", func(t *testing.T) {
		c, id := begin(t)
		c.clock.Advance(3 * 24 * time.Hour)
		for range 3 {
			c.sweep()
		}
		k := c.part(c.order, id, "relay", c.clock.Now().Add(24*time.Hour))
		require.Len(t, k.Parts, 1, "it is the one that nobody had named")
		require.Equal(t, "relay", k.Parts[0].Name)
		require.Equal(t, muster.Waiting, k.State)
		require.Empty(t, k.Exceptions)
		c.clock.Set(k.Wait.Until)
		c.due(id)
		require.Equal(t, "queued", c.shown(id))
		c.sound()
	})
	t.Run("it comes without an order", func(t *testing.T) {
		c, id := begin(t)
		k := c.part(c.there, id, "relay", time.Time{})
		require.Equal(t, muster.Queued, k.State)
		require.Equal(t, "relay", k.Parts[0].Name)
	})
}

// A part was needed before the visit found something else: the ticket goes on, but not silently.
func TestWhoIsSentWithoutAPartIsPutBeforeAPerson(t *testing.T) {
	for name, of := range map[string]struct {
		end dispatch.EndRequest
		do  func(*company, muster.TicketID)
	}{
		"another skill": {dispatch.EndRequest{Outcome: muster.OtherSkillNeeded, Needs: []muster.Need{{Skill: fridges, Level: 1}}}, func(*company, muster.TicketID) {}},
		"another time": {dispatch.EndRequest{Outcome: muster.NoAccess}, func(c *company, id muster.TicketID) {
			c.choose(helpdesk, id, muster.Window{Start: monday.Add(48 * time.Hour), End: monday.Add(52 * time.Hour)})
		}},
	} {
		t.Run(name, func(t *testing.T) {
			c := newCompany(t)
			id, a := c.morning()
			c.under(a.Visit.ID, "exp_li", muster.VisitInProgress)
			c.part(c.need, id, "relay", time.Time{})
			of.end.Visit = a.Visit.ID
			_, err := c.dispatch.End(c.ctx, c.as(actorOf("exp_li")), of.end)
			require.NoError(t, err)
			of.do(c, id)
			require.Equal(t, "queued", c.shown(id))
			require.Len(t, c.of(id, muster.ExceptionParts), 1)
			c.part(c.there, id, "relay", time.Time{})
			require.Empty(t, c.of(id, muster.ExceptionParts))
			c.sound()
		})
	}
}

func TestACustomerAnswersWhenTheirTicketWaitsForThem(t *testing.T) {
	c := newCompany(t)
	joan := muster.Actor{ID: "usr_joan", Role: muster.RoleCustomer, Name: "Joan", Customer: c.customer.ID}
	for what, code := range map[muster.WaitReason]muster.Code{
		muster.WaitCustomer: "", muster.WaitApproval: muster.CodeForbidden, muster.WaitParts: muster.CodeForbidden,
	} {
		id := c.submit().ID
		_, err := c.dispatch.Wait(c.ctx, c.as(helpdesk), dispatch.WaitRequest{Ticket: id, For: what, Until: monday.Add(time.Hour)})
		require.NoError(t, err)
		_, err = c.dispatch.Wake(c.ctx, c.as(joan), dispatch.TicketRequest{Ticket: id})
		require.Equal(t, code, muster.CodeOf(err), what)
	}
}

// Who was asked and hasn't answered could otherwise take the visit from all others.
func TestOnlyWhoHasTheVisitSaysThatAPartIsNeeded(t *testing.T) {
	c := newCompany(t)
	li, kim := c.expert("li", 3), c.expert("kim", 5)
	a := c.several(li.ID, kim.ID)
	req := dispatch.PartRequest{Ticket: a.Ticket.ID, Name: "relay"}
	_, err := c.dispatch.NeedPart(c.ctx, c.as(actorOf(kim.ID)), req)
	require.Equal(t, muster.CodeForbidden, muster.CodeOf(err))
	require.Equal(t, "offered", c.shown(a.Ticket.ID))
	_, err = c.dispatch.Accept(c.ctx, c.as(actorOf(kim.ID)), dispatch.AnswerRequest{Offer: offerOf(a, kim.ID)})
	require.NoError(t, err)
	_, err = c.dispatch.NeedPart(c.ctx, c.as(actorOf(kim.ID)), req)
	require.NoError(t, err)
}

func offerOf(a dispatch.Answer, e muster.ExpertID) muster.OfferID {
	return a.Offers[slices.IndexFunc(a.Offers, func(o muster.Offer) bool { return o.Expert == e })].ID
}

// Of several who are asked each has a start of their own: nobody is asked still for one before the part comes.
func TestAPartThatComesLaterThanOneOfSeveralStarts(t *testing.T) {
	c := newCompany(t)
	li, kim, zoe := c.expert("li", 3), c.expert("kim", 5), c.expert("zoe", 6)
	long := func(r *dispatch.SubmitRequest) { r.Duration = 300 }
	c.at(li.ID, monday.Add(40*time.Minute), long)
	c.at(zoe.ID, monday.Add(40*time.Minute))
	a := c.several(kim.ID, li.ID, zoe.ID)
	a, err := c.dispatch.Decline(c.ctx, c.as(actorOf(kim.ID)), dispatch.AnswerRequest{Offer: offerOf(a, kim.ID), Reason: "other"})
	require.NoError(t, err)
	starts := []time.Time{}
	for _, o := range c.asked(a.Ticket.ID) {
		starts = append(starts, o.Start)
	}
	require.Len(t, starts, 2)
	slices.SortFunc(starts, time.Time.Compare)
	eta := starts[0].Add(30 * time.Minute)
	require.True(t, eta.Before(starts[1]))
	k := c.part(c.order, a.Ticket.ID, "relay", eta)
	require.Equal(t, "waiting", k.Shown())
	c.sound()
}

// Whatever brings a ticket back into the queue, nobody is sent before the part that is ordered comes.
func TestNobodyComesBeforeThePart(t *testing.T) {
	for name, back := range map[string]func(*company, muster.TicketID) error{
		"a visit after it falls away": func(c *company, id muster.TicketID) error {
			_, err := c.dispatch.Assign(c.ctx, c.as(dispatcher), dispatch.AssignRequest{Ticket: id, Expert: "exp_li", Start: monday.Add(50 * time.Hour)})
			require.NoError(t, err)
			c.part(c.order, id, "relay", monday.Add(48*time.Hour))
			require.Equal(t, "assigned", c.shown(id), "it stands")
			_, err = c.dispatch.Unassign(c.ctx, c.as(dispatcher), dispatch.TicketRequest{Ticket: id, Reason: "ill"})
			return err
		},
		"the customer answers": func(c *company, id muster.TicketID) error {
			_, err := c.dispatch.Wait(c.ctx, c.as(helpdesk), dispatch.WaitRequest{Ticket: id, For: muster.WaitCustomer, Until: monday.Add(24 * time.Hour)})
			require.NoError(t, err)
			c.part(c.order, id, "relay", monday.Add(48*time.Hour))
			_, err = c.dispatch.Wake(c.ctx, c.as(joanOf(c)), dispatch.TicketRequest{Ticket: id})
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			c := newCompany(t)
			li := c.expert("li", 3)
			id := c.submit().ID
			require.NoError(t, back(c, id))
			k := c.load(id)
			require.Equal(t, muster.Queued, k.Ticket.State)
			_, err := c.dispatch.Assign(c.ctx, c.as(dispatcher), dispatch.AssignRequest{Ticket: id, Expert: li.ID, Start: monday.Add(26 * time.Hour)})
			require.Equal(t, muster.CodeUnfit, muster.CodeOf(err))
			_, err = c.dispatch.Round(c.ctx, k.Ticket.Region)
			require.NoError(t, err)
			start := c.load(id).Ticket.Visit.Start
			require.False(t, start.Before(monday.Add(48*time.Hour)), start)
			c.sound()
		})
	}
}

// A part that nobody has ordered is a person's to order, whoever ends another wait.
func TestACustomersAnswerOrdersNoPart(t *testing.T) {
	c := newCompany(t)
	id := c.submit().ID
	_, err := c.dispatch.Wait(c.ctx, c.as(helpdesk), dispatch.WaitRequest{Ticket: id, For: muster.WaitCustomer, Until: monday.Add(24 * time.Hour)})
	require.NoError(t, err)
	c.part(c.need, id, "relay", time.Time{})
	_, err = c.dispatch.Wake(c.ctx, c.as(joanOf(c)), dispatch.TicketRequest{Ticket: id})
	require.NoError(t, err)
	require.Equal(t, "triage", c.shown(id))
}

// Whoever is on the way stays so, whatever is ordered meanwhile.
func TestAPartThatIsOrderedMeanwhileStopsNobody(t *testing.T) {
	c := newCompany(t)
	li := c.expert("li", 3)
	id := c.in("en_route", li.ID)
	c.part(c.order, id, "relay", monday.Add(48*time.Hour))
	_, err := c.dispatch.Redecide(c.ctx, li.ID)
	require.NoError(t, err)
	require.Empty(t, c.exceptions(id))
	c.sound()
}

// What was ordered while somebody was at work is not forgotten when they say that it is needed.
func TestAPartThatIsOrderedAlreadyKeepsItsTime(t *testing.T) {
	c := newCompany(t)
	li := c.expert("li", 3)
	id := c.in("in_progress", li.ID)
	c.part(c.order, id, "relay", monday.Add(5*24*time.Hour))
	a, err := c.dispatch.End(c.ctx, c.as(actorOf(li.ID)), dispatch.EndRequest{
		Visit: c.load(id).Ticket.Visit.ID, Outcome: muster.PartNeeded, Carry: []string{"Relay"},
	})
	require.NoError(t, err)
	require.Equal(t, muster.PartOrdered, a.Ticket.Parts[0].State)
	require.Equal(t, monday.Add(5*24*time.Hour), a.Ticket.Wait.Until)
	c.sound()
}
