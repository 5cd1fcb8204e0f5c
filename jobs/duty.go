package jobs

import (
	"context"
	"encoding/json"
	"sync/atomic"
	"time"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/graph"
)

// RelayDuty is the aggregate whose fenced timer makes one process the relay at a time.
const RelayDuty muster.DutyID = "dut_relay"

// duty is this process's side of the relay's duty: whether it holds it, and by which fence.
type duty struct {
	graph RelayStore
	given atomic.Pointer[graph.Wake] // claimed by this process's worker
	there bool                       // the aggregate exists
	held  bool
	wake  graph.Wake
	renew time.Time     // when to renew the lease
	try   time.Time     // when to try for the duty again
	slow  time.Duration // what the slowest of the last steps took, fading
}

// lease is for how long the duty is held: the next steps may be as slow as the last.
func (d *duty) lease() time.Duration { return min(max(relayLease, 3*d.slow), relayLongest) }

// took notes how long a step took that began then.
func (d *duty) took(clock *StoreClock, began time.Time) {
	if now, err := clock.Now(); err == nil {
		d.slow = max(now.Sub(began), d.slow-d.slow/16)
	}
}

// hold keeps the duty if this process has it, or tries to get it.
func (d *duty) hold(ctx context.Context, now time.Time) (held bool, err error) {
	ctx, cancel := context.WithTimeout(ctx, stepTime)
	defer cancel()
	if w := d.given.Swap(nil); w != nil {
		d.held, d.wake, d.renew = true, *w, now
	}
	if d.held {
		return d.keep(ctx, now)
	}
	if now.Before(d.try) {
		return false, nil
	}
	if !d.there {
		if err := d.create(ctx, now); err != nil {
			return false, err
		}
		d.there = true
	}
	d.try = now.Add(relayRenew / 2)
	w, ok, err := d.graph.Claim(ctx, string(RelayDuty), now, now.Add(d.lease()))
	if err != nil || !ok {
		return false, err
	}
	d.held, d.wake, d.renew = true, w, now.Add(relayRenew) // with the shortest lease, until steps have been timed
	return true, nil
}

// keep renews the lease when it is time.
func (d *duty) keep(ctx context.Context, now time.Time) (held bool, err error) {
	if now.Before(d.renew) {
		return true, nil
	}
	lost, err := d.graph.Settle(ctx, graph.Settled{Wake: d.wake, Next: now.Add(d.lease())})
	if err != nil {
		return true, err // the fence decides; the lease is tried again at the next step
	}
	if len(lost) > 0 {
		d.held = false
		return false, nil
	}
	d.renew = now.Add(relayRenew)
	return true, nil
}

// doubt makes the next step ask whether the duty is still this process's.
func (d *duty) doubt() { d.renew = time.Time{} }

// offer hands over the duty's timer from elsewhere in this process.
func (d *duty) offer(w graph.Wake) { d.given.Store(&w) }

// release gives the duty back at once.
func (d *duty) release(ctx context.Context, now time.Time) {
	if !d.held {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, stepTime)
	defer cancel()
	d.held = false
	// If this fails the lease ends by itself.
	_, _ = d.graph.Settle(ctx, graph.Settled{Wake: d.wake, Next: now})
}

// create brings the duty into being, once for all processes.
func (d *duty) create(ctx context.Context, now time.Time) error {
	record := &muster.Duty{ID: RelayDuty, Rev: 1, Timers: muster.Timers{muster.TimerLease: now}}
	body, err := json.Marshal(map[string]any{"root": record})
	if err != nil {
		return err
	}
	actor := muster.System("relay")
	out, err := d.graph.Commit(ctx, graph.Change{
		Command: muster.Command{
			ID: "create-" + muster.CommandID(RelayDuty), Name: "duty.create", Actor: actor,
			Fingerprint: muster.Fingerprint("duty.create", RelayDuty),
		},
		At: now, Expect: []graph.Guard{graph.Absent(string(RelayDuty))}, Put: []muster.Record{record},
		Events: []muster.Event{{
			Aggregate: string(RelayDuty), Rev: 1, Name: "duty.created", Version: 1, At: now, Actor: actor, Body: body,
		}},
	})
	if err != nil {
		return err
	}
	if err := out[0].Err(); err != nil && muster.CodeOf(err) != muster.CodeConflict {
		return err // a conflict: somebody else was first
	}
	return nil
}
