package solve

// cols are the arcs by opening: those to e are arcs[first[e]:first[e+1]] and, if they came later, late[e]. An arc of
// theirs has a ticket where those of rows have an opening.
type cols struct {
	first []int32
	arcs  []arc
	late  [][]arc
}

func (c *cols) of(e int32) []arc { return c.arcs[c.first[e]:c.first[e+1]] }

// since are the arcs to e that came after the columns were made.
func (c *cols) since(e int32) []arc {
	if c.late == nil {
		return nil
	}
	return c.late[e]
}

// needCols makes the columns, once; whoever changes an arc later changes them too.
func (s *state) needCols() {
	if s.cols.first != nil {
		return
	}
	openings := len(s.price)
	first := make([]int32, openings+2)
	count := first[2:]
	for t := range s.at {
		for _, a := range s.of(int32(t)) {
			count[a.opening()]++
		}
	}
	for e := 2; e < len(first); e++ {
		first[e] += first[e-1]
	}
	next := first[1:]
	arcs := make([]arc, first[len(first)-1])
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
// It is settle seen from the other side. No ticket may be free.
func (s *state) offer(opening int32) {
	s.needCols()
	q := &s.search
	q.ready(len(s.price))
	defer q.clear()
	bound, end, enters := s.attract(opening)
	for _, e := range q.touched {
		if q.dist[e] < bound {
			s.price[e] -= bound - q.dist[e]
		}
	}
	if end == opening {
		if enters >= 0 {
			s.put(enters, end, s.costTo(enters, end))
		}
		return
	}
	next, to := q.via[end], q.onto[end]
	s.take(next)
	if enters >= 0 {
		s.put(enters, end, s.costTo(enters, end))
	}
	s.pass(next, to, opening)
}

// attract searches for whom the room of an opening is of most use: end is the last opening of a chain of moves, and enters the
// ticket that was left out and goes there, or free if end keeps the room, at the price 0 then.
func (s *state) attract(opening int32) (bound int64, end, enters int32) {
	q := &s.search
	bound, end, enters = s.price[opening], opening, free
	q.dist[opening] = 0
	q.touched = append(q.touched, opening)
	q.heap.push(0, opening)
	for len(q.heap) > 0 && q.heap[0].dist < bound {
		d, e := q.heap.pop()
		if d > q.dist[e] {
			continue
		}
		q.pops++
		arcs, late := s.cols.of(e), s.cols.since(e)
		for i := range len(arcs) + len(late) {
			var a arc
			if i < len(arcs) {
				a = arcs[i]
			} else {
				a = late[i-len(arcs)]
			}
			t := int32(a.opening())
			from := s.at[t]
			if from == e || from == gone {
				continue
			}
			n := d + a.cost() + s.price[e] - s.dual(t)
			switch {
			case n > bound || n == bound && (enters < 0 || from >= 0 || t >= enters):
			case from < 0:
				bound, end, enters = n, e, t
			case n < q.dist[from]:
				if q.dist[from] == far {
					q.touched = append(q.touched, from)
				}
				q.dist[from], q.via[from], q.onto[from] = n, t, e
				if n+s.price[from] < bound {
					bound, end, enters = n+s.price[from], from, free
				}
				q.heap.push(n, from)
			case n == q.dist[from] && q.onto[from] == e && t < q.via[from]:
				q.via[from] = t
			}
		}
	}
	return bound, end, enters
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
