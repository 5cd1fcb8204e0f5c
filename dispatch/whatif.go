package dispatch

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"time"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/geo"
	"github.com/sysopssquad/muster/graph"
	"github.com/sysopssquad/muster/matcher"
)

// WhatIfRequest asks what a set of changes would do. They apply one after the other, to copies.
type WhatIfRequest struct {
	Changes []WhatIfChange    `json:"changes"`
	Regions []muster.RegionID `json:"regions,omitempty"` // whose queues are planned; none: those that the changes reach
}

// WhatIfChange is one change: exactly one of these.
type WhatIfChange struct {
	Absent  *Absence        `json:"absent,omitempty"`
	Skill   *SkillChange    `json:"skill,omitempty"`
	Expert  *muster.Expert  `json:"expert,omitempty"` // a new one, or all about one who is there
	Leaves  muster.ExpertID `json:"leaves,omitempty"` // the company, now
	Tickets *MoreTickets    `json:"tickets,omitempty"`
	Policy  json.RawMessage `json:"policy,omitempty"` // what it names replaces what is there
}

// Absence is time off: illness, leave.
type Absence struct {
	Expert muster.ExpertID `json:"expert"`
	From   time.Time       `json:"from,omitzero"`  // zero: now
	Until  time.Time       `json:"until,omitzero"` // zero: the end of their day
}

// SkillChange gives an expert a skill, or another level of it; level 0 takes it away.
type SkillChange struct {
	Expert  muster.ExpertID `json:"expert"`
	Skill   muster.SkillID  `json:"skill"`
	Level   muster.Level    `json:"level"`
	Expires time.Time       `json:"expires,omitzero"`
}

// MoreTickets are tickets that come in alike, at one place.
type MoreTickets struct {
	Count    int             `json:"count"` // 1 to 1000
	Point    muster.Point    `json:"point"`
	Needs    []muster.Need   `json:"needs"`
	Duration muster.Minutes  `json:"duration_min"`
	Priority muster.Priority `json:"priority,omitempty"` // normal, if there is none
	Windows  []muster.Window `json:"windows,omitempty"`
}

// WhatIfReport compares the plan without the changes with that with them. Nothing of it has been done.
type WhatIfReport struct {
	At      time.Time         `json:"at"`
	Regions []muster.RegionID `json:"regions"`
	Visits  []Moved           `json:"visits"` // that their expert couldn't make any more, and what would be done about each
	Unclear string            `json:"unclear,omitempty"`
	Before  PlanReport        `json:"before"` // of the queued tickets
	After   PlanReport        `json:"after"`
	Gained  int               `json:"gained"` // tickets that have a place with the changes only, those that the changes add left out
	Lost    int               `json:"lost"`   // that have one without them only
	Moved   int               `json:"moved"`  // that have another expert or start
	Tickets []Replaced        `json:"tickets"`
}

// PlanReport sums up a plan.
type PlanReport struct {
	Tickets  int                       `json:"tickets"`
	Placed   int                       `json:"placed"`
	Left     int                       `json:"left"`
	ByReason map[muster.ReasonCode]int `json:"by_reason"` // of those left, the main reason
	Cost     float64                   `json:"cost_min"`  // of those placed, in expected minutes lost by the weights of its policy
	Terms    map[string]float64        `json:"terms"`     // of which
	Linear   LinearReport              `json:"linear"`
}

// Replaced is a ticket that the changes plan otherwise.
type Replaced struct {
	Ticket muster.TicketID   `json:"ticket"`
	Ref    string            `json:"ref,omitempty"` // none: the changes add it
	Zone   string            `json:"zone"`          // of the site
	Before *muster.Candidate `json:"before,omitempty"`
	After  *muster.Candidate `json:"after,omitempty"`
	Why    muster.ReasonCode `json:"why,omitempty"` // it has no place with the changes
}

const (
	mostChanges = 1000
	mostMore    = 1000
)

// WhatIf plans the queues with and without changes, and says which visits would lose their expert. It commits nothing.
func (d *Dispatch) WhatIf(ctx context.Context, a muster.Actor, req WhatIfRequest) (WhatIfReport, error) {
	if err := permit(a, "ask what changes would do", asBoard, ""); err != nil {
		return WhatIfReport{}, err
	}
	before, err := d.newRound(ctx)
	if err != nil {
		return WhatIfReport{}, err
	}
	s, err := d.supposed(ctx, before, req)
	if err != nil {
		return WhatIfReport{}, err
	}
	ground, err := before.load(ctx, s.regions)
	if err != nil {
		return WhatIfReport{}, err
	}
	after := &round{d: d, now: before.now, on: s.on, world: s.on.world(before.now)}
	changed := ground.copied()
	s.apply(changed.people)

	report := WhatIfReport{At: before.now, Regions: s.regions, Visits: []Moved{}, Tickets: []Replaced{}}
	all, failed, err := d.wouldLose(ctx, s)
	if err != nil {
		return report, err
	}
	if failed != nil {
		report.Unclear = failed.Error()
	}
	if report.Visits, err = d.rehouse(ctx, s.on, before.now, all, changed.people, s.apply); err != nil {
		return report, err
	}
	for i := range s.more {
		changed.line(&s.more[i])
	}
	was, err := before.suppose(ground, s.regions)
	if err != nil {
		return report, err
	}
	is, err := after.suppose(changed, s.regions)
	if err != nil {
		return report, err
	}
	report.Before, report.After = was.PlanReport, is.PlanReport
	report.compare(was, is)
	return report, nil
}

