package sim

import (
	"context"
	"encoding/json"
	"fmt"
	"hash/fnv"
	"slices"
	"strings"
	"time"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/graph"
	"github.com/sysopssquad/muster/jobs/notify"
)

// letters are the messages that customers and experts were handed by their providers, and what these made them believe.
// Every fourth company writes any: each message takes three commits, more than all else about a ticket together.
type letters struct {
	handed   map[letter]int // how often somebody got a letter
	believed map[reader]belief
	declined map[muster.CustomerID]bool // who doesn't want to be told of anything
	arrived  map[muster.VisitID]bool    // at whose door somebody has stood
	mute     map[string]time.Time       // until when the answers are lost to letters for an address
}

// letter is one of a channel's, by its key.
type letter struct {
	channel muster.Channel
	key     string
}

// reader is somebody who is told of a ticket: a customer, or an expert.
type reader struct {
	ticket muster.TicketID
	whom   string
}

// belief is what a reader was told last of a ticket's visit.
type belief struct {
	topic muster.Topic
	told  muster.Told
}

// writes tells whether the company of a seed tells people by messages.
func (o Options) writes() bool { return o.Seed%4 == 0 }

func newLetters() *letters {
	return &letters{
		handed: make(map[letter]int), believed: make(map[reader]belief), declined: make(map[muster.CustomerID]bool),
		arrived: make(map[muster.VisitID]bool), mute: make(map[string]time.Time),
	}
}

// outlet is one provider as one process sees it.
type outlet struct {
	life    *life
	process *process
	channel muster.Channel
}

// outlets are the providers.
func (l *life) outlets(p *process) notify.Channels {
	out := make(notify.Channels)
	for _, c := range muster.Channels() {
		out[c] = &outlet{l, p, c}
	}
	return out
}

// Once implements notify.Channel: a mail server knows nothing of keys.
func (o *outlet) Once() bool { return o.channel != muster.ChannelEmail }

// Deliver implements notify.Channel.
func (o *outlet) Deliver(_ context.Context, x notify.Letter) (string, error) {
	l := o.life
	if o.process.dead {
		return "", gone
	}
	if reachable(o.channel, x.To) {
		switch l.faults.draw(providers) {
		case providerFails:
			return "", &notify.Failure{Why: "the provider is busy"}
		case providerUnsure:
			l.letters.mute[x.To] = l.clock.Now().Add(between(l.rand, time.Second, longestMute))
		}
		l.receive(o, x)
		if l.clock.Now().Before(l.letters.mute[x.To]) {
			return "", &notify.Failure{Why: "the connection broke", Unknown: true}
		}
		return "ref-" + x.Key, nil
	}
	return "", &notify.Failure{Why: "there is no such address", Final: true}
}

// longestMute is how long the answers are lost to letters that are delivered: long enough for much to change before one is
// repeated.
const longestMute = 8 * time.Hour

// reachable tells whether there is somebody at an address: one of thirty is wrong.
func reachable(c muster.Channel, to string) bool {
	h := fnv.New32a()
	h.Write([]byte(c))
	h.Write([]byte(to))
	return h.Sum32()%30 != 0
}

// receive is a letter that reaches its reader.
func (l *life) receive(o *outlet, x notify.Letter) {
	it := letter{o.channel, x.Key}
	if l.letters.handed[it] > 0 && o.Once() {
		return
	}
	l.letters.handed[it]++
	l.did("message by " + string(o.channel))
	if l.letters.handed[it] > 2 {
		l.ledger.breach("doubled", x.Key, "%s got it %d times", x.To, l.letters.handed[it])
	}
	id, _, _ := strings.Cut(x.Key, "/")
	found, err := l.store.Records(l.ctx, "", id)
	if err != nil {
		l.broken = err
		return
	}
	m, ok := found[id].(*muster.Message)
	switch {
	case !ok:
		l.ledger.breach("doubled", x.Key, "%s was told %q, which nobody planned", x.To, x.Text)
		return
	case m.State != muster.MessageSending:
		l.ledger.breach("doubled", x.Key, "%s gets it, and it was %s before", x.To, m.State)
		return
	}
	if m.Told != nil && m.Topic != muster.TopicOffer {
		l.letters.believed[reader{m.Ticket, string(m.Customer) + string(m.Expert)}] = belief{m.Topic, *m.Told}
		if m.Customer != "" && len(m.Told.Experts) > 0 {
			l.at(m.Told.Window.End, func() { l.letters.wait(l, m.Ticket, m.Told.Window) })
		}
	}
	if err := l.truth(m, x); err != nil {
		l.broken = err
	}
}

