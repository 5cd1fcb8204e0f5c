package main

import (
	"context"
	"encoding/gob"
	"fmt"
	"maps"
	"net/url"
	"os"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/neo4j/neo4j-go-driver/v5/neo4j"
)

// contents is what a server holds. Constraints and indexes stay on the server.
type contents struct {
	Nodes []node
	Rels  []relation
}

// node is known by the unique constraint that it falls under.
type node struct {
	Labels []string
	Label  string // of the constraint
	Key    []string
	Props  map[string]any
}

type relation struct {
	Type     string
	From, To int // index of the nodes
	Props    map[string]any
}

func (n node) identity() string {
	var b strings.Builder
	b.WriteString(n.Label)
	for _, k := range n.Key {
		fmt.Fprintf(&b, "\x00%v", n.Props[k])
	}
	return b.String()
}

func connect(ctx context.Context, at string) (neo4j.DriverWithContext, error) {
	u, err := url.Parse(at)
	if err != nil {
		return nil, err
	}
	password, _ := u.User.Password()
	auth := neo4j.BasicAuth(u.User.Username(), password, "")
	u.User = nil
	d, err := neo4j.NewDriverWithContext(u.String(), auth)
	if err != nil {
		return nil, err
	}
	return d, d.VerifyConnectivity(ctx)
}

// each runs a statement by itself and hands over its rows.
func each(ctx context.Context, d neo4j.DriverWithContext, query string, params map[string]any, row func(*neo4j.Record) error) error {
	s := d.NewSession(ctx, neo4j.SessionConfig{})
	defer s.Close(ctx)
	res, err := s.Run(ctx, query, params)
	if err != nil {
		return err
	}
	for res.Next(ctx) {
		if err := row(res.Record()); err != nil {
			return err
		}
	}
	return res.Err()
}

func nothing(*neo4j.Record) error { return nil }

