package muster_test

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

const module = "github.com/sysopssquad/muster"

// allowed says who may import whom inside the module, tests left out; everyone may import the root. A row
// ending in /... stands for a folder and all below it. A new package brings its row.
var allowed = map[string][]string{
	"":                {},
	"graph":           {},
	"graph/sqlite":    {"graph"},
	"graph/neo4j":     {"graph"},
	"graph/graphtest": {"graph", "evidence"},
	"geo":             {},
	"matcher":         {"matcher/solve"},
	"matcher/check":   {"matcher"},
	"matcher/solve":   {},
	"matcher/roster":  {"matcher", "geo"},
	"sla":             {},
	"dispatch":        {"graph", "matcher/...", "geo", "sla", "dispatch/..."},
	"dispatch/...":    {},
	"jobs":            {"graph", "dispatch"},
	"jobs/asynq":      {"jobs"},
	"jobs/notify":     {"graph", "dispatch", "jobs"},
	"jobs/notify/...": {"jobs/notify"},
	"jobs/memory":     {"jobs"},
	"jobs/queuetest":  {"jobs"},
	"web":             {},
	"web/build":       {"web"},
	"api":             {"graph", "dispatch", "web"},
	"importer":        {"dispatch", "graph", "geo"},
	"demo":            {"dispatch", "graph", "geo"},
	"evidence":        {},
	"sim":             {"graph", "dispatch", "dispatch/journal", "jobs", "jobs/memory", "jobs/notify", "geo"},
	"linear":          {"graph", "dispatch", "jobs", "jobs/memory", "jobs/notify"},
	"torture":         {"graph", "graph/neo4j", "demo", "servertest", "evidence"},
	"servertest":      {},
	"servertest/...":  {"servertest"},
	"bench":           {"..."},
	"bench/probe":     {},
	"cmd/...":         {"..."},
}

// Libraries that only one package may import, so that each can be replaced in one place.
var owners = map[string][]string{
	"github.com/uber/h3-go/":         {"geo"},
	"modernc.org/sqlite":             {"graph/sqlite", "bench/probe"},
	"github.com/neo4j/":              {"graph/neo4j", "bench/probe", "servertest"},
	"github.com/hibiken/asynq":       {"jobs/asynq"},
	"github.com/Shopify/toxiproxy/":  {"torture"},
	"github.com/danielgtaylor/huma/": {"api"},
	"github.com/go-chi/":             {"api"},
	"github.com/anishathalye/":       {"linear"},
}

type pkg struct {
	name    string
	imports []string
}

func packages(t *testing.T) []pkg {
	t.Helper()
	out, err := exec.Command("go", "list", "-f", `{{.ImportPath}} {{join .Imports " "}}`, "./...").Output()
	require.NoError(t, err)
	var ps []pkg
	for line := range strings.Lines(string(out)) {
		f := strings.Fields(line)
		ps = append(ps, pkg{strings.TrimPrefix(strings.TrimPrefix(f[0], module), "/"), f[1:]})
	}
	return ps
}

func matches(pattern, name string) bool {
	if pattern == "..." {
		return true
	}
	if dir, ok := strings.CutSuffix(pattern, "/..."); ok {
		return name == dir || strings.HasPrefix(name, dir+"/")
	}
	return pattern == name
}

func rowFor(name string) ([]string, bool) {
	if row, ok := allowed[name]; ok {
		return row, true
	}
	for pattern, row := range allowed {
		if strings.HasSuffix(pattern, "/...") && matches(pattern, name) {
			return row, true
		}
	}
	return nil, false
}

func TestImportsFollowTheLayout(t *testing.T) {
	for _, p := range packages(t) {
		row, ok := rowFor(p.name)
		require.True(t, ok, "package %s has no row in layout_test.go", p.name)
		for _, imp := range p.imports {
			for lib, who := range owners {
				if strings.HasPrefix(imp, lib) {
					require.Contains(t, who, p.name, "%s imports %s", p.name, imp)
				}
			}
			own, inside := strings.CutPrefix(imp, module+"/")
			if !inside {
				if p.name == "" {
					require.NotContains(t, strings.Split(imp, "/")[0], ".", "the words know only Go's own library, not %s", imp)
				}
				continue
			}
			require.True(t, slices.ContainsFunc(row, func(a string) bool { return matches(a, own) }),
				"%s may not import %s", p.name, own)
		}
	}
}

var picture = regexp.MustCompile("(?s)<!-- imports -->\n.*<!-- /imports -->\n")

// TestArchitecturePicture keeps the picture of docs/architecture.md in step with the import graph.
// UPDATE=1 draws it anew.
func TestArchitecturePicture(t *testing.T) {
	var b bytes.Buffer
	b.WriteString("<!-- imports -->\n```mermaid\nflowchart TD\n")
	node := func(name string) string {
		if name == "" {
			return "muster"
		}
		return strings.ReplaceAll(name, "/", "_")
	}
	var ps []pkg
	for _, p := range packages(t) {
		if p.name == "" || strings.Contains(p.name, "test") || p.name == "bench/probe" || p.name == "web/build" {
			continue // what is only there for tests and builds
		}
		ps = append(ps, p)
	}
	for _, p := range ps {
		fmt.Fprintf(&b, "  %s[%q]\n", node(p.name), p.name)
	}
	for _, p := range ps {
		for _, imp := range p.imports {
			if own, inside := strings.CutPrefix(imp, module+"/"); inside {
				fmt.Fprintf(&b, "  %s --> %s\n", node(p.name), node(own))
			}
		}
	}
	b.WriteString("```\n<!-- /imports -->\n")

	const file = "docs/architecture.md"
	have, err := os.ReadFile(file)
	require.NoError(t, err)
	want := picture.ReplaceAllLiteral(have, b.Bytes())
	if os.Getenv("UPDATE") != "" {
		require.NoError(t, os.WriteFile(file, want, 0o644))
		return
	}
	require.Equal(t, string(want), string(have), "run UPDATE=1 go test -run TestArchitecturePicture .")
}
