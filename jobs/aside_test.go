package jobs

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/graph"
)

// picky is a consumer's handler that breaks over some events.
type picky struct {
	mu    sync.Mutex
	bad   map[string]error // by aggregate/rev
	done  []string         // what it has handled, the aggregates' revisions
	midst func()           // before it handles anything, if not nil
}

func (p *picky) handle(_ context.Context, events []muster.Event) error {
	if p.midst != nil {
		p.midst()
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, e := range events {
		if err := p.bad[fmt.Sprintf("%s/%d", e.Aggregate, e.Rev)]; err != nil {
			return err
		}
	}
	for _, e := range events {
		p.done = append(p.done, fmt.Sprintf("%s/%d", e.Aggregate, e.Rev))
	}
	return nil
}

// of lists what was handled of an aggregate.
func (p *picky) of(aggregate string) (out []string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, d := range p.done {
		if len(d) > len(aggregate) && d[:len(aggregate)] == aggregate {
			out = append(out, d[len(aggregate)+1:])
		}
	}
	return out
}

func (p *picky) heal() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.bad = nil
}

func (p *picky) breaksOver(all ...string) *picky {
	p.bad = make(map[string]error)
	for _, id := range all {
		p.bad[id] = muster.E(muster.CodeInternal, "nobody thought of "+id, "report this")
	}
	return p
}

// pick runs a consumer that sets aside, until stop is called.
func (o *office) pick(t *testing.T, p *picky) (c *Consumer, stop func()) {
	c = NewConsumer("billing", o.m, o.s, quietly, p.handle).SettingAside(o.m, o.m.clock)
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- c.Run(ctx) }()
	return c, func() {
		cancel()
		require.NoError(t, <-ended)
	}
}

const theBad = "dut_billing-tic_1"

// TestAPoisonedEventStopsNoOther: what a consumer breaks over is set aside with what follows of the same aggregate, all
// else goes on, and once it can be handled it is, in order.
func TestAPoisonedEventStopsNoOther(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o, p := newOffice(t), (&picky{}).breaksOver("tic_1/2")
		c, stop := o.pick(t, p)
		o.happen(t, 9)
		later(2 * readBlock)
		require.Equal(t, []string{"1"}, slices.Compact(p.of("tic_1")))
		require.Equal(t, []string{"1", "2", "3"}, slices.Compact(p.of("tic_0")))
		require.EqualValues(t, 10, o.m.cursors["billing"])
		w := o.m.timer(theBad)
		require.False(t, w.At.Before(o.m.clock.Now().Add(firstDelay-2*readBlock)), "it is tried again after a while")

		o.happen(t, 3) // one more of each, and what was numbered of the duty
		later(2 * readBlock)
		require.Equal(t, []string{"1"}, slices.Compact(p.of("tic_1")), "what follows waits behind it")
		require.Equal(t, []string{"1", "2", "3", "4"}, slices.Compact(p.of("tic_2")))

		_, err := c.Retry(t.Context(), w)
		require.ErrorContains(t, err, "nobody thought of tic_1/2", "a failure of its timer: the worker defers it")
		p.heal()
		next, err := c.Retry(t.Context(), w)
		require.NoError(t, err)
		require.Zero(t, next)
		require.Equal(t, []string{"1", "1", "2", "3", "4"}, p.of("tic_1")[len(p.of("tic_1"))-5:])
		require.NotContains(t, o.m.lanes(), theBad)

		o.happen(t, 3)
		later(2 * readBlock)
		require.Equal(t, "5", p.of("tic_1")[len(p.of("tic_1"))-1], "it is like any other again")
		stop()
	})
}

// TestWhatIsSetAsideWhileTheOldIsHandledIsHandledToo.
func TestWhatIsSetAsideWhileTheOldIsHandledIsHandledToo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o, p := newOffice(t), (&picky{}).breaksOver("tic_1/1")
		c, stop := o.pick(t, p)
		o.happen(t, 3)
		later(2 * readBlock)
		require.Empty(t, p.of("tic_1"))
		stop()
		p.heal()
		reader := NewConsumer("billing", o.m, o.s, quietly, p.handle).SettingAside(o.m, o.m.clock).Reader()
		p.midst = func() {
			p.midst = nil
			o.happen(t, 3)
			for n := 1; n > 0; {
				var err error
				n, err = reader.Step(t.Context())
				require.NoError(t, err)
			}
			require.NotContains(t, p.of("tic_1"), "2")
		}
		_, err := c.Retry(t.Context(), o.m.timer(theBad))
		require.NoError(t, err)
		require.Equal(t, "2", p.of("tic_1")[len(p.of("tic_1"))-1])
	})
}

