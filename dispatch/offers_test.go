package dispatch_test

import (
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/dispatch"
)

func TestAnOfferEndsOnce(t *testing.T) {
	c := newCompany(t)
	li, kim := c.expert("li", 3), c.expert("kim", 4)
	offer := c.offer(c.submit().ID, li.ID).Offers[0]
	answer := dispatch.AnswerRequest{Offer: offer.ID}
	require.Equal(t, monday.Add(10*time.Minute), offer.Deadline)

	_, err := c.dispatch.Accept(c.ctx, c.as(actorOf(kim.ID)), answer)
	require.Equal(t, muster.CodeOfferOthers, muster.CodeOf(err))
	_, err = c.dispatch.Expire(c.ctx, c.as(muster.System("timers")), answer)
	require.Equal(t, muster.CodeState, muster.CodeOf(err), "its deadline is ahead")

	c.clock.Set(offer.Deadline.Add(-time.Microsecond))
	a, err := c.dispatch.Accept(c.ctx, c.as(actorOf(li.ID)), answer)
	require.NoError(t, err)
	require.Equal(t, muster.OfferAccepted, a.Offers[0].State)
	require.Equal(t, offer.ID, a.Assignments[0].Offer)

	_, err = c.dispatch.Accept(c.ctx, c.as(actorOf(li.ID)), answer)
	require.Equal(t, muster.CodeAnswered, muster.CodeOf(err))
	_, err = c.dispatch.Decline(c.ctx, c.as(actorOf(li.ID)), answer)
	require.Equal(t, muster.CodeAnswered, muster.CodeOf(err))
	c.sound()
}

func TestAnAnswerAtTheDeadlineIsTooLate(t *testing.T) {
	c := newCompany(t)
	li := c.expert("li", 3)
	ticket := c.submit()
	offer := c.offer(ticket.ID, li.ID).Offers[0]
	answer := dispatch.AnswerRequest{Offer: offer.ID}

	c.clock.Set(offer.Deadline)
	_, err := c.dispatch.Accept(c.ctx, c.as(actorOf(li.ID)), answer)
	require.Equal(t, muster.CodeOfferOver, muster.CodeOf(err))
	_, err = c.dispatch.Decline(c.ctx, c.as(actorOf(li.ID)), dispatch.AnswerRequest{Offer: offer.ID, Reason: "too_far"})
	require.Equal(t, muster.CodeOfferOver, muster.CodeOf(err), "a no that comes too late is none either")

	a, err := c.dispatch.Expire(c.ctx, c.as(muster.System("timers")), answer)
	require.NoError(t, err)
	require.Equal(t, muster.Queued, a.Ticket.State)
	require.Equal(t, muster.Withdrawn, a.Visit.Outcome)
	require.Equal(t, ticket.QueuedAt, a.Ticket.QueuedAt, "the wait goes on")
	require.Empty(t, a.Ticket.Declines, "a timeout is not a decline")
	require.Empty(t, c.tours()[0].Stops)

	_, err = c.dispatch.Accept(c.ctx, c.as(actorOf(li.ID)), answer)
	require.Equal(t, muster.CodeOfferOver, muster.CodeOf(err))
	c.sound()
}

// Of an expert who is asleep nobody expects an answer: the deadline runs in their shifts.
func TestADeadlineRunsWhileTheExpertIsOnDuty(t *testing.T) {
	c := newCompany(t)
	li := c.expert("li", 3)
	c.clock.Set(time.Date(2026, 11, 24, 2, 0, 0, 0, time.UTC)) // 21:00 in Boston
	at := func(day, hour, minute int) time.Time { return time.Date(2026, 11, day, hour, minute, 0, 0, time.UTC) }
	noon := func(day int) func(*dispatch.SubmitRequest) {
		return func(r *dispatch.SubmitRequest) {
			r.Windows = []muster.Window{{Start: at(day, 17, 0), End: at(day, 18, 0)}}
		}
	}
	offer := c.offer(c.submit(noon(24)).ID, li.ID).Offers[0]
	require.Equal(t, at(24, 13, 10), offer.Deadline, "ten minutes into the next shift")

	c.clock.Set(at(24, 21, 25)) // five minutes before the shift ends
	offer = c.offer(c.submit(noon(25)).ID, li.ID).Offers[0]
	require.Equal(t, at(25, 13, 5), offer.Deadline)

	c.clock.Set(at(25, 21, 29)) // for a visit at eight there is no time to wait ten minutes of the morning
	first := c.offer(c.submit().ID, li.ID).Offers[0]
	require.True(t, first.Deadline.Before(first.Start))
	require.True(t, first.Deadline.After(at(26, 13, 0)))
}

