package notify

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/dispatch"
	"github.com/sysopssquad/muster/graph"
)

// TestEveryTopicHasTextsThatFitOneSMS in both languages, with names and titles as long as they come.
func TestEveryTopicHasTextsThatFitOneSMS(t *testing.T) {
	for _, language := range languages {
		for _, topic := range muster.Topics() {
			for _, plan := range []string{planVisit, planCancelled, planMerged, planDone, planWaiting, planSearching} {
				f := facts{
					Name: "Joan Park", Ref: "T-123456", Title: "Refrigerator warm, freezer fine, makes a noise", City: "San Francisco", Who: "María José Muñoz",
					Window: windowText(language, muster.Window{Start: monday.Add(30 * time.Minute), End: monday.Add(150 * time.Minute)}, time.UTC),
					Time:   clockText(language, monday), Deadline: clockText(language, monday), Survey: "https://muster.example.com/survey/tic_3k1v0c7m2q9xw4rd", Plan: plan,
				}
				if topic == muster.TopicChanged && plan == planWaiting {
					f.Until = dayText(language, monday)
				}
				w, err := write(language, topic, f)
				require.NoError(t, err)
				require.True(t, gsm(w.short), "%s %s: %s", language, topic, w.short)
				require.Equal(t, 1, segments(w.short), "%s %s: %s", language, topic, w.short)
				require.Contains(t, w.short, f.Ref)
				require.Contains(t, w.subject, f.Ref)
				require.Contains(t, w.long, f.Name)
				require.NotContains(t, w.short+w.long+w.subject, "<no value>")
				require.NotContains(t, w.subject, "\n")
			}
		}
	}
	require.Len(t, templates, len(languages)*len(muster.Topics()))
}

func TestSegments(t *testing.T) {
	for text, want := range map[string]int{
		"": 1, strings.Repeat("a", 160): 1, strings.Repeat("a", 161): 2, strings.Repeat("a", 306): 2, strings.Repeat("a", 307): 3,
		strings.Repeat("€", 80): 1, strings.Repeat("€", 81): 2, strings.Repeat("ñ", 160): 1,
		strings.Repeat("í", 70): 1, strings.Repeat("í", 71): 2, strings.Repeat("冷", 134): 2, strings.Repeat("😀", 35): 1, strings.Repeat("😀", 36): 2,
	} {
		require.Equal(t, want, segments(text), "%.20s", text)
	}
	require.Equal(t, "vendra el mié", plainSMS("vendrá el mié"))
	require.Equal(t, "冷蔵庫 está", plainSMS("冷蔵庫 está"), "as it was, where it saves nothing")
}

func TestTimesAreTheSites(t *testing.T) {
	boston := muster.Location("America/New_York")
	at := func(h, m int) time.Time { return time.Date(2026, 11, 20, h, m, 0, 0, boston) }
	for _, c := range []struct {
		from, to time.Time
		en, es   string
	}{
		{at(13, 0), at(15, 0), "Fri 20 Nov, 1-3 PM", "vie 20 nov, de 13 a 15 h"},
		{at(11, 0), at(13, 30), "Fri 20 Nov, 11 AM-1:30 PM", "vie 20 nov, de 11 a 13:30 h"},
		{at(8, 0), at(10, 0), "Fri 20 Nov, 8-10 AM", "vie 20 nov, de 8 a 10 h"},
		{at(23, 0), at(25, 0), "Fri 20 Nov 11:00 PM - Sat 21 Nov 1:00 AM", "vie 20 nov 23:00 - sáb 21 nov 01:00"},
	} {
		w := muster.Window{Start: c.from.UTC(), End: c.to.UTC()}
		require.Equal(t, c.en, windowText("en", w, boston))
		if c.es != "" {
			require.Equal(t, strings.Replace(c.es, "de 8", "de 08", 1), windowText("es", w, boston))
		}
	}
	require.Equal(t, "x CST", zoned("x", at(9, 0), muster.Location("America/Chicago"), boston))
	require.Equal(t, "x", zoned("x", at(9, 0), boston, boston))
	require.Equal(t, "es", languageOf("es-MX"))
	require.Equal(t, "en", languageOf("de"))
	require.Equal(t, "en", languageOf(""))
}

