package matcher

import (
	"cmp"
	"math"
	"slices"
	"time"

	"github.com/sysopssquad/muster"
)

// easing is one kind of change that satisfies a constraint. Each constraint has its own in its file; more of a change
// never shuts anybody out.
type easing struct {
	code  muster.ReasonCode
	class muster.Class // who may do it
	unit  string       // of the amount; empty: it is done or not
	size  float64      // how much one unit of it troubles people, in minutes
	rule  string       // for the documentation
	shown bool         // its span is told
	make  func(*affected, *change)
	say   func(*question, *change) string
}

// change is one thing that is made otherwise.
type change struct {
	*easing
	who    muster.ExpertID // whose; empty: the ticket's, whoever comes
	which  int             // of several of its kind: the need, competence, window or leave
	about  string
	amount int
	span   muster.Window // the visit that needs it, or what is added
}

// same tells whether two are the same change but for the amount.
func (c *change) same(o *change) bool {
	return c.easing == o.easing && c.who == o.who && c.which == o.which && c.about == o.about
}

func (c *change) trouble() float64 { return c.size * float64(max(c.amount, 1)) }

// most is how many changes are looked for together.
const most = 2

// set is some changes made together.
type set struct {
	n int
	c [most]change
}

func only(c change) set { return set{1, [most]change{c}} }

func (s *set) changes() []change { return s.c[:s.n] }

// and joins two sets; of the same change the larger amount counts. It fails if these are too many.
func (s set) and(o *set) (set, bool) {
next:
	for i := range o.changes() {
		c := &o.c[i]
		for k := range s.changes() {
			if s.c[k].same(c) {
				if c.amount > s.c[k].amount {
					s.c[k] = *c
				}
				continue next
			}
		}
		if s.n == most {
			return s, false
		}
		s.c[s.n] = *c
		s.n++
	}
	return s, true
}

// within tells whether another set has all changes of this one, each at least as large.
func (s *set) within(o *set) bool {
next:
	for i := range s.changes() {
		for k := range o.changes() {
			if s.c[i].same(&o.c[k]) && s.c[i].amount <= o.c[k].amount {
				continue next
			}
		}
		return false
	}
	return true
}

// personal tells whether a change of the set is about one expert.
func (s *set) personal() bool {
	return slices.ContainsFunc(s.changes(), func(c change) bool { return c.who != "" })
}

// classes from what is asked of fewest to what nobody may.
var classes = []muster.Class{muster.ByPolicy, muster.ByDispatcher, muster.Never}

func rankOf(c muster.Class) int { return slices.Index(classes, c) }

// rank is that of the strictest class of a set, 0 if it is empty.
func (s *set) rank() int {
	rank := 0
	for i := range s.changes() {
		rank = max(rank, rankOf(s.c[i].class))
	}
	return rank
}

func (s *set) trouble() float64 {
	sum := 0.0
	for i := range s.changes() {
		sum += s.c[i].trouble()
	}
	return sum
}

// cross joins each set with each alternative. Those with more than room changes, or one of a stricter class, are left out.
func cross(sets, by []set, room, rank int, out []set) []set {
	for i := range sets {
		for k := range by {
			if s, ok := sets[i].and(&by[k]); ok && s.n <= room && s.rank() <= rank {
				out = append(out, s)
			}
		}
	}
	return out
}

// affected is a job and an expert with some changes made; what is changed is copied first.
type affected struct {
	world  *World
	job    Job
	person Person
	leaves []int // that were taken out
}

func (x *affected) ticket() *muster.Ticket {
	t := *x.job.Ticket
	x.job.Ticket = &t
	return &t
}

func (x *affected) expert() *muster.Expert {
	e := *x.person.Expert
	x.person.Expert = &e
	return &e
}

// limits are the expert's figures, the policy's where they have none, to be changed.
func (x *affected) limits() *muster.Capacity {
	e := x.expert()
	e.Capacity = limitsOf(e, x.world.Policy)
	return &e.Capacity
}

// made is a job and an expert after a set of changes. Those of another expert change nothing here.
func (w *World) made(job Job, p Person, s *set) (Job, Person) {
	x := &affected{world: w, job: job, person: p}
	for i := range s.changes() {
		if c := &s.c[i]; c.who == "" || c.who == p.Expert.ID {
			c.make(x, c)
		}
	}
	return x.job, x.person
}

// The numbers of changes are on the grid of starts: what is asked of people is asked in whole steps.

// steps rounds a time up.
func steps(d time.Duration) int {
	return int((d+grid-1)/grid) * int(grid/time.Minute)
}

// wholeKm rounds a distance up.
func wholeKm(km float64) int { return max(1, int(math.Ceil(km))) }

// bySize orders relaxations: by who may do it, then by how much it is, then by who is nearest, then as they read.
func bySize(a, b *found) int {
	c := cmp.Or(cmp.Compare(a.rank(), b.rank()), cmp.Compare(a.trouble(), b.trouble()),
		cmp.Compare(a.n, b.n), cmp.Compare(a.km, b.km))
	if c != 0 {
		return c
	}
	return cmp.Compare(a.key(), b.key())
}
