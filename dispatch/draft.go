package dispatch

import (
	"encoding/json"
	"time"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/graph"
)

// A draft collects what one decision does, to become one change. It is pure: it knows what was loaded and
// the moment of the decision, and reads nothing else. A command works on one ticket; a round puts all
// tickets of one tour into one draft.
type draft struct {
	cmd     muster.Command
	now     time.Time
	on      *setup
	made    map[muster.Kind]int // new things, for their ids
	desks   []*desk
	sheets  []*sheet
	expect  []graph.Guard
	put     []muster.Record
	events  []muster.Event
	release []muster.Claim
	claim   []muster.Claim
}

// EventBody is the body of every event: the aggregate's root after the change, and the parts that the change
// made or altered. A part's kind is told by the prefix of its id. A screen that keeps tickets replaces its
// copy by the root, whose field visit tells of the open visit.
type EventBody struct {
	Root  muster.Root     `json:"root"`
	Parts []muster.Record `json:"parts,omitempty"`
	// Closed is what needed a person before the change and doesn't any more: the event's actor and name say by whom or what.
	Closed []ClosedException `json:"closed,omitempty"`
}

// ClosedException is an exception that is over, or one thing of a call task.
type ClosedException struct {
	Kind  muster.ExceptionKind `json:"kind"`
	Visit muster.VisitID       `json:"visit,omitempty"`
	Since time.Time            `json:"since"`
	Owner muster.UserID        `json:"owner,omitempty"`
	Next  string               `json:"next"`          // what was to be done
	Why   string               `json:"why,omitempty"` // where the event alone doesn't tell
}

// eventVersion is that of the shape of event bodies.
const eventVersion = 1

func newDraft(cmd muster.Command, now time.Time, on *setup) *draft {
	return &draft{cmd: cmd, now: now, on: on, made: make(map[muster.Kind]int, 4)}
}

// id names the next new thing of a kind.
func (d *draft) id(k muster.Kind) string {
	n := d.made[k]
	d.made[k]++
	return muster.NewID(k, d.cmd.ID, n)
}

// rest adds a guard on something that the decision rests on, once.
func (d *draft) rest(g graph.Guard) {
	for _, have := range d.expect {
		if have == g {
			return
		}
	}
	d.expect = append(d.expect, g)
}

// restAlive adds a guard on an aggregate's being there, unless the change puts it or guards its revision.
func (d *draft) restAlive(id string) {
	for _, have := range d.expect {
		if have.ID == id {
			return
		}
	}
	d.expect = append(d.expect, graph.Alive(id))
}

// write puts an aggregate with parts: its revision was before until now, 0 if it is new.
func (d *draft) write(event string, before int64, root muster.Root, parts ...muster.Record) error {
	return d.writeBody(event, before, EventBody{Root: root, Parts: parts})
}

func (d *draft) writeBody(event string, before int64, all EventBody) error {
	root := all.Root
	guard := graph.At(root.RecordID(), before)
	if before == 0 {
		guard = graph.Absent(root.RecordID())
	}
	d.rest(guard)
	body, err := json.Marshal(all)
	if err != nil {
		return muster.E(muster.CodeInternal, event+" has no JSON form", "report this").Because(err)
	}
	d.put = append(append(d.put, root), all.Parts...)
	d.events = append(d.events, muster.Event{
		Aggregate: root.RecordID(), Rev: root.Revision(), Name: event, Version: eventVersion,
		At: d.now, Actor: d.cmd.Actor, Command: d.cmd.ID, Body: body,
	})
	return nil
}

// change is the draft as what is committed. It is called once, at the end.
func (d *draft) change() (graph.Change, error) {
	for _, k := range d.desks {
		k.happen()
	}
	d.forecast()
	for _, k := range d.desks {
		k.close()
		if err := d.writeBody(k.event, k.base, EventBody{Root: &k.ticket, Parts: k.dirty, Closed: k.closed()}); err != nil {
			return graph.Change{}, err
		}
	}
	for _, s := range d.sheets {
		if s.by != nil {
			d.restOnOthers(s)
		}
	}
	for _, s := range d.sheets {
		if !s.dirty {
			continue
		}
		s.tour.Rev = s.base + 1
		if err := d.write("tour.changed", s.base, &s.tour); err != nil {
			return graph.Change{}, err
		}
	}
	return graph.Change{
		Command: d.cmd, At: d.now, Expect: d.expect, Put: d.put,
		Release: d.release, Claim: d.claim, Events: d.events,
	}, nil
}
