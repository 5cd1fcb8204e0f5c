package dispatch

import (
	"context"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/graph"
)

// Triage says what a ticket needs, or corrects it: the ticket is queued for a home visit, or waits for the
// customer to bring the device, or stays before a person for remote work.
func (d *Dispatch) Triage(ctx context.Context, cmd muster.Command, req TriageRequest) (Answer, error) {
	return d.onTicket(ctx, cmd, verbTriage, req, graph.CaseRef{Ticket: req.Ticket}, func(k *desk) error {
		return triage(k, req)
	})
}

func triage(k *desk, req TriageRequest) error {
	if err := k.begin(verbTriage); err != nil {
		return err
	}
	t := &k.ticket
	t.Needs = req.Needs
	if req.Mode != "" {
		t.Mode = req.Mode
	}
	if req.Duration != 0 {
		t.Duration = req.Duration
	}
	if req.Priority != "" && req.Priority != t.Priority {
		k.retarget(req.Priority)
	}
	if req.Carry != nil {
		t.Carry = req.Carry
	}
	if req.Crew != 0 {
		t.Crew = req.Crew
	}
	if err := k.on.workKnown(t); err != nil {
		return err
	}
	b := branchOf(t)
	if b == needsPerson && t.Mode == muster.ModeHomeVisit {
		return muster.Invalid("needs", "[]", "name the skills and levels that the visit needs")
	}
	if b == needsCarryIn {
		t.Wait = muster.Wait{For: muster.WaitCustomer, Until: k.now.Add(carryInFor), Note: "brings the device"}
	}
	return k.proceed(verbTriage, b)
}
