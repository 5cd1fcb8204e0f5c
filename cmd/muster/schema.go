package main

import (
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/graph"
)

func (a *app) schemaCommand() *cobra.Command {
	var show bool
	c := &cobra.Command{
		Use:     "schema",
		Short:   "Create the store's schema or bring it up to date",
		Long:    "Creates the store's tables or constraints and indexes, or brings them up to this version. Repeating it changes nothing.",
		Example: "  muster schema --graph neo4j://neo4j:secret@localhost\n  muster schema --show",
		Args:    args(0, 0),
		RunE: func(c *cobra.Command, _ []string) error {
			if show {
				return a.showSchema()
			}
			return a.open(c.Context(), muster.SystemClock{}, func(s graph.Store) error {
				v, err := s.Version(c.Context())
				if err != nil {
					return err
				}
				return a.answer(map[string]any{"graph": masked(a.graph), "version": v}, func(w io.Writer) {
					fmt.Fprintf(w, "%s has schema %d\n", masked(a.graph), v)
				})
			})
		},
	}
	c.Flags().BoolVar(&show, "show", false, "print the kinds, fields and edges instead")
	return c
}

// showSchema prints the table that both stores are driven by.
func (a *app) showSchema() error {
	type kind struct {
		Kind   muster.Kind `json:"kind"`
		Label  string      `json:"label"`
		Fields []string    `json:"fields"`
		Edges  []string    `json:"edges,omitempty"`
	}
	var kinds []kind
	for _, s := range graph.Schema {
		k := kind{Kind: s.Kind, Label: s.Label}
		for _, f := range s.Fields {
			k.Fields = append(k.Fields, f.Name)
		}
		for _, e := range s.Edges {
			from, to := s.Label, e.To
			if e.Reverse {
				from, to = to, from
			}
			k.Edges = append(k.Edges, fmt.Sprintf("(%s)-[:%s]->(%s)", from, e.Type, to))
		}
		kinds = append(kinds, k)
	}
	return a.answer(kinds, func(w io.Writer) {
		for _, k := range kinds {
			fmt.Fprintf(w, "%s\n  %v\n", k.Label, k.Fields)
			for _, e := range k.Edges {
				fmt.Fprintf(w, "  %s\n", e)
			}
		}
	})
}
