package matcher_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/matcher"
	"github.com/sysopssquad/muster/matcher/check"
)

// Who has a visit less to make still makes the others, leave in the middle of a shift or not: the way past the place
// that was taken off is never longer than the way over it, and nobody is planned to drive while they are away.
func TestLongWithoutAnyOfItsStopsATourStaysFeasible(t *testing.T) {
	taken, away := 0, 0
	rapid.Check(t, func(t *rapid.T) {
		in := drawInstance(t, plane{})
		in.p.Tours = nil
		e := in.p.Expert
		e.Capacity = muster.Capacity{VisitsPerTour: 8, DayMinutes: 720, WeekMinutes: 4000, RestMinutes: 5}
		for i := range e.Shifts {
			e.Shifts[i].From, e.Shifts[i].To = 7*60, 18*60
		}
		if rapid.Bool().Draw(t, "away") { // around noon, so that it ends within the shift more often than not
			from := in.day.Add(minutes(t, "away.from", 5*60, 14*60).Duration()).UTC()
			e.Leave = []muster.Leave{{Window: muster.Window{Start: from, End: from.Add(minutes(t, "away.length", 15, 4*60).Duration())}}}
		}
		for i := range rapid.IntRange(2, 8).Draw(t, "visits") {
			job := matcher.Job{Site: &muster.Site{Place: somewhere(t, "site")}, Ticket: &muster.Ticket{
				ID: muster.TicketID(fmt.Sprint("tic_", i)), Duration: minutes(t, "length", 15, 90), Priority: muster.PriorityNormal,
			}}
			if rapid.Bool().Draw(t, "with window") {
				job.Ticket.Windows = []muster.Window{someWindow(t, "window", in.day)}
			}
			c, reasons := in.w.Check(job, in.p, time.Time{})
			if len(reasons) > 0 {
				continue
			}
			at := slices.IndexFunc(in.p.Tours, func(t *muster.Tour) bool { return t.ID == c.Tour })
			if at < 0 {
				at = len(in.p.Tours)
				in.p.Tours = append(in.p.Tours, &muster.Tour{ID: c.Tour, Expert: e.ID, Start: c.Shift.Start, End: c.Shift.End, Breaks: c.Breaks})
			}
			matcher.Insert(in.p.Tours[at], c, muster.Stop{
				Visit: muster.VisitID(fmt.Sprint("vis_", i)), Ticket: job.Ticket.ID, Assignment: muster.AssignmentID(fmt.Sprint("asg_", i)), Place: job.Site.Place,
			})
		}
		judge := func(tour *muster.Tour) []check.Breach {
			return slices.DeleteFunc(check.Tour(check.Case{World: in.w, Person: in.p, Tour: tour}), func(b check.Breach) bool {
				return b.Code == muster.OverCapacity || b.Code == muster.NotOnCall
			})
		}
		for _, tour := range in.p.Tours {
			require.Empty(t, judge(tour))
			for _, s := range tour.Stops {
				less := *tour
				_, there := matcher.Remove(&less, s.Visit, e, in.w.Travel)
				require.True(t, there)
				require.Empty(t, judge(&less), "without %s", s.Visit)
				taken++
				if len(e.Leave) > 0 && e.Leave[0].Overlaps(muster.Window{Start: tour.Start, End: tour.End}) && len(less.Stops) > 0 {
					away++
				}
			}
		}
	})
	t.Logf("%d stops taken off, %d of them on a day with leave and other stops", taken, away)
	require.Greater(t, taken, 100)
	require.Greater(t, away, 25)
}
