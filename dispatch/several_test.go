package dispatch_test

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/dispatch"
	"github.com/sysopssquad/muster/graph"
)

// several asks experts at once about a new ticket.
func (c *company) several(experts ...muster.ExpertID) dispatch.Answer {
	c.Helper()
	a, err := c.dispatch.Offer(c.ctx, c.as(dispatcher), dispatch.OfferRequest{Ticket: c.submit().ID, Experts: experts})
	require.NoError(c, err)
	require.Len(c, a.Offers, len(experts))
	return a
}

func (c *company) held() int {
	n := 0
	for _, tour := range c.tours() {
		n += len(tour.Stops)
	}
	return n
}

func TestTheFirstOfSeveralHasTheVisit(t *testing.T) {
	c := newCompany(t)
	var experts []muster.ExpertID
	for i := range muster.MaxOffers {
		experts = append(experts, c.expert("e"+strconv.Itoa(i), float64(i)/2+1).ID)
	}
	a := c.several(experts...)
	require.Equal(t, muster.MaxOffers, c.held(), "each opening is held")
	require.Len(t, a.Ticket.Visit.Experts, muster.MaxOffers)
	c.sound()

	wins := a.Offers[len(a.Offers)-1] // asked for another start than the first
	require.NotEqual(t, a.Offers[0].Start, wins.Start)
	require.Equal(t, a.Offers[0].Start, a.Visit.Start)
	a, err := c.dispatch.Accept(c.ctx, c.as(actorOf(wins.Expert)), dispatch.AnswerRequest{Offer: wins.ID})
	require.NoError(t, err)
	require.Equal(t, wins.Start, a.Visit.Start, "the start follows from the acceptance")
	require.True(t, a.Visit.Window.Contains(wins.Start))
	require.Equal(t, []muster.ExpertID{wins.Expert}, a.Ticket.Visit.Experts)
	require.Equal(t, 1, c.held(), "all other openings are free in the same change")
	k := c.load(a.Ticket.ID)
	require.Equal(t, a.Ticket.Rev, k.Ticket.Rev)
	for _, o := range k.Offers {
		if o.ID == wins.ID {
			continue
		}
		require.Equal(t, muster.OfferWithdrawn, o.State)
		_, err := c.dispatch.Accept(c.ctx, c.as(actorOf(o.Expert)), dispatch.AnswerRequest{Offer: o.ID})
		require.Equal(t, muster.CodeOfferGone, muster.CodeOf(err))
	}
	require.Equal(t, k, c.load(a.Ticket.ID), "a late answer changes nothing")
	c.sound()
}

func TestAVisitIsAskedUntilTheLastOfSeveralSaysNo(t *testing.T) {
	c := newCompany(t)
	li, kim := c.expert("li", 3), c.expert("kim", 25)
	a := c.several(li.ID, kim.ID)
	first, second := a.Offers[0], a.Offers[1]
	a, err := c.dispatch.Decline(c.ctx, c.as(actorOf(first.Expert)), dispatch.AnswerRequest{Offer: first.ID, Reason: "not_then"})
	require.NoError(t, err)
	require.Equal(t, muster.VisitOffered, a.Visit.State)
	require.Equal(t, second.Start, a.Visit.Start, "it is where somebody is asked for it still")
	require.Equal(t, 1, c.held())
	c.sound()
	c.clock.Set(second.Deadline)
	a, err = c.dispatch.Expire(c.ctx, c.as(muster.System("timers")), dispatch.AnswerRequest{Offer: second.ID})
	require.NoError(t, err)
	require.Equal(t, muster.Queued, a.Ticket.State)
	require.Len(t, a.Ticket.Declines, 1, "a timeout is not a decline")
	require.Zero(t, c.held())
	c.sound()
}

