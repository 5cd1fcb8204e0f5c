package dispatch

import (
	"fmt"
	"time"

	"github.com/sysopssquad/muster"
)

// keepPromise keeps what the customer was told: the window of the visit that was assigned first. A window that we move,
// or a visit that comes to nothing on our side, changes nothing about it; somebody's arrival fulfils it, the customer
// ends it by asking for another time. It is broken once it is over and nobody has arrived. It may be called twice.
func (k *desk) keepPromise() {
	t, v := &k.ticket, k.visit
	if v != nil && v.State != muster.VisitOffered && v.ArrivedAt.IsZero() && t.Promised == nil {
		t.Promised = &muster.Promise{Window: v.Window, At: k.now}
	}
	p := t.Promised
	if p == nil {
		return
	}
	told := *p
	if v == nil {
		v = k.ended
	}
	by, arrived := k.now, v != nil && !v.ArrivedAt.IsZero()
	if arrived {
		by = v.ArrivedAt
	}
	switch {
	case by.Before(told.End):
		told.BrokenAt = time.Time{} // so it is for an arrival that becomes known late
	case told.BrokenAt.IsZero() && (arrived || k.judges()):
		told.BrokenAt = told.End
		k.broken(told)
	}
	if v != nil && v.State != muster.VisitOffered && (v.Told != told.Window || !v.BrokenAt.Equal(told.BrokenAt)) {
		v.Told, v.BrokenAt = told.Window, told.BrokenAt
		k.touch(v)
	}
	t.Promised = &told
	if k.released() || arrived {
		t.Promised = nil
	}
}

// released tells whether the customer doesn't wait for that window any more: the ticket is closed, or waits for them.
func (k *desk) released() bool {
	t := &k.ticket
	return t.State.Terminal() || t.State == muster.Completed ||
		t.State == muster.Waiting && (t.Wait.For == muster.WaitCustomer || t.Wait.For == muster.WaitDate)
}

// broken hands a broken promise over to people.
func (k *desk) broken(p muster.Promise) {
	k.raiseFor("", muster.ExceptionLate, "tell the customer when somebody comes",
		fmt.Sprintf("somebody was promised by %s", p.End.UTC().Format(time.RFC3339)))
	k.climbMissed()
}
