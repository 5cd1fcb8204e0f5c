package solve

// cols are the arcs by opening: those to e are arcs[first[e]:first[e+1]], a cost and a ticket in one word. They are made
// when an opening has to look for tickets.
type cols struct {
	first []int32
	arcs  []arc
}

func (s *state) needCols() {
	if s.cols.first != nil {
		return
	}
	openings := len(s.price)
	first := make([]int32, openings+2)
	count := first[2:]
	for _, a := range s.arcs {
		count[a.opening()]++
	}
	for e := 2; e < len(first); e++ {
		first[e] += first[e-1]
	}
	next := first[1:]
	arcs := make([]arc, len(s.arcs))
	for t := range s.at {
		for _, a := range s.of(int32(t)) {
			e := a.opening()
			arcs[next[e]] = packed(int32(a.cost()), int32(t))
			next[e]++
		}
	}
	s.cols = cols{first: first[:openings+1], arcs: arcs}
}

// offer lowers the price of an opening that has room, and what must follow, until somebody takes the room or the price is 0.
// It is settle seen from the other side: the reverse auction's part, exactly. No ticket may be free.
func (s *state) offer(opening int32) {
	s.needCols()
	q := &s.search
	q.ready(len(s.price))
	bound := s.price[opening]
	end, enters := opening, free // the opening that is emptied, or the ticket that enters
	q.dist[opening] = 0
	q.touched = append(q.touched, opening)
	q.heap.push(0, opening)
	for len(q.heap) > 0 && q.heap[0].dist < bound {
		d, e := q.heap.pop()
		if d > q.dist[e] {
			continue
		}
		q.pops++
		for _, a := range s.cols.arcs[s.cols.first[e]:s.cols.first[e+1]] {
			t := int32(a.opening())
			from := s.at[t]
			if from == e {
				continue
			}
			n := d + a.cost() + s.price[e] - s.dual(t)
			if n >= bound {
				if n == bound && enters >= 0 && from == Left && t < int32(enters) {
					enters, end = int(t), e
				}
				continue
			}
			if from < 0 {
				bound, enters, end = n, int(t), e
				continue
			}
			if n >= q.dist[from] {
				if n == q.dist[from] && q.onto[from] == e && t < q.via[from] {
					q.via[from] = t
				}
				continue
			}
			if q.dist[from] == far {
				q.touched = append(q.touched, from)
			}
			q.dist[from], q.via[from], q.onto[from] = n, t, e
			if n+s.price[from] < bound {
				bound, enters, end = n+s.price[from], free, from
			}
			q.heap.push(n, from)
		}
	}
	for _, e := range q.touched {
		if q.dist[e] < bound {
			s.price[e] -= bound - q.dist[e]
		}
	}
	e := end
	if enters >= 0 {
		t := int32(enters)
		cost := s.costTo(t, e)
		if e == opening {
			s.put(t, e, cost)
			q.clear()
			return
		}
		next, to := q.via[e], q.onto[e]
		s.take(next)
		s.put(t, e, cost)
		s.pass(next, to, opening)
	} else if e != opening {
		next, to := q.via[e], q.onto[e]
		s.take(next)
		s.pass(next, to, opening)
	}
	q.clear()
}

// pass puts a ticket to an opening whose ticket then moves on, until the last.
func (s *state) pass(t, e, last int32) {
	for {
		cost := s.costTo(t, e)
		if e == last {
			s.put(t, e, cost)
			return
		}
		next, to := s.search.via[e], s.search.onto[e]
		s.take(next)
		s.put(t, e, cost)
		t, e = next, to
	}
}
