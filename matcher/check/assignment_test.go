package check

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
)

type line struct{ Ticket, Opening, Cost int32 }

// proven is three tickets and three openings with the optimum: 0 goes to 0, 1 to 1, 2 is left out at 50, nobody goes to 2.
func proven() Round[line] {
	return Round[line]{
		Arcs:     []line{{0, 0, 10}, {0, 1, 25}, {1, 0, 5}, {1, 1, 20}, {2, 1, 60}, {0, 0, 12}},
		LeaveOut: []int64{100, 100, 50}, Capacity: []int32{1, 2, 1},
		Opening: []int32{0, 1, -1}, Cost: 80, TicketDual: []int64{25, 20, 50}, OpeningDual: []int64{15, 0, 0},
	}
}

func TestAssignmentIsProven(t *testing.T) {
	require.Empty(t, Assignment(proven()))
	require.Empty(t, Assignment(Round[line]{}))
}

func TestAssignmentFindsEveryFlaw(t *testing.T) {
	for name, c := range map[string]struct {
		rule  Rule
		spoil func(*Round[line])
	}{
		"an answer is missing":             {Shape, func(r *Round[line]) { r.Opening = r.Opening[:2] }},
		"a price is missing":               {Shape, func(r *Round[line]) { r.TicketDual = r.TicketDual[:2] }},
		"an opening's price is missing":    {Shape, func(r *Round[line]) { r.OpeningDual = r.OpeningDual[:2] }},
		"no such opening":                  {Shape, func(r *Round[line]) { r.Opening[0] = 3 }},
		"below left out":                   {Shape, func(r *Round[line]) { r.Opening[0] = -2 }},
		"an arc to nowhere":                {Shape, func(r *Round[line]) { r.Arcs = append(r.Arcs, line{0, 7, 1}) }},
		"no arc leads there":               {OnItsArc, func(r *Round[line]) { r.Opening[2] = 0; r.Opening[0] = 1 }},
		"more than its capacity":           {InCapacity, func(r *Round[line]) { r.Opening[1] = 0 }},
		"capacity below nothing":           {InCapacity, func(r *Round[line]) { r.Capacity[0] = -1 }},
		"another cost":                     {RightCost, func(r *Round[line]) { r.Cost-- }},
		"a cost below nothing":             {RightCost, func(r *Round[line]) { r.Cost = -80 }},
		"u above the leave-out price":      {Feasible, func(r *Round[line]) { r.TicketDual[2] = 51 }},
		"u below nothing":                  {Feasible, func(r *Round[line]) { r.TicketDual[0] = -1 }},
		"v below nothing":                  {Feasible, func(r *Round[line]) { r.OpeningDual[1] = -1 }},
		"an arc is cheaper":                {Feasible, func(r *Round[line]) { r.Arcs = append(r.Arcs, line{2, 1, 49}) }},
		"a used arc isn't the cheapest":    {Slack, func(r *Round[line]) { r.Arcs[3].Cost = 21; r.Cost++ }},
		"left out below the price of it":   {Slack, func(r *Round[line]) { r.TicketDual[2] = 49 }},
		"a price where there is room":      {Slack, func(r *Round[line]) { r.OpeningDual[1] = 1 }},
		"a price where nobody is":          {Slack, func(r *Round[line]) { r.OpeningDual[2] = 1 }},
		"prices that prove something else": {NoGap, func(r *Round[line]) { r.TicketDual[0]-- }},
		"overflow":                         {NoGap, func(r *Round[line]) { r.OpeningDual[0] = 1<<63 - 1; r.Capacity[0] = 1<<31 - 1 }},
		"another assignment that is legal": {NoGap, func(r *Round[line]) { r.Opening[0] = -1; r.Cost = 170 }},
	} {
		t.Run(name, func(t *testing.T) {
			r := proven()
			c.spoil(&r)
			flaws := Assignment(r)
			require.True(t, slices.ContainsFunc(flaws, func(f Flaw) bool { return f.Rule == c.rule }), "%v", flaws)
		})
	}
}

func TestAssignmentNamesAFewFlaws(t *testing.T) {
	r := Round[line]{LeaveOut: make([]int64, 100), TicketDual: make([]int64, 100), Opening: make([]int32, 100)}
	require.Len(t, Assignment(r), most)
	require.Contains(t, Assignment(r)[0].String(), "shape: ticket 0")
}
