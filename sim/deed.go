package sim

import (
	"context"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/dispatch"
)

// touched is the event by which somebody else's commit comes in between.
const touched = "sim.touched"

// command is a person's command on a ticket. The ledger keeps what they were told, and that they tried; what is
// refused is counted by its code.
func command(
	l *life, who muster.Actor, verb string, t muster.TicketID,
	send func(context.Context, *dispatch.Dispatch, muster.Command) (dispatch.Answer, error), done func(dispatch.Answer, error),
) {
	l.ledger.tried(t, verb)
	ask(l, who, send, func(a dispatch.Answer, err error) {
		if err != nil {
			l.refused(verb, err)
		} else {
			l.did(verb)
			l.ledger.told(verb, a)
		}
		if done != nil {
			done(a, err)
		}
	})
}

// refused counts a refusal, which is an answer like any other.
func (l *life) refused(verb string, err error) {
	l.did(verb + ": " + string(muster.CodeOf(err)))
}
