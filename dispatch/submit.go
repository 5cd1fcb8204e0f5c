package dispatch

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/geo"
	"github.com/sysopssquad/muster/graph"
)

// Submit takes in a ticket. It is queued if it is known what a home visit needs, waits if the customer
// brings the device, and is put before a person otherwise.
func (d *Dispatch) Submit(ctx context.Context, cmd muster.Command, req SubmitRequest) (Answer, error) {
	var number int64
	return decide(ctx, d, cmd, verbSubmit.String(), req, func(ctx context.Context, cmd muster.Command) (Answer, graph.Change, error) {
		now := d.clock.Now()
		on, err := d.setup(ctx, now)
		if err != nil {
			return Answer{}, graph.Change{}, err
		}
		c, err := d.store.CustomerCase(ctx, cmd.ID, req.Customer)
		if err != nil {
			return Answer{}, graph.Change{}, err
		}
		draft := newDraft(cmd, now, on)
		k, err := submit(draft, &c, req)
		if err != nil {
			return Answer{}, graph.Change{}, err
		}
		if number == 0 { // the same for every try
			if number, err = d.numbers.take(ctx, d.store, 1); err != nil {
				return Answer{}, graph.Change{}, err
			}
		}
		k.ticket.Number = number
		answer := k.answer()
		change, err := draft.change()
		return answer, change, err
	})
}

func submit(d *draft, c *graph.CustomerCase, req SubmitRequest) (*desk, error) {
	d.rest(graph.At(string(c.Customer.ID), c.Customer.Rev)) // its sites too: none may go meanwhile
	k, err := newTicket(d, c, req, d.now)
	if err != nil {
		return nil, err
	}
	return k, k.submitted()
}

// submitted brings a new ticket to where it belongs.
func (k *desk) submitted() error {
	b := branchOf(&k.ticket)
	if b == needsCarryIn {
		k.ticket.Wait = muster.Wait{For: muster.WaitCustomer, Until: k.now.Add(carryInFor), Note: "brings the device"}
	}
	return k.proceed(verbSubmit, b)
}

// newTicket puts a new ticket, but for its number and state, on a desk. Reported is when the customer asked.
func newTicket(d *draft, c *graph.CustomerCase, req SubmitRequest, reported time.Time) (*desk, error) {
	if err := authorize(verbSubmit, d.cmd.Actor, req.Customer); err != nil {
		return nil, err
	}
	if c.Customer.Removed {
		return nil, muster.NotFound(muster.KindCustomer, string(req.Customer))
	}
	site, err := siteOf(c, req.Site)
	if err != nil {
		return nil, err
	}
	device, err := deviceOf(c, req.Device)
	if err != nil {
		return nil, err
	}
	region, err := geo.RegionOf(site.Place.Point)
	if err != nil {
		return nil, err
	}
	t := muster.Ticket{
		ID: muster.TicketID(d.id(muster.KindTicket)), Division: req.Division,
		Customer: req.Customer, Site: req.Site, Device: req.Device, Title: strings.TrimSpace(req.Title), Text: req.Text,
		Category: req.Category, Symptom: req.Symptom, Mode: req.Mode, Needs: req.Needs, Duration: req.Duration,
		Windows: req.Windows, Carry: req.Carry, Crew: req.Crew, Priority: req.Priority,
		Region: region, City: site.City, Zone: site.Place.Zone, CreatedAt: muster.Instant(reported),
		Legacy: req.Legacy, Expected: req.Expected,
	}
	if device != nil {
		t.Brand = device.Brand
		if t.Category == "" {
			t.Category = device.Category
		}
	}
	if t.Division == "" {
		t.Division = c.Customer.Division
	}
	fill(&t)
	if err := submittable(d, &t); err != nil {
		return nil, err
	}
	t.DueAt = t.CreatedAt.Add(d.on.policy.Due[t.Priority].Duration())
	d.restAlive(string(req.Customer))
	if err := d.region(region); err != nil {
		return nil, err
	}
	if t.Legacy != "" {
		source, id, _ := strings.Cut(t.Legacy, "/")
		d.claim = append(d.claim, muster.Claim{Key: muster.LegacyKey(source, id), Owner: string(t.ID)})
	}
	return d.desk(&graph.TicketCase{Ticket: t, Customer: c.Customer, Site: *site, Device: device}), nil
}

// carryInFor is how long a carry-in may take to be brought and handed back before a person asks.
const carryInFor = 14 * 24 * time.Hour

// fill sets what a request may leave out.
func fill(t *muster.Ticket) {
	if t.Mode == "" {
		t.Mode = muster.ModeHomeVisit
	}
	if t.Priority == "" {
		t.Priority = muster.PriorityNormal
	}
	if t.Duration == 0 {
		t.Duration = 60
	}
	if t.Crew == 0 {
		t.Crew = 1
	}
}

func submittable(d *draft, t *muster.Ticket) error {
	if t.Title == "" || utf8.RuneCountInString(t.Title) > maxTitle {
		return muster.Invalid("title", t.Title, fmt.Sprintf("say in a few words what is wrong, in at most %d letters", maxTitle))
	}
	for _, f := range [][2]string{
		{"title", t.Title}, {"text", t.Text}, {"category", t.Category}, {"symptom", t.Symptom}, {"legacy", t.Legacy},
	} {
		if err := textFits(f[0], f[1]); err != nil {
			return err
		}
	}
	if source, id, ok := strings.Cut(t.Legacy, "/"); t.Legacy != "" && (!ok || source == "" || id == "") {
		return muster.Invalid("legacy", t.Legacy, "the other system's name and the id there, such as openrepair/rcwales_34450")
	}
	if t.Expected != "" && !slices.Contains(muster.VisitOutcomes(), t.Expected) {
		return muster.Invalid("expected", string(t.Expected), "an outcome of a visit, such as fixed")
	}
	if t.CreatedAt.After(d.now) {
		return muster.Invalid("at", t.CreatedAt.Format(time.RFC3339), "a ticket can't have been reported later than now")
	}
	if err := windowsKnown(t.Windows, d.now); err != nil {
		return err
	}
	return d.on.workKnown(t)
}

func siteOf(c *graph.CustomerCase, id muster.SiteID) (*muster.Site, error) {
	for i, s := range c.Sites {
		if s.ID == id && !s.Removed {
			return &c.Sites[i], nil
		}
		if s.ID == id {
			return nil, siteRemoved(id)
		}
	}
	return nil, muster.Invalid("site", string(id), "use a site of "+string(c.Customer.ID)+", or add it to the customer first")
}

func siteRemoved(id muster.SiteID) error {
	return muster.Invalid("site", string(id), "it has been removed; use another site of the customer")
}

func deviceOf(c *graph.CustomerCase, id muster.DeviceID) (*muster.Device, error) {
	if id == "" {
		return nil, nil
	}
	for i, v := range c.Devices {
		if v.ID == id && !v.Removed {
			return &c.Devices[i], nil
		}
	}
	return nil, muster.Invalid("device", string(id), "use a device of "+string(c.Customer.ID)+", or leave it out")
}
