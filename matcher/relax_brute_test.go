package matcher_test

import (
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/matcher"
)

// Here every change that there is, and every pair, is made to tiny worlds. What Relax shows must work, nothing smaller may,
// and what it doesn't show may not. Larger changes never shut anybody out, so that of the amounts only those need be tried
// which are just below something that is shown, and the largest.

// amounts that are as good as any on these instances: more than the horizon, a country, a week.
const (
	anyMinutes = 4 * 24 * 60
	anyKm      = 500
)

// obstruct adds what the other tests of an expert's start leave out: what is about the expert alone.
func (in *instance) obstruct(t *rapid.T) {
	e, ticket := in.p.Expert, in.job.Ticket
	in.job.Customer = &muster.Customer{ID: "cus_1"}
	few := func(label string) bool { return rapid.IntRange(0, 9).Draw(t, label) == 0 }
	if few("low") {
		e.Skills[0].Level = muster.Level(rapid.IntRange(1, 2).Draw(t, "level"))
	}
	if few("unskilled") {
		e.Skills = nil
	}
	if few("other make") {
		e.Brands, ticket.Brand = []string{"Miele"}, "Bosch"
	}
	if few("parts") {
		ticket.Carry = []string{"drum", "belt"}
	}
	if few("territory") {
		e.Territory = []muster.Cell{0x882a306601fffff}
	}
	if few("blocked") {
		in.job.Customer.Blocked = []muster.Block{{Expert: e.ID}}
	}
	if few("said no") {
		ticket.Declines = append(ticket.Declines, muster.Decline{Expert: e.ID, Reason: "too_far"})
	}
	if few("division") {
		ticket.Division = "north"
	}
	if few("carry-in") {
		e.Capacity.CarryInOnly = true
	}
	if few("near only") {
		e.Capacity.TravelKm = 3
	}
	if few("full") {
		e.Capacity.VisitsPerTour = 1
	}
}

// changes lists all that could be made otherwise, each as much as can be.
func (in *instance) changes() []matcher.ChangeSet {
	e, ticket := in.p.Expert, in.job.Ticket
	var out []matcher.ChangeSet
	add := func(code muster.ReasonCode, nth int, who muster.ExpertID, which int, about string, amount int, span muster.Window) {
		out = append(out, matcher.Change(code, nth, who, which, about, amount, span))
	}
	flag := func(code muster.ReasonCode, who muster.ExpertID) { add(code, 0, who, 0, "", 0, muster.Window{}) }
	for i := range ticket.Windows {
		add(muster.AfterWindow, 0, "", i, "", anyMinutes, muster.Window{})
		add(muster.AfterWindow, 1, "", i, "", anyMinutes, muster.Window{})
	}
	flag(muster.NotOnCall, "")
	flag(muster.LevelLow, "")
	flag(muster.SiteClosed, "")
	flag(muster.HasDeclined, e.ID)
	flag(muster.OutOfTerritory, e.ID)
	flag(muster.IsBlocked, e.ID)
	flag(muster.NotMobile, e.ID)
	if len(ticket.Carry) > 0 {
		add(muster.LacksParts, 0, e.ID, 0, "drum, belt", 0, muster.Window{})
	}
	add(muster.NotAuthorised, 0, e.ID, 0, ticket.Brand, 0, muster.Window{})
	add(muster.OtherDivision, 0, e.ID, 0, ticket.Division, 0, muster.Window{})
	add(muster.TooFar, 0, "", 0, "", anyKm, muster.Window{})
	add(muster.OverCapacity, 0, "", 0, "", 10, muster.Window{})
	add(muster.Overtime, 0, "", 0, "", anyMinutes, muster.Window{})
	add(muster.OffShift, 0, e.ID, 0, "", 4*60, muster.Window{})
	add(muster.DayTooLong, 0, e.ID, 0, "", anyMinutes, muster.Window{})
	add(muster.WeekTooLong, 0, e.ID, 0, "", anyMinutes, muster.Window{})
	add(muster.RestTooShort, 0, e.ID, 0, "", int(e.Capacity.RestMinutes-1)/5*5, muster.Window{})
	if len(ticket.Parts) > 0 {
		add(muster.LacksParts, 1, "", 0, "", anyMinutes, muster.Window{})
	}
	switch {
	case len(e.Skills) == 0:
		add(muster.NoSkill, 0, e.ID, 0, "skl_a", 3, muster.Window{})
	case e.Skills[0].Level < 3:
		add(muster.NoSkill, 0, e.ID, 0, "skl_a", int(3-e.Skills[0].Level), muster.Window{})
		fallthrough
	default:
		add(muster.CertificateEnds, 0, e.ID, 0, "skl_a", 0, muster.Window{})
	}
	for i, l := range e.Leave {
		add(muster.OnLeave, 0, e.ID, i, "", 0, l.Window)
	}
	for _, tour := range in.p.Tours {
		for _, s := range tour.Stops {
			if s.Held() {
				add(muster.HeldByOther, 0, e.ID, 0, string(s.Visit), 0, muster.Window{})
			}
		}
	}
	return out
}