func TestWhoCanBeAskedAtOnce(t *testing.T) {
	c := newCompany(t)
	li, kim := c.expert("li", 3), c.expert("kim", 4)
	gil := c.expert("gil", 5, muster.Competence{Skill: gas, Level: 5})
	for name, tt := range map[string]struct {
		experts []muster.ExpertID
		code    muster.Code
	}{
		"nobody":        {nil, muster.CodeInvalid},
		"one twice":     {[]muster.ExpertID{li.ID, kim.ID, li.ID}, muster.CodeInvalid},
		"too many":      {slices.Repeat([]muster.ExpertID{li.ID}, muster.MaxOffers+1), muster.CodeInvalid},
		"a stranger":    {[]muster.ExpertID{li.ID, "exp_none"}, muster.CodeNotFound},
		"one who can't": {[]muster.ExpertID{li.ID, gil.ID}, muster.CodeUnfit},
	} {
		t.Run(name, func(t *testing.T) {
			ticket := c.submit().ID
			_, err := c.dispatch.Offer(c.ctx, c.as(dispatcher), dispatch.OfferRequest{Ticket: ticket, Experts: tt.experts})
			require.Equal(t, tt.code, muster.CodeOf(err), "%v", err)
			require.Equal(t, int64(1), c.load(ticket).Ticket.Rev)
		})
	}
	require.Zero(t, c.held())
}

// Urgent tickets are asked from several by a round, the best ones, and no round asks so many that another urgent ticket
// of the same moment finds nobody.
func TestARoundAsksSeveralAboutUrgentTickets(t *testing.T) {
	c := newCompany(t)
	urgent := func(r *dispatch.SubmitRequest) { r.Priority = muster.PriorityCritical }
	for i, name := range []string{"li", "kim", "lou", "max"} {
		c.expert(name, float64(i+3))
	}
	plain, one, two := c.submit(), c.submit(urgent), c.submit(urgent)
	report, err := c.dispatch.Round(c.ctx, one.Region)
	require.NoError(t, err)
	require.Equal(t, 3, report.Offered)
	require.Len(t, c.load(plain.ID).Offers, 1)
	for _, id := range []muster.TicketID{one.ID, two.ID} {
		k := c.load(id)
		require.Len(t, k.Offers, 3)
		for _, o := range k.Offers {
			require.Equal(t, monday.Add(5*time.Minute), o.Deadline)
		}
	}
	c.sound()
	again, err := c.dispatch.PromptRound(c.ctx, c.submit(urgent).ID)
	require.NoError(t, err)
	require.Equal(t, 1, again.Offered)
	c.sound()
}

// In the evening the one on call is asked at once, though another would come cheaper in the morning.
func TestUrgentTicketsAreAskedFromThoseOnDuty(t *testing.T) {
	c := newCompany(t)
	c.expert("li", 3)
	evening := monday.Add(12 * time.Hour)
	kim := c.expert("kim", 30)
	_, err := c.dispatch.SaveShifts(c.ctx, c.as(admin), dispatch.ShiftsRequest{
		Expert: kim.ID, Shifts: kim.Shifts, OnCall: []muster.Window{{Start: evening, End: evening.Add(6 * time.Hour)}},
	})
	require.NoError(t, err)
	c.clock.Set(evening)
	id := c.submit(func(r *dispatch.SubmitRequest) { r.Priority = muster.PriorityCritical }).ID
	_, err = c.dispatch.PromptRound(c.ctx, id)
	require.NoError(t, err)
	k := c.load(id)
	require.Len(t, k.Offers, 1)
	require.Equal(t, kim.ID, k.Offers[0].Expert)
	require.Equal(t, evening.Add(5*time.Minute), k.Offers[0].Deadline)
	c.sound()
}

// Nobody is asked at night about a visit for which they would have to leave before they are on duty again.
func TestNobodyIsAskedInTheirFreeTimeOnly(t *testing.T) {
	c := newCompany(t)
	li := c.expert("li", 40)
	dawn := time.Date(2026, 11, 24, 13, 0, 0, 0, time.UTC) // the shift begins at the door
	_, err := c.dispatch.SaveShifts(c.ctx, c.as(admin), dispatch.ShiftsRequest{Expert: li.ID, Extra: []muster.Window{{Start: dawn.Add(-59 * time.Minute), End: dawn.Add(8 * time.Hour)}}})
	require.NoError(t, err)
	c.clock.Set(dawn.Add(-2 * time.Hour))
	id := c.submit(func(r *dispatch.SubmitRequest) {
		r.Windows = []muster.Window{{Start: dawn.Add(-time.Hour), End: dawn.Add(15 * time.Minute)}}
	}).ID
	v, err := c.dispatch.Why(c.ctx, dispatch.TicketRef{ID: id}, li.ID)
	require.NoError(t, err)
	require.NotNil(t, v.Candidate)
	require.Equal(t, dawn.Add(-59*time.Minute), v.Candidate.Depart, "when the shift begins")
	_, err = c.dispatch.Offer(c.ctx, c.as(dispatcher), dispatch.OfferRequest{Ticket: id, Expert: li.ID})
	require.Equal(t, muster.CodeUnfit, muster.CodeOf(err))
	report, err := c.dispatch.Round(c.ctx, c.load(id).Ticket.Region)
	require.NoError(t, err)
	require.Equal(t, map[muster.ReasonCode]int{muster.OffShift: 1}, report.ByReason)
	require.Equal(t, muster.OffShift, c.load(id).Ticket.NoExpert.Main, "it says why it waits")
	c.assign(id, li.ID)
	c.sound()
}

