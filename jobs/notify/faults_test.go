package notify

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/dispatch"
	"github.com/sysopssquad/muster/graph"
)

func away(int, Letter) error  { return &Failure{Why: "the provider can't be reached"} }
func never(int, Letter) error { return &Failure{Why: "no such number", Final: true} }
func doubt(int, Letter) error { return &Failure{Why: "no answer", Unknown: true} }

// TestEventsMayBeSeenAgain: one message for each event, person and topic, whoever sees the event how often.
func TestEventsMayBeSeenAgain(t *testing.T) {
	c := newCompany(t)
	ticket := c.assign(rounds, c.submit(), c.expert("ana"), monday.Add(2*time.Hour))
	for range 3 {
		c.seen[string(ticket.ID)] = 0
		c.hear(ticket.ID)
		c.work()
	}
	c.restart()
	c.seen[string(ticket.ID)] = 0
	c.hear(ticket.ID)
	c.after(time.Hour)
	require.Equal(t, 1, c.sms.calls)
	require.Equal(t, 1, c.push.calls)
	require.Equal(t, []string{"accepted to customer: sent", "assigned to ana: sent"}, c.sorted(ticket.ID))
}

// TestWhatWasToldMeanwhileIsNotToldAgain: the first message says what is true by then, so the second has nothing to add.
func TestWhatWasToldMeanwhileIsNotToldAgain(t *testing.T) {
	c := newCompany(t)
	ticket := c.assign(rounds, c.submit(), c.expert("ana"), monday.Add(4*time.Hour))
	_, err := c.dispatch.Reassign(c.ctx, c.as(dana), dispatch.AssignRequest{Ticket: ticket.ID, Expert: c.expert("li"), Why: "ana is ill"})
	require.NoError(t, err)
	c.clock.Advance(time.Minute) // both are due when they are looked at first
	c.hear(ticket.ID)
	c.work()
	c.after(nextOf)
	require.Equal(t, []string{"T-1: li comes Mon 23 Nov, 1-3 PM. Refrigerator warm"}, c.sms.texts())
	require.Contains(t, c.messages(ticket.ID), "accepted to customer: dropped, they have been told")
}

// TestAProviderThatIsDownForHours loses nothing: what is still true then is told.
func TestAProviderThatIsDownForHours(t *testing.T) {
	c := newCompany(t)
	c.sms.fail, c.mail.fail, c.push.fail = away, away, away
	told := c.assign(rounds, c.submit(), c.expert("ana"), monday.Add(8*time.Hour))
	off := c.assign(rounds, c.submit(), "exp_ana", monday.Add(6*time.Hour))
	c.hear(told.ID)
	c.hear(off.ID)
	for range 30 {
		c.after(10 * time.Minute)
	}
	require.Less(t, c.sms.calls+c.mail.calls, 60, "it waits longer each time")
	_, err := c.dispatch.Cancel(c.ctx, c.as(dana), dispatch.TicketRequest{Ticket: off.ID, Reason: "bought a new one"})
	require.NoError(t, err)
	c.hear(off.ID)
	c.sms.fail, c.mail.fail, c.push.fail = nil, nil, nil
	for range 4 {
		c.after(10 * time.Minute)
	}
	require.Len(t, append(c.sms.to(c.customer.Phone), c.mail.to(c.customer.Email)...), 1)
	require.Equal(t, []string{"accepted to customer: sent", "assigned to ana: sent"}, c.sorted(told.ID))
	require.Equal(t, []string{
		"accepted to customer: dropped, that visit isn't planned any more", "assigned to ana: dropped, it isn't theirs any more",
		"cancelled to ana: dropped, they had not been told of it", "changed to customer: dropped, they had not been told of that visit",
	}, c.sorted(off.ID))
	require.Empty(t, c.calls)
}

// TestUndeliverableGoesToAnotherChannelAndThenToAPerson.
func TestUndeliverableGoesToAnotherChannelAndThenToAPerson(t *testing.T) {
	c := newCompany(t)
	c.sms.fail = never
	first := c.assign(rounds, c.submit(), c.expert("ana"), monday.Add(2*time.Hour))
	c.hear(first.ID)
	c.work()
	require.Equal(t, 1, c.sms.calls)
	require.Len(t, c.mail.texts(), 1)
	require.Empty(t, c.calls)

	c.mail.fail = never
	second := c.assign(rounds, c.submit(), "exp_ana", monday.Add(4*time.Hour))
	c.hear(second.ID)
	c.work()
	require.Equal(t, []string{"accepted: call the customer, no such number"}, c.calls)
	require.Contains(t, c.messages(second.ID), "accepted to customer: failed, no such number")
	c.after(24 * time.Hour)
	require.Equal(t, 2, c.sms.calls)
	require.Len(t, c.calls, 1)
}

