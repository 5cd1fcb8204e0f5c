package dispatch

import (
	"context"
	"slices"
	"strings"
	"sync"

	"golang.org/x/sync/errgroup"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/graph"
	"github.com/sysopssquad/muster/matcher"
)

// How choices are committed: a wave has about so many tickets, is spread over so many sessions (more
// gain nothing on Neo4j), each of which commits at most so many changes at a time.
const (
	waveTickets      = 2_000
	sessions         = 3
	changesPerCommit = 250
)

// A writer commits a round's choices in waves, each while the next is planned. Within a wave there is one
// change for each tour with all its tickets, so that ten tickets for one expert don't conflict.
type writer struct {
	round  *round
	people *people
	ctx    context.Context
	waves  chan []pick
	done   chan error
	next   []pick

	mu     sync.Mutex
	tours  map[muster.TourID]muster.Tour       // as they are after what was committed so far
	bound  map[muster.ExpertID][]muster.TourID // of those whose tours rest on one another: all that there are
	shaken map[muster.TourID]bool              // what was planned on them isn't quite what was committed
	again  []*muster.Ticket
}

func newWriter(ctx context.Context, r *round, p *people) *writer {
	w := &writer{
		round: r, people: p, ctx: ctx, waves: make(chan []pick, 1), done: make(chan error, 1),
		tours: p.tours, shaken: make(map[muster.TourID]bool), bound: make(map[muster.ExpertID][]muster.TourID),
	}
	for id, person := range p.experts {
		if r.world.Apart(*person) {
			continue
		}
		own := make([]muster.TourID, len(person.Tours))
		for i, t := range person.Tours {
			own[i] = t.ID
		}
		w.bound[id] = own
	}
	go func() {
		var err error
		for wave := range w.waves {
			if err == nil {
				err = w.commit(wave)
			}
		}
		w.done <- err
	}()
	return w
}

// shake notes the tours on which something else is carried out than what was planned, or in another order: each stop was
// planned between those that were there by then. What comes after the plan's own was planned behind all of it.
func (w *writer) shake(planned, asked []pick) {
	carried := byStops(asked)
	w.mu.Lock()
	defer w.mu.Unlock()
	for tour, tickets := range byStops(planned) {
		if got := carried[tour]; len(got) < len(tickets) || !slices.Equal(got[:len(tickets)], tickets) {
			w.shaken[tour] = true
		}
	}
}

// byStops gives for each tour the tickets of its new stops, in their order.
func byStops(picks []pick) map[muster.TourID][]muster.TicketID {
	out := make(map[muster.TourID][]muster.TicketID, len(picks))
	for _, p := range picks {
		for _, c := range p.places {
			out[c.Candidate.Tour] = append(out[c.Candidate.Tour], p.ticket.Ticket.ID)
		}
	}
	return out
}

// add takes a pick. The caller must not alter it any more.
func (w *writer) add(p pick) {
	if w.next = append(w.next, p); len(w.next) >= waveTickets && !w.round.planFirst {
		w.waves <- w.next
		w.next = nil
	}
}

// stop ends the writer without what was not committed yet.
func (w *writer) stop() {
	w.next = nil
	_, _ = w.finish() // what ended the round comes first
}

// finish commits the rest. It gives the tickets that others were in the way of.
func (w *writer) finish() ([]*muster.Ticket, error) {
	if len(w.next) > 0 {
		w.waves <- w.next
	}
	close(w.waves)
	err := <-w.done
	return w.again, err
}

// commit writes one wave. Its groups have no tour in common, so that sessions can share them out.
func (w *writer) commit(wave []pick) error {
	groups := byTour(wave, w.bound)
	share := max(1, min(changesPerCommit, (len(groups)+sessions-1)/sessions))
	group, ctx := errgroup.WithContext(w.ctx)
	group.SetLimit(w.round.d.sessions)
	for some := range slices.Chunk(groups, share) {
		group.Go(func() error { return w.write(ctx, some) })
	}
	return group.Wait()
}

