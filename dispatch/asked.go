package dispatch

import (
	"context"
	"slices"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/graph"
	"github.com/sysopssquad/muster/matcher"
)

// askable books a plan's picks and gives those that are carried out. A round that pushes asks nobody. Else whoever
// would have to leave before they are on shift or on call again can't be asked: such a ticket stays in the queue. For
// urgent tickets those who are on duty now are asked first, several at once: after all picks have their first choice, so
// that these take from nobody. Left are those that wait.
func (r *round) askable(
	ctx context.Context, picks []pick, among *people, near reach, report *RoundReport,
) (asked []pick, left []muster.Leftover, err error) {
	if r.push {
		for _, p := range picks {
			among.book(p)
		}
		return picks, nil, nil
	}
	wait := func(p pick) {
		report.Remaining++
		report.ByReason[muster.OffShift]++
		left = append(left, muster.Leftover{Ticket: p.ticket.Ticket.ID, Main: muster.OffShift})
	}
	var several []pick
	for _, p := range picks {
		switch t := &p.ticket.Ticket; {
		case t.Crew < 2 && r.on.policy.UrgentOffers > 1 && t.Urgent(r.now):
			if isOnDuty(among.experts[p.places[0].Candidate.Expert].Expert, r.now) {
				among.book(p)
			}
			several = append(several, p)
		case r.inTime(p, among):
			among.book(p)
			asked = append(asked, p)
		default:
			wait(p)
		}
	}
	for _, p := range several {
		first, now := p.places[0].Candidate.Expert, r.onDuty(among.near(near))
		onDuty, has := isOnDuty(among.experts[first].Expert, r.now), 0
		if onDuty {
			now, has = slices.DeleteFunc(now, func(m matcher.Person) bool { return m.Expert.ID == first }), 1
		}
		extra := pick{ticket: p.ticket}
		if extra.places, err = r.shortlist(p, now, has); err != nil {
			if err := r.broken(ctx, &p.ticket.Ticket, err); err != nil {
				return nil, nil, err
			}
			continue
		}
		if !onDuty {
			if len(extra.places) > 0 {
				p = extra
			}
			if !r.inTime(p, among) {
				wait(p)
				continue
			}
			among.book(p)
		} else {
			among.book(extra)
			p.places = append(p.places, extra.places...)
		}
		asked = append(asked, p)
	}
	return asked, left, nil
}

// offersMore tells whether a ticket is urgent and offered, so that others may be asked besides.
func (r *round) offersMore(c *graph.TicketCase) bool {
	if c == nil || r.push || c.Ticket.Crew > 1 || c.Ticket.Visit == nil {
		return false
	}
	return c.Ticket.Visit.State == muster.VisitOffered && c.Ticket.Urgent(r.now)
}

// awaited tells whether somebody who is asked about the prompt round's ticket can answer now: then it waits for them. Else it
// leaves only people who can.
func (r *round) awaited(among *people) bool {
	for _, o := range r.prompt.Offers {
		if m := among.experts[o.Expert]; o.State == muster.OfferOpen && m != nil && isOnDuty(m.Expert, r.now) {
			return true
		}
	}
	among.keep(func(e *muster.Expert) bool { return isOnDuty(e, r.now) })
	return false
}

// inTime tells whether all of a pick can answer while they are on shift or on call, before they must leave.
func (r *round) inTime(p pick, among *people) bool {
	return !slices.ContainsFunc(p.places, func(c muster.Choice) bool {
		return !answers(among.experts[c.Candidate.Expert].Expert, r.now, c.Candidate.Depart)
	})
}

func (r *round) onDuty(people []matcher.Person) []matcher.Person {
	return slices.DeleteFunc(people, func(p matcher.Person) bool { return !isOnDuty(p.Expert, r.now) })
}

// shortlist gives the best of some people for a ticket's one place, so many that with those it has they are as many as
// the policy wants to be asked.
func (r *round) shortlist(p pick, from []matcher.Person, has int) (out []muster.Choice, err error) {
	defer unbroken(&err, muster.CodeInternal)
	for _, c := range r.world.Shortlist(r.on.jobOf(p.ticket), from, r.on.policy.UrgentOffers-has) {
		has++
		out = append(out, muster.Choice{Ticket: p.ticket.Ticket.ID, Candidate: c, Rank: has})
	}
	return out, nil
}
