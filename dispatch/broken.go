package dispatch

import (
	"context"
	"slices"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/graph"
	"github.com/sysopssquad/muster/matcher"
)

// mostBad is how many tickets of a round may be what is wrong; what happens to more is no fault of theirs.
const mostBad = 3

// nobodys tells whether what keeps a round from going on is no single ticket's fault: the store is away, somebody else was
// faster, or too many fail.
func (r *round) nobodys(ctx context.Context, cause error) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return !ofTheTicket(ctx, cause) || r.bad >= mostBad
}

// ofTheTicket tells whether what went wrong with a ticket may be the ticket's own.
func ofTheTicket(ctx context.Context, cause error) bool {
	return muster.Poisonous(cause) && ctx.Err() == nil
}

// broken puts a ticket before a person because of which a round can't go on. Others have nothing to do with it.
func (r *round) broken(ctx context.Context, t *muster.Ticket, cause error) error {
	if slices.ContainsFunc(t.Exceptions, isStuck) {
		return nil // somebody has been told
	}
	if r.nobodys(ctx, cause) {
		return cause
	}
	r.mu.Lock()
	r.bad++
	r.mu.Unlock()
	return r.d.Stuck(ctx, graph.Wake{ID: string(t.ID), Kind: muster.KindTicket}, 1, cause)
}

// plan asks the matcher for a plan. A ticket over which it breaks is put before a person; where it breaks only over several
// together, some are left for later.
func (r *round) plan(ctx context.Context, jobs []matcher.Job, people []matcher.Person) (plan proven, later []*muster.Ticket, err error) {
	plan, cause := r.batch(jobs, people)
	if cause == nil {
		return plan, nil, nil
	}
	known, others := parted(jobs, func(j matcher.Job) bool { return slices.ContainsFunc(j.Ticket.Exceptions, isStuck) })
	var bad []matcher.Job // most likely those that were before
	for i := range known {
		bad = append(bad, r.breaking(known[i:i+1], people, 1)...)
	}
	bad = append(bad, r.breaking(others, people, mostBad)...)
	for _, j := range bad {
		r.reports[j.Ticket.Region].Remaining++
		_, cause := r.batch([]matcher.Job{j}, people)
		if err := r.broken(ctx, j.Ticket, cause); err != nil {
			return proven{}, nil, err
		}
	}
	_, jobs = parted(jobs, func(j matcher.Job) bool {
		return slices.ContainsFunc(bad, func(b matcher.Job) bool { return b.Ticket.ID == j.Ticket.ID })
	})
	for {
		if plan, err = r.batch(jobs, people); err == nil || len(jobs) < 2 {
			return plan, later, err
		}
		half := len(jobs) / 2
		for _, j := range jobs[half:] {
			later = append(later, j.Ticket)
		}
		jobs = jobs[:half]
	}
}

// breaking finds the jobs over each of which alone the matcher breaks, and stops at more than so many.
func (r *round) breaking(jobs []matcher.Job, people []matcher.Person, most int) []matcher.Job {
	if most < 0 || len(jobs) == 0 {
		return nil
	}
	if _, err := r.batch(jobs, people); err == nil {
		return nil
	}
	if len(jobs) == 1 {
		return jobs
	}
	half := len(jobs) / 2
	bad := r.breaking(jobs[:half], people, most)
	return append(bad, r.breaking(jobs[half:], people, most-len(bad))...)
}

// parted divides jobs into those that pass and the others.
func parted(jobs []matcher.Job, pass func(matcher.Job) bool) (yes, no []matcher.Job) {
	for _, j := range jobs {
		if pass(j) {
			yes = append(yes, j)
		} else {
			no = append(no, j)
		}
	}
	return yes, no
}
