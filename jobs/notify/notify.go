package notify

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/graph"
	"github.com/sysopssquad/muster/jobs"
)

// Consumer is the name of the cursor.
const Consumer = "notify"

// Store is what telling people needs of the graph.
type Store interface {
	graph.Committer
	graph.EventLog
	Records(ctx context.Context, cmd muster.CommandID, ids ...string) (map[string]muster.Record, error)
	Messages(ctx context.Context, s muster.Scope, tickets []muster.TicketID, limit int) ([]*muster.Message, error)
	History(ctx context.Context, s muster.Scope, aggregate string) ([]muster.Event, error)
}

// Call puts before a person whom they must call, because no channel has reached them, and why. It may be called more than
// once for a message.
type Call func(ctx context.Context, m *muster.Message, next, why string) error

// Config is what a Notifier is made of.
type Config struct {
	Store    Store
	Stream   jobs.Stream
	Clock    muster.Clock
	Log      *slog.Logger
	Channels Channels                             // none: all are a Sink, which is said once
	Call     Call                                 // nil: only logged
	Survey   func(t muster.TicketID) (url string) // nil: no link
}

// Notifier tells people. Any number of processes may have one on one graph.
type Notifier struct {
	store    Store
	stream   jobs.Stream
	clock    muster.Clock
	log      *slog.Logger
	channels Channels
	call     Call
	survey   func(muster.TicketID) string
	events   *jobs.Consumer
	queue    chan waiting
	token    func() string
	parallel int           // deliveries at one time
	timeout  time.Duration // of one delivery
	insist   time.Duration // on writing down what was delivered
	spoilt   sync.Map      // what went wrong with a message when it was looked at last, by id, until its timer has heard of it
}

// waiting is a message that is to be looked at.
type waiting struct {
	id muster.MessageID
	at time.Time // since when it waits here: its timer is someone else's a while after
}

// queued bounds how many messages wait in memory; the others wait in the graph.
const queued = 1024

// New makes a Notifier. Nothing happens before Run.
func New(c Config) *Notifier {
	n := &Notifier{
		store: c.Store, stream: c.Stream, clock: c.Clock, log: c.Log, channels: c.Channels, call: c.Call, survey: c.Survey,
		queue: make(chan waiting, queued), token: newToken, parallel: parallel, timeout: deliverTime, insist: recordTime,
	}
	n.events = jobs.NewConsumer(Consumer, n.store, n.stream, n.log, n.consume).SettingAside(n.store, n.clock)
	if len(n.channels) == 0 {
		n.channels = make(Channels)
		for _, c := range muster.Channels() {
			n.channels[c] = Sink{}
		}
		n.log.Warn("nobody is told anything: no provider of SMS, e-mail or push is configured; messages are only kept", "see", "docs/notifications.md")
	}
	if n.survey == nil {
		n.survey = func(muster.TicketID) string { return "" }
	}
	return n
}

// Run consumes events and sends what is due, until ctx is done.
func (n *Notifier) Run(ctx context.Context) error {
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() error { return n.follow(ctx) })
	g.Go(func() error { return n.send(ctx) })
	err := g.Wait()
	for _, c := range n.channels {
		if c, ok := c.(interface{ Close() }); ok {
			c.Close()
		}
	}
	return err
}

// follow consumes events. Those that are not retained any more are too old to tell of: it goes on after them.
func (n *Notifier) follow(ctx context.Context) error {
	for ctx.Err() == nil {
		var gone *jobs.Rebuild
		if err := n.events.Run(ctx); errors.As(err, &gone) {
			if err := n.skip(ctx, gone); err != nil {
				n.log.Warn("a cursor could not be moved", "consumer", Consumer, "err", err)
				if (muster.SystemClock{}).Sleep(ctx, time.Second) != nil {
					return nil
				}
			}
		}
	}
	return nil
}

// skip goes on after events that are not retained any more.
func (n *Notifier) skip(ctx context.Context, gone *jobs.Rebuild) error {
	n.log.Warn("events are not retained any more; nobody is told of them", "from", gone.At+1, "to", gone.Floor-1)
	return n.store.Advance(ctx, Consumer, gone.Floor-1)
}

// Retry tries again what couldn't be planned, see jobs.Due.
func (n *Notifier) Retry(ctx context.Context, w graph.Wake) (time.Time, error) {
	return n.events.Retry(ctx, w)
}

// Take takes over the due timer of a message, see jobs.Due. A queue that is full makes it due again a moment later. For
// one over which the last look broke it fails in the look's place, so that the next comes after a longer pause.
func (n *Notifier) Take(_ context.Context, w graph.Wake) (time.Time, error) {
	if err, broke := n.spoilt.LoadAndDelete(muster.MessageID(w.ID)); broke {
		return time.Time{}, err.(error)
	}
	if n.soon(muster.MessageID(w.ID), n.clock.Now()) {
		return time.Time{}, nil
	}
	return n.clock.Now().Add(fullFor), nil
}

// fullFor is how long a message is left alone that found the queue full.
const fullFor = 5 * time.Second

// soon queues a message to be looked at; false tells that there is no room.
func (n *Notifier) soon(id muster.MessageID, now time.Time) bool {
	select {
	case n.queue <- waiting{id, now}:
		return true
	default:
		return false
	}
}
