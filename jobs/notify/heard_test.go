package notify

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/dispatch"
	"github.com/sysopssquad/muster/graph"
)

// delivered is a provider that takes each letter and whose answer is lost.
func delivered(texts *[]string) func(int, Letter) error {
	return func(_ int, l Letter) error {
		*texts = append(*texts, l.Text)
		return &Failure{Why: "no answer", Unknown: true}
	}
}

// unassign takes a visit from its expert, some time from now.
func (c *company) unassign(t muster.TicketID, from time.Duration) {
	c.Helper()
	c.clock.Advance(from)
	_, err := c.dispatch.Unassign(c.ctx, c.as(dana), dispatch.TicketRequest{Ticket: t, Reason: "ill"})
	require.NoError(c, err)
	c.hear(t)
}

// TestWhoMayKnowOfAVisitHearsThatItIsOff: the provider took the letter and didn't answer, and before it is repeated the visit
// is taken back.
func TestWhoMayKnowOfAVisitHearsThatItIsOff(t *testing.T) {
	c := newCompany(t)
	var sms, push []string
	c.sms.fail, c.push.fail = delivered(&sms), delivered(&push)
	ticket := c.assign(rounds, c.submit(), c.expert("ana"), monday.Add(9*time.Hour))
	c.hear(ticket.ID)
	c.work()
	require.Equal(t, []string{"T-1: ana comes Mon 23 Nov, 6-8 PM. Refrigerator warm"}, sms)
	require.Equal(t, []string{"T-1 is yours: Refrigerator warm, Boston. Mon 23 Nov, 6-7 PM."}, push)
	c.sms.fail, c.push.fail = nil, nil
	c.unassign(ticket.ID, 4*time.Second)
	for range 60 {
		c.after(time.Minute)
	}
	require.Equal(t, []string{
		"T-1: the visit can't take place as planned. We are looking for somebody else and will tell you who comes.",
	}, c.sms.texts())
	require.Equal(t, []string{"T-1 (Refrigerator warm, Boston) is not yours any more. Please don't go."}, c.push.texts())
}

// TestWhoMayHaveBeenToldBeforeACrashHearsThatItIsOff: the process dies between handing over and writing that down, and the
// visit is taken back while its claim still holds.
func TestWhoMayHaveBeenToldBeforeACrashHearsThatItIsOff(t *testing.T) {
	c := newCompany(t)
	c.notify.insist = 0
	c.store.commit = func(changes []graph.Change) (before, after error) {
		if changes[0].Command.Name == "message.sent" {
			return errFault, nil
		}
		return nil, nil
	}
	ticket := c.assign(rounds, c.submit(), c.expert("ana"), monday.Add(9*time.Hour))
	c.hear(ticket.ID)
	c.work()
	require.Len(t, c.sms.texts(), 1)
	require.Len(t, c.push.texts(), 1)
	c.store.commit = nil
	c.restart()
	c.unassign(ticket.ID, 30*time.Second)
	for range 60 {
		c.after(time.Minute)
	}
	require.Len(t, c.sms.texts(), 1)
	require.Equal(t, []string{"T-1 (Refrigerator warm, Boston) is not yours any more. Please don't go."}, c.push.texts())
}

// TestWhoWasCalledAboutAVisitIsCalledWhenItIsOff: no channel reaches them, so that they know from a person.
func TestWhoWasCalledAboutAVisitIsCalledWhenItIsOff(t *testing.T) {
	for name, unreachable := range map[string]func(*company){
		"every channel refuses": func(c *company) { c.sms.fail, c.mail.fail, c.push.fail = never, never, never },
		"there is no channel":   func(c *company) { c.notify.channels = Channels{} },
	} {
		t.Run(name, func(t *testing.T) {
			c := newCompany(t)
			unreachable(c)
			c.notify.call = CallTask(c.dispatch)
			ticket := c.assign(rounds, c.submit(), c.expert("ana"), monday.Add(9*time.Hour))
			c.hear(ticket.ID)
			c.work()
			calls := dispatch.ExceptionRequest{Ticket: ticket.ID, Kind: muster.ExceptionCall}
			for _, whom := range []string{"customer", "expert"} {
				_, err := c.dispatch.ContactException(c.ctx, c.as(dana), dispatch.ContactRequest{
					ExceptionRequest: calls, Whom: whom, How: "phone", Result: "reached", Note: "told who comes this evening",
				})
				require.NoError(t, err)
			}
			_, err := c.dispatch.SettleException(c.ctx, c.as(dana), calls)
			require.NoError(t, err)
			_, err = c.dispatch.Cancel(c.ctx, c.as(dana), dispatch.TicketRequest{Ticket: ticket.ID, Reason: "no parts"})
			require.NoError(t, err)
			c.hear(ticket.ID)
			for range 60 {
				c.after(time.Minute)
			}
			found, err := c.store.Records(c.ctx, "", string(ticket.ID))
			require.NoError(t, err)
			after := found[string(ticket.ID)].(*muster.Ticket)
			require.Len(t, after.Exceptions, 1, "%v", c.messages(ticket.ID))
			require.Contains(t, after.Exceptions[0].Next, "call the customer")
			require.Contains(t, after.Exceptions[0].Next, "call the expert exp_ana")
		})
	}
}