// TestWhoeverNoMessageReachesIsCalledAboutEachTopic: also who is asked and can't know of it, and who can't hear that their
// ticket is closed. Only of who should have left a person hears in another way.
func TestWhoeverNoMessageReachesIsCalledAboutEachTopic(t *testing.T) {
	for _, topic := range muster.Topics() {
		require.Equal(t, topic != muster.TopicComing, calls[topic] != "", topic)
	}
	c := newCompany(t)
	c.sms.fail, c.mail.fail, c.push.fail = never, never, never
	ana := c.expert("ana")
	ticket := c.submit()
	_, err := c.dispatch.Offer(c.ctx, c.as(rounds), dispatch.OfferRequest{Ticket: ticket.ID, Expert: ana, Start: monday.Add(2 * time.Hour)})
	require.NoError(t, err)
	c.hear(ticket.ID)
	c.work()
	require.Equal(t, []string{"offer: call the expert, no such number"}, c.calls)

	_, err = c.dispatch.Complete(c.ctx, c.as(dana), dispatch.CompleteRequest{Ticket: ticket.ID, Outcome: muster.Fixed})
	require.NoError(t, err)
	_, err = c.dispatch.Resolve(c.ctx, c.as(dana), dispatch.TicketRequest{Ticket: ticket.ID})
	require.NoError(t, err)
	c.calls = nil
	c.hear(ticket.ID)
	c.after(time.Minute)
	c.after(time.Minute) // one after the other
	require.Contains(t, c.calls, "resolved: call the customer, no such number")
}

// TestCallTaskIsOnTheTicket goes through dispatch.
func TestCallTaskIsOnTheTicket(t *testing.T) {
	c := newCompany(t)
	c.sms.fail, c.mail.fail = never, never
	ticket := c.assign(rounds, c.submit(), c.expert("ana"), monday.Add(2*time.Hour))
	c.notify.call = CallTask(c.dispatch)
	c.hear(ticket.ID)
	c.work()
	found, err := c.store.Records(c.ctx, "", string(ticket.ID))
	require.NoError(t, err)
	after := found[string(ticket.ID)].(*muster.Ticket)
	require.Len(t, after.Exceptions, 1)
	require.Equal(t, muster.ExceptionCall, after.Exceptions[0].Kind)
	require.Equal(t, "call the customer", after.Exceptions[0].Next)
	require.Equal(t, `the message "accepted" could not be delivered: no such number`, after.Exceptions[0].Note)
	require.Equal(t, string(muster.TopicAccepted), after.Exceptions[0].Errands[0].About, "so that it is over when somebody is there")
	require.Equal(t, after.Visit.ID, after.Exceptions[0].Errands[0].Visit)
	c.hear(ticket.ID)
	c.after(time.Hour)
	require.Empty(t, c.mail.texts(), "the event of the call task calls for no message")
}

// TestAnExpertOfACancelledTicketIsCalled if no message can tell them that they needn't come.
func TestAnExpertOfACancelledTicketIsCalled(t *testing.T) {
	c := newCompany(t)
	ticket := c.assign(rounds, c.submit(), c.expert("ana"), monday.Add(2*time.Hour))
	c.notify.call = CallTask(c.dispatch)
	c.hear(ticket.ID)
	c.work()
	c.sms.fail, c.mail.fail, c.push.fail = never, never, never
	_, err := c.dispatch.Cancel(c.ctx, c.as(dana), dispatch.TicketRequest{Ticket: ticket.ID, Reason: "bought a new one"})
	require.NoError(t, err)
	c.hear(ticket.ID)
	for range 12 {
		c.after(time.Minute)
	}
	found, err := c.store.Records(c.ctx, "", string(ticket.ID))
	require.NoError(t, err)
	after := found[string(ticket.ID)].(*muster.Ticket)
	require.Equal(t, muster.Cancelled, after.State)
	require.Len(t, after.Exceptions, 1)
	require.Contains(t, after.Exceptions[0].Next, "call the expert exp_ana")
	require.Contains(t, after.Exceptions[0].Note, `the message "cancelled" could not be delivered`)
}

// TestACallThatFailsIsMadeLater: a message isn't failed before a person knows.
func TestACallThatFailsIsMadeLater(t *testing.T) {
	c := newCompany(t)
	c.sms.fail, c.mail.fail = never, never
	ticket := c.assign(rounds, c.submit(), c.expert("ana"), monday.Add(2*time.Hour))
	calls := c.notify.call
	c.notify.call = func(_ context.Context, _ *muster.Message, _, _ string) error { return errFault }
	c.hear(ticket.ID)
	c.work()
	require.NotContains(t, c.messages(ticket.ID), "accepted to customer: failed, no such number")
	c.notify.call = calls
	c.after(3 * time.Minute)
	require.Contains(t, c.messages(ticket.ID), "accepted to customer: failed, no such number")
	require.Len(t, c.calls, 1)
}

