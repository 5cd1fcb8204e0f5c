package linear

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/dispatch"
	"github.com/sysopssquad/muster/graph"
)

// Beside says what fsck found while others worked.
type Beside struct {
	Writers  int               `json:"writers"`
	Seconds  float64           `json:"seconds"`
	Ops      int64             `json:"ops"`      // of the writers
	Checks   int               `json:"checks"`   // of the whole store, by fsck, one after the other
	Checked  int               `json:"checked"`  // aggregates and events, in all
	Suspects int               `json:"suspects"` // that looked wrong at first
	Moving   int               `json:"unsettled"`
	Breaches []dispatch.Breach `json:"breaches"` // none of them is one
}

// FsckBeside has writers quarrel for a time, each group about tickets and experts of its own, while fsck checks the
// whole store again and again, as fast as it can. What it finds then is false, unless it still finds it when all rest:
// that is an error.
func FsckBeside(ctx context.Context, store graph.Store, writers int, during time.Duration, seed uint64) (Beside, error) {
	b := Beside{Writers: writers, Breaches: []dispatch.Breach{}}
	clock := newClock()
	const group = 8
	var companies []*company
	for first := 0; first < writers; first += group {
		c, err := newCompany(ctx, store, clock, int64(seed)<<8+int64(first), 2, 4)
		if err != nil {
			return b, err
		}
		companies = append(companies, c)
	}
	working, stop := context.WithTimeout(ctx, during)
	defer stop()
	start := muster.SystemClock{}.Now()
	var all sync.WaitGroup
	var ops atomic.Int64
	errs := make(chan error, len(companies))
	for i, c := range companies {
		all.Go(func() {
			for n := 0; working.Err() == nil; n++ {
				s := scenes[(i+n)%3]
				s.callers, s.each = min(group, writers-i*group), 20
				h, err := newHistory(working, c, s, began.AddDate(0, 0, n%10), 0.02)
				if err == nil {
					err = h.run(working, seed+uint64(i)<<20+uint64(n))
					ops.Add(int64(len(h.ops)))
				}
				if err != nil && working.Err() == nil {
					errs <- fmt.Errorf("group %d: %w", i, err)
					return
				}
			}
		})
	}
	for working.Err() == nil {
		r, err := dispatch.New(store, &still{clock}).Fsck(ctx, store)
		if err != nil {
			stop()
			all.Wait()
			return b, err
		}
		b.Checks++
		b.Checked += r.Checked
		b.Suspects += r.Suspects
		b.Moving += len(r.Unsettled)
		b.Breaches = append(b.Breaches, r.Breaches...)
	}
	all.Wait()
	b.Ops, b.Seconds = ops.Load(), muster.SystemClock{}.Now().Sub(start).Seconds()
	select {
	case err := <-errs:
		return b, err
	default:
	}
	r, err := dispatch.New(store, &still{clock}).Fsck(ctx, store)
	if err == nil && len(r.Breaches) > 0 {
		err = fmt.Errorf("there are breaches when all rest: %+v", r.Breaches)
	}
	return b, err
}

// still is a clock that is looked at without moving it.
type still struct{ of *ticking }

// Now is what the clock showed last.
func (s *still) Now() time.Time { return time.UnixMicro(s.of.at.Load()).UTC() }
