package torture

import (
	"context"
	"fmt"
	"maps"
	"math/rand/v2"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/graph"
	"github.com/sysopssquad/muster/graph/neo4j"
)

// chapter breaks things for a while under load, lets all recover and looks for what people were told.
func chapter(ctx context.Context, o Options, p *plant, e *Evidence) (err error) {
	l, err := openLedger(o.Dir)
	if err != nil {
		return err
	}
	defer func() {
		if e := l.close(); err == nil {
			err = e
		}
	}()
	for _, run := range p.processes {
		if run.quit == nil {
			if err := run.start(); err != nil {
				return err
			}
		}
	}
	c := newClient(p.servers(), l)
	hc := &http.Client{Transport: c}
	users, err := ready(ctx, hc)
	if err != nil {
		return err
	}
	loading, stop := context.WithCancel(ctx)
	var under sync.WaitGroup
	under.Go(func() { load(loading, o, hc, users, e.Chapters) })
	defer under.Wait()
	defer stop()

	began := time.Now()
	b := &breaker{p: p, r: rand.New(rand.NewPCG(uint64(o.Seed), uint64(1000+e.Chapters)))}
	cards := deck(o)
	dealt := done(*e, cards)
	for ctx.Err() == nil && dealt < len(cards) && time.Since(began) < o.Chapter {
		sleep(ctx, time.Duration(b.r.ExpFloat64()*float64(o.Every)))
		b.deal(ctx, cards[dealt])
		e.Faults[cards[dealt]]++
		dealt++
	}
	stop()
	if err := b.mended(); err != nil {
		return err
	}
	recovered := time.Now()
	e.Seconds += recovered.Sub(began).Seconds()
	store, err := neo4j.Open(ctx, p.direct(), muster.SystemClock{})
	if err != nil {
		return err
	}
	defer store.Close(context.WithoutCancel(ctx))
	if err := redriven(ctx, o, store, recovered, e); err != nil {
		return err
	}
	under.Wait()
	answered := time.Now()
	o.Say("after %.0f s all who had asked have their answers, or gave up", answered.Sub(recovered).Seconds())
	e.Chapters++
	e.count(c)
	for _, run := range p.processes {
		e.Faults[crashed] += run.tookCrashes()
	}
	if err := settled(ctx, o, store, answered, e); err != nil {
		return err
	}
	return found(ctx, o, p, store, l, answered, e)
}

// found checks until everything is there, or as long after the last answer as due work may take: what a journal has
// accepted is filed once its server, or another, gets to it.
func found(ctx context.Context, o Options, p *plant, store graph.Store, l *ledger, answered time.Time, e *Evidence) error {
	for {
		if err := check(ctx, o, p, store, l, e); err != nil || len(e.Lost) == 0 || time.Since(answered) > redriveWithin {
			return err
		}
		sleep(ctx, time.Second)
	}
}

// count adds what a client did.
func (e *Evidence) count(c *client) {
	e.Sent += int(c.sent.Load())
	e.Repeated += int(c.repeated.Load())
	e.Refused += int(c.refused.Load())
	e.Unknown += int(c.unknown.Load())
}

// done is how many cards of a deck have been dealt in the chapters before.
func done(e Evidence, cards []string) int {
	n := 0
	for _, kind := range append([]string{graphKilled, redisWiped, redisKilled, redisOlder, linkCut, linkReset, linkHalfOpen, linkSlow, linkThin}, killKinds...) {
		n += e.Faults[kind]
	}
	return min(n, len(cards))
}

// How late a timer may be while workers run: a sweep, and what a page takes; and an event without its number: it takes
// moments, or the shortest lease of a relay that has died.
const (
	onTime     = 20 * time.Second
	numberedBy = 4 * time.Second
)

// redriven notes how long after recovery everything that was due has been taken up again.
func redriven(ctx context.Context, o Options, store graph.Store, recovered time.Time, e *Evidence) error {
	late, err := quiet(ctx, o, store, recovered)
	if err != nil {
		return err
	}
	took := time.Since(recovered)
	e.Redriven = append(e.Redriven, took.Seconds())
	if late != "" {
		e.Breaches = append(e.Breaches, fmt.Sprintf("due work was not taken up again within %s of recovery: %s", took, late))
	}
	return nil
}

// settled waits for what the last answers have brought.
func settled(ctx context.Context, o Options, store graph.Store, answered time.Time, e *Evidence) error {
	late, err := quiet(ctx, o, store, answered)
	if late != "" {
		e.Breaches = append(e.Breaches, fmt.Sprintf("due work was not done %s after the last answer: %s", time.Since(answered), late))
	}
	return err
}

// sayLate is how often it is told what is still late after a recovery.
const sayLate = 10 * time.Second

// quiet waits until nothing that is due is late and no event has long been without its number. It gives what still is when
// that takes too long.
func quiet(ctx context.Context, o Options, store graph.Store, recovered time.Time) (late string, err error) {
	for said := recovered; ; sleep(ctx, 200*time.Millisecond) {
		now, err := store.Now(ctx)
		if err != nil {
			return "", err
		}
		backlog, err := store.Backlog(ctx, now)
		if err != nil {
			return "", err
		}
		maps.DeleteFunc(backlog, func(_ muster.Lane, b graph.Backlog) bool { return b.Oldest <= onTime })
		pending, err := store.Pending(ctx, page)
		if err != nil {
			return "", err
		}
		pending = slices.DeleteFunc(pending, func(ev muster.Event) bool { return now.Sub(ev.At) <= numberedBy })
		if len(backlog)+len(pending) == 0 {
			return "", nil
		}
		late := fmt.Sprintf("%+v, %d events without a number", backlog, len(pending))
		if took := time.Since(recovered); took > 10*redriveWithin {
			return late, nil
		} else if time.Since(said) >= sayLate {
			said = time.Now()
			o.Say("%.0f s after recovery there are late %s", took.Seconds(), late)
		}
		if ctx.Err() != nil {
			return "", ctx.Err()
		}
	}
}
