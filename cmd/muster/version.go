package main

import (
	"fmt"
	"io"
	"runtime"
	"runtime/debug"

	"github.com/spf13/cobra"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/graph"
)

type version struct {
	Version string `json:"version"`
	Commit  string `json:"commit"`
	Dirty   bool   `json:"dirty"`
	Go      string `json:"go"`
	Schema  int    `json:"schema"`
}

func thisVersion() version {
	v := version{Version: muster.Version, Commit: "unknown", Go: runtime.Version(), Schema: graph.SchemaVersion}
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, s := range info.Settings {
			switch s.Key {
			case "vcs.revision":
				v.Commit = s.Value
			case "vcs.modified":
				v.Dirty = s.Value == "true"
			}
		}
	}
	return v
}

func (a *app) versionCommand() *cobra.Command {
	return &cobra.Command{
		Use:     "version",
		Short:   "Say which version this is, and which schema it reads",
		Example: "  muster version --json",
		Args:    args(0, 0),
		RunE: func(*cobra.Command, []string) error {
			v := thisVersion()
			return a.answer(v, func(w io.Writer) {
				dirty := ""
				if v.Dirty {
					dirty = ", changed since"
				}
				fmt.Fprintf(w, "muster %s (commit %.12s%s, %s, schema %d)\n", v.Version, v.Commit, dirty, v.Go, v.Schema)
			})
		},
	}
}
