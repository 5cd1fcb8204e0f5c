package sim

import (
	"context"
	"time"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/dispatch"
)

// worklist is how dispatchers work on what needs a person: they take it, try to reach somebody, settle it or forget
// about it, and accept whom an exception proposes.
type worklist struct {
	seen map[exceptionOf]bool
}

type exceptionOf struct {
	ticket muster.TicketID
	kind   muster.ExceptionKind
	visit  muster.VisitID
	since  time.Time
}

func (w *worklist) habit() habit {
	w.seen = make(map[exceptionOf]bool)
	return habit{begin: func(*life) {}, hear: w.hear}
}

func (w *worklist) hear(l *life, n *news) {
	if n.Name == touched {
		return
	}
	for _, e := range n.Root.Exceptions {
		of := exceptionOf{n.Root.ID, e.Kind, e.Visit, e.Since}
		if !w.seen[of] {
			w.seen[of] = true
			w.handle(l, of)
		}
		r := l.dice("proposal", string(n.Root.ID)+n.At.String())
		if len(e.Proposals) > 0 && odds(r, 0.3) {
			p, rev := pick(r, e.Proposals), n.Root.Rev
			l.in(between(r, 10*time.Second, 20*time.Minute), func() { w.accept(l, n.Root.ID, rev, p) })
		}
	}
}

// handle plans what a dispatcher does about an exception: three of ten are taken, and of those every other is forgotten.
func (w *worklist) handle(l *life, of exceptionOf) {
	r := l.dice("exception", string(of.ticket)+string(of.kind)+string(of.visit)+of.since.String())
	req := dispatch.ExceptionRequest{Ticket: of.ticket, Kind: of.kind, Visit: of.visit}
	if !odds(r, 0.3) {
		return
	}
	l.in(between(r, time.Minute, time.Hour), func() {
		command(l, dispatcher, "take exception", of.ticket, func(ctx context.Context, d *dispatch.Dispatch, cmd muster.Command) (dispatch.Answer, error) {
			return d.TakeException(ctx, cmd, req)
		}, func(_ dispatch.Answer, err error) {
			if err != nil || odds(r, 0.5) {
				return
			}
			call := dispatch.ContactRequest{ExceptionRequest: req, Whom: "customer", How: "phone", Result: pick(r, []string{"reached", "no_answer"})}
			l.in(between(r, time.Minute, 20*time.Minute), func() {
				command(l, dispatcher, "contact", of.ticket, func(ctx context.Context, d *dispatch.Dispatch, cmd muster.Command) (dispatch.Answer, error) {
					return d.ContactException(ctx, cmd, call)
				}, nil)
			})
			l.in(between(r, 20*time.Minute, 2*time.Hour), func() {
				command(l, dispatcher, "settle", of.ticket, func(ctx context.Context, d *dispatch.Dispatch, cmd muster.Command) (dispatch.Answer, error) {
					return d.SettleException(ctx, cmd, req)
				}, nil)
			})
		})
	})
}

// accept takes a proposal as it was shown.
func (w *worklist) accept(l *life, t muster.TicketID, rev int64, p muster.Proposal) {
	req := dispatch.ProposalRequest{Ticket: t, Expert: p.Expert, Why: "nobody else can come"}
	if p.Second != nil {
		req.Second = p.Second.Expert
	}
	command(l, dispatcher, "accept proposal", t, func(ctx context.Context, d *dispatch.Dispatch, cmd muster.Command) (dispatch.Answer, error) {
		cmd.Seen = &rev
		return d.AcceptProposal(ctx, cmd, req)
	}, nil)
}
