// Package bench measures Muster beside the bare drivers in the same run: import, assignment, time from submission
// to offer, reads. What is measured runs in a fresh process of the same binary; the peer is bench/probe, a
// program that knows only the drivers and writes the very rows that Muster wrote.
package bench

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"github.com/sysopssquad/muster"
)

// Options say what to measure and how much of it.
type Options struct {
	Muster  string // the binary to measure
	Probe   string // the probe's binary
	Stores  []string
	Data    string // folder of the data files
	Rows    int    // of the openrepair file to import, 0: all
	Tickets int
	Experts int
	Offers  int // urgent tickets whose way to an offer is timed
	Seed    int64
	Turns   int                              // how often import and assignment are measured; the best counts, as of the probe's nine ways
	Brief   bool                             // a Neo4j that is there soon and never gets fast: for runs that measure nothing
	Say     func(format string, args ...any) // progress; may be nil
}

// Line is one figure beside its peer. Rates are per second, times are in milliseconds.
type Line struct {
	Store string    `json:"store"`
	Work  string    `json:"work"`
	Unit  string    `json:"unit"` // tickets/s, assignments/s or ms
	Have  float64   `json:"have"`
	Peer  string    `json:"peer"`
	Probe float64   `json:"probe"`
	Ratio float64   `json:"ratio"` // above 1: better than the peer
	Owed  float64   `json:"owed,omitempty"`
	Turns []float64 `json:"turns,omitempty"` // what have is the best of, in their order
	Note  string    `json:"note,omitempty"`
}

// Report is a run with what it takes to judge it.
type Report struct {
	At      time.Time `json:"at"`
	Commit  string    `json:"commit"`
	Dirty   bool      `json:"dirty"`
	Machine string    `json:"machine"`
	Seed    int64     `json:"seed"`
	Lines   []Line    `json:"lines"`
}

// Run measures everything.
func Run(ctx context.Context, o Options) (Report, error) {
	r := Report{At: muster.SystemClock{}.Now(), Seed: o.Seed, Machine: machine()}
	if o.Say == nil {
		o.Say = func(string, ...any) {}
	}
	for _, kind := range o.Stores {
		place, err := newPlace(kind, o)
		if err != nil {
			return r, err
		}
		lines, err := measure(ctx, o, place)
		r.Lines = append(r.Lines, lines...)
		if e := place.end(); err == nil {
			err = e
		}
		if err != nil {
			return r, fmt.Errorf("%s: %w", kind, err)
		}
	}
	return r, nil
}

func measure(ctx context.Context, o Options, p place) (lines []Line, err error) {
	for _, m := range []struct {
		name string
		do   func(context.Context, Options, place) ([]Line, error)
	}{{"import", importTickets}, {"assign", assign}, {"reads", reads}, {"submit to offer", submitToOffer}} {
		o.Say("%s: %s", p.name(), m.name)
		got, err := m.do(ctx, o, p)
		if err != nil {
			return lines, fmt.Errorf("%s: %w", m.name, err)
		}
		for _, l := range got {
			o.Say("  %s %.4g %s, %s %.4g, ratio %.2f", l.Work, l.Have, l.Unit, l.Peer, l.Probe, l.Ratio)
		}
		lines = append(lines, got...)
	}
	return lines, nil
}

// Print writes the lines as a table.
func (r Report) Print(w io.Writer) {
	fmt.Fprintf(w, "%s, commit %.12s, seed %d, %s\n\n", r.At.Format(time.RFC3339), r.Commit, r.Seed, r.Machine)
	fmt.Fprintln(w, "| store | work | Muster | peer | | ratio | owed |\n|-|-|-|-|-|-|-|")
	for _, l := range r.Lines {
		owed := "-"
		if l.Owed > 0 {
			owed = fmt.Sprintf("%.1f", l.Owed)
		}
		work := l.Work
		if len(l.Turns) > 1 {
			work += fmt.Sprintf(", best of %.0f", l.Turns)
		}
		if l.Note != "" {
			work += " (" + l.Note + ")"
		}
		fmt.Fprintf(w, "| %s | %s | %s | %s | %s | %.2f | %s |\n", l.Store, work, amount(l.Have, l.Unit), l.Peer, amount(l.Probe, l.Unit), l.Ratio, owed)
	}
}

func amount(n float64, unit string) string {
	if n >= 100 {
		return fmt.Sprintf("%.0f %s", n, unit)
	}
	return fmt.Sprintf("%.2f %s", n, unit)
}

// machine names what this runs on.
func machine() string {
	model := runtime.GOARCH
	b, _ := os.ReadFile("/proc/cpuinfo")
	for line := range strings.Lines(string(b)) {
		if name, ok := strings.CutPrefix(line, "model name"); ok {
			model = strings.TrimSpace(strings.TrimLeft(name, "\t :"))
			break
		}
	}
	return fmt.Sprintf("%d cores, %s, %s", runtime.NumCPU(), model, runtime.Version())
}

// child runs a program to its end and reads its answer.
func child(ctx context.Context, answer any, name string, args ...string) error {
	c := exec.CommandContext(ctx, name, args...)
	var trouble strings.Builder
	c.Stderr = &trouble
	out, err := c.Output()
	if err != nil && len(out) == 0 { // findings are fine
		return fmt.Errorf("%s %s: %w: %s", filepath.Base(name), args[0], err, strings.TrimSpace(trouble.String()))
	}
	if answer == nil {
		return nil
	}
	if err := json.Unmarshal(out, answer); err != nil {
		return fmt.Errorf("%s %s answered %q: %w", filepath.Base(name), args[0], out, err)
	}
	return nil
}

// probed is what the probe prints, as far as it matters here.
type probed struct {
	Rows int `json:"rows"`
	Best struct {
		Batch    int     `json:"batch"`
		Sessions int     `json:"sessions"`
		Rate     float64 `json:"units_per_second"`
	} `json:"best"`
}

// better is the faster of two turns of the probe.
func (p probed) better(o probed) probed {
	if o.Best.Rate > p.Best.Rate {
		return o
	}
	return p
}

func (p probed) String() string {
	return fmt.Sprintf("probe, best of 9 ways: %d by %d", p.Best.Batch, p.Best.Sessions)
}
