package notify

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/graph"
)

// tooOld is the age from which nobody is told of an event any more: what people know of it by then they know from
// elsewhere. A store whose events nobody has consumed yet begins with that.
const tooOld = 48 * time.Hour

// consume plans messages for a batch of events, in one commit. Those that are planned already stay as they are.
func (n *Notifier) consume(ctx context.Context, events []muster.Event) error {
	var deeds []deed
	var late []muster.Event // of which somebody would have been told
	now := n.clock.Now()
	for _, e := range events {
		d, ok, err := read(e)
		if now.Sub(e.At) > tooOld {
			if ok && err == nil {
				late = append(late, e)
			}
			continue
		}
		if err != nil { // of a newer Muster, which tells of it itself
			n.log.Warn("an event can't be read; nobody is told of it", "event", eventID(e), "err", err)
			continue
		}
		if ok {
			deeds = append(deeds, d)
		}
	}
	if len(late) > 0 {
		first, last := late[0], late[len(late)-1]
		n.log.Warn("events are seen so late that nobody is told of them any more: look through what these tickets have ahead", "events", len(late),
			"first", eventID(first), "last", eventID(last), "since", first.At, "until", last.At, "too_old", tooOld)
	}
	if len(deeds) == 0 {
		return nil
	}
	policy, err := n.policy(ctx)
	if err != nil {
		return err
	}
	var messages []*muster.Message
	for _, d := range deeds {
		messages = append(messages, d.plan(policy)...)
	}
	return n.keep(ctx, messages, now)
}

// planAtOnce bounds the messages of one commit.
const planAtOnce = 500

// keep commits new messages and has those sent that may be.
func (n *Notifier) keep(ctx context.Context, messages []*muster.Message, now time.Time) error {
	for len(messages) > 0 {
		some := messages[:min(planAtOnce, len(messages))]
		messages = messages[len(some):]
		changes := make([]graph.Change, len(some))
		for i, m := range some {
			cmd := muster.CommandID("notify/" + string(m.ID))
			var err error
			if changes[i], err = change(cmd, "message.plan", now, 0, m); err != nil {
				return err
			}
		}
		outcomes, err := n.commit(ctx, changes...)
		if err != nil {
			return err
		}
		for i, o := range outcomes {
			if !o.Accepted || o.Replayed {
				continue // planned before
			}
			if _, at, _ := some[i].Timers.Next(); !at.After(now) {
				n.soon(some[i].ID, now)
			}
		}
	}
	return nil
}

// policy reads the company's figures; a company without any has the default ones.
func (n *Notifier) policy(ctx context.Context) (*muster.Policy, error) {
	found, err := n.store.Records(ctx, "", string(muster.ThePolicy))
	if err != nil {
		return nil, err
	}
	return policyIn(found), nil
}

func policyIn(found map[string]muster.Record) *muster.Policy {
	if p, ok := found[string(muster.ThePolicy)].(*muster.Policy); ok {
		return p
	}
	p := muster.DefaultPolicy()
	return &p
}

// eventID names an event.
func eventID(e muster.Event) string { return fmt.Sprintf("%s/%d", e.Aggregate, e.Rev) }

// actor is who changes messages.
var actor = muster.System("notify")

// change puts a message that was at a revision before, 0: that is new.
func change(cmd muster.CommandID, event string, now time.Time, before int64, m *muster.Message) (graph.Change, error) {
	body, err := json.Marshal(map[string]any{"root": m})
	if err != nil {
		return graph.Change{}, err
	}
	guard := graph.At(string(m.ID), before)
	if before == 0 {
		guard = graph.Absent(string(m.ID))
	}
	return graph.Change{
		Command: muster.Command{ID: cmd, Name: event, Actor: actor, Fingerprint: muster.Fingerprint(event, m.ID)},
		At:      now, Expect: []graph.Guard{guard}, Put: []muster.Record{m},
		Events: []muster.Event{{
			Aggregate: string(m.ID), Rev: m.Rev, Name: event, Version: 1, At: now, Actor: actor, Command: cmd, Body: body,
		}},
	}, nil
}

// commit writes changes. An outcome that is unknown is settled by committing the same again.
func (n *Notifier) commit(ctx context.Context, changes ...graph.Change) ([]graph.Outcome, error) {
	outcomes, err := n.store.Commit(ctx, changes...)
	for pause := 10 * time.Millisecond; muster.CodeOf(err) == muster.CodeUnknown && ctx.Err() == nil; pause = min(2*pause, time.Second) {
		if muster.Sleep(ctx, n.clock, pause) != nil {
			return nil, err
		}
		again, e := n.store.Commit(ctx, changes...)
		if code := muster.CodeOf(e); code == muster.CodeUnknown || code == muster.CodeUnavailable {
			continue // what the first try did is as unknown as before
		}
		outcomes, err = again, e
	}
	return outcomes, err
}