// byTour puts picks together that share a tour, directly or over others, or an expert whose tours rest on one
// another; those of one tour in the order of the plan.
func byTour(picks []pick, bound map[muster.ExpertID][]muster.TourID) [][]pick {
	group := make(map[string]int)
	shared := func(c muster.Choice) string {
		if _, all := bound[c.Candidate.Expert]; all {
			return string(c.Candidate.Expert)
		}
		return string(c.Candidate.Tour)
	}
	groups := make([][]pick, 0, len(picks))
	for _, p := range picks {
		into := -1
		for _, c := range p.places {
			g, seen := group[shared(c)]
			switch {
			case !seen:
			case into < 0:
				into = g
			case g != into: // a crew joins two groups
				for _, moved := range groups[g] {
					for _, m := range moved.places {
						group[shared(m)] = into
					}
				}
				groups[into] = append(groups[into], groups[g]...)
				groups[g] = nil
			}
		}
		if into < 0 {
			into = len(groups)
			groups = append(groups, nil)
		}
		for _, c := range p.places {
			group[shared(c)] = into
		}
		groups[into] = append(groups[into], p)
	}
	return slices.DeleteFunc(groups, func(g []pick) bool { return len(g) == 0 })
}

// write commits some groups. A refusal drops the tickets that were lost from their group, and tries the rest
// again at once.
func (w *writer) write(ctx context.Context, groups [][]pick) error {
	for try := 1; len(groups) > 0; try++ {
		changes := make([]graph.Change, 0, len(groups))
		drafts := make([]*draft, 0, len(groups))
		kept := groups[:0:0]
		for _, g := range groups {
			d, g, change, err := w.change(ctx, g)
			if err != nil {
				if err := w.alone(ctx, [][]pick{g}, err); err != nil {
					return err
				}
				continue
			}
			if d == nil {
				continue
			}
			changes, drafts, kept = append(changes, change), append(drafts, d), append(kept, g)
		}
		if len(changes) == 0 {
			return nil
		}
		if err := w.round.late(); err != nil {
			return err
		}
		outcomes, err := w.send(ctx, changes)
		if err != nil {
			return w.alone(ctx, kept, err)
		}
		groups = groups[:0:0]
		for i, o := range outcomes {
			if o.Accepted {
				w.written(drafts[i], kept[i])
				continue
			}
			if rest := w.refused(kept[i], o); len(rest) > 0 && try < attempts {
				groups = append(groups, rest)
			} else {
				w.planAgain(rest...)
			}
		}
	}
	return nil
}

// alone finds the ticket because of which groups can't be carried out, so that it stops no other: each is tried by itself,
// and what can't be done for one ticket is put before a person.
func (w *writer) alone(ctx context.Context, groups [][]pick, cause error) error {
	switch {
	case w.round.nobodys(ctx, cause):
		return cause
	case len(groups) == 1 && len(groups[0]) == 1:
		p := groups[0][0]
		w.loosen(p)
		return w.round.broken(ctx, &p.ticket.Ticket, cause)
	case len(groups) == 1:
		var singles [][]pick
		for _, p := range groups[0] {
			w.loosen(p)
			singles = append(singles, []pick{p})
		}
		groups = singles
	}
	for _, g := range groups {
		if err := w.write(ctx, [][]pick{g}); err != nil {
			return err
		}
	}
	return nil
}

// change is a group's draft as a change, with what of the group is in it; no draft if nothing is. After an error it is of
// the whole group.
func (w *writer) change(ctx context.Context, group []pick) (d *draft, kept []pick, change graph.Change, err error) {
	kept = group
	defer unbroken(&err, muster.CodeInternal)
	d, fits, err := w.draft(group)
	if err != nil || d == nil {
		return nil, group, graph.Change{}, err
	}
	if err := w.round.d.leaveSooner(ctx, d); err != nil {
		return nil, group, graph.Change{}, err
	}
	change, err = d.change()
	return d, fits, change, err
}

// send commits changes.
func (w *writer) send(ctx context.Context, changes []graph.Change) (out []graph.Outcome, err error) {
	defer unbroken(&err, muster.CodeInternal)
	out, _, err = w.round.d.commit(ctx, changes...)
	return out, err
}

// draft makes a group's change. Tickets that don't fit any more, on a tour that others have changed, are
// left to be planned again.
func (w *writer) draft(group []pick) (*draft, []pick, error) {
	r := w.round
	tours, shaken := w.under(group)
	d := newDraft(r.command(group, tours), r.now, r.on)
	for _, t := range tours {
		d.lay(t)
	}
	kept := group[:0:0]
	for _, p := range group {
		if shaken {
			fresh, fits := w.recheck(d, p)
			if len(fresh.places) < len(p.places) {
				w.loosen(p)
			}
			if !fits {
				w.planAgain(p)
				continue
			}
			p = fresh
		}
		if err := r.seat(d, p, w.people); err != nil {
			return nil, nil, err
		}
		kept = append(kept, p)
	}
	if len(kept) == 0 {
		return nil, nil, nil
	}
	return d, kept, nil
}

