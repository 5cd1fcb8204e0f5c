package jobs

import (
	"context"
	"encoding/json"
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sysopssquad/muster"
)

// box is a jobs.Queue that only collects.
type box struct {
	tasks []Task
	err   error
}

func (b *box) Enqueue(_ context.Context, t Task) error {
	if b.err == nil {
		b.tasks = append(b.tasks, t)
	}
	return b.err
}
func (b *box) Run(context.Context, Handlers) error { return nil }
func (b *box) Ping(context.Context) error          { return b.err }

func ticketEvent(t *testing.T, ticket muster.Ticket, at time.Time, name ...string) muster.Event {
	body, err := json.Marshal(map[string]any{"root": ticket})
	require.NoError(t, err)
	return muster.Event{Aggregate: string(ticket.ID), Rev: ticket.Rev, Name: append(name, "ticket.submitted")[0], At: at, Body: body, Seq: 1}
}

func TestUrgentTicketsArePrompted(t *testing.T) {
	clock := muster.NewFakeClock(monday)
	m := newModel(clock)
	soon := []muster.Window{{Start: monday.Add(3 * time.Hour), End: monday.Add(5 * time.Hour)}}
	far := []muster.Window{{Start: monday.Add(5 * time.Hour), End: monday.Add(7 * time.Hour)}}
	asked := muster.Ticket{State: muster.Scheduled, Priority: muster.PriorityCritical, Visit: &muster.OpenVisit{State: muster.VisitOffered}}
	had := muster.Ticket{State: muster.Scheduled, Priority: muster.PriorityCritical, Visit: &muster.OpenVisit{State: muster.VisitAssigned}}
	for name, c := range map[string]struct {
		ticket muster.Ticket
		at     time.Time
		want   bool
		after  []string // the event, a submission if it isn't said
	}{
		"critical":               {muster.Ticket{State: muster.Queued, Priority: muster.PriorityCritical}, monday, true, nil},
		"window opens soon":      {muster.Ticket{State: muster.Queued, Priority: muster.PriorityLow, Windows: soon}, monday, true, nil},
		"window opens later":     {muster.Ticket{State: muster.Queued, Priority: muster.PriorityHigh, Windows: far}, monday, false, nil},
		"normal":                 {muster.Ticket{State: muster.Queued, Priority: muster.PriorityNormal}, monday, false, nil},
		"offered already":        {asked, monday, false, nil},
		"offered, and climbs":    {asked, monday, true, []string{"ticket.escalated"}},
		"offered, and is late":   {asked, monday, true, []string{"ticket.deadline_missed"}},
		"offered, one said no":   {asked, monday, true, []string{"ticket.declined"}},
		"offered, one is silent": {asked, monday, true, []string{"ticket.offer_expired"}},
		"somebody has it":        {had, monday, false, []string{"ticket.deadline_missed"}},
		"in triage":              {muster.Ticket{State: muster.Triage, Priority: muster.PriorityCritical}, monday, false, nil},
		"long ago":               {muster.Ticket{State: muster.Queued, Priority: muster.PriorityCritical}, monday.Add(-time.Hour), false, nil},
		"a little while ago":     {muster.Ticket{State: muster.Queued, Priority: muster.PriorityCritical}, monday.Add(-time.Minute), true, nil},
		"of this machine's day":  {muster.Ticket{State: muster.Queued, Priority: muster.PriorityCritical}, monday.Add(time.Second), true, nil},
	} {
		t.Run(name, func(t *testing.T) {
			q := &box{}
			p := &prompter{queue: q, clock: NewStoreClock(m, clock), log: quietly}
			require.NoError(t, p.clock.Read(t.Context()))
			c.ticket.ID, c.ticket.Rev = "tic_a", 3
			require.NoError(t, p.consume(t.Context(), []muster.Event{ticketEvent(t, c.ticket, c.at, c.after...)}))
			if !c.want {
				require.Empty(t, q.tasks)
				return
			}
			require.Equal(t, []Task{{Name: "prompt", ID: "prompt:tic_a:3", Payload: []byte("tic_a"), Keep: time.Minute}}, q.tasks)
		})
	}
}

func TestPromptRoundTakesPlaceHereWithoutAQueue(t *testing.T) {
	clock := muster.NewFakeClock(monday)
	m := newModel(clock)
	var prompted []muster.TicketID
	p := &prompter{
		queue: &box{err: errors.New("down")}, clock: NewStoreClock(m, clock), log: quietly,
		prompt: func(_ context.Context, id muster.TicketID) error {
			prompted = append(prompted, id)
			return errors.New("nobody is free")
		},
	}
	require.NoError(t, p.clock.Read(t.Context()))
	e := ticketEvent(t, muster.Ticket{ID: "tic_a", Rev: 1, State: muster.Queued, Priority: muster.PriorityCritical}, monday)
	other := muster.Event{Aggregate: "exp_a", Rev: 1, At: monday, Body: json.RawMessage(`{}`)}
	broken := muster.Event{Aggregate: "tic_b", Rev: 1, At: monday, Body: json.RawMessage(`[]`)}
	require.NoError(t, p.consume(t.Context(), []muster.Event{broken, other, e}), "a failed round holds no event up")
	require.Equal(t, []muster.TicketID{"tic_a"}, prompted)
}
