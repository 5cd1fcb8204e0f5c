package matcher

import (
	"container/heap"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/sysopssquad/muster"
)

// Relax finds the least changes that would let somebody take a job who can't now: one change, or two together, of the
// kinds that the constraints name, such that nothing less would do. It gives the n that trouble people least: those of class
// policy before a dispatcher's before those that nobody may make, then by size. Each has the experts that it opens with
// the best start of each, from the one kernel after the change. It is exact over single changes and pairs; the start of a
// crew that has one already can't be moved by it.
func (w *World) Relax(job Job, people []Person, n int) []muster.Relaxation {
	r := w.relaxing(job, people)
	if n <= 0 {
		return []muster.Relaxation{}
	}
	return r.tell(r.least(n), n)
}

// relaxing is the search for relaxations of one job.
type relaxing struct {
	*scene
	job      Job
	plain    *question
	wider    map[widened]*question // by what is changed for the ticket
	subjects [3][]subject          // by the class of what has to change about them alone
	rank     int                   // changes of stricter classes are left out
	shared   []*found              // whoever comes
	own      []*found              // of one expert
	local    []found               // of the expert who is looked at
	refused  []set                 // of the same, what the ranking does not find
	a        attempt
	proof    attempt
	sets     [2][]set // what a start needs, in two turns
	any      []set
}

type widened struct {
	by      muster.Widening
	allowed int
}

// subject is an expert who can't come, for whom few enough changes would do as far as it is about them alone.
type subject struct {
	m     *member
	km    float64
	rank  int
	least float64 // what that troubles people at least
}

// found is a set of changes and whom it lets come.
type found struct {
	set
	km    float64 // from the base of the nearest of them
	start time.Time
	who   []*member
}

func (w *World) relaxing(job Job, people []Person) *relaxing {
	r := &relaxing{scene: w.sketch(people), job: job, wider: map[widened]*question{}}
	for _, n := range job.Ticket.Needs {
		r.number(n.Skill)
	}
	r.plain = r.question(job)
	for _, m := range r.members {
		if s, ok := r.subject(m); ok {
			r.subjects[s.rank] = append(r.subjects[s.rank], s)
		}
	}
	return r
}

// subject tells whether few enough changes would do for an expert as far as it is about them alone, and some have to be made.
func (r *relaxing) subject(m *member) (subject, bool) {
	sets := r.alone(m)
	if len(sets) == 0 {
		return subject{}, false
	}
	s := subject{m: m, km: r.a.km, rank: sets[0].rank(), least: sets[0].trouble()}
	for i := range sets {
		s.rank, s.least = min(s.rank, sets[i].rank()), min(s.least, sets[i].trouble())
	}
	if sets[0].n > 0 {
		return s, true
	}
	r.plan(m)
	r.reset(r.plain, m)
	return s, !r.a.cheapest().ok()
}

// alone lists what would have to change about an expert whatever the start. None: too much would.
func (r *relaxing) alone(m *member) []set {
	a := &r.a
	*a = attempt{q: r.plain, m: m, quiet: true}
	_, a.km = r.Travel.Between(m.Expert.Base, r.plain.site, r.Now)
	sets, spare := append(r.sets[0][:0], set{}), r.sets[1][:0]
	join := func() bool {
		spare = cross(sets, r.any, most, len(classes), spare[:0])
		sets, spare = spare, sets
		return len(sets) > 0
	}
	for i := range constraints {
		c := &constraints[i]
		switch {
		case c.timed:
		case c.easeEach != nil:
			for k := range a.q.needs {
				n := &a.q.needs[k]
				if reason := c.each(a, n); reason.Code == "" || a.q.allows(reason) {
					continue
				}
				if r.any = c.easeEach(a, n, r.any[:0]); !join() {
					return nil
				}
			}
		default:
			if reason := c.test(a); reason.Code == "" || a.q.allows(reason) {
				continue
			}
			if c.ease == nil {
				return nil
			}
			if r.any = c.ease(a, r.any[:0]); !join() {
				return nil
			}
		}
	}
	r.sets = [2][]set{sets, spare}
	return sets
}

func (r *relaxing) reset(q *question, m *member) { q.reset(&r.a, m, true) }

// least finds the relaxations, the n that trouble least among them, in order. Changes of a class are looked for only when
// those before it are not enough: whatever needs one comes after them. Of those about whom something has to change that
// nobody may, only as many are looked at as could be among the n.
func (r *relaxing) least(n int) []*found {
	var all []*found
	for r.rank = range classes {
		r.own = nil
		for rank := range min(r.rank+1, len(classes)-1) {
			for _, s := range r.subjects[rank] {
				r.look(s)
			}
		}
		if r.rank == len(classes)-1 {
			break
		}
		if all = r.minimal(); len(all) >= n {
			return all[:n]
		}
	}
	rest := queue(r.subjects[r.rank])
	heap.Init(&rest)
	for i := 0; len(rest) > 0; i++ {
		const often = 16 // it takes a while to put in order what was found
		if i%often == 0 {
			if all = r.minimal(); len(all) >= n && rest[0].behind(all[n-1]) {
				return all[:n]
			}
		}
		r.look(heap.Pop(&rest).(subject))
	}
	all = r.minimal()
	return all[:min(n, len(all))]
}

// queue gives subjects by what they trouble people at least, then by how near they are.
type queue []subject

func (q queue) Len() int      { return len(q) }
func (q queue) Swap(i, k int) { q[i], q[k] = q[k], q[i] }
func (q queue) Less(i, k int) bool {
	return q[i].least < q[k].least || q[i].least == q[k].least && q[i].km < q[k].km
}

