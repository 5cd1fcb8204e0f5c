package jobs

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/graph"
)

// mostAside is how many aggregates of one batch may be what is wrong. What happens to more is most likely no fault of theirs: the
// batch is looked at no further, and comes again after a pause, without those that were found.
const mostAside = 3

// AsideStore is what a consumer needs of the graph to set aside what it can't handle.
type AsideStore interface {
	graph.Committer
	Records(ctx context.Context, cmd muster.CommandID, ids ...string) (map[string]muster.Record, error)
	History(ctx context.Context, s muster.Scope, aggregate string) ([]muster.Event, error)
}

// aside keeps the aggregates over whose events a consumer breaks. For each there is a duty with a timer, so that workers
// try them again, with growing pauses, count their failures and put them before a person. What happens to such an
// aggregate meanwhile waits behind it. The duty's revision decides between two who act at once.
type aside struct {
	store AsideStore
	clock muster.Clock
}

// SettingAside lets a consumer go on without the aggregates over whose events its handler breaks. They are due for Retry,
// which a worker must call. The handler must bear to get an event again, also one that is older than others.
func (c *Consumer) SettingAside(store AsideStore, clock muster.Clock) *Consumer {
	c.aside = &aside{store, clock}
	return c
}

// deal hands events to the handler, without those of aggregates that are set aside. If it breaks over some of them these
// are set aside too.
func (c *Consumer) deal(ctx context.Context, events []muster.Event) error {
	if c.aside == nil {
		return c.hand(ctx, events)
	}
	free, err := c.free(ctx, events)
	if err != nil {
		return err
	}
	bad := make(map[string]error)
	rest := c.sift(ctx, free, bad)
	if rest != nil && len(bad) <= mostAside {
		return rest
	}
	for aggregate, cause := range bad {
		d, err := c.duty(ctx, aggregate)
		if err != nil {
			return err
		}
		now := c.aside.clock.Now()
		d.Timers = muster.Timers{muster.TimerRetry: now.Add(backoff(string(d.ID), 1))}
		if err := c.put(ctx, d, now, "duty.set_aside", told(cause)); err != nil {
			return err
		}
		c.log.Error("a consumer breaks over an event; it and what follows of the same is set aside, and tried again",
			"consumer", c.name, "of", aggregate, "err", cause)
	}
	return rest // these are out of the way at the next try
}

// free leaves out the events of aggregates that are set aside. That there are more of them is noted first: whoever tries
// the older ones again right now must not end without these.
func (c *Consumer) free(ctx context.Context, events []muster.Event) ([]muster.Event, error) {
	ids := make(map[string]muster.DutyID)
	var asked []string
	for _, e := range events {
		if _, known := ids[e.Aggregate]; !known {
			ids[e.Aggregate] = muster.AsideDuty(c.name, e.Aggregate)
			asked = append(asked, string(ids[e.Aggregate]))
		}
	}
	found, err := c.aside.store.Records(ctx, "", asked...)
	if err != nil {
		return nil, err
	}
	held := make(map[string]bool)
	for aggregate, id := range ids {
		if d, ok := found[string(id)].(*muster.Duty); ok && len(d.Timers) > 0 {
			held[aggregate] = true
			if err := c.put(ctx, *d, c.aside.clock.Now(), "duty.more_set_aside", ""); err != nil {
				return nil, err
			}
		}
	}
	free := make([]muster.Event, 0, len(events))
	for _, e := range events {
		if !held[e.Aggregate] {
			free = append(free, e)
		}
	}
	return free, nil
}

// sift hands over events, in smaller and smaller parts where the handler breaks, until it is known over which. What
// follows of the same aggregate is left out from then on.
func (c *Consumer) sift(ctx context.Context, events []muster.Event, bad map[string]error) error {
	some := make([]muster.Event, 0, len(events))
	for _, e := range events {
		if bad[e.Aggregate] == nil {
			some = append(some, e)
		}
	}
	if len(some) == 0 {
		return nil
	}
	err := c.hand(ctx, some)
	switch {
	case err == nil:
		return nil
	case ctx.Err() != nil || !muster.Poisonous(err):
		return err
	case len(some) == 1:
		if bad[some[0].Aggregate] = err; len(bad) > mostAside {
			return err
		}
		return nil
	}
	half := len(some) / 2
	if err := c.sift(ctx, some[:half], bad); err != nil {
		return err
	}
	return c.sift(ctx, some[half:], bad)
}

// Retry hands the handler anew all events of an aggregate that was set aside, the oldest first, and takes up the aggregate
// again if it bears them. It is a Due for the consumer's duties.
func (c *Consumer) Retry(ctx context.Context, w graph.Wake) (time.Time, error) {
	_, aggregate, _ := muster.DutyID(w.ID).Aside()
	for {
		d, err := c.duty(ctx, aggregate)
		if err != nil || len(d.Timers) == 0 {
			return time.Time{}, err
		}
		events, err := c.numbered(ctx, aggregate)
		if err != nil {
			return time.Time{}, err
		}
		if len(events) > 0 {
			if err := c.hand(ctx, events); err != nil {
				return time.Time{}, err
			}
		}
		d.Timers = muster.Timers{}
		err = c.put(ctx, d, c.aside.clock.Now(), "duty.taken_up", "")
		if muster.CodeOf(err) == muster.CodeConflict {
			continue // more has been set aside meanwhile
		}
		if err == nil {
			c.log.Info("a consumer has handled what was set aside", "consumer", c.name, "of", aggregate)
		}
		return time.Time{}, err
	}
}

// numbered reads the events of an aggregate that the consumer has come to, or soon will.
func (c *Consumer) numbered(ctx context.Context, aggregate string) ([]muster.Event, error) {
	all, err := c.aside.store.History(ctx, muster.Scope{Everything: true}, aggregate)
	if muster.CodeOf(err) == muster.CodeNotFound {
		return nil, nil // it is not retained any more
	}
	for i, e := range all {
		if e.Seq == 0 {
			return all[:i], err
		}
	}
	return all, err
}

// duty reads the duty of an aggregate; one that was never set aside has revision 0.
func (c *Consumer) duty(ctx context.Context, aggregate string) (muster.Duty, error) {
	id := muster.AsideDuty(c.name, aggregate)
	found, err := c.aside.store.Records(ctx, "", string(id))
	if d, ok := found[string(id)].(*muster.Duty); ok {
		return *d, err
	}
	return muster.Duty{ID: id}, err
}

// put writes a duty's next revision. CodeConflict: somebody else was faster.
func (c *Consumer) put(ctx context.Context, d muster.Duty, now time.Time, event, why string) error {
	guard := graph.At(string(d.ID), d.Rev)
	if d.Rev == 0 {
		guard = graph.Absent(string(d.ID))
	}
	d.Rev++
	body, err := json.Marshal(map[string]any{"root": d, "why": why})
	if err != nil {
		return err
	}
	id := fmt.Sprintf("%s/%s/%d", event, d.ID, d.Rev)
	cmd := muster.Command{
		ID: muster.CommandID(id), Name: event, Actor: muster.System(c.name), Fingerprint: muster.Fingerprint(event, id),
	}
	out, err := c.aside.store.Commit(ctx, graph.Change{
		Command: cmd, At: now, Expect: []graph.Guard{guard}, Put: []muster.Record{&d},
		Events: []muster.Event{{
			Aggregate: string(d.ID), Rev: d.Rev, Name: event, Version: 1, At: now, Actor: cmd.Actor, Command: cmd.ID, Body: body,
		}},
	})
	if err != nil {
		return err
	}
	return out[0].Err()
}
