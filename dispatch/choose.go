package dispatch

import (
	"context"
	"slices"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/graph"
)

// ChooseWindows sets when the customer wants somebody to come, by themselves or by somebody who talked to them. A visit
// that was planned and doesn't suit them is withdrawn, the ticket queued again; one that waits for parts or an approval only notes them. Later windows put off
// what is due, but not what is late already.
func (d *Dispatch) ChooseWindows(ctx context.Context, cmd muster.Command, req WindowsRequest) (Answer, error) {
	return d.onTicket(ctx, cmd, verbChoose, req, graph.CaseRef{Ticket: req.Ticket}, func(k *desk) error {
		return chooseWindows(k, req)
	})
}

func chooseWindows(k *desk, req WindowsRequest) error {
	if err := k.begin(verbChoose); err != nil {
		return err
	}
	if err := windowsKnown(req.Windows, k.now); err != nil {
		return err
	}
	k.judged = true // what is over by now was missed, whatever they choose
	k.tick()
	k.keepPromise()
	k.reason = "the customer chose another time"
	k.ticket.Windows, k.ticket.Kept = req.Windows, nil
	k.dropErrands(func(_ *muster.Exception, about *muster.Errand) string {
		if about.About == aboutPromise {
			return k.reason
		}
		return ""
	})
	if k.suits(req.Windows) {
		k.event = verbChoose.rule().event
		k.deferToChoice()
		return nil
	}
	k.ticket.Promised = nil
	if k.waitsForOthers() {
		k.event = verbChoose.rule().event
	} else if err := k.proceed(verbChoose, branchOf(&k.ticket)); err != nil {
		return err
	}
	k.tick() // a clock that stood runs again, before its due time moves to what they chose
	k.deferToChoice()
	return nil
}

// suits tells whether somebody has the visit, as the customer was promised it, and that lies within what they choose.
func (k *desk) suits(windows []muster.Window) bool {
	v, p := k.visit, k.ticket.Promised
	return v != nil && v.State == muster.VisitAssigned && p != nil && p.Window == v.Window && (len(windows) == 0 || slices.ContainsFunc(windows, func(w muster.Window) bool {
		return !v.Window.Start.Before(w.Start) && !v.Window.End.After(w.End)
	}))
}

// waitsForOthers tells whether a ticket waits for something that a choice of windows doesn't bring: parts, or an approval.
func (k *desk) waitsForOthers() bool {
	w := k.ticket.Wait.For
	return k.ticket.State == muster.Waiting && (w == muster.WaitParts || w == muster.WaitApproval)
}
