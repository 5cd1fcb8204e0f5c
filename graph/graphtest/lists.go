package graphtest

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/graph"
)

var everythingScope = muster.Scope{Everything: true}

// tickets lists all tickets that pass a filter by their numbers, in pages of a length.
func (s session) tickets(scope muster.Scope, f graph.TicketFilter, limit int) (numbers []int64) {
	s.Helper()
	for after, pages := "", 0; ; pages++ {
		require.Less(s, pages, 1000, "the list has no end")
		page, next, err := s.Tickets(s.ctx, scope, f, graph.Page{After: after, Limit: limit})
		require.NoError(s, err)
		for _, t := range page {
			numbers = append(numbers, t.Number)
		}
		if next == "" {
			return numbers
		}
		require.Len(s, page, limit, "a page that is not the last is full")
		after = next
	}
}

// varied commits n tickets of all priorities, states and regions, many of them equally due.
func varied(s session, n int) []*muster.Ticket {
	s.Helper()
	w := company(s)
	states := muster.TicketStates()
	priorities := []muster.Priority{muster.PriorityNormal, muster.PriorityLow, muster.PriorityCritical, muster.PriorityHigh}
	var changes []graph.Change
	for i := range n {
		t := Ticket(w.device, 100+i)
		t.State, t.Priority = states[i%len(states)], priorities[i%len(priorities)]
		t.DueAt = Start.Add(time.Duration(i*7%5) * time.Hour)
		t.CreatedAt = Start.Add(time.Duration(i) * minute)
		t.Region = muster.RegionID(fmt.Sprintf("reg_%d", i%3))
		for n, kind := range []muster.ExceptionKind{muster.ExceptionLate, muster.ExceptionCall, muster.ExceptionLateToLeave} {
			if i%(n+3) == 0 {
				e := muster.Exception{Kind: kind, Since: Start, Next: "call the customer"}
				if i%2 == n%2 {
					e.Owner, e.TakenAt = muster.UserID(fmt.Sprintf("usr_%d", i%4)), Start
				}
				t.Exceptions = append(t.Exceptions, e)
			}
		}
		if t.State == muster.Scheduled {
			visits := muster.VisitStates()
			t.Visit = &muster.OpenVisit{ID: "vis_x", State: visits[i/len(states)%(len(visits)-1)], Start: Start, End: Start}
		}
		changes = append(changes, Change(fmt.Sprintf("cmd_varied-%d", i), t))
	}
	s.must(changes...)
	stored, _, err := s.Tickets(s.ctx, everythingScope, graph.TicketFilter{}, graph.Page{Limit: 500})
	require.NoError(s, err)
	require.Len(s, stored, n+2)
	return stored
}

// numbersOf lists the numbers of the tickets that pass, in order of urgency.
func numbersOf(tickets []*muster.Ticket, pass func(*muster.Ticket) bool) (numbers []int64) {
	tickets = slices.Clone(tickets)
	sortTickets(tickets)
	for _, t := range tickets {
		if pass(t) {
			numbers = append(numbers, t.Number)
		}
	}
	return numbers
}

// excepted passes tickets with an exception that does.
func excepted(pass func(muster.Exception) bool) func(*muster.Ticket) bool {
	return func(t *muster.Ticket) bool { return slices.ContainsFunc(t.Exceptions, pass) }
}

