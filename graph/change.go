package graph

import (
	"encoding/json"
	"fmt"
	"slices"
	"time"
	"unicode/utf8"

	"github.com/sysopssquad/muster"
)

// A Change is everything that one decision does to the graph: all of it happens, or none.
type Change struct {
	Command muster.Command
	At      time.Time       // when it was decided
	Result  json.RawMessage // the answer, stored for replay
	Expect  []Guard         // checked, not bumped
	Put     []muster.Record // root or part of an aggregate, whole value after the decision
	Release []muster.Claim  // done before the claims
	Claim   []muster.Claim
	Events  []muster.Event
}

// Guard is a condition on an aggregate. Exactly one of Rev, Absent, Alive and Fence is set.
type Guard struct {
	ID     string `json:"id"`
	Rev    int64  `json:"rev,omitempty"`
	Absent bool   `json:"absent,omitempty"`
	Alive  bool   `json:"alive,omitempty"`
	Fence  int64  `json:"fence,omitempty"`
}

// At expects an aggregate at a revision.
func At(id string, rev int64) Guard { return Guard{ID: id, Rev: rev} }

// Absent expects that there is no such aggregate.
func Absent(id string) Guard { return Guard{ID: id, Absent: true} }

// Alive expects that an aggregate exists and is not removed.
func Alive(id string) Guard { return Guard{ID: id, Alive: true} }

// Fenced expects that an aggregate's timer has not been claimed since.
func Fenced(id string, fence int64) Guard { return Guard{ID: id, Fence: fence} }

// Sizes that a change may have; what exceeds them is refused whole.
const (
	MaxRecords    = 60_000 // of one change
	MaxTextBytes  = 64 << 10
	MaxBatch      = 5_000 // changes of one commit
	MaxEventBytes = 1 << 20
)

// Check refuses a change that breaks a rule of the design whatever the store holds: a root that is put
// without a guard on the revision before it, a part without its root, a bump without exactly one event, an
// open ticket without a timer. These are defects of the caller (CodeInternal), but for sizes and text.
func (c Change) Check() error {
	if c.Command.ID == "" || c.Command.Fingerprint == "" || c.Command.Name == "" {
		return internal("a change without a command's id, name or fingerprint")
	}
	if len(c.Put) > MaxRecords {
		return muster.E(muster.CodeTooLarge, fmt.Sprintf("a change of %d records", len(c.Put)),
			fmt.Sprintf("at most %d; split it", MaxRecords))
	}
	guards := make(map[string]Guard, len(c.Expect))
	for _, g := range c.Expect {
		if n := btoi(g.Rev > 0) + btoi(g.Absent) + btoi(g.Alive) + btoi(g.Fence > 0); n != 1 || g.ID == "" {
			return internal(fmt.Sprintf("guard %+v needs an id and exactly one condition", g))
		}
		if !muster.KindOf(g.ID).IsRoot() {
			return internal(fmt.Sprintf("guard on %s, which is not an aggregate", g.ID))
		}
		if g.Rev > 0 || g.Absent {
			if other, twice := guards[g.ID]; twice && other != g {
				return internal(fmt.Sprintf("guards %+v and %+v can't both hold", other, g))
			}
			guards[g.ID] = g
		}
	}
	if err := c.checkKeys(); err != nil {
		return err
	}
	bumped := make(map[string]int64)
	for _, r := range c.Put {
		if muster.KindOf(r.RecordID()) != r.Kind() {
			return internal(fmt.Sprintf("record %q is not named as a %s", r.RecordID(), r.Kind()))
		}
		root, ok := r.(muster.Root)
		if !ok {
			continue
		}
		g, guarded := guards[root.RecordID()]
		if !guarded || g.Absent && root.Revision() != 1 || !g.Absent && root.Revision() != g.Rev+1 {
			return internal(fmt.Sprintf("%s is put at revision %d without a guard on the one before", root.RecordID(), root.Revision()))
		}
		if _, twice := bumped[root.RecordID()]; twice {
			return internal(root.RecordID() + " is put twice")
		}
		bumped[root.RecordID()] = root.Revision()
		if t, ok := r.(muster.Timed); ok {
			if _, _, any := t.Deadlines().Next(); !any && !t.Terminal() {
				return internal(root.RecordID() + " is open and has no timer")
			}
		}
	}
	for _, r := range c.Put {
		if _, ok := bumped[r.RootID()]; !ok {
			return internal(fmt.Sprintf("%s is put without its root %s", r.RecordID(), r.RootID()))
		}
	}
	told := make(map[string]bool, len(c.Events))
	for _, e := range c.Events {
		rev, ok := bumped[e.Aggregate]
		if !ok || rev != e.Rev || told[e.Aggregate] {
			return internal(fmt.Sprintf("event %s of %s/%d doesn't tell of exactly one bump", e.Name, e.Aggregate, e.Rev))
		}
		if len(e.Body) > MaxEventBytes {
			return muster.E(muster.CodeTooLarge, fmt.Sprintf("an event of %d bytes", len(e.Body)), "shorten the texts of the aggregate")
		}
		if !utf8.Valid(e.Body) {
			return muster.Invalid("body", e.Aggregate, "text must be valid UTF-8")
		}
		told[e.Aggregate] = true
	}
	if len(told) != len(bumped) {
		return internal(fmt.Sprintf("%d bumps and %d events", len(bumped), len(told)))
	}
	return nil
}