func TestQuietHours(t *testing.T) {
	boston := muster.Location("America/New_York")
	at := func(day, h, m int) time.Time { return time.Date(2026, 11, day, h, m, 0, 0, boston) }
	for _, c := range []struct {
		now      time.Time
		from, to muster.Minutes
		want     time.Time
	}{
		{at(20, 20, 59), 21 * 60, 8 * 60, time.Time{}},
		{at(20, 21, 0), 21 * 60, 8 * 60, at(21, 8, 0)},
		{at(21, 0, 0), 21 * 60, 8 * 60, at(21, 8, 0)},
		{at(21, 7, 59), 21 * 60, 8 * 60, at(21, 8, 0)},
		{at(21, 8, 0), 21 * 60, 8 * 60, time.Time{}},
		{at(20, 13, 0), 12 * 60, 14 * 60, at(20, 14, 0)},
		{at(20, 3, 0), 8 * 60, 8 * 60, time.Time{}},
		// the night in which the clocks go back: 1 November 2026
		{time.Date(2026, 11, 1, 6, 30, 0, 0, time.UTC), 21 * 60, 8 * 60, time.Date(2026, 11, 1, 13, 0, 0, 0, time.UTC)},
	} {
		end, ok := quietUntil(c.now, boston, c.from, c.to)
		require.Equal(t, !c.want.IsZero(), ok, c.now)
		require.True(t, c.want.IsZero() || c.want.Equal(end), "%s: %s, not %s", c.now, end, c.want)
	}
}

// TestNobodyIsDisturbedAtNight unless it can't wait.
func TestNobodyIsDisturbedAtNight(t *testing.T) {
	c := newCompany(t)
	c.clock.Set(monday.Add(13 * time.Hour)) // 22:00 in Boston
	ana := c.expert("ana")
	ticket := c.assign(rounds, c.submit(), ana, monday.Add(26*time.Hour)) // the next day at 11:00
	c.hear(ticket.ID)
	c.work()
	require.Empty(t, c.sms.texts())
	require.Empty(t, c.push.texts())
	require.Equal(t, "accepted to customer: planned, they are not disturbed at night", c.sorted(ticket.ID)[0])
	c.after(10*time.Hour - time.Second)
	require.Empty(t, c.sms.texts())
	c.after(time.Second) // 8:00
	require.Len(t, c.sms.texts(), 1)
	require.Len(t, c.push.texts(), 1)
}

func TestWhatIsSoonPassesQuietHours(t *testing.T) {
	c := newCompany(t, func(p *muster.Policy) { p.Messages.QuietFrom, p.Messages.QuietTo = 0, 23*60 })
	ticket := c.assign(rounds, c.submit(), c.expert("ana"), monday.Add(5*time.Hour))
	c.hear(ticket.ID)
	c.after(2*time.Hour - time.Second)
	require.Empty(t, c.sms.texts())
	c.after(time.Second)
	require.Len(t, c.sms.texts(), 1, "three hours before the visit")
	c.clock.Advance(2 * time.Hour)
	_, err := c.dispatch.Depart(c.ctx, c.as(self("exp_ana")), dispatch.VisitRequest{Visit: ticket.Visit.ID})
	require.NoError(t, err)
	c.hear(ticket.ID)
	c.work()
	require.Len(t, c.sms.texts(), 1, "on the way can't wait")
}

// TestConsent: by a channel that they don't want nobody is told, by none of them if they want none.
func TestConsent(t *testing.T) {
	c := newCompany(t)
	wish := func(out ...muster.Channel) {
		found, err := c.store.Records(c.ctx, "", string(c.customer.ID))
		require.NoError(t, err)
		customer := *found[string(c.customer.ID)].(*muster.Customer)
		customer.OptOut = out
		_, err = c.dispatch.SaveCustomer(c.ctx, c.as(dana), dispatch.CustomerRequest{Customer: customer})
		require.NoError(t, err)
	}
	ana := c.expert("ana")
	wish(muster.ChannelSMS)
	first := c.assign(rounds, c.submit(), ana, monday.Add(2*time.Hour))
	c.hear(first.ID)
	c.work()
	require.Empty(t, c.sms.texts())
	require.Len(t, c.mail.texts(), 1)
	wish(muster.ChannelSMS, muster.ChannelEmail)
	second := c.assign(rounds, c.submit(), ana, monday.Add(4*time.Hour))
	c.hear(second.ID)
	c.work()
	require.Empty(t, c.sms.texts())
	require.Empty(t, c.mail.texts())
	require.Contains(t, c.messages(second.ID), "accepted to customer: dropped, they don't want to be told by any channel that knows them")
	require.Empty(t, c.calls)
}

