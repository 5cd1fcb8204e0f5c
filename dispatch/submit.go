package dispatch

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/geo"
	"github.com/sysopssquad/muster/graph"
)

// Submit takes in a ticket. It is queued if it is known what a home visit needs, waits if the customer
// brings the device, and is put before a person otherwise. While the graph can't be reached a process with a
// journal accepts it there: the answer's ticket has state accepted, and is filed later (see KeepIn).
func (d *Dispatch) Submit(ctx context.Context, cmd muster.Command, req SubmitRequest) (Answer, error) {
	if err := theirsToSay(cmd.Actor, req); err != nil {
		return Answer{}, err
	}
	if d.outage != nil {
		return d.submitOrKeep(ctx, cmd, req)
	}
	var number int64
	return d.submitNow(ctx, cmd, req, &number)
}

// theirsToSay refuses what a customer may not decide about a ticket of theirs: how pressing it is, who does it, by how many.
func theirsToSay(a muster.Actor, req SubmitRequest) error {
	if a.Role != muster.RoleCustomer {
		return nil
	}
	for _, f := range []struct{ field, value string }{
		{"priority", string(req.Priority)}, {"division", req.Division}, {"crew", strings.TrimPrefix(strconv.Itoa(req.Crew), "0")},
	} {
		if f.value != "" {
			return &muster.Error{
				Code: muster.CodeForbidden, Message: f.field + ": a customer may not say this", Hint: "leave it out, the helpdesk decides",
				Field: f.field, Value: f.value,
			}
		}
	}
	return nil
}

// submitNow commits a new ticket. Number is what it is called by, 0 to take one; it stays set if that is known.
func (d *Dispatch) submitNow(ctx context.Context, cmd muster.Command, req SubmitRequest, number *int64) (Answer, error) {
	repeated := true
	answer, err := decide(ctx, d, cmd, verbSubmit.String(), req, func(ctx context.Context, cmd muster.Command) (Answer, graph.Change, error) {
		now := d.clock.Now()
		draft, k, err := d.submission(ctx, cmd, req, now, now)
		if err != nil {
			return Answer{}, graph.Change{}, err
		}
		if *number == 0 { // the same for every try
			if *number, err = d.numbers.take(ctx, d.store, 1); err != nil {
				return Answer{}, graph.Change{}, err
			}
		}
		repeated = false
		k.ticket.Number = *number
		answer := k.answer()
		change, err := draft.change()
		return answer, change, err
	})
	if muster.CodeOf(err) == muster.CodeConflict {
		if before, ok, err := d.submitted(ctx, cmd.ID); ok || err != nil {
			return Answer{}, cmp.Or(err, forgotten(before))
		}
	}
	if err == nil && repeated {
		if before, ok, err := d.accepted(ctx, cmd.ID); ok || err != nil {
			return before, err
		}
	}
	return answer, err
}

// submitted is the ticket that a command has made whose outcome has been forgotten since; ok is false if there is none.
func (d *Dispatch) submitted(ctx context.Context, cmd muster.CommandID) (t muster.Ticket, ok bool, err error) {
	id := muster.NewID(muster.KindTicket, cmd, 0)
	found, err := d.store.Records(ctx, cmd, id)
	if replayed(err) {
		return t, false, nil // it is known: whoever sends it again gets its answer
	}
	if r, there := found[id].(*muster.Ticket); there {
		return *r, true, err
	}
	return t, false, err
}

// forgotten refuses to submit again what was submitted under the same command so long ago that its answer isn't known.
func forgotten(t muster.Ticket) error {
	return muster.E(muster.CodeReused, "this command id was used for "+t.Ref()+", and its answer is forgotten", "look at that ticket; for another use a new id")
}

// submission loads what a new ticket rests on and decides where it belongs. Reported is when the customer asked.
func (d *Dispatch) submission(ctx context.Context, cmd muster.Command, req SubmitRequest, now, reported time.Time) (*draft, *desk, error) {
	on, err := d.setup(ctx, now)
	if err != nil {
		return nil, nil, err
	}
	c, err := d.store.CustomerCase(ctx, cmd.ID, req.Customer)
	if err != nil {
		return nil, nil, err
	}
	draft := newDraft(cmd, now, on)
	k, err := submit(draft, &c, req, reported)
	return draft, k, err
}

func submit(d *draft, c *graph.CustomerCase, req SubmitRequest, reported time.Time) (*desk, error) {
	d.rest(graph.At(string(c.Customer.ID), c.Customer.Rev)) // its sites too: none may go meanwhile
	k, err := newTicket(d, c, req, reported)
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
	t := asked(d.cmd, reported, req)
	d.made[muster.KindTicket]++
	t.Region, t.City, t.Zone = region, site.City, site.Place.Zone
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
	d.restAlive(string(req.Customer))
	if err := d.region(region); err != nil {
		return nil, err
	}
	if t.Legacy != "" {
		source, id, _ := strings.Cut(t.Legacy, "/")
		d.claim = append(d.claim, muster.Claim{Key: muster.LegacyKey(source, id), Owner: string(t.ID)})
	}
	k := d.desk(&graph.TicketCase{Ticket: t, Customer: c.Customer, Site: *site, Device: device})
	k.startClocks(t.CreatedAt)
	return k, nil
}

// asked is the ticket that a command asks for, as far as the request alone tells.
func asked(cmd muster.Command, reported time.Time, req SubmitRequest) muster.Ticket {
	return muster.Ticket{
		ID: muster.TicketID(muster.NewID(muster.KindTicket, cmd.ID, 0)), Division: req.Division,
		Customer: req.Customer, Site: req.Site, Device: req.Device, Title: strings.TrimSpace(req.Title), Text: req.Text,
		Category: req.Category, Symptom: req.Symptom, Mode: req.Mode, Needs: req.Needs, Duration: req.Duration,
		Windows: req.Windows, Carry: req.Carry, Crew: req.Crew, Priority: req.Priority,
		CreatedAt: muster.Instant(reported), Legacy: req.Legacy, Expected: req.Expected,
	}
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
	if err := wordsFit(t, d.now); err != nil {
		return err
	}
	return d.on.workKnown(t)
}

// wordsFit refuses what is wrong whatever the company is like.
func wordsFit(t *muster.Ticket, now time.Time) error {
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
	if t.CreatedAt.After(now) {
		return muster.Invalid("at", t.CreatedAt.Format(time.RFC3339), "a ticket can't have been reported later than now")
	}
	return windowsKnown(t.Windows, now)
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
