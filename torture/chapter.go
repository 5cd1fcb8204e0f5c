package torture

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
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
	under.Wait()
	e.Chapters++
	e.count(c)
	for _, run := range p.processes {
		e.Faults[crashed] += run.tookCrashes()
	}
	store, err := neo4j.Open(ctx, p.direct(), muster.SystemClock{})
	if err != nil {
		return err
	}
	defer store.Close(context.WithoutCancel(ctx))
	if err := quiet(ctx, store, recovered, e); err != nil {
		return err
	}
	return found(ctx, o, p, store, l, recovered, e)
}

// found checks until everything is there, or as long after recovery as due work may take: what a journal has accepted is
// filed once its server, or another, gets to it.
func found(ctx context.Context, o Options, p *plant, store graph.Store, l *ledger, recovered time.Time, e *Evidence) error {
	for {
		if err := check(ctx, o, p, store, l, e); err != nil || len(e.Lost) == 0 || time.Since(recovered) > redriveWithin {
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

// onTime is how late a timer may be while workers run: a sweep, and what a page takes.
const onTime = 20 * time.Second

// quiet waits until nothing that is due is late and all events have their numbers, and notes how long after recovery that
// was.
func quiet(ctx context.Context, store graph.Store, recovered time.Time, e *Evidence) error {
	for {
		late := false
		now, err := store.Now(ctx)
		if err != nil {
			return err
		}
		backlog, err := store.Backlog(ctx, now)
		if err != nil {
			return err
		}
		for _, b := range backlog {
			late = late || b.Oldest > onTime
		}
		pending, err := store.Pending(ctx, 1)
		if err != nil {
			return err
		}
		took := time.Since(recovered)
		if !late && len(pending) == 0 {
			e.Redriven = append(e.Redriven, took.Seconds())
			return nil
		}
		if took > 10*redriveWithin {
			e.Redriven = append(e.Redriven, took.Seconds())
			e.Breaches = append(e.Breaches, fmt.Sprintf("due work was not taken up again within %s of recovery: %+v, %d events without a number", took, backlog, len(pending)))
			return nil
		}
		sleep(ctx, 200*time.Millisecond)
		if ctx.Err() != nil {
			return ctx.Err()
		}
	}
}
