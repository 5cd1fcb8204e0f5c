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
	parts                 []string // the same, of aggregates that may exist already
}

func locksOf(changes []graph.Change) locks {
	var l locks
	l.keys, l.roots = graph.LockSet(changes)
	for _, c := range changes {
		l.commands = append(l.commands, string(c.Command.ID))
		absent := make(map[string]bool)
		for _, g := range c.Expect {
			if g.Absent {
				absent[g.ID] = true
			}
		}
		for _, r := range c.Put {
			if r.RecordID() != r.RootID() && !absent[r.RootID()] {
				l.parts = append(l.parts, r.RecordID())
			}
		}
	}
	l.parts, l.commands = distinct(l.parts), distinct(l.commands) // Neo4j locks what it finds to be missing
	return l
}

// state is what a batch is judged against, and what its records were.
type state struct {
	graph.State
	before map[string]before // by id, of the records that exist
}

// before is what the store has of a record that is put.
type before struct {
	edges int64
	sum   int64
	parts int64 // of a root: the exclusive or of its parts' sums
}

// errUnlocked means that a key was pruned while its lock was waited for.
var errUnlocked = errors.New("a key was pruned while its lock was waited for")

// lock takes the locks of a batch and reads what it is judged by.
func (s *Store) lock(tx transaction, l locks) (*state, error) {
	tag := s.tag()
	records, err := tx.run("commit_lock", parameters{
		"keys": l.keys, "roots": l.roots, "parts": l.parts, "commands": l.commands, "tag": tag,
	})
	if err != nil {
		return nil, err
	}
	if len(records) != 1 {
		return nil, fmt.Errorf("%d rows of locks", len(records))
	}
	st := &state{
		State: graph.State{
			Commands: make(map[muster.CommandID]muster.Outcome),
			Roots:    make(map[string]graph.RootState),
			Owners:   make(map[muster.Key]string),
		},
		before: make(map[string]before),
	}
	row := records[0].AsMap()
	owners := listOf(row["owners"])
	if len(owners) != len(l.keys) {
		return nil, errUnlocked
	}
	for _, v := range owners {
		k := listOf(v)
		if k[1] != tag {
			return nil, errUnlocked
		}
		if owner := text(k[2]); owner != "" {
			st.Owners[muster.Key(text(k[0]))] = owner
		}
	}
	for _, v := range listOf(row["roots"]) {
		r := listOf(v)
		id := text(r[0])
		if r[1] != tag {
			return nil, fmt.Errorf("%s was read without its lock", id)
		}
		st.Roots[id] = graph.RootState{Rev: whole64(r[2]), Fence: whole64(r[3]), Alive: r[4] == nil}
		st.before[id] = before{edges: whole64(r[5]), sum: whole64(r[6]), parts: whole64(r[7])}
	}
	for _, v := range listOf(row["parts"]) {
		p := listOf(v)
		st.before[text(p[0])] = before{edges: whole64(p[1]), sum: whole64(p[2])}
	}
	for _, v := range listOf(row["commands"]) {
		n, ok := v.(neo4j.Node)
		if !ok {
			return nil, fmt.Errorf("%T is no command", v)
		}
		o, err := outcome(n)
		if err != nil {
			return nil, err
		}
		st.Commands[o.ID] = o
	}
	return st, nil
}

func listOf(v any) []any {
	l, _ := v.([]any)
	return l
}
