package dispatch

import (
	"context"
	"slices"

	"github.com/sysopssquad/muster"
)

// redecideBlocked has the work of experts redecided whom a customer doesn't want any more, in the same change: what they
// have of that customer goes to others. What an expert declined for good leaves what they have as it is: they took it.
func (d *Dispatch) redecideBlocked(ctx context.Context, draft *draft, old, c muster.Customer) error {
	if old.Rev == 0 {
		return nil
	}
	for i, b := range c.Blocked {
		again := slices.ContainsFunc(c.Blocked[:i], func(o muster.Block) bool { return o.Expert == b.Expert })
		if again || unwanted(&old, b.Expert) || !unwanted(&c, b.Expert) {
			continue
		}
		e, err := load[muster.Expert](ctx, d, "", string(b.Expert))
		if err != nil {
			return err
		}
		if present(e) != nil {
			continue
		}
		was := e
		e.Rev++
		e.Timers = changedTimers(&was, &e, "expert.blocked", draft.now)
		if err := draft.write("expert.blocked", was.Rev, &e); err != nil {
			return err
		}
	}
	return nil
}

// unwanted tells whether a customer has blocked an expert by their own wish.
func unwanted(c *muster.Customer, e muster.ExpertID) bool {
	return slices.ContainsFunc(c.Blocked, func(b muster.Block) bool { return b.Expert == e && b.Declined == "" })
}
