package dispatch

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"time"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/geo"
	"github.com/sysopssquad/muster/graph"
	"github.com/sysopssquad/muster/matcher"
)

const (
	mostChanges = 1000
	mostMore    = 1000
)

// wider is a setup by which all is loaded that either of two needs: those who come from as far, for as many days.
func wider(a, b *setup) *setup {
	w := *a
	p, o := &w.policy, &b.policy
	p.HorizonDays = max(p.HorizonDays, o.HorizonDays)
	p.Capacity.TravelKm = max(p.Capacity.TravelKm, o.Capacity.TravelKm)
	if o.Widened(len(o.Escalation)).TravelKm > p.Widened(len(p.Escalation)).TravelKm {
		p.Escalation = o.Escalation
	}
	return &w
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
	on.regions, on.roams = maps.Clone(on.regions), maps.Clone(on.roams)
	for _, e := range s.experts {
		reached[e.Region] = true
		if _, known := on.regions[e.Region]; !known {
			on.regions[e.Region] = muster.Region{ID: e.Region}
		}
		if km := e.Capacity.TravelKm; km > 0 {
			on.roams[e.Region] = max(on.roams[e.Region], km)
		}
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
	if err := s.on.needsKnown("needs", t.Needs); err != nil {
		return err
	}
	if err := windowsKnown(t.Windows, now); err != nil {
		return err
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
			was := person.Expert.Region
			person.Expert = e
			if e.Region != was {
				p.regions[was] = slices.DeleteFunc(p.regions[was], func(o *matcher.Person) bool { return o == person })
				p.regions[e.Region] = append(p.regions[e.Region], person)
			}
		case !s.known[id]:
			own := &matcher.Person{Expert: e}
			p.experts[id] = own
			p.regions[e.Region] = append(p.regions[e.Region], own)
		}
	}
}
