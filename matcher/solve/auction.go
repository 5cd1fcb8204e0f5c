package solve

import "context"

const (
	// kept is how many of a ticket's arcs the auction keeps at hand. Measured on the reference instances: with 4 or 12 it is
	// up to a fifth slower.
	kept = 8
	// pause is after how many bids somebody looks whether the work is still wanted.
	pause = 2048

	nothing = arc(1<<64 - 1) // no arc
)

// auction brings prices near to the optimum's, and most tickets to where they belong: Bertsekas' auction for
// transportation (Bertsekas and Castanon 1989), forward and reverse (Bertsekas, Castanon and Tsaknakis 1993). Tickets
// bid for the opening that is cheapest for them and raise its price by what the second would cost more, at least by eps; openings
// that are left with room at a price lower it until tickets come. Afterwards every ticket is within eps of its cheapest. Both
// sides read levels: what the holder of a slot bade. The lowest one of a full opening is its price.
type auction struct {
	*state
	all   bool    // read all arcs at each bid: while eps is above the differences between costs, nothing else is of use
	near  []arc   // kept for each ticket, cheapest first when all of its arcs were last read
	n     []int8  // how many these are
	limit []int64 // no arc of the ticket but those costs less than this now
	level []int64 // parallel to held
	queue []int32 // tickets that are to bid, the last first
	bids  int     // left until eps is taken to be too small
}

func newAuction(s *state) *auction {
	a := &auction{
		state: s, all: true, level: make([]int64, len(s.held)), queue: make([]int32, 0, len(s.at)),
		near: make([]arc, kept*len(s.at)), n: make([]int8, len(s.at)), limit: make([]int64, len(s.at)),
	}
	for t := range a.limit {
		a.limit[t] = -far
	}
	return a
}

// open empties all openings, takes lower off their prices, and lets every ticket bid.
func (a *auction) open(lower int64) {
	for e, room := range a.room {
		if room > 0 {
			a.price[e] = max(0, a.price[e]-lower)
		}
		a.used[e] = 0
	}
	a.queue = a.queue[:0]
	for t := len(a.at) - 1; t >= 0; t-- {
		if a.at[t] == gone {
			continue
		}
		a.at[t] = free
		a.queue = append(a.queue, int32(t))
		if l := a.limit[t]; l != far && l != -far { // no other arcs, nothing known
			a.limit[t] = l - lower
		}
	}
}

// forward lets tickets bid until all have an opening or are left out. It says false if that takes too many bids.
func (a *auction) forward(ctx context.Context, eps int64) (bool, error) {
	for n := 0; len(a.queue) > 0; n++ {
		if n%pause == 0 && ctx.Err() != nil {
			return false, ctx.Err()
		}
		if a.bids--; a.bids < 0 {
			return false, nil
		}
		t := a.queue[len(a.queue)-1]
		a.queue = a.queue[:len(a.queue)-1]
		best, gap := a.choose(t)
		if best == nothing {
			a.at[t] = Left
			continue
		}
		a.bid(t, best, a.price[best.opening()]+max(gap, eps))
	}
	return true, nil
}

// choose finds the cheapest arc of a ticket and by how much the second, or leaving it out, costs more. Of equal ones it is that with
// the smaller opening, and leaving out before all.
func (a *auction) choose(t int32) (best arc, gap int64) {
	if a.all {
		first, second, best := a.twoOf(t, a.of(t))
		return best, second - first
	}
	at := int(t) * kept
	first, second, best := a.twoOf(t, a.near[at:at+int(a.n[t])])
	if second > a.limit[t] {
		first, second, best = a.twoOf(t, a.look(t))
	}
	return best, second - first
}

func (a *auction) twoOf(t int32, arcs []arc) (first, second int64, best arc) {
	first, second, best = a.leave[t], a.leave[t], nothing
	price := a.price
	for _, x := range arcs {
		w := x.cost() + price[x.opening()]
		if w > second {
			continue
		}
		if w < first || w == first && best != nothing && x.opening() < best.opening() {
			first, second, best = w, first, x
		} else {
			second = w
		}
	}
	return first, second, best
}

