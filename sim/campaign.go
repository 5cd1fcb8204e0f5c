package sim

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/sysopssquad/muster"
)

// Campaign is many histories, each of a company of its own: the first has the seed, the next the seed plus one, and so on.
type Campaign struct {
	Options
	Open     Open
	Chunk    int    // tickets of one history; 0: all in one
	Parallel int    // histories at once, 1 if 0
	Keep     string // folder in which the report of each history is kept, and from which a campaign is resumed; "": none
	// Said is told how far the campaign is: the histories that are over, and the share of all that has passed.
	Said func(over, of int, share float64) `json:"-"`
	// Kept is called after each report that was put into the folder.
	Kept func() error `json:"-"`

	keeping sync.Mutex
}

// Histories lists the options of each history.
func (c *Campaign) Histories() ([]Options, error) {
	all, err := c.Options.filled()
	if err != nil {
		return nil, err
	}
	size := c.Chunk
	if size <= 0 || size > all.Tickets {
		size = all.Tickets
	}
	var out []Options
	for n, left := int64(0), all.Tickets; left > 0; n++ {
		o := all
		o.Seed, o.Tickets = all.Seed+n, min(size, left)
		if o.Experts = c.Experts; o.Experts > 0 {
			o.Experts = max(1, int(int64(all.Experts)*int64(o.Tickets)/int64(all.Tickets)))
		}
		if o, err = o.filled(); err != nil {
			return nil, err
		}
		left -= o.Tickets
		out = append(out, o)
	}
	return out, nil
}

// Run simulates all histories and sums up their reports, in the order of their seeds.
func (c *Campaign) Run(ctx context.Context) (Report, error) {
	histories, err := c.Histories()
	if err != nil {
		return Report{}, err
	}
	reports := make([]Report, len(histories))
	shares := make([]float64, len(histories))
	var mu sync.Mutex
	over := 0
	say := func(n int, share float64) {
		mu.Lock()
		defer mu.Unlock()
		shares[n] = share
		if share >= 1 {
			over++
		}
		sum := 0.0
		for _, s := range shares {
			sum += s
		}
		if c.Said != nil {
			c.Said(over, len(histories), sum/float64(len(histories)))
		}
	}
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(max(1, c.Parallel))
	for n, o := range histories {
		g.Go(func() error {
			o.Progress = func(p Progress) { say(n, min(p.Share, 0.999)) }
			r, err := c.history(ctx, o)
			if err != nil {
				return fmt.Errorf("the history of seed %d: %w", o.Seed, err)
			}
			reports[n] = r
			say(n, 1)
			return nil
		})
	}
	if err := g.Wait(); err != nil {
		return Report{}, err
	}
	var sum Report
	for _, r := range reports {
		sum.Add(r)
	}
	return sum, nil
}

// history simulates one, or takes its report from an earlier run.
func (c *Campaign) history(ctx context.Context, o Options) (Report, error) {
	if c.Keep == "" {
		return c.timed(ctx, o)
	}
	var kept struct {
		Options Options `json:"options"`
		Report  Report  `json:"report"`
	}
	path := filepath.Join(c.Keep, fmt.Sprintf("seed-%d.json", o.Seed))
	b, err := os.ReadFile(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
	case err != nil:
		return Report{}, err
	default:
		if err := json.Unmarshal(b, &kept); err != nil {
			return Report{}, muster.Invalid("keep", path, "it is no report of a history; remove it").Because(err)
		}
		if have, want := muster.Fingerprint("", kept.Options), muster.Fingerprint("", o); have != want {
			return Report{}, muster.Invalid("keep", path, "it is of a history with other options; use another folder")
		}
		return kept.Report, nil
	}
	if kept.Report, err = c.timed(ctx, o); err != nil {
		return Report{}, err
	}
	kept.Options = o
	if b, err = json.Marshal(kept); err != nil {
		return Report{}, err
	}
	if err := os.MkdirAll(c.Keep, 0o755); err != nil { //nolint:gosec // reports are for everybody
		return Report{}, err
	}
	half := path + ".part"
	if err := os.WriteFile(half, b, 0o644); err != nil { //nolint:gosec // the same
		return Report{}, err
	}
	if err := os.Rename(half, path); err != nil || c.Kept == nil {
		return kept.Report, err
	}
	c.keeping.Lock()
	defer c.keeping.Unlock()
	return kept.Report, c.Kept()
}

func (c *Campaign) timed(ctx context.Context, o Options) (Report, error) {
	from := time.Now()
	r, err := Run(ctx, c.Open, o)
	r.Seconds = time.Since(from).Seconds()
	return r, err
}
