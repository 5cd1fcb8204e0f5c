package dispatch

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/graph"
)

// A customer, or a site, with open tickets is not taken out of service. A submission doesn't write its customer,
// so one may come in between the look at the tickets and the commit; later ones fail, because they rest on the
// customer's revision. So there is a second look once the removal is in, and what has tickets by then is taken
// back into service, by a command of its own that a repetition of the first finds.

// removal tells what a request takes out of service: the customer with everything, or some sites.
func (r CustomerRequest) removal() (customer bool, sites []muster.SiteID) {
	for _, s := range r.Sites {
		if s.Removed {
			sites = append(sites, s.ID)
		}
	}
	return r.Customer.Removed, sites
}

// vacant refuses a removal under open tickets.
func (d *Dispatch) vacant(ctx context.Context, before graph.CustomerCase, req CustomerRequest) error {
	if before.Customer.Rev == 0 {
		return nil
	}
	open, err := d.under(ctx, before.Customer.ID, req)
	if err != nil || len(open) == 0 {
		return err
	}
	return occupied(open)
}

// namedTickets is how many of the tickets that are in the way are named.
const namedTickets = 5

// under lists the open tickets, by number and at most namedTickets and one, of what a request takes out of service.
func (d *Dispatch) under(ctx context.Context, id muster.CustomerID, req CustomerRequest) ([]string, error) {
	customer, sites := req.removal()
	if customer {
		sites = nil
	} else if len(sites) == 0 {
		return nil, nil
	}
	tickets, err := d.store.OpenTickets(ctx, id, sites, namedTickets+1)
	refs := make([]string, len(tickets))
	for i, t := range tickets {
		refs[i] = t.Ref()
	}
	return refs, err
}

func occupied(open []string) error {
	names := strings.Join(open[:min(len(open), namedTickets)], ", ")
	if len(open) > namedTickets {
		names += " and more"
	}
	return muster.E(muster.CodeState, fmt.Sprintf("there are open tickets: %s", names), "finish or cancel these first")
}

// errVacant tells that nobody came in while something was taken out of service.
var errVacant = errors.New("nobody has come in")

// lookAgain takes back into service what a request has removed, and refuses it, if tickets have come in meanwhile.
func (d *Dispatch) lookAgain(ctx context.Context, cmd muster.Command, req CustomerRequest) error {
	if customer, sites := req.removal(); !customer && len(sites) == 0 {
		return nil
	}
	id := req.Customer.ID
	again := muster.Command{ID: cmd.ID + "/kept", Actor: cmd.Actor}
	open, err := decide(ctx, d, again, "customer.keep", req, func(ctx context.Context, cmd muster.Command) ([]string, graph.Change, error) {
		c, err := d.store.CustomerCase(ctx, cmd.ID, id)
		if err != nil {
			return nil, graph.Change{}, err
		}
		open, err := d.under(ctx, id, req)
		if err != nil {
			return nil, graph.Change{}, err
		}
		parts := kept(&c, req)
		if len(open) == 0 || parts == nil {
			return nil, graph.Change{}, errVacant
		}
		draft := newDraft(cmd, d.clock.Now(), nil)
		c.Customer.Rev++
		if err := draft.write("customer.kept", c.Customer.Rev-1, &c.Customer, parts...); err != nil {
			return nil, graph.Change{}, err
		}
		change, err := draft.change()
		return open, change, err
	})
	switch {
	case errors.Is(err, errVacant):
		return nil
	case err != nil:
		return err
	}
	return occupied(open)
}

// kept puts what a request has removed back into service. It gives the sites concerned, nil if all is in service.
func kept(c *graph.CustomerCase, req CustomerRequest) []muster.Record {
	customer, sites := req.removal()
	var parts []muster.Record
	for i := range c.Sites {
		if s := &c.Sites[i]; s.Removed && slices.Contains(sites, s.ID) {
			s.Removed = false
			parts = append(parts, s)
		}
	}
	if customer && c.Customer.Removed {
		c.Customer.Removed = false
		if parts == nil {
			parts = []muster.Record{}
		}
	}
	return parts
}
