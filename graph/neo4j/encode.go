package neo4j

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"hash/crc64"
	"math"
	"slices"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/graph"
)

// kind is a row of the schema table with what this store adds.
type kind struct {
	graph.Spec
	root    bool
	sorted  []bool // by field: an index rests on it, so that a node without a value would be missed
	decoded []int  // positions of the fields that are read back
}

var kinds = func() map[muster.Kind]*kind {
	m := make(map[muster.Kind]*kind, len(graph.Schema))
	for _, spec := range graph.Schema {
		k := &kind{Spec: spec, root: spec.Kind.IsRoot(), sorted: make([]bool, len(spec.Fields))}
		for i, f := range spec.Fields {
			if !f.Derived {
				k.decoded = append(k.decoded, i)
			}
			k.sorted[i] = slices.ContainsFunc(spec.Indexes, func(x graph.Index) bool { return slices.Contains(x.Fields, f.Name) })
		}
		m[spec.Kind] = k
	}
	return m
}()

// never is how the zero time is kept where an index rests on it; it reads back as the zero time.
const never = -62135596800000000

// maxIndexed is how many bytes a text may have that Neo4j indexes, with room for the others of the index.
const maxIndexed = 2000

// encoded is a record as a node: its properties, what tells whether it changed, and its edges.
type encoded struct {
	kind       *kind
	properties map[string]any
	sum        int64 // of the fields, see sumOf
	ends       []end
	edges      int64 // hash of ends, 0 without any
}

// end is one edge of a record.
type end struct {
	edge       *graph.Edge
	id         string
	properties map[string]any
}

// encode turns a record into a node's properties. Values that are zero are left out unless an index rests on them.
func encode(r muster.Record) (*encoded, error) {
	k := kinds[r.Kind()]
	values := k.Encode(r)
	if err := k.CheckText(values); err != nil {
		return nil, err
	}
	e := &encoded{kind: k, properties: make(map[string]any, len(values)+8)}
	for i, v := range values {
		f := k.Fields[i]
		if k.sorted[i] {
			if text, ok := v.(string); ok && len(text) > maxIndexed {
				return nil, tooLong(fmt.Sprintf("%s.%s", k.Kind, f.Name), text)
			}
			if v == nil && f.Type == graph.Time {
				v = int64(never)
			}
		}
		if v == nil || !k.sorted[i] && !f.Derived && zero(v) {
			continue
		}
		e.properties[f.Name] = v
	}
	e.sum = k.sumOf(values)
	e.properties["_sum"] = e.sum
	e.addEdges(r)
	switch r := r.(type) {
	case *muster.Tour: // whom it visits, for expert_case
		tickets := make([]string, 0, len(r.Stops))
		for _, stop := range r.Stops {
			tickets = append(tickets, string(stop.Ticket))
		}
		e.list("_tickets", tickets)
	case *muster.Expert: // for experts: the edges to skills end in hubs
		skills := make([]string, 0, len(r.Skills))
		for _, has := range r.Skills {
			skills = append(skills, string(has.Skill))
		}
		e.list("_skills", skills)
	}
	if root, ok := r.(muster.Root); ok && !root.Alive() {
		e.properties["_dead"] = true
	}
	if timed, ok := r.(muster.Timed); ok && !timed.Terminal() {
		if name, at, ok := timed.Deadlines().Next(); ok {
			e.properties["_lane"] = string(name.Lane())
			e.properties["_shard"] = int64(muster.ShardOf(r.RecordID()))
			e.properties["_next_at"] = at.UnixMicro()
		}
	}
	return e, nil
}

func (e *encoded) list(name string, values []string) {
	if len(values) > 0 {
		e.properties[name] = values
	}
}

func zero(v any) bool { return v == int64(0) || v == float64(0) || v == false }

func tooLong(field, text string) error {
	e := muster.E(muster.CodeTooLarge, fmt.Sprintf("%s has %d bytes", field, len(text)),
		fmt.Sprintf("at most %d; shorten it", maxIndexed))
	e.Field = field
	return e
}

// addEdges collects the edges that follow from a record, each once.
func (e *encoded) addEdges(r muster.Record) {
	var b []byte
	for i := range e.kind.Edges {
		edge := &e.kind.Edges[i]
		first := len(e.ends)
		for _, t := range edge.Targets(r) {
			if t.ID == "" || len(t.ID) > maxIndexed || slices.ContainsFunc(e.ends[first:], func(o end) bool { return o.id == t.ID }) {
				continue
			}
			e.ends = append(e.ends, end{edge: edge, id: t.ID, properties: t.Props})
			b = append(append(append(append(b, edge.Type...), 0), t.ID...), 0)
			for _, p := range edge.Props {
				n, _ := t.Props[p].(int64)
				b = binary.LittleEndian.AppendUint64(b, uint64(n))
			}
		}
	}
	if len(e.ends) > 0 {
		e.edges = int64(crc64.Checksum(b, polynomial))
		e.properties["_edges"] = e.edges
	}
}

var polynomial = crc64.MakeTable(crc64.ECMA)

// sumOf is a checksum over the values that are read back. Neo4j lets a reader see a commit that is being applied: some
// properties of a node as they were, others as they are going to be. The sum tells.
func (k *kind) sumOf(values []any) int64 {
	b := make([]byte, 0, 1024)
	for _, i := range k.decoded {
		v := values[i]
		if v == nil || zero(v) || v == int64(never) {
			continue
		}
		b = append(b, byte(i))
		switch v := v.(type) {
		case string:
			b = binary.AppendUvarint(b, uint64(len(v)))
			b = append(b, v...)
		case int64:
			b = binary.LittleEndian.AppendUint64(b, uint64(v))
		case float64:
			b = binary.LittleEndian.AppendUint64(b, math.Float64bits(v))
		case bool:
			b = append(b, 1)
		}
	}
	return int64(crc64.Checksum(b, polynomial))
}

// actorText is an actor as it is kept with commands and events.
func actorText(a muster.Actor) string {
	b, err := json.Marshal(a)
	if err != nil {
		panic("neo4j: an actor without a JSON form: " + err.Error()) // a type error of ours
	}
	return string(b)
}

func rawText(m json.RawMessage) any {
	if m == nil {
		return nil
	}
	return string(m)
}
