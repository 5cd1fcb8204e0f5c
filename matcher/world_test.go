package matcher

import (
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sysopssquad/muster"
)

// The company of these tests works in one town in the zone of New York. A kilometre takes a minute at
// every hour, so that times can be added up by hand. It is Friday, 20 November 2026, 07:00.
var (
	newYork = muster.Location("America/New_York")
	now     = at("07:00")
)

// at is an instant of that Friday; on is one of another day of the month.
func at(clock string) time.Time { return on(20, clock) }

func on(day int, clock string) time.Time {
	t, err := time.ParseInLocation("15:04", clock, newYork)
	if err != nil {
		panic(err)
	}
	return time.Date(2026, 11, day, t.Hour(), t.Minute(), 0, 0, newYork).UTC()
}

func span(from, to string) muster.Window { return muster.Window{Start: at(from), End: at(to)} }

// flat drives at 60 km/h along the great circle.
type flat struct{}

func (flat) Between(from, to muster.Place, _ time.Time) (muster.Minutes, float64) {
	const rad, earth = math.Pi / 180, 6371.0088
	lat := math.Sin((to.Point.Lat - from.Point.Lat) * rad / 2)
	lng := math.Sin((to.Point.Lng - from.Point.Lng) * rad / 2)
	h := lat*lat + math.Cos(from.Point.Lat*rad)*math.Cos(to.Point.Lat*rad)*lng*lng
	km := 2 * earth * math.Asin(math.Sqrt(h))
	return muster.Minutes(math.Ceil(km - 1e-6)), km
}

// north is a place some km north of the base, south of it if negative.
func north(km float64) muster.Place {
	const kmOfDegree = 6371.0088 * math.Pi / 180
	return muster.Place{
		Point: muster.Point{Lat: 42.36 + km/kmOfDegree, Lng: -71.06}, Cell: 0x882a306603fffff,
		Precision: muster.PrecisionSet, Zone: "America/New_York",
	}
}

const (
	whiteGoods = muster.SkillID("skl_white-goods")
	fridge     = muster.SkillID("skl_refrigerator-repair")
	gas        = muster.SkillID("skl_gas")
	sewing     = muster.SkillID("skl_sewing")
)

func tree() *muster.Skills {
	s := muster.NewSkills(3, []muster.Skill{
		{ID: whiteGoods, Name: "White goods"},
		{ID: fridge, Name: "Refrigerator repair", Narrows: whiteGoods},
		{ID: gas, Name: "Gas", Licensed: true},
		{ID: sewing, Name: "Sewing machines"},
	})
	return &s
}

// scenario is one expert, one ticket and the world between them; tests change what they are about.
type scenario struct {
	w      *World
	policy *muster.Policy
	expert *muster.Expert
	tours  []*muster.Tour
	ticket *muster.Ticket
	job    Job
}

// newScenario: Ana works Monday to Friday from 8 to 17 and knows refrigerators at level 3; the ticket is an
// hour of white goods at level 2, 20 km north of her base, with nothing that speaks against her.
func newScenario() *scenario {
	p := muster.DefaultPolicy()
	p.Rev = 7
	e := &muster.Expert{
		ID: "exp_ana", Name: "Ana Ruiz", Base: north(0),
		Skills: []muster.Competence{{Skill: fridge, Level: 3}},
	}
	for d := time.Monday; d <= time.Friday; d++ {
		e.Shifts = append(e.Shifts, muster.Hours{Weekday: d, From: 8 * 60, To: 17 * 60})
	}
	t := &muster.Ticket{
		ID: "tic_1", Rev: 4, Number: 4821, Mode: muster.ModeHomeVisit, Duration: 60, Crew: 1,
		Needs: []muster.Need{{Skill: whiteGoods, Level: 2}}, Priority: muster.PriorityNormal,
		CreatedAt: now, QueuedAt: now, DueAt: now.AddDate(0, 0, 3),
	}
	return &scenario{
		w:      &World{Now: now, Policy: &p, Skills: tree(), Travel: flat{}},
		policy: &p, expert: e, ticket: t,
		job: Job{Ticket: t, Customer: &muster.Customer{ID: "cus_1"}, Site: &muster.Site{ID: "sit_1", Place: north(20)}},
	}
}

func (s *scenario) person() Person { return Person{Expert: s.expert, Tours: s.tours} }

func (s *scenario) check(start time.Time) (muster.Candidate, []muster.Reason) {
	return s.w.Check(s.job, s.person(), start)
}

// visit puts a stop of an hour on the tour of the Friday, which it makes if need be.
func (s *scenario) visit(id, from, to string, km float64) *muster.Stop {
	return s.visitOn(20, id, from, to, km)
}

func (s *scenario) visitOn(day int, id, from, to string, km float64) *muster.Stop {
	start := on(day, "08:00")
	var tour *muster.Tour
	for _, t := range s.tours {
		if t.Start.Equal(start) {
			tour = t
		}
	}
	if tour == nil {
		tour = &muster.Tour{ID: muster.TourOf(s.expert.ID, start), Rev: 1, Expert: s.expert.ID, Start: start, End: on(day, "17:00")}
		s.tours = append(s.tours, tour)
	}
	tour.Stops = append(tour.Stops, muster.Stop{
		Visit: muster.VisitID("vis_" + id), Ticket: muster.TicketID("tic_" + id), Assignment: muster.AssignmentID("asg_" + id),
		Place: north(km), Start: on(day, from), End: on(day, to),
	})
	return &tour.Stops[len(tour.Stops)-1]
}

func requireCodes(t require.TestingT, rs []muster.Reason, want ...muster.ReasonCode) {
	got := []muster.ReasonCode{}
	for _, r := range rs {
		got = append(got, r.Code)
	}
	require.Equal(t, append([]muster.ReasonCode{}, want...), got)
}

func TestTheScenarioItselfFits(t *testing.T) {
	s := newScenario()
	c, rs := s.check(time.Time{})
	require.Empty(t, rs)
	require.Equal(t, at("08:20"), c.Start, "20 minutes after the shift begins")
	require.Equal(t, at("09:20"), c.End)
	require.Equal(t, at("08:00"), c.Depart)
	require.Equal(t, muster.Minutes(20), c.Travel)
	require.InDelta(t, 20, c.Km, 1e-6)
	require.Equal(t, muster.TourOf("exp_ana", at("08:00")), c.Tour)
	require.Equal(t, span("08:00", "17:00"), c.Shift)
	require.Zero(t, c.Index)
	require.Zero(t, c.Onward)
}
