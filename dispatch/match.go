package dispatch

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/geo"
	"github.com/sysopssquad/muster/graph"
	"github.com/sysopssquad/muster/matcher"
)

// TicketRef names a ticket by id or number.
type TicketRef struct {
	ID     muster.TicketID
	Number int64
}

// ParseTicketRef reads tic_..., T-4821 or 4821.
func ParseTicketRef(text string) (TicketRef, error) {
	if muster.KindOf(text) == muster.KindTicket {
		return TicketRef{ID: muster.TicketID(text)}, muster.CheckID(muster.KindTicket, "ticket", text)
	}
	digits := strings.TrimPrefix(strings.ToUpper(text), "T-")
	n, err := strconv.ParseInt(digits, 10, 64)
	if err != nil || n < 1 {
		return TicketRef{}, muster.Invalid("ticket", text, "an id such as tic_3k1v0c7m2q9xw4rd, or a number such as T-4821")
	}
	return TicketRef{Number: n}, nil
}

// Verdict on one expert for one ticket: a candidate with its cost, or every reason against.
type Verdict struct {
	Ticket    muster.TicketID   `json:"ticket"`
	Rev       int64             `json:"rev"`    // of the ticket
	At        time.Time         `json:"at"`     // when they were judged
	Policy    int64             `json:"policy"` // revisions that it rests on
	Skills    int64             `json:"skills"`
	Candidate *muster.Candidate `json:"candidate,omitempty"`
	Exclusion *muster.Exclusion `json:"exclusion,omitempty"`

	Clocks []muster.SLAStanding `json:"clocks"` // of the ticket, at that moment

	Relaxations []muster.Relaxation `json:"relaxations,omitzero"` // if asked for: the least changes that let the expert take it
}

// Match ranks who can take a ticket's visit and says why everyone else can't. Experts are those of the
// regions from which the ticket's can be reached. A visit that is planned already doesn't stand in its own way.
func (d *Dispatch) Match(ctx context.Context, ref TicketRef) (muster.Match, error) {
	m, _, err := d.match(ctx, ref, 0)
	return m, err
}

// relaxKm is how far beyond the travel limit experts are looked for when limits are to be relaxed, relaxations how
// many least changes are shown.
const (
	relaxKm     = 100
	relaxations = 10
)

// Relax is Match with the least changes that would let somebody take the visit who can't now. Those who live up to
// relaxKm farther away than the travel limit are thought of.
func (d *Dispatch) Relax(ctx context.Context, ref TicketRef) (muster.Match, error) {
	m, l, err := d.match(ctx, ref, relaxKm)
	if err != nil {
		return m, err
	}
	m.Relaxations = l.on.world(l.now).Relax(l.job(0), l.around, relaxations)
	return m, nil
}

// lookup is a ticket with the people around it.
type lookup struct {
	*desk
	around []matcher.Person
}

// match ranks those in reach, and gives those who would be with some km more.
func (d *Dispatch) match(ctx context.Context, ref TicketRef, more float64) (muster.Match, lookup, error) {
	k, err := d.look(ctx, graph.CaseRef{Ticket: ref.ID, Number: ref.Number})
	if err != nil {
		return muster.Match{}, lookup{}, err
	}
	reach, err := k.on.reach(k.ticket.Region, k.wider().TravelKm)
	if err != nil {
		return muster.Match{}, lookup{}, err
	}
	wide := reach
	if more > 0 {
		if wide, err = k.on.reach(k.ticket.Region, k.wider().TravelKm+more); err != nil {
			return muster.Match{}, lookup{}, err
		}
	}
	near, err := d.store.Round(ctx, graph.RoundRef{Region: k.ticket.Region, Reach: wide.regions, Span: k.on.span(k.now)})
	if err != nil {
		return muster.Match{}, lookup{}, err
	}
	everyone := newPeople()
	everyone.add(near)
	m := k.on.world(k.now).Rank(k.job(0), everyone.near(reach))
	m.Ticket, m.Rev, m.At = k.ticket.ID, k.ticket.Rev, k.now
	m.Policy, m.Skills, m.Clocks = k.on.policy.Rev, k.on.skills.Rev, k.standings()
	return m, lookup{k, everyone.near(wide)}, nil
}

