package graphtest

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/graph"
)

var concurrencyTests = []test{
	{"concurrent writers: exactly the accepted revisions count", func(t *testing.T, o Options) {
		const writers, attempts, aggregates = 8, 20, 3
		s := open(t, o)
		var accepted [aggregates]atomic.Int64
		for n := range aggregates {
			s.must(Change(fmt.Sprintf("cmd_%d", n), Customer(n)))
		}
		var wg sync.WaitGroup
		for w := range writers {
			wg.Go(func() {
				for a := range attempts {
					n := (w + a) % aggregates
					id := string(Customer(n).ID)
					found, err := s.Records(s.ctx, "", id)
					if err != nil {
						t.Errorf("writer %d: %v", w, err)
						return
					}
					c := found[id].(*muster.Customer)
					out, err := s.Commit(s.ctx, Change(fmt.Sprintf("cmd_%d-%d", w, a), named(c, fmt.Sprintf("by %d", w))))
					if err != nil {
						t.Errorf("writer %d: %v", w, err)
						return
					}
					if out[0].Accepted {
						accepted[n].Add(1)
					} else if len(out[0].Failed) != 1 || out[0].Failed[0].Rev <= c.Rev {
						t.Errorf("writer %d at revision %d was refused without a newer one: %+v", w, c.Rev, out[0])
					}
				}
			})
		}
		wg.Wait()
		for n := range aggregates {
			c := s.record(string(Customer(n).ID)).(*muster.Customer)
			require.Equal(t, 1+accepted[n].Load(), c.Rev)
			require.NotZero(t, accepted[n].Load())
			spans, err := s.EventSpans(s.ctx, string(c.ID))
			require.NoError(t, err)
			require.Equal(t, graph.EventSpan{Low: 1, High: c.Rev, Count: c.Rev, Commands: c.Rev, Since: Start}, spans[string(c.ID)])
		}
	}},

	{"concurrent batches over the same aggregates in any order neither deadlock nor lose an update", func(t *testing.T, o Options) {
		const writers, rounds, aggregates = 6, 5, 8
		s := open(t, o)
		var first []graph.Change
		for n := range aggregates {
			first = append(first, Change(fmt.Sprintf("cmd_%d", n), Customer(n)))
		}
		s.must(first...)
		var accepted atomic.Int64
		var wg sync.WaitGroup
		for w := range writers {
			wg.Go(func() {
				for r := range rounds {
					var batch []graph.Change
					for i := range aggregates {
						n := (i*3 + w) % aggregates
						c, err := s.Records(s.ctx, "", string(Customer(n).ID))
						if err != nil {
							t.Errorf("writer %d: %v", w, err)
							return
						}
						next := named(c[string(Customer(n).ID)].(*muster.Customer), "next")
						batch = append(batch, Change(fmt.Sprintf("cmd_%d-%d-%d", w, r, n), next))
					}
					out, err := s.Commit(s.ctx, batch...)
					if err != nil {
						t.Errorf("writer %d: %v", w, err)
						return
					}
					for _, o := range out {
						if o.Accepted {
							accepted.Add(1)
						}
					}
				}
			})
		}
		wg.Wait()
		var bumps int64
		for n := range aggregates {
			bumps += s.record(string(Customer(n).ID)).(*muster.Customer).Rev - 1
		}
		require.Equal(t, accepted.Load(), bumps)
	}},

	{"of two that each rest on the other's absence, or on its revision, one gets in", func(t *testing.T, o Options) {
		const pairs = 40
		s := open(t, o)
		for n := range pairs {
			rev := int64(n % 2) // absent, then at the first revision
			both := [2]muster.Record{
				with(Customer(2*n), func(c *muster.Customer) { c.Rev = rev + 1 }),
				with(Customer(2*n+1), func(c *muster.Customer) { c.Rev = rev + 1 }),
			}
			if rev > 0 {
				s.must(Change(fmt.Sprintf("cmd_%d", n), Customer(2*n), Customer(2*n+1)))
			}
			var accepted atomic.Int64
			var wg sync.WaitGroup
			for i := range both {
				c := Change(fmt.Sprintf("cmd_%d-%d", n, i), both[i])
				other := graph.Absent(both[1-i].RecordID())
				if rev > 0 {
					other = graph.At(both[1-i].RecordID(), rev)
				}
				c.Expect = append(c.Expect, other)
				wg.Go(func() {
					out, err := s.Commit(s.ctx, c)
					if err != nil {
						t.Errorf("pair %d: %v", n, err)
					} else if out[0].Accepted {
						accepted.Add(1)
					}
				})
			}
			wg.Wait()
			require.Equal(t, int64(1), accepted.Load(), "pair %d", n)
		}
	}},

	{"the same command from many sessions at once has one effect and one answer", func(t *testing.T, o Options) {
		const sessions = 16
		s := open(t, o)
		change := Change("cmd_1", Customer(1))
		var fresh, replayed atomic.Int64
		var wg sync.WaitGroup
		for range sessions {
			wg.Go(func() {
				out, err := s.Commit(s.ctx, change)
				switch {
				case err != nil || !out[0].Accepted || string(out[0].Result) != string(change.Result):
					t.Errorf("%v %+v", err, out)
				case out[0].Replayed:
					replayed.Add(1)
				default:
					fresh.Add(1)
				}
			})
		}
		wg.Wait()
		require.EqualValues(t, 1, fresh.Load())
		require.EqualValues(t, sessions-1, replayed.Load())
	}},

	{"readers see whole changes while writers write", func(t *testing.T, o Options) {
		s := open(t, o)
		c := Customer(1)
		site := Site(c.ID, 1)
		site.Street = "1"
		s.must(Change("cmd_1", c, site))
		done := make(chan struct{})
		var wg sync.WaitGroup
		wg.Go(func() {
			defer close(done)
			for rev := int64(2); rev < 60; rev++ {
				next := with(c, func(c *muster.Customer) { c.Rev = rev })
				moved := with(site, func(s *muster.Site) { s.Street = fmt.Sprint(rev) })
				if out, err := s.Commit(s.ctx, Change(fmt.Sprintf("cmd_%d", rev), next, moved)); err != nil || !out[0].Accepted {
					t.Errorf("%v %+v", err, out)
					return
				}
			}
		})
		for range 3 {
			wg.Go(func() {
				for {
					select {
					case <-done:
						return
					default:
					}
					got, err := s.CustomerCase(s.ctx, "", c.ID)
					if err != nil {
						t.Errorf("reader: %v", err)
						return
					}
					if fmt.Sprint(got.Customer.Rev) != got.Sites[0].Street {
						t.Errorf("revision %d with a site of revision %s", got.Customer.Rev, got.Sites[0].Street)
						return
					}
				}
			})
		}
		wg.Wait()
	}},

	{"a deadline in the middle leaves all of a commit or nothing", func(t *testing.T, o Options) {
		s := open(t, o)
		for n := range 40 {
			c := Customer(n)
			put := []muster.Record{c}
			for i := range 30 {
				put = append(put, Site(c.ID, n*100+i))
			}
			change := Change(fmt.Sprintf("cmd_%d", n), put...)
			ctx, cancel := context.WithTimeout(s.ctx, time.Duration(n*n)*4*time.Microsecond)
			out, err := s.Commit(ctx, change)
			cancel()
			found := len(s.exist(idsOf(put)...))
			require.Contains(t, []int{0, len(put)}, found, "half a change")
			if err == nil {
				require.True(t, out[0].Accepted)
				require.Len(t, put, found)
				continue
			}
			require.True(t, errors.Is(err, context.DeadlineExceeded) || muster.CodeOf(err) == muster.CodeUnknown, "%v", err)
			if muster.CodeOf(err) != muster.CodeUnknown {
				require.Zero(t, found, "%v, but it is written", err)
			}
			again := s.try(change)
			require.True(t, again[0].Accepted)
			if found > 0 {
				require.True(t, again[0].Replayed, "it was written before")
			} else if muster.CodeOf(err) != muster.CodeUnknown {
				require.False(t, again[0].Replayed, "it was refused before")
			} // else absent may have meant still in flight
		}
	}},
}
