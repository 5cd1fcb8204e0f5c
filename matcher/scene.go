package matcher

import (
	"math"
	"slices"
	"strings"
	"time"

	"github.com/sysopssquad/muster"
)

// A start is planned on a whole multiple of five minutes, as people say times. One that was asked for
// may be any.
const grid = 5 * time.Minute

func onGrid(t time.Time) time.Time {
	if cut := t.Truncate(grid); !cut.Equal(t) {
		return cut.Add(grid)
	}
	return t
}

// scene is a world with what is worked out once for all jobs and people of a call.
type scene struct {
	*World
	peers   *Peers
	soon    time.Time // when anybody can leave: now and the policy's lead
	until   time.Time // starts lie before it
	skills  map[muster.SkillID]int
	ids     []muster.SkillID
	satisfy map[muster.SkillID][]bool
	weeks   map[weekly][]muster.Window
	members []*member
}

// member is an expert with what is worked out once for them.
type member struct {
	Person
	zone    *time.Location
	limits  muster.Capacity // the policy's figures where the expert has none
	known   []competence
	tours   []*tour // those that exist and those that may come to exist, by start
	busy    []*tour // those of them that have stops
	base    vector
	reach   float64 // see within, for the travel limit
	version int     // counts the changes to tours during a batch
}

type competence struct {
	*muster.Competence
	skill    int
	licensed bool
	scarcity float64
	fix      float64 // expected share of visits that need no second one
}

// question is a job with what is worked out once for it.
type question struct {
	*scene
	Job
	site     muster.Place
	zone     *time.Location
	earliest time.Time // when an expert can leave for it
	length   time.Duration
	needs    []need
	windows  []muster.Window // wished for and not over, by start
	lapsed   bool            // there were windows and all are over
	open     []muster.Window // when the site can be entered, merged; nil: always
	urgent   bool
	brand    string
	rate     float64 // what an hour of waiting costs
	at       vector
	allowed  map[muster.ReasonCode]bool
}

type need struct {
	muster.Need
	name     string
	licensed bool
	by       []bool // which numbered skills count for it
	index    int    // among the ticket's needs
}

func (w *World) scene(people []Person) *scene {
	sc := w.sketch(people)
	for _, m := range sc.members {
		sc.plan(m)
	}
	return sc
}

// sketch is a scene whose members' tours are not worked out yet.
func (w *World) sketch(people []Person) *scene {
	sc := &scene{
		World: w, peers: w.Peers,
		soon:    w.Now.Add(w.Policy.Lead.Duration()),
		until:   w.Policy.Horizon(w.Now).End,
		skills:  map[muster.SkillID]int{},
		satisfy: map[muster.SkillID][]bool{},
		weeks:   map[weekly][]muster.Window{},
	}
	people = slices.Clone(people)
	slices.SortFunc(people, func(a, b Person) int { return strings.Compare(string(a.Expert.ID), string(b.Expert.ID)) })
	if sc.peers == nil {
		experts := make([]*muster.Expert, len(people))
		for i, p := range people {
			experts[i] = p.Expert
		}
		sc.peers = NewPeers(experts)
	}
	sc.members = make([]*member, len(people))
	own := make([]member, len(people))
	for i, p := range people {
		sc.members[i] = &own[i]
		sc.meet(&own[i], p)
	}
	return sc
}

// member is somebody else beside the scene's members.
func (sc *scene) member(p Person) *member {
	m := &member{}
	sc.meet(m, p)
	sc.plan(m)
	return m
}

// meet works out what is known of a person, but for their tours.
func (sc *scene) meet(m *member, p Person) {
	*m = member{Person: p, zone: muster.Location(p.Expert.Base.Zone), limits: limitsOf(p.Expert, sc.Policy), base: vectorOf(p.Expert.Base.Point)}
	m.known = make([]competence, len(p.Expert.Skills))
	for i := range p.Expert.Skills {
		c := &p.Expert.Skills[i]
		n := sc.number(c.Skill)
		skill, _ := sc.Skills.Get(c.Skill)
		m.known[i] = competence{
			Competence: c, skill: n, licensed: skill.Licensed,
			scarcity: sc.peers.scarcity(c.Skill), fix: sc.peers.fix(c),
		}
	}
	m.reach = within(m.limits.TravelKm)
}