// under gives the tours of a group that exist, by id, with those that they rest on, and tells whether any isn't
// as it was planned on.
func (w *writer) under(group []pick) (tours []muster.Tour, shaken bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	add := func(id muster.TourID) {
		if t, known := w.tours[id]; known && !slices.ContainsFunc(tours, func(o muster.Tour) bool { return o.ID == id }) {
			tours = append(tours, t)
		}
	}
	for _, p := range group {
		for _, c := range p.places {
			shaken = shaken || w.shaken[c.Candidate.Tour]
			add(c.Candidate.Tour)
			for _, id := range w.bound[c.Candidate.Expert] {
				add(id)
			}
		}
	}
	slices.SortFunc(tours, func(a, b muster.Tour) int { return strings.Compare(string(a.ID), string(b.ID)) })
	return tours, shaken
}

// recheck asks the matcher again whether a pick's experts can come at its start, with the draft's tours.
func (w *writer) recheck(d *draft, p pick) (pick, bool) {
	p.places = slices.Clone(p.places)
	var crew []muster.ExpertID
	crewed, kept := p.ticket.Ticket.Crew > 1, p.places[:0:0]
	for i := range p.places {
		c := &p.places[i].Candidate
		person := matcher.Person{Expert: w.people.experts[c.Expert].Expert}
		w.mu.Lock()
		for id, t := range w.tours {
			if t.Expert == c.Expert && d.sheet(id) == nil {
				person.Tours = append(person.Tours, &t)
			}
		}
		w.mu.Unlock()
		for _, s := range d.sheets {
			if s.tour.Expert == c.Expert {
				person.Tours = append(person.Tours, &s.tour)
			}
		}
		slices.SortFunc(person.Tours, func(a, b *muster.Tour) int { return a.Start.Compare(b.Start) })
		job := w.round.on.jobOf(p.ticket)
		job.Place, job.Start = p.places[i].Place, c.Start
		if job.Place > 0 {
			job.Crew = crew
		}
		fresh, reasons := w.round.world.Check(job, person, c.Start)
		if len(reasons) > 0 {
			if crewed {
				return pick{ticket: p.ticket}, false
			}
			continue // of several who are asked, the others still are
		}
		crew = append(crew, c.Expert)
		*c = fresh
		kept = append(kept, p.places[i])
	}
	p.places = kept
	return p, len(kept) > 0
}

// written notes what a change that was accepted has done.
func (w *writer) written(d *draft, group []pick) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, s := range d.sheets {
		w.tours[s.tour.ID] = s.tour
		if own, all := w.bound[s.tour.Expert]; all && s.base == 0 {
			w.bound[s.tour.Expert] = append(own, s.tour.ID)
		}
	}
	for _, p := range group {
		report := w.round.reports[p.ticket.Ticket.Region]
		if w.round.push {
			report.Assigned++
		} else {
			report.Offered++
		}
	}
}

// refused drops from a group what others were in the way of, to be planned again, and gives the rest. Where
// a ticket was lost its tours aren't what was planned on any more; where a tour or expert was changed
// everything on it is lost, and all of an expert whose tours rest on one another.
func (w *writer) refused(group []pick, o graph.Outcome) []pick {
	lost, tour := make(map[string]bool, len(o.Failed)), false
	for _, f := range o.Failed {
		lost[f.Guard.ID] = true
		tour = tour || muster.KindOf(f.Guard.ID) == muster.KindTour
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	rest := group[:0:0]
	for _, p := range group {
		gone := len(lost) == 0 || lost[string(p.ticket.Ticket.ID)]
		for _, c := range p.places {
			w.shaken[c.Candidate.Tour] = true
			_, all := w.bound[c.Candidate.Expert]
			gone = gone || tour && all || lost[string(c.Candidate.Tour)] || lost[string(c.Candidate.Expert)]
		}
		if gone {
			w.again = append(w.again, &p.ticket.Ticket)
		} else {
			rest = append(rest, p)
		}
	}
	return rest
}

// loosen notes that a pick's tours aren't what was planned on: it, or one of those asked, has dropped out.
func (w *writer) loosen(p pick) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, c := range p.places {
		w.shaken[c.Candidate.Tour] = true
	}
}

func (w *writer) planAgain(picks ...pick) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, p := range picks {
		w.again = append(w.again, &p.ticket.Ticket)
	}
}
