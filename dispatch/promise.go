package dispatch

import (
	"fmt"
	"slices"
	"time"

	"github.com/sysopssquad/muster"
)

// keepPromise keeps what the customer was told: the window of the visit that was assigned first. A window that we move,
// or a visit that comes to nothing on our side, changes nothing about it; somebody's arrival fulfils it, the customer
// ends it by asking for another time, and so does a part that has to come first. It is broken once it is over and nobody
// has arrived. It may be called twice.
func (k *desk) keepPromise() {
	t, v := &k.ticket, k.visit
	if t.Promised == nil && k.comes() {
		t.Promised = &muster.Promise{Window: v.Window, At: k.now}
	}
	if t.Promised == nil {
		return
	}
	told := *t.Promised
	k.tellWindow(told.Window)
	if v == nil {
		v = k.ended
	}
	by, arrived := k.now, v != nil && !v.ArrivedAt.IsZero()
	if arrived {
		by = v.ArrivedAt
	}
	switch {
	case arrived && by.Before(told.BrokenAt): // it has become known late
		told.BrokenAt = time.Time{}
	case !told.Broken() && !by.Before(told.End) && (arrived || k.judges()):
		told.BrokenAt = told.End
		k.broken(told)
	}
	if arrived && by.Before(v.BrokenAt) {
		v.BrokenAt = time.Time{}
		k.touch(v)
	}
	if k.comes() {
		told = k.renewed(told)
		k.tellWindow(told.Window)
	}
	t.Promised = &told
	if k.released() || arrived {
		t.Promised = nil
	}
}

// comes tells whether somebody has the visit, and hasn't arrived.
func (k *desk) comes() bool {
	return k.visit != nil && k.visit.State != muster.VisitOffered && k.visit.ArrivedAt.IsZero()
}

// renewed lets the window of the visit that somebody has take the place of a promise that is broken, or of which the
// customer knows from a person that nobody can keep it. That it was broken stays with it until somebody arrives.
func (k *desk) renewed(p muster.Promise) muster.Promise {
	w := k.visit.Window
	if p.Broken() && w.End.After(p.End) || p.Called && !w.Equal(p.Window) {
		p.Window, p.At = w, k.now
	}
	p.Called = false
	return p
}

// called notes that a person has talked to the customer about a promise that nobody could keep.
func (k *desk) called() {
	if p := k.ticket.Promised; p != nil {
		told := *p
		told.Called = true
		k.ticket.Promised = &told
	}
}

// lastTold is the last visit for which the customer was told a window, else the last of all: more than a few may have come to
// nothing since, and only those are loaded. It is nil for a ticket without visits.
func (k *desk) lastTold(w muster.Window) *muster.Visit {
	all := k.visits()
	if len(all) == 0 {
		return nil
	}
	last := all[len(all)-1]
	for _, v := range all {
		if v.Told.Equal(w) {
			last = v
		}
	}
	if last == k.visit || last == k.ended {
		return last
	}
	was := *last // what was loaded stays as it was
	return &was
}

// tellWindow notes on the visit that somebody has what the customer was told.
func (k *desk) tellWindow(w muster.Window) {
	if v := k.visit; v != nil && v.State != muster.VisitOffered && !v.Told.Equal(w) {
		v.Told = w
		k.touch(v)
	}
}

// releasing are the waits by which the customer knows that nobody comes before they are over.
var releasing = []muster.WaitReason{muster.WaitCustomer, muster.WaitDate, muster.WaitParts}

// released tells whether the customer doesn't wait for that window any more: the ticket is closed, waits for them, or for a
// part.
func (k *desk) released() bool {
	t := &k.ticket
	return t.State.Terminal() || t.State == muster.Completed ||
		t.State == muster.Waiting && slices.Contains(releasing, t.Wait.For)
}

// broken notes a broken promise on the last visit for which it was told, and hands it over to people.
func (k *desk) broken(p muster.Promise) {
	if v := k.lastTold(p.Window); v != nil {
		v.BrokenAt = p.End
		k.touch(v)
	}
	k.raiseFor("", muster.ExceptionLate, "tell the customer when somebody comes",
		fmt.Sprintf("somebody was promised by %s", p.End.UTC().Format(time.RFC3339)))
	k.climbMissed()
}
