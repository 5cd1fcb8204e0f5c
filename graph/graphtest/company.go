package graphtest

import (
	"time"

	"github.com/sysopssquad/muster"
)

// world is a small company: what most reads need to have something to find.
type world struct {
	customer   *muster.Customer
	site       *muster.Site
	device     *muster.Device
	ticket     *muster.Ticket // queued
	scheduled  *muster.Ticket // with a visit by expert
	visit      *muster.Visit
	assignment *muster.Assignment
	expert     *muster.Expert
	tour       *muster.Tour // with that visit
	later      *muster.Tour // the day after, empty
}

// company commits a customer with a site and a device, two tickets, one of them scheduled, an expert with two
// tours, a region.
func company(s session) world {
	s.Helper()
	w := world{customer: Customer(1), expert: Expert(1)}
	w.site = Site(w.customer.ID, 1)
	w.device = Device(w.site, 1)
	w.ticket = Ticket(w.device, 1)
	second := Ticket(w.device, 2)
	empty := Tour(w.expert, Start.Add(7*time.Hour))
	w.later = Tour(w.expert, Start.Add(31*time.Hour))
	s.must(
		Change("cmd_company", w.customer, w.site, w.device, w.expert, Region("Denver")),
		Change("cmd_tickets", w.ticket, second), Change("cmd_tours", empty, w.later),
	)
	w.scheduled, w.visit, w.assignment, w.tour = Assigned(second, empty)
	s.must(Change("cmd_assigned", w.scheduled, w.visit, w.assignment, w.tour))
	return w
}
