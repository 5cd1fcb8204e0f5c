package dispatch

import (
	"context"
	"encoding/json"
	"maps"
	"math"
	"slices"
	"time"

	"github.com/sysopssquad/muster"
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
	after := &round{d: d, now: before.now, on: s.on, world: s.on.world(before.now)}
	both := &round{d: d, now: before.now, on: wider(s.on, before.on), skip: make(map[muster.RegionID]int, len(s.regions))}
	for _, id := range s.regions { // whose turn it is in a long queue, without letting it pass
		t, err := d.turn(ctx, id)
		if err != nil {
			return WhatIfReport{}, err
		}
		both.skip[id] = d.roundLimit/2 + t.at()
	}
	ground, err := both.load(ctx, s.regions)
	if err != nil {
		return WhatIfReport{}, err
	}
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