// shifts lists other shifts by day, each as long as the visit needs.
func (in *instance) shifts(every time.Duration) []matcher.ChangeSet {
	var out []matcher.ChangeSet
	e := in.p.Expert
	way, _ := plane{}.Between(e.Base, in.job.Site.Place, in.w.Now)
	soon := in.w.Now.Add(in.w.Policy.Lead.Duration())
	for start := soon.Truncate(5 * time.Minute); start.Before(in.w.Policy.Horizon(in.w.Now).End); start = start.Add(every) {
		end := start.Add((in.job.Ticket.Duration + way).Duration())
		const grid = 5 * time.Minute
		span := muster.Window{Start: start.Add(-way.Duration()).Truncate(grid), End: end.Add(grid - 1).Truncate(grid)}
		from, to := span.Start.In(boston), span.End.In(boston)
		ok := !span.Start.Before(soon) && from.Hour() >= 6 && from.Day() == to.Day() && to.Hour()*60+to.Minute() <= 22*60
		for _, t := range in.tours() {
			ok = ok && !t.Start.Before(span.End) || ok && !span.Start.Before(t.End)
		}
		if ok {
			out = append(out, matcher.Change(muster.OffShift, 1, e.ID, 0, "", 0, span))
		}
	}
	return out
}

// opens tells whether the expert can come after some changes: within another shift, if that is one of them.
func (in *instance) opens(s matcher.ChangeSet) bool {
	job, p := in.w.Made(in.job, in.p, s)
	var start time.Time
	for _, c := range s.Alone() {
		if c.Is(muster.OffShift) && c.Unit() == "" {
			way, _ := plane{}.Between(p.Expert.Base, job.Site.Place, in.w.Now)
			start = c.Span().Start.Add(way.Duration() + 5*time.Minute - 1).Truncate(5 * time.Minute)
		}
	}
	_, reasons := in.w.Check(job, p, start)
	return len(reasons) == 0
}

// corners are the amounts of a change to try: the most, and those just below what is shown.
func corners(c matcher.ChangeSet, shown []matcher.ChangeSet) []matcher.ChangeSet {
	out := []matcher.ChangeSet{c}
	for _, s := range shown {
		for _, part := range s.Alone() {
			if !part.Same(c) {
				continue
			}
			step := 1
			if part.Unit() == "min" {
				step = 5
			}
			if less := part.Amount() - step; less > 0 && c.Unit() != "level" {
				out = append(out, c.Resize(less))
			}
		}
	}
	return out
}

// unmixed tells whether two changes are ways to the same that aren't looked for together: overtime that is agreed, a way
// home that may be later, another shift.
func unmixed(c, d matcher.ChangeSet) bool {
	about := func(x matcher.ChangeSet) bool { return x.Is(muster.Overtime) || x.Is(muster.OffShift) }
	return about(c) && about(d)
}

