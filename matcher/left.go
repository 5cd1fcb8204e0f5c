package matcher

import (
	mathbits "math/bits"

	"github.com/sysopssquad/muster"
)

// leftovers says for every job without a choice what mainly excludes the experts. One whom something excludes beside time
// isn't asked for time: that answer comes from Rank.
func (b *batch) leftovers() []muster.Leftover {
	var rest []*open
	for _, o := range b.all {
		if o.state == left {
			rest = append(rest, o)
		}
	}
	out := make([]muster.Leftover, len(rest))
	at := make(map[*open]int, len(rest))
	for i, o := range rest {
		at[o] = i
	}
	share(rest, func(o *open) { out[at[o]] = b.leftover(o) })
	return out
}

// leftover finds the main reason. It is that which excludes most of the experts nearest to fitting: those
// with the fewest reasons; of equal ones the first in the order of the constraints.
func (b *batch) leftover(o *open) muster.Leftover {
	l := muster.Leftover{Ticket: o.q.Ticket.ID}
	nearest := make([]int, len(constraints))
	fewest, alone := 1<<30, 0
	a := &attempt{}
	for _, m := range b.members {
		set := b.against(o.q, m, a)
		n := mathbits.OnesCount64(uint64(set))
		if n == 0 {
			alone++
			continue
		}
		if n < fewest {
			fewest = n
			clear(nearest)
		}
		for rest := set; rest != 0; rest &= rest - 1 {
			k := mathbits.TrailingZeros64(uint64(rest))
			if n == fewest {
				nearest[k]++
			}
		}
	}
	main := 0
	for k := range nearest {
		if nearest[k] > nearest[main] {
			main = k
		}
	}
	switch {
	case alone > 1 || alone > 0 && nearest[main] == 0: // of a crew each could come alone, no two together
		l.Main = muster.CrewClash
	case nearest[main] > 0:
		l.Main = constraints[main].code
	default: // nobody works here
		l.Main = muster.NoSkill
	}
	return l
}

// against is what excludes a member.
func (b *batch) against(q *question, m *member, a *attempt) bits {
	if q.tooFar(m) { // so far away that the way need not be asked for
		a.q, a.m, a.quiet, a.km = q, m, true, 2*(m.limits.TravelKm+q.Wider.TravelKm)+1
		return a.against()
	}
	q.reset(a, m, true)
	set := a.against()
	if set != 0 || a.cheapest().ok() {
		return set
	}
	for _, r := range a.nearest() {
		set |= 1 << order[r.Code]
	}
	return set
}
