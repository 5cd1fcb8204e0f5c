package notify

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/dispatch"
	"github.com/sysopssquad/muster/graph"
)

// other lets another process do something, which has nothing in its memory.
func (c *company) other(do func()) {
	c.Helper()
	mine := c.notify
	c.restart()
	do()
	c.notify = mine
}

const (
	yours    = "T-1 is yours: Refrigerator warm, Boston. Mon 23 Nov, 1-2 PM."
	notYours = "T-1 (Refrigerator warm, Boston) is not yours any more. Please don't go."
)

// slow is a channel that takes so long with its first letter that something happens meanwhile.
type slow struct {
	meanwhile func()
	read      []string
}

func (p *slow) Once() bool { return true }

func (p *slow) Deliver(_ context.Context, l Letter) (string, error) {
	if do := p.meanwhile; do != nil {
		p.meanwhile = nil
		do()
	}
	p.read = append(p.read, l.Text)
	return "ref", nil
}

// TestWhatTakesLongIsNotOvertaken: one process hands over, slowly, that a visit is an expert's; another has to tell them
// meanwhile that it isn't.
func TestWhatTakesLongIsNotOvertaken(t *testing.T) {
	c := newCompany(t, func(p *muster.Policy) { p.UndoSeconds = 0 })
	ticket := c.assign(rounds, c.submit(), c.expert("ana"), monday.Add(4*time.Hour))
	push, first := &slow{}, c.notify
	c.restart()
	second := c.notify
	first.channels[muster.ChannelPush], second.channels[muster.ChannelPush] = push, push
	var waits []string
	push.meanwhile = func() {
		c.notify = second
		c.unassign(ticket.ID, 2*time.Second)
		c.work()
		waits = c.messages(ticket.ID)
		c.notify = first
	}
	c.notify = first
	c.hear(ticket.ID)
	c.work()
	require.Contains(t, waits, "cancelled to ana: planned, another message to them is on its way")
	c.after(3 * time.Second)
	require.Equal(t, []string{yours, notYours}, push.read)
}

// TestAMessageWaitsForNoneWhoseSenderDied longer than its claim holds, and looks the less often the longer that takes.
func TestAMessageWaitsForNoneWhoseSenderDied(t *testing.T) {
	began := monday
	s := &scene{
		message: &muster.Message{ID: "msg_2", Expert: "exp_ana"},
		told: []*muster.Message{{
			ID: "msg_1", Expert: "exp_ana", State: muster.MessageSending, Timers: muster.Timers{muster.TimerResend: began.Add(claimed)},
		}},
	}
	looks := 0
	for s.now = began; ; looks++ {
		until, held := s.held()
		if !held {
			break
		}
		require.True(t, until.After(s.now))
		s.now = until
	}
	require.Equal(t, began.Add(claimed), s.now)
	require.Less(t, looks, 10)

	s.now = began
	s.told[0].Expert = "exp_li"
	_, held := s.held()
	require.False(t, held, "it is for somebody else")
}

// TestWhatWasSoWhenItWasLookedAtIsNotSent: between the look at a message and its claim the visit is taken back, of which
// another process need tell nobody, since nobody was told of it.
func TestWhatWasSoWhenItWasLookedAtIsNotSent(t *testing.T) {
	c := newCompany(t, func(p *muster.Policy) { p.UndoSeconds = 0 })
	ticket := c.assign(rounds, c.submit(), c.expert("ana"), monday.Add(4*time.Hour))
	c.hear(ticket.ID)
	c.store.commit = func(changes []graph.Change) (before, after error) {
		if changes[0].Command.Name == "message.sending" {
			c.store.commit = nil
			c.other(func() {
				c.unassign(ticket.ID, 0)
				c.work()
			})
		}
		return nil, nil
	}
	c.work()
	require.Nil(t, c.store.commit, "it was about to be sent")
	for range 60 {
		c.after(time.Minute)
	}
	require.Empty(t, c.push.texts(), "%v", c.messages(ticket.ID))
	require.Empty(t, c.sms.texts())
}

