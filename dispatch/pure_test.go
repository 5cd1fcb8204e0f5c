package dispatch

import (
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/graph"
)

var monday = time.Date(2026, 11, 23, 13, 0, 0, 0, time.UTC)

// deskWith is a desk whose ticket has these parts, without any store.
func deskWith(c graph.TicketCase) *desk {
	on := &setup{policy: muster.DefaultPolicy(), skills: muster.NewSkills(3, nil)}
	cmd := muster.Command{ID: "c", Name: "n", Fingerprint: "f", Actor: muster.Actor{ID: "usr_d", Role: muster.RoleDispatcher}}
	return newDraft(cmd, monday, on).desk(&c)
}

func TestAPlaceIsTakenAskedOrEmpty(t *testing.T) {
	visit := muster.Visit{ID: "vis_a", State: muster.VisitOffered, Crew: 2}
	taken := func(place int) muster.Assignment {
		return muster.Assignment{ID: muster.AssignmentID(rune('a' + place)), Visit: "vis_a", Place: place, State: muster.AssignmentActive}
	}
	asked := func(place int) muster.Offer {
		return muster.Offer{ID: muster.OfferID(rune('a' + place)), Visit: "vis_a", Place: place, State: muster.OfferOpen}
	}
	over := asked(1)
	over.State = muster.OfferDeclined
	for _, tt := range []struct {
		taken []muster.Assignment
		asked []muster.Offer
		want  branch
	}{
		{nil, nil, placesEmpty},
		{[]muster.Assignment{taken(0)}, nil, placesEmpty},
		{[]muster.Assignment{taken(0)}, []muster.Offer{over}, placesEmpty},
		{[]muster.Assignment{taken(0)}, []muster.Offer{asked(1)}, placesAsked},
		{nil, []muster.Offer{asked(0), asked(1)}, placesAsked},
		{[]muster.Assignment{taken(0), taken(1)}, nil, placesFilled},
	} {
		k := deskWith(graph.TicketCase{Visits: []muster.Visit{visit}, Assignments: tt.taken, Offers: tt.asked})
		require.Equal(t, tt.want, k.places())
	}
}

func TestWhereATicketBelongs(t *testing.T) {
	needs := []muster.Need{{Skill: "skl_a", Level: 1}}
	for _, tt := range []struct {
		mode  muster.Mode
		needs []muster.Need
		want  branch
	}{
		{muster.ModeHomeVisit, needs, needsVisit},
		{muster.ModeHomeVisit, nil, needsPerson},
		{muster.ModeCarryIn, nil, needsCarryIn},
		{muster.ModeCarryIn, needs, needsCarryIn},
		{muster.ModeRemote, needs, needsPerson},
	} {
		require.Equal(t, tt.want, branchOf(&muster.Ticket{Mode: tt.mode, Needs: tt.needs}), "%s %v", tt.mode, tt.needs)
	}
}

func TestDutyIsShiftsWithoutLeave(t *testing.T) {
	e := &muster.Expert{Base: muster.Place{Zone: "America/New_York"}}
	for day := time.Monday; day <= time.Friday; day++ {
		e.Shifts = append(e.Shifts, muster.Hours{Weekday: day, From: 8 * 60, To: 16 * 60})
	}
	e.OnCall = []muster.Window{{Start: monday.Add(12 * time.Hour), End: monday.Add(16 * time.Hour)}}
	e.Leave = []muster.Leave{{Window: muster.Window{Start: monday.Add(20 * time.Hour), End: monday.Add(40 * time.Hour)}}}
	at := func(hours int) time.Time { return monday.Add(time.Duration(hours) * time.Hour) }
	require.Equal(t, []muster.Window{
		{Start: at(0), End: at(8)}, {Start: at(12), End: at(16)}, {Start: at(48), End: at(56)},
	}, Duty(e, at(1), at(60)))
	require.Empty(t, Duty(e, at(8), at(12)))
}

// Half a day off is no time to answer an offer in; what is left of the day is.
func TestDutyIsWhatLeaveLeavesOfIt(t *testing.T) {
	e := &muster.Expert{Base: muster.Place{Zone: "America/New_York"}}
	e.Shifts = []muster.Hours{{Weekday: time.Monday, From: 8 * 60, To: 16 * 60}, {Weekday: time.Tuesday, From: 8 * 60, To: 16 * 60}}
	at := func(hours int) time.Time { return monday.Add(time.Duration(hours) * time.Hour) }
	off := func(from, to int) muster.Leave {
		return muster.Leave{Window: muster.Window{Start: at(from), End: at(to)}}
	}
	span := func(from, to int) muster.Window { return muster.Window{Start: at(from), End: at(to)} }
	for _, tt := range []struct {
		leave []muster.Leave
		want  []muster.Window
	}{
		{[]muster.Leave{off(0, 4)}, []muster.Window{span(4, 8), span(24, 32)}},
		{[]muster.Leave{off(4, 28)}, []muster.Window{span(0, 4), span(28, 32)}},
		{[]muster.Leave{off(6, 7), off(1, 2)}, []muster.Window{span(0, 1), span(2, 6), span(7, 8), span(24, 32)}},
		{[]muster.Leave{off(1, 3), off(2, 4), off(-1, 1)}, []muster.Window{span(4, 8), span(24, 32)}},
		{[]muster.Leave{off(-10, 40)}, nil},
		{[]muster.Leave{off(0, 8)}, []muster.Window{span(24, 32)}},
	} {
		e.Leave = tt.leave
		require.Equal(t, tt.want, Duty(e, at(0), at(32)), "%v", tt.leave)
	}
}

