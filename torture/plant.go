package torture

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"

	toxiproxy "github.com/Shopify/toxiproxy/v2"
	"github.com/rs/zerolog"

	"github.com/sysopssquad/muster/servertest"
)

// replicas is how many of each process there are.
const replicas = 3

// plant is everything that runs: two servers, the links that lead to them, and the processes.
type plant struct {
	dir       string
	neo4j     *servertest.Server
	redis     *servertest.Server
	links     []*link // two for each replica
	processes []*process
}

// link leads one replica to one server.
type link struct {
	name  string
	proxy *toxiproxy.Proxy
	busy  sync.Mutex // one fault at a time
}

// build starts servers, links and processes.
func build(ctx context.Context, o Options) (p *plant, err error) {
	p = &plant{dir: o.Dir}
	defer func() {
		if err != nil {
			err = errors.Join(err, p.end())
			p = nil
		}
	}()
	if p.neo4j, err = servertest.StartBriefNeo4j(filepath.Join(o.Dir, "neo4j")); err != nil {
		return p, err
	}
	if p.redis, err = servertest.StartRedis(filepath.Join(o.Dir, "redis")); err != nil {
		return p, err
	}
	if out, err := exec.CommandContext(ctx, o.Muster, "schema", "--graph", p.direct()).CombinedOutput(); err != nil {
		return p, fmt.Errorf("muster schema: %w: %s", err, out)
	}
	zerolog.SetGlobalLevel(zerolog.Disabled) // some toxics log past the logger that they are given
	server := toxiproxy.NewServer(toxiproxy.NewMetricsContainer(nil), zerolog.Nop())
	for n := range replicas {
		var urls []string
		for _, to := range []struct{ name, scheme, url string }{{"graph", "bolt", p.neo4j.URL}, {"redis", "redis", p.redis.URL}} {
			u, err := url.Parse(to.url)
			if err != nil {
				return p, err
			}
			l := &link{name: fmt.Sprintf("%s-%d", to.name, n)}
			l.proxy = toxiproxy.NewProxy(server, l.name, "127.0.0.1:0", u.Host)
			if err := l.proxy.Start(); err != nil {
				return p, err
			}
			p.links = append(p.links, l)
			u.Scheme, u.Host = to.scheme, l.proxy.Listen
			urls = append(urls, u.String())
		}
		addr, err := freeAddr()
		if err != nil {
			return p, err
		}
		for _, kind := range []string{"serve", "work"} {
			args := []string{kind, "--graph", urls[0], "--redis", urls[1]}
			if kind == "serve" {
				args = append(args, "--addr", addr)
			}
			run := &process{
				name: fmt.Sprintf("%s-%d", kind, n), kind: kind, binary: o.Muster, args: args, addr: addr,
				log: filepath.Join(o.Dir, fmt.Sprintf("%s-%d.log", kind, n)), dir: filepath.Join(o.Dir, fmt.Sprintf("replica-%d", n)),
			}
			if err := os.MkdirAll(run.dir, 0o700); err != nil {
				return p, err
			}
			p.processes = append(p.processes, run)
		}
	}
	return p, nil
}

// found sets the company up that everything happens to.
func (p *plant) found(ctx context.Context, o Options) error {
	out, err := exec.CommandContext(ctx, o.Muster, "demo", "--graph", p.direct(), "--experts", fmt.Sprint(o.Experts),
		"--tickets", "200", "--seed", fmt.Sprint(o.Seed)).CombinedOutput()
	if err != nil {
		return fmt.Errorf("muster demo: %w: %s", err, out)
	}
	return nil
}

// direct is the way to the graph past all links.
func (p *plant) direct() string { return "bolt" + strings.TrimPrefix(p.neo4j.URL, "neo4j") }

// servers gives the addresses of those that answer HTTP.
func (p *plant) servers() []string {
	var out []string
	for _, run := range p.processes {
		if run.kind == "serve" {
			out = append(out, run.addr)
		}
	}
	return out
}

// end stops all that runs.
func (p *plant) end() error {
	var errs []error
	for _, run := range p.processes {
		run.stop()
	}
	for _, l := range p.links {
		l.proxy.Stop()
	}
	for _, s := range []*servertest.Server{p.redis, p.neo4j} {
		if s != nil {
			errs = append(errs, s.Stop())
		}
	}
	return errors.Join(errs...)
}

func freeAddr() (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	return l.Addr().String(), l.Close()
}
