package jobs

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/sysopssquad/muster"
)

// listener is a consumer's handler that remembers.
type listener struct {
	mu    sync.Mutex
	seqs  []int64
	fails int // how many calls fail
	panic int // or panic
}

func (l *listener) handle(_ context.Context, events []muster.Event) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, e := range events {
		l.seqs = append(l.seqs, e.Seq)
	}
	if l.fails > 0 {
		l.fails--
		return errors.New("not now")
	}
	if l.panic > 0 {
		l.panic--
		panic("an event that nobody thought of")
	}
	return nil
}

func (l *listener) heard() []int64 {
	l.mu.Lock()
	defer l.mu.Unlock()
	return append([]int64(nil), l.seqs...)
}

// numbers counts from first to last.
func numbers(first, last int64) (out []int64) {
	for n := first; n <= last; n++ {
		out = append(out, n)
	}
	return out
}

// office is a graph with a relay and a stream, on the clock of a bubble.
type office struct {
	m *model
	s *tape
	r *Relay
}

func newOffice(t *testing.T) *office {
	o := &office{m: newModel(muster.SystemClock{}), s: &tape{}}
	o.r = newTestRelay(o.m, o.s)
	step(t, o.r) // number 1 is the duty's own event
	return o
}

// happen lets n events happen and be numbered.
func (o *office) happen(t *testing.T, n int) {
	for i := range n {
		o.m.bump(fmt.Sprintf("tic_%d", i%3), o.m.clock.Now())
	}
	step(t, o.r)
}

// listen runs a consumer until stop is called, which gives its error.
func (o *office) listen(t *testing.T, name string, l *listener) (stop func() error) {
	c := NewConsumer(name, o.m, o.s, quietly, l.handle)
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- c.Run(ctx) }()
	return func() error {
		cancel()
		return <-ended
	}
}

// later waits until all goroutines of the bubble have done what they can within d.
func later(d time.Duration) {
	<-time.After(d)
	synctest.Wait()
}

func TestConsumerHearsEverythingInOrder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o, l := newOffice(t), &listener{}
		stop := o.listen(t, "billing", l)
		o.happen(t, 700)
		later(2 * readBlock)
		o.happen(t, 3)
		later(2 * readBlock)
		require.Equal(t, numbers(1, 704), l.heard())
		require.NoError(t, stop())
		require.EqualValues(t, 704, o.m.cursors["billing"])
	})
}

func TestConsumerThatWasAwayCatchesUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o, l := newOffice(t), &listener{}
		stop := o.listen(t, "billing", l)
		later(2 * readBlock)
		require.NoError(t, stop())
		o.happen(t, 50)
		o.s.events = o.s.events[30:] // the stream doesn't reach back so far any more
		stop = o.listen(t, "billing", l)
		later(2 * readBlock)
		require.Equal(t, numbers(1, 51), l.heard())
		require.NoError(t, stop())
	})
}

func TestConsumerWithoutANameStartsAtTheHead(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o, l := newOffice(t), &listener{}
		o.happen(t, 50)
		stop := o.listen(t, "", l)
		synctest.Wait()
		o.happen(t, 5)
		later(2 * readBlock)
		require.Equal(t, numbers(52, 56), l.heard())
		require.NoError(t, stop())
		require.Empty(t, o.m.cursors)
	})
}

func TestConsumerBelowTheFloorMustRebuild(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o, l := newOffice(t), &listener{}
		o.happen(t, 50)
		o.m.cursors["billing"] = 10
		o.m.floor = 31
		o.s.events = nil
		err := o.listen(t, "billing", l)
		later(2 * readBlock)
		var gone *Rebuild
		require.ErrorAs(t, err(), &gone)
		require.Equal(t, &Rebuild{Consumer: "billing", At: 10, Floor: 31, Head: 51}, gone)
		require.ErrorContains(t, gone, "billing has come to event 10, but the lowest event retained is 31")
		require.Empty(t, l.heard())
	})
}

func TestConsumerGetsTheSameAgainAfterAFailure(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o, l := newOffice(t), &listener{fails: 2}
		o.happen(t, 4)
		stop := o.listen(t, "billing", l)
		later(3 * handlePause)
		require.Equal(t, append(append(numbers(1, 5), numbers(1, 5)...), numbers(1, 5)...), l.heard())
		require.NoError(t, stop())
	})
}

// What an event breaks is the work on that event, not the process.
func TestConsumerSurvivesAPanic(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o, l := newOffice(t), &listener{panic: 1}
		o.happen(t, 4)
		stop := o.listen(t, "billing", l)
		later(2 * handlePause)
		require.Equal(t, append(numbers(1, 5), numbers(1, 5)...), l.heard())
		require.NoError(t, stop())
	})
}

