package neo4j

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/neo4j/neo4j-go-driver/v5/neo4j"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/graph"
)

// replaced are indexes of the schema table that something else does here: lists go by what is shown, not by open; sites,
// devices and visits are found from their root by their edges.
var replaced = []string{"ticket.open", "site.customer", "device.customer", "visit.ticket", "assignment.tour"}

// schema is the DDL: what is in schema.cypher, and the indexes of the kinds.
func schema() []string {
	var out []string
	for text := range strings.SplitSeq(statements["schema"], ";") {
		if text = strings.TrimSpace(text); text != "" {
			out = append(out, text)
		}
	}
	for _, spec := range graph.Schema {
		for _, x := range spec.Indexes {
			if slices.Contains(replaced, string(spec.Kind)+"."+x.Fields[0]) {
				continue
			}
			name := string(spec.Kind) + "_" + strings.Join(x.Fields, "_")
			on := "(n.`" + strings.Join(x.Fields, "`, n.`") + "`)"
			if x.Unique {
				out = append(out, fmt.Sprintf("CREATE CONSTRAINT %s IF NOT EXISTS FOR (n:%s) REQUIRE %s IS UNIQUE", name, spec.Label, on))
				continue
			}
			out = append(out, fmt.Sprintf("CREATE INDEX %s IF NOT EXISTS FOR (n:%s) ON %s", name, spec.Label, on))
		}
		if spec.Search != "" { // the analyzer parts at white space alone: graph.Words has parted the rest
			out = append(out, fmt.Sprintf("CREATE FULLTEXT INDEX %s_%s IF NOT EXISTS FOR (n:%s) ON EACH [n.`%s`] "+
				"OPTIONS {indexConfig: {`fulltext.analyzer`: 'whitespace'}}", spec.Kind, spec.Search, spec.Label, spec.Search))
		}
	}
	return out
}

// Migrate implements graph.Admin.
func (s *Store) Migrate(ctx context.Context) error {
	v, err := s.Version(ctx)
	if err != nil {
		return err
	}
	switch {
	case v > graph.SchemaVersion:
		return graph.CheckVersion("the graph at "+s.where, v)
	case v == graph.SchemaVersion:
		return nil
	}
	for _, text := range schema() {
		if err := s.define(ctx, text, nil); err != nil {
			return err
		}
	}
	if err := s.define(ctx, "CALL db.awaitIndexes($seconds)", parameters{"seconds": int64(patience.Seconds())}); err != nil {
		return err
	}
	return s.alter(ctx, func(tx transaction) error {
		_, err := tx.run("set_version", parameters{"tag": s.tag(), "version": graph.SchemaVersion})
		return err
	})
}

// define runs DDL, which needs a transaction of its own.
func (s *Store) define(ctx context.Context, text string, p parameters) error {
	return s.again(ctx, func(ctx context.Context) error {
		session := s.driver.NewSession(ctx, neo4j.SessionConfig{DatabaseName: s.database})
		defer session.Close(context.WithoutCancel(ctx))
		result, err := session.Run(ctx, text, p)
		if err != nil {
			return err
		}
		_, err = result.Consume(ctx)
		return err
	})
}

// Version implements graph.Admin.
func (s *Store) Version(ctx context.Context) (v int, err error) {
	err = s.look(ctx, decision, "version", nil, func(_ *reader, records []*neo4j.Record) error {
		v = 0
		if len(records) > 0 {
			v = int(whole64(records[0].Values[0]))
		}
		return nil
	})
	return v, err
}

// rangeOf gives the first id of a kind and what is after the last: they share a prefix.
func rangeOf(k muster.Kind) (first, end string) {
	first = muster.SlugID(k, "")
	return first, first[:len(first)-1] + "`" // the sign after the underscore
}

// next is the first id that may come after one: no sign of an id is below the exclamation mark.
func next(id string) string { return id + "!" }