// supposition is what the changes come to.
type supposition struct {
	on      *setup
	regions []muster.RegionID
	known   map[muster.ExpertID]bool // who is there without them
	experts map[muster.ExpertID]*muster.Expert
	more    []graph.TicketCase
}

// supposed checks the changes, and carries them out on copies.
func (d *Dispatch) supposed(ctx context.Context, r *round, req WhatIfRequest) (*supposition, error) {
	if n := len(req.Changes); n == 0 || n > mostChanges {
		return nil, muster.Invalid("changes", strconv.Itoa(n), fmt.Sprintf("give 1 to %d of them", mostChanges))
	}
	on := *r.on
	s := &supposition{on: &on, known: make(map[muster.ExpertID]bool), experts: make(map[muster.ExpertID]*muster.Expert)}
	var ids []string
	for _, c := range req.Changes {
		if id := c.expert(); id != "" {
			ids = append(ids, string(id))
		}
	}
	slices.Sort(ids)
	records, err := d.store.Records(ctx, "", slices.Compact(ids)...)
	if err != nil {
		return nil, err
	}
	reached := make(map[muster.RegionID]bool)
	for id, rec := range records {
		if e, ok := rec.(*muster.Expert); ok {
			s.known[muster.ExpertID(id)] = true
			s.experts[muster.ExpertID(id)] = e
			reached[e.Region] = true
		}
	}
	policy := false
	for i, c := range req.Changes {
		if err := s.change(r.now, c); err != nil {
			return nil, atChange(i, err)
		}
		policy = policy || len(c.Policy) > 0
	}
	for _, e := range s.experts {
		reached[e.Region] = true
	}
	if s.regions = slices.Compact(slices.Sorted(slices.Values(req.Regions))); len(s.regions) > 0 {
		for i, id := range s.regions {
			if _, known := on.regions[id]; !known {
				return nil, muster.Invalid(fmt.Sprintf("regions[%d]", i), string(id), "there is no such region; leave regions out for those that the changes reach")
			}
		}
		return s, nil
	}
	own := make(map[muster.RegionID]bool)
	for _, c := range s.more {
		own[c.Ticket.Region] = true
	}
	for id := range on.regions {
		near, err := on.reach(id, 0)
		if err != nil {
			return nil, err
		}
		if policy || slices.ContainsFunc(near.regions, func(from muster.RegionID) bool { return reached[from] }) {
			own[id] = true
		}
	}
	s.regions = slices.Sorted(maps.Keys(own))
	return s, nil
}

// expert is whom a change is about.
func (c *WhatIfChange) expert() muster.ExpertID {
	switch {
	case c.Absent != nil:
		return c.Absent.Expert
	case c.Skill != nil:
		return c.Skill.Expert
	case c.Expert != nil:
		return c.Expert.ID
	default:
		return c.Leaves
	}
}

// atChange names the change that an error is about.
func atChange(i int, err error) error {
	var e *muster.Error
	if !errors.As(err, &e) {
		return err
	}
	own := *e
	own.Message = fmt.Sprintf("changes[%d]: %s", i, e.Message)
	if own.Field != "" {
		own.Field = fmt.Sprintf("changes[%d].%s", i, e.Field)
	}
	return &own
}

