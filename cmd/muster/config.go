package main

import (
	"fmt"
	"io"
	"os"
	"text/tabwriter"

	"github.com/spf13/cobra"
)

// setting is one thing that can be configured, with where its value came from.
type setting struct {
	Name  string `json:"name"`
	Value string `json:"value"`
	From  string `json:"from"` // flag, environment or default
	Env   string `json:"env"`
}

func (a *app) configCommand() *cobra.Command {
	return &cobra.Command{
		Use:     "config",
		Short:   "Show the configuration in force and where each value comes from",
		Example: "  MUSTER_GRAPH=neo4j://neo4j:secret@localhost muster config --json",
		Args:    args(0, 0),
		RunE: func(c *cobra.Command, _ []string) error {
			var all []setting
			add := func(name, value, env string) {
				from := "default"
				if c.Flags().Changed(name) {
					from = "flag"
				} else if os.Getenv(env) != "" {
					from = "environment"
				}
				all = append(all, setting{name, value, from, env})
			}
			add("graph", masked(a.graph), "MUSTER_GRAPH")
			add("redis", masked(a.redis), "MUSTER_REDIS")
			add("addr", fromEnv("MUSTER_ADDR", defaultAddr), "MUSTER_ADDR")
			add("journal", fromEnv("MUSTER_JOURNAL", defaultJournal), "MUSTER_JOURNAL")
			add("channels", fromEnv("MUSTER_CHANNELS", ""), "MUSTER_CHANNELS")
			add("data files", dataFiles(), "MUSTER_DATA")
			return a.answer(all, func(w io.Writer) {
				t := tabwriter.NewWriter(w, 0, 8, 2, ' ', 0)
				for _, s := range all {
					fmt.Fprintf(t, "%s\t%s\t%s\t$%s\n", s.Name, s.Value, s.From, s.Env)
				}
				t.Flush()
			})
		},
	}
}

// defaultAddr is where up and serve listen.
const defaultAddr = "127.0.0.1:8080"

// defaultJournal is where serve keeps what it accepts while the store is away.
const defaultJournal = "./data/journal"

// dataFiles is the folder of the data files.
func dataFiles() string { return fromEnv("MUSTER_DATA", "../shared/data") }