func dumpNeo4j(ctx context.Context, at, file string) error {
	d, err := connect(ctx, at)
	if err != nil {
		return err
	}
	defer d.Close(ctx)
	unique := map[string][]string{}
	// Of several the widest: an event is known by aggregate and revision before it has a number.
	err = each(ctx, d, "SHOW CONSTRAINTS YIELD type, labelsOrTypes, properties WHERE type CONTAINS 'UNIQUENESS' AND NOT type STARTS WITH 'RELATIONSHIP' RETURN labelsOrTypes[0], properties ORDER BY size(properties) DESC, labelsOrTypes[0]", nil, func(r *neo4j.Record) error {
		label := r.Values[0].(string)
		if _, known := unique[label]; !known {
			for _, p := range r.Values[1].([]any) {
				unique[label] = append(unique[label], p.(string))
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	labels := slices.Sorted(maps.Keys(unique))
	var c contents
	at2index := map[string]int{}
	err = each(ctx, d, "MATCH (n) RETURN n", nil, func(r *neo4j.Record) error {
		n := r.Values[0].(neo4j.Node)
		one := node{Labels: slices.Sorted(slices.Values(n.Labels)), Props: n.Props}
		for _, l := range labels {
			if slices.Contains(n.Labels, l) && !slices.ContainsFunc(unique[l], func(p string) bool { return n.Props[p] == nil }) {
				one.Label, one.Key = l, unique[l]
				break
			}
		}
		if one.Label == "" {
			return fmt.Errorf("a node %v is under no unique constraint", n.Labels)
		}
		at2index[n.ElementId] = len(c.Nodes)
		c.Nodes = append(c.Nodes, one)
		return nil
	})
	if err != nil {
		return err
	}
	err = each(ctx, d, "MATCH ()-[r]->() RETURN r", nil, func(r *neo4j.Record) error {
		rel := r.Values[0].(neo4j.Relationship)
		c.Rels = append(c.Rels, relation{rel.Type, at2index[rel.StartElementId], at2index[rel.EndElementId], rel.Props})
		return nil
	})
	if err != nil {
		return err
	}
	f, err := os.Create(file)
	if err != nil {
		return err
	}
	if err := gob.NewEncoder(f).Encode(c); err != nil {
		return err
	}
	return f.Close()
}

const emptying = "MATCH (n) CALL (n) { DETACH DELETE n } IN TRANSACTIONS OF 5000 ROWS"

func emptyNeo4j(ctx context.Context, at string) error {
	d, err := connect(ctx, at)
	if err != nil {
		return err
	}
	defer d.Close(ctx)
	return each(ctx, d, emptying, nil, nothing)
}

func load(file string) (c contents, err error) {
	f, err := os.Open(file)
	if err != nil {
		return c, err
	}
	defer f.Close()
	return c, gob.NewDecoder(f).Decode(&c)
}

func init() {
	gob.Register(time.Time{})
	gob.Register([]any{})
	gob.Register(map[string]any{})
}

// work is what is to be written, as statements with their rows.
type work struct {
	query string
	rows  []any
}

func probeNeo4j(ctx context.Context, at, before, after string) (writer, int, error) {
	old, err := load(before)
	if err != nil {
		return nil, 0, err
	}
	now, err := load(after)
	if err != nil {
		return nil, 0, err
	}
	d, err := connect(ctx, at)
	if err != nil {
		return nil, 0, err
	}
	restore := statements(old, make([]bool, len(old.Nodes)), old.Nodes, old.Rels, func(int) int { return 0 }, 1)
	nodes, rels, exists := difference(old, now)
	return func(ctx context.Context, batches, sessions int) (time.Duration, error) {
		if err := each(ctx, d, emptying, nil, nothing); err != nil {
			return 0, err
		}
		for _, w := range restore[0] {
			for part := range slices.Chunk(w.rows, 5000) {
				if err := each(ctx, d, w.query, map[string]any{"rows": part}, nothing); err != nil {
					return 0, err
				}
			}
		}
		shared, plan := batched(now, nodes, rels, exists, batches)
		began := time.Now()
		for _, w := range shared {
			if err := each(ctx, d, w.query, map[string]any{"rows": w.rows}, nothing); err != nil {
				return 0, err
			}
		}
		err := inSessions(batches, sessions, func(_, n int) error { return writeBatch(ctx, d, plan[n]) })
		return time.Since(began), err
	}, len(nodes) + len(rels), nil
}

func writeBatch(ctx context.Context, d neo4j.DriverWithContext, all []work) error {
	s := d.NewSession(ctx, neo4j.SessionConfig{})
	defer s.Close(ctx)
	_, err := s.ExecuteWrite(ctx, func(tx neo4j.ManagedTransaction) (any, error) {
		for _, w := range all {
			res, err := tx.Run(ctx, w.query, map[string]any{"rows": w.rows})
			if err != nil {
				return nil, err
			}
			if _, err := res.Consume(ctx); err != nil {
				return nil, err
			}
		}
		return nil, nil
	})
	return err
}

// difference gives the nodes that are new or changed and the relations that are new, by index, and which nodes
// were there before.
func difference(old, now contents) (nodes, rels []int, exists []bool) {
	known := make(map[string]map[string]any, len(old.Nodes))
	for _, n := range old.Nodes {
		known[n.identity()] = n.Props
	}
	exists = make([]bool, len(now.Nodes))
	for i, n := range now.Nodes {
		var props map[string]any
		if props, exists[i] = known[n.identity()]; !exists[i] || !reflect.DeepEqual(props, n.Props) {
			nodes = append(nodes, i)
		}
	}
	name := func(c contents, r relation) string {
		return r.Type + "\x00" + c.Nodes[r.From].identity() + "\x00" + c.Nodes[r.To].identity()
	}
	drawn := make(map[string]bool, len(old.Rels))
	for _, r := range old.Rels {
		drawn[name(old, r)] = true
	}
	for i, r := range now.Rels {
		if !drawn[name(now, r)] {
			rels = append(rels, i)
		}
	}
	return nodes, rels, exists
}

// hub is the number of relations beyond which a node is nobody's own: it would draw all into one batch.
const hub = 40

// batched spreads the work over batches so that what belongs together is in one: new nodes that are joined by new
// relations. Nodes that many join (cells, models, regions) are written first, by themselves.
func batched(c contents, nodes, rels []int, exists []bool, batches int) (shared []work, plan [][]work) {
	degree := make([]int, len(c.Nodes))
	for _, i := range rels {
		degree[c.Rels[i].From]++
		degree[c.Rels[i].To]++
	}
	bare := func(i int) bool {
		return !exists[i] && (degree[i] > hub || degree[i] > 0 && len(c.Nodes[i].Props) <= len(c.Nodes[i].Key)+1)
	}
	parent := make([]int, len(c.Nodes))
	for i := range parent {
		parent[i] = i
	}
	find := func(i int) int {
		for parent[i] != i {
			parent[i] = parent[parent[i]]
			i = parent[i]
		}
		return i
	}
	for _, i := range rels {
		r := c.Rels[i]
		if !exists[r.From] && !exists[r.To] && !bare(r.From) && !bare(r.To) {
			parent[find(r.From)] = find(r.To)
		}
	}
	// Components get their batch in the order in which they are met.
	number := map[int]int{}
	for _, i := range nodes {
		if root := find(i); !bare(i) {
			if _, met := number[root]; !met {
				number[root] = len(number)
			}
		}
	}
	batch := func(i int) int {
		n, ok := number[find(i)]
		if !ok {
			return 0
		}
		return n * batches / len(number)
	}
	var first, rest []int
	for _, i := range nodes {
		if bare(i) {
			first = append(first, i)
		} else {
			rest = append(rest, i)
		}
	}
	shared = nodeStatements(c, exists, first, func(int) int { return 0 }, 1)[0]
	plan = nodeStatements(c, exists, rest, batch, batches)
	relBatch := func(r relation) int {
		if exists[r.From] || bare(r.From) {
			return batch(r.To)
		}
		return batch(r.From)
	}
	for n, w := range relationStatements(c, rels, relBatch, batches) {
		plan[n] = append(plan[n], w...)
	}
	return shared, plan
}

// statements writes everything.
func statements(c contents, exists []bool, nodes []node, rels []relation, batch func(int) int, batches int) [][]work {
	plan := nodeStatements(c, exists, indexes(len(nodes)), batch, batches)
	for n, w := range relationStatements(c, indexes(len(rels)), func(relation) int { return 0 }, batches) {
		plan[n] = append(plan[n], w...)
	}
	return plan
}

func indexes(n int) []int {
	out := make([]int, n)
	for i := range out {
		out[i] = i
	}
	return out
}

// collector gathers rows by batch and statement, statements in the order of their first row.
type collector struct {
	plan [][]work
	at   []map[string]int
}

func newCollector(batches int) *collector {
	c := &collector{make([][]work, batches), make([]map[string]int, batches)}
	for i := range c.at {
		c.at[i] = map[string]int{}
	}
	return c
}

func (c *collector) add(batch int, query string, row any) {
	i, ok := c.at[batch][query]
	if !ok {
		i = len(c.plan[batch])
		c.at[batch][query] = i
		c.plan[batch] = append(c.plan[batch], work{query: query})
	}
	c.plan[batch][i].rows = append(c.plan[batch][i].rows, row)
}

func nodeStatements(c contents, exists []bool, nodes []int, batch func(int) int, batches int) [][]work {
	out := newCollector(batches)
	for _, i := range nodes {
		n := c.Nodes[i]
		if exists[i] {
			out.add(batch(i), "UNWIND $rows AS r MATCH (n:"+match(n, "r.k")+") SET n = r.p",
				map[string]any{"k": keyOf(n), "p": n.Props})
			continue
		}
		out.add(batch(i), "UNWIND $rows AS r CREATE (n:`"+strings.Join(n.Labels, "`:`")+"`) SET n = r", n.Props)
	}
	return out.plan
}

func relationStatements(c contents, rels []int, batch func(relation) int, batches int) [][]work {
	out := newCollector(batches)
	for _, i := range rels {
		r := c.Rels[i]
		from, to := c.Nodes[r.From], c.Nodes[r.To]
		out.add(batch(r), "UNWIND $rows AS r MATCH (a:"+match(from, "r.a")+") MATCH (b:"+match(to, "r.b")+
			") CREATE (a)-[x:`"+r.Type+"`]->(b) SET x = r.p",
			map[string]any{"a": keyOf(from), "b": keyOf(to), "p": r.Props})
	}
	return out.plan
}

// match is the pattern of a node by its unique key, whose values are in a list.
func match(n node, list string) string {
	parts := make([]string, len(n.Key))
	for i, k := range n.Key {
		parts[i] = fmt.Sprintf("`%s`: %s[%d]", k, list, i)
	}
	return "`" + n.Label + "` {" + strings.Join(parts, ", ") + "}"
}

func keyOf(n node) []any {
	out := make([]any, len(n.Key))
	for i, k := range n.Key {
		out[i] = n.Props[k]
	}
	return out
}