func TestLongRelaxationsAreAllThatAreLeast(t *testing.T) {
	shownSets, pairs, failed := 0, 0, 0
	rapid.Check(t, func(t *rapid.T) {
		in := drawInstance(t, plane{})
		in.obstruct(t)
		_, reasons := in.w.Check(in.job, in.p, time.Time{})
		shown := in.w.Least(in.job, []matcher.Person{in.p}, math.MaxInt)
		if len(reasons) == 0 {
			require.Empty(t, shown, "who can come needs nothing")
			return
		}
		shownSets += len(shown)
		known := func(s matcher.ChangeSet) bool {
			for _, o := range shown {
				if o.Within(s) {
					return true
				}
			}
			return false
		}
		for _, s := range shown {
			require.True(t, in.opens(s), "it is shown, but doesn't work: %s", s.Text())
			if len(s.Alone()) > 1 {
				pairs++
				for _, one := range s.Alone() {
					require.False(t, in.opens(one), "%s: one alone does: %s", s.Text(), one.Text())
				}
			}
		}
		all := in.changes()
		all = append(all, in.shifts(35*time.Minute)...)
		for i, c := range all {
			for _, x := range corners(c, shown) {
				if !known(x) {
					failed++
					require.False(t, in.opens(x), "isn't shown, but works: %s", x.Text())
				}
				for _, d := range all[i+1:] {
					if c.Same(d) || unmixed(c, d) {
						continue
					}
					for _, y := range corners(d, shown) {
						both, ok := x.And(y)
						require.True(t, ok)
						if known(both) {
							continue
						}
						failed++
						require.False(t, in.opens(both), "isn't shown, but works: %s", both.Text())
					}
				}
			}
		}
	})
	t.Logf("%d were shown, %d of them pairs; %d smaller ones or others failed", shownSets, pairs, failed)
	require.Positive(t, pairs)
}

// A small company: what is shown for all of them together is the least of what is shown for each, and after each change the
// plain ranking finds the experts who are named, at the same start and cost, and no others than before.
func TestRelaxationsOfACompanyWorkWhenApplied(t *testing.T) {
	t.Run("town", func(t *testing.T) {
		requireRelaxations(t, found(t, figures{seed: 5, experts: 150, tickets: 60, towns: 3, spreadKm: 25, needs: 20}))
	})
	t.Run("long ways at rush hour", func(t *testing.T) {
		requireRelaxations(t, found(t, figures{seed: 7, experts: 60, tickets: 40, towns: 2, spreadKm: 90, needs: 20}))
	})
}

func requireRelaxations(t *testing.T, c *company) {
	kinds := map[muster.ReasonCode]int{}
	for _, job := range c.jobs {
		before := c.world.Rank(job, c.people)
		if len(before.Candidates) > 0 {
			continue
		}
		shown := c.world.Relax(job, c.people, 30)
		sets := c.world.Least(job, c.people, 30)
		require.Len(t, shown, len(sets))
		all := c.world.Least(job, c.people, math.MaxInt)
		require.Len(t, sets, min(30, len(all)))
		for i, s := range sets {
			require.Equal(t, all[i].Text(), s.Text(), "the first are the first of all")
		}
		for i, r := range shown {
			require.NotEmpty(t, r.Experts, "it opens somebody")
			require.Equal(t, min(10, r.Opens), len(r.Experts))
			changed := make([]matcher.Person, len(c.people))
			relaxed := job
			for k, p := range c.people {
				relaxed, changed[k] = c.world.Made(job, p, sets[i])
			}
			if who := r.Experts[0].Expert; r.Opens == 1 { // what is about one expert may change the ticket for that one
				for k, p := range c.people {
					if p.Expert.ID == who {
						relaxed, changed[k] = c.world.Made(job, p, sets[i])
					}
				}
			}
			after := c.world.Rank(relaxed, changed)
			require.Len(t, after.Candidates, r.Opens, sets[i].Text())
			require.Equal(t, r.Experts, after.Candidates[:len(r.Experts)], sets[i].Text())
			for _, change := range r.Changes {
				kinds[change.Code]++
			}
			require.Equal(t, map[muster.Class]string{
				muster.ByPolicy: "escalation", muster.ByDispatcher: "dispatcher", muster.Never: "administrator",
			}[r.Class], r.Ask)
		}
		for i, s := range sets {
			for k, o := range sets {
				require.False(t, i != k && o.Within(s), "%s makes %s needless", o.Text(), s.Text())
			}
		}
		for _, p := range c.people {
			for _, s := range c.world.Least(job, []matcher.Person{p}, math.MaxInt) {
				known := false
				for _, o := range all {
					known = known || o.Within(s)
				}
				require.True(t, known, "missing: %s for %s", s.Text(), p.Expert.ID)
			}
		}
	}
	t.Log(kinds)
	require.Greater(t, len(kinds), 5)
}
