package dispatch

import (
	"context"
	"slices"
	"strconv"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/graph"
)

// noExpertName is the command and the event by which a round keeps that it found nobody.
const noExpertName = "ticket.no_expert"

// noteLeft keeps on tickets that nobody was found for them. Only what is new is written: the first time, another main
// reason, but that no more often than a queued ticket is looked at, and what a person could do about an escalated one.
// Where somebody else was faster the next round notes what is true then.
func (r *round) noteLeft(ctx context.Context, g *ground, left []muster.Leftover) error {
	var changes []graph.Change
	for _, l := range left {
		change, news, err := r.noteOn(g.tickets[l.Ticket], g.people, l)
		if err != nil {
			if err := r.broken(ctx, &g.tickets[l.Ticket].Ticket, err); err != nil {
				return err
			}
			continue
		}
		if news {
			changes = append(changes, change)
		}
	}
	for some := range slices.Chunk(changes, changesPerCommit) {
		if err := r.late(); err != nil {
			return err
		}
		if _, _, err := r.d.commit(ctx, some...); err != nil {
			return err
		}
	}
	return nil
}

// noteOn keeps on a ticket that nobody was found for it, and tells whether that is news.
func (r *round) noteOn(c *graph.TicketCase, people *people, l muster.Leftover) (change graph.Change, news bool, err error) {
	defer unbroken(&err, muster.CodeInternal)
	note := muster.NoExpert{Since: r.now, At: r.now, Main: l.Main, Step: c.Ticket.Step}
	old, person := c.Ticket.NoExpert, r.asksPerson(&c.Ticket)
	known := old != nil && (old.Main == l.Main || r.now.Sub(old.At) < r.on.policy.QueueEvery.Duration())
	if known && !person {
		return change, false, nil
	}
	if old != nil {
		note.Since = old.Since
	}
	id := noExpertName + "/" + string(c.Ticket.ID) + "/" + strconv.FormatInt(c.Ticket.Rev, 10)
	k := newDraft(muster.Command{
		ID: muster.CommandID(id), Name: noExpertName, Actor: muster.System("rounds"), Fingerprint: muster.Fingerprint(noExpertName, id),
	}, r.now, r.on).desk(c)
	k.event, k.ticket.NoExpert = noExpertName, &note
	if person {
		found, err := r.proposalsFor(c, people)
		if err != nil {
			return change, false, err
		}
		if news := k.propose(l.Main, found); !news && known && old.Step == note.Step {
			return change, false, nil
		}
	}
	change, err = k.change()
	return change, err == nil, err
}