// TestSomebodyElseComes: a customer who was told is told of the change, each expert what concerns them.
func TestSomebodyElseComes(t *testing.T) {
	c := newCompany(t)
	ana, li := c.expert("ana"), c.expert("li")
	ticket := c.assign(rounds, c.submit(), ana, monday.Add(4*time.Hour))
	c.hear(ticket.ID)
	c.work()
	c.sms.texts()
	c.push.took = nil
	_, err := c.dispatch.Reassign(c.ctx, c.as(dana), dispatch.AssignRequest{Ticket: ticket.ID, Expert: li, Why: "ana is ill"})
	require.NoError(t, err)
	c.hear(ticket.ID)
	c.after(10 * time.Second)
	require.Equal(t, []string{"T-1 has changed: li comes Mon 23 Nov, 1-3 PM."}, c.sms.texts())
	require.Equal(t, []string{"T-1 (Refrigerator warm, Boston) is not yours any more. Please don't go."}, textsOf(c.push.to("exp_ana")))
	require.Equal(t, []string{"T-1 is yours: Refrigerator warm, Boston. Mon 23 Nov, 1-2 PM."}, textsOf(c.push.to("exp_li")))

	_, err = c.dispatch.Cancel(c.ctx, c.as(dana), dispatch.TicketRequest{Ticket: ticket.ID, Reason: "bought a new one"})
	require.NoError(t, err)
	c.hear(ticket.ID)
	c.after(10 * time.Second)
	require.Equal(t, []string{"T-1 is cancelled: nobody comes."}, c.sms.texts())
}

// TestOffers: an expert is asked while the offer is open, and not told of what they did themselves.
func TestOffers(t *testing.T) {
	c := newCompany(t)
	ana := c.expert("ana")
	offer := func() muster.Ticket {
		a, err := c.dispatch.Offer(c.ctx, c.as(rounds), dispatch.OfferRequest{Ticket: c.submit().ID, Expert: ana})
		require.NoError(t, err)
		return a.Ticket
	}
	ticket := offer()
	c.hear(ticket.ID)
	c.work()
	require.Len(t, c.push.texts(), 1)
	require.Empty(t, c.sms.texts(), "nobody has accepted")
	offers, err := c.store.TicketCase(c.ctx, "", caseOf(ticket.ID))
	require.NoError(t, err)
	_, err = c.dispatch.Accept(c.ctx, c.as(self(ana)), dispatch.AnswerRequest{Offer: offers.Offers[0].ID})
	require.NoError(t, err)
	c.hear(ticket.ID)
	c.after(10 * time.Second)
	require.Empty(t, c.push.texts(), "ana knows")
	require.Len(t, c.sms.texts(), 1)

	taken, err := c.dispatch.Offer(c.ctx, c.as(dana), dispatch.OfferRequest{Ticket: c.submit().ID, Expert: ana})
	require.NoError(t, err)
	_, err = c.dispatch.Accept(c.ctx, c.as(self(ana)), dispatch.AnswerRequest{Offer: taken.Offers[0].ID})
	require.NoError(t, err)
	c.hear(taken.Ticket.ID)
	c.after(10 * time.Second)
	require.Contains(t, c.messages(taken.Ticket.ID), "offer to ana: dropped, the offer is over")

	late := offer()
	c.hear(late.ID)
	c.after(11 * time.Minute) // nobody was there to send it
	require.Empty(t, c.push.texts())
	require.Equal(t, []string{"offer to ana: dropped, too late to be of use"}, c.messages(late.ID))
}