// truth asks whether what a letter says was so at some moment between the look before it was sent and now.
func (l *life) truth(m *muster.Message, x notify.Letter) error {
	events, err := l.store.History(l.ctx, muster.Scope{Everything: true}, string(m.Ticket))
	if err != nil {
		return err
	}
	looked := m.Tries[len(m.Tries)-1].At
	for i := len(events) - 1; i >= 0; i-- {
		var n news
		if err := json.Unmarshal(events[i].Body, &n); err != nil {
			return fmt.Errorf("event %d of %s: %w", events[i].Rev, m.Ticket, err)
		}
		if so(m, &n.Root) {
			return nil
		}
		if !events[i].At.After(looked.Add(-early)) { // the clocks of those who wrote and of those who look are not one
			break
		}
	}
	l.ledger.breach("unexplained", string(m.Ticket), "%s was told %q (%s, looked at %s), which was not so", x.To, x.Text, m.Topic, looked.Format(time.RFC3339))
	return nil
}

// together tells whether two crews are the same people.
func together(a, b []muster.ExpertID) bool {
	return slices.Equal(slices.Sorted(slices.Values(a)), slices.Sorted(slices.Values(b)))
}

// so tells whether what a message says is true of a ticket.
func so(m *muster.Message, t *newsTicket) bool {
	v := t.Visit
	planned := v != nil && v.State != muster.VisitOffered
	switch m.Topic {
	case muster.TopicAccepted:
		return planned && together(v.Experts, m.Told.Experts)
	case muster.TopicChanged:
		if len(m.Told.Experts) == 0 {
			return !planned
		}
		return planned && together(v.Experts, m.Told.Experts)
	case muster.TopicOnTheWay:
		return planned && v.State == muster.VisitEnRoute && together(v.Experts, m.Told.Experts)
	case muster.TopicLate:
		return planned && (v.State == muster.VisitAssigned || v.State == muster.VisitEnRoute)
	case muster.TopicApology:
		return !t.CompletedAt.After(m.At) // of work that was done since nobody needs to hear
	case muster.TopicResolved:
		return t.State == muster.Resolved
	case muster.TopicOffer, muster.TopicAssigned, muster.TopicMoved, muster.TopicComing:
		return v != nil && slices.Contains(v.Experts, m.Expert)
	case muster.TopicCancelled:
		return !planned || !slices.Contains(v.Experts, m.Expert)
	}
	return false
}

// hear asks at the door whether the customer knew who would come, and when.
func (x *letters) hear(l *life, n *news) {
	v := n.Root.Visit
	if v == nil || v.State != muster.VisitArrived || x.arrived[v.ID] {
		return
	}
	x.arrived[v.ID] = true
	k, err := l.store.TicketCase(l.ctx, "", graph.CaseRef{Ticket: n.Root.ID})
	if err != nil {
		l.broken = err
		return
	}
	if o := k.Ticket.Visit; o == nil || o.ID != v.ID {
		return // this has come late
	}
	for _, a := range k.Assignments {
		if a.Visit == v.ID && n.At.Sub(a.At) < inGoodTime {
			return
		}
	}
	doubt, err := x.doubt(l, k.Ticket.ID)
	if err != nil {
		l.broken = err
	} else if !doubt[string(k.Ticket.Customer)] {
		x.expected(l, &k)
	}
}

