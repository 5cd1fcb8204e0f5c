package sim

import (
	"encoding/json"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/dispatch"
	"github.com/sysopssquad/muster/dispatch/journal"
	"github.com/sysopssquad/muster/graph"
)

// keeps tells whether the processes of a seed accept submissions while the store is away.
func (o Options) keeps() bool { return o.Seed%3 == 1 }

// numbersKept is how many ticket numbers each process has for these.
const numbersKept = 20

// keep gives a process a journal in the folder of all, as a new process takes one. What the former life held is free for
// all, as the kernel sees to.
func (l *life) keep(p *process) {
	if !l.o.keeps() {
		return
	}
	l.letGo(p)
	var err error
	if p.journal, err = journal.Open(l.journals); err != nil {
		l.broken = err
		return
	}
	p.dispatch.KeepIn(p.journal, numbersKept)
}

func (l *life) letGo(p *process) {
	if p.journal == nil {
		return
	}
	if err := p.journal.Close(); err != nil {
		l.broken = err
	}
	p.journal = nil
}

// file lets a process file what it has accepted, and from time to time what a dead one left.
func (l *life) file(p *process) {
	if p.journal == nil {
		return
	}
	folder := ""
	if p.turns++; p.turns%adopts == 0 {
		folder = l.journals
	}
	l.mind(p, p.dispatch.TendIntake(p.ctx, folder))
}

// adopts is after how many turns a process looks for what others left.
const adopts = 4

// alike tells whether an answer is the one that was given before. A submission that one process has accepted without the
// store may reach another that carries it out before it is filed: the ticket is the same, and both numbers lead to it.
func alike(before []byte, answer any) bool {
	now, err := json.Marshal(answer)
	if err != nil || string(now) == string(before) {
		return err == nil
	}
	a, ok := answer.(dispatch.Answer)
	var b dispatch.Answer
	return ok && json.Unmarshal(before, &b) == nil && a.Ticket.ID == b.Ticket.ID &&
		(a.Ticket.State == muster.Accepted || b.Ticket.State == muster.Accepted)
}

// leads tells whether a number that somebody was told is a ticket's.
func (c *checker) leads(number int64, t *muster.Ticket) bool {
	if number == t.Number {
		return true
	}
	k, err := c.life.store.TicketCase(c.life.ctx, "", graph.CaseRef{Number: number})
	if err != nil && muster.CodeOf(err) != muster.CodeNotFound {
		c.life.broken = err
	}
	return k.Ticket.ID == t.ID
}

// left are the submissions that are in a journal still.
func (l *life) left() {
	for _, p := range l.procs {
		if p.journal == nil {
			continue
		}
		for _, e := range p.journal.Waiting(0) {
			l.ledger.breach("lost", string(e.Ticket), "T-%d was accepted and isn't filed", e.Number)
		}
	}
}
