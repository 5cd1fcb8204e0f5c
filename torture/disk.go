package torture

import (
	"bytes"
	"context"
	"fmt"
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
	d.Full = f.fill(ctx)
	o.Say("%d disks are full, for %s", d.Full, lasts)
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
	d.ByFiling = f.accepting(ctx, o, d)
	o.Say("%d accept again once all is filed", d.ByFiling)
	d.Full += f.fill(ctx)
	if err := p.onDisks(ctx, "remount,size="+roomyDisk); err != nil {
		return d, err
	}
	d.ByRoom = f.accepting(ctx, o, d)
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

// once sends one submission to one replica, once. What is accepted is in the ledger. Full tells that its journal had no room.
func (f *filler) once(ctx context.Context, server string) (status int, full bool, err error) {
	f.mu.Lock()
	f.n++
	key := fmt.Sprintf("disk/%d", f.n)
	body := submission(f.r, f.users[f.r.IntN(len(f.users))])
	f.mu.Unlock()
	req, err := wish(ctx, key, body)
	if err != nil {
		return 0, false, err
	}
	res, answer, err := f.client.to(ctx, server, req, body)
	if err != nil {
		return 0, false, err
	}
	full = res.StatusCode == http.StatusServiceUnavailable && bytes.Contains(answer, []byte("intake journal"))
	return res.StatusCode, full, f.client.told(commandOf(string(board), key), req.URL.Path, res.StatusCode, answer)
}

// fill submits to each replica until its disk is full, or for a minute, and tells how many disks are.
func (f *filler) fill(ctx context.Context) (full int) {
	for _, server := range f.plant.servers() {
		for began := time.Now(); time.Since(began) < time.Minute && ctx.Err() == nil; {
			_, isFull, err := f.once(ctx, server)
			if err == nil && isFull {
				full++
				break
			}
		}
	}
	return full
}

// accepting tells how many replicas accept a submission into their journals as soon as a number is owed.
func (f *filler) accepting(ctx context.Context, o Options, d *Disk) (n int) {
	for _, server := range f.plant.servers() {
		began := time.Now()
		for {
			status, _, err := f.once(ctx, server)
			took := float64(time.Since(began).Microseconds()) / 1000
			if err == nil && status == http.StatusAccepted {
				d.Slowest = max(d.Slowest, took)
				n++
				break
			}
			o.Say("%s answered %d, %v", server, status, err)
			if took > numberWithin || ctx.Err() != nil {
				break
			}
			sleep(ctx, again)
		}
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