// change carries one out.
func (s *supposition) change(now time.Time, c WhatIfChange) error {
	kinds := 0
	for _, is := range []bool{c.Absent != nil, c.Skill != nil, c.Expert != nil, c.Leaves != "", c.Tickets != nil, len(c.Policy) > 0} {
		if is {
			kinds++
		}
	}
	if kinds != 1 {
		return muster.Invalid("change", strconv.Itoa(kinds)+" kinds", "name exactly one of absent, skill, expert, leaves, tickets, policy")
	}
	switch {
	case c.Tickets != nil:
		return s.add(now, c.Tickets)
	case len(c.Policy) > 0:
		return s.rule(c.Policy)
	case c.Expert != nil:
		e := *c.Expert
		if err := settleExpert(s.on, &e); err != nil {
			return err
		}
		s.experts[e.ID] = &e
		return nil
	}
	was := s.experts[c.expert()]
	if was == nil || was.Removed {
		return muster.NotFound(muster.KindExpert, string(c.expert()))
	}
	e := *was
	s.experts[e.ID] = &e
	switch {
	case c.Leaves != "":
		e.Removed = true
	case c.Absent != nil:
		off := muster.Window{Start: muster.Instant(c.Absent.From), End: muster.Instant(c.Absent.Until)}
		if off.Start.IsZero() {
			off.Start = now
		}
		if off.End.IsZero() {
			off.End = muster.Instant(endOfDay(&e, off.Start))
		}
		if err := spanKnown("absent", off, longestLeave); err != nil {
			return err
		}
		e.Leave = append(e.Leave[:len(e.Leave):len(e.Leave)], muster.Leave{Window: off})
	case c.Skill != nil:
		e.Skills = slices.DeleteFunc(slices.Clone(e.Skills), func(k muster.Competence) bool { return k.Skill == c.Skill.Skill })
		if c.Skill.Level != 0 {
			had := slices.IndexFunc(was.Skills, func(k muster.Competence) bool { return k.Skill == c.Skill.Skill })
			has := muster.Competence{Skill: c.Skill.Skill}
			if had >= 0 {
				has = was.Skills[had]
			}
			has.Level, has.Expires = c.Skill.Level, c.Skill.Expires
			e.Skills = append(e.Skills, has)
		} else if _, ok := s.on.skills.Get(c.Skill.Skill); !ok {
			return muster.Invalid("skill", string(c.Skill.Skill), "use a skill of the tree")
		}
		return settleExpert(s.on, &e)
	}
	return nil
}

// rule lays a policy's changes over a copy of what counts now.
func (s *supposition) rule(patch json.RawMessage) error {
	whole, err := json.Marshal(s.on.policy)
	if err != nil {
		return err
	}
	var p muster.Policy
	if err := json.Unmarshal(whole, &p); err != nil {
		return err
	}
	in := json.NewDecoder(bytes.NewReader(patch))
	in.DisallowUnknownFields()
	if err := in.Decode(&p); err != nil {
		return muster.Invalid("policy", string(patch[:min(len(patch), 100)]), "fields of a policy, as muster config shows them: "+err.Error())
	}
	if err := p.Check(); err != nil {
		return err
	}
	travel, err := geo.NewTravel(p.Travel, p.BufferMin)
	if err != nil {
		return err
	}
	s.on.policy, s.on.travel = p.Filled(), travel
	return nil
}

// add makes tickets that come in.
func (s *supposition) add(now time.Time, t *MoreTickets) error {
	if t.Count < 1 || len(s.more)+t.Count > mostMore {
		return muster.Invalid("count", strconv.Itoa(t.Count), fmt.Sprintf("at least 1, and %d in all", mostMore))
	}
	if t.Duration < 1 || t.Duration > 24*60 {
		return muster.Invalid("duration_min", strconv.Itoa(int(t.Duration)), "minutes of work, from 1 to 1440")
	}
	for i, n := range t.Needs {
		if _, ok := s.on.skills.Get(n.Skill); !ok {
			return muster.Invalid(fmt.Sprintf("needs[%d].skill", i), string(n.Skill), "use a skill of the tree")
		}
		if err := n.Level.Check(fmt.Sprintf("needs[%d].level", i)); err != nil {
			return err
		}
	}
	priority := t.Priority
	if priority == "" {
		priority = muster.PriorityNormal
	}
	if _, known := s.on.policy.Due[priority]; !known {
		return muster.Invalid("priority", string(priority), "critical, high, normal or low")
	}
	place, err := settlePlace("point", muster.Place{Point: t.Point})
	if err != nil {
		return err
	}
	region, err := geo.RegionOf(place.Point)
	if err != nil {
		return inPlace("point", err)
	}
	for range t.Count {
		n := len(s.more) + 1
		site := muster.SiteID(fmt.Sprintf("sit_what-if-%04d", n))
		s.more = append(s.more, graph.TicketCase{
			Ticket: muster.Ticket{
				ID: muster.TicketID(fmt.Sprintf("tic_what-if-%04d", n)), Site: site, Mode: muster.ModeHomeVisit, State: muster.Queued, Crew: 1,
				Needs: t.Needs, Duration: t.Duration, Priority: priority, Windows: t.Windows, Region: region, Zone: place.Zone,
				CreatedAt: now, QueuedAt: now, DueAt: now.Add(s.on.policy.Due[priority].Duration()),
			},
			Site: muster.Site{ID: site, Place: place},
		})
	}
	return nil
}

