package notify

import (
	"cmp"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/graph"
	"github.com/sysopssquad/muster/jobs"
)

// Figures of sending. What is claimed at once must be sent, and that written down, before its timer is due again: four
// rounds of deliveries, each within its time, leave half of it.
const (
	atOnce      = 32 // messages that are claimed together
	parallel    = 8  // of them on their way at one time
	deliverTime = 10 * time.Second
	recordTime  = 20 * time.Second // for writing down what was delivered
	claimed     = 2 * time.Minute  // after that somebody else looks what came of a message that was being sent
	stale       = jobs.Lease / 2   // in the queue: its timer will soon be someone else's
	nextOf      = 2 * time.Second  // between two messages to one person about one ticket
	inLine      = time.Minute      // for which a message waits for an earlier one that nobody sees to
	toldOf      = 40               // messages of a ticket, or of one of its readers, that are looked at for what they know
)

// send looks at what waits, a batch at a time, until ctx is done.
func (n *Notifier) send(ctx context.Context) error {
	for {
		var batch []waiting
		select {
		case <-ctx.Done():
			return nil
		case w := <-n.queue:
			batch = n.gather([]waiting{w})
		}
		if err := n.each(ctx, batch); err != nil && ctx.Err() == nil {
			n.log.Warn("messages could not be sent; their timers bring them back", "messages", len(batch), "err", err)
		}
	}
}

// each does a round for a batch, and if that breaks one for each of it: a message over which it does keeps no other.
func (n *Notifier) each(ctx context.Context, batch []waiting) error {
	err := n.guarded(ctx, batch)
	switch {
	case err == nil || ctx.Err() != nil || !muster.Poisonous(err):
		return err
	case len(batch) == 1:
		n.log.Error("a message is stuck; its timer brings it back", "message", batch[0].id, "err", err)
		n.spoilt.Store(batch[0].id, err)
		return nil
	}
	for i := range batch {
		if err := n.each(ctx, batch[i:i+1]); err != nil {
			return err
		}
	}
	return nil
}

// guarded is a round that tells of a panic as of any other failure.
func (n *Notifier) guarded(ctx context.Context, batch []waiting) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = muster.E(muster.CodeInternal, fmt.Sprintf("looking at messages panicked: %v", p), "report this")
		}
	}()
	return n.round(ctx, batch)
}

// gather fills a batch with what waits.
func (n *Notifier) gather(batch []waiting) []waiting {
	for len(batch) < atOnce {
		select {
		case w := <-n.queue:
			batch = append(batch, w)
		default:
			return batch
		}
	}
	return batch
}

// round does for a batch of messages what is to be done with each now.
func (n *Notifier) round(ctx context.Context, batch []waiting) error {
	now := n.clock.Now()
	var ids []string
	for _, w := range batch {
		if now.Sub(w.at) < stale && !slices.Contains(ids, string(w.id)) {
			ids = append(ids, string(w.id))
		}
	}
	scenes, err := n.look(ctx, ids, now)
	if err != nil {
		return err
	}
	var moves []move
	slices.SortFunc(scenes, func(a, b *scene) int { return inOrder(a.message, b.message) }) // a claim rests on those behind it
	for _, s := range scenes {
		m, err := n.decide(s)
		if err == nil && m.call != "" {
			err = n.ask(ctx, m) // first: else a message could fail, and nobody know
		}
		if err != nil {
			n.log.Error("a message is stuck; its timer brings it back", "message", s.message.ID, "ticket", s.message.Ticket, "err", err)
			if muster.Poisonous(err) {
				n.spoilt.Store(s.message.ID, err)
			}
			continue
		}
		moves = append(moves, m)
	}
	out, err := n.claim(ctx, moves, now)
	if err != nil {
		return err
	}
	return n.deliver(ctx, out)
}