// TestWhatIsNoEventsFaultIsWaitedFor: the store is away.
func TestWhatIsNoEventsFaultIsWaitedFor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o, p := newOffice(t), (&picky{}).breaksOver("tic_0/1")
		p.bad["tic_0/1"] = muster.E(muster.CodeUnavailable, "the store is away", "wait")
		_, stop := o.pick(t, p)
		o.happen(t, 3)
		later(3 * handlePause)
		require.Empty(t, p.of("tic_0"))
		at := slices.IndexFunc(o.m.numbered(), func(e muster.Event) bool { return e.Aggregate == "tic_0" })
		require.LessOrEqual(t, o.m.cursors["billing"], int64(at), "it isn't passed over; others may come before it")
		p.heal()
		later(2 * handlePause)
		require.Equal(t, []string{"1"}, p.of("tic_0"))
		stop()
	})
}

// TestManyPoisonedEventsStopNoOther: they are found a few at a time, with a pause between, for it may be no fault of theirs.
func TestManyPoisonedEventsStopNoOther(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o, p := newOffice(t), (&picky{}).breaksOver("tic_0/1", "tic_1/1", "tic_2/1", "tic_3/1", "tic_5/1", "tic_6/1")
		for n := range 9 {
			o.m.bump(fmt.Sprintf("tic_%d", n), o.m.clock.Now())
		}
		step(t, o.r)
		_, stop := o.pick(t, p)
		later(handlePause / 2)
		require.Zero(t, o.m.cursors["billing"])
		require.Len(t, o.m.lanes(), 1+4, "with the relay's")
		later(3 * handlePause)
		for _, id := range []string{"tic_4", "tic_7", "tic_8"} {
			require.Equal(t, []string{"1"}, slices.Compact(p.of(id)))
		}
		require.Len(t, o.m.lanes(), 1+6)
		require.GreaterOrEqual(t, o.m.cursors["billing"], int64(9))
		stop()
	})
}

// TestAWorkerTriesAgainWhatWasSetAside, with growing pauses, and puts it before a person.
func TestAWorkerTriesAgainWhatWasSetAside(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o, p := newOffice(t), (&picky{}).breaksOver("tic_1/1")
		c, stop := o.pick(t, p)
		o.happen(t, 3)
		later(2 * readBlock)
		var stuck []string
		w := NewWorker(o.m, o.r.clock, nil, func(_ context.Context, w graph.Wake, failures int, _ error) {
			stuck = append(stuck, fmt.Sprintf("%s %d", w.ID, failures))
		}, quietly, 1)
		w.Handle(muster.KindDuty, func(ctx context.Context, wake graph.Wake) (time.Time, error) {
			if wake.ID == string(RelayDuty) {
				return time.Time{}, nil
			}
			return c.Retry(ctx, wake)
		})
		for n := 1; n <= NeedsAPerson; n++ {
			is := o.m.timer(theBad)
			<-time.After(time.Until(is.At) + time.Second)
			_, err := w.Sweep(t.Context())
			require.NoError(t, err)
			now := o.m.timer(theBad)
			require.Equal(t, n, now.Failures)
			require.Contains(t, now.Why, "nobody thought of tic_1/1")
			require.GreaterOrEqual(t, now.At.Sub(is.At), firstDelay<<(n-1), "a longer pause each time")
		}
		require.Equal(t, []string{theBad + " 5"}, stuck)
		p.heal()
		<-time.After(time.Until(o.m.timer(theBad).At) + time.Second)
		_, err := w.Sweep(t.Context())
		require.NoError(t, err)
		require.Equal(t, []string{"1"}, p.of("tic_1"))
		stop()
	})
}
