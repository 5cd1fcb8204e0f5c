package dispatch

import (
	"slices"

	"github.com/sysopssquad/muster"
)

// raise puts before a person what the ticket needs one for: the next step for them, and a note with the figures. One that
// is there already keeps its owner and contacts.
func (k *desk) raise(kind muster.ExceptionKind, next, note string) {
	var visit muster.VisitID
	if k.visit != nil {
		visit = k.visit.ID
	}
	t := &k.ticket
	t.Exceptions = slices.Clone(t.Exceptions)
	for i := range t.Exceptions {
		if e := &t.Exceptions[i]; e.Kind == kind && e.Visit == visit {
			e.Next, e.Note = next, note
			return
		}
	}
	t.Exceptions = append(t.Exceptions, muster.Exception{Kind: kind, Visit: visit, Since: k.now, Next: next, Note: note})
}

// settle takes off the list what nobody needs to look at any more.
func (k *desk) settle(kinds ...muster.ExceptionKind) {
	k.keepExceptions(func(e muster.Exception) bool { return !slices.Contains(kinds, e.Kind) })
}

// passed drops what was about a state or visit that is over. Call tasks outlive their visit: somebody still has to be told.
func (k *desk) passed() {
	if k.ticket.State.Terminal() {
		k.ticket.Exceptions = nil
		return
	}
	k.keepExceptions(func(e muster.Exception) bool {
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