// wait asks at the end of a window whether its customer has waited for somebody of whom they should have heard that they don't
// come.
func (x *letters) wait(l *life, t muster.TicketID, w muster.Window) {
	k, err := l.store.TicketCase(l.ctx, "", graph.CaseRef{Ticket: t})
	if err != nil {
		l.broken = err
		return
	}
	customer, s := reader{t, string(k.Ticket.Customer)}, k.Ticket.State
	b := x.believed[customer]
	if b.told.Window != w || len(b.told.Experts) == 0 || k.Ticket.Visit != nil || s == muster.Completed || s == muster.Resolved {
		return // they have heard otherwise, or somebody is to come or was there
	}
	for _, v := range k.Visits {
		if !v.ArrivedAt.IsZero() || w.Start.Sub(v.EndedAt) < inGoodTime {
			return
		}
	}
	if doubt, err := x.doubt(l, t); err != nil {
		l.broken = err
	} else if !doubt[customer.whom] {
		l.ledger.breach("unexplained", string(t), "the customer has waited for %v until %s, and it is %s",
			b.told.Experts, w.End.Format(time.RFC3339), s)
	}
}

// inGoodTime is how long before an arrival somebody must have been given a visit for its customer to be told for sure:
// there is a night, in which nobody is disturbed, and a provider that is busy.
const inGoodTime = 12 * time.Hour

// doubt gives the readers of whom nobody can say what they know of a ticket: who couldn't be reached, or is still to be told.
func (x *letters) doubt(l *life, t muster.TicketID) (map[string]bool, error) {
	found, err := l.store.Messages(l.ctx, muster.Scope{Everything: true}, []muster.TicketID{t}, graph.MaxMessages)
	out := make(map[string]bool)
	for _, m := range found {
		if !m.State.Terminal() || m.State == muster.MessageFailed || x.declined[m.Customer] {
			out[string(m.Customer)+string(m.Expert)] = true
		}
	}
	return out, err
}

// expected asks whether the customer knows of the open visit.
func (x *letters) expected(l *life, k *graph.TicketCase) {
	v, window := k.Ticket.Visit, muster.Window{}
	for _, o := range k.Visits {
		if o.ID == v.ID {
			window = o.Window
		}
	}
	wrong := func(format string, args ...any) {
		l.ledger.breach("unexplained", string(k.Ticket.ID), "at %s: "+format, append([]any{l.clock.Now().Format(time.RFC3339)}, args...)...)
	}
	switch b, told := x.believed[reader{k.Ticket.ID, string(k.Ticket.Customer)}]; {
	case !told:
		wrong("nobody has told the customer of the visit of %s", v.Start.Format(time.RFC3339))
	case !together(b.told.Experts, v.Experts):
		wrong("the customer believes that %v come, and it is %v", b.told.Experts, v.Experts)
	case !b.told.Window.Start.Equal(window.Start):
		wrong("the customer believes in %s, and the window begins at %s", b.told.Window.Start.Format(time.RFC3339), window.Start.Format(time.RFC3339))
	}
}

// beliefs asks what people believe of a ticket in the end: nobody waits for a visit that isn't planned, and customers know
// of one that is.
func (c *checker) beliefs(k *graph.TicketCase) error {
	l, t := c.life, &k.Ticket
	doubt, err := l.letters.doubt(l, t.ID)
	if err != nil {
		return err
	}
	now, v := l.clock.Now(), t.Visit
	customer := reader{t.ID, string(t.Customer)}
	b, told := l.letters.believed[customer]
	came := slices.ContainsFunc(k.Visits, func(o muster.Visit) bool { return !o.ArrivedAt.IsZero() && o.Window == b.told.Window })
	switch {
	case doubt[customer.whom], v == nil && came: // whoever they waited for was there, if only at the door
	case v != nil && v.State == muster.VisitAssigned && v.Start.After(now):
		l.letters.expected(l, k)
	case v == nil && told && len(b.told.Experts) > 0 && b.told.Window.End.After(now) && t.State != muster.Completed && t.State != muster.Resolved:
		l.ledger.breach("unexplained", string(t.ID), "the customer waits for %v until %s, and it is %s",
			b.told.Experts, b.told.Window.End.Format(time.RFC3339), t.State)
	}
	for _, a := range k.Assignments {
		theirs := v != nil && v.State != muster.VisitOffered && slices.Contains(v.Experts, a.Expert)
		b := l.letters.believed[reader{t.ID, string(a.Expert)}]
		has := b.topic == muster.TopicAssigned || b.topic == muster.TopicMoved
		if has && !theirs && !doubt[string(a.Expert)] && b.told.Window.Start.After(now) {
			l.ledger.breach("unexplained", string(t.ID), "%s believes that it is theirs", a.Expert)
		}
	}
	return nil
}
