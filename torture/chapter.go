package torture

import (
	"context"
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
	under.Go(func() { load(loading, o, hc, users, e.Chapters, nil) })
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
	if e.Points == nil { // of a run that began before they were counted
		e.Points = make(map[string]int)
	}
	for _, run := range p.processes {
		e.Faults[crashed] += run.tookCrashes(e.Points)
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