// look loads messages and what they are about: three reads for all of them.
func (n *Notifier) look(ctx context.Context, ids []string, now time.Time) ([]*scene, error) {
	found, err := n.store.Records(ctx, "", ids...)
	if err != nil {
		return nil, err
	}
	var scenes []*scene
	about := []string{string(muster.ThePolicy)}
	for _, id := range ids {
		m, ok := found[id].(*muster.Message)
		if !ok || m.State.Terminal() {
			continue
		}
		if _, at, _ := m.Timers.Next(); at.After(now) {
			continue // somebody else was faster
		}
		scenes = append(scenes, &scene{message: m, now: now})
		about = append(about, string(m.Ticket), string(m.Customer), string(m.Expert), string(m.Offer))
	}
	if len(scenes) == 0 {
		return nil, nil
	}
	if found, err = n.store.Records(ctx, "", distinct(about)...); err != nil {
		return nil, err
	}
	var more []string
	var tickets []string
	for _, s := range scenes {
		s.policy = policyIn(found)
		s.ticket, _ = found[string(s.message.Ticket)].(*muster.Ticket)
		s.customer, _ = found[string(s.message.Customer)].(*muster.Customer)
		s.expert, _ = found[string(s.message.Expert)].(*muster.Expert)
		s.offer, _ = found[string(s.message.Offer)].(*muster.Offer)
		if s.ticket == nil {
			continue
		}
		tickets = append(tickets, string(s.ticket.ID))
		if v := s.ticket.Visit; v != nil {
			more = append(more, string(v.ID))
			for _, e := range v.Experts {
				more = append(more, string(e))
			}
		}
	}
	if found, err = n.store.Records(ctx, "", distinct(more)...); err != nil {
		return nil, err
	}
	if err := n.told(ctx, scenes, distinct(tickets)); err != nil {
		return nil, err
	}
	for _, s := range scenes {
		if s.ticket == nil {
			continue
		}
		s.names = make(map[muster.ExpertID]string)
		if v := s.ticket.Visit; v != nil {
			s.visit, _ = found[string(v.ID)].(*muster.Visit)
			for _, id := range v.Experts {
				if e, ok := found[string(id)].(*muster.Expert); ok {
					s.names[id] = e.Name
				}
			}
		}
	}
	return scenes, nil
}

// told loads what has been told of the tickets of scenes, newest first. Where that is more than usual, since many experts
// were asked, each reader's own is loaded: what they know may lie behind all that others were told.
func (n *Notifier) told(ctx context.Context, scenes []*scene, ids []string) error {
	if len(ids) == 0 {
		return nil
	}
	tickets := make([]muster.TicketID, len(ids))
	for i, id := range ids {
		tickets[i] = muster.TicketID(id)
	}
	limit := min(toldOf*len(tickets), graph.MaxMessages)
	found, err := n.store.Messages(ctx, muster.Scope{Everything: true}, tickets, limit)
	if err != nil {
		return err
	}
	of := make(map[muster.TicketID][]*muster.Message)
	for _, m := range found {
		of[m.Ticket] = append(of[m.Ticket], m)
	}
	for _, s := range scenes {
		if s.ticket == nil {
			continue
		}
		if s.told = of[s.ticket.ID]; len(found) < limit {
			continue
		}
		reader := muster.Scope{Customer: s.message.Customer, Expert: s.message.Expert}
		if s.told, err = n.store.Messages(ctx, reader, []muster.TicketID{s.ticket.ID}, toldOf); err != nil {
			return err
		}
	}
	return nil
}

// Why a message waits for another one to its reader.
const (
	goesFirst = "another message to them goes first"
	onItsWay  = "another message to them is on its way"
)

// inOrder is the order in which a reader is to get messages: as they were planned.
func inOrder(a, b *muster.Message) int {
	return cmp.Or(a.At.Compare(b.At), cmp.Compare(slices.Index(said, a.Topic), slices.Index(said, b.Topic)), cmp.Compare(a.ID, b.ID))
}

// said is the order of what one event may call for to a customer: whatever they had been told, what became of that, what is next.
var said = []muster.Topic{
	muster.TopicAccepted, muster.TopicOnTheWay, muster.TopicLate, muster.TopicApology, muster.TopicChanged, muster.TopicResolved,
}

// behind tells whether an earlier message to the same reader about the ticket goes first: one that is due, in whatever process it
// waits, or that waits for others itself. What is put off for a reason of its own holds nobody up, nor does what nobody has
// seen to for longer than a worker takes that takes over from a dead one.
func (s *scene) behind() bool {
	return slices.ContainsFunc(s.told, func(o *muster.Message) bool {
		_, at, _ := o.Timers.Next()
		next := !at.After(s.now) || o.Why == goesFirst || o.Why == onItsWay
		return s.others(o) && o.State == muster.MessagePlanned && next && s.now.Sub(at) < inLine && inOrder(o, s.message) < 0
	})
}

// held tells until when a message waits because another to its reader is being handed over: as long again as that has
// taken, at most until its claim is over. What became of whoever sent that one is unknown then.
func (s *scene) held() (until time.Time, is bool) {
	for _, o := range s.told {
		if _, end, _ := o.Timers.Next(); s.others(o) && o.State == muster.MessageSending && end.After(s.now) {
			return earlier(s.now.Add(max(nextOf, s.now.Sub(end.Add(-claimed)))), end), true
		}
	}
	return time.Time{}, false
}