// Once a ticket has changed those who declined it may be asked again, if their reason was about what has changed.
func TestADeclineLapsesWithWhatItWasAbout(t *testing.T) {
	change := map[string]func(*dispatch.TriageRequest){
		"nothing":      func(*dispatch.TriageRequest) {},
		"the work":     func(r *dispatch.TriageRequest) { r.Duration = 30 },
		"the priority": func(r *dispatch.TriageRequest) { r.Priority = muster.PriorityHigh },
	}
	for reason, lapses := range map[string]map[string]bool{
		"":                  {"the work": true, "the priority": true},
		"other":             {"the work": true, "the priority": true},
		"not_then":          {"the work": true, "the priority": true},
		"too_far":           {"the priority": true},
		"not_this_customer": {},
	} {
		for name, edit := range change {
			t.Run(reason+"/"+name, func(t *testing.T) {
				c := newCompany(t)
				li := c.expert("li", 3)
				ticket := c.submit()
				offer := c.offer(ticket.ID, li.ID).Offers[0]
				_, err := c.dispatch.Decline(c.ctx, c.as(actorOf(li.ID)), dispatch.AnswerRequest{Offer: offer.ID, Reason: reason})
				require.NoError(t, err)
				req := dispatch.TriageRequest{Ticket: ticket.ID, Needs: ticket.Needs}
				edit(&req)
				a, err := c.dispatch.Triage(c.ctx, c.as(helpdesk), req)
				require.NoError(t, err)
				require.Equal(t, lapses[name], len(a.Ticket.Declines) == 0)
				c.sound()
			})
		}
	}
}

// A person who sets a hold aside takes it from one of several who are asked; the others still are.
func TestAHoldThatIsSetAsideLeavesTheOthersAsked(t *testing.T) {
	c := newCompany(t)
	li, kim := c.expert("li", 3), c.expert("kim", 4)
	asked := c.several(li.ID, kim.ID)
	mine := asked.Offers[slices.IndexFunc(asked.Offers, func(o muster.Offer) bool { return o.Expert == li.ID })]
	_, err := c.dispatch.Assign(c.ctx, c.as(dispatcher), dispatch.AssignRequest{
		Ticket: c.submit().ID, Expert: li.ID, Start: mine.Start, Overrides: []muster.ReasonCode{muster.HeldByOther}, Why: "it can't wait",
	})
	require.NoError(t, err)
	k := c.load(asked.Ticket.ID)
	require.Equal(t, "offered", k.Ticket.Shown())
	require.Equal(t, []muster.ExpertID{kim.ID}, k.Ticket.Visit.Experts)
	c.sound()
}

// An acceptance of one of several can be taken back: all are asked again, until the same deadlines.
func TestUndoAsksAllOfSeveralAgain(t *testing.T) {
	c := newCompany(t)
	li, kim := c.expert("li", 3), c.expert("kim", 4)
	asked := c.several(li.ID, kim.ID)
	c.clock.Advance(time.Second)
	_, err := c.dispatch.Accept(c.ctx, c.as(dispatcher), dispatch.AnswerRequest{Offer: asked.Offers[1].ID})
	require.NoError(t, err)
	a, err := c.dispatch.Undo(c.ctx, c.as(dispatcher), dispatch.TicketRequest{Ticket: asked.Ticket.ID})
	require.NoError(t, err)
	require.Equal(t, muster.VisitOffered, a.Visit.State)
	require.Len(t, a.Ticket.Visit.Experts, 2)
	require.Equal(t, asked.Visit.Start, a.Visit.Start)
	c.sound()
}

