package matcher

import "github.com/sysopssquad/muster"

// ChangeSet is a set of changes for tests outside.
type ChangeSet struct{ set }

// Change makes one; kind is the constraint's code and how many changes of the same code come before it in the lists.
func Change(code muster.ReasonCode, nth int, who muster.ExpertID, which int, about string, amount int, span muster.Window) ChangeSet {
	var kinds []*easing
	for i := range constraints {
		for _, e := range constraints[i].changes {
			if e.code == code {
				kinds = append(kinds, e)
			}
		}
	}
	return ChangeSet{only(change{easing: kinds[nth], who: who, which: which, about: about, amount: amount, span: span})}
}

// And joins two.
func (s ChangeSet) And(o ChangeSet) (ChangeSet, bool) {
	both, ok := s.set.and(&o.set)
	return ChangeSet{both}, ok
}

// Within tells whether another has all of these, as large at least.
func (s ChangeSet) Within(o ChangeSet) bool { return s.set.within(&o.set) }

// Alone lists the changes one by one.
func (s ChangeSet) Alone() []ChangeSet {
	var out []ChangeSet
	for _, c := range s.changes() {
		out = append(out, ChangeSet{only(c)})
	}
	return out
}

// Amount is that of the only change; Resize changes it.
func (s ChangeSet) Amount() int { return s.c[0].amount }

// Unit is that of the only change.
func (s ChangeSet) Unit() string { return s.c[0].unit }

// Is tells whether the only change is of a constraint.
func (s ChangeSet) Is(code muster.ReasonCode) bool { return s.c[0].code == code }

// Span is that of the only change.
func (s ChangeSet) Span() muster.Window { return s.c[0].span }

// Resize changes the amount of the only change.
func (s ChangeSet) Resize(amount int) ChangeSet {
	s.c[0].amount = amount
	return s
}

// Same tells whether two are the same change, whatever the amount.
func (s ChangeSet) Same(o ChangeSet) bool { return s.n == 1 && o.n == 1 && s.c[0].same(&o.c[0]) }

// Text is how changes read.
func (s ChangeSet) Text() (text string) {
	for _, c := range s.changes() {
		text += string(c.code) + " " + c.rule + " " + muster.Minutes(c.amount).Duration().String() + "; "
	}
	return text
}

// Least gives what Relax finds, before it is put into words.
func (w *World) Least(job Job, people []Person, n int) []ChangeSet {
	var out []ChangeSet
	for _, f := range w.relaxing(job, people).least(n) {
		out = append(out, ChangeSet{f.set})
	}
	return out
}

// Made applies changes.
func (w *World) Made(job Job, p Person, s ChangeSet) (Job, Person) { return w.made(job, p, &s.set) }