// lookedAt guards what a letter rests on until it is handed over: the ticket, so that it is true, and what else waits for its
// reader, so that nobody else hands that over at the same time.
func (s *scene) lookedAt() []graph.Guard {
	guards := []graph.Guard{graph.At(string(s.ticket.ID), s.ticket.Rev)}
	for _, o := range s.told {
		if s.others(o) && !o.State.Terminal() {
			guards = append(guards, graph.At(string(o.ID), o.Rev))
		}
	}
	return guards
}

// letterKey is by which a provider knows a letter again: a message that says something else by now is another one.
func letterKey(id muster.MessageID, w written) string {
	sum := sha256.Sum256([]byte(w.short))
	return string(id) + "/" + hex.EncodeToString(sum[:4])
}

// A move is a change of a message: to what it is next, and what is to be done when that is written.
type move struct {
	before *muster.Message
	after  *muster.Message
	event  string
	expect []graph.Guard // what else must be as it was looked at
	letter Letter        // to be delivered by after.Channel, if there is a text
	call   string        // why a person must be asked, "" if none
}

// decide says what becomes of a message now. It is pure.
func (n *Notifier) decide(s *scene) (move, error) {
	m := *s.message
	m.Rev++
	m.Tries = slices.Clone(m.Tries)
	as := func(event string, state muster.MessageState, why string) move {
		m.State, m.Why = state, why
		if state.Terminal() {
			m.Timers, m.EndedAt = nil, s.now
		}
		return move{before: s.message, after: &m, event: event}
	}
	failed := func(why string) move {
		out := as("message.failed", muster.MessageFailed, why)
		if calls[m.Topic] != "" {
			out.call = why
		}
		return out
	}
	put := func(until time.Time, why string) move {
		m.Timers = muster.Timers{muster.TimerResend: until}
		return as("message.put_off", muster.MessagePlanned, why)
	}
	if until, held := s.held(); held {
		return put(until, onItsWay), nil
	}
	v := s.verdict()
	switch {
	case v.drop != "" && len(m.Tries) > 0 && !s.now.Before(m.Until):
		return failed("no channel took it in time"), nil
	case v.drop != "":
		return as("message.dropped", muster.MessageDropped, v.drop), nil
	case s.behind():
		return put(s.now.Add(nextOf), goesFirst), nil
	}
	if at, rests := s.restsUntil(); rests {
		return put(at, "they are not disturbed at night"), nil
	}
	c, address, why, wanted := s.route(n.channels)
	if c == "" && !wanted {
		return as("message.dropped", muster.MessageDropped, why), nil
	}
	if c == "" {
		m.Told = v.told // by a person
		return failed(why), nil
	}
	w, err := write(s.language(), v.topic, s.facts(v, s.language(), n.survey(s.ticket.ID)))
	if err != nil {
		return move{}, err
	}
	m.Topic, m.Told, m.Channel, m.Address, m.Language = v.topic, v.told, c, address, w.language
	m.Subject, m.Text = w.choose(c)
	m.Tries = append(m.Tries, muster.Try{At: s.now, Channel: c})
	m.Timers = muster.Timers{muster.TimerResend: s.now.Add(claimed)}
	out := as("message.sending", muster.MessageSending, v.why)
	out.expect = s.lookedAt()
	out.letter = Letter{Key: letterKey(m.ID, w), To: address, Name: s.reader(), Subject: m.Subject, Text: m.Text}
	return out, nil
}

// calls are the topics of which somebody must be told by a person if no channel can: all but one. Of who should have left a
// person hears anyhow, when they don't answer.
var calls = map[muster.Topic]string{
	muster.TopicAccepted: "call the customer", muster.TopicChanged: "call the customer", muster.TopicOnTheWay: "call the customer",
	muster.TopicLate: "call the customer", muster.TopicApology: "call the customer", muster.TopicResolved: "call the customer",
	muster.TopicOffer: "call the expert", muster.TopicAssigned: "call the expert", muster.TopicMoved: "call the expert",
	muster.TopicCancelled: "call the expert",
}