// standings are the ticket's clocks as they stand; those of before it was reopened are history.
func (k *desk) standings() []muster.SLAStanding {
	out := []muster.SLAStanding{}
	for _, name := range muster.SLANames() {
		if c := k.ticket.Clock(name); c != nil {
			out = append(out, c.Standing(k.now))
		}
	}
	return out
}

// Why judges one expert for one ticket, at their cheapest start.
func (d *Dispatch) Why(ctx context.Context, ref TicketRef, expert muster.ExpertID) (Verdict, error) {
	return d.WhyAt(ctx, ref, expert, time.Time{})
}

// WhyAt judges one expert for one ticket at one start. A start that runs into another visit is excluded
// with the times of both.
func (d *Dispatch) WhyAt(ctx context.Context, ref TicketRef, expert muster.ExpertID, start time.Time) (Verdict, error) {
	v, _, err := d.why(ctx, ref, expert, start)
	return v, err
}

// RelaxOne is Why with the least changes that would let the expert take the ticket, none if they can.
func (d *Dispatch) RelaxOne(ctx context.Context, ref TicketRef, expert muster.ExpertID) (Verdict, error) {
	v, l, err := d.why(ctx, ref, expert, time.Time{})
	if err != nil {
		return v, err
	}
	v.Relaxations = l.on.world(l.now).Relax(l.job(0), l.around, relaxations)
	return v, nil
}

func (d *Dispatch) why(ctx context.Context, ref TicketRef, expert muster.ExpertID, start time.Time) (Verdict, lookup, error) {
	k, err := d.look(ctx, graph.CaseRef{Ticket: ref.ID, Number: ref.Number, Experts: []muster.ExpertID{expert}})
	if err != nil {
		return Verdict{}, lookup{}, err
	}
	p, err := k.person(expert)
	if err != nil {
		return Verdict{}, lookup{}, err
	}
	v := Verdict{Ticket: k.ticket.ID, Rev: k.ticket.Rev, At: k.now, Policy: k.on.policy.Rev, Skills: k.on.skills.Rev, Clocks: k.standings()}
	c, reasons := k.on.world(k.now).Check(k.job(0), p, start)
	if len(reasons) > 0 {
		v.Exclusion = &muster.Exclusion{Expert: expert, Name: p.Expert.Name, Reasons: reasons}
	} else {
		v.Candidate = &c
	}
	return v, lookup{k, []matcher.Person{p}}, nil
}

// look loads a ticket to think about, not to change it.
func (d *Dispatch) look(ctx context.Context, ref graph.CaseRef) (*desk, error) {
	now := d.clock.Now()
	on, err := d.weighing(ctx, now)
	if err != nil {
		return nil, err
	}
	ref.Span = on.span(now)
	c, err := d.store.TicketCase(ctx, "", ref)
	if err != nil {
		return nil, err
	}
	return newDraft(muster.Command{}, now, on).desk(&c), nil
}

// A reach is where the experts of a ticket's region may come from.
type reach struct {
	regions []muster.RegionID        // itself, and others of those that there are
	far     map[muster.RegionID]bool // those from which only experts come who travel farther than usual
	usual   float64                  // km, the policy's limit
}

// reach finds the regions whose experts may come into one, by the policy's travel limit and by the figures of their
// own that experts have, each widened by some km.
func (s *setup) reach(region muster.RegionID, more float64) (reach, error) {
	r := reach{far: make(map[muster.RegionID]bool), usual: s.policy.Capacity.TravelKm}
	all, err := geo.Reach(region, r.usual+more)
	if err != nil {
		return r, err
	}
	for from, km := range s.roams {
		if km <= r.usual || slices.Contains(all, from) {
			continue
		}
		if r.far[from], err = geo.InReach(region, from, km+more); err != nil {
			return r, err
		}
	}
	for from, comes := range r.far {
		if comes {
			all = append(all, from)
		}
	}
	slices.Sort(all)
	r.regions = slices.DeleteFunc(all, func(id muster.RegionID) bool {
		_, known := s.regions[id]
		return !known && id != region
	})
	return r, nil
}
