package solve

// search is what a shortest-path search remembers about openings. Distances are reduced costs, in the unit of the costs.
type search struct {
	dist    []int64 // far where the search hasn't been
	via     []int32 // forward: the ticket that would move here; reverse: the ticket of here that would move on
	onto    []int32 // reverse: where to
	cost    []int32 // of the arc that via would be on then
	touched []int32
	heap    heap
	pops    int // since the beginning, to judge the work
}

func (s *search) ready(openings int) {
	if len(s.dist) == openings {
		return
	}
	s.dist, s.via, s.onto, s.cost = make([]int64, openings), make([]int32, openings), make([]int32, openings), make([]int32, openings)
	for e := range s.dist {
		s.dist[e] = far
	}
}

func (s *search) clear() {
	for _, e := range s.touched {
		s.dist[e] = far
	}
	s.touched, s.heap = s.touched[:0], s.heap[:0]
}

// settle finds the cheapest way to decide about a free ticket: a shortest path by reduced costs over tickets that make room for
// each other, to an opening with room or to a ticket that is left out for it, perhaps itself. Prices on the way
// rise so that all reduced costs stay non-negative. This is one step of the successive shortest paths of Tomizawa (1971)
// and Edmonds and Karp (1972).
func (s *state) settle(ticket int32) {
	base, best, any := s.cheapest(ticket)
	if !any {
		s.out(ticket)
		return
	}
	if e := best.opening(); s.used[e] < s.room[e] {
		s.put(ticket, int32(e), int32(best.cost())) // the path has no length, so no price changes
		return
	}
	q := &s.search
	q.ready(len(s.price))
	defer q.clear()
	bound, end, leaver := s.reach(ticket, base)
	for _, e := range q.touched {
		if q.dist[e] < bound {
			s.price[e] += bound - q.dist[e]
		}
	}
	switch {
	case end < 0 && leaver == ticket:
		s.out(ticket)
		return
	case end < 0:
		end = s.at[leaver]
		s.take(leaver)
		s.out(leaver)
	}
	for e := end; ; {
		t := q.via[e]
		from := s.at[t]
		if from >= 0 {
			s.take(t)
		}
		s.put(t, e, q.cost[e])
		if t == ticket {
			return
		}
		e = from
	}
}

// reach searches from a ticket, whose cheapest arc costs base, until no end can be nearer than the best that was found: an opening
// with room, or none and the ticket that is left out. It returns its distance, too.
func (s *state) reach(ticket int32, base int64) (bound int64, end, leaver int32) {
	q := &s.search
	bound, end, leaver = s.leave[ticket]-base, -1, ticket
	bound, end = s.relax(ticket, -base, bound, end)
	for len(q.heap) > 0 && q.heap[0].dist < bound {
		d, e := q.heap.pop()
		if d > q.dist[e] {
			continue // reached on a shorter way since
		}
		q.pops++
		holders := s.holders(e)
		for _, h := range holders {
			if n := d + s.leave[h] - s.dual(h); n < bound {
				bound, end, leaver = n, -1, h
			}
		}
		for _, h := range holders {
			bound, end = s.relax(h, d-s.dual(h), bound, end)
		}
	}
	return bound, end, leaver
}

// relax looks along the arcs of a ticket, which lie at base more than their cost and price, and returns the best end that is now known.
func (s *state) relax(t int32, base, bound int64, end int32) (int64, int32) {
	q := &s.search
	for _, a := range s.of(t) {
		e := int32(a.opening())
		n := base + a.cost() + s.price[e]
		if n > bound || n >= q.dist[e] {
			continue
		}
		room := s.used[e] < s.room[e]
		if n == bound && (!room || end < 0 || e >= end) {
			continue
		}
		if q.dist[e] == far {
			q.touched = append(q.touched, e)
		}
		q.dist[e], q.via[e], q.cost[e] = n, t, int32(a.cost())
		if room {
			bound, end = n, e
		} else {
			q.heap.push(n, e)
		}
	}
	return bound, end
}

// costTo is what the cheapest arc between the two costs.
func (s *state) costTo(t, e int32) int32 {
	best := far
	for _, a := range s.of(t) {
		if int32(a.opening()) == e {
			best = min(best, a.cost())
		}
	}
	return int32(best)
}