// Who must leave when their shift begins has what is left of the one before: not the evening after it.
func TestADeadlineIsNotInTheEvening(t *testing.T) {
	for _, km := range []float64{2, 5.5} {
		c := newCompany(t)
		li := c.expert("li", km)
		shift := time.Date(2026, 11, 24, 21, 30, 0, 0, time.UTC) // its end
		c.clock.Set(shift.Add(-3 * time.Minute))
		tk := c.submit()
		starts, err := c.dispatch.Starts(c.ctx, dispatch.TicketRef{ID: tk.ID}, li.ID, 1000)
		require.NoError(t, err)
		first := slices.MinFunc(starts, func(a, b muster.Candidate) int { return a.Start.Compare(b.Start) })
		require.Equal(t, time.Date(2026, 11, 25, 13, 0, 0, 0, time.UTC), first.Depart)
		a, err := c.dispatch.Offer(c.ctx, c.as(dispatcher), dispatch.OfferRequest{Ticket: tk.ID, Expert: li.ID, Start: first.Start})
		require.NoError(t, err)
		require.Equal(t, shift, a.Offers[0].Deadline)
	}
}

func TestADeclineIsBoundToItsReason(t *testing.T) {
	for reason, again := range map[string]bool{"": false, "too_far": false, "not_this_customer": false, "other": false, "not_then": true} {
		c := newCompany(t)
		li := c.expert("li", 3)
		ticket := c.submit()
		offer := c.offer(ticket.ID, li.ID).Offers[0]
		c.clock.Advance(time.Minute)
		a, err := c.dispatch.Decline(c.ctx, c.as(actorOf(li.ID)), dispatch.AnswerRequest{Offer: offer.ID, Reason: reason})
		require.NoError(t, err)
		require.Equal(t, muster.Queued, a.Ticket.State)
		require.Len(t, a.Ticket.Declines, 1)
		require.Equal(t, li.ID, a.Ticket.Declines[0].Expert)

		report, err := c.dispatch.Round(c.ctx, ticket.Region)
		require.NoError(t, err)
		if again {
			require.Equal(t, 1, report.Offered, reason)
			k := c.load(ticket.ID)
			at := muster.Window{Start: k.Offers[1].Start, End: k.Offers[1].End}
			require.False(t, at.Overlaps(muster.Window{Start: offer.Start, End: offer.End}), "not at the time that was declined")
		} else {
			want := muster.HasDeclined
			if reason == "not_this_customer" {
				want = muster.IsBlocked
			}
			require.Equal(t, map[muster.ReasonCode]int{want: 1}, report.ByReason, reason)
		}
		c.sound()
	}
}

func TestACrewComesWhole(t *testing.T) {
	c := newCompany(t)
	li, kim := c.expert("li", 3), c.expert("kim", 4)
	ticket := c.submit(func(r *dispatch.SubmitRequest) { r.Crew = 2 })

	_, err := c.dispatch.Assign(c.ctx, c.as(dispatcher), dispatch.AssignRequest{Ticket: ticket.ID, Expert: li.ID})
	require.Equal(t, muster.CodeInvalid, muster.CodeOf(err), "the second is missing")

	report, err := c.dispatch.Round(c.ctx, ticket.Region)
	require.NoError(t, err)
	require.Equal(t, 1, report.Offered)
	k := c.load(ticket.ID)
	require.Len(t, k.Offers, 2)
	require.Equal(t, k.Offers[0].Start, k.Offers[1].Start)
	require.NotEqual(t, k.Offers[0].Place, k.Offers[1].Place)

	// One takes it: the visit is still offered. The other doesn't: nobody comes alone.
	first, second := k.Offers[0], k.Offers[1]
	a, err := c.dispatch.Accept(c.ctx, c.as(actorOf(first.Expert)), dispatch.AnswerRequest{Offer: first.ID})
	require.NoError(t, err)
	require.Equal(t, muster.VisitOffered, a.Visit.State)
	c.sound()
	a, err = c.dispatch.Decline(c.ctx, c.as(actorOf(second.Expert)), dispatch.AnswerRequest{Offer: second.ID, Reason: "not_then"})
	require.NoError(t, err)
	require.Equal(t, muster.Queued, a.Ticket.State)
	require.Equal(t, muster.AssignmentWithdrawn, a.Assignments[0].State)
	for _, tour := range c.tours() {
		require.Empty(t, tour.Stops)
	}

	a, err = c.dispatch.Assign(c.ctx, c.as(dispatcher), dispatch.AssignRequest{Ticket: ticket.ID, Expert: li.ID, Second: kim.ID})
	require.NoError(t, err)
	require.Len(t, a.Assignments, 2)
	require.Equal(t, a.Assignments[0].Start, a.Assignments[1].Start)
	c.under(a.Visit.ID, kim.ID, muster.VisitInProgress)
	a, err = c.dispatch.End(c.ctx, c.as(actorOf(li.ID)), dispatch.EndRequest{Visit: a.Visit.ID, Outcome: muster.Fixed})
	require.NoError(t, err)
	require.Len(t, a.Assignments, 2)
	c.sound()
}
