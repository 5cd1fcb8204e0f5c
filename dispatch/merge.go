package dispatch

import (
	"context"
	"fmt"
	"slices"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/graph"
)

// Merge makes a ticket a duplicate of another of the same customer: it is cancelled and points there, what was planned for
// it ends, and what the customer said in it is kept on the other, as are its call tasks: somebody is to talk to that customer
// still. Both in one change. A ticket that somebody is on the way
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
		c, err := d.store.TicketCase(ctx, "", graph.CaseRef{Ticket: ref.ID, Number: ref.Number, Latest: lastVisits})
		if err != nil {
			return err
		}
		return merge(k, &c)
	})
}

// maxMerged is how many duplicates a ticket can take in, with what was said in them.
const maxMerged = 50

// absorbed is the event of the ticket that stays.
const absorbed = "ticket.absorbed"

func merge(k *desk, into *graph.TicketCase) error {
	t, w := &k.ticket, &into.Ticket
	switch {
	case w.ID == t.ID:
		return muster.Invalid("into", w.Ref(), "name another ticket: this is the same")
	case w.Customer != t.Customer:
		return muster.Invalid("into", w.Ref(), "only tickets of the same customer are duplicates")
	case w.State.Terminal() || w.State == muster.Completed: // nobody would come
		return muster.E(muster.CodeState, w.Ref()+" is "+string(w.State)+": nothing can be merged into it", "merge the other way round, or reopen it")
	case len(w.Merged)+1+len(t.Merged) > maxMerged:
		return muster.Invalid("into", w.Ref(), fmt.Sprintf("a ticket takes in at most %d duplicates; cancel this one with a reason instead", maxMerged))
	}
	stays := k.desk(into)
	stays.event = absorbed
	stays.ticket.Merged = append(slices.Clip(w.Merged), muster.MergedTicket{
		Ticket: t.ID, Number: t.Number, Title: t.Title, Text: t.Text, Windows: t.Windows, Parts: t.Parts, CreatedAt: t.CreatedAt, At: k.now,
	})
	stays.ticket.Merged = append(stays.ticket.Merged, t.Merged...)
	stays.takeCalls(k)
	k.reason = "merged into " + w.Ref()
	t.Outcome, t.MergedInto = k.reason, w.ID
	return k.proceed(verbMerge, "")
}

// takeCalls takes over the call tasks of a duplicate, with whom they belong to and whom they reached. They say which ticket
// they are from; a call task that is there already gets theirs too.
func (k *desk) takeCalls(from *desk) {
	for _, e := range from.ticket.Exceptions {
		if e.Kind != muster.ExceptionCall {
			continue
		}
		errands := slices.Clone(errandsOf(&e))
		for i := range errands {
			from.because(errands[i], "it goes on with "+k.ticket.Ref())
			errands[i].Note = from.ticket.Ref() + ": " + errands[i].Note
		}
		e.Visit, e.Errands = "", errands
		tellErrands(&e)
		at := slices.IndexFunc(k.ticket.Exceptions, func(o muster.Exception) bool { return o.Kind == e.Kind && o.Visit == "" })
		if at < 0 {
			k.ticket.Exceptions = append(slices.Clip(k.ticket.Exceptions), e)
			continue
		}
		o := k.ticket.Exceptions[at]
		o.Errands = errandsOf(&o)
		for _, about := range errands {
			o.Errands = addErrand(o.Errands, about)
		}
		tellErrands(&o)
		o.Contacts = slices.Concat(o.Contacts, e.Contacts)
		o.Contacts = o.Contacts[max(0, len(o.Contacts)-maxContacts):]
		if o.Owner == "" {
			o.Owner, o.TakenAt = e.Owner, e.TakenAt
		}
		k.ticket.Exceptions = slices.Clone(k.ticket.Exceptions)
		k.ticket.Exceptions[at] = o
	}
	from.settle(muster.ExceptionCall)
}
