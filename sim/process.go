package sim

import (
	"context"
	"encoding/json"
	"log/slog"
	"strconv"
	"time"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/dispatch"
	"github.com/sysopssquad/muster/dispatch/journal"
	"github.com/sysopssquad/muster/graph"
	"github.com/sysopssquad/muster/jobs"
	"github.com/sysopssquad/muster/jobs/notify"
)

// Figures of the processes.
const (
	processes  = 3
	tickEvery  = 45 * time.Second    // of one process; together they look every 15 seconds
	relaySteps = 20                  // in one tick
	sayEvery   = dispatch.ReachEvery // that answers can reach Muster, all of them together
	startTime  = 20 * time.Second    // until a process that stopped is replaced
)

// early is by how much processes' clocks may be apart, each way.
const early = 3 * jobs.MaxSkew

// tooLate is how late a timer must not be, however many calls, messages and processes fail: what is due is never forgotten.
const tooLate = time.Hour

// faster is how many times faster days pass than where processes remember their setup for two seconds.
const faster = 60

// process is one replica: commands, worker and relay over a port to the store in which faults befall it. Only one
// thing at a time goes on in it; while a call of the store takes its time the others go on.
type process struct {
	n        int
	life     int // how often it was started
	busy     bool
	dead     bool
	ctx      context.Context
	stop     context.CancelFunc
	port     *port
	wall     *wall
	dispatch *dispatch.Dispatch
	steps    *jobs.Steps
	news     *jobs.Reader
	writer   *notify.Steps    // nil: the company writes no messages
	journal  *journal.Journal // nil: it accepts nothing without the store
	turns    int              // with it
	prompted int              // events when it last found none to read, as a prompter
	told     int              // the same for news
	written  int              // and for the writer
}

var quietly = slog.New(slog.DiscardHandler)

// start begins a new life of a process, with nothing in memory.
func (l *life) start(p *process) {
	if p.stop != nil {
		p.stop()
	}
	p.ctx, p.stop = context.WithCancel(l.ctx)
	p.life++
	p.busy, p.dead, p.prompted, p.told, p.written = false, false, 0, 0, 0
	p.wall = &wall{life: l}
	p.port = &port{Store: l.store, life: l, process: p}
	run := jobs.New(jobs.Config{
		Store: p.port, Queue: &hints{life: l, process: p}, Stream: &wire{life: l, process: p}, Clock: p.wall, Log: quietly,
		Seed: uint64(l.o.Seed)<<8 | uint64(p.n)<<1 | 1,
		Stuck: func(ctx context.Context, w graph.Wake, failures int, cause error) {
			l.did("timer before a person")
			if failures == jobs.NeedsAPerson { // no fault lasts for so long
				l.ledger.breach("unexplained", w.ID, "its timer has failed %d times in a row: %v", failures, cause)
			}
			l.mind(p, p.dispatch.Stuck(ctx, w, failures, cause))
		},
	})
	l.mind(p, run.ReadClock(p.ctx))
	clock := deciding{run.Clock(), p}
	p.dispatch = dispatch.New(run.Store(), clock).InTurn(faster)
	l.keep(p)
	if l.letters != nil {
		w := notify.New(notify.Config{
			Store: run.Store(), Stream: &wire{life: l, process: p}, Clock: clock, Log: quietly,
			Channels: l.outlets(p), Call: notify.CallTask(p.dispatch),
		})
		run.Handle(muster.KindMessage, w.Take)
		run.Retry(notify.Consumer, w.Retry)
		p.writer = w.Steps(l.token)
	}
	p.steps = run.Steps(jobs.Work{
		Due: func(ctx context.Context, w graph.Wake) (time.Time, error) {
			if now := l.clock.Now(); now.Before(w.At.Add(-early)) {
				l.ledger.breach("unexplained", w.ID, "its timer of %s was seen to at %s", w.At.Format(time.RFC3339), now.Format(time.RFC3339))
			}
			late := l.watch.late(w)
			l.late.timer(late)
			if late > tooLate {
				l.ledger.breach("unexplained", w.ID, "its timer of %s was seen to %s late", w.At.Format(time.RFC3339), late)
			}
			next, err := p.dispatch.Due(ctx, w)
			l.mind(p, err)
			return next, err
		},
		Prompt: func(ctx context.Context, t muster.TicketID) error {
			_, err := p.dispatch.PromptRound(ctx, t)
			return err
		},
	})
	p.news = jobs.NewConsumer("sim", p.port, &wire{life: l, process: p}, quietly, func(_ context.Context, events []muster.Event) error {
		if p.dead {
			return gone
		}
		for i := range events {
			l.tell(&events[i])
		}
		return nil
	}).Reader()
	born := p.life
	l.in(time.Duration(p.n+1)*tickEvery/processes, func() { l.tick(p, born) })
}

// gone is the error of every call of a process that has stopped: nothing that it still does has an effect.
var gone = muster.E(muster.CodeUnavailable, "the process has stopped", "ask another")

// tick is one look of a process at what there is to do.
func (l *life) tick(p *process, born int) {
	if p.dead || p.life != born {
		return
	}
	if p.busy {
		l.in(time.Second, func() { l.tick(p, born) })
		return
	}
	p.busy = true
	l.work(p)
	p.busy = false
	if !p.dead {
		l.in(tickEvery, func() { l.tick(p, born) })
	}
}