// TestOldAndStrangeEventsTellNobody.
func TestOldAndStrangeEventsTellNobody(t *testing.T) {
	c := newCompany(t)
	ticket := c.assign(rounds, c.submit(), c.expert("ana"), monday.Add(2*time.Hour))
	events := c.events(ticket.ID)
	events[0].Body = []byte(`{"root": 7}`)
	old := events[1]
	old.At = monday.Add(-tooOld - time.Second)
	taken := events[1]
	taken.Name = takenIn
	require.NoError(t, c.notify.consume(c.ctx, []muster.Event{events[0], old, taken}))
	require.Empty(t, c.messages(ticket.ID))
	require.Contains(t, c.log.String(), "can't be read")
	require.Contains(t, c.log.String(), `nobody is told of them any more`)
	require.Contains(t, c.log.String(), fmt.Sprintf("events=1 first=%s/%d last=%[1]s/%[2]d", old.Aggregate, old.Rev))
}

// TestApologyAndLateness: whoever was told a time hears when it is not kept, or will not be.
func TestApologyAndLateness(t *testing.T) {
	at := func(topic muster.Topic, edit func(*scene)) verdict {
		told := &muster.Message{
			ID: "msg_1", Topic: muster.TopicAccepted, Customer: "cus_1", State: muster.MessageSent, Told: &muster.Told{
				Experts: []muster.ExpertID{"exp_ana"}, Window: muster.Window{Start: monday, End: monday.Add(2 * time.Hour)},
			},
		}
		s := &scene{
			message: &muster.Message{ID: "msg_2", Topic: topic, Visit: "vis_1", Customer: "cus_1", Until: monday.Add(24 * time.Hour)},
			ticket: &muster.Ticket{State: muster.Scheduled, Visit: &muster.OpenVisit{
				ID: "vis_1", State: muster.VisitAssigned, Experts: []muster.ExpertID{"exp_ana"},
			}},
			visit: &muster.Visit{ID: "vis_1", Window: told.Told.Window, PredictedAt: monday.Add(4 * time.Hour)}, customer: &muster.Customer{}, told: []*muster.Message{told},
			policy: &muster.Policy{}, now: monday.Add(3 * time.Hour),
		}
		edit(s)
		return s.verdict()
	}
	require.Empty(t, at(muster.TopicApology, func(*scene) {}).drop)
	require.Empty(t, at(muster.TopicLate, func(*scene) {}).drop)
	require.Empty(t, at(muster.TopicApology, func(s *scene) { s.told[0].State = muster.MessageFailed }).drop, "a person told them")
	for _, c := range []struct {
		topic muster.Topic
		edit  func(*scene)
		want  string
	}{
		{muster.TopicApology, func(s *scene) { s.now = monday.Add(time.Hour) }, "the time that they were told is not over"},
		{muster.TopicApology, func(s *scene) { s.told = nil }, "they had not been told when somebody comes"},
		{muster.TopicApology, func(s *scene) { s.told[0].State = muster.MessageDropped }, "they had not been told when somebody comes"},
		{muster.TopicApology, func(s *scene) { s.ticket.Visit.State = muster.VisitArrived }, "the expert is there"},
		{muster.TopicApology, func(s *scene) { s.ticket.State, s.ticket.CompletedAt = muster.Completed, monday }, "the work is done"},
		{muster.TopicLate, func(s *scene) { s.ticket.Visit.State = muster.VisitArrived }, "nobody is late for that visit any more"},
		{muster.TopicLate, func(s *scene) { s.ticket.Visit.ID = "vis_2" }, "nobody is late for that visit any more"},
		{muster.TopicLate, func(s *scene) { s.now = s.message.Until }, "too late to be of use"},
		{muster.TopicResolved, func(s *scene) { s.ticket.State = muster.Queued }, "the ticket is queued"},
		{muster.TopicOnTheWay, func(s *scene) {}, "nobody is on the way any more"},
	} {
		require.Equal(t, c.want, at(c.topic, c.edit).drop)
	}
}

