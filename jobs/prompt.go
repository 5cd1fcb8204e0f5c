package jobs

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"time"

	"github.com/sysopssquad/muster"
)

// promptTask is the name of the task that finds somebody for one urgent ticket.
const promptTask = "prompt"

// promptConsumer is the name of the cursor of those who look for urgent tickets.
const promptConsumer = "prompt"

// promptAge is how old an event may be to call for a prompt round; rounds by region do the rest.
const promptAge = 10 * time.Minute

// promptKeep is how long a hint is remembered: until every process has seen the event.
const promptKeep = time.Minute

// prompter hints at a prompt round for every ticket that has just come to be queued and urgent, and for one that is offered
// and may have nobody left who can answer now.
type prompter struct {
	queue  Queue
	clock  *StoreClock
	prompt func(ctx context.Context, id muster.TicketID) error
	log    *slog.Logger
}

// consume looks for urgent tickets among events. Each revision of a ticket is hinted at once, whichever
// processes see it. Without a queue the round takes place here.
func (p *prompter) consume(ctx context.Context, events []muster.Event) error {
	now, err := p.clock.Ask(ctx)
	if err != nil {
		return err
	}
	for _, e := range events {
		if now.Sub(e.At) > promptAge || !urgent(e, now) {
			continue
		}
		err := p.queue.Enqueue(ctx, Task{
			Name: promptTask, ID: fmt.Sprintf("%s:%s:%d", promptTask, e.Aggregate, e.Rev), Payload: []byte(e.Aggregate),
			Keep: promptKeep,
		})
		if err == nil || ctx.Err() != nil {
			continue
		}
		if err := p.handle(ctx, []byte(e.Aggregate)); err != nil && ctx.Err() == nil {
			p.log.Warn("a prompt round failed; the region's next round will see the ticket", "ticket", e.Aggregate, "err", err)
		}
	}
	return nil
}

// handle is the task's handler.
func (p *prompter) handle(ctx context.Context, payload []byte) error {
	return p.prompt(ctx, muster.TicketID(payload))
}

var queued, offered = []byte(`"` + muster.Queued + `"`), []byte(`"` + muster.VisitOffered + `"`)

// lacking are the events after which an offered ticket may have nobody who can answer before their shift: a step of escalation
// has begun, or whoever could has said no or nothing.
var lacking = map[string]bool{
	"ticket.escalated": true, "ticket.deadline_missed": true, "ticket.declined": true, "ticket.offer_expired": true,
}

// urgent tells whether an event leaves a ticket urgent, and queued or lacking somebody who can answer.
func urgent(e muster.Event, now time.Time) bool {
	if muster.KindOf(e.Aggregate) != muster.KindTicket || !bytes.Contains(e.Body, queued) && !(lacking[e.Name] && bytes.Contains(e.Body, offered)) {
		return false // most events are of others, and to read a body takes long
	}
	var body struct {
		Root muster.Ticket `json:"root"`
	}
	if json.Unmarshal(e.Body, &body) != nil {
		return false // of a newer Muster: rounds by region will see it
	}
	t := &body.Root
	return t.Urgent(now) && (t.State == muster.Queued || lacking[e.Name] && t.Visit != nil && t.Visit.State == muster.VisitOffered)
}
