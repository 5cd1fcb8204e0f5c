package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/url"
	"os"
	"strings"
	"time"

	"golang.org/x/term"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/graph"
	"github.com/sysopssquad/muster/graph/neo4j"
	"github.com/sysopssquad/muster/graph/sqlite"
)

// streams are where a command reads and writes.
type streams struct {
	in  io.Reader
	out io.Writer
	err io.Writer
}

// app holds what all commands share.
type app struct {
	io    streams
	graph string
	redis string
	json  bool
}

// open opens the store that --graph names, brings its schema up to date and hands it to use.
func (a *app) open(ctx context.Context, clock muster.Clock, use func(graph.Store) error) (err error) {
	store, err := openStore(ctx, a.graph, clock)
	if err != nil {
		return err
	}
	defer func() {
		closing, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
		defer cancel()
		if e := store.Close(closing); e != nil && err == nil {
			err = e
		}
	}()
	if err := store.Migrate(ctx); err != nil {
		return err
	}
	return use(store)
}

func openStore(ctx context.Context, at string, clock muster.Clock) (graph.Store, error) {
	if path, ok := strings.CutPrefix(at, "sqlite:"); ok && path != "" {
		return sqlite.Open(ctx, path, clock)
	}
	for _, scheme := range []string{"bolt", "bolt+s", "bolt+ssc", "neo4j", "neo4j+s", "neo4j+ssc"} {
		if strings.HasPrefix(at, scheme+"://") {
			return neo4j.Open(ctx, at, clock)
		}
	}
	return nil, muster.Invalid("--graph", masked(at), "give sqlite:PATH, bolt://user:pass@host:7687 or neo4j://user:pass@host:7687")
}

// masked hides the password of a URL.
func masked(at string) string {
	u, err := url.Parse(at)
	if err != nil || u.User == nil {
		return at
	}
	return u.Redacted()
}

// answer prints a command's result: JSON if asked for, otherwise what text writes.
func (a *app) answer(result any, text func(io.Writer)) error {
	if !a.json {
		text(a.io.out)
		return nil
	}
	e := json.NewEncoder(a.io.out)
	e.SetEscapeHTML(false)
	return e.Encode(result)
}

// say tells people what is going on; programs read standard output only.
func (a *app) say(format string, args ...any) {
	fmt.Fprintf(a.io.err, format+"\n", args...)
}

// onTerminal tells whether people watch standard error, for progress bars and colour.
func (a *app) onTerminal() bool {
	f, ok := a.io.err.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}