// number gives a skill the next number if it has none.
func (sc *scene) number(s muster.SkillID) int {
	n, ok := sc.skills[s]
	if !ok {
		n = len(sc.ids)
		sc.skills[s] = n
		sc.ids = append(sc.ids, s)
	}
	return n
}

// plan works out the tours of a member.
func (sc *scene) plan(m *member) {
	m.tours = sc.toursOf(m)
	m.sumUp()
}

// sumUp lists the tours that have stops.
func (m *member) sumUp() {
	m.busy = m.busy[:0]
	for _, t := range m.tours {
		if len(t.stops) > 0 {
			m.busy = append(m.busy, t)
		}
	}
}

// limitsOf are an expert's figures, the policy's where they have none.
func limitsOf(e *muster.Expert, p *muster.Policy) muster.Capacity {
	c := e.Capacity
	fill(&c.VisitsPerTour, p.Capacity.VisitsPerTour)
	fill(&c.DayMinutes, p.Capacity.DayMinutes)
	fill(&c.WeekMinutes, p.Capacity.WeekMinutes)
	fill(&c.RestMinutes, p.Capacity.RestMinutes)
	fill(&c.TravelKm, p.Capacity.TravelKm)
	fill(&c.OvertimeMin, p.Capacity.OvertimeMin)
	return c
}

func fill[N int | float64 | muster.Minutes](own *N, policy N) {
	if *own == 0 {
		*own = policy
	}
}

// question prepares a job. It must follow the preparation of all members.
func (sc *scene) question(job Job) *question {
	t := job.Ticket
	q := &question{
		scene: sc, Job: job, site: job.Site.Place, zone: muster.Location(job.Site.Place.Zone), earliest: sc.soon,
		length: max(t.Duration, 1).Duration(), urgent: t.Urgent(sc.Now), brand: t.Brand,
		at: vectorOf(job.Site.Place.Point), rate: waitingRate(sc.World, t),
	}
	if !job.Since.IsZero() {
		q.earliest = earlier(q.earliest, job.Since)
	}
	if q.brand == "" && job.Device != nil {
		q.brand = job.Device.Brand
	}
	for i, n := range t.Needs {
		skill, _ := sc.Skills.Get(n.Skill)
		q.needs = append(q.needs, need{Need: n, index: i, name: sc.Skills.Name(n.Skill), licensed: skill.Licensed, by: sc.satisfying(n.Skill)})
	}
	for _, w := range t.Windows {
		if w.End.After(sc.Now) {
			q.windows = append(q.windows, w)
		}
	}
	slices.SortFunc(q.windows, byStart)
	q.lapsed = len(t.Windows) > 0 && len(q.windows) == 0
	q.open = openSite(q)
	if len(job.Allowed) > 0 {
		q.allowed = make(map[muster.ReasonCode]bool, len(job.Allowed))
		for _, c := range job.Allowed {
			q.allowed[c] = true
		}
	}
	return q
}

func (sc *scene) satisfying(skill muster.SkillID) []bool {
	by, ok := sc.satisfy[skill]
	if !ok {
		by = make([]bool, len(sc.ids))
		for i, has := range sc.ids {
			by[i] = sc.Skills.Satisfies(has, skill)
		}
		sc.satisfy[skill] = by
	}
	return by
}

// allows tells whether a named person has set the constraint aside. Those of class never stay.
func (q *question) allows(r muster.Reason) bool {
	return q.allowed != nil && q.allowed[r.Code] && r.Class != muster.Never
}

func byStart(a, b muster.Window) int {
	if c := a.Start.Compare(b.Start); c != 0 {
		return c
	}
	return a.End.Compare(b.End)
}

// vector is a point of the unit sphere. Comparing two tells in three multiplications that an expert is
// too far away, before anybody asks for the way by road.
type vector [3]float64

func vectorOf(p muster.Point) vector {
	const rad = math.Pi / 180
	sinLat, cosLat := math.Sincos(p.Lat * rad)
	sinLng, cosLng := math.Sincos(p.Lng * rad)
	return vector{cosLat * cosLng, cosLat * sinLng, sinLat}
}

func (v vector) dot(o vector) float64 { return v[0]*o[0] + v[1]*o[1] + v[2]*o[2] }

// within gives the dot product below which two points are surely farther apart than km.
func within(km float64) float64 {
	const smallest = 6350.0 // km, below every radius of the Earth that a Travel may use
	if km >= math.Pi*smallest {
		return -2
	}
	return math.Cos(km/smallest) - 1e-12
}
