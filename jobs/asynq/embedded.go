package asynq

import (
	"sync"
	"time"

	"github.com/alicebob/miniredis/v2"

	"github.com/sysopssquad/muster"
)

// Embedded runs a Redis in this process, on a free port of the loopback interface, and gives its URL. It
// persists nothing; at the next start the graph says what there is to do. Call stop once, after whatever
// uses it has ended.
func Embedded() (url string, stop func(), err error) {
	m, err := miniredis.Run()
	if err != nil {
		return "", nil, muster.E(muster.CodeUnavailable, "the Redis in this process can't listen on the loopback interface",
			"see what keeps it from opening a port, or name a Redis with --redis").Because(err)
	}
	quit := make(chan struct{})
	var ticking sync.WaitGroup
	ticking.Go(func() {
		// Its keys don't expire by themselves. ClockTTL would make them, by looking at all keys at every command.
		tick := time.NewTicker(time.Second)
		defer tick.Stop()
		last := time.Now()
		for {
			select {
			case <-quit:
				return
			case now := <-tick.C:
				m.FastForward(now.Sub(last))
				last = now
			}
		}
	})
	return "redis://" + m.Addr() + "/0", sync.OnceFunc(func() {
		close(quit)
		ticking.Wait()
		m.Close()
	}), nil
}