// TestACrashBetweenSendingAndWritingItDown repeats a letter once at most, and with a key that the provider knows not even
// that. Where it stays unknown another channel is tried, and then a person.
func TestACrashBetweenSendingAndWritingItDown(t *testing.T) {
	for _, once := range []bool{true, false} {
		t.Run(fmt.Sprintf("once %v", once), func(t *testing.T) {
			c := newCompany(t)
			c.sms.once = once
			ticket := c.assign(rounds, c.submit(), c.expert("ana"), monday.Add(9*time.Hour))
			c.hear(ticket.ID)
			c.notify.insist = 0
			c.store.commit = func(changes []graph.Change) (error, error) { // nothing is written of what was sent
				for _, x := range changes {
					if x.Command.Name == "message.sent" {
						return errFault, nil
					}
				}
				return nil, nil
			}
			for range 10 {
				c.after(3 * time.Minute)
				c.restart()
				c.notify.insist = 0
			}
			sms, mail := c.sms.to(c.customer.Phone), c.mail.to(c.customer.Email)
			keys := map[string]bool{}
			for _, l := range append(sms, mail...) {
				keys[l.Key] = true
			}
			require.Len(t, keys, 1)
			require.Len(t, mail, 2)
			if once {
				require.Greater(t, len(sms), 2, "the provider knows the key: it is harmless")
				return
			}
			require.Len(t, sms, 2)
			require.Equal(t, []string{"accepted: call the customer, nobody knows whether it was delivered"}, c.calls)
		})
	}
}

// TestASenderThatWasHeldUpSendsNothing: between its claim and the channel an hour goes by, in which somebody else has sent
// the message. Sent now it would be told twice, and of an hour ago.
func TestASenderThatWasHeldUpSendsNothing(t *testing.T) {
	c := newCompany(t)
	ticket := c.assign(rounds, c.submit(), c.expert("ana"), monday.Add(9*time.Hour))
	c.hear(ticket.ID)
	sent, others := func() int { return c.sms.calls + c.mail.calls + c.push.calls }, 0
	var messages []string
	c.store.then = func(changes []graph.Change) {
		if changes[0].Command.Name == "message.sending" {
			c.store.then = nil
			c.clock.Advance(time.Hour)
			c.restart()
			c.work()
			others, messages = sent(), c.messages(ticket.ID)
		}
	}
	c.after(3 * time.Minute)
	require.Positive(t, others, "it has been sent")
	require.Equal(t, others, sent())
	require.Equal(t, messages, c.messages(ticket.ID))
}

// TestNoAnswerCountsAsPerhapsDelivered.
func TestNoAnswerCountsAsPerhapsDelivered(t *testing.T) {
	c := newCompany(t)
	c.sms.once = false
	c.sms.fail = doubt
	ticket := c.assign(rounds, c.submit(), c.expert("ana"), monday.Add(9*time.Hour))
	c.hear(ticket.ID)
	for range 10 {
		c.after(time.Minute)
	}
	require.Equal(t, 2, c.sms.calls)
	require.Len(t, c.mail.texts(), 1)
}

// TestLostCommits: a commit that never happened, and one of which the answer was lost, tell nobody twice and forget nobody.
func TestLostCommits(t *testing.T) {
	for at := range 8 {
		for name, fault := range map[string]func() (error, error){
			"before":  func() (error, error) { return errFault, nil },
			"unknown": func() (error, error) { return nil, muster.E(muster.CodeUnknown, "the answer was lost", "again") },
		} {
			t.Run(fmt.Sprintf("%s %d", name, at), func(t *testing.T) {
				c := newCompany(t)
				ticket := c.assign(rounds, c.submit(), c.expert("ana"), monday.Add(9*time.Hour))
				n := 0
				c.store.commit = func([]graph.Change) (error, error) {
					if n++; n == at+1 {
						return fault()
					}
					return nil, nil
				}
				for range 3 { // the consumer gets the same events again after an error
					if err := c.notify.consume(c.ctx, c.events(ticket.ID)); err == nil {
						break
					}
				}
				for range 5 {
					c.after(3 * time.Minute)
				}
				require.Equal(t, []string{"accepted to customer: sent", "assigned to ana: sent"}, c.sorted(ticket.ID))
				require.Equal(t, 1, c.sms.calls)
				require.Equal(t, 1, c.push.calls)
			})
		}
	}
}