// apply puts the changed experts in the place of those who were loaded, and adds the new ones.
func (s *supposition) apply(p *people) {
	for _, id := range slices.Sorted(maps.Keys(s.experts)) {
		e := s.experts[id]
		switch person := p.experts[id]; {
		case person != nil:
			person.Expert = e
		case !s.known[id]:
			own := &matcher.Person{Expert: e}
			p.experts[id] = own
			p.regions[e.Region] = append(p.regions[e.Region], own)
		}
	}
}

// wouldLose lists the visits that changed experts couldn't make any more.
func (d *Dispatch) wouldLose(ctx context.Context, s *supposition) (all []affected, failed, err error) {
	for _, id := range slices.Sorted(maps.Keys(s.known)) {
		c, err := d.store.ExpertCase(ctx, "", id, s.on.at.Add(-around))
		if err != nil {
			return nil, nil, err
		}
		c.Expert = *s.experts[id]
		out, broken, err := d.affected(ctx, s.on, &c)
		if err != nil {
			return nil, nil, err
		}
		if broken != nil {
			failed = broken
		}
		all = append(all, out...)
	}
	slices.SortStableFunc(all, func(a, b affected) int { return a.Start.Compare(b.Start) })
	return all, failed, nil
}

// copied is the ground with people and tours of its own; tickets are shared.
func (g *ground) copied() *ground {
	out := &ground{people: newPeople(), tickets: maps.Clone(g.tickets), queues: make(map[muster.RegionID][]*graph.TicketCase, len(g.queues))}
	for id, q := range g.queues {
		out.queues[id] = slices.Clone(q)
	}
	out.people.tours = maps.Clone(g.people.tours)
	for id, all := range g.people.regions {
		for _, p := range all {
			own := &matcher.Person{Expert: p.Expert, Tours: make([]*muster.Tour, len(p.Tours))}
			for i, t := range p.Tours {
				tour := *t
				tour.Stops = slices.Clone(t.Stops)
				own.Tours[i] = &tour
			}
			out.people.experts[p.Expert.ID] = own
			out.people.regions[id] = append(out.people.regions[id], own)
		}
	}
	return out
}

// supposedPlan is where every ticket of the queues would be.
type supposedPlan struct {
	PlanReport
	at    map[muster.TicketID]*muster.Candidate
	left  map[muster.TicketID]muster.ReasonCode
	cases map[muster.TicketID]*graph.TicketCase
}

// suppose plans the queues one region after the other, as a round does, and commits nothing.
func (r *round) suppose(g *ground, regions []muster.RegionID) (*supposedPlan, error) {
	p := &supposedPlan{
		PlanReport: PlanReport{ByReason: make(map[muster.ReasonCode]int), Terms: make(map[string]float64)},
		at:         make(map[muster.TicketID]*muster.Candidate), left: make(map[muster.TicketID]muster.ReasonCode), cases: g.tickets,
	}
	for _, id := range regions {
		jobs := g.jobs(r.on, nil, id)
		if len(jobs) == 0 {
			continue
		}
		reach, err := r.on.reach(id, g.wider(r.on, nil, id))
		if err != nil {
			return nil, err
		}
		plan, err := r.batch(jobs, g.people.near(reach))
		if err != nil {
			return nil, err
		}
		p.Tickets += len(jobs)
		p.Linear.add(plan.linear)
		for _, k := range g.picks(plan.Choices) {
			g.people.book(k)
			p.Placed++
			p.at[k.ticket.Ticket.ID] = &k.places[0].Candidate
			for _, c := range k.places {
				p.Cost += c.Candidate.Cost
				for _, t := range c.Candidate.Terms {
					p.Terms[t.Name] += t.Minutes
				}
			}
		}
		for _, l := range plan.Left {
			p.Left++
			p.ByReason[l.Main]++
			p.left[l.Ticket] = l.Main
		}
	}
	p.Cost = inCents(p.Cost)
	for name, m := range p.Terms {
		p.Terms[name] = inCents(m)
	}
	return p, nil
}

func inCents(m float64) float64 { return math.Round(m*100) / 100 }

// compare lists the tickets for which the plans differ.
func (r *WhatIfReport) compare(was, is *supposedPlan) {
	for _, id := range slices.Sorted(maps.Keys(is.cases)) {
		_, old := was.cases[id]
		a, b := was.at[id], is.at[id]
		if a == nil && b == nil || a != nil && b != nil && a.Expert == b.Expert && a.Start.Equal(b.Start) {
			continue
		}
		t := Replaced{Ticket: id, Zone: is.cases[id].Ticket.Zone, Before: a, After: b, Why: is.left[id]}
		if old {
			t.Ref = is.cases[id].Ticket.Ref()
			switch {
			case a == nil:
				r.Gained++
			case b == nil:
				r.Lost++
			default:
				r.Moved++
			}
		}
		r.Tickets = append(r.Tickets, t)
	}
}
