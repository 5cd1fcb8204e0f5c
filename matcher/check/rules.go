package check

import (
	"fmt"
	"strings"
	"time"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/matcher"
)

// expert checks what the visit asks of the expert.
func (w *walk) expert(s muster.Stop, job matcher.Job) {
	e, t := w.Person.Expert, job.Ticket
	no := func(broken bool, code muster.ReasonCode, text string) {
		if broken && !w.allows(s.Visit, code) {
			w.add(code, s.Visit, text)
		}
	}
	no(e.Removed, muster.Gone, "works here no longer")
	no(e.Capacity.CarryInOnly && t.Mode != muster.ModeCarryIn, muster.NotMobile, "works at the shop")
	division := t.Division
	if division == "" && job.Customer != nil {
		division = job.Customer.Division
	}
	no(division != e.Division, muster.OtherDivision, "other division")
	for _, n := range t.Needs {
		w.skill(s, n)
	}
	brand := t.Brand
	if brand == "" && job.Device != nil {
		brand = job.Device.Brand
	}
	no(brand != "" && len(e.Brands) > 0 && !has(e.Brands, brand), muster.NotAuthorised, "not authorised for "+brand)
	for _, p := range t.Carry {
		no(!has(e.Carries, p), muster.LacksParts, "does not carry "+p)
	}
	for _, p := range t.Parts { // what is ordered later stops nobody who is on the way
		no(w.Fresh[s.Visit] && p.State == muster.PartOrdered && s.Start.Before(p.ETA), muster.LacksParts, p.Name+" comes later")
	}
	inside := len(e.Territory) == 0 || e.Capacity.Relocates
	for c := job.Site.Place.Cell; c != 0; {
		for _, own := range e.Territory {
			inside = inside || own == c
		}
		c = c.Parent(c.Resolution() - 1)
	}
	no(!inside, muster.OutOfTerritory, "outside the territory")
	_, km := w.World.Travel.Between(e.Base, job.Site.Place, s.Start)
	wider := w.wider(s.Visit)
	no(km > w.limits.TravelKm+wider.TravelKm, muster.TooFar, fmt.Sprintf("%.1f km from the base", km))
	no(w.Tour.OnCall && !t.Urgent(w.World.Now) && !wider.OnCall, muster.NotOnCall, "on call for urgent tickets only")
}

// skill looks for a competence that counts: the skill or one below it in the tree, at the level, valid at the end.
func (w *walk) skill(s muster.Stop, n muster.Need) {
	level := n.Level
	if w.allows(s.Visit, muster.LevelLow) {
		level--
	}
	known, deep := false, false
	for _, c := range w.Person.Expert.Skills {
		counts, licensed := false, false
		for id := c.Skill; id != ""; {
			k, _ := w.World.Skills.Get(id)
			licensed = licensed || k.Licensed && (id == c.Skill || id == n.Skill)
			if id == n.Skill {
				counts = true
				break
			}
			id = k.Narrows
		}
		if !counts {
			continue
		}
		known = true
		if c.Level < level {
			continue
		}
		deep = true
		if c.Expires.IsZero() && !licensed || !c.Expires.IsZero() && !c.Expires.Before(s.End) {
			return
		}
	}
	switch {
	case !known:
		w.add(muster.NoSkill, s.Visit, "lacks "+string(n.Skill))
	case !deep:
		w.add(muster.LevelLow, s.Visit, fmt.Sprintf("%s below level %d", n.Skill, level))
	default:
		w.add(muster.CertificateEnds, s.Visit, "no certificate for "+string(n.Skill)+" is valid at the end")
	}
}

// customer checks what the visit owes to customer and site.
func (w *walk) customer(s muster.Stop, job matcher.Job) {
	e, t := w.Person.Expert, job.Ticket
	if job.Customer != nil {
		for _, b := range job.Customer.Blocked {
			if b.Expert == e.ID {
				w.add(muster.IsBlocked, s.Visit, "blocked by the customer")
			}
		}
	}
	for _, d := range t.Declines {
		bound := d.Reason == "not_then" && !d.Window.IsZero()
		then := d.Window.Start.Before(s.End) && d.Window.End.After(s.Start)
		if d.Expert == e.ID && (!bound || then) && !w.allows(s.Visit, muster.HasDeclined) {
			w.add(muster.HasDeclined, s.Visit, "declined")
		}
	}
	for _, other := range job.Crew {
		if other == e.ID {
			w.add(muster.CrewClash, s.Visit, "twice on one crew")
		}
	}
	if !job.Start.IsZero() && !job.Start.Equal(s.Start) {
		w.add(muster.CrewClash, s.Visit, "not at the start that was asked for")
	}
	in := len(t.Windows) == 0 || w.allows(s.Visit, muster.AfterWindow)
	for _, x := range t.Windows {
		in = in || x.Contains(s.Start)
	}
	if !in {
		w.add(muster.AfterWindow, s.Visit, "arrives at "+clock(s.Start)+", in no window")
	}
	if len(job.Site.AccessHours) == 0 {
		return
	}
	zone := muster.Location(job.Site.Place.Zone)
	for at := s.Start; at.Before(s.End); at = at.Add(time.Minute) {
		if !weekly(job.Site.AccessHours, at.In(zone)) {
			w.add(muster.SiteClosed, s.Visit, "at the site at "+clock(at)+", when it is closed")
			return
		}
	}
}

func has(names []string, name string) bool {
	for _, n := range names {
		if strings.EqualFold(n, name) {
			return true
		}
	}
	return false
}
