package sim

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/dispatch"
)

// callers are customers: they register, ask for a repair, and now and then give up or come back.
type callers struct {
	known map[int]household
}

func (c *callers) habit() habit {
	c.known = make(map[int]household)
	return habit{begin: c.begin, hear: c.hear}
}

// begin plans all calls. Within a day most come from eight to eight; three times in the whole time there is a storm:
// for half an hour twenty times as many as usual.
func (c *callers) begin(l *life) {
	calls := l.o.Calls
	if calls == nil {
		calls = make([]int, l.o.Tickets)
		for n := range calls {
			calls[n] = n
		}
	}
	storms := make([]time.Time, 3)
	for i := range storms {
		r := l.dice("storm", i)
		storms[i] = begin.AddDate(0, 0, r.IntN(l.o.Days)).Add(between(r, time.Hour, 9*time.Hour))
	}
	// A share of the calls comes in the storms: 20 times the rate of a day's 12 hours, for half an hour each.
	share := spike * 0.5 * float64(len(storms)) / (12*float64(l.o.Days) + (spike-1)*0.5*float64(len(storms)))
	for _, n := range calls {
		r := l.dice("call", n)
		var at time.Time
		switch x := r.Float64(); {
		case x < share:
			at = pick(r, storms).Add(between(r, 0, 30*time.Minute))
		case x < share+0.9*(1-share):
			at = begin.AddDate(0, 0, r.IntN(l.o.Days)).Add(between(r, 0, 12*time.Hour))
		default:
			at = begin.AddDate(0, 0, r.IntN(l.o.Days)).Add(between(r, 12*time.Hour, 24*time.Hour))
		}
		l.at(at, func() { c.call(l, n) })
	}
}

// spike is how many times as many calls come in a storm.
const spike = 20.0

// household is a customer with an address, of several calls.
type household struct {
	town     int
	customer muster.CustomerID
	site     muster.SiteID
}

// callsOf is how many calls a household makes in the whole time.
const callsOf = 3

// call is a customer's call: who isn't known yet registers first.
func (c *callers) call(l *life, n int) {
	home := n / callsOf
	if h, known := c.known[home]; known {
		c.submit(l, n, h)
		return
	}
	r := l.dice("household", home)
	h := household{town: r.IntN(len(l.world.towns))}
	t := &l.world.towns[h.town]
	req := dispatch.CustomerRequest{
		Customer: muster.Customer{Name: fmt.Sprintf("Customer %d", home)},
		Sites:    []muster.Site{{Street: fmt.Sprintf("%d Oak St", home), City: t.name, Place: t.somewhere(r, 12)}},
	}
	req.Customer.Phone = fmt.Sprintf("+1 617 555 %04d", home)
	switch x := r.Float64(); {
	case x < 0.03:
		req.Customer.OptOut = muster.Channels()
	case x < 0.13:
		req.Customer.OptOut = []muster.Channel{muster.ChannelSMS}
		fallthrough
	case x < 0.7:
		req.Customer.Email = fmt.Sprintf("customer%d@example.com", home)
	}
	ask(l, helpdesk, func(ctx context.Context, d *dispatch.Dispatch, cmd muster.Command) (dispatch.CustomerRequest, error) {
		return d.SaveCustomer(ctx, cmd, req)
	}, func(k dispatch.CustomerRequest, err error) {
		if err != nil {
			l.refused("register", err)
			if muster.CodeOf(err) == muster.CodeTaken { // by another call from there, which hasn't heard yet
				l.in(time.Minute, func() { c.call(l, n) })
			}
			return
		}
		h.customer, h.site = k.Customer.ID, k.Sites[0].ID
		if l.letters != nil && len(k.Customer.OptOut) == len(muster.Channels()) {
			l.letters.declined[h.customer] = true
		}
		c.known[home] = h
		c.submit(l, n, h)
	})
}

