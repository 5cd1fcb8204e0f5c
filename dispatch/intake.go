package dispatch

import (
	"context"
	"maps"
	"strings"
	"time"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/geo"
	"github.com/sysopssquad/muster/graph"
)

// A batch decides on rows of an import one after the other, each on what those before it leave.
type batch struct {
	now    time.Time
	on     *setup
	found  map[string]muster.Record     // what was there, and what rows of the batch have added
	opened []graph.Change               // regions that the rows are the first of
	number int64                        // of the next ticket
	by     map[muster.CustomerID]string // the row of the batch that has changed a customer last, by its ticket
}

// batch loads in one round trip what the open rows rest on.
func (d *Dispatch) batch(ctx context.Context, rows []Intake, open []int) (*batch, error) {
	now := d.clock.Now()
	on, err := d.setup(ctx, now)
	if err != nil {
		return nil, err
	}
	ids := make([]string, 0, 4*len(open))
	for _, i := range open {
		r := &rows[i]
		ids = append(ids, r.ticket(), string(r.Submit.Customer), string(r.Submit.Site))
		if r.Submit.Device != "" {
			ids = append(ids, string(r.Submit.Device))
		}
		for _, s := range r.Sites {
			ids = append(ids, string(s.ID))
		}
		for _, v := range r.Devices {
			ids = append(ids, string(v.ID))
		}
	}
	found, err := d.store.Records(ctx, "", ids...)
	if err != nil {
		return nil, err
	}
	b := &batch{now: now, found: found, by: make(map[muster.CustomerID]string)}
	fresh := int64(0)
	for _, i := range open {
		if _, known := found[rows[i].ticket()]; !known {
			fresh++
		}
	}
	if fresh > 0 {
		if b.number, err = d.numbers.take(ctx, d.store, fresh); err != nil {
			return nil, err
		}
	}
	own := *on
	own.regions = maps.Clone(on.regions)
	b.on = &own
	for _, i := range open {
		if err := b.open(&rows[i]); err != nil {
			return nil, err
		}
	}
	return b, nil
}

// importName is the name of the command that takes a row in.
const importName = "ticket.import"

func (r *Intake) ticket() string { return muster.NewID(muster.KindTicket, r.Command.ID, 0) }

// open makes the region of a row's site known, in a change of its own that all rows share.
func (b *batch) open(r *Intake) error {
	for _, s := range r.Sites {
		region, err := geo.RegionOf(s.Place.Point)
		if err != nil {
			continue // the row is refused for it
		}
		if err := b.region(region, r.Command.Actor); err != nil {
			return err
		}
	}
	return nil
}

func (b *batch) region(id muster.RegionID, by muster.Actor) error {
	if _, known := b.on.regions[id]; known {
		return nil
	}
	draft := newDraft(muster.Command{
		ID: muster.CommandID("region/" + id), Name: "region.open", Actor: by,
		Fingerprint: muster.Fingerprint("region.open", id),
	}, b.now, b.on)
	if err := draft.region(id); err != nil {
		return err
	}
	change, err := draft.change()
	b.opened = append(b.opened, change)
	b.on.regions[id] = muster.Region{ID: id}
	return err
}

// row decides on one row. It gives no change for a row that is repeated or refused.
func (b *batch) row(r *Intake) (*graph.Change, RowResult) {
	id := r.ticket()
	if _, known := b.found[id]; known {
		return nil, RowResult{State: RowRepeated, ID: id}
	}
	cmd := r.Command
	cmd.Name, cmd.Fingerprint = importName, muster.Fingerprint(importName, cmd.ID)
	draft := newDraft(cmd, b.now, b.on)
	change, err := b.decide(draft, r)
	if err != nil {
		return nil, RowResult{State: RowRefused, ID: id, Err: err}
	}
	b.number++
	for _, p := range change.Put {
		b.found[p.RecordID()] = p
		if p.Kind() == muster.KindCustomer {
			b.by[r.Submit.Customer] = id
		}
	}
	return &change, RowResult{State: RowNew, ID: id}
}