// TestGroupsShareNoTour: whatever a plan looks like, each pick is in one group, in the order of the plan, and
// no two groups have a tour in common. Without crews a group is one tour.
func TestGroupsShareNoTour(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		var picks []pick
		crews := rapid.Bool().Draw(r, "crews")
		for range rapid.IntRange(0, 30).Draw(r, "picks") {
			p := pick{ticket: &graph.TicketCase{Ticket: muster.Ticket{Number: int64(len(picks))}}}
			tours := 1
			if crews {
				tours = rapid.IntRange(1, 2).Draw(r, "tours")
			}
			for place := range tours {
				id := muster.TourID(rapid.SampledFrom([]string{"a", "b", "c", "d", "e", "f", "g", "h"}).Draw(r, "tour"))
				p.places = append(p.places, muster.Choice{Place: place, Candidate: muster.Candidate{Tour: id}})
			}
			picks = append(picks, p)
		}
		groups := byTour(picks, nil)
		owner := make(map[muster.TourID]int)
		seen := 0
		for g, group := range groups {
			last := int64(-1)
			for _, p := range group {
				seen++
				if !crews {
					require.Greater(r, p.ticket.Ticket.Number, last)
				}
				last = p.ticket.Ticket.Number
				for _, c := range p.places {
					have, known := owner[c.Candidate.Tour]
					require.True(r, !known || have == g, "tour %s is in groups %d and %d", c.Candidate.Tour, have, g)
					owner[c.Candidate.Tour] = g
				}
			}
		}
		require.Equal(r, len(picks), seen)
		if !crews {
			require.Len(r, owner, len(groups))
		}
	})
}

func TestADecisionNamesTheSameThingsEachTime(t *testing.T) {
	one, two := deskWith(graph.TicketCase{}), deskWith(graph.TicketCase{})
	require.Equal(t, one.id(muster.KindVisit), two.id(muster.KindVisit))
	require.NotEqual(t, one.id(muster.KindVisit), one.id(muster.KindVisit))
}

func TestGuardsAreNamedOnce(t *testing.T) {
	d := newDraft(muster.Command{}, monday, nil)
	d.rest(graph.At("exp_a", 2))
	d.rest(graph.At("exp_a", 2))
	d.restAlive("exp_a")
	d.restAlive("cus_a")
	d.restAlive("cus_a")
	require.Equal(t, []graph.Guard{graph.At("exp_a", 2), graph.Alive("cus_a")}, d.expect)
}

func TestTicketReferences(t *testing.T) {
	for text, want := range map[string]TicketRef{
		"tic_3k1v0c7m2q9xw4rd": {ID: "tic_3k1v0c7m2q9xw4rd"}, "T-4821": {Number: 4821}, "t-1": {Number: 1}, "17": {Number: 17},
	} {
		have, err := ParseTicketRef(text)
		require.NoError(t, err)
		require.Equal(t, want, have)
	}
	for _, text := range []string{"", "T-", "T-0", "-3", "vis_3k1v0c7m2q9xw4rd", "tic_", "tic_A", "4.5"} {
		_, err := ParseTicketRef(text)
		require.Equal(t, muster.CodeInvalid, muster.CodeOf(err), text)
	}
}

// What fsck remembers of places that were given is bounded for each line, and is the youngest, however the tickets
// come.
func TestFsckRemembersTheYoungestOfEachLine(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		f := &fsck{now: monday, on: &setup{policy: muster.DefaultPolicy()}}
		since := rapid.SliceOfN(rapid.IntRange(0, 50), 0, 80).Draw(r, "hours")
		for i, h := range since {
			f.lineUp([]graph.TicketCase{placed(i, "reg_a", monday.Add(-time.Duration(h)*time.Hour))})
		}
		places := f.place.Given[line{"reg_a", muster.PriorityNormal}]
		require.Len(r, places, min(len(since), comparisons))
		slices.Sort(since)
		for i, g := range places {
			require.Equal(r, monday.Add(-time.Duration(since[i])*time.Hour), g.Since)
		}
	})
}

// placed is a ticket that a round has given a place ahead.
func placed(n int, region muster.RegionID, since time.Time) graph.TicketCase {
	id := muster.NewID(muster.KindTicket, "placed", n)
	return graph.TicketCase{
		Ticket: muster.Ticket{ID: muster.TicketID(id), Region: region, Priority: muster.PriorityNormal, State: muster.Scheduled, QueuedAt: since},
		Assignments: []muster.Assignment{{
			ID: muster.AssignmentID(muster.NewID(muster.KindAssignment, "placed", n)), State: muster.AssignmentActive, Start: monday.Add(time.Hour),
			Decided: muster.Decided{By: muster.System("rounds"), Policy: muster.DefaultPolicy().Rev},
		}},
	}
}
