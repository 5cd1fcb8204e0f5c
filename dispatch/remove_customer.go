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

// A removal is what a request takes out of service: the customer with everything, or some sites.
type removal struct {
	Customer bool            `json:"customer,omitempty"`
	Sites    []muster.SiteID `json:"sites,omitempty"`
}

func (r removal) none() bool { return !r.Customer && len(r.Sites) == 0 }

// removal tells what a request says is out of service.
func (r CustomerRequest) removal() removal {
	out := removal{Customer: r.Customer.Removed}
	for _, s := range r.Sites {
		if s.Removed {
			out.Sites = append(out.Sites, s.ID)
		}
	}
	return out
}

// since leaves out what was out of service before.
func (r removal) since(before graph.CustomerCase) removal {
	r.Customer = r.Customer && !before.Customer.Removed
	r.Sites = slices.DeleteFunc(slices.Clone(r.Sites), func(id muster.SiteID) bool {
		return !slices.ContainsFunc(before.Sites, func(s muster.Site) bool { return s.ID == id && !s.Removed })
	})
	return r
}

// vacant refuses a removal under open tickets.
func (d *Dispatch) vacant(ctx context.Context, before graph.CustomerCase, req CustomerRequest) error {
	if before.Customer.Rev == 0 {
		return nil
	}
	open, err := d.under(ctx, before.Customer.ID, req.removal())
	if err != nil || len(open) == 0 {
		return err
	}
	return occupied(open)
}

// namedTickets is how many of the tickets that are in the way are named.
const namedTickets = 5

// under lists the open tickets, by number and at most namedTickets and one, of what is taken out of service.
func (d *Dispatch) under(ctx context.Context, id muster.CustomerID, r removal) ([]string, error) {
	if r.none() {
		return nil, nil
	}
	sites := r.Sites
	if r.Customer {
		sites = nil
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

// lookAgain takes back into service what a command has removed, and refuses it, if tickets have come in meanwhile.
func (d *Dispatch) lookAgain(ctx context.Context, cmd muster.Command, id muster.CustomerID, gone removal) error {
	if gone.none() {
		return nil
	}
	again := muster.Command{ID: cmd.ID + "/kept", Actor: cmd.Actor}
	open, err := decide(ctx, d, again, "customer.keep", gone, func(ctx context.Context, cmd muster.Command) ([]string, graph.Change, error) {
		c, err := d.store.CustomerCase(ctx, cmd.ID, id)
		if err != nil {
			return nil, graph.Change{}, err
		}
		open, err := d.under(ctx, id, gone)
		if err != nil {
			return nil, graph.Change{}, err
		}
		parts := kept(&c, gone)
		if len(open) == 0 || parts == nil {
			return nil, graph.Change{}, errVacant
		}
		c.Customer.Rev++
		return one(newDraft(cmd, d.clock.Now(), nil), "customer.kept", c.Customer.Rev-1, open, &c.Customer, parts...)
	})
	switch {
	case errors.Is(err, errVacant):
		return nil
	case err != nil:
		return err
	}
	return occupied(open)
}

// kept puts what has been removed back into service. It gives the sites concerned, nil if all is in service.
func kept(c *graph.CustomerCase, gone removal) []muster.Record {
	var parts []muster.Record
	for i := range c.Sites {
		if s := &c.Sites[i]; s.Removed && slices.Contains(gone.Sites, s.ID) {
			s.Removed = false
			parts = append(parts, s)
		}
	}
	if gone.Customer && c.Customer.Removed {
		c.Customer.Removed = false
		if parts == nil {
			parts = []muster.Record{}
		}
	}
	return parts
}