// TestTwoProcessesDoNotWriteToOneReaderAtOnce: each looks at another message to them, and both would say the same.
func TestTwoProcessesDoNotWriteToOneReaderAtOnce(t *testing.T) {
	c := newCompany(t, func(p *muster.Policy) { p.UndoSeconds = 0 })
	ticket := c.assign(rounds, c.submit(), c.expert("ana"), monday.Add(4*time.Hour))
	_, err := c.dispatch.Reassign(c.ctx, c.as(dana), dispatch.AssignRequest{Ticket: ticket.ID, Expert: c.expert("li")})
	require.NoError(t, err)
	c.hear(ticket.ID)
	found, err := c.store.Messages(c.ctx, every, []muster.TicketID{ticket.ID}, 100)
	require.NoError(t, err)
	var customers []waiting
	for _, m := range found {
		if m.Customer != "" {
			customers = append(customers, waiting{m.ID, c.clock.Now()})
		}
	}
	require.Len(t, customers, 2)
	mine := c.notify
	c.restart()
	c.store.commit = func(changes []graph.Change) (before, after error) {
		if changes[0].Command.Name == "message.sending" {
			c.store.commit = nil
			require.NoError(t, c.notify.round(c.ctx, customers[:1]))
		}
		return nil, nil
	}
	require.NoError(t, mine.round(c.ctx, customers[1:]))
	require.Nil(t, c.store.commit, "both were at it")
	c.after(time.Minute)
	require.Equal(t, []string{"T-1: li comes Mon 23 Nov, 1-3 PM. Refrigerator warm"}, c.sms.texts())
}

// TestWhatWasPlannedFirstIsReadFirst although a process that knows nothing of it has the later message before it.
func TestWhatWasPlannedFirstIsReadFirst(t *testing.T) {
	c := newCompany(t, func(p *muster.Policy) { p.UndoSeconds = 0 })
	ticket := c.assign(rounds, c.submit(), c.expert("ana"), monday.Add(2*time.Hour))
	c.hear(ticket.ID)
	c.work()
	c.sms.texts()
	c.clock.Set(ticket.Promised.End.Add(time.Minute))
	_, err := c.dispatch.Cancel(c.ctx, c.as(dana), dispatch.TicketRequest{Ticket: ticket.ID})
	require.NoError(t, err)
	c.hear(ticket.ID)
	found, err := c.store.Messages(c.ctx, every, []muster.TicketID{ticket.ID}, 100)
	require.NoError(t, err)
	for _, m := range found {
		if m.Topic == muster.TopicChanged {
			c.other(func() { require.NoError(t, c.notify.round(c.ctx, []waiting{{m.ID, c.clock.Now()}})) })
		}
	}
	require.Empty(t, c.sms.texts())
	require.Contains(t, c.messages(ticket.ID), "changed to customer: planned, another message to them goes first")
	for range 3 {
		c.after(nextOf)
	}
	require.Equal(t, []string{sorryDone, "T-1 is cancelled: nobody comes."}, c.sms.texts())
}

// TestAMessageWaitsForNoneThatIsNotNext: for one that is due it waits a while, for all others not at all.
func TestAMessageWaitsForNoneThatIsNotNext(t *testing.T) {
	now := monday
	first := func(edit func(*muster.Message)) bool {
		o := &muster.Message{
			ID: "msg_1", Topic: muster.TopicAccepted, Expert: "exp_ana", At: now.Add(-time.Second), State: muster.MessagePlanned,
			Timers: muster.Timers{muster.TimerSend: now},
		}
		edit(o)
		message := &muster.Message{ID: "msg_2", Topic: muster.TopicChanged, Expert: "exp_ana", At: now}
		return (&scene{message: message, told: []*muster.Message{o}, now: now}).behind()
	}
	until := func(at time.Time, why string) func(*muster.Message) {
		return func(o *muster.Message) { o.Timers, o.Why = muster.Timers{muster.TimerResend: at}, why }
	}
	require.True(t, first(func(*muster.Message) {}), "it is due")
	require.True(t, first(until(now.Add(time.Second), goesFirst)), "it waits for others itself")
	require.True(t, first(until(now.Add(time.Second), onItsWay)))
	require.True(t, first(func(o *muster.Message) { o.At, o.Topic, o.ID = now, muster.TopicApology, "msg_3" }), "of one event")
	twin := func(id muster.MessageID) bool {
		return first(func(o *muster.Message) { o.At, o.Topic, o.ID = now, muster.TopicChanged, id })
	}
	require.NotEqual(t, twin("msg_1"), twin("msg_3"), "not each for the other")
	for why, edit := range map[string]func(*muster.Message){
		"planned later":      func(o *muster.Message) { o.At = now.Add(time.Second) },
		"for somebody else":  func(o *muster.Message) { o.Expert = "exp_li" },
		"can be taken back":  until(now.Add(10*time.Second), ""),
		"night":              until(now.Add(8*time.Hour), "they are not disturbed at night"),
		"no provider":        until(now.Add(15*time.Second), "the provider is down"),
		"sent":               func(o *muster.Message) { o.State, o.Timers = muster.MessageSent, nil },
		"nobody sees to it":  until(now.Add(-inLine), ""),
		"nor to one in line": until(now.Add(-inLine), goesFirst),
	} {
		require.False(t, first(edit), why)
	}
}
