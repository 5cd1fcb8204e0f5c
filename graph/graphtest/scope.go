package graphtest

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/graph"
)

// neighbours commits the company and beside it another customer with a ticket, an expert, a tour, and users
// of both sides.
func neighbours(s session) world {
	s.Helper()
	w := company(s)
	c := Customer(2)
	site := Site(c.ID, 2)
	d := Device(site, 2)
	e := Expert(2)
	s.must(Change("cmd_neighbours", c, site, d, Ticket(d, 3), e, Tour(e, Start),
		&muster.User{ID: "usr_c1", Rev: 1, Role: muster.RoleCustomer, Customer: w.customer.ID},
		&muster.User{ID: "usr_c2", Rev: 1, Role: muster.RoleCustomer, Customer: c.ID},
		&muster.User{ID: "usr_e1", Rev: 1, Role: muster.RoleExpert, Expert: w.expert.ID}))
	return w
}

var scopeTests = []test{
	{"a read without a scope is refused", func(t *testing.T, o Options) {
		s := open(t, o)
		w := neighbours(s)
		var none muster.Scope
		page := graph.Page{Limit: 10}
		for name, read := range map[string]func() error{
			"Tickets":      func() error { _, _, err := s.Tickets(s.ctx, none, graph.TicketFilter{}, page); return err },
			"TicketCounts": func() error { _, err := s.TicketCounts(s.ctx, none); return err },
			"Customers":    func() error { _, _, err := s.Customers(s.ctx, none, "", page); return err },
			"Experts":      func() error { _, _, err := s.Experts(s.ctx, none, graph.ExpertFilter{}, page); return err },
			"Tours":        func() error { _, err := s.Tours(s.ctx, none, nil, week); return err },
			"Users":        func() error { _, err := s.Users(s.ctx, none); return err },
			"Messages":     func() error { _, err := s.Messages(s.ctx, none, nil, 10); return err },
			"History":      func() error { _, err := s.History(s.ctx, none, string(w.ticket.ID)); return err },
		} {
			require.Equal(t, muster.CodeForbidden, muster.CodeOf(read()), name)
		}
	}},

	{"a customer sees their own and nothing of experts", func(t *testing.T, o Options) {
		s := open(t, o)
		w := neighbours(s)
		mine := muster.Scope{Customer: w.customer.ID}
		require.Equal(t, []int64{1, 2}, s.tickets(mine, graph.TicketFilter{}, 10))
		require.Empty(t, s.tickets(mine, graph.TicketFilter{Customer: "cus_00000002"}, 10))
		s.sees(mine, seen{
			counts: map[string]int{"queued": 1, "assigned": 1}, customers: []string{string(w.customer.ID)}, users: []string{"usr_c1"},
			histories: []string{string(w.customer.ID), string(w.ticket.ID), string(w.scheduled.ID)},
		})
	}},

	{"an expert sees themselves, their tours, tickets and those tickets' customers", func(t *testing.T, o Options) {
		s := open(t, o)
		w := neighbours(s)
		mine := muster.Scope{Expert: w.expert.ID}
		require.Equal(t, []int64{2}, s.tickets(mine, graph.TicketFilter{}, 10))
		require.Empty(t, s.tickets(mine, graph.TicketFilter{Expert: "exp_00000002"}, 10))
		s.sees(mine, seen{
			counts: map[string]int{"assigned": 1}, customers: []string{string(w.customer.ID)}, experts: []string{string(w.expert.ID)},
			tours: []string{string(w.tour.ID), string(w.later.ID)}, users: []string{"usr_e1"},
			histories: []string{string(w.expert.ID), string(w.tour.ID), string(w.later.ID), string(w.scheduled.ID)},
		})
	}},

	{"who is bound to both sees what both see", func(t *testing.T, o Options) {
		s := open(t, o)
		w := neighbours(s)
		both := muster.Scope{Customer: w.customer.ID, Expert: w.expert.ID}
		require.Equal(t, []int64{2}, s.tickets(both, graph.TicketFilter{}, 10))
		s.sees(both, seen{
			counts: map[string]int{"assigned": 1}, customers: []string{string(w.customer.ID)}, histories: []string{string(w.scheduled.ID)},
		})
		apart := muster.Scope{Customer: "cus_00000002", Expert: w.expert.ID}
		require.Empty(t, s.tickets(apart, graph.TicketFilter{}, 10))
		s.sees(apart, seen{counts: map[string]int{}})
	}},

	{"who is bound to nobody's sees nothing", func(t *testing.T, o Options) {
		s := open(t, o)
		neighbours(s)
		for _, scope := range []muster.Scope{{Customer: "cus_none"}, {Expert: "exp_none"}} {
			require.Empty(t, s.tickets(scope, graph.TicketFilter{}, 10))
			s.sees(scope, seen{counts: map[string]int{}})
		}
	}},
}

// seen is what a scope lets through of neighbours, besides tickets.
type seen struct {
	counts                                      map[string]int
	customers, experts, tours, users, histories []string
}

func (s session) sees(scope muster.Scope, want seen) {
	s.Helper()
	counts, err := s.TicketCounts(s.ctx, scope)
	require.NoError(s, err)
	customers, _, err := s.Customers(s.ctx, scope, "", graph.Page{Limit: 10})
	require.NoError(s, err)
	experts, _, err := s.Experts(s.ctx, scope, graph.ExpertFilter{}, graph.Page{Limit: 10})
	require.NoError(s, err)
	tours, err := s.Tours(s.ctx, scope, nil, muster.Window{Start: Start, End: Start.Add(1000 * time.Hour)})
	require.NoError(s, err)
	users, err := s.Users(s.ctx, scope)
	require.NoError(s, err)
	var histories []string
	for _, id := range []string{
		"cus_00000001", "cus_00000002", "exp_00000001", "exp_00000002", string(Tour(Expert(1), Start.Add(7*time.Hour)).ID),
		string(Tour(Expert(1), Start.Add(31*time.Hour)).ID), string(Tour(Expert(2), Start).ID), "tic_00000001", "tic_00000002", "tic_00000003",
		"reg_denver", "usr_c1", "usr_e1",
	} {
		_, err := s.History(s.ctx, scope, id)
		if err == nil {
			histories = append(histories, id)
			continue
		}
		code(s, muster.CodeNotFound, err)
	}
	require.Equal(s, want, seen{counts, idsOf(customers), idsOf(experts), idsOf(tours), idsOf(users), histories})
}
