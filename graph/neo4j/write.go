package neo4j

import (
	"slices"
	"time"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/graph"
)

// writer collects the parameters of commit_write.
type writer struct {
	created, changed []any
	untied           []string // changed records whose edges are written anew, by element id
	bare             map[string]string
	edges            []any
	near, far        []string       // ends of edges that are not created here: element ids, and ids
	position         map[string]int // by id, of created nodes, then near, then far
}

// writing gives the parameters of commit_write for what a batch leaves.
func writing(w graph.Writes, st *state, l locks, records map[muster.Record]*encoded, now time.Time) parameters {
	parts := partSums(w.Records, st, records)
	out := writer{bare: make(map[string]string), position: make(map[string]int)}
	var loose []muster.Record // those whose edges are to be written
	for _, r := range w.Records {
		id, e := r.RecordID(), records[r]
		if e.kind.root {
			e.properties["_fence"] = st.Roots[id].Fence
			delete(e.properties, "_parts")
			if sums := parts[id]; sums != 0 {
				e.properties["_parts"] = sums
			}
		}
		was, exists := st.before[id]
		switch {
		case !exists:
			out.position[id] = len(out.created)
			out.created = append(out.created, []any{e.kind.Label, e.properties})
		default:
			out.changed = append(out.changed, []any{was.element, e.properties})
			if was.edges == e.edges {
				continue
			}
			out.untied = append(out.untied, was.element)
		}
		loose = append(loose, r)
	}
	for _, r := range loose {
		out.locate(r.RecordID(), st)
		for _, to := range records[r].ends {
			out.locate(to.id, st)
		}
	}
	for _, r := range loose {
		out.tie(r.RecordID(), records[r])
	}
	jobs, others := commandNodes(w.Commands)
	return parameters{
		"released": released(l, st), "claimed": claimed(w.Claimed, st), "now": now.UnixMicro(),
		"bare": out.bareNodes(), "created": out.created, "changed": out.changed, "untied": out.untied,
		"near": out.near, "far": out.far, "edges": out.edges,
		"events": eventNodes(w.Events), "commands": others, "jobs": jobs,
	}
}

// partSums gives for roots that are put the exclusive or of their parts' sums after the batch.
func partSums(put []muster.Record, st *state, records map[muster.Record]*encoded) map[string]int64 {
	sums := make(map[string]int64)
	for _, r := range put {
		id, root := r.RecordID(), r.RootID()
		if id == root {
			sums[root] ^= st.before[id].parts
			continue
		}
		sums[root] ^= st.before[id].sum ^ records[r].sum
	}
	return sums
}

// locate gives a node that was locked or read its position.
func (w *writer) locate(id string, st *state) {
	was, found := st.before[id]
	if _, known := w.position[id]; known || !found {
		return
	}
	w.position[id] = len(w.created) + len(w.near)
	w.near = append(w.near, was.element)
}

// tie adds a record's edges. All that can be located is.
func (w *writer) tie(id string, e *encoded) {
	for _, to := range e.ends {
		if to.edge.Merge {
			w.bare[to.id] = to.edge.To
		}
		from, into := w.at(id), w.at(to.id)
		if to.edge.Reverse {
			from, into = into, from
		}
		w.edges = append(w.edges, []any{from, into, to.edge.Type, to.properties})
	}
}

// at is a node's position.
func (w *writer) at(id string) int {
	n, ok := w.position[id]
	if !ok {
		n = len(w.created) + len(w.near) + len(w.far)
		w.far = append(w.far, id)
		w.position[id] = n
	}
	return n
}

// bareNodes are ascending, so that sessions that create the same cells don't deadlock.
func (w *writer) bareNodes() []any {
	ids := make([]string, 0, len(w.bare))
	for id := range w.bare {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	out := make([]any, len(ids))
	for i, id := range ids {
		out[i] = []any{id, w.bare[id]}
	}
	return out
}

// released are the element ids of the locked keys that nobody holds after the batch: those that were given back, and those that were only
// looked at.
func released(l locks, st *state) []string {
	var out []string
	for _, key := range l.keys {
		if st.Owners[muster.Key(key)] == "" {
			out = append(out, st.keys[key])
		}
	}
	return out
}

func claimed(claims []muster.Claim, st *state) []any {
	out := make([]any, len(claims))
	for i, k := range claims {
		out[i] = []any{st.keys[string(k.Key)], k.Owner}
	}
	return out
}

func eventNodes(events []muster.Event) []any {
	out := make([]any, len(events))
	for i, e := range events {
		at := e.At.UnixMicro()
		out[i] = map[string]any{
			"aggregate": e.Aggregate, "rev": e.Rev, "name": e.Name, "version": e.Version, "at": at, "pending": at,
			"actor": actorText(e.Actor), "command": string(e.Command), "body": rawText(e.Body),
		}
	}
	return out
}

// commandNodes parts the commands of jobs from all others: they are forgotten sooner.
func commandNodes(commands []muster.Outcome) (jobs, others []any) {
	jobs, others = []any{}, []any{}
	for _, o := range commands {
		node := map[string]any{
			"id": string(o.ID), "name": o.Name, "actor": actorText(o.Actor), "fingerprint": o.Fingerprint,
			"at": o.At.UnixMicro(), "result": rawText(o.Result),
		}
		if o.Actor.Job() {
			jobs = append(jobs, node)
		} else {
			others = append(others, node)
		}
	}
	return jobs, others
}
