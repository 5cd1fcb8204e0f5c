package solve

import (
	"cmp"
	"slices"
)

// arc is a cost and an opening in one word, the cost above: the smaller of two is the cheaper, or of equal ones that with
// the smaller opening, so that nothing depends on the order of the input.
type arc uint64

func packed(cost, opening int32) arc { return arc(uint64(uint32(cost))<<32 | uint64(uint32(opening))) }
func (a arc) cost() int64            { return int64(a >> 32) }
func (a arc) opening() uint32        { return uint32(a) }

// rows are the arcs by ticket: those of t are arcs[first[t]:last[t]].
type rows struct {
	first, last []int32
	arcs        []arc
}

func (r *rows) of(t int32) []arc { return r.arcs[r.first[t]:r.last[t]] }

// sorted puts the arcs into rows by counting, in two passes over them. rankT and rankE give the numbers to use inside; nil
// stands for the numbers as they are.
func sorted(p *Problem, rankT, rankE []int32) (rows, error) {
	tickets, openings := uint32(len(p.LeaveOut)), uint32(len(p.Capacity))
	first := make([]int32, tickets+2)
	count := first[2:]
	for i := range p.Arcs {
		a := &p.Arcs[i]
		if uint32(a.Ticket) >= tickets || uint32(a.Opening) >= openings || a.Cost < 0 {
			return rows{}, p.badArc(i)
		}
		t := a.Ticket
		if rankT != nil {
			t = rankT[t]
		}
		if uint32(t) < uint32(len(count)) {
			count[t]++
		}
	}
	for t := 2; t < len(first); t++ {
		first[t] += first[t-1]
	}
	next := first[1:]
	arcs := make([]arc, len(p.Arcs))
	if rankT == nil && rankE == nil {
		for i := range p.Arcs {
			a := &p.Arcs[i]
			at := next[a.Ticket]
			next[a.Ticket] = at + 1
			arcs[at] = packed(a.Cost, a.Opening)
		}
	} else {
		for i := range p.Arcs {
			a := &p.Arcs[i]
			t, e := a.Ticket, a.Opening
			if rankT != nil {
				t = rankT[t]
			}
			if rankE != nil {
				e = rankE[e]
			}
			arcs[next[t]] = packed(a.Cost, e)
			next[t]++
		}
	}
	return rows{first: first[:tickets:tickets], last: first[1 : tickets+1 : tickets+1], arcs: arcs}, nil
}

// ranks gives each key its place in their order; nil for nil.
func ranks(keys []uint64, who string) ([]int32, error) {
	if keys == nil {
		return nil, nil
	}
	order := make([]int32, len(keys))
	for i := range order {
		order[i] = int32(i)
	}
	slices.SortFunc(order, func(a, b int32) int { return cmp.Compare(keys[a], keys[b]) })
	rank := make([]int32, len(keys))
	for i, at := range order {
		if i > 0 && keys[at] == keys[order[i-1]] {
			return nil, bad("it has the key of "+who+" that came before", "%s %d", who, at)
		}
		rank[at] = int32(i)
	}
	return rank, nil
}
