package jobs

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/sysopssquad/muster"
)

// TestRelaysUnderFaults runs two relays on one graph and one stream, with whatever can happen between any
// two calls: the other relay acts, time passes, a call fails, an answer is lost, the process is killed,
// the stream is wiped, a scan misses events.
func TestRelaysUnderFaults(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		clock := muster.NewFakeClock(monday)
		m, s := newModel(clock), &tape{}
		relays := [2]*Relay{newTestRelay(m, s), newTestRelay(m, s)}
		calm, inside, acting := false, false, 0
		var trail []string

		act := func(n int) {
			defer func() {
				if p := recover(); p != nil {
					if _, ok := p.(crash); !ok {
						panic(p)
					}
					relays[n] = newTestRelay(m, s) // the next process
				}
			}()
			before := acting
			acting = n
			defer func() { acting = before }()
			_, err := relays[n].Step(context.Background())
			require.NotEqual(t, muster.CodeInternal, muster.CodeOf(err), "%v", err)
		}
		bump := func() {
			at := clock.Now().Add(time.Duration(rapid.IntRange(-3, 3).Draw(t, "skew")) * time.Second) // clocks differ
			m.bump(fmt.Sprintf("tic_%d", rapid.IntRange(0, 3).Draw(t, "aggregate")), at)
		}
		between := func(call string) fault {
			if calm {
				return fine
			}
			what := rapid.SampledFrom([]string{
				"nothing", "nothing", "nothing", "nothing", "nothing", "nothing", "bump", "other", "late", "broken", "lost", "killed", "wiped",
			}).Draw(t, call)
			if what != "nothing" {
				trail = append(trail, fmt.Sprintf("%d %s %s", acting, call, what))
			}
			switch what {
			case "bump":
				bump()
			case "other":
				if !inside {
					inside = true
					act(1 - acting)
					inside = false
				}
			case "late": // long enough to lose the duty
				clock.Advance(relayLongest)
			case "broken":
				return broken
			case "lost":
				return lost
			case "killed":
				return killed
			case "wiped":
				s.events = nil
			}
			return fine
		}
		m.before, s.before = between, between
		m.missed = func(_ int, e muster.Event) bool { return !calm && rapid.IntRange(0, 9).Draw(t, "missed") == 0 }

		for range rapid.IntRange(1, 25).Draw(t, "moves") {
			switch rapid.SampledFrom([]string{"bump", "bump", "a", "a", "b", "time"}).Draw(t, "move") {
			case "bump":
				bump()
			case "a":
				act(0)
			case "b":
				act(1)
			case "time":
				clock.Advance(time.Duration(rapid.IntRange(100, 7000).Draw(t, "ms")) * time.Millisecond)
			}
			checkNumbers(t, m)
			checkStream(t, m, s)
		}
		// Quiet again: everything gets its number, and the stream has what it should.
		calm = true
		bump()
		for range 10 + int(relayLongest/relayRenew) {
			clock.Advance(relayRenew)
			act(0)
			act(1)
		}
		checkNumbers(t, m)
		checkStream(t, m, s)
		for _, e := range m.events {
			require.NotZero(t, e.Seq, "%s/%d has no number\n%s", e.Aggregate, e.Rev, strings.Join(trail, "\n"))
		}
		require.Equal(t, m.head(), s.last(), "the stream has caught up\n%s", strings.Join(trail, "\n"))
		require.NotEqual(t, relays[0].Status().Holding, relays[1].Status().Holding, "one of them is the relay")
	})
}
