package dispatch

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/graph"
	"github.com/sysopssquad/muster/matcher"
)

// roundLimit is how many tickets of a region one round looks at: the most urgent ones and, where there are more, in turn the others.
const roundLimit = 5_000

// attempts is how often a ticket that somebody else's commit was in the way of is planned in one round.
const attempts = 3

// Round plans a region's queued tickets and commits the choices: offers, or assignments if the policy pushes. A ticket for
// which that can't be done or written is put before a person, and stops no other.
func (d *Dispatch) Round(ctx context.Context, region muster.RegionID) (RoundReport, error) {
	r, err := d.newRound(ctx)
	if err != nil {
		return RoundReport{}, err
	}
	r.life = decisionLife
	reports, err := r.run(ctx, []muster.RegionID{region})
	if err != nil {
		return RoundReport{}, err
	}
	return reports[0], nil
}

// Rounds is one round of every region, by id.
func (d *Dispatch) Rounds(ctx context.Context) ([]RoundReport, error) {
	r, err := d.newRound(ctx)
	if err != nil {
		return nil, err
	}
	return r.run(ctx, slices.Sorted(maps.Keys(r.on.regions)))
}

// AssignReport sums up one round of every region that pushed.
type AssignReport struct {
	Assigned  int                       `json:"assigned"`
	Remaining int                       `json:"remaining"`
	ByReason  map[muster.ReasonCode]int `json:"by_reason"`
	Linear    LinearReport              `json:"linear"`
}

// AssignAll is one round of every region that pushes whatever the policy says.
func (d *Dispatch) AssignAll(ctx context.Context) (AssignReport, error) {
	return d.assignAll(ctx, false)
}

// AssignAllPlanned is AssignAll that commits nothing before all is planned, so that each can be measured by itself.
func (d *Dispatch) AssignAllPlanned(ctx context.Context) (AssignReport, error) {
	return d.assignAll(ctx, true)
}

func (d *Dispatch) assignAll(ctx context.Context, planFirst bool) (AssignReport, error) {
	r, err := d.newRound(ctx)
	if err != nil {
		return AssignReport{}, err
	}
	r.push, r.planFirst = true, planFirst
	reports, err := r.run(ctx, slices.Sorted(maps.Keys(r.on.regions)))
	sum := AssignReport{ByReason: make(map[muster.ReasonCode]int)}
	for _, p := range reports {
		sum.Assigned += p.Assigned
		sum.Remaining += p.Remaining
		sum.Linear.add(p.Linear)
		for code, n := range p.ByReason {
			sum.ByReason[code] += n
		}
	}
	return sum, err
}

// PromptRound finds somebody for one urgent ticket at once. One that is offered to people who can't answer before their shift
// begins is offered to more, who can now. Any other is left alone.
func (d *Dispatch) PromptRound(ctx context.Context, ticket muster.TicketID) (RoundReport, error) {
	r, err := d.newRound(ctx)
	if err != nil {
		return RoundReport{}, err
	}
	c, err := d.store.TicketCase(ctx, "", graph.CaseRef{Ticket: ticket})
	if err != nil {
		return RoundReport{}, err
	}
	if c.Ticket.State != muster.Queued && !r.offersMore(&c) {
		return RoundReport{Region: c.Ticket.Region, ByReason: map[muster.ReasonCode]int{}}, nil
	}
	r.life = decisionLife
	r.only = map[muster.TicketID]bool{ticket: true}
	r.prompt = &c
	reports, err := r.run(ctx, []muster.RegionID{c.Ticket.Region})
	if err != nil {
		return RoundReport{}, err
	}
	return reports[0], nil
}

