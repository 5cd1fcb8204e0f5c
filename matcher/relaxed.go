package matcher

import (
	"cmp"
	"slices"
	"strings"

	"github.com/sysopssquad/muster"
)

// opened is how many experts are named for each relaxation.
const opened = 10

// tell puts relaxations into words. Experts and starts are those of the kernel after the change.
func (r *relaxing) tell(all []*found, n int) []muster.Relaxation {
	out := make([]muster.Relaxation, 0, min(n, len(all)))
	after := *r.World
	after.Peers = r.peers
	for _, f := range all[:min(n, len(all))] {
		slices.SortFunc(f.who, func(a, b *member) int { return strings.Compare(string(a.Expert.ID), string(b.Expert.ID)) })
		f.who = slices.Compact(f.who)
		relaxed := muster.Relaxation{
			Class: classes[f.rank()], Ask: deciders[f.rank()], Size: f.trouble(), Opens: len(f.who), Experts: []muster.Candidate{},
		}
		for i := range f.changes() {
			relaxed.Changes = append(relaxed.Changes, r.easing(&f.c[i], f.who[0]))
		}
		job, people := r.job, make([]Person, len(f.who))
		for i, m := range f.who { // the job becomes the same for all: what is about one expert opens only that one
			job, people[i] = r.made(r.job, m.Person, &f.set)
		}
		relaxed.Experts = append(relaxed.Experts, after.Shortlist(job, people, opened)...)
		out = append(out, relaxed)
	}
	return out
}

// deciders are who can decide about changes of each class.
var deciders = []string{"escalation", "dispatcher", "administrator"}

// easing tells one change.
func (r *relaxing) easing(c *change, m *member) muster.Easing {
	e := muster.Easing{
		Code: c.code, Class: c.class, Expert: c.who, About: c.about, Amount: c.amount, Unit: c.unit, Text: c.say(r.plain, c),
	}
	if c.shown {
		e.Span = c.span
	}
	if c.who == "" {
		e.Text = strings.ToUpper(e.Text[:1]) + e.Text[1:]
	} else {
		e.Name = m.Expert.Name
		e.Text = cmp.Or(e.Name, string(c.who)) + " " + e.Text
	}
	e.Text += "."
	return e
}
