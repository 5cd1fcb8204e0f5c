// Package sim lets a repair company live on a clock of its own, with faults: customers call, experts answer or don't,
// dispatchers meddle, processes stop in the middle of their work, the store fails before and after a write. All that
// acts is the real thing, commands, matcher, job handlers and store; only time, the people and the troubles are made
// up. Everything happens in one order that follows from a seed, so that what went wrong once goes wrong again.
//
// What people were told is kept in a ledger of the simulation's own and compared with the store at the end.
//
// A habit of people is one file (habit.go has the table), a fault is a row of the table in faults.go.
package sim

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/graph"
)

// Options say what is to be simulated. The same options give the same report.
type Options struct {
	Seed    int64
	Days    int    // in which customers call, 3 if 0
	After   int    // days that life goes on after the last call, 3 if 0
	Tickets int    // calls, 1,000 if 0
	Experts int    // as many as the tickets need if 0
	Faults  []Kind // nil: none
	// Calls are the customers' calls that take place, by number from 0; nil: all. A smaller history of the same
	// seed has the same people and the same calls, only fewer.
	Calls []int
	// Plant puts something between the store and everybody, such as a defect that must be found.
	Plant    func(graph.Store) graph.Store `json:"-"`
	Progress func(Progress)                `json:"-"` // told once a simulated hour
}

// Progress says how far a simulation has come.
type Progress struct {
	Now      time.Time
	Share    float64 // of the time, 0 to 1
	Accepted int     // tickets that their customers were told of
}

// Bounds of a simulation.
const (
	maxDays    = 60
	maxTickets = 5_000_000
	maxExperts = 100_000
)

func (o Options) filled() (Options, error) {
	if o.Days == 0 {
		o.Days = 3
	}
	if o.After == 0 {
		o.After = 3
	}
	if o.Tickets == 0 {
		o.Tickets = 1000
	}
	for _, b := range []struct {
		field     string
		have, max int
	}{{"days", o.Days, maxDays}, {"after", o.After, maxDays}, {"tickets", o.Tickets, maxTickets}, {"experts", o.Experts, maxExperts}} {
		if b.have < 0 || b.have > b.max {
			return o, muster.Invalid(b.field, strconv.Itoa(b.have), fmt.Sprintf("from 1 to %d", b.max))
		}
	}
	if o.Experts == 0 {
		o.Experts = max(8, o.Tickets/(o.Days*visitsADay))
	}
	for _, k := range o.Faults {
		if !k.known() {
			return o, muster.Invalid("faults", string(k), "all, none, or some of "+kindNames())
		}
	}
	return o, nil
}

// visitsADay is how many tickets an expert closes on an average day, days off included.
const visitsADay = 3

// Open opens an empty store on a clock.
type Open func(ctx context.Context, clock muster.Clock) (graph.Store, error)

// Run simulates one company on a store of its own, and checks what came of it.
func Run(ctx context.Context, open Open, o Options) (r Report, err error) {
	o, err = o.filled()
	if err != nil {
		return Report{}, err
	}
	clock := &clock{FakeClock: muster.NewFakeClock(begin)}
	store, err := open(ctx, clock)
	if err != nil {
		return Report{}, err
	}
	defer func() {
		if e := store.Close(context.WithoutCancel(ctx)); err == nil {
			err = e
		}
	}()
	l, err := newLife(ctx, o, clock, store)
	if err != nil {
		return Report{}, err
	}
	defer l.close()
	if err := l.live(); err != nil {
		return Report{}, err
	}
	return l.check()
}

// begin is a Monday morning in New York; clocks there go forward on the Sunday after.
var begin = time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)

// clock is the one clock of a simulation. Who waits on it lets time pass.
type clock struct {
	*muster.FakeClock
}

// Sleep moves the clock.
func (c *clock) Sleep(ctx context.Context, d time.Duration) error {
	c.Advance(d)
	return ctx.Err()
}
