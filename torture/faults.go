package torture

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/sysopssquad/muster"
)

// The kinds of faults.
const (
	serverKilled = "server_killed"  // SIGKILL of muster serve
	workerKilled = "worker_killed"  // SIGKILL of muster work
	crashedAt    = "crash_armed"    // SIGKILL of either, and its successor kills itself at a point of its work
	crashed      = "crashed"        // one that did
	graphKilled  = "graph_killed"   // SIGKILL of Neo4j
	redisWiped   = "redis_wiped"    // FLUSHALL
	redisKilled  = "redis_killed"   // SIGKILL of Redis
	redisOlder   = "redis_older"    // what Redis was some while ago is put back
	linkCut      = "link_cut"       // a replica doesn't reach a server
	linkReset    = "link_reset"     // its connections are reset
	linkHalfOpen = "link_half_open" // nothing arrives any more, and nobody says so
	linkSlow     = "link_slow"
	linkThin     = "link_thin"
)

// killKinds are those that are owed as kills of replicas.
var killKinds = []string{serverKilled, workerKilled, crashedAt}

// points are where a process may kill itself, see cmd/muster/crash.go.
var points = []string{
	"commit.before", "commit.after", "claim.after", "settle.before", "settle.after", "number.before", "number.after", "advance.before", "reserve.after",
}

// deck gives all faults of a run in the order of its seed.
func deck(o Options) []string {
	var out []string
	add := func(n int, kinds ...string) {
		for i := range n {
			out = append(out, kinds[i%len(kinds)])
		}
	}
	add(o.Kills, serverKilled, workerKilled, serverKilled, workerKilled, crashedAt)
	add(o.Graph, graphKilled)
	add(o.Wipes, redisWiped)
	add((o.Wipes+3)/4, redisKilled)
	add((o.Wipes+3)/4, redisOlder)
	add((o.Kills+3)/4, linkCut, linkReset, linkHalfOpen, linkSlow, linkThin)
	r := rand.New(rand.NewPCG(uint64(o.Seed), 0x646563))
	r.Shuffle(len(out), func(i, j int) { out[i], out[j] = out[j], out[i] })
	return out
}

// breaker breaks things and mends them again. Faults overlap; only each server is broken by one at a time.
type breaker struct {
	p     *plant
	r     *rand.Rand
	graph sync.Mutex
	redis sync.Mutex
	under sync.WaitGroup
	mu    sync.Mutex
	err   error
}

// deal breaks one thing and comes back; mending goes on beside.
func (b *breaker) deal(ctx context.Context, kind string) {
	pause := time.Duration(200+b.r.IntN(4000)) * time.Millisecond // until it is mended
	replica, point, n := b.r.IntN(replicas), points[b.r.IntN(len(points))], 1+b.r.IntN(20)
	link := b.p.links[b.r.IntN(len(b.p.links))]
	toxic := func(name, attributes string) func() error {
		return func() error { return b.toxic(ctx, link, name, attributes, pause) }
	}
	var do func() error
	switch kind {
	case serverKilled:
		do = b.p.process("serve", replica).killer("")
	case workerKilled:
		do = b.p.process("work", replica).killer("")
	case crashedAt:
		do = b.p.process([]string{"serve", "work"}[n%2], replica).killer(fmt.Sprintf("%s:%d", point, n))
	case graphKilled:
		do = func() error { return b.restart(ctx, &b.graph, b.p.neo4j, pause/8) }
	case redisKilled:
		do = func() error { return b.restart(ctx, &b.redis, b.p.redis, pause) }
	case redisWiped:
		do = func() error {
			b.redis.Lock()
			defer b.redis.Unlock()
			return b.p.redis.WipeRedis()
		}
	case redisOlder:
		do = func() error { return b.older(ctx, pause) }
	case linkCut:
		do = func() error { return b.cut(ctx, link, pause) }
	case linkReset:
		do = toxic("reset_peer", `{"timeout":0}`)
	case linkHalfOpen:
		do = toxic("timeout", `{"timeout":0}`)
	case linkSlow:
		do = toxic("latency", `{"latency":250,"jitter":200}`)
	case linkThin:
		do = toxic("bandwidth", `{"rate":20}`)
	}
	b.under.Go(func() {
		if err := do(); err != nil {
			b.mu.Lock()
			b.err = fmt.Errorf("%s: %w", kind, err)
			b.mu.Unlock()
		}
	})
}

// mended waits until everything is whole again.
func (b *breaker) mended() error {
	b.under.Wait()
	return b.err
}

type restarter interface {
	Kill() error
	Start() error
}

func (b *breaker) restart(ctx context.Context, lock *sync.Mutex, s restarter, down time.Duration) error {
	lock.Lock()
	defer lock.Unlock()
	if err := s.Kill(); err != nil {
		return err
	}
	sleep(ctx, down)
	return s.Start()
}

// older keeps a copy of what Redis has on disk, and puts it back some while later.
func (b *breaker) older(ctx context.Context, pause time.Duration) error {
	home := filepath.Join(b.p.dir, "redis", "appendonlydir")
	b.redis.Lock()
	copied, err := os.MkdirTemp(b.p.dir, "older-")
	if err == nil {
		defer os.RemoveAll(copied)
		err = os.CopyFS(filepath.Join(copied, "aof"), os.DirFS(home))
	}
	b.redis.Unlock()
	if err != nil {
		return err
	}
	sleep(ctx, 2*pause)
	b.redis.Lock()
	defer b.redis.Unlock()
	if err := b.p.redis.Kill(); err != nil {
		return err
	}
	if err := os.RemoveAll(home); err != nil {
		return err
	}
	if err := os.CopyFS(home, os.DirFS(filepath.Join(copied, "aof"))); err != nil && !os.IsExist(err) {
		return err
	}
	return b.p.redis.Start()
}

// cut keeps a replica from a server for a while.
func (b *breaker) cut(ctx context.Context, l *link, pause time.Duration) error {
	l.busy.Lock()
	defer l.busy.Unlock()
	l.proxy.Stop()
	sleep(ctx, pause)
	return l.proxy.Start()
}

// toxic spoils a link in both directions for a while.
func (b *breaker) toxic(ctx context.Context, l *link, kind, attributes string, pause time.Duration) error {
	l.busy.Lock()
	defer l.busy.Unlock()
	for _, stream := range []string{"upstream", "downstream"} {
		text := fmt.Sprintf(`{"name":%q,"type":%q,"stream":%q,"attributes":%s}`, stream, kind, stream, attributes)
		if _, err := l.proxy.Toxics.AddToxicJson(strings.NewReader(text)); err != nil {
			return err
		}
	}
	sleep(ctx, pause)
	for _, stream := range []string{"upstream", "downstream"} {
		removing, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
		err := l.proxy.Toxics.RemoveToxic(removing, stream)
		cancel()
		if err != nil {
			return err
		}
	}
	return nil
}

// process finds one by kind and replica.
func (p *plant) process(kind string, replica int) *process {
	for _, run := range p.processes {
		if run.name == fmt.Sprintf("%s-%d", kind, replica) {
			return run
		}
	}
	panic("torture: no process " + kind)
}

func (p *process) killer(crash string) func() error { return func() error { return p.kill(crash) } }

// sleep waits for a time or for ctx.
func sleep(ctx context.Context, d time.Duration) { _ = muster.SystemClock{}.Sleep(ctx, d) }
