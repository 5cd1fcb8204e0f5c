package bench

import (
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/matcher/check"
	"github.com/sysopssquad/muster/matcher/solve"
)

// PeerOptions say which solvers to compare on what.
type PeerOptions struct {
	Muster    string // the binary to measure
	Peers     string // folder that scripts/bench-peers has filled
	Script    string // peers.py
	Data      string // folder of the data files
	Instances []string
	Turns     int // of each side, one after the other; the best counts
	Agree     int // random instances on which LEMON must find the same cost
	Seed      uint64
	Say       func(format string, args ...any)
}

// ratios are what is owed on each instance, against the best of the peers; its order is that of the table.
var ratios = []struct {
	instance string
	owed     float64
}{{"u1", 8}, {"u2", 3}, {"u3", 3}, {"i4", 3}, {"u4", 3}}

// rival is what each solver prints.
type rival struct {
	Cost       int64   `json:"cost"`
	Unassigned int     `json:"unassigned"`
	SolveMs    float64 `json:"solve_ms"`
}

// RunPeers measures the solver beside its peers. Ours counts from arcs in random order to assignment and prices, theirs from their own
// graph to their answer. All must find the same cost.
func RunPeers(ctx context.Context, o PeerOptions) (Report, error) {
	r := Report{At: muster.SystemClock{}.Now(), Seed: int64(o.Seed), Machine: machine()}
	dir, err := os.MkdirTemp("", "muster-peers-")
	if err != nil {
		return r, err
	}
	defer os.RemoveAll(dir)
	for _, c := range ratios {
		for _, name := range o.Instances {
			if name != c.instance {
				continue
			}
			o.Say("%s", name)
			lines, err := beside(ctx, o, dir, name, c.owed)
			r.Lines = append(r.Lines, lines...)
			if err != nil {
				return r, fmt.Errorf("%s: %w", name, err)
			}
		}
	}
	if o.Agree > 0 {
		if err := agree(ctx, o, dir); err != nil {
			return r, err
		}
		o.Say("%d random instances: LEMON finds the same cost, and the check finds no flaw", o.Agree)
	}
	return r, nil
}

// beside measures one instance.
func beside(ctx context.Context, o PeerOptions, dir, name string, owed float64) ([]Line, error) {
	packed, plain := filepath.Join(dir, name+".gz"), filepath.Join(dir, name+".bin")
	peers := []string{"lemon", "ortools", "scipy"}
	repeat := 5
	if name == "u4" { // not among the data files; SciPy's table of it doesn't end
		peers, repeat = peers[:2], 1
		if err := generated(packed, name, o); err != nil {
			return nil, err
		}
	} else {
		packed = filepath.Join(o.Data, "assign", name+".bin.gz")
	}
	in, err := openInstance(packed)
	if err != nil {
		return nil, err
	}
	if err := saved(plain, in.write); err != nil {
		return nil, err
	}
	var ours Solved
	best := rival{SolveMs: 1e18}
	by := ""
	for turn := range max(1, o.Turns) {
		var s Solved
		if err := child(ctx, &s, o.Muster, "bench", "solve", "--instance", plain, "--turns", strconv.Itoa(repeat), "--changes", strconv.Itoa(1000/max(1, o.Turns)), "--json"); err != nil {
			return nil, err
		}
		if !s.Certified {
			return nil, fmt.Errorf("the check finds %v", s.Flaws)
		}
		if turn == 0 || s.BuildMs+s.SolveMs < ours.BuildMs+ours.SolveMs {
			ours = s
		}
		for _, peer := range peers {
			times := repeat
			if peer == "scipy" {
				times = 1 // never the fastest, and seconds where supply is scarce
			}
			a, err := o.ask(ctx, peer, plain, times)
			if err != nil {
				return nil, err
			}
			if a.Cost != s.Cost {
				return nil, fmt.Errorf("%s finds a cost of %d, Muster %d", peer, a.Cost, s.Cost)
			}
			o.Say("  %s %.1f ms, muster %.1f ms (build %.1f, check %.1f)", peer, a.SolveMs, s.BuildMs+s.SolveMs, s.BuildMs, s.CheckMs)
			if a.SolveMs < best.SolveMs {
				best, by = a, peer
			}
		}
	}
	full := ours.BuildMs + ours.SolveMs
	note := fmt.Sprintf("%d by %d, %d arcs, %d left out", ours.Tickets, ours.Openings, ours.Arcs, ours.Unassigned)
	r := ours.Resolve
	return []Line{
		{Store: name, Work: "assignment and prices from arcs in random order", Unit: "ms", Have: full, Peer: by, Probe: best.SolveMs, Ratio: best.SolveMs / full, Owed: owed, Note: note},
		{Store: name, Work: "check of the plan", Unit: "ms", Have: ours.CheckMs, Peer: by, Probe: best.SolveMs, Ratio: best.SolveMs / ours.CheckMs, Owed: 10},
		{
			Store: name, Work: "re-solve after a ticket comes or an opening closes, mean", Unit: "ms", Have: r.Mean / 1000, Peer: "a full solve", Probe: full,
			Ratio: full / (r.Mean / 1000), Owed: 20,
			Note: fmt.Sprintf("p99 %.0f us a ticket, %.0f us an opening", r.ArriveP99, r.LeaveP99),
		},
		{Store: name, Work: "memory with the arcs that it is given", Unit: "bytes/arc", Have: ours.BytesArc, Peer: "at most", Probe: 64, Ratio: 64 / ours.BytesArc, Owed: 1},
	}, nil
}

