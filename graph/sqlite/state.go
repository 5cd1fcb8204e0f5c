package sqlite

import (
	"database/sql"
	"encoding/json"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/graph"
)

// state is what a batch is judged against, and what its records were.
type state struct {
	graph.State
	before map[string]row // by id, of the records that exist
}

// row is what the store has of a record before it is put.
type row struct {
	n       int64
	watched []any // the values of table.watched
}

// readState reads the commands, keys and roots that a batch depends on, in a statement for each table.
func readState(q query, changes []graph.Change) (*state, error) {
	st := &state{
		State: graph.State{
			Commands: make(map[muster.CommandID]muster.Outcome, len(changes)),
			Roots:    make(map[string]graph.RootState, 2*len(changes)),
			Owners:   make(map[muster.Key]string, len(changes)),
		},
		before: make(map[string]row, len(changes)),
	}
	commands := make([]muster.CommandID, len(changes))
	for i, c := range changes {
		commands[i] = c.Command.ID
	}
	if err := readCommands(q, commands, func(o muster.Outcome) { st.Commands[o.ID] = o }); err != nil {
		return nil, err
	}
	keys, ids := graph.LockSet(changes)
	if err := readOwners(q, keys, st.Owners); err != nil {
		return nil, err
	}
	return st, st.read(q, ids)
}

func (st *state) read(q query, ids []string) error {
	return eachKind(ids, func(t *table, ids []string) error { return st.readRows(q, t, ids) })
}

// readRows reads what the store has of records of one kind.
func (st *state) readRows(q query, t *table, ids []string) error {
	own := `t."rev", t.alive, t.fence`
	if !t.root {
		own = "0, true, 0"
	}
	text := `SELECT t."id", t.nr, ` + own
	for _, i := range t.watched {
		text += ", t." + t.columns[i]
	}
	text += " FROM json_each(?) j CROSS JOIN " + t.name + ` t ON t."id" = j.value`
	return q.each(text, []any{list(ids)}, func(rows *sql.Rows) error {
		var id string
		var r graph.RootState
		b := row{watched: make([]any, len(t.watched))}
		into := []any{&id, &b.n, &r.Rev, &r.Alive, &r.Fence}
		for i := range b.watched {
			into = append(into, &b.watched[i])
		}
		if err := rows.Scan(into...); err != nil {
			return err
		}
		st.before[id] = b
		if t.root {
			st.Roots[id] = r
		}
		return nil
	})
}

func readOwners[S ~string](q query, keys []S, into map[muster.Key]string) error {
	if len(keys) == 0 {
		return nil
	}
	return q.each("SELECT k.key, k.owner FROM json_each(?) j CROSS JOIN key k ON k.key = j.value", []any{list(keys)},
		func(rows *sql.Rows) error {
			var key muster.Key
			var owner string
			if err := rows.Scan(&key, &owner); err != nil {
				return err
			}
			into[key] = owner
			return nil
		})
}

func readCommands(q query, ids []muster.CommandID, found func(muster.Outcome)) error {
	if len(ids) == 1 {
		return outcomes(q, "command c WHERE c.id = ?", []any{string(ids[0])}, found)
	}
	return outcomes(q, "json_each(?) j CROSS JOIN command c ON c.id = j.value", []any{list(ids)}, found)
}

// outcomes reads commands; tail follows "SELECT ... FROM", with the table as c.
func outcomes(q query, tail string, args []any, found func(muster.Outcome)) error {
	return q.each("SELECT c.id, c.name, c.actor, c.fingerprint, c.at, c.result FROM "+tail, args, func(rows *sql.Rows) error {
		var o muster.Outcome
		var actor string
		var at int64
		var result sql.NullString
		if err := rows.Scan(&o.ID, &o.Name, &actor, &o.Fingerprint, &at, &result); err != nil {
			return err
		}
		o.At = graph.FromMicros(at)
		if result.Valid {
			o.Result = json.RawMessage(result.String)
		}
		if err := json.Unmarshal([]byte(actor), &o.Actor); err != nil {
			return err
		}
		found(o)
		return nil
	})
}

// replayed returns *graph.Replayed if a command was carried out already.
func replayed(q query, id muster.CommandID) (err error) {
	if id == "" {
		return nil
	}
	e := readCommands(q, []muster.CommandID{id}, func(o muster.Outcome) { err = &graph.Replayed{Outcome: o} })
	if e != nil {
		return e
	}
	return err
}
