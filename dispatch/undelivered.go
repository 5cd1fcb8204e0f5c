package dispatch

import (
	"context"
	"slices"
	"strings"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/graph"
)

// UndeliveredRequest says that a message about a ticket reached nobody.
type UndeliveredRequest struct {
	Ticket  muster.TicketID  `json:"ticket"`
	Message muster.MessageID `json:"message"`
	Next    string           `json:"next"` // for whoever takes it: call the customer
	Note    string           `json:"note"` // what they were to be told, and why no channel could
	Topic   muster.Topic     `json:"topic,omitempty"`
	Visit   muster.VisitID   `json:"visit,omitempty"`
	Expert  muster.ExpertID  `json:"expert,omitempty"` // whom it was for; none: the customer
}

// Undelivered makes a call task of a message that no channel could deliver: whom it was for is told by a person. A call task
// that is there already gets the note too. It doesn't matter whether the ticket is closed: its expert may still be on the
// way, and its customer still wait.
func (d *Dispatch) Undelivered(ctx context.Context, req UndeliveredRequest) error {
	cmd := muster.Command{ID: muster.CommandID("undelivered/" + string(req.Message)), Actor: muster.System("notify")}
	_, err := d.onTicket(ctx, cmd, verbUndelivered, req, graph.CaseRef{Ticket: req.Ticket}, func(k *desk) error {
		if err := k.begin(verbUndelivered); err != nil {
			return err
		}
		k.call(muster.Errand{
			About: string(req.Topic), Next: req.Next, Note: req.Note, Visit: req.Visit, Expert: req.Expert, Message: req.Message,
		})
		k.event = verbUndelivered.rule().event
		return nil
	})
	if muster.CodeOf(err) == muster.CodeNotFound {
		return nil
	}
	return err
}

// both joins the next steps of two call tasks.
func both(a, b string) string {
	switch {
	case a == "":
		return b
	case strings.Contains(a, b):
		return a
	}
	return a + "; " + b
}

// longer adds a line to the note of a call task, unless it is there.
func longer(note, line string) string {
	lines := strings.Split(note, "\n")
	switch {
	case note == "":
		return line
	case slices.Contains(lines, line):
		return note
	}
	return strings.Join(append(lines[max(0, len(lines)-longestNotes):], line), "\n")
}

// longestNotes is how many lines of a call task's note are kept when one is added.
const longestNotes = 9
