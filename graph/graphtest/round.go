package graphtest

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/graph"
)

var week = muster.Window{Start: Start, End: Start.AddDate(0, 0, 7)}

// denver asks for the round of the fixtures' region.
func denver(limit int) graph.RoundRef {
	return graph.RoundRef{Region: "reg_denver", Reach: []muster.RegionID{"reg_denver"}, Span: week, Limit: limit}
}

var roundTests = []test{
	{"a round of a region without anything", func(t *testing.T, o Options) {
		s := open(t, o)
		got, err := s.Round(s.ctx, denver(10))
		require.NoError(t, err)
		require.Empty(t, got.Tickets)
		require.Empty(t, got.Experts)
		require.Empty(t, got.Tours)
	}},

	{"its tickets are the queued ones of the region, most urgent first, up to the limit", func(t *testing.T, o Options) {
		s := open(t, o)
		w := company(s)
		ticket := func(n int, edit func(*muster.Ticket)) *muster.Ticket { return with(Ticket(w.device, n), edit) }
		s.must(Change("cmd_1",
			ticket(10, func(t *muster.Ticket) { t.Priority = muster.PriorityLow; t.DueAt = Start }),
			ticket(11, func(t *muster.Ticket) { t.DueAt = Start.Add(3 * time.Hour) }),
			ticket(12, func(t *muster.Ticket) { t.DueAt = Start.Add(2 * time.Hour) }),
			ticket(13, func(t *muster.Ticket) { t.Priority = muster.PriorityCritical }),
			ticket(14, func(t *muster.Ticket) { t.Priority = muster.PriorityHigh }),
			ticket(16, func(t *muster.Ticket) { t.DueAt = Start.Add(2 * time.Hour) }),
			ticket(15, func(t *muster.Ticket) { t.DueAt = Start.Add(2 * time.Hour) }),
			ticket(20, func(t *muster.Ticket) { t.Region = "reg_boulder" }),
			ticket(21, func(t *muster.Ticket) { t.State = muster.Triage }),
			ticket(22, func(t *muster.Ticket) { t.State = muster.Waiting }),
			ticket(23, func(t *muster.Ticket) { t.State = muster.Resolved }),
			ticket(24, func(t *muster.Ticket) { t.State = muster.Cancelled }),
		))
		skip := 0
		numbers := func(limit int) (out []int64) {
			ref := denver(limit)
			ref.Skip = skip
			got, err := s.Round(s.ctx, ref)
			require.NoError(t, err)
			for _, c := range got.Tickets {
				out = append(out, c.Ticket.Number)
			}
			return out
		}
		require.Equal(t, []int64{13, 14, 12, 15, 16, 11, 1, 10}, numbers(100))
		require.Equal(t, []int64{13, 14, 12}, numbers(3))
		skip = 3
		require.Equal(t, []int64{15, 16}, numbers(2))
		skip = 8
		require.Empty(t, numbers(2))
	}},

	{"its cases have customer, site, device and who served them, not the parts", func(t *testing.T, o Options) {
		s := open(t, o)
		w := company(s)
		next := with(w.ticket, func(t *muster.Ticket) { t.Rev++ })
		s.must(Change("cmd_1", next, &muster.Visit{ID: "vis_old", Ticket: next.ID, N: 1, State: muster.VisitEnded}))
		got, err := s.Round(s.ctx, denver(10))
		require.NoError(t, err)
		require.Equal(t, []graph.TicketCase{{Ticket: *next, Customer: *w.customer, Site: *w.site, Device: w.device}}, got.Tickets)
	}},

	{"served counts done visits to the customer, and to the device among them, by expert", func(t *testing.T, o Options) {
		s := open(t, o)
		w := company(s)
		other := Device(w.site, 2)
		next := named(w.customer, "Second")
		put := []muster.Record{next, other}
		done := func(n int, about *muster.Device, e muster.ExpertID, state muster.AssignmentState) {
			tk := with(Ticket(about, n), func(t *muster.Ticket) { t.State = muster.Resolved })
			put = append(put, tk, &muster.Assignment{
				ID: muster.AssignmentID(id(muster.KindAssignment, n)), Ticket: tk.ID, Expert: e, State: state, At: Start,
			})
		}
		done(30, w.device, "exp_a", muster.AssignmentDone)
		done(31, w.device, "exp_a", muster.AssignmentDone)
		done(32, other, "exp_a", muster.AssignmentDone)
		done(33, other, "exp_b", muster.AssignmentDone)
		done(34, w.device, "exp_c", muster.AssignmentWithdrawn)
		stranger := Customer(2)
		place := Site(stranger.ID, 2)
		theirs := Device(place, 3)
		put = append(put, stranger, place, theirs)
		done(35, theirs, "exp_d", muster.AssignmentDone)
		s.must(Change("cmd_1", put...))
		want := []muster.Served{{Expert: "exp_a", Visits: 3, Device: 2}, {Expert: "exp_b", Visits: 1}}
		got, err := s.Round(s.ctx, denver(10))
		require.NoError(t, err)
		require.Len(t, got.Tickets, 1)
		require.Equal(t, want, got.Tickets[0].Served)
		c, err := s.TicketCase(s.ctx, "", graph.CaseRef{Ticket: w.ticket.ID})
		require.NoError(t, err)
		require.Equal(t, want, c.Served)
		bare := with(Ticket(w.device, 40), func(t *muster.Ticket) { t.Device = "" })
		s.must(Change("cmd_2", bare))
		c, err = s.TicketCase(s.ctx, "", graph.CaseRef{Ticket: bare.ID})
		require.NoError(t, err)
		require.Equal(t, []muster.Served{{Expert: "exp_a", Visits: 3}, {Expert: "exp_b", Visits: 1}}, c.Served)
	}},

	{"its experts are those within reach who work here, by id", func(t *testing.T, o Options) {
		s := open(t, o)
		expert := func(n int, region muster.RegionID, removed bool) *muster.Expert {
			return with(Expert(n), func(e *muster.Expert) { e.Region, e.Removed = region, removed })
		}
		near, next, far, gone := expert(3, "reg_denver", false), expert(2, "reg_boulder", false),
			expert(1, "reg_miami", false), expert(4, "reg_denver", true)
		s.must(Change("cmd_1", near, next, far, gone, Tour(near, Start), Tour(far, Start), Tour(gone, Start)))
		ref := denver(10)
		ref.Reach = []muster.RegionID{"reg_denver", "reg_boulder", "reg_denver"}
		got, err := s.Round(s.ctx, ref)
		require.NoError(t, err)
		require.Equal(t, []muster.Expert{*next, *near}, got.Experts)
		require.Equal(t, []muster.Tour{*Tour(near, Start)}, got.Tours)
	}},

	{"its tours are those that overlap the span, removed ones too", func(t *testing.T, o Options) {
		s := open(t, o)
		e := Expert(1)
		put := []muster.Record{e}
		var want []muster.Tour
		for i, start := range []time.Time{
			week.Start.Add(-9 * time.Hour), week.Start.Add(-9*time.Hour + minute), week.Start.Add(50 * time.Hour), week.End.Add(-minute), week.End,
		} {
			tour := Tour(e, start)
			tour.Region = muster.RegionID(fmt.Sprintf("reg_%d", i)) // where the expert's base was then
			tour.Removed = i == 2
			put = append(put, tour)
			if i > 0 && i < 4 {
				want = append(want, *tour)
			}
		}
		s.must(Change("cmd_1", put...))
		got, err := s.Round(s.ctx, denver(10))
		require.NoError(t, err)
		require.Equal(t, want, got.Tours)
	}},
}
