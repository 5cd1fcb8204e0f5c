package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/url"
	"os"
	"strings"
	"time"

	"golang.org/x/term"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/graph"
	"github.com/sysopssquad/muster/graph/neo4j"
	"github.com/sysopssquad/muster/graph/sqlite"
	"github.com/sysopssquad/muster/jobs"
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

// open opens the store that --graph names, or makes it, brings its schema up to date and hands it to use. It is for
// commands that put something in: up, demo, import, schema.
func (a *app) open(ctx context.Context, clock muster.Clock, use func(graph.Store) error) error {
	return a.with(ctx, clock, func(s graph.Store) error {
		if err := s.Migrate(ctx); err != nil {
			return err
		}
		return use(s)
	})
}

// existing opens the store that --graph names and hands it to use. One that isn't there, or has no schema, is refused
// and stays as it is: for all commands that work on a company, a slip in a path must not look like an empty one.
func (a *app) existing(ctx context.Context, clock muster.Clock, use func(graph.Store) error) error {
	if path, ok := strings.CutPrefix(a.graph, "sqlite:"); ok && path != "" && path != sqlite.Memory {
		info, err := os.Stat(path)
		switch {
		case errors.Is(err, fs.ErrNotExist) || err == nil && info.Size() == 0:
			return muster.E(muster.CodeUnavailable, "there is no store at "+path, a.remedy())
		case err != nil:
			return muster.E(muster.CodeUnavailable, "the store at "+path+" can't be looked at", a.remedy()).Because(err)
		case info.IsDir():
			return muster.E(muster.CodeUnavailable, path+" is a folder, not a store", a.remedy())
		}
	}
	return a.with(ctx, clock, func(s graph.Store) error {
		v, err := s.Version(ctx)
		if err != nil {
			return err
		}
		if v < graph.SchemaVersion {
			hint := a.remedy()
			if v > 0 {
				hint = "bring it up to date: muster schema --graph " + masked(a.graph)
			}
			return muster.E(muster.CodeUnsuitable, fmt.Sprintf("%s has schema %d, this Muster needs %d", masked(a.graph), v, graph.SchemaVersion), hint)
		}
		return use(s)
	})
}

// deciding is existing for commands that decide by what time it is: a machine whose clock isn't the store's must not,
// for it would find deadlines over that aren't, or work that others have had too late.
func (a *app) deciding(ctx context.Context, use func(graph.Store, muster.Clock) error) error {
	clock, err := wallClock()
	if err != nil {
		return err
	}
	return a.existing(ctx, muster.SystemClock{}, func(s graph.Store) error {
		if err := jobs.NewStoreClock(s, clock).Read(ctx); err != nil {
			return err
		}
		return use(s, clock)
	})
}

// remedy is what to do about a store that isn't there.
func (a *app) remedy() string {
	return "check --graph, or set it up: muster schema --graph " + masked(a.graph)
}

// with opens the store that --graph names, hands it to use and closes it.
func (a *app) with(ctx context.Context, clock muster.Clock, use func(graph.Store) error) (err error) {
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

// masked hides the password of a URL. Of one that can't be read, or not as it was meant, it shows no more than what
// can't be a password: the scheme, and what follows the last @.
func masked(at string) string {
	if strings.HasPrefix(at, "sqlite:") {
		return at
	}
	u, err := url.Parse(at)
	if err == nil && u.User != nil {
		return u.Redacted()
	}
	scheme, _, hasScheme := strings.Cut(at, "://")
	hidden := "..."
	if hasScheme {
		hidden = scheme + "://..."
	}
	if i := strings.LastIndexByte(at, '@'); i >= 0 {
		return hidden + at[i:]
	}
	if err != nil {
		return hidden
	}
	return at
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
