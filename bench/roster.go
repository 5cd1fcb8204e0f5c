package bench

import (
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"runtime"
	"slices"
	"time"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/matcher/roster"
)

// RosterOptions say what to search.
type RosterOptions struct {
	Data    string // folder of us_zips.csv.gz
	Experts int
	Skills  int
	Queries int // of each band
	Seed    uint64
	Patient time.Duration // how long a peer may take in a band; the queries that it doesn't come to aren't compared
	Say     func(format string, args ...any)
}

// Searched is what was measured. Times of queries are in microseconds.
type Searched struct {
	At      time.Time `json:"at"`
	Commit  string    `json:"commit"`
	Dirty   bool      `json:"dirty"`
	Machine string    `json:"machine"`
	Seed    uint64    `json:"seed"`
	Experts int       `json:"experts"`
	Skills  int       `json:"skills"`
	Top     int       `json:"top"`
	BuildMs float64   `json:"build_ms"`  // the fastest of three
	Bytes   uint64    `json:"bytes"`     // that the roster takes, without what it was built from
	OnShift float64   `json:"on_shift"`  // share of experts who are at work for all of a visit, by counting
	Room    float64   `json:"with_room"` // share of these whose tour has room
	Bands   []Band    `json:"bands"`
	Change  Changed   `json:"change"`
}

// Band is queries for two skills that about as many experts have.
type Band struct {
	Holders string  `json:"holders"`
	Queries int     `json:"queries"`
	Mean    float64 `json:"mean_holders"`
	Found   float64 `json:"mean_found"`
	P50     float64 `json:"p50_us"`
	P99     float64 `json:"p99_us"`
	Average float64 `json:"mean_us"`
	Allocs  float64 `json:"allocs"` // a query
	Peers   []Peer  `json:"peers"`
}

// Peer is another way to the identical answer.
type Peer struct {
	Name     string  `json:"name"`
	Compared int     `json:"compared"` // queries
	P50      float64 `json:"p50_us"`
	P99      float64 `json:"p99_us"`
	Average  float64 `json:"mean_us"`
	Ratio    float64 `json:"ratio"`      // of medians
	Means    float64 `json:"ratio_mean"` // of means, over the queries compared
	Owed     float64 `json:"owed"`       // of both
}

// Changed is what changes of single experts take, in microseconds, and what searches in the middle band take beside them.
type Changed struct {
	Changes int     `json:"changes"`
	P50     float64 `json:"p50_us"`
	P99     float64 `json:"p99_us"`
	Alone   float64 `json:"find_alone_p50_us"`
	Beside  float64 `json:"find_beside_p50_us"` // while another goroutine makes up to 1,000 changes a second
}

// topOf is how many are asked for.
const topOf = 16

// turn is how many queries each side answers before the other's turn: what else runs beside hits all alike.
const turn = 100

// SearchRoster measures the roster beside an r-tree and a flat scan.
func SearchRoster(ctx context.Context, o RosterOptions) (Searched, error) {
	out := Searched{At: muster.SystemClock{}.Now(), Machine: machine(), Seed: o.Seed, Experts: o.Experts, Skills: o.Skills, Top: topOf}
	c, err := newCrowd(o.Data, o.Experts, o.Skills, o.Seed)
	if err != nil {
		return out, err
	}
	var r *roster.Roster
	for turn := range 3 {
		r = nil
		before := inUse()
		began := time.Now()
		if r, err = roster.New(c.tree, c.horizon, c.entries); err != nil {
			return out, err
		}
		if took := since(began) / 1000; turn == 0 || took < out.BuildMs {
			out.BuildMs = took
		}
		out.Bytes = inUse() - before
	}
	o.Say("built in %.0f ms, %.0f MB", out.BuildMs, float64(out.Bytes)/1e6)
	k := newColumns(c)
	t := newTree(k)
	out.OnShift, out.Room = c.shares()
	rng := rand.New(rand.NewPCG(o.Seed, 6))
	var middle []ask
	for _, b := range bands {
		asks, err := c.asks(b, o.Queries, rng)
		if err != nil {
			return out, err
		}
		got, err := o.band(ctx, b, asks, r, k, t)
		if err != nil {
			return out, err
		}
		out.Bands = append(out.Bands, got)
		if b == bands[1] {
			middle = asks
		}
		o.Say("%s: p50 %.2f us, p99 %.2f us; %s", b.name, got.P50, got.P99, got.Peers)
	}
	out.Change, err = c.change(r, middle, rng)
	return out, err
}

// inUse is the heap after what nobody needs is gone.
func inUse() uint64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.GC()
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

// since is microseconds.
func since(t time.Time) float64 { return float64(time.Since(t)) / 1000 }

