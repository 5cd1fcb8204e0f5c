package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/api"
	"github.com/sysopssquad/muster/dispatch"
	"github.com/sysopssquad/muster/dispatch/journal"
	"github.com/sysopssquad/muster/graph"
	"github.com/sysopssquad/muster/jobs"
	"github.com/sysopssquad/muster/jobs/asynq"
	"github.com/sysopssquad/muster/jobs/memory"
	"github.com/sysopssquad/muster/jobs/notify"
	"github.com/sysopssquad/muster/web"
)

// node is one process: a store, Redis, and what it does with them.
type node struct {
	dispatch *dispatch.Dispatch
	runtime  *jobs.Runtime
	store    graph.Store // its commits wake the relay
	clock    muster.Clock
	log      *slog.Logger
	channels notify.Channels              // by which people are told; none: they aren't
	survey   func(muster.TicketID) string // where customers say how it was
	outbox   bool                         // this process shows what people are told
	folder   string                       // of the intake journal; empty: none
	redis    *asynq.Redis
	stop     func() // of the Redis in this process, if there is one
}

// newNode wires a process. An empty Redis URL stands for one in this process.
func newNode(ctx context.Context, store graph.Store, redis string, clock muster.Clock, log *slog.Logger) (*node, error) {
	stop := func() {}
	embedded := redis == ""
	if embedded {
		url, end, err := asynq.Embedded()
		if err != nil {
			return nil, err
		}
		redis, stop = url, end
	}
	r, err := asynq.Open(redis, log)
	if err != nil {
		stop()
		return nil, err
	}
	stream := jobs.Stream(r.Stream())
	if embedded {
		stream = memory.NewStream() // the embedded Redis goes through all of a stream at each command, for those who wait on it
	} else if err := suits(ctx, r, log); err != nil {
		return nil, errors.Join(err, r.Close())
	}
	var d *dispatch.Dispatch
	stuck := func(ctx context.Context, w graph.Wake, failures int, cause error) {
		log.Error("a timer needs a person: its handler keeps failing", "id", w.ID, "failures", failures, "err", cause)
		if err := d.Stuck(ctx, w, failures, cause); err != nil {
			log.Warn("it could not be put before a person", "id", w.ID, "err", err)
		}
	}
	run := jobs.New(jobs.Config{Store: store, Queue: r.Queue(), Stream: stream, Clock: clock, Log: log, Stuck: stuck})
	reading, cancel := context.WithTimeout(ctx, lookFor)
	if err := run.ReadClock(reading); err != nil { // readiness says so too, until it is better
		log.Warn("the clocks", "err", err)
	}
	cancel()
	d = dispatch.New(run.Store(), run.Clock())
	return &node{
		dispatch: d, runtime: run, store: run.Store(),
		clock: clock, log: log, redis: r, stop: stop,
	}, nil
}

// tell makes this process one that tells people what concerns them.
func (n *node) tell() *notify.Notifier {
	told := notify.New(notify.Config{
		Store: n.store, Stream: n.runtime.Stream(), Clock: n.runtime.Clock(), Log: n.log,
		Channels: n.channels, Survey: n.survey, Call: notify.CallTask(n.dispatch),
	})
	n.runtime.Handle(muster.KindMessage, told.Take)
	n.runtime.Retry(notify.Consumer, told.Retry)
	return told
}

// suits refuses a Redis that is too old or set up to lose tasks. One that can't be reached is no reason not to
// start: timers are swept without it, only slower.
func suits(ctx context.Context, r *asynq.Redis, log *slog.Logger) error {
	warnings, err := r.Check(ctx)
	if err != nil {
		if muster.CodeOf(err) != muster.CodeUnavailable {
			return err
		}
		warnings = append(warnings, err.Error())
	}
	for _, w := range warnings {
		log.Warn("Redis", "warning", w)
	}
	return nil
}

// close ends what newNode began, after everything that uses it has ended.
func (n *node) close() error {
	err := n.redis.Close()
	n.stop()
	return err
}

// work does what must happen without anybody asking, until ctx is done.
func (n *node) work(ctx context.Context) error {
	told := n.tell()
	return together(ctx, told.Run, func(ctx context.Context) error {
		return n.runtime.Run(ctx, jobs.Work{
			Due: n.dispatch.Due,
			Prompt: func(ctx context.Context, t muster.TicketID) error {
				_, err := n.dispatch.PromptRound(ctx, t)
				return err
			},
		})
	})
}

// serve answers HTTP until ctx is done.
func (n *node) serve(ctx context.Context, l net.Listener) error {
	hub := n.runtime.Hub()
	c := api.Config{
		Graph: n.store, Dispatch: n.dispatch, Board: web.Handler(), Outbox: n.outbox, Clock: n.clock, Log: n.log,
		Version: thisVersion().Version, Done: ctx.Done(),
		Stream: func(after int64) api.Feed { return hub.Subscribe(after) },
		Checks: []api.Check{{Name: "jobs", Look: n.look}, {Name: "journal", Look: n.lookIntake}},
	}
	if n.folder != "" {
		var err error
		if c.Known, err = journal.People(n.folder); err != nil {
			n.log.Warn("who may act without the store is not known", "err", err)
		}
		c.Keep = func(users []*muster.User) error { return journal.KeepPeople(n.folder, users) }
	}
	h, err := api.New(c)
	if err != nil {
		return err
	}
	return together(ctx, n.reachable, func(ctx context.Context) error { return api.Serve(ctx, l, h, n.log) })
}

// reachable keeps on record that this process takes answers, until ctx is done. What can't be recorded is a break: the
// deadlines of those who were asked move by it.
func (n *node) reachable(ctx context.Context) error {
	tick := time.NewTicker(dispatch.ReachEvery)
	defer tick.Stop()
	for {
		err := n.runtime.ReadClock(ctx)
		if err == nil {
			err = n.dispatch.Reachable(ctx)
		}
		if err != nil && ctx.Err() == nil {
			n.log.Warn("answers can't be written down", "err", err)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
	}
}

// look tells how the jobs of this process are doing.
func (n *node) look(ctx context.Context) (string, error) {
	s := n.runtime.Status(ctx)
	due := 0
	for _, b := range s.Backlog {
		due += b.Due
	}
	figures := fmt.Sprintf("event %d, %d timers due, clocks %s apart", s.Head, due, s.ClockOffset)
	if len(s.Slow) > 0 {
		figures += "; slow: " + strings.Join(s.Slow, "; ")
	}
	if !s.Ready {
		return figures, muster.E(muster.CodeUnavailable, strings.Join(s.Trouble, "; "), "")
	}
	return figures, nil
}

// together runs parts of a process until ctx is done or one of them fails, and then ends all.
func together(ctx context.Context, parts ...func(context.Context) error) error {
	g, ctx := errgroup.WithContext(ctx)
	for _, p := range parts {
		g.Go(func() error { return p(ctx) })
	}
	return g.Wait()
}

// logger writes for people; what is only of use to developers is left out unless they ask for it.
func (a *app) logger() *slog.Logger {
	level := slog.LevelInfo
	if os.Getenv("MUSTER_DEBUG") != "" {
		level = slog.LevelDebug
	}
	return slog.New(slog.NewTextHandler(a.io.err, &slog.HandlerOptions{Level: level}))
}
