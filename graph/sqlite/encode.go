package sqlite

import (
	"encoding/json"
	"maps"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/graph"
)

// encoded is what a change puts, as the values of the fields' columns.
type encoded map[muster.Record][]any

func encode(c graph.Change) (encoded, error) {
	e := make(encoded, len(c.Put))
	for _, r := range c.Put {
		t := tableOf[r.Kind()]
		values := make([]any, 0, len(t.columns)) // what the store keeps beside the fields follows later
		for _, f := range t.spec.Fields {
			v := f.Get(r)
			if b, ok := v.(bool); ok { // as SQLite gives it back
				v = int64(0)
				if b {
					v = int64(1)
				}
			}
			values = append(values, v)
		}
		if err := t.spec.CheckText(values); err != nil {
			return nil, err
		}
		e[r] = values
	}
	return e, nil
}

// valuesOf puts what several changes put together.
func valuesOf(rows []encoded) map[muster.Record][]any {
	if len(rows) == 1 {
		return rows[0]
	}
	all := make(map[muster.Record][]any)
	for _, e := range rows {
		maps.Copy(all, e)
	}
	return all
}

func actorText(a muster.Actor) string {
	b, err := json.Marshal(a)
	if err != nil {
		panic("sqlite: an actor without a JSON form: " + err.Error()) // a type error of ours
	}
	return string(b)
}

func rawText(m json.RawMessage) any {
	if m == nil {
		return nil
	}
	return string(m)
}