// TestWhatAReaderMayBelieve: what they were told last for sure, and all that may have reached them since.
func TestWhatAReaderMayBelieve(t *testing.T) {
	ana, li := &muster.Told{Experts: []muster.ExpertID{"exp_ana"}}, &muster.Told{Experts: []muster.ExpertID{"exp_li"}}
	n := 0
	at := func(state muster.MessageState, told *muster.Told, tries ...muster.Try) *muster.Message {
		n++
		when := monday.Add(time.Duration(n) * time.Minute)
		for i := range tries {
			tries[i].At = when
		}
		return &muster.Message{
			ID: muster.MessageID(rune('a' + n)), Customer: "cus_1", Topic: muster.TopicAccepted, State: state, Told: told, Tries: tries,
			EndedAt: when.Add(time.Second),
		}
	}
	type messages = []*muster.Message
	arrived, busy, unsure := muster.Try{Reference: "ref"}, muster.Try{Error: "busy"}, muster.Try{}
	for name, c := range map[string]struct {
		told messages
		want []*muster.Told
	}{
		"nothing":                        {nil, nil},
		"sent":                           {messages{at(muster.MessageSent, ana, arrived)}, []*muster.Told{ana}},
		"not tried":                      {messages{at(muster.MessagePlanned, ana)}, nil},
		"refused":                        {messages{at(muster.MessagePlanned, ana, busy)}, nil},
		"no answer":                      {messages{at(muster.MessagePlanned, ana, unsure)}, []*muster.Told{ana}},
		"no answer, and refused then":    {messages{at(muster.MessagePlanned, ana, unsure, busy)}, []*muster.Told{ana}},
		"no answer, and not needed then": {messages{at(muster.MessageDropped, ana, unsure)}, []*muster.Told{ana}},
		"a person was to tell them":      {messages{at(muster.MessageFailed, ana, busy)}, []*muster.Told{ana}},
		"being sent":                     {messages{at(muster.MessageSending, ana, unsure)}, []*muster.Told{ana}},
		"another since": {
			messages{at(muster.MessageDropped, ana, unsure), at(muster.MessageSent, li, arrived)}, []*muster.Told{li},
		},
		"perhaps another since": {
			messages{at(muster.MessageSent, ana, arrived), at(muster.MessageDropped, li, unsure)}, []*muster.Told{li, ana},
		},
	} {
		s := &scene{message: &muster.Message{ID: "msg_1", Customer: "cus_1"}, told: c.told}
		var got []*muster.Told
		for _, m := range s.believed() {
			got = append(got, m.Told)
		}
		require.Equal(t, c.want, got, name)
	}
	others := at(muster.MessageSent, ana, arrived)
	others.Customer, others.Expert = "", "exp_li"
	require.Empty(t, (&scene{message: &muster.Message{ID: "msg_1", Customer: "cus_1"}, told: []*muster.Message{others}}).believed())
}

// TestALetterThatSaysSomethingElseIsAnotherOne: a provider that delivers each letter once must deliver it.
func TestALetterThatSaysSomethingElseIsAnotherOne(t *testing.T) {
	c := newCompany(t)
	keys := map[string]string{}
	c.sms.fail = func(_ int, l Letter) error {
		keys[l.Text] = l.Key
		return &Failure{Why: "no answer", Unknown: true}
	}
	ana, li := c.expert("ana"), c.expert("li")
	ticket := c.assign(rounds, c.submit(), ana, monday.Add(9*time.Hour))
	c.hear(ticket.ID)
	c.work()
	c.after(15 * time.Second)
	require.Equal(t, 2, c.sms.calls)
	require.Len(t, keys, 1, "the same text has the same key")
	_, err := c.dispatch.Reassign(c.ctx, c.as(dana), dispatch.AssignRequest{Ticket: ticket.ID, Expert: li, Why: "ana is ill"})
	require.NoError(t, err)
	c.after(time.Minute)
	require.Contains(t, keys, "T-1 has changed: li comes Mon 23 Nov, 6-8 PM.", "they may believe that ana comes")
	distinct := map[string]bool{}
	for _, k := range keys {
		distinct[k] = true
	}
	require.Len(t, distinct, len(keys))
}
