package sim

import (
	"context"
	"math/rand/v2"
	"time"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/dispatch"
	"github.com/sysopssquad/muster/graph"
)

// board are the dispatchers: they give tickets to people by hand and set constraints aside, move visits, take them
// back, undo what they have just done, and look after visits for which nobody has left.
type board struct {
	state map[muster.TicketID]*newsTicket // as the board shows it
}

func (b *board) habit() habit {
	b.state = make(map[muster.TicketID]*newsTicket)
	return habit{begin: func(l *life) { l.in(lookEvery, func() { b.look(l) }) }, hear: b.hear}
}

// lookEvery is how often a dispatcher goes through the list of visits that nobody has left for.
const lookEvery = 15 * time.Minute

// look goes by the list, which may lag: what it shows as not begun may have been.
func (b *board) look(l *life) {
	defer l.in(lookEvery, func() { b.look(l) })
	p := l.server()
	if p == nil {
		return
	}
	p.busy = true
	defer func() { p.busy = false }()
	list, _, err := p.port.Tickets(p.ctx, muster.Scope{Everything: true}, graph.TicketFilter{States: []string{string(muster.VisitAssigned)}}, graph.Page{Limit: 20})
	if err != nil || p.dead {
		return
	}
	for _, t := range list {
		if v := t.Visit; v != nil && l.clock.Now().Sub(v.Start) > 4*late {
			l.did("found on the list")
			l.in(time.Minute, func() { b.unassign(l, t.ID, "nobody came") })
		}
	}
}

// late is how long after the start of a visit a dispatcher calls somebody who hasn't left.
const late = 30 * time.Minute

func (b *board) hear(l *life, n *news) {
	if n.Name == touched {
		return
	}
	t := n.Root.ID
	before := b.state[t]
	if before != nil && before.Rev >= n.Root.Rev {
		return
	}
	if n.Root.State.Terminal() {
		delete(b.state, t)
		return
	}
	now := n.Root
	b.state[t] = &now
	r := l.dice("board", string(t)+n.At.String())
	switch v := now.Visit; {
	case now.State == muster.Queued && odds(r, 0.02):
		l.in(between(r, time.Minute, time.Hour), func() { b.assign(l, r, t) })
	case now.State == muster.Queued && odds(r, 0.02):
		l.in(between(r, time.Minute, time.Hour), func() { b.offer(l, r, t) })
	case (now.State == muster.Queued || now.State == muster.Scheduled) && odds(r, 0.01):
		l.in(between(r, time.Minute, time.Hour), func() { b.wait(l, r, t) })
	case v != nil && v.State == muster.VisitAssigned:
		l.at(v.Start.Add(late), func() { b.chase(l, r, t, v) })
		switch x := r.Float64(); {
		case x < 0.01:
			l.in(between(r, time.Minute, time.Hour), func() { b.move(l, r, t) })
		case x < 0.02:
			l.in(between(r, time.Minute, time.Hour), func() { b.unassign(l, t, "changed their mind") })
		}
	}
}

// anyone draws somebody of the ticket's town.
func (b *board) anyone(l *life, r *rand.Rand, t muster.TicketID) muster.ExpertID {
	town := 0
	for i := range l.world.towns {
		if s := b.state[t]; s != nil && s.City == l.world.towns[i].name {
			town = i
		}
	}
	return pick(r, l.world.byTown[town]).ID
}

// assign gives a ticket to somebody whom a dispatcher happens to think of, setting aside what a dispatcher may.
func (b *board) assign(l *life, r *rand.Rand, t muster.TicketID) {
	s := b.state[t]
	if s == nil || s.State != muster.Queued {
		return
	}
	req := dispatch.AssignRequest{
		Ticket: t, Expert: b.anyone(l, r, t), Why: "the customer insists",
		Overrides: []muster.ReasonCode{muster.LevelLow, muster.AfterWindow, muster.HasDeclined},
	}
	if s.Crew > 1 {
		req.Second = b.anyone(l, r, t)
	}
	command(l, dispatcher, "assign", t, func(ctx context.Context, d *dispatch.Dispatch, cmd muster.Command) (dispatch.Answer, error) {
		return d.Assign(ctx, cmd, req)
	}, func(_ dispatch.Answer, err error) {
		if err == nil && odds(r, 0.3) {
			l.in(between(r, time.Second, 12*time.Second), func() { b.undo(l, t) })
		}
	})
}

