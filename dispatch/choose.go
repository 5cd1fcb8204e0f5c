package dispatch

import (
	"context"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/graph"
)

// ChooseWindows sets when the customer wants somebody to come, by themselves or by somebody who talked to them. A visit
// that was planned and doesn't suit them is withdrawn, the ticket queued again. Later windows put off what is due.
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
	k.reason = "the customer chose another time"
	k.ticket.Windows, k.ticket.Promised = req.Windows, nil
	k.deferToWindows()
	return k.proceed(verbChoose, branchOf(&k.ticket))
}
