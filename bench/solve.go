package bench

import (
	"context"
	"runtime"
	"time"

	"github.com/sysopssquad/muster/matcher/check"
	"github.com/sysopssquad/muster/matcher/solve"
)

// Solved is what solving an instance gave. Times are those of the fastest turn, in milliseconds.
type Solved struct {
	Cost       int64     `json:"cost"`
	Unassigned int       `json:"unassigned"`
	BuildMs    float64   `json:"build_ms"` // arcs in any order sorted by ticket
	SolveMs    float64   `json:"solve_ms"` // from there to assignment and prices
	CheckMs    float64   `json:"check_ms"`
	Certified  bool      `json:"certified"` // the check found no flaw: nothing is cheaper
	Threads    int       `json:"threads"`
	Tickets    int       `json:"tickets"`
	Openings   int       `json:"openings"`
	Arcs       int       `json:"arcs"`
	BytesArc   float64   `json:"bytes_per_arc"` // what a solve allocates, with the arcs that it is given
	Flaws      []string  `json:"flaws,omitempty"`
	Resolve    *Resolved `json:"resolve,omitempty"`
}

// SolveInstance solves an instance a few times and checks each plan. The clock is the machine's.
func SolveInstance(ctx context.Context, in *Instance, turns int) (Solved, error) {
	out := Solved{Threads: runtime.GOMAXPROCS(0), Tickets: in.Tickets, Openings: in.Openings, Arcs: len(in.Arcs), Certified: true}
	p := in.Problem()
	var before, after runtime.MemStats
	for turn := range max(turns, 1) {
		runtime.GC()
		runtime.ReadMemStats(&before)
		t0 := time.Now()
		s, err := solve.New(p)
		if err != nil {
			return out, err
		}
		t1 := time.Now()
		plan, err := s.Solve(ctx)
		if err != nil {
			return out, err
		}
		t2 := time.Now()
		runtime.ReadMemStats(&after)
		t3 := time.Now()
		flaws := check.Assignment(check.Round[solve.Arc]{
			Arcs: p.Arcs, LeaveOut: p.LeaveOut, Capacity: p.Capacity,
			Opening: plan.Opening, Cost: plan.Cost, TicketDual: plan.TicketDual, OpeningDual: plan.OpeningDual,
		})
		t4 := time.Now()
		out.Cost, out.Unassigned = plan.Cost, plan.Unassigned
		for _, f := range flaws {
			out.Certified = false
			out.Flaws = append(out.Flaws, f.String())
		}
		if turn == 0 || ms(t2.Sub(t0)) < out.BuildMs+out.SolveMs {
			out.BuildMs, out.SolveMs = ms(t1.Sub(t0)), ms(t2.Sub(t1))
		}
		if turn == 0 || ms(t4.Sub(t3)) < out.CheckMs {
			out.CheckMs = ms(t4.Sub(t3))
		}
		if len(in.Arcs) > 0 {
			const arcBytes = 12
			out.BytesArc = arcBytes + float64(after.TotalAlloc-before.TotalAlloc)/float64(len(in.Arcs))
		}
	}
	return out, nil
}

func ms(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
