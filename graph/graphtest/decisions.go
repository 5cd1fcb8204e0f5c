package graphtest

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/graph"
)

var decisionTests = []test{
	{"an empty store has the zero setup", func(t *testing.T, o Options) {
		s := open(t, o)
		got, err := s.Setup(s.ctx)
		require.NoError(t, err)
		require.Empty(t, got.Skills)
		require.Empty(t, got.Regions)
		require.Zero(t, got.Policy.ID)
		require.Zero(t, got.Tree.Rev)
	}},

	{"setup is policy, tree, skills and regions", func(t *testing.T, o Options) {
		s := open(t, o)
		policy := muster.DefaultPolicy()
		tree := &muster.SkillTree{ID: muster.TheSkillTree, Rev: 1}
		broad := &muster.Skill{ID: "skl_white-goods", Tree: tree.ID, Name: "White goods"}
		narrow := &muster.Skill{ID: "skl_refrigerator", Tree: tree.ID, Name: "Refrigerator repair", Narrows: broad.ID, Licensed: true}
		s.must(Change("cmd_1", &policy, tree, broad, narrow, Region("Denver"), Region("Boulder")))
		got, err := s.Setup(s.ctx)
		require.NoError(t, err)
		require.Equal(t, graph.Setup{
			Policy: policy, Tree: *tree, Skills: []muster.Skill{*narrow, *broad}, Regions: []muster.Region{*Region("Boulder"), *Region("Denver")},
		}, got)
	}},

	{"peers are those who work here, by id, with region, skills, capacity and paid time alone", func(t *testing.T, o Options) {
		s := open(t, o)
		first, gone, last := Expert(1), Expert(2), Expert(3)
		first.PaidWeeks, gone.Removed, last.Skills = 90, true, nil
		last.Capacity.TravelKm = 250
		s.must(Change("cmd_1", last, gone, first))
		want := []muster.Expert{
			{ID: first.ID, Region: first.Region, Skills: first.Skills, Capacity: first.Capacity, PaidWeeks: 90},
			{ID: last.ID, Region: last.Region, Capacity: last.Capacity},
		}
		got, err := s.Peers(s.ctx, "", 10)
		require.NoError(t, err)
		require.Equal(t, want, got)
		got, err = s.Peers(s.ctx, "", 1)
		require.NoError(t, err)
		require.Equal(t, want[:1], got)
		got, err = s.Peers(s.ctx, first.ID, 10)
		require.NoError(t, err)
		require.Equal(t, want[1:], got)
		got, err = s.Peers(s.ctx, last.ID, 10)
		require.NoError(t, err)
		require.Empty(t, got)
	}},

	{"a customer's case has the parts by id, removed ones too", func(t *testing.T, o Options) {
		s := open(t, o)
		c, other := Customer(1), Customer(2)
		first, second := Site(c.ID, 1), with(Site(c.ID, 2), func(s *muster.Site) { s.Removed = true })
		a, b := Device(first, 1), Device(second, 2)
		s.must(Change("cmd_1", c, second, first, b, a), Change("cmd_2", other, Site(other.ID, 3)))
		got, err := s.CustomerCase(s.ctx, "", c.ID)
		require.NoError(t, err)
		require.Equal(t, graph.CustomerCase{
			Customer: *c, Sites: []muster.Site{*first, *second}, Devices: []muster.Device{*a, *b},
		}, got)
	}},

	{"a customer's open tickets, at sites or at all, the most urgent first", func(t *testing.T, o Options) {
		s := open(t, o)
		w := company(s)
		a, b := Site(w.customer.ID, 11), Site(w.customer.ID, 12)
		var put []muster.Record
		var want []muster.Ticket
		for i, k := range []struct {
			customer muster.CustomerID
			site     muster.SiteID
			priority muster.Priority
			state    muster.TicketState
		}{
			{w.customer.ID, a.ID, muster.PriorityLow, muster.Triage},
			{w.customer.ID, a.ID, muster.PriorityNormal, muster.Completed},
			{w.customer.ID, b.ID, muster.PriorityCritical, muster.Queued},
			{w.customer.ID, b.ID, muster.PriorityCritical, muster.Resolved},
			{w.customer.ID, a.ID, muster.PriorityCritical, muster.Cancelled},
			{"cus_other", a.ID, muster.PriorityCritical, muster.Queued},
		} {
			next := with(w.ticket, func(t *muster.Ticket) {
				t.ID, t.Number = muster.TicketID("tic_open-"+itoa(int64(i))), int64(900+i)
				t.Customer, t.Site, t.Device, t.Priority, t.State = k.customer, k.site, "", k.priority, k.state
			})
			put, want = append(put, next), append(want, *next)
		}
		s.must(Change("cmd_open", put...))
		got, err := s.OpenTickets(s.ctx, w.customer.ID, []muster.SiteID{a.ID, b.ID}, 10)
		require.NoError(t, err)
		require.Equal(t, []muster.Ticket{want[2], want[1], want[0]}, got)
		got, err = s.OpenTickets(s.ctx, w.customer.ID, []muster.SiteID{a.ID}, 1)
		require.NoError(t, err)
		require.Equal(t, []muster.Ticket{want[1]}, got)
		got, err = s.OpenTickets(s.ctx, w.customer.ID, nil, 10)
		require.NoError(t, err)
		require.Len(t, got, 5, "those of the company too")
		got, err = s.OpenTickets(s.ctx, "cus_none", nil, 10)
		require.NoError(t, err)
		require.Empty(t, got)
	}},

	{"what is missing is not found, by name", func(t *testing.T, o Options) {
		s := open(t, o)
		company(s)
		missing := func(err error, kind muster.Kind, id string) {
			t.Helper()
			code(t, muster.CodeNotFound, err)
			require.Equal(t, muster.NotFound(kind, id), err)
		}
		_, err := s.CustomerCase(s.ctx, "", "cus_none")
		missing(err, muster.KindCustomer, "cus_none")
		_, err = s.ExpertCase(s.ctx, "", "exp_none", Start)
		missing(err, muster.KindExpert, "exp_none")
		_, err = s.TicketCase(s.ctx, "", graph.CaseRef{Ticket: "tic_none"})
		missing(err, muster.KindTicket, "tic_none")
		_, err = s.TicketCase(s.ctx, "", graph.CaseRef{Number: 999})
		missing(err, muster.KindTicket, "T-999")
		_, err = s.TicketCase(s.ctx, "", graph.CaseRef{Visit: "vis_none"})
		missing(err, muster.KindVisit, "vis_none")
		_, err = s.TicketCase(s.ctx, "", graph.CaseRef{Offer: "off_none"})
		missing(err, muster.KindOffer, "off_none")
	}},

	{"a ticket's case by each of its ids", func(t *testing.T, o Options) {
		s := open(t, o)
		w := company(s)
		offer := &muster.Offer{
			ID: "off_1", Ticket: w.scheduled.ID, Visit: w.visit.ID, Expert: w.expert.ID, Tour: w.tour.ID, Start: w.visit.Start,
			End: w.visit.End, State: muster.OfferAccepted, At: Start, Deadline: Start.Add(minute), EndedAt: Start,
		}
		next := with(w.scheduled, func(t *muster.Ticket) { t.Rev++ })
		accepted := Change("cmd_offer", next, offer)
		accepted.Claim = held(muster.NumberKey(77), string(next.ID))
		s.must(accepted)
		want := graph.TicketCase{
			Ticket: *next, Customer: *w.customer, Site: *w.site, Device: w.device,
			Visits: []muster.Visit{*w.visit}, Offers: []muster.Offer{*offer}, Assignments: []muster.Assignment{*w.assignment},
			Experts: map[muster.ExpertID]muster.Expert{w.expert.ID: *w.expert}, Tours: map[muster.TourID]muster.Tour{w.tour.ID: *w.tour},
		}
		for _, ref := range []graph.CaseRef{
			{Ticket: next.ID}, {Number: next.Number}, {Number: 77}, {Visit: w.visit.ID}, {Offer: offer.ID},
		} {
			got, err := s.TicketCase(s.ctx, "", ref)
			require.NoError(t, err)
			require.Equal(t, want, got, "%+v", ref)
		}
	}},

	{"a ticket's case without device, parts, people", func(t *testing.T, o Options) {
		s := open(t, o)
		w := company(s)
		bare := with(w.ticket, func(t *muster.Ticket) { t.ID, t.Number, t.Device = "tic_bare", 9, "" })
		s.must(Change("cmd_bare", bare))
		got, err := s.TicketCase(s.ctx, "", graph.CaseRef{Ticket: bare.ID})
		require.NoError(t, err)
		require.Nil(t, got.Device)
		require.Empty(t, got.Visits)
		require.Empty(t, got.Offers)
		require.Empty(t, got.Assignments)
		require.Empty(t, got.Experts)
		require.Empty(t, got.Tours)
		require.Empty(t, got.Served)
	}},

	{"a ticket's parts are in order: visits by number, offers and assignments by time", func(t *testing.T, o Options) {
		s := open(t, o)
		w := company(s)
		next := with(w.ticket, func(t *muster.Ticket) { t.Rev++ })
		put := []muster.Record{next}
		for i, id := range []string{"c", "a", "b", "d"} {
			at := Start.Add(time.Duration(3-i/2) * time.Hour) // two at each of two moments
			put = append(put,
				&muster.Visit{ID: muster.VisitID("vis_" + id), Ticket: next.ID, N: 12 - i, State: muster.VisitEnded},
				&muster.Offer{ID: muster.OfferID("off_" + id), Ticket: next.ID, At: at, State: muster.OfferDeclined},
				&muster.Assignment{ID: muster.AssignmentID("asg_" + id), Ticket: next.ID, At: at, State: muster.AssignmentWithdrawn})
		}
		s.must(Change("cmd_parts", put...))
		got, err := s.TicketCase(s.ctx, "", graph.CaseRef{Ticket: next.ID})
		require.NoError(t, err)
		var order []string
		for _, v := range got.Visits {
			order = append(order, string(v.ID))
		}
		for _, o := range got.Offers {
			order = append(order, string(o.ID))
		}
		for _, a := range got.Assignments {
			order = append(order, string(a.ID))
		}
		require.Equal(t, []string{
			"vis_d", "vis_b", "vis_a", "vis_c", "off_b", "off_d", "off_a", "off_c", "asg_b", "asg_d", "asg_a", "asg_c",
		}, order)
	}},

	{"of a ticket with many visits the latest, those for which somebody came, and the one that is asked for", func(t *testing.T, o Options) {
		s := open(t, o)
		w := company(s)
		next := with(w.ticket, func(t *muster.Ticket) { t.Rev, t.Visits = t.Rev+1, 6 })
		put := []muster.Record{next}
		for n := 1; n <= 6; n++ {
			visit, at := muster.VisitID(fmt.Sprintf("vis_m%d", n)), Start.Add(time.Duration(n)*time.Hour)
			v := &muster.Visit{ID: visit, Ticket: next.ID, N: n, State: muster.VisitEnded}
			if n == 2 {
				v.ArrivedAt = at
			}
			put = append(put, v,
				&muster.Offer{ID: muster.OfferID(fmt.Sprintf("off_m%d", n)), Ticket: next.ID, Visit: visit, At: at, State: muster.OfferExpired},
				&muster.Assignment{ID: muster.AssignmentID(fmt.Sprintf("asg_m%d", n)), Ticket: next.ID, Visit: visit, At: at, State: muster.AssignmentWithdrawn})
		}
		s.must(Change("cmd_many", put...))
		for _, k := range []struct {
			ref  graph.CaseRef
			want []int
		}{
			{graph.CaseRef{Ticket: next.ID}, []int{1, 2, 3, 4, 5, 6}},
			{graph.CaseRef{Ticket: next.ID, Latest: 6}, []int{1, 2, 3, 4, 5, 6}},
			{graph.CaseRef{Ticket: next.ID, Latest: 2}, []int{2, 5, 6}},
			{graph.CaseRef{Visit: "vis_m1", Latest: 1}, []int{1, 2, 6}},
			{graph.CaseRef{Offer: "off_m4", Latest: 1}, []int{2, 4, 6}},
		} {
			got, err := s.TicketCase(s.ctx, "", k.ref)
			require.NoError(t, err)
			var visits []int
			for i, v := range got.Visits {
				visits = append(visits, v.N)
				require.Equal(t, v.ID, got.Offers[i].Visit)
				require.Equal(t, v.ID, got.Assignments[i].Visit)
			}
			require.Equal(t, k.want, visits, "%+v", k.ref)
			require.Len(t, got.Offers, len(k.want))
			require.Len(t, got.Assignments, len(k.want))
			require.Equal(t, w.customer.ID, got.Customer.ID)
		}
	}},

	{"a case brings the people of open offers and active assignments only, and those asked for", func(t *testing.T, o Options) {
		s := open(t, o)
		w := company(s)
		experts := []*muster.Expert{Expert(2), Expert(3), Expert(4), Expert(5)}
		var put []muster.Record
		tours := make([]*muster.Tour, len(experts))
		for i, e := range experts {
			tours[i] = Tour(e, Start.Add(24*time.Hour))
			put = append(put, e, tours[i])
		}
		far := Tour(experts[3], Start.Add(240*time.Hour))
		gone := with(Tour(experts[3], Start.Add(12*time.Hour)), func(t *muster.Tour) { t.Removed = true })
		next := with(w.ticket, func(t *muster.Ticket) { t.Rev++ })
		put = append(put, far, gone, next,
			&muster.Offer{ID: "off_open", Ticket: next.ID, Expert: experts[0].ID, Tour: tours[0].ID, State: muster.OfferOpen, At: Start},
			&muster.Offer{ID: "off_over", Ticket: next.ID, Expert: experts[1].ID, Tour: tours[1].ID, State: muster.OfferExpired, At: Start},
			&muster.Assignment{ID: "asg_over", Ticket: next.ID, Expert: experts[1].ID, Tour: tours[1].ID, State: muster.AssignmentDone, At: Start},
			&muster.Assignment{ID: "asg_active", Ticket: next.ID, Expert: experts[2].ID, Tour: tours[2].ID, State: muster.AssignmentActive, At: Start},
		)
		s.must(Change("cmd_people", put...))
		got, err := s.TicketCase(s.ctx, "", graph.CaseRef{
			Ticket: next.ID, Experts: []muster.ExpertID{experts[3].ID, "exp_nobody"},
			Span: muster.Window{Start: Start, End: Start.Add(48 * time.Hour)},
		})
		require.NoError(t, err)
		require.Equal(t, map[muster.ExpertID]muster.Expert{
			experts[0].ID: *experts[0], experts[2].ID: *experts[2], experts[3].ID: *experts[3],
		}, got.Experts)
		require.Equal(t, map[muster.TourID]muster.Tour{
			tours[0].ID: *tours[0], tours[2].ID: *tours[2], tours[3].ID: *tours[3], gone.ID: *gone,
		}, got.Tours, "a removed tour holds the place of the one to come")
		require.Equal(t, []muster.Served{{Expert: experts[1].ID, Visits: 1, Device: 1}}, got.Served)
	}},

	{"an expert's case has the tours that end after a moment, and their tickets", func(t *testing.T, o Options) {
		s := open(t, o)
		w := company(s)
		past := Tour(w.expert, Start.Add(-48*time.Hour))
		s.must(Change("cmd_past", past), Change("cmd_other", Expert(2)), Change("cmd_2", Tour(Expert(2), Start)))
		got, err := s.ExpertCase(s.ctx, "", w.expert.ID, Start)
		require.NoError(t, err)
		require.Equal(t, graph.ExpertCase{
			Expert: *w.expert, Tours: []muster.Tour{*w.tour, *w.later}, Tickets: []muster.Ticket{*w.scheduled},
		}, got)
		got, err = s.ExpertCase(s.ctx, "", w.expert.ID, w.tour.End)
		require.NoError(t, err)
		require.Equal(t, graph.ExpertCase{Expert: *w.expert, Tours: []muster.Tour{*w.later}}, got)
		got, err = s.ExpertCase(s.ctx, "", w.expert.ID, past.End.Add(-time.Microsecond))
		require.NoError(t, err)
		require.Len(t, got.Tours, 3)
	}},

	{"every acknowledged commit is seen at once", func(t *testing.T, o Options) {
		s := open(t, o)
		c := Customer(1)
		s.must(Change("cmd_1", c))
		for range 20 {
			c = named(c, "next")
			s.must(Change("cmd_"+itoa(c.Rev), c))
			require.Equal(t, c, s.record(string(c.ID)))
		}
	}},

	{"a cancelled context ends every read", func(t *testing.T, o Options) {
		s := open(t, o)
		w := company(s)
		ctx, cancel := context.WithCancel(s.ctx)
		cancel()
		all := muster.Scope{Everything: true}
		for name, read := range map[string]func() error{
			"Setup":        func() error { _, err := s.Setup(ctx); return err },
			"Peers":        func() error { _, err := s.Peers(ctx, "", 1); return err },
			"Records":      func() error { _, err := s.Records(ctx, "", string(w.customer.ID)); return err },
			"CustomerCase": func() error { _, err := s.CustomerCase(ctx, "", w.customer.ID); return err },
			"OpenTickets":  func() error { _, err := s.OpenTickets(ctx, w.customer.ID, nil, 1); return err },
			"TicketCase":   func() error { _, err := s.TicketCase(ctx, "", graph.CaseRef{Ticket: w.ticket.ID}); return err },
			"ExpertCase":   func() error { _, err := s.ExpertCase(ctx, "", w.expert.ID, Start); return err },
			"Round":        func() error { _, err := s.Round(ctx, graph.RoundRef{Region: "reg_denver", Limit: 1}); return err },
			"Tickets":      func() error { _, _, err := s.Tickets(ctx, all, graph.TicketFilter{}, graph.Page{Limit: 1}); return err },
			"ClaimDue": func() error {
				_, err := s.ClaimDue(ctx, muster.LaneMatching, 1, Start, Start.Add(minute), 1)
				return err
			},
			"Pending": func() error { _, err := s.Pending(ctx, 1); return err },
		} {
			err := read()
			require.True(t, errors.Is(err, context.Canceled), "%s: %v", name, err)
		}
		s.record(string(w.customer.ID))
	}},
}
