package bench

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/graph"
	"github.com/sysopssquad/muster/graph/neo4j"
	"github.com/sysopssquad/muster/graph/sqlite"
	"github.com/sysopssquad/muster/servertest"
)

// A place is where stores of one kind are made, kept as they were, and measured bare.
type place interface {
	name() string
	// fresh makes an empty store and gives its --graph.
	fresh(ctx context.Context) (string, error)
	// open opens the present store in this process.
	open(ctx context.Context) (graph.Store, error)
	// keep keeps the present store as it is; nobody may have it open.
	keep(ctx context.Context, o Options, as string) error
	// probe writes again what came between two kept states.
	probe(ctx context.Context, o Options, before, after string, units int, batch int) (probed, error)
	// probeReads times single reads by id of a kept state, in milliseconds at the median.
	probeReads(ctx context.Context, o Options, ids string) (float64, error)
	// redis is the URL of the Redis that server processes share.
	redis() (string, error)
	end() error
}

func newPlace(kind string, o Options) (place, error) {
	dir, err := os.MkdirTemp("", "muster-bench")
	if err != nil {
		return nil, err
	}
	switch kind {
	case "sqlite":
		return &sqlitePlace{dir: dir}, nil
	case "neo4j":
		p := &neo4jPlace{dir: dir, bare: o.Probe, start: servertest.StartNeo4j}
		if o.Brief {
			p.start = servertest.StartBriefNeo4j
		}
		return p, nil
	}
	return nil, muster.Invalid("--stores", kind, "sqlite and neo4j can be measured")
}

// cache is the Redis that the server processes of a place share.
type cache struct{ server *servertest.Server }

func (c *cache) redis() (string, error) {
	if c.server == nil {
		var err error
		if c.server, err = servertest.StartRedis(""); err != nil {
			return "", err
		}
	}
	return c.server.URL, nil
}

func (c *cache) end() error {
	if c.server == nil {
		return nil
	}
	return c.server.Stop()
}

type sqlitePlace struct {
	cache
	dir string
	n   int
}

func (p *sqlitePlace) name() string { return "SQLite" }
func (p *sqlitePlace) file() string { return filepath.Join(p.dir, fmt.Sprintf("%d.db", p.n)) }

func (p *sqlitePlace) fresh(context.Context) (string, error) {
	p.n++
	return "sqlite:" + p.file(), nil
}

func (p *sqlitePlace) open(ctx context.Context) (graph.Store, error) {
	return sqlite.Open(ctx, p.file(), muster.SystemClock{})
}

func (p *sqlitePlace) kept(as string) string { return filepath.Join(p.dir, as+".db") }

func (p *sqlitePlace) keep(_ context.Context, _ Options, as string) error {
	for _, end := range []string{"", "-wal"} {
		b, err := os.ReadFile(p.file() + end)
		if os.IsNotExist(err) && end != "" {
			if err := os.Remove(p.kept(as) + end); err != nil && !os.IsNotExist(err) {
				return err
			}
			continue
		}
		if err != nil {
			return err
		}
		if err := os.WriteFile(p.kept(as)+end, b, 0o600); err != nil {
			return err
		}
	}
	return nil
}

func (p *sqlitePlace) probe(ctx context.Context, o Options, before, after string, units, batch int) (probed, error) {
	var r probed
	return r, child(ctx, &r, o.Probe, "sqlite", "-before", p.kept(before), "-after", p.kept(after),
		"-units", strconv.Itoa(units), "-batch", strconv.Itoa(batch))
}

func (p *sqlitePlace) probeReads(ctx context.Context, o Options, ids string) (float64, error) {
	var r struct{ Median float64 }
	return r.Median, child(ctx, &r, o.Probe, "sqlite", "-after", p.file(), "-read", ids)
}

func (p *sqlitePlace) end() error { return errors.Join(p.cache.end(), os.RemoveAll(p.dir)) }

type neo4jPlace struct {
	cache
	dir    string
	bare   string // the probe's binary
	start  func(dir string) (*servertest.Server, error)
	server *servertest.Server
}

func (p *neo4jPlace) name() string { return "Neo4j" }

// fresh empties the server, which is started once: its Java machine needs some 100,000 tickets until it is as fast as
// it gets, and the probe that comes after Muster's first turn would have all of that for nothing.
func (p *neo4jPlace) fresh(ctx context.Context) (string, error) {
	if p.server != nil {
		return p.server.URL, child(ctx, nil, p.bare, "neo4j", "-url", p.server.URL, "-empty")
	}
	var err error
	if p.server, err = p.start(""); err != nil {
		return "", err
	}
	return p.server.URL, nil
}

func (p *neo4jPlace) open(ctx context.Context) (graph.Store, error) {
	return neo4j.Open(ctx, p.server.URL, muster.SystemClock{})
}

func (p *neo4jPlace) kept(as string) string { return filepath.Join(p.dir, as+".gob") }

func (p *neo4jPlace) keep(ctx context.Context, o Options, as string) error {
	return child(ctx, nil, o.Probe, "neo4j", "-url", p.server.URL, "-dump", p.kept(as))
}

func (p *neo4jPlace) probe(ctx context.Context, o Options, before, after string, units, batch int) (probed, error) {
	var r probed
	return r, child(ctx, &r, o.Probe, "neo4j", "-url", p.server.URL, "-before", p.kept(before), "-after", p.kept(after),
		"-units", strconv.Itoa(units), "-batch", strconv.Itoa(batch))
}

func (p *neo4jPlace) probeReads(ctx context.Context, o Options, ids string) (float64, error) {
	var r struct{ Median float64 }
	return r.Median, child(ctx, &r, o.Probe, "neo4j", "-url", p.server.URL, "-read", ids)
}

func (p *neo4jPlace) end() error {
	err := errors.Join(p.cache.end(), os.RemoveAll(p.dir))
	if p.server != nil {
		err = errors.Join(err, p.server.Stop())
	}
	return err
}
