package dispatch

import (
	"context"
	"slices"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/graph"
)

// Merge makes a ticket a duplicate of another of the same customer: it is cancelled and points there, what was planned for
// it ends, and what the customer said in it is kept on the other. Both in one change. A ticket that somebody is on the way
// for, or at, can't be merged into another; it can take others in.
func (d *Dispatch) Merge(ctx context.Context, cmd muster.Command, req MergeRequest) (Answer, error) {
	return d.onTicket(ctx, cmd, verbMerge, req, graph.CaseRef{Ticket: req.Ticket}, func(k *desk) error {
		if err := k.begin(verbMerge); err != nil {
			return err
		}
		ref, err := ParseTicketRef(req.Into)
		if err != nil {
			err := muster.Invalid("into", req.Into, "the id or number of the ticket that stays")
			return err
		}
		c, err := d.store.TicketCase(ctx, "", graph.CaseRef{Ticket: ref.ID, Number: ref.Number})
		if err != nil {
			return err
		}
		return merge(k, &c)
	})
}

// absorbed is the event of the ticket that stays.
const absorbed = "ticket.absorbed"

func merge(k *desk, into *graph.TicketCase) error {
	t, w := &k.ticket, &into.Ticket
	switch {
	case w.ID == t.ID:
		return muster.Invalid("into", w.Ref(), "name another ticket: this is the same")
	case w.Customer != t.Customer:
		return muster.Invalid("into", w.Ref(), "only tickets of the same customer are duplicates")
	case w.State.Terminal():
		return muster.E(muster.CodeState, w.Ref()+" is "+string(w.State)+": nothing can be merged into it", "merge the other way round, or reopen it")
	}
	stays := k.desk(into)
	stays.event = absorbed
	stays.ticket.Merged = append(slices.Clip(w.Merged), muster.MergedTicket{
		Ticket: t.ID, Number: t.Number, Title: t.Title, Text: t.Text, Windows: t.Windows, Parts: t.Parts, CreatedAt: t.CreatedAt, At: k.now,
	})
	stays.ticket.Merged = append(stays.ticket.Merged, t.Merged...)
	k.reason = "merged into " + w.Ref()
	t.Outcome, t.MergedInto = k.reason, w.ID
	return k.proceed(verbMerge, "")
}