// checkKeys refuses keys without a name or an owner, and a key that is claimed for two.
func (c Change) checkKeys() error {
	owner := make(map[muster.Key]string, len(c.Claim))
	for _, k := range slices.Concat(c.Release, c.Claim) {
		if k.Key == "" || k.Owner == "" {
			return internal(fmt.Sprintf("key %q for %q needs both", k.Key, k.Owner))
		}
	}
	for _, k := range c.Claim {
		if other, twice := owner[k.Key]; twice && other != k.Owner {
			return internal(fmt.Sprintf("key %s is claimed for %s and for %s", k.Key, other, k.Owner))
		}
		owner[k.Key] = k.Owner
	}
	return nil
}

// Outcome says what became of a change.
type Outcome struct {
	Accepted bool // written, now or before
	Replayed bool // before: Result is the first answer
	Reused   bool // refused: the command's id is known with another fingerprint
	Result   json.RawMessage
	Failed   []Failed // refused: every guard that failed
	Taken    []Taken  // refused: every key that belongs to another
}

// Failed is a guard that didn't hold, with what the store has. Rev is 0 if there is no such aggregate.
type Failed struct {
	Guard Guard `json:"guard"`
	Rev   int64 `json:"rev"`
	Alive bool  `json:"alive"`
	Fence int64 `json:"fence,omitempty"`
}

// Taken is a key that could not be claimed, or given back by one who doesn't hold it.
type Taken struct {
	Claim muster.Claim `json:"claim"`
	Owner string       `json:"owner"`
}

// Err is the refusal as an error, nil if the change was accepted.
func (o Outcome) Err() error {
	switch {
	case o.Accepted:
		return nil
	case o.Reused:
		return muster.E(muster.CodeReused, "this command id was used for another request", "use a new id for a new request")
	case len(o.Failed) > 0: // before taken: on what is there now, it may ask for another key
		f := o.Failed[0]
		return muster.E(muster.CodeConflict,
			fmt.Sprintf("%s is at revision %d now", f.Guard.ID, f.Rev), "reload and decide again")
	case len(o.Taken) > 0:
		t := o.Taken[0]
		return muster.E(muster.CodeTaken, fmt.Sprintf("%s belongs to %s", t.Claim.Key, t.Owner), "use what is there, or choose another")
	}
	return muster.E(muster.CodeInternal, "a change was refused without a reason", "report this")
}

// LockSet gives the keys and aggregate ids that a batch must lock, each ascending: keys first, then
// ids; no other order is ever used, so batches can't deadlock.
func LockSet(changes []Change) (keys []string, ids []string) {
	for _, c := range changes {
		for _, k := range c.Claim {
			keys = append(keys, string(k.Key))
		}
		for _, k := range c.Release {
			keys = append(keys, string(k.Key))
		}
		for _, g := range c.Expect {
			ids = append(ids, g.ID)
		}
	}
	slices.Sort(keys)
	slices.Sort(ids)
	return slices.Compact(keys), slices.Compact(ids)
}

// State is what a transaction read after it took its locks, for judging.
type State struct {
	Commands map[muster.CommandID]muster.Outcome // those of the batch that are known
	Roots    map[string]RootState                // those of the lock set that exist
	Owners   map[muster.Key]string               // those of the lock set that are held
}

// RootState is what guards compare.
type RootState struct {
	Rev   int64
	Alive bool
	Fence int64
}

