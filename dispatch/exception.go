package dispatch

import (
	"context"
	"fmt"
	"slices"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/graph"
)

// onException carries out a command on one exception of a ticket, which work may alter.
func (d *Dispatch) onException(
	ctx context.Context, cmd muster.Command, v verb, request any, which ExceptionRequest, work func(*desk, *muster.Exception) error,
) (Answer, error) {
	return d.onTicket(ctx, cmd, v, request, graph.CaseRef{Ticket: which.Ticket}, func(k *desk) error {
		return k.attend(v, which, work)
	})
}

func (k *desk) attend(v verb, which ExceptionRequest, work func(*desk, *muster.Exception) error) error {
	if err := k.begin(v); err != nil {
		return err
	}
	e, err := k.exception(which)
	if err != nil {
		return err
	}
	k.event = v.rule().event
	return work(k, e)
}

// exception finds the exception that is meant: of several of its kind the oldest, unless a visit is named.
func (k *desk) exception(which ExceptionRequest) (*muster.Exception, error) {
	if !slices.Contains(muster.ExceptionKinds(), which.Kind) {
		return nil, muster.Invalid("kind", string(which.Kind), "a kind of exception, such as call")
	}
	k.ticket.Exceptions = slices.Clone(k.ticket.Exceptions)
	for i := range k.ticket.Exceptions {
		if e := &k.ticket.Exceptions[i]; e.Kind == which.Kind && (which.Visit == "" || e.Visit == which.Visit) {
			return e, nil
		}
	}
	return nil, muster.E(muster.CodeState, fmt.Sprintf("%s has no exception %s", k.ticket.Ref(), which.Kind), "it was settled, or what it was about has passed")
}

// raise puts before a person what the ticket needs one for: the next step for them, and a note with the figures. One that
// is there already keeps its owner and contacts.
func (k *desk) raise(kind muster.ExceptionKind, next, note string) *muster.Exception {
	var visit muster.VisitID
	if k.visit != nil {
		visit = k.visit.ID
	}
	return k.raiseFor(visit, kind, next, note)
}

// asks tells whether a person has been asked for just this step of the open visit already.
func (k *desk) asks(kind muster.ExceptionKind, next string) bool {
	return slices.ContainsFunc(k.ticket.Exceptions, func(e muster.Exception) bool {
		return e.Kind == kind && e.Visit == k.visit.ID && e.Next == next
	})
}

// raiseFor does so for a visit, or for none: then it outlives the visits.
func (k *desk) raiseFor(visit muster.VisitID, kind muster.ExceptionKind, next, note string) *muster.Exception {
	t := &k.ticket
	t.Exceptions = slices.Clone(t.Exceptions)
	for i := range t.Exceptions {
		if e := &t.Exceptions[i]; e.Kind == kind && e.Visit == visit {
			e.Next, e.Note = next, note
			return e
		}
	}
	t.Exceptions = append(t.Exceptions, muster.Exception{Kind: kind, Visit: visit, Since: k.now, Next: next, Note: note})
	return &t.Exceptions[len(t.Exceptions)-1]
}

// settle takes off the list what nobody needs to look at any more.
func (k *desk) settle(kinds ...muster.ExceptionKind) {
	k.keepExceptions(func(e muster.Exception) bool { return !slices.Contains(kinds, e.Kind) })
}

// passed drops what was about a state or visit that is over. Call tasks outlive their visit: somebody still has to be told.
// Those about a message that reached nobody outlive the ticket: an expert may be on the way to one that is cancelled.
func (k *desk) passed() {
	if k.ticket.State.Terminal() {
		k.dropErrands(func(_ *muster.Exception, about *muster.Errand) string {
			if about.Message == "" {
				return "the ticket is closed"
			}
			return ""
		})
	}
	k.keepExceptions(func(e muster.Exception) bool {
		if k.ticket.State.Terminal() {
			return e.Message != ""
		}
		return e.Kind == muster.ExceptionCall || e.Visit == "" || k.visit != nil && k.visit.ID == e.Visit
	})
}

func (k *desk) keepExceptions(keep func(muster.Exception) bool) {
	kept := slices.Clone(k.ticket.Exceptions)
	kept = slices.DeleteFunc(kept, func(e muster.Exception) bool { return !keep(e) })
	if len(kept) == 0 {
		kept = nil
	}
	k.ticket.Exceptions = kept
}