// TestQueueThatIsFullForgetsNothing: what finds no room is due again a moment later.
// Two processes may look at a message at the same moment: whoever is first to write that it is being sent sends it.
func TestTwoProcessesSendAMessageOnce(t *testing.T) {
	c := newCompany(t)
	ticket := c.assign(rounds, c.submit(), c.expert("ana"), monday.Add(2*time.Hour))
	c.hear(ticket.ID)
	var batch []waiting
	planned, err := c.store.Messages(c.ctx, every, []muster.TicketID{ticket.ID}, 100)
	require.NoError(t, err)
	for _, m := range planned {
		batch = append(batch, waiting{id: m.ID, at: c.clock.Now()})
	}
	slow := c.notify
	c.restart()
	c.store.commit = func(changes []graph.Change) (before, after error) {
		if changes[0].Command.Name == "message.sending" { // it has decided, and is about to say so
			c.store.commit = nil
			require.NoError(t, c.notify.round(c.ctx, batch))
		}
		return nil, nil
	}
	require.NoError(t, slow.round(c.ctx, batch))
	require.Nil(t, c.store.commit, "both were at it")
	require.Equal(t, 1, c.sms.calls)
	require.Equal(t, 1, c.push.calls)
}

func TestQueueThatIsFullForgetsNothing(t *testing.T) {
	c := newCompany(t)
	c.notify.queue = make(chan waiting, 1)
	ana := c.expert("ana")
	var tickets []muster.TicketID
	for n := range 4 {
		ticket := c.assign(rounds, c.submit(), ana, monday.Add(time.Duration(4+2*n)*time.Hour))
		c.hear(ticket.ID)
		tickets = append(tickets, ticket.ID)
	}
	for range 20 {
		c.after(time.Minute)
	}
	for _, id := range tickets {
		require.Equal(t, []string{"accepted to customer: sent", "assigned to ana: sent"}, c.sorted(id))
	}
}

// TestAChangeThatAnotherChannelHasToTellIsTold: what was tried as a change is still about the visit that it was planned for.
func TestAChangeThatAnotherChannelHasToTellIsTold(t *testing.T) {
	c := newCompany(t)
	ana, kim := c.expert("ana"), c.expert("kim")
	ticket := c.told(ana)
	require.Len(t, c.sms.texts(), 1)
	_, err := c.dispatch.Reassign(c.ctx, c.as(dana), dispatch.AssignRequest{Ticket: ticket.ID, Expert: kim, Start: monday.Add(26 * time.Hour)})
	require.NoError(t, err)
	c.hear(ticket.ID)
	c.sms.fail = never
	c.after(time.Minute)
	c.after(time.Minute)
	require.Len(t, c.mail.texts(), 1, "%v", c.messages(ticket.ID))
}

// TestAMessageThatBreaksKeepsNoOther of its batch from being sent. Its timer hears of it, so that it is tried again after
// growing pauses, and shown.
func TestAMessageThatBreaksKeepsNoOther(t *testing.T) {
	for name, breaks := range map[string]func() error{
		"it can't be written": func() error { return muster.E(muster.CodeInternal, "it can't be written", "report this") },
		"it panics":           func() error { panic("something that nobody thought of") },
	} {
		t.Run(name, func(t *testing.T) {
			c := newCompany(t)
			ana := c.expert("ana")
			bad := c.assign(rounds, c.submit(), ana, monday.Add(4*time.Hour))
			good := c.assign(rounds, c.submit(), ana, monday.Add(8*time.Hour))
			c.hear(bad.ID)
			c.hear(good.ID)
			c.store.commit = func(changes []graph.Change) (before, after error) {
				for _, ch := range changes {
					if m, ok := ch.Put[0].(*muster.Message); ok && m.Ticket == bad.ID && m.State == muster.MessageSending {
						return breaks(), nil
					}
				}
				return nil, nil
			}
			c.after(time.Minute)
			c.after(2 * time.Minute)
			require.Equal(t, []string{"accepted to customer: sent", "assigned to ana: sent"}, c.sorted(good.ID))
			require.Equal(t, []string{"accepted to customer: planned", "assigned to ana: planned"}, c.sorted(bad.ID))
			failing, err := c.store.Failing(c.ctx, 10)
			require.NoError(t, err)
			require.Len(t, failing, 2)
			require.Contains(t, failing[0].Why, map[bool]string{true: "nobody thought of", false: name}[name == "it panics"])
			c.store.commit = nil
			c.after(10 * time.Minute)
			require.Equal(t, []string{"accepted to customer: sent", "assigned to ana: sent"}, c.sorted(bad.ID))
		})
	}
}
