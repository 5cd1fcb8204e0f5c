package solve_test

import (
	"math/rand/v2"

	"github.com/sysopssquad/muster/matcher/solve"
)

// brute tries every assignment.
func brute(p *solve.Problem) int64 {
	room := append([]int32(nil), p.Capacity...)
	var try func(t int) int64
	try = func(t int) int64 {
		if t == len(p.LeaveOut) {
			return 0
		}
		best := p.LeaveOut[t] + try(t+1)
		for _, a := range p.Arcs {
			if int(a.Ticket) == t && room[a.Opening] > 0 {
				room[a.Opening]--
				best = min(best, int64(a.Cost)+try(t+1))
				room[a.Opening]++
			}
		}
		return best
	}
	return try(0)
}

// bellman is a min-cost flow by successive shortest paths after Bellman and Ford, on a graph of plain edges: slow, without prices, and
// without a line of the solver's.
func bellman(p *solve.Problem) (total int64) {
	type edge struct {
		from, to, room int
		cost           int64
	}
	var edges []edge
	add := func(from, to, room int, cost int64) {
		edges = append(edges, edge{from, to, room, cost}, edge{to, from, 0, -cost})
	}
	tickets, openings := len(p.LeaveOut), len(p.Capacity)
	source, sink := tickets+openings, tickets+openings+1
	for t, price := range p.LeaveOut {
		add(source, t, 1, 0)
		add(t, sink, 1, price)
	}
	for _, a := range p.Arcs {
		add(int(a.Ticket), tickets+int(a.Opening), 1, int64(a.Cost))
	}
	for e, c := range p.Capacity {
		add(tickets+e, sink, int(c), 0)
	}
	const far = int64(1) << 60
	for range tickets {
		dist, via := make([]int64, sink+1), make([]int, sink+1)
		for i := range dist {
			dist[i] = far
		}
		dist[source] = 0
		for changed := true; changed; {
			changed = false
			for i, e := range edges {
				if e.room > 0 && dist[e.from] < far && dist[e.from]+e.cost < dist[e.to] {
					dist[e.to], via[e.to], changed = dist[e.from]+e.cost, i, true
				}
			}
		}
		total += dist[sink]
		for at := sink; at != source; at = edges[via[at]].from {
			edges[via[at]].room--
			edges[via[at]^1].room++
		}
	}
	return total
}

// shape says what a random problem is like.
type shape struct {
	tickets, openings, arcs int // at most
	capacity                int32
	cost                    int32
	leave                   int64
}

// random makes a problem that has now and then what is odd: tickets without arcs, duplicate arcs, closed openings, costs of 0.
func random(r *rand.Rand, s shape) *solve.Problem {
	tickets, openings := r.IntN(s.tickets+1), r.IntN(s.openings+1)
	p := &solve.Problem{LeaveOut: make([]int64, tickets), Capacity: make([]int32, openings)}
	for t := range p.LeaveOut {
		p.LeaveOut[t] = r.Int64N(s.leave + 1)
	}
	for e := range p.Capacity {
		p.Capacity[e] = r.Int32N(s.capacity + 1)
	}
	if tickets == 0 || openings == 0 {
		return p
	}
	for range r.IntN(s.arcs + 1) {
		p.Arcs = append(p.Arcs, solve.Arc{Ticket: r.Int32N(int32(tickets)), Opening: r.Int32N(int32(openings)), Cost: r.Int32N(s.cost + 1)})
	}
	return p
}
