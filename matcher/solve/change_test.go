package solve_test

import (
	"context"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/sysopssquad/muster/matcher/solve"
)

// mirror is a problem to which the same is done as to a solver, in the plainest way.
type mirror struct {
	p    solve.Problem
	gone map[int32]bool
}

func (m *mirror) problem() *solve.Problem {
	p := m.p
	p.Arcs = slices.DeleteFunc(slices.Clone(p.Arcs), func(a solve.Arc) bool { return m.gone[a.Ticket] })
	return &p
}

func drawProblem(t *rapid.T) solve.Problem {
	p := solve.Problem{
		LeaveOut: rapid.SliceOfN(rapid.Int64Range(0, 40), 0, 8).Draw(t, "leave out"),
		Capacity: rapid.SliceOfN(rapid.Int32Range(0, 3), 1, 5).Draw(t, "capacity"),
	}
	for i := range p.LeaveOut {
		p.Arcs = append(p.Arcs, drawArcs(t, int32(i), len(p.Capacity))...)
	}
	return p
}

func drawArcs(t *rapid.T, ticket int32, openings int) []solve.Arc {
	var out []solve.Arc
	for range rapid.IntRange(0, 5).Draw(t, "arcs") {
		out = append(out, solve.Arc{Ticket: ticket, Opening: rapid.Int32Range(0, int32(openings)-1).Draw(t, "opening"), Cost: rapid.Int32Range(0, 30).Draw(t, "cost")})
	}
	return out
}

func TestAMendedPlanIsAsGoodAsANewOne(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := mirror{p: drawProblem(t), gone: map[int32]bool{}}
		if rapid.Bool().Draw(t, "keys") {
			m.p.TicketKeys, m.p.OpeningKeys = keys(len(m.p.LeaveOut), 7), keys(len(m.p.Capacity), 3)
		}
		s, err := solve.New(m.problem())
		require.NoError(t, err)
		m.p.TicketKeys, m.p.OpeningKeys = nil, nil
		if rapid.Bool().Draw(t, "solved before") {
			_, err = s.Solve(context.Background())
			require.NoError(t, err)
		}
		before := s.Plan()
		ticket := func() int32 { return rapid.Int32Range(0, int32(len(m.p.LeaveOut))-1).Draw(t, "ticket") }
		opening := func() int32 { return rapid.Int32Range(0, int32(len(m.p.Capacity))-1).Draw(t, "opening") }
		for range rapid.IntRange(1, 12).Draw(t, "rounds") {
			for range rapid.IntRange(0, 3).Draw(t, "changes") {
				what := rapid.IntRange(0, 5).Draw(t, "what")
				if len(m.p.LeaveOut) == 0 || what == 0 {
					id := int32(len(m.p.LeaveOut))
					leave, arcs := rapid.Int64Range(0, 60).Draw(t, "leave"), drawArcs(t, id, len(m.p.Capacity))
					m.p.LeaveOut, m.p.Arcs = append(m.p.LeaveOut, leave), append(m.p.Arcs, arcs...)
					have, err := s.AddTicket(leave, arcs)
					require.NoError(t, err)
					require.Equal(t, id, have)
					continue
				}
				switch what {
				case 1:
					id := ticket()
					err := s.RemoveTicket(id)
					require.Equal(t, m.gone[id], err != nil)
					m.gone[id], m.p.LeaveOut[id] = true, 0
				case 2:
					e, n := opening(), rapid.Int32Range(0, 4).Draw(t, "capacity")
					m.p.Capacity[e] = n
					require.NoError(t, s.SetCapacity(e, n))
				case 3, 4:
					if len(m.p.Arcs) == 0 {
						continue
					}
					i := rapid.IntRange(0, len(m.p.Arcs)-1).Draw(t, "arc")
					a, cost := m.p.Arcs[i], rapid.Int32Range(0, 30).Draw(t, "new cost")
					err := s.SetCost(a.Ticket, a.Opening, cost)
					require.Equal(t, m.gone[a.Ticket], err != nil)
					for j := range m.p.Arcs {
						if b := &m.p.Arcs[j]; b.Ticket == a.Ticket && b.Opening == a.Opening {
							b.Cost = cost
						}
					}
				case 5:
					id, leave := ticket(), rapid.Int64Range(0, 60).Draw(t, "leave")
					if err := s.SetLeaveOut(id, leave); !m.gone[id] {
						require.NoError(t, err)
						m.p.LeaveOut[id] = leave
					}
				}
			}
			moved, err := s.Resolve(context.Background())
			require.NoError(t, err)
			have := s.Plan()
			unassigned := have.Unassigned
			have.Unassigned += len(m.gone)
			proven(t, m.problem(), have)
			require.Equal(t, brute(m.problem()), have.Cost)
			have.Unassigned = unassigned
			for id := range have.Opening {
				if id < len(before.Opening) && before.Opening[id] != have.Opening[id] && !m.gone[int32(id)] && have.Opening[id] != solve.Left {
					require.Contains(t, moved, int32(id))
				}
			}
			before = have
		}
		again, err := s.Solve(context.Background())
		require.NoError(t, err)
		require.Equal(t, before.Cost, again.Cost)
	})
}

func TestChangesThatCantBeMadeAreNamed(t *testing.T) {
	s, err := solve.New(&solve.Problem{Arcs: []solve.Arc{{0, 0, 1}}, LeaveOut: []int64{5, 5}, Capacity: []int32{1, 1}})
	require.NoError(t, err)
	require.NoError(t, s.RemoveTicket(1))
	add := func(leave int64, arcs ...solve.Arc) error {
		_, err := s.AddTicket(leave, arcs)
		return err
	}
	for want, err := range map[string]error{
		"ticket 2: there are only 2":                         s.RemoveTicket(2),
		"ticket 1: it was taken back":                        s.RemoveTicket(1),
		"ticket -1: there are only 2":                        s.SetLeaveOut(-1, 1),
		"ticket 0: leaving it out costs -1":                  s.SetLeaveOut(0, -1),
		"ticket 0: leaving it out costs 4611686018427387904": s.SetLeaveOut(0, 1<<62),
		"opening 2: there are only 2":                        s.SetCapacity(2, 1),
		"opening 0: its capacity is -1":                      s.SetCapacity(0, -1),
		"arc (ticket 0, opening 1): there is no such arc":    s.SetCost(0, 1, 1),
		"arc (ticket 0, opening 0): its cost is -1":          s.SetCost(0, 0, -1),
		"ticket 2, arc 0: opening 2 at 1":                    add(1, solve.Arc{Opening: 2, Cost: 1}),
		"ticket 2, arc 1: opening 0 at -1":                   add(1, solve.Arc{}, solve.Arc{Cost: -1}),
		"ticket 2: leaving it out costs -7":                  add(-7),
	} {
		var named *solve.BadInput
		require.ErrorAs(t, err, &named, want)
		require.Contains(t, err.Error(), want)
	}
	_, err = s.Resolve(context.Background())
	require.NoError(t, err)
	require.Equal(t, int64(1), s.Plan().Cost)
}
