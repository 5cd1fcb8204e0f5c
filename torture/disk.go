package torture

import (
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"time"
)

// Disk is what became of the journals whose disks were full. Replicas that accepted again did so without the graph.
type Disk struct {
	Full     int     `json:"full"`              // replicas that refused because of it, both times
	ByFiling int     `json:"healed_by_filing"`  // replicas that accepted again once theirs had been filed, on a disk as small
	ByRoom   int     `json:"healed_by_room"`    // replicas that accepted again once the disk had been given room
	Slowest  float64 `json:"healed_slowest_ms"` // of these acceptances
}

// healed tells whether each replica's disk was full, and each accepted again in time both times.
func (d *Disk) healed() bool {
	return d.Full == 2*replicas && d.ByFiling == replicas && d.ByRoom == replicas && d.Slowest <= numberWithin
}

// Sizes of a journal's disk, of which a quarter is kept for writing it anew, before and after it was given room.
const (
	smallDisk = "1m"
	roomyDisk = "8m"
)

// fillDisks lets the journals fill their disks twice while the graph is away. The first time they are filed, the second time
// the disks are given room.
func (p *plant) fillDisks(ctx context.Context, o Options, c *client, users []caller, lasts time.Duration) (*Disk, error) {
	f := &filler{plant: p, client: c, users: users, r: rand.New(rand.NewPCG(uint64(o.Seed), 0x6469736b))}
	d := &Disk{}
	if err := p.neo4j.Kill(); err != nil {
		return d, err
	}
	full, err := f.fill(ctx)
	if err != nil {
		return d, err
	}
	o.Say("%d disks are full, for %s", full, lasts)
	sleep(ctx, lasts)
	if err := p.neo4j.Start(); err != nil {
		return d, err
	}
	if err := p.filed(ctx, o); err != nil {
		return d, err
	}
	if err := p.neo4j.Kill(); err != nil {
		return d, err
	}
	d.ByFiling = f.accepting(ctx, d)
	o.Say("%d accept again once all is filed", d.ByFiling)
	d.Full = full
	if full, err = f.fill(ctx); err != nil {
		return d, err
	}
	d.Full += full
	if err := p.onDisks(ctx, "remount,size="+roomyDisk); err != nil {
		return d, err
	}
	d.ByRoom = f.accepting(ctx, d)
	o.Say("%d accept again once there is room", d.ByRoom)
	return d, p.neo4j.Start()
}

// filler submits to one replica at a time.
type filler struct {
	plant  *plant
	client *client
	users  []caller

	mu sync.Mutex
	r  *rand.Rand
	n  int
}

// once sends one submission to one replica, once. What is accepted is in the ledger.
func (f *filler) once(ctx context.Context, server string) (status int, err error) {
	f.mu.Lock()
	f.n++
	key := fmt.Sprintf("disk/%d", f.n)
	body := submission(f.r, f.users[f.r.IntN(len(f.users))])
	f.mu.Unlock()
	req, err := wish(ctx, key, body)
	if err != nil {
		return 0, err
	}
	res, answer, err := f.client.to(ctx, server, req, body)
	if err != nil {
		return 0, err
	}
	_, _ = io.Copy(io.Discard, res.Body)
	return res.StatusCode, f.client.told(commandOf(board, key), req.URL.Path, res.StatusCode, answer)
}

// fill submits to each replica until it refuses, and tells how many did.
func (f *filler) fill(ctx context.Context) (full int, err error) {
	for _, server := range f.plant.servers() {
		for accepted := 0; ; accepted++ {
			status, err := f.once(ctx, server)
			if err != nil {
				return full, err
			}
			if status == http.StatusServiceUnavailable {
				full++
				break
			}
			if status != http.StatusAccepted && status != http.StatusTooManyRequests && status != http.StatusCreated {
				return full, fmt.Errorf("%s answered %d to a submission", server, status)
			}
			if accepted > 100_000 {
				break // its disk has no end
			}
		}
	}
	return full, nil
}

// accepting tells how many replicas accept a submission into their journals, at once.
func (f *filler) accepting(ctx context.Context, d *Disk) (n int) {
	for _, server := range f.plant.servers() {
		began := time.Now()
		status, err := f.once(ctx, server)
		if err == nil && status == http.StatusAccepted {
			n++
		}
		d.Slowest = max(d.Slowest, float64(time.Since(began).Microseconds())/1000)
	}
	return n
}

// smallDisks puts the journal of each replica on a small disk of its own.
func (p *plant) smallDisks(ctx context.Context) (unmount func(), err error) {
	for _, dir := range p.journals() {
		if err := os.MkdirAll(dir, 0o700); err != nil {
			return func() {}, err
		}
	}
	return func() {
		for _, dir := range p.journals() {
			_ = exec.Command("umount", "-l", dir).Run()
		}
	}, p.onDisks(ctx, "size="+smallDisk)
}

// onDisks mounts the journals' disks with an option.
func (p *plant) onDisks(ctx context.Context, option string) error {
	for _, dir := range p.journals() {
		if out, err := exec.CommandContext(ctx, "mount", "-t", "tmpfs", "-o", option, "tmpfs", dir).CombinedOutput(); err != nil {
			return fmt.Errorf("a small disk needs root: mount: %w: %s", err, out)
		}
	}
	return nil
}

// journals are the folders of the replicas' journals.
func (p *plant) journals() []string {
	var out []string
	for n := range replicas {
		out = append(out, filepath.Join(p.process("serve", n).dir, "data", "journal"))
	}
	return out
}
