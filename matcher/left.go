package matcher

import "github.com/sysopssquad/muster"

// leftovers says for every job without a choice which reasons exclude how many experts. An expert whom
// something excludes beside time isn't asked for time: that answer comes from Rank.
func (b *batch) leftovers() []muster.Leftover {
	var rest []*open
	for _, o := range b.all {
		if o.state == left {
			rest = append(rest, o)
		}
	}
	b.all = rest
	out := make([]muster.Leftover, len(rest))
	at := make(map[*open]int, len(rest))
	for i, o := range rest {
		at[o] = i
	}
	b.share(func(o *open) { out[at[o]] = b.leftover(o) })
	return out
}

// leftover counts reasons. The main one is that which excludes most of the experts nearest to fitting: those
// with the fewest reasons; of equal ones the first in the order of the constraints.
func (b *batch) leftover(o *open) muster.Leftover {
	l := muster.Leftover{Ticket: o.q.Ticket.ID, ByReason: map[muster.ReasonCode]int{}}
	counts := make([]int, len(constraints))
	nearest := make([]int, len(constraints))
	fewest, alone := 1<<30, 0
	a := &attempt{}
	var rs []muster.Reason
	for _, m := range b.members {
		rs = b.against(o.q, m, a, rs[:0])
		seen, n := uint64(0), 0
		for _, r := range rs {
			k := order[r.Code]
			if seen&(1<<k) == 0 {
				seen |= 1 << k
				counts[k]++
				n++
			}
		}
		if n == 0 {
			alone++
		}
		if n == 0 || n > fewest {
			continue
		}
		if n < fewest {
			fewest = n
			clear(nearest)
		}
		for k := range nearest {
			if seen&(1<<k) != 0 {
				nearest[k]++
			}
		}
	}
	main := 0
	for k, n := range counts {
		if n > 0 {
			l.ByReason[constraints[k].code] = n
		}
		if nearest[k] > nearest[main] {
			main = k
		}
	}
	switch {
	case alone > 1: // of a crew each could come alone, no two together
		l.Main = muster.CrewClash
		l.ByReason[muster.CrewClash] += alone
	case nearest[main] > 0:
		l.Main = constraints[main].code
	default: // nobody works here
		l.Main = muster.NoSkill
	}
	return l
}

// against lists what excludes a member, codes only.
func (b *batch) against(q *question, m *member, a *attempt, rs []muster.Reason) []muster.Reason {
	if m.base.beyond(q.at, m.limits.TravelKm) { // so far away that the way need not be asked for
		*a = attempt{q: q, m: m, quiet: true, km: 2*m.limits.TravelKm + 1}
		return a.judge(false, rs)
	}
	q.reset(a, m, true)
	if rs = a.judge(false, rs); len(rs) > 0 {
		return rs
	}
	if a.cheapest().ok() {
		return rs
	}
	return append(rs, a.nearest()...)
}

// order is the place of a code's first constraint.
var order = func() map[muster.ReasonCode]int {
	m := make(map[muster.ReasonCode]int, len(constraints))
	for i := len(constraints) - 1; i >= 0; i-- {
		m[constraints[i].code] = i
	}
	return m
}()