// ask lets a peer solve an instance.
func (o PeerOptions) ask(ctx context.Context, peer, file string, turns int) (a rival, err error) {
	if peer == "lemon" {
		return a, child(ctx, &a, filepath.Join(o.Peers, "lemon-peer"), file, strconv.Itoa(turns))
	}
	return a, child(ctx, &a, filepath.Join(o.Peers, "venv", "bin", "python"), o.Script, file, peer, strconv.Itoa(turns))
}

// agree compares fresh random instances with LEMON: loose, full and scarce, with ties and duplicates.
func agree(ctx context.Context, o PeerOptions, dir string) error {
	r := rand.New(rand.NewPCG(o.Seed, 8))
	file := filepath.Join(dir, "random.bin")
	for i := range o.Agree {
		in := &Instance{Tickets: 1 + r.IntN(600), Openings: 1 + r.IntN(300), Capacity: 1 + r.Int32N(4)}
		highest := []int32{1, 30, 1000, 1_000_000}[i%4]
		for range r.IntN(20 * in.Tickets) {
			in.Arcs = append(in.Arcs, solve.Arc{Ticket: r.Int32N(int32(in.Tickets)), Opening: r.Int32N(int32(in.Openings)), Cost: 1 + r.Int32N(highest)})
		}
		if err := saved(file, in.write); err != nil {
			return err
		}
		theirs, err := o.ask(ctx, "lemon", file, 1)
		if err != nil {
			return err
		}
		p := in.Problem()
		plan, err := solve.Solve(ctx, p)
		if err != nil {
			return err
		}
		flaws := check.Assignment(check.Round[solve.Arc]{
			Arcs: p.Arcs, LeaveOut: p.LeaveOut, Capacity: p.Capacity,
			Opening: plan.Opening, Cost: plan.Cost, TicketDual: plan.TicketDual, OpeningDual: plan.OpeningDual,
		})
		if plan.Cost != theirs.Cost || len(flaws) > 0 {
			return fmt.Errorf("random instance %d of seed %d: LEMON finds %d, Muster %d; flaws: %v", i, o.Seed, theirs.Cost, plan.Cost, flaws)
		}
	}
	return nil
}

func generated(path, name string, o PeerOptions) error {
	in, err := Generate(name, o.Data, o.Seed)
	if err != nil {
		return err
	}
	return saved(path, in.Write)
}

func openInstance(path string) (*Instance, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, muster.Invalid("$MUSTER_DATA", path, "the folder with assign/*.bin.gz").Because(err)
	}
	defer f.Close()
	return ReadInstance(f)
}

func saved(path string, write func(io.Writer) error) error {
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	if err := write(f); err != nil {
		f.Close()
		return err
	}
	return f.Close()
}