// Who can't be asked in time leaves a gap in the plan: those planned behind them come another way.
func TestWhoIsNotAskedLeavesTheOthersTheirWay(t *testing.T) {
	for seed := range uint64(8) {
		r := rand.New(rand.NewPCG(seed, 1))
		c := newCompany(t)
		c.expert("li", 3)
		c.expert("kim", 8)
		var sites []muster.SiteID
		for n := range 6 {
			saved, err := c.dispatch.SaveSite(c.ctx, c.as(helpdesk), dispatch.SiteRequest{Customer: c.customer.ID, Site: muster.Site{
				Street: fmt.Sprint(n, " Main St"), City: "Boston",
				Place: muster.Place{Point: muster.Point{Lat: boston.Lat + 0.2*r.Float64(), Lng: boston.Lng + 0.2*r.Float64()}},
			}})
			require.NoError(t, err)
			sites = append(sites, saved.Sites[0].ID)
		}
		c.clock.Set(monday.Add(-12 * time.Hour)) // Sunday evening: who would have to leave at eight can't be asked
		for range 10 {
			c.submit(func(q *dispatch.SubmitRequest) {
				q.Site, q.Device = sites[r.IntN(len(sites))], ""
				q.Priority = []muster.Priority{muster.PriorityCritical, muster.PriorityHigh, muster.PriorityLow}[r.IntN(3)]
				if early := r.IntN(3) == 0; early {
					q.Windows = []muster.Window{{Start: monday, End: monday.Add(15 * time.Minute)}}
				}
			})
		}
		report, err := c.dispatch.Round(c.ctx, c.region())
		require.NoError(t, err)
		require.Positive(t, report.Remaining)
		require.Positive(t, report.Offered)
		c.sound()
	}
}

// measured is a store that knows how many parts of a ticket a decision has loaded at most.
type measured struct {
	graph.Store
	most int
}

func (s *measured) TicketCase(ctx context.Context, cmd muster.CommandID, ref graph.CaseRef) (graph.TicketCase, error) {
	c, err := s.Store.TicketCase(ctx, cmd, ref)
	s.most = max(s.most, len(c.Visits)+len(c.Offers)+len(c.Assignments))
	return c, err
}

// TestATicketThatNobodyAnswersForWeeks keeps each visit and offer that there was, however many; its own record stays small,
// and decisions on it load the last of them alone.
func TestATicketThatNobodyAnswersForWeeks(t *testing.T) {
	c := newCompany(t)
	store := &measured{Store: c.store}
	c.dispatch = dispatch.New(store, c.clock)
	li, tk := c.expert("li", 3), c.submit()
	for n := range 120 {
		a := c.offer(tk.ID, li.ID)
		c.clock.Set(a.Offers[0].Deadline)
		_, err := c.dispatch.Expire(c.ctx, c.as(muster.System("timers")), dispatch.AnswerRequest{Offer: a.Offers[0].ID})
		require.NoError(t, err)
		if h := c.clock.Now().Hour(); h < 12 || h > 18 {
			c.clock.Set(c.clock.Now().Truncate(24 * time.Hour).Add(37 * time.Hour))
		}
		k := c.load(tk.ID)
		require.Len(t, k.Visits, n+1)
		require.Len(t, k.Offers, n+1)
		record, err := json.Marshal(k.Ticket)
		require.NoError(t, err)
		require.Less(t, len(record), 4_000)
	}
	require.LessOrEqual(t, store.most, 2*4)
	c.sound()
}

// What we promised a customer and can't keep becomes a window of the ticket. It is no new wish: who declined stays asked once.
func TestAPromiseThatFellAwayLapsesNoDecline(t *testing.T) {
	c := newCompany(t)
	li, kim := c.expert("li", 3), c.expert("kim", 4)
	o := c.offer(c.submit().ID, kim.ID).Offers[0]
	_, err := c.dispatch.Decline(c.ctx, c.as(actorOf(kim.ID)), dispatch.AnswerRequest{Offer: o.ID, Reason: "other"})
	require.NoError(t, err)
	c.assign(o.Ticket, li.ID)
	_, err = c.dispatch.SaveShifts(c.ctx, c.as(dispatcher), dispatch.ShiftsRequest{Expert: li.ID})
	require.NoError(t, err)
	c.sweep()
	k := c.load(o.Ticket)
	require.Equal(t, "queued", k.Ticket.Shown())
	require.NotNil(t, k.Ticket.Kept)
	require.Len(t, k.Ticket.Declines, 1)
	c.rounds()
	require.Empty(t, c.asked(o.Ticket))
}