// offer asks several of those who can, as the board shows them.
func (b *board) offer(l *life, r *rand.Rand, t muster.TicketID) {
	p := l.server()
	if p == nil {
		return
	}
	p.busy = true
	m, err := p.dispatch.Match(p.ctx, dispatch.TicketRef{ID: t})
	p.busy = false
	if err != nil || p.dead || len(m.Candidates) == 0 {
		return
	}
	req := dispatch.OfferRequest{Ticket: t}
	for _, c := range m.Candidates[:min(len(m.Candidates), 1+r.IntN(6))] {
		req.Experts = append(req.Experts, c.Expert)
	}
	command(l, dispatcher, "offer", t, func(ctx context.Context, d *dispatch.Dispatch, cmd muster.Command) (dispatch.Answer, error) {
		return d.Offer(ctx, cmd, req)
	}, nil)
}

// wait sets a ticket aside: the customer thinks it over, somebody has to approve of it, or it has time.
func (b *board) wait(l *life, r *rand.Rand, t muster.TicketID) {
	req := dispatch.WaitRequest{
		Ticket: t, For: pick(r, []muster.WaitReason{muster.WaitCustomer, muster.WaitApproval, muster.WaitDate}),
		Until: l.clock.Now().Add(between(r, time.Hour, 40*time.Hour)),
	}
	command(l, dispatcher, "wait", t, func(ctx context.Context, d *dispatch.Dispatch, cmd muster.Command) (dispatch.Answer, error) {
		return d.Wait(ctx, cmd, req)
	}, nil)
}

// move gives a visit to somebody else, or back to the queue if they can't.
func (b *board) move(l *life, r *rand.Rand, t muster.TicketID) {
	s := b.state[t]
	if s == nil || s.Visit == nil {
		return
	}
	req := dispatch.AssignRequest{Ticket: t, Expert: b.anyone(l, r, t)}
	if s.Crew > 1 {
		req.Second = b.anyone(l, r, t)
	}
	command(l, dispatcher, "reassign", t, func(ctx context.Context, d *dispatch.Dispatch, cmd muster.Command) (dispatch.Answer, error) {
		return d.Reassign(ctx, cmd, req)
	}, func(_ dispatch.Answer, err error) {
		if err == nil && odds(r, 0.3) {
			l.in(between(r, time.Second, 12*time.Second), func() { b.undo(l, t) })
		}
	})
}

func (b *board) undo(l *life, t muster.TicketID) {
	command(l, dispatcher, "undo", t, func(ctx context.Context, d *dispatch.Dispatch, cmd muster.Command) (dispatch.Answer, error) {
		return d.Undo(ctx, cmd, dispatch.TicketRequest{Ticket: t})
	}, nil)
}

func (b *board) unassign(l *life, t muster.TicketID, why string) {
	command(l, dispatcher, "unassign", t, func(ctx context.Context, d *dispatch.Dispatch, cmd muster.Command) (dispatch.Answer, error) {
		return d.Unassign(ctx, cmd, dispatch.TicketRequest{Ticket: t, Reason: why})
	}, nil)
}

// chase takes a visit from somebody who should have been there and hasn't left.
func (b *board) chase(l *life, r *rand.Rand, t muster.TicketID, planned *muster.OpenVisit) {
	s := b.state[t]
	if s == nil || s.Visit == nil || s.Visit.ID != planned.ID || s.Visit.State != muster.VisitAssigned || !s.Visit.Start.Equal(planned.Start) {
		return
	}
	l.did("chased")
	if odds(r, 0.5) {
		b.unassign(l, t, "nobody came")
		return
	}
	b.move(l, r, t)
	l.in(20*time.Minute, func() { b.chase(l, r, t, planned) })
}