// TestABrokenPromiseIsApologisedForOnce however many events tell of it.
func TestABrokenPromiseIsApologisedForOnce(t *testing.T) {
	c := newCompany(t)
	ticket := c.assign(rounds, c.submit(), c.expert("ana"), monday.Add(2*time.Hour))
	c.hear(ticket.ID)
	c.work()
	c.sms.texts()
	c.clock.Advance(6 * time.Hour) // nobody came
	for range 2 {
		_, err := c.dispatch.Due(c.ctx, graph.Wake{ID: string(ticket.ID), Kind: muster.KindTicket})
		require.NoError(t, err)
		c.clock.Advance(time.Hour)
	}
	_, err := c.dispatch.Unassign(c.ctx, c.as(dana), dispatch.TicketRequest{Ticket: ticket.ID, Reason: "ana can't be found"})
	require.NoError(t, err)
	c.hear(ticket.ID)
	c.work()
	c.after(nextOf)
	require.Equal(t, []string{"T-1: we did not come when we said we would. We are sorry. Somebody is looking after it and will tell you when we come."}, c.sms.texts())
}

// promised is what a ticket's customer counts on.
func (c *company) promised(t muster.TicketID) *muster.Promise {
	c.Helper()
	k, err := c.store.TicketCase(c.ctx, "", caseOf(t))
	require.NoError(c, err)
	require.NotNil(c, k.Ticket.Promised)
	return k.Ticket.Promised
}

// TestASecondBrokenPromiseIsApologisedForToo: the window of the visit after the first was broken is a promise of its own.
func TestASecondBrokenPromiseIsApologisedForToo(t *testing.T) {
	c := newCompany(t)
	ana := c.expert("ana")
	ticket := c.assign(rounds, c.submit(), ana, monday.Add(2*time.Hour))
	sorry := "T-1: we did not come when we said we would. We are sorry. Somebody is looking after it and will tell you when we come."
	missed := func() (texts []string) {
		t.Helper()
		c.hear(ticket.ID)
		c.work()
		c.sms.texts()
		c.clock.Set(c.promised(ticket.ID).End)
		for range 3 { // the expert is asked, and put before a person
			c.clock.Advance(time.Hour)
			_, err := c.dispatch.Due(c.ctx, graph.Wake{ID: string(ticket.ID), Kind: muster.KindTicket})
			require.NoError(t, err)
		}
		c.hear(ticket.ID)
		for range 3 { // one after the other
			c.after(nextOf)
		}
		return c.sms.texts()
	}
	require.Equal(t, []string{sorry}, missed())
	_, err := c.dispatch.Unassign(c.ctx, c.as(dana), dispatch.TicketRequest{Ticket: ticket.ID, Reason: "ana can't be found"})
	require.NoError(t, err)
	c.assign(rounds, ticket, ana, monday.Add(26*time.Hour))
	require.Equal(t, []string{sorry}, missed())
}

// TestABreachChangesNoVisit: that a promise is broken is noted on a visit that was taken back long before. The customer
// has heard of that, and hears of it once.
func TestABreachChangesNoVisit(t *testing.T) {
	c := newCompany(t)
	ticket := c.assign(rounds, c.submit(), c.expert("ana"), monday.Add(2*time.Hour))
	_, err := c.dispatch.Unassign(c.ctx, c.as(dana), dispatch.TicketRequest{Ticket: ticket.ID, Reason: "ana is ill"})
	require.NoError(t, err)
	c.hear(ticket.ID)
	c.work()
	before := c.messages(ticket.ID)
	c.clock.Set(ticket.Promised.End)
	_, err = c.dispatch.Due(c.ctx, graph.Wake{ID: string(ticket.ID), Kind: muster.KindTicket})
	require.NoError(t, err)
	require.Equal(t, ticket.Promised.End, c.promised(ticket.ID).BrokenAt)
	c.hear(ticket.ID)
	added := c.messages(ticket.ID)[len(before):]
	require.Len(t, added, 1)
	require.Contains(t, added[0], "apology")
}