var listTests = []test{
	{"tickets without a due time come first of their priority, on whatever page", func(t *testing.T, o Options) {
		s := open(t, o)
		varied(s, 20)
		for i := range 12 {
			tk := Ticket(Device(Site(Customer(1).ID, 1), 1), 500+i)
			tk.DueAt, tk.Priority = time.Time{}, []muster.Priority{muster.PriorityNormal, muster.PriorityLow, muster.PriorityCritical}[i%3]
			s.must(Change(fmt.Sprintf("cmd_dueless-%d", i), tk))
		}
		stored, _, err := s.Tickets(s.ctx, everythingScope, graph.TicketFilter{}, graph.Page{Limit: 500})
		require.NoError(t, err)
		require.Len(t, stored, 34)
		want := numbersOf(stored, func(*muster.Ticket) bool { return true })
		for _, limit := range []int{1, 3, 5, 500} {
			require.Equal(t, want, s.tickets(everythingScope, graph.TicketFilter{}, limit), "pages of %d", limit)
		}
		region := graph.TicketFilter{Region: "reg_denver"}
		want = numbersOf(stored, func(t *muster.Ticket) bool { return t.Region == "reg_denver" })
		require.Equal(t, want, s.tickets(everythingScope, region, 2))
	}},

	{"tickets come whole, most urgent first: priority, due time, id", func(t *testing.T, o Options) {
		s := open(t, o)
		w := company(s)
		page, next, err := s.Tickets(s.ctx, everythingScope, graph.TicketFilter{}, graph.Page{Limit: 10})
		require.NoError(t, err)
		require.Empty(t, next)
		require.Equal(t, []*muster.Ticket{w.ticket, w.scheduled}, page)
	}},

	{"pages of any length give every ticket once, in one order", func(t *testing.T, o Options) {
		s := open(t, o)
		all := numbersOf(varied(s, 60), func(*muster.Ticket) bool { return true })
		for _, limit := range []int{1, 7, 31, 62, 63, 500} {
			require.Equal(t, all, s.tickets(everythingScope, graph.TicketFilter{}, limit), "pages of %d", limit)
		}
	}},

	{"each filter of tickets", func(t *testing.T, o Options) {
		s := open(t, o)
		all := varied(s, 84)
		for name, f := range map[string]struct {
			filter graph.TicketFilter
			pass   func(*muster.Ticket) bool
		}{
			"open":             {graph.TicketFilter{States: []string{"open"}}, func(t *muster.Ticket) bool { return !t.State.Terminal() }},
			"queued":           {graph.TicketFilter{States: []string{"queued"}}, func(t *muster.Ticket) bool { return t.State == muster.Queued }},
			"visit state":      {graph.TicketFilter{States: []string{"en_route"}}, func(t *muster.Ticket) bool { return t.Shown() == "en_route" }},
			"scheduled":        {graph.TicketFilter{States: []string{"scheduled"}}, func(t *muster.Ticket) bool { return t.State == muster.Scheduled }},
			"terminal":         {graph.TicketFilter{States: []string{"resolved", "cancelled"}}, func(t *muster.Ticket) bool { return t.State.Terminal() }},
			"the same twice":   {graph.TicketFilter{States: []string{"queued", "queued"}}, func(t *muster.Ticket) bool { return t.State == muster.Queued }},
			"open and queued":  {graph.TicketFilter{States: []string{"open", "queued"}}, func(t *muster.Ticket) bool { return !t.State.Terminal() }},
			"region":           {graph.TicketFilter{Region: "reg_1"}, func(t *muster.Ticket) bool { return t.Region == "reg_1" }},
			"priority":         {graph.TicketFilter{Priority: muster.PriorityHigh}, func(t *muster.Ticket) bool { return t.Priority == muster.PriorityHigh }},
			"since":            {graph.TicketFilter{Since: Start.Add(30 * minute)}, func(t *muster.Ticket) bool { return !t.CreatedAt.Before(Start.Add(30 * minute)) }},
			"customer":         {graph.TicketFilter{Customer: "cus_00000001"}, func(*muster.Ticket) bool { return true }},
			"another customer": {graph.TicketFilter{Customer: "cus_other"}, func(*muster.Ticket) bool { return false }},
			"expert":           {graph.TicketFilter{Expert: "exp_00000001"}, func(t *muster.Ticket) bool { return t.Number == 2 }},
			"needs a person":   {graph.TicketFilter{Exceptions: graph.ExceptionFilter{Any: true}}, func(t *muster.Ticket) bool { return len(t.Exceptions) > 0 }},
			"needs a person for a kind": {graph.TicketFilter{Exceptions: graph.ExceptionFilter{Kind: muster.ExceptionLate}},
				excepted(func(e muster.Exception) bool { return e.Kind == muster.ExceptionLate })},
			"taken by somebody": {graph.TicketFilter{Exceptions: graph.ExceptionFilter{Owner: "usr_2"}},
				excepted(func(e muster.Exception) bool { return e.Owner == "usr_2" })},
			"a kind taken by somebody": {graph.TicketFilter{Exceptions: graph.ExceptionFilter{Owner: "usr_2", Kind: muster.ExceptionLate}},
				excepted(func(e muster.Exception) bool { return e.Owner == "usr_2" && e.Kind == muster.ExceptionLate })},
			"taken by nobody": {graph.TicketFilter{Exceptions: graph.ExceptionFilter{Free: true}},
				excepted(func(e muster.Exception) bool { return e.Owner == "" })},
			"a region's exceptions": {graph.TicketFilter{Region: "reg_1", States: []string{"open"}, Exceptions: graph.ExceptionFilter{Any: true}},
				func(t *muster.Ticket) bool {
					return len(t.Exceptions) > 0 && t.Region == "reg_1" && !t.State.Terminal()
				}},
			"a customer's exceptions": {graph.TicketFilter{Customer: "cus_00000001", Exceptions: graph.ExceptionFilter{Kind: muster.ExceptionCall}},
				excepted(func(e muster.Exception) bool { return e.Kind == muster.ExceptionCall })},
			"all at once": {graph.TicketFilter{
				States: []string{"open"}, Customer: "cus_00000001", Region: "reg_2", Priority: muster.PriorityLow, Since: Start.Add(10 * minute),
			}, func(t *muster.Ticket) bool {
				return !t.State.Terminal() && t.Region == "reg_2" && t.Priority == muster.PriorityLow && !t.CreatedAt.Before(Start.Add(10*minute))
			}},
		} {
			want := numbersOf(all, f.pass)
			require.Equal(t, want, s.tickets(everythingScope, f.filter, 500), name)
			require.Equal(t, want, s.tickets(everythingScope, f.filter, 5), "%s in pages of 5", name)
		}
	}},

	{"a filter, page or cursor that means nothing is refused by field", func(t *testing.T, o Options) {
		s := open(t, o)
		for field, try := range map[string]func() error{
			"state": func() error {
				_, _, err := s.Tickets(s.ctx, everythingScope, graph.TicketFilter{States: []string{"lost"}}, graph.Page{Limit: 1})
				return err
			},
			"kind": func() error {
				f := graph.TicketFilter{Exceptions: graph.ExceptionFilter{Kind: "lost"}}
				_, _, err := s.Tickets(s.ctx, everythingScope, f, graph.Page{Limit: 1})
				return err
			},
			"limit": func() error {
				_, _, err := s.Tickets(s.ctx, everythingScope, graph.TicketFilter{}, graph.Page{})
				return err
			},
			"limit ": func() error {
				_, _, err := s.Experts(s.ctx, everythingScope, graph.ExpertFilter{}, graph.Page{Limit: graph.MaxPage + 1})
				return err
			},
			"after": func() error {
				_, _, err := s.Tickets(s.ctx, everythingScope, graph.TicketFilter{}, graph.Page{Limit: 1, After: "junk"})
				return err
			},
			"after ": func() error {
				_, _, err := s.Customers(s.ctx, everythingScope, "", graph.Page{Limit: 1, After: "exp_1"})
				return err
			},
		} {
			err := try()
			code(t, muster.CodeInvalid, err)
			var e *muster.Error
			require.ErrorAs(t, err, &e)
			require.Equal(t, strings.TrimSpace(field), e.Field)
		}
	}},

	{"a ticket that moves while it is paged through is met at most once", func(t *testing.T, o Options) {
		s := open(t, o)
		all := varied(s, 20)
		page, next, err := s.Tickets(s.ctx, everythingScope, graph.TicketFilter{States: []string{"open"}}, graph.Page{Limit: 3})
		require.NoError(t, err)
		gone := with(page[2], func(t *muster.Ticket) { t.Rev++; t.State, t.Visit = muster.Resolved, nil }) // the one that the cursor names
		s.must(Change("cmd_gone", gone))
		page, _, err = s.Tickets(s.ctx, everythingScope, graph.TicketFilter{States: []string{"open"}}, graph.Page{Limit: 3, After: next})
		require.NoError(t, err)
		require.Equal(t, numbersOf(all, func(t *muster.Ticket) bool { return !t.State.Terminal() })[3:6], numbersOf(page, func(*muster.Ticket) bool { return true }))
	}},

	{"an expert's tickets are those assigned, done or offered, not those over", func(t *testing.T, o Options) {
		s := open(t, o)
		w := company(s)
		put := []muster.Record{}
		ticket := func(n int, part func(t *muster.Ticket) muster.Record) {
			tk := Ticket(w.device, n)
			put = append(put, tk, part(tk))
		}
		assigned := func(n int, state muster.AssignmentState) {
			ticket(n, func(t *muster.Ticket) muster.Record {
				return &muster.Assignment{ID: muster.AssignmentID(id(muster.KindAssignment, n)), Ticket: t.ID, Expert: "exp_x", State: state}
			})
		}
		offered := func(n int, state muster.OfferState) {
			ticket(n, func(t *muster.Ticket) muster.Record {
				return &muster.Offer{ID: muster.OfferID(id(muster.KindOffer, n)), Ticket: t.ID, Expert: "exp_x", State: state}
			})
		}
		assigned(50, muster.AssignmentActive)
		assigned(51, muster.AssignmentDone)
		assigned(52, muster.AssignmentWithdrawn)
		offered(53, muster.OfferOpen)
		offered(54, muster.OfferAccepted)
		offered(55, muster.OfferDeclined)
		offered(56, muster.OfferExpired)
		offered(57, muster.OfferWithdrawn)
		s.must(Change("cmd_1", put...))
		require.Equal(t, []int64{50, 51, 53}, s.tickets(everythingScope, graph.TicketFilter{Expert: "exp_x"}, 10))
		require.Equal(t, []int64{50, 51, 53}, s.tickets(muster.Scope{Expert: "exp_x"}, graph.TicketFilter{}, 2))
	}},

	{"counts are of open tickets, by what is shown", func(t *testing.T, o Options) {
		s := open(t, o)
		want := map[string]int{}
		for _, tk := range varied(s, 40) {
			if !tk.State.Terminal() {
				want[tk.Shown()]++
			}
		}
		got, err := s.TicketCounts(s.ctx, everythingScope)
		require.NoError(t, err)
		require.Equal(t, want, got)
	}},

	{"customers by id, in pages, removed ones left out", func(t *testing.T, o Options) {
		s := open(t, o)
		var want []string
		for n := range 9 {
			c := Customer(n)
			c.Removed = n == 4
			s.must(Change("cmd_"+itoa(n), c))
			if n != 4 {
				want = append(want, string(c.ID))
			}
		}
		for _, limit := range []int{1, 3, 8, 100} {
			var got []string
			for after := ""; ; {
				page, next, err := s.Customers(s.ctx, everythingScope, "", graph.Page{After: after, Limit: limit})
				require.NoError(t, err)
				got = append(got, idsOf(page)...)
				if after = next; next == "" {
					break
				}
			}
			require.Equal(t, want, got, "pages of %d", limit)
		}
	}},

	{"each filter of experts", func(t *testing.T, o Options) {
		s := open(t, o)
		expert := func(n int, edit func(*muster.Expert)) *muster.Expert { return with(Expert(n), edit) }
		skills := func(ids ...muster.SkillID) (out []muster.Competence) {
			for _, id := range ids {
				out = append(out, muster.Competence{Skill: id, Level: 2})
			}
			return out
		}
		s.must(Change("cmd_1",
			expert(1, func(e *muster.Expert) { e.Name = "Ana Ruiz"; e.Skills = skills("skl_oven", "skl_boiler") }),
			expert(2, func(e *muster.Expert) {
				e.Name = "Ben Ansel"
				e.Skills = skills("skl_washer")
				e.Region = "reg_boulder"
			}),
			expert(3, func(e *muster.Expert) { e.Name = "Diana Cho"; e.Skills = skills("skl_oven") }),
			expert(4, func(e *muster.Expert) { e.Name = "Ann Lee"; e.Skills = skills("skl_oven"); e.Removed = true }),
			expert(5, func(e *muster.Expert) { e.Skills = nil }),
		))
		for name, f := range map[string]struct {
			filter graph.ExpertFilter
			want   []string
		}{
			"none":              {graph.ExpertFilter{}, []string{"1", "2", "3", "5"}},
			"skill":             {graph.ExpertFilter{Skill: "skl_oven"}, []string{"1", "3"}},
			"skill or narrower": {graph.ExpertFilter{Skill: "skl_heat", Skills: []muster.SkillID{"skl_heat", "skl_oven", "skl_boiler"}}, []string{"1", "3"}},
			"nobody has it":     {graph.ExpertFilter{Skill: "skl_lamp"}, nil},
			"region":            {graph.ExpertFilter{Region: "reg_boulder"}, []string{"2"}},
			"text":              {graph.ExpertFilter{Text: "an"}, []string{"1", "2"}},
			"all":               {graph.ExpertFilter{Text: "an", Skill: "skl_oven", Region: "reg_denver"}, []string{"1"}},
		} {
			page, _, err := s.Experts(s.ctx, everythingScope, f.filter, graph.Page{Limit: 10})
			require.NoError(t, err)
			var want []string
			for _, n := range f.want {
				want = append(want, "exp_0000000"+n)
			}
			require.Equal(t, want, idsOf(page), name)
		}
		s.must(Change("cmd_2", expert(1, func(e *muster.Expert) { e.Rev, e.Skills = 2, skills("skl_washer") })))
		page, _, err := s.Experts(s.ctx, everythingScope, graph.ExpertFilter{Skill: "skl_oven"}, graph.Page{Limit: 10})
		require.NoError(t, err)
		require.Equal(t, []string{"exp_00000003"}, idsOf(page), "skills follow the expert's last value")
	}},

	{"tours that overlap a span, of all or of some, by start", func(t *testing.T, o Options) {
		s := open(t, o)
		a, b := Expert(1), Expert(2)
		span := muster.Window{Start: Start, End: Start.Add(24 * time.Hour)}
		before, over, within, last, after := Tour(a, Start.Add(-9*time.Hour)), Tour(a, Start.Add(-8*time.Hour)), Tour(b, Start.Add(2*time.Hour)),
			Tour(a, span.End.Add(-minute)), Tour(a, span.End)
		gone := with(Tour(b, Start.Add(12*time.Hour)), func(t *muster.Tour) { t.Removed = true })
		s.must(Change("cmd_1", a, b, before, over, within, last, after, gone))
		got, err := s.Tours(s.ctx, everythingScope, nil, span)
		require.NoError(t, err)
		require.Equal(t, []*muster.Tour{over, within, last}, got)
		got, err = s.Tours(s.ctx, everythingScope, []muster.ExpertID{b.ID, "exp_none"}, span)
		require.NoError(t, err)
		require.Equal(t, []*muster.Tour{within}, got)
	}},

	{"users are those who may sign in", func(t *testing.T, o Options) {
		s := open(t, o)
		first := &muster.User{ID: "usr_a", Rev: 1, Name: "Ann", Role: muster.RoleDispatcher}
		second := &muster.User{ID: "usr_b", Rev: 1, Name: "Bob", Role: muster.RoleExpert, Expert: "exp_1", Suspended: true}
		s.must(Change("cmd_1", second, first))
		got, err := s.Users(s.ctx, everythingScope)
		require.NoError(t, err)
		require.Equal(t, []*muster.User{first}, got)
	}},

	{"a history has every event by revision", func(t *testing.T, o Options) {
		s := open(t, o)
		c := Customer(1)
		var want []muster.Event
		for rev := range int64(12) {
			c.Rev = rev + 1
			change := Change("cmd_"+itoa(rev), c)
			s.must(change)
			e := change.Events[0]
			e.Command = change.Command.ID
			want = append(want, e)
		}
		s.must(Change("cmd_other", Customer(2)))
		got, err := s.History(s.ctx, everythingScope, string(c.ID))
		require.NoError(t, err)
		require.Equal(t, want, got)
		_, err = s.History(s.ctx, everythingScope, "cus_none")
		code(t, muster.CodeNotFound, err)
	}},
}