// A round plans some regions one after the other, on one moment. While a wave of its choices is committed
// the next regions are planned.
type round struct {
	d         *Dispatch
	now       time.Time
	life      time.Duration // what is older isn't committed any more; 0: a person waits for all of it
	on        *setup
	world     *matcher.World
	push      bool
	planFirst bool
	only      map[muster.TicketID]bool // nil: all that are queued
	prompt    *graph.TicketCase        // the one ticket, loaded already
	reports   map[muster.RegionID]*RoundReport
	skip      map[muster.RegionID]int // how many of a long queue come before those whose turn it is

	mu  sync.Mutex
	bad int // tickets that this round couldn't go on with
}

func (d *Dispatch) newRound(ctx context.Context) (*round, error) {
	now := d.clock.Now()
	on, err := d.weighing(ctx, now)
	if err != nil {
		return nil, err
	}
	return &round{
		d: d, now: now, on: on, world: on.world(now), push: on.policy.Push,
		reports: make(map[muster.RegionID]*RoundReport), skip: make(map[muster.RegionID]int),
	}, nil
}

// run plans the regions in the order given, and those tickets again that others were in the way of.
func (r *round) run(ctx context.Context, regions []muster.RegionID) ([]RoundReport, error) {
	for _, id := range regions {
		r.reports[id] = &RoundReport{Region: id, ByReason: make(map[muster.ReasonCode]int)}
	}
	again, err := r.attempt(ctx, regions, 1)
	for try := 2; err == nil && len(again) > 0 && try <= attempts; try++ {
		if err = r.anew(ctx); err != nil {
			break
		}
		r.only = make(map[muster.TicketID]bool, len(again))
		var touched []muster.RegionID
		for _, t := range again {
			r.only[t.ID] = true
			touched = append(touched, t.Region)
		}
		slices.Sort(touched)
		again, err = r.attempt(ctx, slices.Compact(touched), try)
	}
	for _, t := range again {
		r.reports[t.Region].Lost++
		r.reports[t.Region].Remaining++
	}
	out := make([]RoundReport, 0, len(regions))
	for _, id := range regions {
		out = append(out, *r.reports[id])
	}
	return out, err
}

// anew loads the prompt round's ticket again if it is offered: it isn't in the queue, where others are found.
func (r *round) anew(ctx context.Context) error {
	if !r.offersMore(r.prompt) {
		r.prompt = nil
		return nil
	}
	c, err := r.d.store.TicketCase(ctx, "", graph.CaseRef{Ticket: r.prompt.Ticket.ID})
	if r.prompt = nil; err == nil && r.offersMore(&c) {
		r.prompt = &c
	}
	return err
}

// late refuses to commit what was planned on a moment that is long over.
func (r *round) late() error {
	if r.life > 0 && r.d.clock.Now().Sub(r.now) > r.life {
		return tooSlow("a round")
	}
	return nil
}

// attempt plans and commits once. It gives the tickets that others were in the way of.
func (r *round) attempt(ctx context.Context, regions []muster.RegionID, try int) ([]*muster.Ticket, error) {
	ground, err := r.load(ctx, regions)
	if err != nil {
		return nil, err
	}
	more := r.offersMore(r.prompt)
	if more && r.awaited(ground.people) {
		return nil, nil
	}
	w := newWriter(ctx, r, ground.people)
	ended := false
	defer func() {
		if !ended {
			w.stop()
		}
	}()
	var left []muster.Leftover
	var later []*muster.Ticket
	for _, id := range regions {
		jobs := ground.jobs(r.on, r.only, id)
		if try == 1 {
			r.reports[id].Looked += len(jobs)
		}
		if len(jobs) == 0 {
			continue
		}
		reach, err := r.on.reach(id, ground.wider(r.on, r.only, id))
		if err != nil {
			return nil, err
		}
		plan, rest, err := r.plan(ctx, jobs, ground.people.near(reach))
		if err != nil {
			return nil, err
		}
		later = append(later, rest...)
		r.reports[id].Linear.add(plan.linear)
		for i := range plan.Left {
			l := &plan.Left[i]
			if more && len(ground.people.experts) == 0 {
				l.Main = muster.OffShift
			}
			r.reports[id].Remaining++
			r.reports[id].ByReason[l.Main]++
		}
		left = append(left, plan.Left...)
		planned := ground.picks(plan.Choices)
		asked, waiting, err := r.askable(ctx, planned, ground.people, reach, r.reports[id])
		if err != nil {
			return nil, err
		}
		w.shake(planned, asked)
		left = append(left, waiting...)
		for _, p := range asked {
			w.add(p)
		}
	}
	ended = true
	again, err := w.finish()
	again = append(again, later...)
	if err != nil {
		return again, err
	}
	return again, r.noteLeft(ctx, ground, left)
}