// submit asks for a repair. The title carries the call's number, by which the checker knows it again.
func (c *callers) submit(l *life, n int, h household) {
	r := l.dice("ticket", n)
	req := dispatch.SubmitRequest{
		Customer: h.customer, Site: h.site, Title: title(n), Category: "Appliance", Duration: muster.Minutes(30 + 15*r.IntN(5)),
		Priority: muster.PriorityNormal,
	}
	switch x := r.Float64(); {
	case x < 0.03:
		req.Priority = muster.PriorityCritical
	case x < 0.15:
		req.Priority = muster.PriorityHigh
	case x > 0.9:
		req.Priority = muster.PriorityLow
	}
	switch x := r.Float64(); {
	case x < 0.04: // nobody knows yet what it needs
	case x < 0.06:
		req.Mode = muster.ModeRemote
	case x < 0.08:
		req.Mode, req.Needs = muster.ModeCarryIn, needs(r)
	default:
		req.Needs = needs(r)
		if odds(r, 0.03) {
			req.Crew = 2
		}
		if odds(r, 0.3) {
			req.Carry = []string{"seal"}
		}
		if odds(r, 0.3) && req.Priority != muster.PriorityCritical {
			req.Windows = wishes(r, l.clock.Now(), muster.Location(l.world.towns[h.town].zone))
		}
	}
	l.ledger.called(n, l.clock.Now())
	ask(l, helpdesk, func(ctx context.Context, d *dispatch.Dispatch, cmd muster.Command) (dispatch.Answer, error) {
		return d.Submit(ctx, cmd, req)
	}, func(a dispatch.Answer, err error) {
		if err != nil {
			l.refused("submit", err)
			l.ledger.turnedAway(n)
			return
		}
		if a.Ticket.State == muster.Accepted {
			l.did("accepted without the store")
		}
		l.ledger.acknowledged(n, a)
		if r := l.dice("patience", n); odds(r, 0.02) {
			l.in(between(r, time.Minute, 30*time.Hour), func() { c.cancel(l, a.Ticket.ID) })
		}
	})
}

func title(n int) string { return fmt.Sprintf("#%d is broken", n) }

// needs draws what a repair takes, from one trade: a skill of it, sometimes its broader one, sometimes two.
func needs(r *rand.Rand) []muster.Need {
	trade := pick(r, trades)
	first := pick(r, trade)
	if p := parent(first); p != "" && odds(r, 0.2) {
		first = p
	}
	out := []muster.Need{{Skill: first, Level: muster.Level(1 + r.IntN(3))}}
	if odds(r, 0.1) {
		if second := pick(r, trade); second != first {
			out = append(out, muster.Need{Skill: second, Level: 1})
		}
	}
	return out
}

// wishes gives one to three windows, mornings or afternoons of the coming days; now and then two hours that begin today.
func wishes(r *rand.Rand, now time.Time, zone *time.Location) []muster.Window {
	var out []muster.Window
	if odds(r, 0.15) {
		from := now.Add(between(r, 30*time.Minute, 5*time.Hour)).Truncate(15 * time.Minute)
		return append(out, muster.Window{Start: from, End: from.Add(2 * time.Hour)})
	}
	day := now.In(zone)
	for range 1 + r.IntN(3) {
		from := time.Date(day.Year(), day.Month(), day.Day()+1+r.IntN(3), pick(r, []int{8, 12, 14}), 0, 0, 0, zone).UTC()
		w := muster.Window{Start: from, End: from.Add(4 * time.Hour)}
		if !slices.ContainsFunc(out, w.Overlaps) {
			out = append(out, w)
		}
	}
	return out
}

func (c *callers) cancel(l *life, t muster.TicketID) {
	command(l, helpdesk, "cancel", t, func(ctx context.Context, d *dispatch.Dispatch, cmd muster.Command) (dispatch.Answer, error) {
		return d.Cancel(ctx, cmd, dispatch.TicketRequest{Ticket: t, Reason: "bought a new one"})
	}, nil)
}

// hear lets customers say that they are content, or that it is broken again.
func (c *callers) hear(l *life, n *news) {
	if n.Root.State != muster.Completed || n.Name == touched {
		return
	}
	t := n.Root.ID
	switch r := l.dice("content", string(t)+n.At.String()); {
	case odds(r, 0.3):
		l.in(between(r, time.Minute, 4*time.Hour), func() {
			command(l, helpdesk, "resolve", t, func(ctx context.Context, d *dispatch.Dispatch, cmd muster.Command) (dispatch.Answer, error) {
				return d.Resolve(ctx, cmd, dispatch.TicketRequest{Ticket: t})
			}, nil)
		})
	case odds(r, 0.02):
		l.in(between(r, time.Minute, 20*time.Hour), func() {
			command(l, helpdesk, "reopen", t, func(ctx context.Context, d *dispatch.Dispatch, cmd muster.Command) (dispatch.Answer, error) {
				return d.Reopen(ctx, cmd, dispatch.TicketRequest{Ticket: t, Reason: "broken again"})
			}, nil)
		})
	}
}