// Push adds a subject.
func (q *queue) Push(x any) { *q = append(*q, x.(subject)) }

// Pop removes the last.
func (q *queue) Pop() any {
	last := len(*q) - 1
	s := (*q)[last]
	*q = (*q)[:last]
	return s
}

// behind tells whether all that would let a subject come is after something found of the last class.
func (s subject) behind(f *found) bool {
	if f.rank() < len(classes)-1 {
		return true
	}
	return s.least > f.trouble() || s.least == f.trouble() && f.n == 1 && s.km > f.km
}

// minimal lists what was found, in order, without what something smaller makes needless.
func (r *relaxing) minimal() []*found {
	all := slices.Clone(r.shared)
	for _, f := range r.own {
		if !slices.ContainsFunc(r.shared, func(o *found) bool { return o.within(&f.set) }) {
			all = append(all, f)
		}
	}
	slices.SortFunc(all, bySize)
	return all
}

// look finds what would let one expert come.
func (r *relaxing) look(s subject) {
	alone := slices.DeleteFunc(slices.Clone(r.alone(s.m)), func(x set) bool { return x.rank() > r.rank || r.known(&x) })
	if len(alone) == 0 {
		return
	}
	if s.m.tours == nil {
		r.plan(s.m)
	}
	r.local, r.refused = r.local[:0], r.refused[:0]
	var apart []change // what blocks ways too is taken away before any start is looked at
	for _, c := range r.leaves(s.m, r.holds(s.m, nil)) {
		if rankOf(c.class) <= r.rank {
			apart = append(apart, c)
		}
	}
	for _, x := range alone {
		r.from(s, x)
		for i := range apart {
			one := only(apart[i])
			y, ok := x.and(&one)
			if !ok {
				break
			}
			r.from(s, y)
			for k := range i {
				two := only(apart[k])
				if z, ok := y.and(&two); ok {
					r.from(s, z)
				}
			}
		}
	}
	for _, f := range r.local {
		own := f
		if f.personal() {
			r.own = append(r.own, &own)
		} else {
			r.share(&own)
		}
	}
}

// share takes in what would let an expert come whoever it is.
func (r *relaxing) share(f *found) {
	for _, o := range r.shared {
		if o.within(&f.set) {
			if f.within(&o.set) {
				o.who, o.km = append(o.who, f.who...), min(o.km, f.km)
			}
			return
		}
	}
	r.shared = append(slices.DeleteFunc(r.shared, func(o *found) bool { return f.within(&o.set) }), f)
}

// known tells whether something smaller does, whoever comes.
func (r *relaxing) known(s *set) bool {
	for _, o := range r.shared {
		if o.within(s) && !s.within(&o.set) {
			return true
		}
	}
	return false
}

// beaten tells whether something smaller is known to do.
func (r *relaxing) beaten(s *set) bool {
	if r.known(s) {
		return true
	}
	for i := range r.local {
		if o := &r.local[i]; o.within(s) && !s.within(&o.set) {
			return true
		}
	}
	return false
}

// prove adds what a start needs, if the ranking finds one then. It looks at the first start of each opening only; where a
// way takes less time at a later hour, only a larger change lets it find one.
func (r *relaxing) prove(s subject, x set) {
	if r.enough(&x) || slices.Contains(r.refused, x) {
		return
	}
	q, m := r.after(s.m, &x)
	if q.reset(&r.proof, m, true); r.proof.eligible() && r.proof.cheapest().ok() {
		r.add(s, x)
		return
	}
	r.refused = append(r.refused, x)
}

// enough tells whether a set or something smaller is known to do.
func (r *relaxing) enough(x *set) bool {
	return r.known(x) || slices.ContainsFunc(r.local, func(o found) bool { return o.within(x) })
}

// add keeps a set that lets the subject come.
func (r *relaxing) add(s subject, x set) {
	if r.enough(&x) {
		return
	}
	r.local = slices.DeleteFunc(r.local, func(o found) bool { return x.within(&o.set) })
	r.local = append(r.local, found{set: x, km: s.km, who: []*member{s.m}})
}

// from looks whether a subject could come after some changes, or after these and others that depend on the start.
func (r *relaxing) from(s subject, x set) {
	if r.beaten(&x) {
		return
	}
	q, m := r.after(s.m, &x)
	r.reset(q, m)
	if !r.a.eligible() {
		return
	}
	if r.a.cheapest().ok() {
		r.add(s, x)
		return
	}
	if x.n == most || !q.Start.IsZero() {
		return
	}
	r.scan(s, x)
	if r.rank == len(classes)-1 {
		r.scanShifts(s, x)
	}
}

// after gives the question and the member after some changes.
func (r *relaxing) after(m *member, x *set) (*question, *member) {
	job, p := r.made(r.job, m.Person, x)
	if p.Expert != m.Expert || len(p.Tours) > 0 && &p.Tours[0] != &m.Tours[0] {
		m = r.member(p)
	}
	if job.Ticket != r.job.Ticket || job.Customer != r.job.Customer || job.Site != r.job.Site {
		return r.question(job), m
	}
	key := widened{job.Wider, len(job.Allowed)}
	q := r.wider[key]
	if q == nil {
		q = r.question(job)
		r.wider[key] = q
	}
	return q, m
}

// key orders what is alike.
func (f *found) key() string {
	var b strings.Builder
	for _, c := range f.changes() {
		fmt.Fprintf(&b, "%s %s %s %3d %s %6d ", c.code, c.unit, c.who, c.which, c.about, c.amount)
	}
	return b.String()
}