// A process that stops between a failure and the next try must not take the events with it.
func TestAFailureIsTriedAgainByWhoeverComesNext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o, l := newOffice(t), &listener{fails: 1}
		o.happen(t, 5)
		stop := o.listen(t, "billing", l)
		synctest.Wait()
		require.Equal(t, numbers(1, 6), l.heard())
		require.NoError(t, stop())
		require.Zero(t, o.m.cursors["billing"], "nothing has been handled")
		next := &listener{}
		stop = o.listen(t, "billing", next)
		later(2 * readBlock)
		require.Equal(t, numbers(1, 6), next.heard())
		require.NoError(t, stop())
	})
}

func TestConsumerGoesOnWithoutAStream(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o, l := newOffice(t), &listener{}
		stop := o.listen(t, "billing", l)
		later(2 * readBlock)
		o.s.down.Store(true)
		o.happen(t, 20)
		later(2 * readPause)
		require.Equal(t, numbers(1, 21), l.heard(), "from the graph")
		o.s.down.Store(false)
		later(streamPause)
		o.happen(t, 20)
		later(2 * readBlock)
		require.Equal(t, numbers(1, 41), l.heard())
		require.NoError(t, stop())
	})
}

func TestConsumerGoesOnWhenTheGraphIsBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o, l := newOffice(t), &listener{}
		var mu sync.Mutex
		down := true
		o.happen(t, 20)
		o.m.before = func(string) fault {
			mu.Lock()
			defer mu.Unlock()
			if down {
				return broken
			}
			return fine
		}
		stop := o.listen(t, "billing", l)
		later(time.Minute)
		require.Empty(t, l.heard())
		mu.Lock()
		down = false
		mu.Unlock()
		later(3 * handlePause)
		require.Equal(t, numbers(1, 21), l.heard())
		require.NoError(t, stop())
	})
}

func TestConsumerReadsLargeEventsFromTheGraph(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := newOffice(t)
		var bodies []string
		o.happen(t, 5)
		o.s.events[3].Body = nil // as the stream does with large ones
		c := NewConsumer("billing", o.m, o.s, quietly, func(_ context.Context, events []muster.Event) error {
			for _, e := range events {
				bodies = append(bodies, string(e.Body))
			}
			return nil
		})
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		require.NoError(t, c.Run(ctx))
		require.Len(t, bodies, 6)
		for i, e := range o.m.numbered() {
			require.Equal(t, string(e.Body), bodies[i])
		}
	})
}

// TestConsumersUnderFaults lets a relay and a consumer work on a stream that is wiped, cut short and down,
// and a graph that fails: the consumer hears every number once, in order.
func TestConsumersUnderFaults(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		clock := muster.NewFakeClock(monday)
		m, s := newModel(clock), &tape{}
		r := newTestRelay(m, s)
		c := NewConsumer("x", m, s, quietly, nil)
		c.block, c.rest = 0, 0
		var at int64
		calm := false
		trouble := func(call string) fault {
			if !calm && rapid.IntRange(0, 9).Draw(t, call) == 0 {
				return broken
			}
			return fine
		}
		m.before, s.before = trouble, trouble
		read := func() {
			events, err := c.next(context.Background(), at)
			if err != nil {
				require.Equal(t, muster.CodeUnavailable, muster.CodeOf(err), "%v", err)
				return
			}
			numbered := m.numbered()
			for _, e := range events {
				at++
				require.Equal(t, numbered[at-1], e)
			}
		}
		for range rapid.IntRange(1, 40).Draw(t, "moves") {
			switch rapid.SampledFrom([]string{"bump", "relay", "read", "wipe", "cut", "time"}).Draw(t, "move") {
			case "bump":
				m.bump(fmt.Sprintf("tic_%d", rapid.IntRange(0, 3).Draw(t, "aggregate")), clock.Now())
			case "relay":
				_, _ = r.Step(context.Background())
			case "read":
				read()
			case "wipe":
				s.events = nil
			case "cut":
				s.events = s.events[rapid.IntRange(0, len(s.events)).Draw(t, "cut"):]
			case "time":
				clock.Advance(time.Duration(rapid.IntRange(1, 700).Draw(t, "seconds")) * time.Second)
			}
		}
		calm = true
		clock.Advance(time.Hour)
		step(t, r)
		for range 3 {
			read()
		}
		require.Equal(t, m.head(), at)
	})
}

// TestACursorThatWasNotWrittenIsWrittenLater: also if nothing happens any more.
func TestACursorThatWasNotWrittenIsWrittenLater(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o, l := newOffice(t), &listener{}
		tries := 0
		o.m.before = func(call string) fault {
			if call == "Advance" {
				if tries++; tries == 1 {
					return broken
				}
			}
			return fine
		}
		o.happen(t, 3)
		stop := o.listen(t, "billing", l)
		later(time.Minute)
		at, err := o.m.Cursor(t.Context(), "billing")
		require.NoError(t, err)
		require.Equal(t, int64(4), at)
		require.Equal(t, 2, tries, "once is enough")
		require.Equal(t, numbers(1, 4), l.heard())
		require.NoError(t, stop())
	})
}
