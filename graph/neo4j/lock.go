package neo4j

import (
	"errors"
	"fmt"

	"github.com/neo4j/neo4j-go-driver/v5/neo4j"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/graph"
)

// locks is what a batch locks and reads.
type locks struct {
	keys, roots, commands []string // ascending
	parts                 []string // the same, those that may exist already
}

// locksOf leaves out the parts that the batch's commands make, unless all are wanted: the id of what a command makes is
// a function of the command, so that it exists only if the command was carried out before.
func locksOf(changes []graph.Change, all bool) locks {
	var l locks
	l.keys, l.roots = graph.LockSet(changes)
	for _, c := range changes {
		l.commands = append(l.commands, string(c.Command.ID))
		absent := make(map[string]bool)
		made := make(map[muster.Kind]int)
		for _, g := range c.Expect {
			if g.Absent {
				absent[g.ID] = true
			}
		}
		for _, r := range c.Put {
			if r.RecordID() == r.RootID() || absent[r.RootID()] {
				continue
			}
			if k := r.Kind(); !all && r.RecordID() == muster.NewID(k, c.Command.ID, made[k]) {
				made[k]++
				continue
			}
			l.parts = append(l.parts, r.RecordID())
		}
	}
	l.parts, l.commands = distinct(l.parts), distinct(l.commands) // Neo4j locks what it finds to be missing
	return l
}

// state is what a batch is judged against, and what its records were.
type state struct {
	graph.State
	before map[string]before // by id, of the records that exist
	keys   map[string]string // element ids
}

// before is what the store has of a record that is put, or that an edge goes to.
type before struct {
	element string // its element id
	edges   int64
	sum     int64
	parts   int64 // of a root: the exclusive or of its parts' sums
}

// errUnlocked means that a key was pruned while its lock was waited for.
var errUnlocked = errors.New("a key was pruned while its lock was waited for")

// lock takes the locks of a batch and reads what it is judged by, but for the commands.
func (s *Store) lock(tx transaction, l locks) (*state, error) {
	tag := s.tag()
	records, err := tx.run("commit_lock", parameters{"keys": l.keys, "roots": l.roots, "parts": l.parts, "tag": tag})
	if err != nil {
		return nil, err
	}
	if len(records) != 1 {
		return nil, fmt.Errorf("%d rows of locks", len(records))
	}
	st := &state{
		State: graph.State{
			Commands: make(map[muster.CommandID]muster.Outcome),
			Roots:    make(map[string]graph.RootState, len(l.roots)),
			Owners:   make(map[muster.Key]string),
		},
		before: make(map[string]before, len(l.roots)+len(l.parts)),
		keys:   make(map[string]string, len(l.keys)),
	}
	row := records[0].AsMap()
	if err := graph.CheckVersion("the graph at "+s.where, int(whole64(row["version"]))); err != nil {
		return nil, err // it was brought to another version since it was opened
	}
	owners := listOf(row["owners"])
	if len(owners) != len(l.keys) {
		return nil, errUnlocked
	}
	for _, v := range owners {
		k := listOf(v)
		key := text(k[0])
		if k[2] != tag {
			return nil, errUnlocked
		}
		st.keys[key] = text(k[1])
		if owner := text(k[3]); owner != "" {
			st.Owners[muster.Key(key)] = owner
		}
	}
	for _, v := range listOf(row["roots"]) {
		r := listOf(v)
		id := text(r[0])
		if r[2] != tag {
			return nil, fmt.Errorf("%s was read without its lock", id)
		}
		st.Roots[id] = graph.RootState{Rev: whole64(r[3]), Fence: whole64(r[4]), Alive: r[5] == nil}
		st.before[id] = before{element: text(r[1]), edges: whole64(r[6]), sum: whole64(r[7]), parts: whole64(r[8])}
	}
	for _, v := range listOf(row["parts"]) {
		p := listOf(v)
		st.before[text(p[0])] = before{element: text(p[1]), edges: whole64(p[2]), sum: whole64(p[3])}
	}
	return st, nil
}

// recall reads which commands of a batch were carried out before.
func (st *state) recall(tx transaction, l locks) error {
	records, err := tx.run("commit_known", parameters{"commands": l.commands})
	if err != nil {
		return err
	}
	for _, rec := range records {
		n, ok := rec.Values[0].(neo4j.Node)
		if !ok {
			return fmt.Errorf("%T is no command", rec.Values[0])
		}
		o, err := outcome(n)
		if err != nil {
			return err
		}
		st.Commands[o.ID] = o
	}
	return nil
}

func listOf(v any) []any {
	l, _ := v.([]any)
	return l
}
