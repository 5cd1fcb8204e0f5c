package dispatch

import (
	"cmp"
	"context"
	"encoding/json"
	"maps"
	"slices"
	"time"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/graph"
	"github.com/sysopssquad/muster/matcher"
)

// passedOver is how much older a ticket may be than one of its priority that has the place it could have had.
const passedOver = 2 * 24 * time.Hour

// comparisons is how many places a ticket is held against at most, those of the youngest tickets.
const comparisons = 20

// line is whom a ticket waits with.
type line struct {
	region   muster.RegionID
	priority muster.Priority
}

// given is a place ahead that a round gave to a ticket, under the present policy and skills.
type given struct {
	Assignment muster.AssignmentID `json:"assignment"`
	Ticket     muster.TicketID     `json:"ticket"`
	Visit      muster.VisitID      `json:"visit"`
	Expert     muster.ExpertID     `json:"expert"`
	Start      time.Time           `json:"start"`
	At         time.Time           `json:"at"`    // it was given
	Since      time.Time           `json:"since"` // the ticket was queued
}

// lineUp notes what was given to whom: of each line the places of the youngest tickets, so that what is kept grows
// with the company, not with its tickets.
func (f *fsck) lineUp(page []graph.TicketCase) {
	for i := range page {
		t := &page[i].Ticket
		for _, a := range page[i].Assignments {
			by := a.Decided
			if a.State != muster.AssignmentActive || a.Place != 0 || !a.Start.After(f.now) || by.By.Role != muster.RoleSystem ||
				by.Policy != f.on.policy.Rev || by.Skills != f.on.skills.Rev {
				continue
			}
			if f.place.Given == nil {
				f.place.Given = make(map[line][]given)
			}
			at := line{t.Region, t.Priority}
			f.place.Given[at] = youngest(f.place.Given[at], given{a.ID, t.ID, a.Visit, a.Expert, a.Start, a.At, t.QueuedAt})
		}
	}
}

// youngest adds a place to those of a line, youngest ticket first, and drops what is too many.
func youngest(places []given, g given) []given {
	n, _ := slices.BinarySearchFunc(places, g, func(a, b given) int {
		return cmp.Or(b.Since.Compare(a.Since), cmp.Compare(a.Assignment, b.Assignment))
	})
	if n == comparisons {
		return places
	}
	return slices.Insert(places[:min(len(places), comparisons-1)], n, g)
}

// queue checks that nobody was passed over for long: that no ticket which was queued much later has a place
// ahead that the older one could have just as well.
func (f *fsck) queue(ctx context.Context) error {
	lines := slices.SortedFunc(maps.Keys(f.place.Given), func(a, b line) int {
		return cmp.Or(cmp.Compare(a.region, b.region), cmp.Compare(a.priority, b.priority))
	})
	for _, l := range lines {
		if err := f.checkLine(ctx, l, f.place.Given[l]); err != nil {
			return err
		}
	}
	return nil
}

// checkLine holds those who wait in a line against the places that others of it have.
func (f *fsck) checkLine(ctx context.Context, l line, places []given) error {
	var people map[muster.ExpertID]matcher.Person // once somebody waits for long
	filter := graph.TicketFilter{States: []string{string(muster.Queued)}, Region: l.region, Priority: l.priority}
	return eachPage(ctx, f.store, filter, func(tickets []*muster.Ticket) error {
		waiting := slices.DeleteFunc(tickets, func(t *muster.Ticket) bool { return t.Crew != 1 || !places[0].passes(t) })
		if len(waiting) == 0 {
			return nil
		}
		if people == nil {
			var err error
			if people, err = f.people(ctx, places); err != nil {
				return err
			}
		}
		cases, err := f.described(ctx, waiting)
		if err != nil {
			return err
		}
		wrong := make(found)
		for i := range cases {
			for _, g := range places {
				if g.passes(&cases[i].Ticket) && f.couldHave(&cases[i], g, people[g.Expert], f.now) {
					wrong.passedOver(&cases[i].Ticket, g)
					break
				}
			}
		}
		return f.again(ctx, wrong, func(id string) (found, error) { return f.stillPassedOver(ctx, muster.TicketID(id), places) })
	})
}

// passes tells whether a place went past a ticket that is much older.
func (g given) passes(t *muster.Ticket) bool { return g.Since.Sub(t.QueuedAt) > passedOver }

func (f found) passedOver(t *muster.Ticket, g given) {
	f.add("I11", string(t.ID), "%s has been queued since %s and could have had the place of %s, queued at %s: %s at %s", t.Ref(),
		t.QueuedAt.Format(time.RFC3339), g.Ticket, g.Since.Format(time.RFC3339), g.Expert, g.Start.Format(time.RFC3339))
}

// couldHave asks the matcher at some moment whether a ticket could have another's place.
func (f *fsck) couldHave(c *graph.TicketCase, g given, p matcher.Person, at time.Time) bool {
	if p.Expert == nil {
		return false
	}
	j := f.on.jobOf(c)
	j.Ignore, j.Wider = g.Visit, muster.Widening{} // when the place was given it may not have waited for long enough
	_, reasons := f.on.world(at).Check(j, p, g.Start)
	return len(reasons) == 0
}

