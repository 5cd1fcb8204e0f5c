package sim

import (
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/dispatch"
	"github.com/sysopssquad/muster/geo"
)

// town is where experts live and devices break. They lie so far apart that each has a region of its own, or two.
type town struct {
	name string
	at   muster.Point
	zone string
}

var towns = []town{
	{"Boston", muster.Point{Lat: 42.36, Lng: -71.06}, "America/New_York"},
	{"Chicago", muster.Point{Lat: 41.85, Lng: -87.68}, "America/Chicago"},
	{"Denver", muster.Point{Lat: 39.74, Lng: -104.98}, "America/Denver"},
	{"Phoenix", muster.Point{Lat: 33.45, Lng: -112.07}, "America/Phoenix"},
	{"Los Angeles", muster.Point{Lat: 34.05, Lng: -118.24}, "America/Los_Angeles"},
	{"Miami", muster.Point{Lat: 25.78, Lng: -80.21}, "America/New_York"},
	{"Atlanta", muster.Point{Lat: 33.75, Lng: -84.39}, "America/New_York"},
	{"Seattle", muster.Point{Lat: 47.61, Lng: -122.33}, "America/Los_Angeles"},
	{"Minneapolis", muster.Point{Lat: 44.98, Lng: -93.27}, "America/Chicago"},
	{"Dallas", muster.Point{Lat: 32.78, Lng: -96.80}, "America/Chicago"},
	{"Kansas City", muster.Point{Lat: 39.10, Lng: -94.58}, "America/Chicago"},
	{"Nashville", muster.Point{Lat: 36.16, Lng: -86.78}, "America/Chicago"},
	{"Pittsburgh", muster.Point{Lat: 40.44, Lng: -79.99}, "America/New_York"},
	{"Salt Lake City", muster.Point{Lat: 40.76, Lng: -111.89}, "America/Denver"},
	{"San Francisco", muster.Point{Lat: 37.77, Lng: -122.42}, "America/Los_Angeles"},
	{"Billings", muster.Point{Lat: 45.78, Lng: -108.50}, "America/Denver"},
	{"Albuquerque", muster.Point{Lat: 35.08, Lng: -106.65}, "America/Denver"},
	{"New Orleans", muster.Point{Lat: 29.95, Lng: -90.07}, "America/Chicago"},
	{"Detroit", muster.Point{Lat: 42.33, Lng: -83.05}, "America/Detroit"},
	{"Houston", muster.Point{Lat: 29.76, Lng: -95.37}, "America/Chicago"},
}

// expertsATown is how many a town has at least before there is another.
const expertsATown = 30

// somewhere gives a place in a town or near it.
func (t *town) somewhere(r *rand.Rand, km float64) muster.Place {
	d := km / 111
	return muster.Place{
		Point:     muster.Point{Lat: t.at.Lat + d*(2*r.Float64()-1), Lng: t.at.Lng + d*(2*r.Float64()-1)},
		Precision: pick(r, []muster.Precision{muster.PrecisionRooftop, muster.PrecisionStreet}), Zone: t.zone,
	}
}

// The skills. A branch has narrower ones.
var skills = []muster.Skill{
	{ID: "skl_cooling", Name: "Cooling"},
	{ID: "skl_refrigerators", Name: "Refrigerators", Narrows: "skl_cooling"},
	{ID: "skl_freezers", Name: "Freezers", Narrows: "skl_cooling"},
	{ID: "skl_laundry", Name: "Laundry"},
	{ID: "skl_washers", Name: "Washers", Narrows: "skl_laundry"},
	{ID: "skl_dryers", Name: "Dryers", Narrows: "skl_laundry"},
	{ID: "skl_electronics", Name: "Electronics"},
	{ID: "skl_televisions", Name: "Televisions", Narrows: "skl_electronics"},
	{ID: "skl_heating", Name: "Heating"},
	{ID: "skl_gas", Name: "Gas", Licensed: true},
}

// parent gives a skill's broader one, "" for none: the checker's own view of the tree.
func parent(id muster.SkillID) muster.SkillID {
	for _, s := range skills {
		if s.ID == id {
			return s.Narrows
		}
	}
	return ""
}

// trades are sets of skills that people have together; needs are drawn from the same, so that nearly every call has
// somebody.
var trades = [][]muster.SkillID{
	{"skl_refrigerators", "skl_freezers", "skl_washers"},
	{"skl_washers", "skl_dryers", "skl_electronics"},
	{"skl_refrigerators", "skl_televisions", "skl_dryers"},
	{"skl_heating", "skl_gas", "skl_freezers"},
}

// person is an expert as the simulation knows them.
type person struct {
	muster.Expert
	town  int
	trade int
}