func (b *batch) decide(d *draft, r *Intake) (graph.Change, error) {
	c, err := b.customer(d, r)
	if err != nil {
		return graph.Change{}, err
	}
	at := r.At
	if at.IsZero() {
		at = b.now
	}
	k, err := newTicket(d, &c, r.Submit, at)
	if err != nil {
		return graph.Change{}, err
	}
	k.ticket.Number = b.number
	if r.Ended != nil {
		err = k.takeIn(r.Ended)
	} else {
		k.startClocks(dueFrom(b.now, at))
		err = k.submitted()
	}
	if err != nil {
		return graph.Change{}, err
	}
	return d.change()
}

// dueFrom is when the time to come begins for a ticket that another system has left open: when it was reported, but
// at most a day before the day (UTC) on which it is taken in, the older the earlier. It counts from days, so that all
// imports of one agree.
func dueFrom(now, reported time.Time) time.Time {
	const day = 24 * time.Hour
	today := now.UTC().Truncate(day)
	age := today.Sub(reported)
	if age <= 0 {
		return muster.Instant(reported)
	}
	return muster.Instant(today.Add(-time.Duration(float64(day) * float64(age) / float64(age+day))))
}

// customer gives the row's customer, with what the row adds to it: all of it if it is new.
func (b *batch) customer(d *draft, r *Intake) (graph.CustomerCase, error) {
	id := r.Submit.Customer
	if ticket := b.by[id]; ticket != "" { // were that row refused, the customer's revision could be somebody else's
		d.restAlive(ticket)
	}
	var before graph.CustomerCase
	if c, ok := b.found[string(id)].(*muster.Customer); ok {
		before.Customer = *c
	} else if r.Customer == nil || r.Customer.ID != id {
		return before, muster.NotFound(muster.KindCustomer, string(id))
	}
	if s, ok := b.found[string(r.Submit.Site)].(*muster.Site); ok && s.Customer == id {
		if s.Removed { // by a person, who would not have it come back with a file
			return before, siteRemoved(s.ID)
		}
		before.Sites = append(before.Sites, *s)
	}
	if v, ok := b.found[string(r.Submit.Device)].(*muster.Device); ok && v.Customer == id {
		before.Devices = append(before.Devices, *v)
	}
	req := CustomerRequest{Customer: before.Customer}
	if before.Customer.Rev == 0 {
		req.Customer = *r.Customer
	}
	for _, s := range r.Sites {
		if _, known := b.found[string(s.ID)]; !known {
			req.Sites = append(req.Sites, s)
		}
	}
	for _, v := range r.Devices {
		if _, known := b.found[string(v.ID)]; !known {
			req.Devices = append(req.Devices, v)
		}
	}
	if before.Customer.Rev > 0 && len(req.Sites)+len(req.Devices) == 0 {
		d.rest(graph.At(string(id), before.Customer.Rev)) // its sites and devices too: none may go meanwhile
		return before, nil
	}
	after, err := saveCustomer(d, before, req)
	return graph.CustomerCase{Customer: after.Customer, Sites: after.Sites, Devices: after.Devices}, err
}

// takeIn closes a new ticket with a visit of the past.
func (k *desk) takeIn(e *EndedVisit) error {
	if err := e.Window.Check("ended.window"); err != nil {
		return err
	}
	if !e.Outcome.Completes() || e.Window.End.After(k.now) {
		return muster.Invalid("ended", string(e.Outcome), "a visit of the past with the outcome fixed, beyond_repair or fault_not_found")
	}
	if err := k.proceed(verbTakeIn, ""); err != nil {
		return err
	}
	t := &k.ticket
	t.Clocks = nil // whatever was promised was promised there
	t.Visits, t.Outcome, t.CompletedAt, t.ClosedAt = 1, string(e.Outcome), e.Window.End, e.Window.End
	k.touch(&muster.Visit{
		ID: muster.VisitID(k.id(muster.KindVisit)), Ticket: t.ID, N: 1, State: muster.VisitEnded, Window: e.Window,
		Start: e.Window.Start, End: e.Window.End, Crew: t.Crew, Outcome: e.Outcome, Note: e.Note,
		StartedAt: e.Window.Start, EndedAt: e.Window.End,
	})
	return nil
}

// legacy is the key of a row's ticket in the other system, "" if it has none.
func (b *batch) legacy(r *Intake) muster.Key {
	source, id, ok := strings.Cut(r.Submit.Legacy, "/")
	if !ok {
		return ""
	}
	return muster.LegacyKey(source, id)
}
