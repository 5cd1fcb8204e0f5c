package dispatch

import (
	"context"
	"slices"
	"time"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/graph"
)

// SickRequest says that an expert is sick from now on.
type SickRequest struct {
	Expert muster.ExpertID `json:"expert"`
	Until  time.Time       `json:"until,omitzero"` // zero: the end of their day: midnight where they live, or that of a shift beyond it
}

// SickReport says what becomes of each visit of an expert who is sick.
type SickReport struct {
	Expert muster.ExpertID `json:"expert"`
	Name   string          `json:"name"`
	From   time.Time       `json:"from"`
	Until  time.Time       `json:"until"`
	Visits []Moved         `json:"visits"`
}

// redecideLater is how long the timers leave the day of somebody sick to the command that re-plans it.
const redecideLater = 15 * time.Second

// Sick enters that an expert is sick from now on, and re-plans what they have in that time in one go: each visit goes to
// somebody who comes within the promised window; where nobody can, the ticket is queued and a person calls the customer.
// If the process ends in the middle the expert's timer does the rest.
func (d *Dispatch) Sick(ctx context.Context, cmd muster.Command, req SickRequest) (SickReport, error) {
	type planned struct {
		SickReport
		Revs []int64 `json:"revs"`
	}
	plan, err := decide(ctx, d, cmd, "expert.sick", req, func(ctx context.Context, cmd muster.Command) (planned, graph.Change, error) {
		var p planned
		_, change, err := d.onExpert(ctx, cmd, req.Expert, func(draft *draft, e muster.Expert) (muster.Expert, string, error) {
			e, report, all, err := d.fallsSick(ctx, draft, e, req)
			if err != nil {
				return e, "", err
			}
			p = planned{SickReport: report}
			for _, a := range all {
				p.Visits, p.Revs = append(p.Visits, a.Moved), append(p.Revs, a.rev)
			}
			return e, "expert.sick", nil
		})
		return p, change, err
	})
	if err != nil {
		return SickReport{}, err
	}
	// What became of the visits is an answer of its own, kept under a command of its own once all of them are seen to.
	day := muster.Command{ID: cmd.ID + "/day", Actor: cmd.Actor}
	return decide(ctx, d, day, "expert.sick.day", req, func(ctx context.Context, day muster.Command) (SickReport, graph.Change, error) {
		if _, err := d.store.Records(ctx, day.ID); err != nil {
			return SickReport{}, graph.Change{}, err
		}
		report := plan.SickReport
		report.Visits = slices.Clone(plan.Visits)
		for i, m := range plan.Visits {
			one := cmd
			one.Seen = nil
			one.ID = cmd.ID + muster.CommandID("/"+string(m.Visit))
			c, err := d.store.TicketCase(ctx, "", graph.CaseRef{Ticket: m.Ticket})
			if err != nil {
				return report, graph.Change{}, err
			}
			report.Visits[i], err = d.moveOne(ctx, one, affected{Moved: m, rev: plan.Revs[i], whole: &c}, req.Expert)
			if err != nil && ofTheTicket(ctx, err) {
				report.Visits[i], err = m, nil
				report.Visits[i].Do = MoveUnder
			}
			if err != nil {
				return report, graph.Change{}, err
			}
		}
		return report, graph.Change{Command: day, At: d.clock.Now(), Expect: []graph.Guard{graph.Alive(string(req.Expert))}}, nil
	})
}

// SickPlan tells what Sick would do, and does nothing. Of two visits that the same expert could take over each counts.
func (d *Dispatch) SickPlan(ctx context.Context, a muster.Actor, req SickRequest) (SickReport, error) {
	now := d.clock.Now()
	on, err := d.weighing(ctx, now)
	if err != nil {
		return SickReport{}, err
	}
	e, err := load[muster.Expert](ctx, d, "", string(req.Expert))
	if err != nil {
		return SickReport{}, err
	}
	if e.ID == "" {
		return SickReport{}, muster.NotFound(muster.KindExpert, string(req.Expert))
	}
	e, report, all, err := d.fallsSick(ctx, newDraft(muster.Command{Actor: a}, now, on), e, req)
	if err != nil {
		return report, err
	}
	report.Visits, err = d.rehouse(ctx, on, now, all, newPeople(), func(p *people) {
		if own := p.experts[e.ID]; own != nil {
			own.Expert = &e
		}
	})
	return report, err
}

