// Package torture breaks a running company on purpose and counts what was lost. Three replicas of the real binary, each a
// server and a worker, work on a real Neo4j and a real Redis through links of their own; people use them over HTTP, and
// each answer that says "done" goes into a ledger on disk before the next request. Meanwhile processes are killed, links
// cut, Redis wiped. Afterwards every line of the ledger is looked for in the graph.
//
// Everything listens on the loopback interface and lives in one folder, from which a run that was stopped goes on.
package torture

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"
)

// Options say how much is to be broken.
type Options struct {
	Muster  string        // the binary
	Dir     string        // of servers and ledger; "" is a temporary one
	Seed    int64         // of the company and of what breaks when
	Kills   int           // of replicas' processes in all
	Graph   int           // kills of Neo4j
	Wipes   int           // of Redis
	Every   time.Duration // mean time between two faults
	Rate    float64       // submissions a second, whatever comes of those before (open loop)
	Surge   float64       // so many more while an outage lasts
	Experts int
	Chapter time.Duration // how long it breaks things before it looks for what it was told
	Say     func(format string, args ...any)
	Each    func(Evidence) error // called after each chapter: what there is so far, to be kept and gone on from
}

// Evidence is what a run shows. Counts are over all chapters.
type Evidence struct {
	Seconds  float64        `json:"seconds"` // under faults, without the looking afterwards
	Chapters int            `json:"chapters"`
	Faults   map[string]int `json:"faults"`                 // by kind
	Points   map[string]int `json:"crash_points,omitempty"` // at which processes killed themselves
	Sent     int            `json:"sent"`                   // requests, repeated ones left out
	Repeated int            `json:"repeated"`
	Acked    int            `json:"acknowledged"`
	Tickets  int            `json:"tickets"`     // acknowledged submissions
	Refused  int            `json:"refused"`     // answered with 4xx
	Unknown  int            `json:"unknown"`     // given up without an answer
	Lost     []string       `json:"lost"`        // acknowledged, and not in the graph
	Doubled  []string       `json:"doubled"`     // took effect twice, or two answers to one request
	Two      int            `json:"two_numbers"` // submissions that two servers accepted while the graph was away
	Breaches []string       `json:"breaches"`
	Redriven []float64      `json:"redriven_s"` // after each chapter: seconds from recovery until nothing due was late
	Checked  int            `json:"fsck_checked"`

	broken []string // ids of what fsck has found
}

// Sound tells whether nothing was lost, doubled or broken, and due work was taken up again in time.
func (e Evidence) Sound() bool {
	for _, s := range e.Redriven {
		if s > redriveWithin.Seconds() {
			return false
		}
	}
	return len(e.Lost)+len(e.Doubled)+len(e.Breaches) == 0
}

// redriveWithin is how soon after recovery due work must be taken up again.
const redriveWithin = time.Minute

// Run breaks and looks, chapter after chapter, until all faults have been, going on from what an earlier run in the same
// folder has shown.
func Run(ctx context.Context, o Options, e Evidence) (Evidence, error) {
	if o.Say == nil {
		o.Say = func(string, ...any) {}
	}
	if o.Dir == "" {
		dir, err := os.MkdirTemp("", "muster-torture-")
		if err != nil {
			return Evidence{}, err
		}
		o.Dir = dir
		defer os.RemoveAll(dir)
	}
	if e.Chapters == 0 {
		var err error
		if e, err = begin(o); err != nil {
			return e, err
		}
	}
	p, err := build(ctx, o)
	if err != nil {
		return e, err
	}
	defer p.end()
	if e.Chapters == 0 {
		if err := p.found(ctx, o); err != nil {
			return e, err
		}
	}
	for cards := deck(o); !enough(e, o) && done(e, cards) < len(cards); { // a run that goes on with other numbers may have no cards left
		if err := chapter(ctx, o, p, &e); err != nil {
			return e, err
		}
		if o.Each != nil {
			if err := o.Each(e); err != nil {
				return e, err
			}
		}
		o.Say("chapter %d: %v; %d acknowledged, %d lost, %d doubled, %d breaches, re-driven in %.1f s", e.Chapters, e.Faults,
			e.Acked, len(e.Lost), len(e.Doubled), len(e.Breaches), e.Redriven[len(e.Redriven)-1])
		if !e.Sound() {
			break
		}
	}
	return e, nil
}

// enough tells whether all faults that were asked for have been.
func enough(e Evidence, o Options) bool {
	kills := 0
	for _, k := range killKinds {
		kills += e.Faults[k]
	}
	return kills >= o.Kills && e.Faults[graphKilled] >= o.Graph && e.Faults[redisWiped] >= o.Wipes
}

// begin gives the evidence of a run that has shown nothing yet, in a folder in which nothing was told to anybody.
func begin(o Options) (Evidence, error) {
	e := Evidence{
		Faults: map[string]int{}, Lost: []string{}, Doubled: []string{}, Breaches: []string{}, Redriven: []float64{},
	}
	if _, err := os.Stat(filepath.Join(o.Dir, ledgerFile)); !errors.Is(err, fs.ErrNotExist) {
		return e, errors.Join(fmt.Errorf("%s holds a run already: go on with RESUME=1, or name another folder; "+
			"an outage, and a run of which no chapter was over, can't be gone on with", o.Dir), err)
	}
	return e, os.MkdirAll(o.Dir, 0o700)
}
