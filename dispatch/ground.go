package dispatch

import (
	"context"
	"slices"

	"golang.org/x/sync/errgroup"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/graph"
	"github.com/sysopssquad/muster/matcher"
)

// loaders is how many regions are loaded at once.
const loaders = 4

// ground is what a round stands on: the queued tickets of its regions, and everybody who may come.
type ground struct {
	people  *people
	tickets map[muster.TicketID]*graph.TicketCase
	queues  map[muster.RegionID][]*graph.TicketCase // by urgency
}

// load reads the regions and those that their experts may come from. A round of one region is one round
// trip; where there are many each is read once, however many others it is near to.
func (r *round) load(ctx context.Context, regions []muster.RegionID) (*ground, error) {
	var refs []graph.RoundRef
	limit := r.d.roundLimit
	if r.prompt != nil {
		limit = 0
	}
	own := make(map[muster.RegionID]bool, len(regions))
	for _, id := range regions {
		own[id] = true
	}
	if len(regions) == 1 {
		reach, err := r.on.reach(regions[0], 0)
		if err != nil {
			return nil, err
		}
		refs = append(refs, graph.RoundRef{Region: regions[0], Reach: reach.regions, Limit: limit})
	} else {
		seen := make(map[muster.RegionID]bool)
		for _, id := range regions {
			reach, err := r.on.reach(id, 0)
			if err != nil {
				return nil, err
			}
			for _, near := range reach.regions {
				if seen[near] {
					continue
				}
				seen[near] = true
				ref := graph.RoundRef{Region: near, Reach: []muster.RegionID{near}}
				if own[near] {
					ref.Limit = limit
				}
				refs = append(refs, ref)
			}
		}
	}
	read := make([]graph.Round, len(refs))
	group, loading := errgroup.WithContext(ctx)
	group.SetLimit(loaders)
	for i := range refs {
		group.Go(func() (err error) {
			refs[i].Span = r.on.span(r.now)
			read[i], err = r.d.store.Round(loading, refs[i])
			return err
		})
	}
	if err := group.Wait(); err != nil {
		return nil, err
	}
	for i := range read {
		if limit > 0 && refs[i].Limit == limit && len(read[i].Tickets) == limit {
			if err := r.inTurn(ctx, refs[i], &read[i]); err != nil {
				return nil, err
			}
		}
	}
	g := &ground{
		people:  newPeople(),
		tickets: make(map[muster.TicketID]*graph.TicketCase),
		queues:  make(map[muster.RegionID][]*graph.TicketCase),
	}
	for i := range read {
		g.people.add(read[i])
		for n := range read[i].Tickets {
			g.line(&read[i].Tickets[n])
		}
	}
	if r.prompt != nil {
		g.line(r.prompt)
	}
	return g, r.widen(ctx, g, regions)
}

// inTurn replaces the less urgent half of a region's tickets, where there are more than one round can look at, by those whose
// turn it is: what nobody can take now and is urgent must not keep from everybody else whoever could come to them.
func (r *round) inTurn(ctx context.Context, ref graph.RoundRef, read *graph.Round) error {
	half := ref.Limit / 2
	read.Tickets = read.Tickets[:half]
	var t turn
	skip, known := r.skip[ref.Region]
	if !known {
		var err error
		if t, err = r.d.turn(ctx, ref.Region); err != nil {
			return err
		}
		skip = half + t.at()
	}
	for {
		more, err := r.d.store.Round(ctx, graph.RoundRef{Region: ref.Region, Reach: []muster.RegionID{}, Span: ref.Span, Limit: half, Skip: skip})
		if err != nil {
			return err
		}
		if len(more.Tickets) == 0 && skip > half { // the queue has become shorter
			if skip = half; !known {
				if err := r.d.anew(ctx, &t); err != nil {
					return err
				}
			}
			continue
		}
		read.Tickets = append(read.Tickets, more.Tickets...)
		if known {
			return nil
		}
		r.skip[ref.Region] = skip
		return r.d.pass(ctx, t, len(more.Tickets))
	}
}

// widen reads those too who may only come to tickets that have been escalated. It is one more round trip, and only where
// such a ticket waits and the limits of its step reach into further regions.
func (r *round) widen(ctx context.Context, g *ground, regions []muster.RegionID) error {
	var more []muster.RegionID
	for _, id := range regions {
		km := g.wider(r.on, r.only, id)
		if km == 0 {
			continue
		}
		near, err := r.on.reach(id, 0)
		if err != nil {
			return err
		}
		wide, err := r.on.reach(id, km)
		if err != nil {
			return err
		}
		for _, from := range wide.regions {
			if !slices.Contains(near.regions, from) && !slices.Contains(more, from) {
				more = append(more, from)
			}
		}
	}
	if len(more) == 0 {
		return nil
	}
	slices.Sort(more)
	read, err := r.d.store.Round(ctx, graph.RoundRef{Region: more[0], Reach: more, Span: r.on.span(r.now)})
	if err != nil {
		return err
	}
	g.people.add(read)
	return nil
}

// wider is by how many km the widest step of a region's tickets sets the travel limit aside.
func (g *ground) wider(on *setup, only map[muster.TicketID]bool, region muster.RegionID) (km float64) {
	for _, c := range g.queues[region] {
		if c.Ticket.Step > 0 && (only == nil || only[c.Ticket.ID]) {
			km = max(km, on.policy.Widened(c.Ticket.Step).TravelKm)
		}
	}
	return km
}

func (g *ground) line(c *graph.TicketCase) {
	g.tickets[c.Ticket.ID] = c
	g.queues[c.Ticket.Region] = append(g.queues[c.Ticket.Region], c)
}

// jobs describes a region's queue to the matcher.
func (g *ground) jobs(on *setup, only map[muster.TicketID]bool, region muster.RegionID) []matcher.Job {
	jobs := make([]matcher.Job, 0, len(g.queues[region]))
	for _, c := range g.queues[region] {
		if only != nil && !only[c.Ticket.ID] {
			continue
		}
		jobs = append(jobs, on.jobOf(c))
	}
	return jobs
}

// jobOf describes a queued ticket to the matcher.
func (s *setup) jobOf(c *graph.TicketCase) matcher.Job {
	return matcher.Job{
		Ticket: &c.Ticket, Customer: &c.Customer, Site: &c.Site, Device: c.Device, Served: c.Served,
		Wider: s.policy.Widened(c.Ticket.Step),
	}
}