// rehouse finds, one after the other, whoever could take over visits that their experts can't make any more, and books them
// among the people given. It loads those who may come and aren't among them; change puts in place what is different about
// experts. Nothing is written.
func (d *Dispatch) rehouse(ctx context.Context, on *setup, now time.Time, all []affected, among *people, change func(*people)) ([]Moved, error) {
	out := make([]Moved, 0, len(all))
	read := make(map[muster.RegionID]bool)
	for _, x := range all {
		reach, err := on.reach(x.whole.Ticket.Region, on.policy.Widened(x.whole.Ticket.Step).TravelKm)
		if err != nil {
			return out, err
		}
		for _, r := range reach.regions {
			if read[r] {
				continue
			}
			read[r] = true
			near, err := d.store.Round(ctx, graph.RoundRef{Region: r, Reach: []muster.RegionID{r}, Span: on.span(now)})
			if err != nil {
				return out, err
			}
			among.add(near)
		}
		change(among)
		m := x.Moved
		k := newDraft(muster.Command{}, now, on).desk(x.whole)
		job, has := k.promisedJob(x.from)
		switch {
		case m.State == muster.VisitEnRoute:
			m.Do = MoveUnder
		case !has, m.State == muster.VisitOffered:
			m.Do = MoveAsked
			among.leave(x.from, k.visit.ID)
		default:
			m.Do = MoveCall
			among.leave(x.from, k.visit.ID)
			if best := on.world(now).Shortlist(job, among.near(reach), 1); len(best) > 0 {
				c := best[0]
				m.Do, m.Expert, m.Name, m.At = MoveGiven, c.Expert, c.Name, c.Start
				among.book(pick{ticket: x.whole, places: []muster.Choice{{Ticket: m.Ticket, Place: job.Place, Candidate: c}}})
			}
		}
		out = append(out, m)
	}
	return out, nil
}

// endOfDay is midnight where an expert lives, or the end of a shift of that day that goes on after it.
func endOfDay(e *muster.Expert, now time.Time) time.Time {
	local := now.In(muster.Location(e.Base.Zone))
	midnight := time.Date(local.Year(), local.Month(), local.Day()+1, 0, 0, 0, 0, local.Location())
	end := midnight
	shifts := muster.Expert{Base: e.Base, Shifts: e.Shifts, Extra: e.Extra} // on call may last for days
	for _, w := range Duty(&shifts, now, midnight) {
		end = later(end, w.End)
	}
	return end
}

// leave takes a visit off the plan's tours of an expert.
func (p *people) leave(e muster.ExpertID, v muster.VisitID) {
	person := p.experts[e]
	if person == nil {
		return
	}
	for _, t := range person.Tours {
		for i, s := range t.Stops {
			if s.Visit == v {
				t.Stops = append(t.Stops[:i:i], t.Stops[i+1:]...)
				break
			}
		}
	}
}

// fallsSick gives the expert with the leave entered, and the visits that they can't make by it.
func (d *Dispatch) fallsSick(ctx context.Context, draft *draft, e muster.Expert, req SickRequest) (muster.Expert, SickReport, []affected, error) {
	none := SickReport{}
	if err := permit(draft.cmd.Actor, "enter that somebody is sick", asBoard, ""); err != nil {
		return e, none, nil, err
	}
	if err := present(e); err != nil {
		return e, none, nil, err
	}
	until := muster.Instant(req.Until)
	if req.Until.IsZero() {
		until = muster.Instant(endOfDay(&e, draft.now))
	}
	sick := muster.Leave{Window: muster.Window{Start: draft.now, End: until}, Kind: "sick"}
	if err := spanKnown("until", sick.Window, longestLeave); err != nil {
		return e, none, nil, err
	}
	e.Leave = append(e.Leave[:len(e.Leave):len(e.Leave)], sick)
	if err := hoursOf(&muster.Expert{Leave: e.Leave}); err != nil {
		return e, none, nil, err
	}
	c, err := d.store.ExpertCase(ctx, "", e.ID, draft.now.Add(-around))
	if err != nil {
		return e, none, nil, err
	}
	c.Expert = e
	all, _, err := d.affected(ctx, draft.on, &c) // over what breaks, the timer that looks at the rest again stumbles too
	return e, SickReport{Expert: e.ID, Name: e.Name, From: draft.now, Until: until, Visits: []Moved{}}, all, err
}
