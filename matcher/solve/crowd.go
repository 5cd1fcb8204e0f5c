package solve

// step is a ticket on the way of a search by depth: which of its arcs is next, to which opening it tries to move, and who is
// there that hasn't been asked to make room.
type step struct {
	ticket, next, opening int32
	holders               []int32
}

// crowded places as many tickets as possible, whatever it costs, and returns the openings that those who are left could reach over any
// chain of moves, and that are all full; none if nobody is left. There tickets must be left out, and prices
// are near what that costs; elsewhere they needn't be (the decomposition of Dulmage and Mendelsohn 1958). Searches by depth with look-ahead, in
// rounds, after Pothen and Fan (1990).
func (a *auction) crowded() []int32 {
	var todo []int32
	for t, e := range a.at {
		if (e == Left || e == free) && len(a.of(int32(t))) > 0 {
			todo = append(todo, int32(t))
		}
	}
	ahead := make([]int32, len(a.at)) // the first arc that may lead to an opening with room; room never grows
	copy(ahead, a.first)
	seen := make([]int32, len(a.price)) // in which round
	var path []step
	for round := int32(1); len(todo) > 0; round++ {
		before := len(todo)
		left := todo[:0]
		for _, t := range todo {
			if !a.depth(t, round, seen, ahead, &path) {
				left = append(left, t)
			}
		}
		if todo = left; len(todo) == before {
			var out []int32
			for e, r := range seen {
				if r == round {
					out = append(out, int32(e))
				}
			}
			return out
		}
	}
	return nil
}

// depth finds a chain of moves from a ticket to an opening with room, over openings not seen in this round, and makes them.
func (a *auction) depth(ticket, round int32, seen, ahead []int32, buf *[]step) bool {
	path := (*buf)[:0]
	path = append(path, step{ticket: ticket, next: a.first[ticket]})
	defer func() { *buf = path }()
	end := a.withRoom(ticket, ahead)
	for end < 0 {
		s := &path[len(path)-1]
		if len(s.holders) > 0 {
			h := s.holders[0]
			s.holders = s.holders[1:]
			end = a.withRoom(h, ahead)
			path = append(path, step{ticket: h, next: a.first[h]})
			continue
		}
		moves := false
		for !moves && s.next < a.last[s.ticket] {
			e := int32(a.arcs[s.next].opening())
			s.next++
			if seen[e] != round && a.room[e] > 0 {
				seen[e], s.opening, s.holders, moves = round, e, a.holders(e), true
			}
		}
		if !moves {
			if path = path[:len(path)-1]; len(path) == 0 {
				return false
			}
		}
	}
	for i := len(path) - 1; i > 0; i-- {
		a.take(path[i].ticket)
		a.put(path[i].ticket, end, 0)
		end = path[i-1].opening
	}
	a.put(ticket, end, 0)
	return true
}

// withRoom is an opening with room that a ticket has an arc to, or Left.
func (a *auction) withRoom(t int32, ahead []int32) int32 {
	for i := ahead[t]; i < a.last[t]; i++ {
		if e := a.arcs[i].opening(); a.used[e] < a.room[e] {
			ahead[t] = i
			return int32(e)
		}
	}
	ahead[t] = a.last[t]
	return Left
}
