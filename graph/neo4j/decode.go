package neo4j

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/neo4j/neo4j-go-driver/v5/neo4j"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/graph"
)

// reader turns nodes into records. Neo4j shows readers what a commit has applied so far, so a node may come half old,
// half new, and a root without its newest part; the checksums tell. What doesn't agree after several readings was
// changed by hand and is taken as it is.
type reader struct {
	lenient bool
	torn    bool
}

const strictReadings = 9

// pause waits 1, 2, 4, ... ms, half a second in all before a reader is lenient.
func pause(ctx context.Context, reading int) error {
	timer := time.NewTimer(time.Millisecond << (reading - 1))
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// mismatch notes that what was read doesn't agree.
func (r *reader) mismatch() { r.torn = r.torn || !r.lenient }

// record decodes a node.
func (r *reader) record(n neo4j.Node) (muster.Record, error) {
	id, _ := n.Props["id"].(string)
	k := kinds[muster.KindOf(id)]
	if k == nil {
		return nil, fmt.Errorf("node %q is no record", id)
	}
	values := make([]any, len(k.Fields))
	for _, i := range k.decoded {
		values[i] = n.Props[k.Fields[i].Name]
	}
	if n.Props["_sum"] != k.sumOf(values) { // or it isn't there: a property may go and come back while a commit is applied
		r.mismatch()
	}
	return k.Decode(values)
}

// one decodes a node of a kind; nil stands for none.
func one[P muster.Record](r *reader, v any) (p P, err error) {
	n, ok := v.(neo4j.Node)
	if !ok {
		return p, nil
	}
	found, err := r.record(n)
	if err != nil {
		return p, err
	}
	p, ok = found.(P)
	if !ok {
		return p, fmt.Errorf("%s is not a %s", found.RecordID(), p.Kind())
	}
	return p, nil
}

// many decodes a list of nodes of one kind.
func many[P muster.Record](r *reader, v any) ([]P, error) {
	nodes, _ := v.([]any)
	if len(nodes) == 0 {
		return nil, nil
	}
	out := make([]P, 0, len(nodes))
	for _, n := range nodes {
		p, err := one[P](r, n)
		if err != nil {
			return nil, err
		}
		out = append(out, p)
	}
	return out, nil
}

// rows decodes the one column of a result.
func rows[P muster.Record](r *reader, records []*neo4j.Record) ([]P, error) {
	if len(records) == 0 {
		return nil, nil
	}
	out := make([]P, 0, len(records))
	for _, rec := range records {
		p, err := one[P](r, rec.Values[0])
		if err != nil {
			return nil, err
		}
		out = append(out, p)
	}
	return out, nil
}

// whole checks that a root and its parts were read at one revision: rev is the root's revision before anything else was
// read, and the root keeps the exclusive or of its parts' sums.
func (r *reader) whole(root any, rev any, parts ...any) {
	n, ok := root.(neo4j.Node)
	if !ok {
		return
	}
	sums, _ := n.Props["_parts"].(int64)
	for _, list := range parts {
		nodes, _ := list.([]any)
		for _, p := range nodes {
			switch p := p.(type) {
			case neo4j.Node:
				sum, _ := p.Props["_sum"].(int64)
				sums ^= sum
			case int64: // of one that was left out
				sums ^= p
			}
		}
	}
	if sums != 0 || n.Props["rev"] != rev {
		r.mismatch()
	}
}

// replayed gives *graph.Replayed if a command was found.
func replayed(v any) error {
	n, ok := v.(neo4j.Node)
	if !ok {
		return nil
	}
	o, err := outcome(n)
	if err != nil {
		return err
	}
	return &graph.Replayed{Outcome: o}
}

func outcome(n neo4j.Node) (muster.Outcome, error) {
	o := muster.Outcome{
		ID: muster.CommandID(text(n.Props["id"])), Name: text(n.Props["name"]),
		Fingerprint: text(n.Props["fingerprint"]), At: graph.FromMicros(whole64(n.Props["at"])),
	}
	if result, ok := n.Props["result"].(string); ok {
		o.Result = json.RawMessage(result)
	}
	if err := json.Unmarshal([]byte(text(n.Props["actor"])), &o.Actor); err != nil {
		return o, fmt.Errorf("actor of command %s: %w", o.ID, err)
	}
	return o, nil
}

func event(v any) (muster.Event, error) {
	n, ok := v.(neo4j.Node)
	if !ok {
		return muster.Event{}, fmt.Errorf("%T is no event", v)
	}
	e := muster.Event{
		Aggregate: text(n.Props["aggregate"]), Rev: whole64(n.Props["rev"]), Name: text(n.Props["name"]),
		Version: int(whole64(n.Props["version"])), At: graph.FromMicros(whole64(n.Props["at"])),
		Command: muster.CommandID(text(n.Props["command"])), Seq: whole64(n.Props["seq"]),
	}
	if body, ok := n.Props["body"].(string); ok {
		e.Body = json.RawMessage(body)
	}
	if err := json.Unmarshal([]byte(text(n.Props["actor"])), &e.Actor); err != nil {
		return e, fmt.Errorf("actor of %s/%d: %w", e.Aggregate, e.Rev, err)
	}
	return e, nil
}

func text(v any) string {
	s, _ := v.(string)
	return s
}

func whole64(v any) int64 {
	n, _ := v.(int64)
	return n
}