// TestWhatIsAskedOfManyHidesNothing: what the customer was told is found however many messages went to experts since.
func TestWhatIsAskedOfManyHidesNothing(t *testing.T) {
	c := newCompany(t)
	ticket := c.assign(rounds, c.submit(), c.expert("ana"), monday.Add(4*time.Hour))
	c.hear(ticket.ID)
	c.work()
	require.Len(t, c.sms.texts(), 1)
	_, err := c.dispatch.Unassign(c.ctx, c.as(dana), dispatch.TicketRequest{Ticket: ticket.ID, Reason: "ana is ill"})
	require.NoError(t, err)
	c.hear(ticket.ID)
	var experts []muster.ExpertID
	for i := range muster.MaxOffers {
		experts = append(experts, c.expert(fmt.Sprintf("e%d", i)))
	}
	c.clock.Advance(time.Minute)
	_, err = c.dispatch.Offer(c.ctx, c.as(dana), dispatch.OfferRequest{Ticket: ticket.ID, Experts: experts})
	require.NoError(t, err)
	c.hear(ticket.ID)
	c.after(10 * time.Second)
	require.Len(t, c.push.texts(), muster.MaxOffers+2, "with what ana was told")
	for range 8 {
		c.after(15 * time.Minute)
	}
	require.Equal(t, []string{"T-1: the visit can't take place as planned. We are looking for somebody else and will tell you who comes."}, c.sms.texts())
}

// TestALateCustomerHearsWhen: the expected arrival, not the planned one, and again when it
// has become so much worse and something happened that says so; that nobody ends the visit before says no more.
func TestALateCustomerHearsWhen(t *testing.T) {
	c := newCompany(t)
	ana := c.expert("ana")
	first := c.assign(rounds, c.submit(), ana, monday.Add(time.Hour))
	second := c.assign(rounds, c.submit(), ana, monday.Add(3*time.Hour)) // noon to two
	for _, at := range []muster.Ticket{first, second} {
		c.hear(at.ID)
	}
	c.work()
	c.sms.texts()
	c.clock.Set(first.Visit.Start.Add(-20 * time.Minute))
	visit := dispatch.VisitRequest{Visit: first.Visit.ID}
	for _, step := range []func(context.Context, muster.Command, dispatch.VisitRequest) (dispatch.Answer, error){
		c.dispatch.Depart, c.dispatch.Arrive, c.dispatch.Start,
	} {
		_, err := step(c.ctx, c.as(self(ana)), visit)
		require.NoError(t, err)
	}
	for c.clock.Now().Before(monday.Add(420 * time.Minute)) { // ana doesn't end the first visit
		c.clock.Advance(5 * time.Minute)
		for _, at := range []muster.Ticket{first, second} {
			_, err := c.dispatch.Due(c.ctx, graph.Wake{ID: string(at.ID), Kind: muster.KindTicket})
			require.NoError(t, err)
		}
		c.hear(second.ID)
		c.work()
	}
	require.Equal(t, []string{
		"T-2: we will be later than Mon 23 Nov, 12-2 PM, at about 2:19 PM. We are sorry.",
		"T-2: we did not come when we said we would. We are sorry. Somebody is looking after it and will tell you when we come.",
	}, c.sms.texts())
	_, err := c.dispatch.End(c.ctx, c.as(self(ana)), dispatch.EndRequest{Visit: first.Visit.ID, Outcome: muster.Fixed})
	require.NoError(t, err)
	c.hear(second.ID)
	c.work()
	require.Equal(t, []string{"T-2: we will be later than Mon 23 Nov, 12-2 PM, at about 4:04 PM. We are sorry."}, c.sms.texts())
}