// A pick is a ticket with the candidates chosen for its visit, one for each place, or several who are asked at once
// for the only one.
type pick struct {
	ticket *graph.TicketCase
	places []muster.Choice
}

// picks puts a plan's choices together by ticket, in the order of the plan.
func (g *ground) picks(choices []muster.Choice) []pick {
	out := make([]pick, 0, len(choices))
	at := make(map[muster.TicketID]int, len(choices))
	for _, c := range choices {
		i, seen := at[c.Ticket]
		if !seen {
			i = len(out)
			at[c.Ticket] = i
			out = append(out, pick{ticket: g.tickets[c.Ticket]})
		}
		out[i].places = append(out[i].places, c)
	}
	for i := range out {
		slices.SortFunc(out[i].places, func(a, b muster.Choice) int { return cmp.Compare(a.Place, b.Place) })
	}
	return out
}

// book puts a pick's visit on the plan's tours, so that the next regions see it. Until it is committed its
// stop is named as the matcher names those of its own plan.
func (p *people) book(k pick) {
	for _, c := range k.places {
		t := p.tour(c.Candidate)
		matcher.Insert(t, c.Candidate, muster.Stop{
			Visit:  muster.VisitID(fmt.Sprintf("%s/%d", k.ticket.Ticket.ID, c.Place)),
			Ticket: k.ticket.Ticket.ID, Assignment: "planned",
			Place: k.ticket.Site.Place, Start: c.Candidate.Start, End: c.Candidate.End,
		})
	}
}

// command names a group's change by what it does to what, so that the same choice on the same revisions is
// the same command, whoever makes it.
func (r *round) command(group []pick, tours []muster.Tour) muster.Command {
	name := verbOffer
	if r.push {
		name = verbAssign
	}
	rests := make([]string, 0, 2*len(group)+len(tours)+1)
	rests = append(rests, r.now.Format(time.RFC3339Nano))
	for _, t := range tours {
		rests = append(rests, fmt.Sprint(t.ID, t.Rev))
	}
	for _, p := range group {
		rests = append(rests, fmt.Sprint(p.ticket.Ticket.ID, p.ticket.Ticket.Rev))
		for _, c := range p.places {
			rests = append(rests, fmt.Sprint(c.Candidate.Tour, c.Candidate.Start.Unix()))
		}
	}
	choice := muster.Fingerprint(name.String(), rests)
	return muster.Command{
		ID: muster.CommandID("round/" + choice), Name: name.String(), Actor: muster.System("rounds"), Fingerprint: choice,
	}
}

// seat gives or offers a pick's visit to those chosen for it.
func (r *round) seat(d *draft, p pick, among *people) error {
	k := d.desk(p.ticket)
	v := verbOffer
	if r.push {
		v = verbAssign
	}
	s, err := next(v, "", &k.ticket, k.visit)
	if err != nil {
		return err
	}
	if k.visit == nil {
		k.open(p.places[0].Candidate)
	}
	for _, c := range p.places {
		e := among.experts[c.Candidate.Expert].Expert
		by := k.decided(c.Candidate, c.Rank, nil)
		if r.push {
			k.give(c.Candidate, e, c.Place, nil, by)
		} else {
			k.ask(c.Candidate, e, c.Place, k.deadline(c.Candidate, e), by)
		}
	}
	k.settle(muster.ExceptionStuck)
	k.take(s)
	return nil
}
