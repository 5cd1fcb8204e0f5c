package api

import (
	"context"
	"encoding/json"
	"slices"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/graph"
)

// scopeOf is what an actor may read. It is the one place that says so: lists hand the scope to the store,
// reads of single things ask sees... below. Staff see everything, experts what is assigned or offered to
// them, customers what is theirs. Package access takes this over when people sign in.
func scopeOf(a muster.Actor) muster.Scope {
	switch a.Role {
	case muster.RoleCustomer:
		return muster.Scope{Customer: a.Customer}
	case muster.RoleExpert:
		return muster.Scope{Expert: a.Expert}
	case muster.RoleHelpdesk, muster.RoleDispatcher, muster.RoleManager,
		muster.RoleAccountant, muster.RoleAdministrator, muster.RoleSystem:
		return muster.Scope{Everything: true}
	}
	return muster.Scope{} // refused by every read
}

// scope is the scope of who acts in this request.
func scope(ctx context.Context) muster.Scope { return scopeOf(actorOf(ctx)) }

// seesTicket tells whether a ticket with its parts is within a scope.
func seesTicket(s muster.Scope, c graph.TicketCase) bool {
	return s.Everything ||
		s.Customer != "" && s.Customer == c.Ticket.Customer ||
		s.Expert != "" && concerns(s.Expert, c.Offers, c.Assignments)
}

// concerns tells whether an expert was offered a ticket, or has or had an assignment on it.
func concerns(e muster.ExpertID, offers []muster.Offer, assignments []muster.Assignment) bool {
	return slices.ContainsFunc(offers, func(o muster.Offer) bool { return o.Expert == e }) ||
		slices.ContainsFunc(assignments, func(a muster.Assignment) bool { return a.Expert == e })
}

// seesCustomer tells whether a customer is within a scope.
func seesCustomer(s muster.Scope, id muster.CustomerID) bool {
	return s.Everything || s.Customer != "" && s.Customer == id
}

// seesExpert tells whether an expert is within a scope.
func seesExpert(s muster.Scope, id muster.ExpertID) bool {
	return s.Everything || s.Expert != "" && s.Expert == id
}

// staffOnly refuses those who see only what is theirs.
func staffOnly(s muster.Scope, what string) error {
	if s.Everything {
		return nil
	}
	return muster.E(muster.CodeForbidden, what+" are for staff", "ask a dispatcher")
}

// whose is what an event's body says of whose it is: dispatch.EventBody, as far as it names people.
type whose struct {
	Root struct {
		Customer muster.CustomerID `json:"customer"`
		Expert   muster.ExpertID   `json:"expert"`
		Visit    *muster.OpenVisit `json:"visit"`
	} `json:"root"`
	Parts []struct {
		Expert muster.ExpertID `json:"expert"`
	} `json:"parts"`
}

// seesEvent tells whether an event is within a scope: it is about the customer or expert themselves, or its
// body names them.
func seesEvent(s muster.Scope, e muster.Event) bool {
	if s.Everything {
		return true
	}
	var b whose
	if json.Unmarshal(e.Body, &b) != nil {
		return false // who can't be told whose it is
	}
	if s.Customer != "" {
		return e.Aggregate == string(s.Customer) || b.Root.Customer == s.Customer
	}
	if s.Expert == "" {
		return false
	}
	names := []muster.ExpertID{muster.ExpertID(e.Aggregate), b.Root.Expert}
	if b.Root.Visit != nil {
		names = append(names, b.Root.Visit.Experts...)
	}
	for _, p := range b.Parts {
		names = append(names, p.Expert)
	}
	return slices.Contains(names, s.Expert)
}