// band measures one band. In the middle one there is something owed.
func (o RosterOptions) band(ctx context.Context, b band, asks []ask, r *roster.Roster, k *columns, t *tree) (Band, error) {
	out := Band{Holders: b.name, Queries: len(asks)}
	peers := []struct {
		Peer
		answer func(*ask, int, []near) []near
		took   []float64
	}{
		{Peer: Peer{Name: "tidwall/rtree", Owed: 1}, answer: t.nearby},
		{Peer: Peer{Name: "flat scan", Owed: 1}, answer: k.scan},
	}
	if b == bands[1] {
		peers[0].Owed, peers[1].Owed = 50, 30
	}
	took := make([]float64, 0, len(asks))
	hits, found := make([][]roster.Hit, turn), make([]roster.Hit, turn*topOf)
	buffer := make([]near, topOf)
	var allocated uint64
	var before, after runtime.MemStats
	for from := 0; from < len(asks); from += turn {
		if err := ctx.Err(); err != nil {
			return out, err
		}
		some := asks[from:min(from+turn, len(asks))]
		runtime.ReadMemStats(&before)
		for i := range some {
			began := time.Now()
			h, err := r.Now().Find(&some[i].Query, found[i*topOf:(i+1)*topOf])
			took = append(took, since(began))
			if err != nil {
				return out, err
			}
			hits[i] = h
		}
		runtime.ReadMemStats(&after)
		allocated += after.Mallocs - before.Mallocs
		for n := range peers {
			p := &peers[n]
			if p.Average > float64(o.Patient.Microseconds()) {
				continue
			}
			for i := range some {
				began := time.Now()
				theirs := p.answer(&some[i], topOf, buffer)
				p.took = append(p.took, since(began))
				p.Average += p.took[len(p.took)-1]
				if err := k.same(&some[i], r.Now(), hits[i], theirs); err != nil {
					return out, fmt.Errorf("%s, query %d: %s: %w", b.name, from+i, p.Name, err)
				}
			}
		}
		for i := range some {
			out.Mean += float64(some[i].holders) / float64(len(asks))
			out.Found += float64(len(hits[i])) / float64(len(asks))
		}
	}
	out.Allocs = float64(allocated) / float64(len(asks))
	all := slices.Clone(took)
	out.P50, out.P99, out.Average = spread(all)
	for n := range peers {
		p := &peers[n]
		p.Compared = len(p.took)
		_, _, ours := spread(slices.Clone(took[:p.Compared]))
		p.P50, p.P99, p.Average = spread(p.took)
		p.Ratio, p.Means = p.P50/out.P50, p.Average/ours
		out.Peers = append(out.Peers, p.Peer)
	}
	return out, nil
}

// spread sorts times and gives their median, the 99th of 100, and their mean.
func spread(us []float64) (p50, p99, mean float64) {
	slices.Sort(us)
	for _, t := range us {
		mean += t / float64(len(us))
	}
	return us[len(us)/2], us[len(us)*99/100], mean
}

// same compares two answers.
func (k *columns) same(a *ask, s *roster.Snapshot, ours []roster.Hit, theirs []near) error {
	if len(ours) != len(theirs) {
		return fmt.Errorf("it finds %d, the roster %d", len(theirs), len(ours))
	}
	for i := range ours {
		if id := s.Expert(ours[i].Number); id != k.entries[theirs[i].expert].ID {
			return fmt.Errorf("place %d: it finds %s, the roster %s", i+1, k.entries[theirs[i].expert].ID, id)
		}
	}
	return nil
}

func (p Peer) String() string {
	return fmt.Sprintf("%s p50 %.1f us, ratio %.1f (means %.1f), owed %.0f, %d compared", p.Name, p.P50, p.Ratio, p.Means, p.Owed, p.Compared)
}

// Print writes a table.
func (r Searched) Print(w io.Writer) {
	fmt.Fprintf(w, "%s, commit %.12s, seed %d, %s\n\n", r.At.Format(time.RFC3339), r.Commit, r.Seed, r.Machine)
	fmt.Fprintf(w, "%d experts, %d skills, %.0f %% on shift, %.0f %% of these with room; built in %.0f ms; %.1f MB\n\n",
		r.Experts, r.Skills, 100*r.OnShift, 100*r.Room, r.BuildMs, float64(r.Bytes)/1e6)
	fmt.Fprintln(w, "| both skills held by | p50, p99 us | allocations | peer | p50, p99 us | ratio of p50 | of means | owed | compared |\n|-|-|-|-|-|-|-|-|-|")
	for _, b := range r.Bands {
		for _, p := range b.Peers {
			fmt.Fprintf(w, "| %s (mean %.0f) | %.2f, %.2f | %.2f | %s | %.1f, %.1f | %.1f | %.1f | %.0f | %d |\n",
				b.Holders, b.Mean, b.P50, b.P99, b.Allocs, p.Name, p.P50, p.P99, p.Ratio, p.Means, p.Owed, p.Compared)
		}
	}
	fmt.Fprintf(w, "\none change of an expert: p50 %.1f us, p99 %.1f us; a search alone %.2f us, beside changes %.2f us (p50)\n",
		r.Change.P50, r.Change.P99, r.Change.Alone, r.Change.Beside)
}

// Short names what is below what is owed.
func (r Searched) Short() (out []string) {
	for _, b := range r.Bands {
		for _, p := range b.Peers {
			if p.Ratio < p.Owed {
				out = append(out, fmt.Sprintf("%s: %s", b.Holders, p))
			}
		}
		if b.Allocs > 0 {
			out = append(out, fmt.Sprintf("%s: %.2f allocations a query", b.Holders, b.Allocs))
		}
	}
	return out
}