// TestALateCustomerHearsOfEachMove: each time that an expert's word moves their arrival by as much as makes a visit late, and
// never twice of the same; of less they hear nothing, and of being in time after all they do.
func TestALateCustomerHearsOfEachMove(t *testing.T) {
	c := newCompany(t)
	ana := c.expert("ana")
	ticket := c.assign(rounds, c.submit(), ana, monday.Add(3*time.Hour)) // noon to two
	c.hear(ticket.ID)
	c.work()
	c.sms.texts()
	v, end := *ticket.Visit, monday.Add(5*time.Hour)
	c.clock.Set(v.Start.Add(-30 * time.Minute))
	for _, say := range []struct {
		minutes int // after the end of the window
		want    []string
	}{
		{20, []string{"T-1: we will be later than Mon 23 Nov, 12-2 PM, at about 2:20 PM. We are sorry."}},
		{20, nil},
		{34, nil},
		{110, []string{"T-1: we will be later than Mon 23 Nov, 12-2 PM, at about 3:50 PM. We are sorry."}},
		{110, nil},
		{35, []string{"T-1: we will be later than Mon 23 Nov, 12-2 PM, at about 2:35 PM. We are sorry."}},
		{-5, []string{"T-1: we can be there in time after all, at about 1:55 PM."}},
		{-10, nil},
		{25, []string{"T-1: we will be later than Mon 23 Nov, 12-2 PM, at about 2:25 PM. We are sorry."}},
	} {
		word := dispatch.ComingRequest{Visit: v.ID, Coming: true, At: end.Add(time.Duration(say.minutes) * time.Minute)}
		_, err := c.dispatch.AnswerVisit(c.ctx, c.as(self(ana)), word)
		require.NoError(t, err)
		c.hear(ticket.ID)
		c.after(10 * time.Second)
		c.after(10 * time.Second) // one after the other
		require.ElementsMatch(t, say.want, c.sms.texts(), "%d minutes after the end", say.minutes)
	}
}

// TestWhoeverIsOnTheWayAgainIsNamed: the customer was told of another in their place.
func TestWhoeverIsOnTheWayAgainIsNamed(t *testing.T) {
	d := deed{event: muster.Event{Name: resumed, At: monday}, ticket: muster.Ticket{
		State: muster.Scheduled, Visit: &muster.OpenVisit{ID: "vis_1", State: muster.VisitEnRoute, Experts: []muster.ExpertID{"exp_ana"}},
	}}
	require.Equal(t, muster.TopicOnTheWay, d.plan(&muster.Policy{})[0].Topic)
	d.ticket.Visit.State = muster.VisitArrived
	require.Empty(t, d.plan(&muster.Policy{}))
}

// TestWhoShouldHaveLeftIsAsked on their phone: silence counts against nobody who wasn't.
func TestWhoShouldHaveLeftIsAsked(t *testing.T) {
	c := newCompany(t)
	ana := c.expert("ana")
	ticket := c.told(ana)
	c.clock.Set(ticket.Timers[muster.TimerDepart])
	_, err := c.dispatch.Due(c.ctx, graph.Wake{ID: string(ticket.ID), Kind: muster.KindTicket})
	require.NoError(t, err)
	c.hear(ticket.ID)
	c.work()
	require.Equal(t, []string{
		"T-1 (Refrigerator warm, Boston), Mon 23 Nov, 1-2 PM: you should have left by now. Are you coming? Please answer.",
	}, c.push.texts())
	require.Len(t, c.sms.texts(), 1, "the customer hears nothing of it")
}

// TestWhoHasAnsweredIsNotAsked any more, nor who has left.
func TestWhoHasAnsweredIsNotAsked(t *testing.T) {
	s := &scene{
		message: &muster.Message{Topic: muster.TopicComing, Visit: "vis_1", Expert: "exp_ana", Until: monday.Add(time.Hour)},
		ticket: &muster.Ticket{State: muster.Scheduled, Visit: &muster.OpenVisit{
			ID: "vis_1", State: muster.VisitAssigned, Experts: []muster.ExpertID{"exp_ana"},
		}},
		visit: &muster.Visit{ID: "vis_1", AskedAt: monday}, expert: &muster.Expert{}, policy: &muster.Policy{}, now: monday,
	}
	require.Empty(t, s.verdict().drop)
	s.visit.AnsweredAt = monday
	require.Equal(t, "they have answered", s.verdict().drop)
	s.ticket.Visit.State = muster.VisitEnRoute
	require.Equal(t, "they have left, or it isn't theirs any more", s.verdict().drop)

	s.visit.AnsweredAt, s.visit.Crew = time.Time{}, 2
	require.Empty(t, s.verdict().drop, "the other of the crew has left")
	s.visit.Heard = []muster.Heard{{Expert: "exp_ana", Left: true}}
	require.Equal(t, "they have answered", s.verdict().drop)
}
