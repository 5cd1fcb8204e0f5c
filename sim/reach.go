package sim

import (
	"time"

	"github.com/sysopssquad/muster"
)

// reach is whether people's answers reach Muster: now and then none does for a while. Nobody may be judged by what they
// couldn't say meanwhile.
type reach struct {
	down, up time.Time // the last break
}

func (b *reach) habit() habit { return habit{begin: b.begin, hear: b.hear} }

// Figures of breaks. What was being decided on when one began may end a little later.
const (
	breakEvery = 9 * time.Hour
	breakGrace = 5 * time.Minute
)

func (b *reach) begin(l *life) {
	l.in(between(l.rand, breakEvery/2, 3*breakEvery/2), func() {
		if l.faults.befalls(unreachable) {
			b.down = l.clock.Now()
			b.up = b.down.Add(between(l.rand, 10*time.Minute, 40*time.Minute))
			l.deaf = b.up
		}
		b.begin(l)
	})
}

// hear judges the steps against an expert from whom nothing was heard.
func (b *reach) hear(l *life, n *news) {
	if n.Name != "ticket.replaced" && n.Name != "ticket.late_to_leave" || n.By.Role != muster.RoleSystem {
		return
	}
	need := l.world.policy.Filled().AnswerMinutes.Duration()
	if n.At.After(b.down.Add(breakGrace)) && n.At.Before(b.up.Add(need)) {
		l.ledger.breach("unexplained", string(n.Root.ID), "%s at %s, and no answer could reach anybody from %s to %s",
			n.Name, n.At.Format(time.RFC3339), b.down.Format(time.RFC3339), b.up.Format(time.RFC3339))
	}
}