// couldThen asks the same of the tours as they were when the place was given: a visit that was in the way then may have
// been cancelled since.
func (f *fsck) couldThen(ctx context.Context, c *graph.TicketCase, g given, p matcher.Person) (bool, error) {
	then := matcher.Person{Expert: p.Expert}
	for _, t := range p.Tours {
		history, err := f.store.History(ctx, everything, string(t.ID))
		if err != nil && muster.CodeOf(err) != muster.CodeNotFound {
			return false, err
		}
		var was struct {
			Root *muster.Tour `json:"root"`
		}
		for _, e := range history {
			if e.At.After(g.At) {
				break
			}
			was.Root = nil
			if json.Unmarshal(e.Body, &was) != nil {
				return false, nil // it doesn't tell
			}
		}
		if was.Root != nil {
			then.Tours = append(then.Tours, was.Root)
		}
	}
	return f.couldHave(c, g, then, g.At), nil
}

// people loads the experts of places with their tours, by id.
func (f *fsck) people(ctx context.Context, places []given) (map[muster.ExpertID]matcher.Person, error) {
	ids := expertsOf(places)
	texts := make([]string, len(ids))
	for i, id := range ids {
		texts[i] = string(id)
	}
	records, err := f.store.Records(ctx, "", texts...)
	if err != nil {
		return nil, err
	}
	tours, err := f.store.Tours(ctx, everything, ids, f.on.span(f.now))
	if err != nil {
		return nil, err
	}
	out := make(map[muster.ExpertID]matcher.Person, len(ids))
	for _, id := range ids {
		e, _ := records[string(id)].(*muster.Expert)
		out[id] = matcher.Person{Expert: e}
	}
	for _, t := range tours {
		p := out[t.Expert]
		p.Tours = append(p.Tours, t)
		out[t.Expert] = p
	}
	return out, nil
}

func expertsOf(places []given) []muster.ExpertID {
	var out []muster.ExpertID
	for _, g := range places {
		if !slices.Contains(out, g.Expert) {
			out = append(out, g.Expert)
		}
	}
	return out
}

// described adds to tickets what the matcher asks of them.
func (f *fsck) described(ctx context.Context, tickets []*muster.Ticket) ([]graph.TicketCase, error) {
	ids := make([]string, 0, 3*len(tickets))
	for _, t := range tickets {
		ids = append(ids, string(t.Customer), string(t.Site))
		if t.Device != "" {
			ids = append(ids, string(t.Device))
		}
	}
	records, err := f.store.Records(ctx, "", ids...)
	if err != nil {
		return nil, err
	}
	out := make([]graph.TicketCase, 0, len(tickets))
	for _, t := range tickets {
		customer, _ := records[string(t.Customer)].(*muster.Customer)
		site, _ := records[string(t.Site)].(*muster.Site)
		if customer == nil || site == nil {
			continue
		}
		device, _ := records[string(t.Device)].(*muster.Device)
		out = append(out, graph.TicketCase{Ticket: *t, Customer: *customer, Site: *site, Device: device})
	}
	return out, nil
}

// stillPassedOver looks again, at all as it is by now: the ticket may have been given a place since, or others have
// lost theirs. It also looks closer. A ticket whose visit was taken back was not passed over while it had one; and
// what was possible when a place was given is gone once policy, skills, the expert or the customer have been edited.
func (f *fsck) stillPassedOver(ctx context.Context, id muster.TicketID, places []given) (found, error) {
	c, err := f.store.TicketCase(ctx, "", graph.CaseRef{Ticket: id, Experts: expertsOf(places), Span: f.on.span(f.now)})
	if err != nil || c.Ticket.State != muster.Queued {
		return nil, err
	}
	f.rests(&c.Ticket)
	for _, e := range c.Experts {
		f.rests(&e)
	}
	for _, t := range c.Tours { // with the places that were given on them
		f.rests(&t)
	}
	ids := make([]string, len(places))
	for i, g := range places {
		ids[i] = string(g.Assignment)
	}
	records, err := f.store.Records(ctx, "", ids...)
	if err != nil {
		return nil, err
	}
	back := lastGiven(&c)
	customer, err := f.edited(ctx, &c.Customer)
	if err != nil {
		return nil, err
	}
	k := newDraft(muster.Command{}, f.now, f.on).desk(&c)
	for _, g := range places {
		a, _ := records[string(g.Assignment)].(*muster.Assignment)
		p, err := k.person(g.Expert)
		if err != nil || a == nil || a.State != muster.AssignmentActive || !g.passes(&c.Ticket) || !g.At.After(back) || !f.couldHave(&c, g, p, f.now) {
			continue
		}
		by := a.Decided
		if by.Expert != 0 && by.Expert != p.Expert.Rev || by.Policy != f.on.policy.Rev || by.Skills != f.on.skills.Rev {
			continue
		}
		edited, err := f.edited(ctx, p.Expert)
		if err != nil {
			return nil, err
		}
		could, err := f.couldThen(ctx, &c, g, p)
		if err != nil {
			return nil, err
		}
		if could && g.At.After(edited) && g.At.After(customer) {
			wrong := make(found)
			wrong.passedOver(&c.Ticket, g)
			return wrong, nil
		}
	}
	return nil, nil
}

// lastGiven tells until when a queued ticket had a visit, the zero time if it had none.
func lastGiven(c *graph.TicketCase) (until time.Time) {
	for _, v := range c.Visits {
		if at := v.KnownAt(); at.After(until) {
			until = at
		}
	}
	return until
}