// claim writes what was decided, and gives the moves that are ours to go on with. A message of which nobody else has taken
// care, but what it rests on is another by now, is looked at again.
func (n *Notifier) claim(ctx context.Context, moves []move, now time.Time) (ours []move, err error) {
	if len(moves) == 0 {
		return nil, nil
	}
	changes := make([]graph.Change, len(moves))
	for i, m := range moves {
		// Two processes may decide on the same revision: each change has an id of its own, so that one is refused.
		cmd := muster.CommandID("notify/" + string(m.after.ID) + "/" + n.token())
		if changes[i], err = change(cmd, m.event, now, m.before.Rev, m.after); err != nil {
			return nil, err
		}
		changes[i].Expect = append(changes[i].Expect, m.expect...)
	}
	outcomes, err := n.commit(ctx, changes...)
	if err != nil {
		return nil, err
	}
	for i, o := range outcomes {
		switch {
		case o.Accepted:
			ours = append(ours, moves[i])
		case !slices.ContainsFunc(o.Failed, func(f graph.Failed) bool { return f.Guard.ID == string(moves[i].after.ID) }):
			n.soon(moves[i].after.ID, now)
		}
	}
	return ours, nil
}

// deliver hands letters to their channels, several at a time, and writes down what came of it. What has begun when the
// process is asked to stop is waited for; what has not goes back to its timer.
func (n *Notifier) deliver(ctx context.Context, moves []move) error {
	results := make([]move, len(moves))
	var g errgroup.Group
	g.SetLimit(n.parallel)
	for i, m := range moves {
		if m.letter.Text == "" {
			continue
		}
		g.Go(func() error {
			if _, until, _ := m.after.Timers.Next(); !n.clock.Now().Before(until) {
				return nil // held up since the claim: somebody else has looked what came of it
			}
			if ctx.Err() != nil {
				results[i] = n.unsent(m)
				return nil
			}
			ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), n.timeout)
			defer cancel()
			reference, err := n.channels[m.after.Channel].Deliver(ctx, m.letter)
			results[i] = n.result(m, reference, err)
			return nil
		})
	}
	_ = g.Wait()
	return n.record(ctx, slices.DeleteFunc(results, func(m move) bool { return m.after == nil }))
}

// record writes down what was delivered. While the store is away it tries again, as long as the claims hold: what isn't
// written down is sent once more.
func (n *Notifier) record(ctx context.Context, results []move) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), n.insist)
	defer cancel()
	for {
		_, err := n.claim(ctx, results, n.clock.Now())
		if muster.CodeOf(err) != muster.CodeUnavailable || muster.Sleep(ctx, n.clock, n.insist/50) != nil {
			return err
		}
	}
}

// unsent takes back a claim on which nothing was done.
func (n *Notifier) unsent(m move) move {
	after := *m.after
	after.Rev++
	after.Tries = after.Tries[:len(after.Tries)-1]
	after.State, after.Why = muster.MessagePlanned, "the process that was to send it stopped"
	after.Timers = muster.Timers{muster.TimerSend: n.clock.Now()}
	return move{before: m.after, after: &after, event: "message.put_off"}
}

// result is what becomes of a message that a channel has taken or refused.
func (n *Notifier) result(m move, reference string, err error) move {
	now := n.clock.Now()
	after := *m.after
	after.Rev++
	after.Tries = slices.Clone(after.Tries)
	try := &after.Tries[len(after.Tries)-1]
	r := move{before: m.after, after: &after}
	if err == nil {
		try.Reference = reference
		after.State, after.EndedAt, after.Timers = muster.MessageSent, now, nil
		r.event = "message.sent"
		return r
	}
	f := failureOf(err)
	try.Final = f.Final
	after.State, after.Why, r.event = muster.MessagePlanned, f.Why, "message.put_off"
	if !f.Unknown {
		try.Error = f.Why
	}
	at := retryAt(now, len(after.Tries), f.After)
	if f.Final {
		at = now // by another channel, at once
	}
	after.Timers = muster.Timers{muster.TimerResend: later(earlier(at, after.Until), now)}
	return r
}

// ask puts before a person that a message could not be delivered.
func (n *Notifier) ask(ctx context.Context, m move) error {
	if n.call == nil {
		n.log.Error("a message needs a person: nobody could be told", "message", m.after.ID, "ticket", m.after.Ticket, "topic", m.after.Topic, "why", m.call)
		return nil
	}
	return n.call(ctx, m.after, calls[m.after.Topic], m.call)
}

// distinct sorts ids and leaves out repetitions and empty ones.
func distinct(ids []string) []string {
	ids = slices.Clone(ids)
	slices.Sort(ids)
	ids = slices.Compact(ids)
	if len(ids) > 0 && ids[0] == "" {
		ids = ids[1:]
	}
	return ids
}

// newToken makes the id of a change this process's own.
func newToken() string {
	var b [8]byte
	_, _ = rand.Read(b[:]) // never fails
	return hex.EncodeToString(b[:])
}
