package dispatch

import (
	"context"
	"slices"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/matcher"
	"github.com/sysopssquad/muster/matcher/check"
)

// LookingAt makes rounds look at so many tickets of a region.
func (d *Dispatch) LookingAt(tickets int) *Dispatch {
	d.roundLimit = tickets
	return d
}

// RoundBy is Round with another way to reckon travel.
func (d *Dispatch) RoundBy(ctx context.Context, region muster.RegionID, travel func(matcher.Travel) matcher.Travel) (RoundReport, error) {
	r, err := d.newRound(ctx)
	if err != nil {
		return RoundReport{}, err
	}
	on := *r.on
	on.travel = travel(on.travel)
	r.on, r.world = &on, on.world(r.now)
	reports, err := r.run(ctx, []muster.RegionID{region})
	if err != nil {
		return RoundReport{}, err
	}
	return reports[0], nil
}

// TicketCommands are the names of all commands on tickets.
func TicketCommands() []string {
	names := []string{verbProposal.String()}
	for _, r := range rules {
		names = append(names, r.verb.String())
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// Certify checks the answer to a linear problem.
func Certify(l *matcher.Linear) []check.Flaw { return certify(l) }

// CoverageInPages is Coverage in pages of another size.
func (d *Dispatch) CoverageInPages(ctx context.Context, region muster.RegionID, size int) (muster.Coverage, error) {
	return d.coverage(ctx, region, size)
}