// look reads all arcs of a ticket and keeps the cheapest. Prices only rise until the next open, so the others stay above limit.
func (a *auction) look(t int32) []arc {
	var cost [kept]int64
	at := int(t) * kept
	near := a.near[at : at+kept : at+kept]
	n, limit, worst := 0, far, far
	for _, x := range a.of(t) {
		w := x.cost() + a.price[x.opening()]
		if w > worst || w == worst && x.opening() > near[kept-1].opening() {
			limit = min(limit, w)
			continue
		}
		i := n
		if n < kept {
			n++
		} else {
			i--
			limit = min(limit, cost[i])
		}
		for i > 0 && (cost[i-1] > w || cost[i-1] == w && near[i-1].opening() > x.opening()) {
			cost[i], near[i] = cost[i-1], near[i-1]
			i--
		}
		cost[i], near[i] = w, x
		if n == kept {
			worst = cost[kept-1]
		}
	}
	a.n[t], a.limit[t] = int8(n), limit
	return near[:n]
}

// bid gives a ticket a slot. In a full opening it takes that of the holder who bade least, who bids again. Levels are a heap.
func (a *auction) bid(t int32, best arc, level int64) {
	e := int32(best.opening())
	a.own[t], a.at[t] = int32(best.cost()), e
	base, room := a.base[e], a.room[e]
	levels, held := a.level[base:base+room], a.held[base:base+room]
	if n := a.used[e]; n < room {
		i := n
		for i > 0 {
			up := (i - 1) / 2
			if levels[up] <= level {
				break
			}
			levels[i], held[i] = levels[up], held[up]
			i = up
		}
		levels[i], held[i] = level, t
		a.used[e] = n + 1
		if n+1 == room {
			a.price[e] = levels[0]
		}
		return
	}
	out, i := held[0], 0
	for {
		c := 2*i + 1
		if c >= len(levels) {
			break
		}
		if c+1 < len(levels) && levels[c+1] < levels[c] {
			c++
		}
		if levels[c] >= level {
			break
		}
		levels[i], held[i] = levels[c], held[c]
		i = c
	}
	levels[i], held[i] = level, t
	a.price[e] = levels[0]
	a.at[out] = free
	a.queue = append(a.queue, out)
}

// slots makes the state's own order of the tickets at each opening true again, which bids don't keep.
func (a *auction) slots() {
	for e := range a.used {
		for i, t := range a.holders(int32(e)) {
			a.slot[t] = int32(i)
		}
	}
}

// reverse lets openings with room at a price lower it, down to where tickets come or to 0. It says false if that takes too
// many bids.
func (a *auction) reverse(ctx context.Context, eps int64) (bool, error) {
	var queue []int32
	for e, price := range a.price {
		if price > 0 && a.used[e] < a.room[e] {
			queue = append(queue, int32(e))
		}
	}
	if queue == nil {
		return true, nil
	}
	a.needCols()
	for n := 0; len(queue) > 0; n++ {
		if n%pause == 0 && ctx.Err() != nil {
			return false, ctx.Err()
		}
		e := queue[len(queue)-1]
		if a.price[e] == 0 || a.used[e] == a.room[e] {
			queue = queue[:len(queue)-1]
			continue
		}
		if a.bids--; a.bids < 0 {
			return false, nil
		}
		first, second, best := a.gains(e)
		if first < eps {
			a.price[e] = 0 // within eps for everybody
			continue
		}
		a.price[e] = max(0, min(a.price[e], second, first-eps))
		t := int32(best.opening())
		if from := a.at[t]; from >= 0 {
			a.take(t)
			if a.price[from] > 0 {
				queue = append(queue, from)
			}
		}
		a.put(t, e, int32(best.cost()))
	}
	return true, nil
}

// gains finds which ticket would save most by coming to an opening if that cost nothing, and how much that ticket and the second
// would save. Of equal ones it is the ticket with the smaller number.
func (a *auction) gains(e int32) (first, second int64, best arc) {
	arcs, late := a.cols.of(e), a.cols.since(e)
	for i := range len(arcs) + len(late) {
		var x arc
		if i < len(arcs) {
			x = arcs[i]
		} else {
			x = late[i-len(arcs)]
		}
		t := int32(x.opening())
		w := a.dual(t) - x.cost()
		if w < second || w <= 0 || a.at[t] == e || a.at[t] == gone {
			continue
		}
		if w > first || w == first && t < int32(best.opening()) {
			first, second, best = w, first, x
		} else {
			second = w
		}
	}
	return first, second, best
}