// work is what a process does by itself. What would find nothing is left out (see watch).
func (l *life) work(p *process) {
	if now := l.clock.Now(); !now.Before(l.deaf) && now.Sub(l.said) >= sayEvery {
		if err := p.dispatch.Reachable(p.ctx); err == nil {
			l.said = now
		} else {
			l.mind(p, err)
		}
	}
	l.file(p)
	l.mind(p, p.steps.Schedule(p.ctx))
	l.queue.RunDue(p.ctx, p.steps.Handlers)
	if now := l.clock.Now(); l.watch.due(now) {
		_, err := p.steps.Sweep(p.ctx)
		if l.mind(p, err); err == nil && !p.dead {
			l.watch.looked(now.Add(-early)) // its clock may be behind
		}
	}
	l.hand(p)
	l.queue.RunDue(p.ctx, p.steps.Handlers)
}

// hand brings events to those who wait for them.
func (l *life) hand(p *process) {
	for n := 0; l.watch.pending > 0 && n < relaySteps; n++ {
		more, err := p.steps.Relay(p.ctx)
		if l.mind(p, err); !more {
			break
		}
	}
	l.read(p, &p.prompted, p.steps.Prompt)
	if p.writer != nil {
		l.read(p, &p.written, p.writer.Follow)
		l.write(p)
	}
	if l.lead == nil || l.lead.dead {
		l.lead = p
	}
	if l.lead == p {
		l.read(p, &p.told, p.news.Step)
	}
}

// read lets a process read all events that there are.
func (l *life) read(p *process, upTo *int, step func(context.Context) (int, error)) {
	for n := 0; *upTo < l.watch.numbered && n < relaySteps; n++ {
		head := l.watch.numbered
		got, err := step(p.ctx)
		l.mind(p, err)
		if err != nil || p.dead {
			return
		}
		if got == 0 {
			*upTo = head
		}
	}
}

// write lets a process send the messages that wait in its memory.
func (l *life) write(p *process) {
	for n := 0; n < relaySteps; n++ {
		some, err := p.writer.Send(p.ctx)
		l.mind(p, err)
		if some == 0 || p.dead {
			return
		}
	}
}

// token is one that nobody else has.
func (l *life) token() string {
	l.tokens++
	return strconv.Itoa(l.tokens)
}

// mind keeps an error that no fault explains: a defect of Muster's, which ends in a breach.
func (l *life) mind(p *process, err error) {
	if !p.dead && muster.CodeOf(err) == muster.CodeInternal {
		l.ledger.breach("defect", "", "%v", err)
	}
}

// crash stops a process where it is.
func (l *life) crash(p *process) {
	p.dead = true
	p.stop()
	l.letGo(p)
	l.did("process stopped")
	l.in(startTime+between(l.rand, 0, 2*time.Minute), func() { l.start(p) })
}

// server gives a process that can take a request just now, nil if none can.
func (l *life) server() *process {
	for i, n := 0, l.rand.IntN(len(l.procs)); i < len(l.procs); i++ {
		if p := l.procs[(n+i)%len(l.procs)]; !p.dead && !p.busy {
			return p
		}
	}
	return nil
}

// request is a command as a person sends it: again under the same id until there is an answer that is final.
type request[T any] struct {
	cmd   muster.Command
	send  func(ctx context.Context, d *dispatch.Dispatch, cmd muster.Command) (T, error)
	done  func(T, error)
	tries int
	first []byte // an answer that got lost on the way
}

// ask sends a command and calls done with the answer.
func ask[T any](l *life, who muster.Actor, send func(context.Context, *dispatch.Dispatch, muster.Command) (T, error), done func(T, error)) {
	l.n++
	r := &request[T]{cmd: muster.Command{ID: l.o.command(l.n), Actor: who}, send: send, done: done}
	l.ledger.sent++
	try(l, r)
}

func try[T any](l *life, r *request[T]) {
	p := l.server()
	if p == nil || l.clock.Now().Before(l.deaf) {
		l.in(time.Second+l.deafFor(), func() { try(l, r) })
		return
	}
	r.tries++
	p.busy = true
	answer, err := r.send(p.ctx, p.dispatch, r.cmd)
	p.busy = false
	switch muster.CodeOf(err) {
	case muster.CodeUnavailable, muster.CodeUnknown, muster.CodeConflict:
		l.again(func() { try(l, r) }, r.tries)
		return
	case muster.CodeInternal:
		l.mind(p, err)
	}
	if p.dead { // whatever it found out, nobody heard it
		l.again(func() { try(l, r) }, r.tries)
		return
	}
	if err == nil && r.first == nil && l.faults.strikes(replyLost) {
		r.first, _ = json.Marshal(answer)
		l.again(func() { try(l, r) }, r.tries)
		return
	}
	if r.first != nil {
		if err != nil || !alike(r.first, answer) {
			l.ledger.breach("I10", string(r.cmd.ID), "sent again it was answered otherwise: %v", err)
		}
	}
	l.ledger.sent--
	if err == nil {
		l.ledger.done[r.cmd.ID] = true
	}
	r.done(answer, err)
}

// deafFor is for how long no request will reach anybody.
func (l *life) deafFor() time.Duration { return max(0, l.deaf.Sub(l.clock.Now())) }

// again plans another try, after 2 s, 4 s and so on to a minute.
func (l *life) again(do func(), tries int) {
	l.in(min(time.Minute, time.Second<<min(tries, 6)), do)
}