// Judge decides on each change in order, against the state and what the accepted ones before it did to
// it. It alters the state to that after the batch.
func Judge(s *State, changes []Change) []Outcome {
	out := make([]Outcome, len(changes))
	for i, c := range changes {
		if known, ok := s.Commands[c.Command.ID]; ok {
			if known.Fingerprint == c.Command.Fingerprint {
				out[i] = Outcome{Accepted: true, Replayed: true, Result: known.Result}
			} else {
				out[i] = Outcome{Reused: true}
			}
			continue
		}
		o := Outcome{Failed: failures(s, c.Expect), Taken: taken(s, c)}
		if len(o.Failed) > 0 || len(o.Taken) > 0 {
			out[i] = o
			continue
		}
		for _, k := range c.Release {
			delete(s.Owners, k.Key)
		}
		for _, k := range c.Claim {
			s.Owners[k.Key] = k.Owner
		}
		for _, r := range c.Put {
			if root, ok := r.(muster.Root); ok {
				st := s.Roots[root.RecordID()]
				s.Roots[root.RecordID()] = RootState{Rev: root.Revision(), Alive: root.Alive(), Fence: st.Fence + 1}
			}
		}
		s.Commands[c.Command.ID] = c.Stored()
		out[i] = Outcome{Accepted: true, Result: c.Result}
	}
	return out
}

// Stored is the form in which the command is kept for replay.
func (c Change) Stored() muster.Outcome {
	return muster.Outcome{
		ID: c.Command.ID, Name: c.Command.Name, Actor: c.Command.Actor,
		Fingerprint: c.Command.Fingerprint, At: c.At, Result: c.Result,
	}
}

func failures(s *State, guards []Guard) (failed []Failed) {
	for _, g := range guards {
		st, exists := s.Roots[g.ID]
		var ok bool
		switch {
		case g.Absent:
			ok = !exists
		case g.Alive:
			ok = exists && st.Alive
		case g.Fence > 0:
			ok = exists && st.Fence == g.Fence
		default:
			ok = exists && st.Rev == g.Rev
		}
		if !ok {
			failed = append(failed, Failed{Guard: g, Rev: st.Rev, Alive: st.Alive, Fence: st.Fence})
		}
	}
	return failed
}

func taken(s *State, c Change) (out []Taken) {
	for _, k := range c.Release {
		if owner := s.Owners[k.Key]; owner != k.Owner {
			out = append(out, Taken{Claim: k, Owner: owner})
		}
	}
	for _, k := range c.Claim {
		owner, held := s.Owners[k.Key]
		if held && owner != k.Owner && !slices.ContainsFunc(c.Release, func(r muster.Claim) bool { return r.Key == k.Key }) {
			out = append(out, Taken{Claim: k, Owner: owner})
		}
	}
	return out
}

// Writes is what the accepted changes of a batch leave to be written: each record once, at its last value.
type Writes struct {
	Commands []muster.Outcome
	Records  []muster.Record // roots before parts, otherwise in the order of first mention
	Events   []muster.Event
	Released []muster.Claim // keys that are free after the batch
	Claimed  []muster.Claim // keys with their owner after the batch
}

// Merge collects the writes of the changes that were accepted now.
func Merge(changes []Change, outcomes []Outcome) Writes {
	var w Writes
	at := make(map[string]int)
	var roots, parts []muster.Record
	keys := make(map[muster.Key]string)
	var order []muster.Key
	for i, c := range changes {
		if !outcomes[i].Accepted || outcomes[i].Replayed {
			continue
		}
		w.Commands = append(w.Commands, c.Stored())
		for _, e := range c.Events {
			e.Command = c.Command.ID
			w.Events = append(w.Events, e)
		}
		for _, r := range c.Put {
			list := &parts
			if _, ok := r.(muster.Root); ok {
				list = &roots
			}
			if n, seen := at[r.RecordID()]; seen {
				(*list)[n] = r
				continue
			}
			at[r.RecordID()] = len(*list)
			*list = append(*list, r)
		}
		for _, k := range c.Release {
			if _, seen := keys[k.Key]; !seen {
				order = append(order, k.Key)
			}
			keys[k.Key] = ""
		}
		for _, k := range c.Claim {
			if _, seen := keys[k.Key]; !seen {
				order = append(order, k.Key)
			}
			keys[k.Key] = k.Owner
		}
	}
	w.Records = slices.Concat(roots, parts)
	for _, k := range order {
		if keys[k] == "" {
			w.Released = append(w.Released, muster.Claim{Key: k})
		} else {
			w.Claimed = append(w.Claimed, muster.Claim{Key: k, Owner: keys[k]})
		}
	}
	return w
}

func internal(text string) error {
	return muster.E(muster.CodeInternal, text, "this is a defect of Muster; report it")
}

func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
}