// world is who there is.
type world struct {
	towns  []town
	people []*person
	byID   map[muster.ExpertID]*person
	byTown [][]*person
	policy muster.Policy
}

func newWorld(o Options) (*world, error) {
	w := &world{byID: make(map[muster.ExpertID]*person)}
	w.towns = towns[:min(len(towns), max(1, o.Experts/expertsATown))]
	w.byTown = make([][]*person, len(w.towns))
	for n := range o.Experts {
		p := &person{town: n % len(w.towns), trade: n / len(w.towns) % len(trades)}
		p.Expert = w.employ(o, n, p)
		w.people = append(w.people, p)
		w.byID[p.ID] = p
		w.byTown[p.town] = append(w.byTown[p.town], p)
	}
	w.policy = policy(o)
	for _, p := range w.people {
		if _, err := geo.RegionOf(p.Base.Point); err != nil {
			return nil, err
		}
	}
	return w, nil
}

// policy is the default one with rounds that are farther apart, so that days pass faster; every fourth company pushes.
func policy(o Options) muster.Policy {
	r := o.dice("policy", "")
	p := muster.DefaultPolicy()
	p.RoundEvery = 30
	p.OfferMinutes, p.UrgentOffer = 20, 8
	p.ResolveAfter = 8 * 60
	p.HorizonDays = 4
	p.FrozenFor = 60
	p.Push = r.IntN(4) == 0
	return p
}

func (w *world) employ(o Options, n int, p *person) muster.Expert {
	r := o.dice("expert", fmt.Sprint(n))
	e := muster.Expert{
		ID:   muster.ExpertID(muster.NewID(muster.KindExpert, o.command(0), n)),
		Name: fmt.Sprintf("Expert %d", n), Base: w.towns[p.town].somewhere(r, 10), City: w.towns[p.town].name,
		Email: fmt.Sprintf("expert%d@example.com", n), Phone: fmt.Sprintf("+1 212 555 %04d", n),
		Languages: []string{"en"}, Carries: []string{"seal", "pump"},
		Capacity: muster.Capacity{VisitsPerTour: 5 + r.IntN(4), TravelKm: 60, OvertimeMin: 30},
	}
	for _, s := range trades[p.trade] {
		c := muster.Competence{Skill: s, Level: muster.Level(2 + r.IntN(4)), Evidence: "trained"}
		if s == "skl_gas" {
			c.Expires = begin.AddDate(0, 0, 3+r.IntN(300)) // some run out meanwhile
		}
		e.Skills = append(e.Skills, c)
	}
	from := muster.Minutes(8 * 60)
	if odds(r, 0.2) {
		from = 12 * 60
	}
	off := r.IntN(7)
	for day := range 7 {
		if day == off || day == (off+1)%7 {
			continue
		}
		e.Shifts = append(e.Shifts, muster.Hours{Weekday: time.Weekday(day), From: from, To: from + 8*60 + 30})
	}
	return e
}

// found sets the company up, without faults.
func (l *life) found() error {
	d := dispatch.New(l.store, l.clock).InTurn(faster)
	cmd := func(n string) muster.Command {
		return muster.Command{ID: muster.CommandID(fmt.Sprintf("sim/%d/%s", l.o.Seed, n)), Actor: admin}
	}
	if _, err := d.SaveSkills(l.ctx, cmd("skills"), dispatch.SkillRequest{Skills: skills}); err != nil {
		return err
	}
	if _, err := d.SavePolicy(l.ctx, cmd("policy"), l.world.policy); err != nil {
		return err
	}
	experts := make([]muster.Expert, len(l.world.people))
	for i, p := range l.world.people {
		experts[i] = p.Expert
	}
	rows, err := d.SaveExperts(l.ctx, admin, experts)
	if err != nil {
		return err
	}
	for _, r := range rows {
		if r.Err != nil {
			return r.Err
		}
	}
	for _, p := range l.world.people {
		l.ledger.hired(p.ID, p.Skills, begin)
	}
	return nil
}

// command names the n-th command of a simulation.
func (o Options) command(n int) muster.CommandID {
	return muster.CommandID(fmt.Sprintf("sim/%d/%d", o.Seed, n))
}

// local tells the hour of the day in a town.
func (w *world) local(town int, t time.Time) int {
	return t.In(muster.Location(w.towns[town].zone)).Hour()
}

// midnight is the one that ends a town's day, or one of the days after.
func (w *world) midnight(town int, t time.Time, days int) time.Time {
	d := t.In(muster.Location(w.towns[town].zone))
	return time.Date(d.Year(), d.Month(), d.Day()+days, 0, 0, 0, 0, d.Location()).UTC()
}
