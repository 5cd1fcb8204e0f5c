package api

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/dispatch"
	"github.com/sysopssquad/muster/graph"
)

// TicketAnswer is what a command on a ticket answers.
type TicketAnswer struct {
	TicketHead
	dispatch.Answer
}

// TicketOutcome is the answer to a command on a ticket.
type TicketOutcome struct {
	Keyed
	Status   int
	ETag     string `header:"ETag" doc:"The ticket's revision after the command."`
	Location string `header:"Location" doc:"Where the ticket is, if the command made it."`
	Body     TicketAnswer
}

// outcome shows a command's answer under a status.
func outcome(status int) func(string, dispatch.Answer) *TicketOutcome {
	return func(key string, a dispatch.Answer) *TicketOutcome {
		out := &TicketOutcome{
			Keyed: Keyed{Key: key}, Status: status, ETag: etag(a.Ticket.Rev),
			Body: TicketAnswer{TicketHead: head(&a.Ticket), Answer: a},
		}
		if a.Ticket.State == muster.Accepted {
			out.Status, out.ETag = http.StatusAccepted, ""
		}
		if status == http.StatusCreated {
			out.Location = "/v1/tickets/" + string(a.Ticket.ID)
		}
		return out
	}
}

// TriageBody says what a ticket needs.
type TriageBody struct {
	Mode     muster.Mode     `json:"mode,omitempty" doc:"As submitted if left out."`
	Needs    []muster.Need   `json:"needs" minItems:"1" maxItems:"20" nullable:"false"`
	Duration muster.Minutes  `json:"duration_min,omitempty" minimum:"0" maximum:"1440" example:"60"`
	Priority muster.Priority `json:"priority,omitempty"`
	Carry    []string        `json:"carry,omitempty" maxItems:"50"`
	Crew     int             `json:"crew,omitempty" minimum:"0" maximum:"2"`
}

// AssignBody gives a ticket's visit to an expert.
type AssignBody struct {
	Expert    muster.ExpertID     `json:"expert" example:"exp_5d2m8x0q7r1kzt4c"`
	Second    muster.ExpertID     `json:"second,omitempty" doc:"The other one of a crew of two."`
	Start     time.Time           `json:"start,omitzero" example:"2026-11-24T15:00:00Z" doc:"The cheapest start if left out."`
	Overrides []muster.ReasonCode `json:"overrides,omitempty" maxItems:"10" example:"[\"territory\"]" doc:"Constraints of class dispatcher that are set aside; why is needed then."`
	Why       string              `json:"why,omitempty" maxLength:"1000" doc:"The reason, kept on the assignment."`
}

// ProposalBody accepts a proposal of the ticket's exceptions, named by those who would come.
type ProposalBody struct {
	Expert muster.ExpertID `json:"expert" example:"exp_5d2m8x0q7r1kzt4c"`
	Second muster.ExpertID `json:"second,omitempty" doc:"The other one of a crew of two."`
	Why    string          `json:"why" minLength:"1" maxLength:"1000" doc:"The reason, kept on the assignment with each constraint that is set aside."`
}

// OfferBody asks one expert, or several at once.
type OfferBody struct {
	Expert  muster.ExpertID   `json:"expert,omitempty" example:"exp_5d2m8x0q7r1kzt4c"`
	Experts []muster.ExpertID `json:"experts,omitempty" maxItems:"50" doc:"Several at once, beside expert or in its place: the first who accepts has the visit."`
	Start   time.Time         `json:"start,omitzero" example:"2026-11-24T15:00:00Z" doc:"The cheapest start of each if left out."`
}

// WaitBody sets a ticket to waiting.
type WaitBody struct {
	For   muster.WaitReason `json:"for"`
	Until time.Time         `json:"until" example:"2026-11-30T14:00:00Z" doc:"Then it is queued again."`
	Note  string            `json:"note,omitempty" maxLength:"1000"`
}

// WindowsBody names when somebody may come.
type WindowsBody struct {
	Windows []muster.Window `json:"windows" maxItems:"20" doc:"Any of them will do; none: any time."`
}

// CompleteBody closes the work without a visit.
type CompleteBody struct {
	Outcome muster.VisitOutcome `json:"outcome" enum:"fixed,beyond_repair,fault_not_found" example:"fixed"`
	Note    string              `json:"note,omitempty" maxLength:"5000"`
}

// PartBody names a part.
type PartBody struct {
	Name string `json:"name" minLength:"1" maxLength:"200" example:"compressor relay"`
}

// PartOrderBody says when a part comes.
type PartOrderBody struct {
	Name string    `json:"name" minLength:"1" maxLength:"200" example:"compressor relay"`
	ETA  time.Time `json:"eta" example:"2026-11-30T14:00:00Z"`
}

// MergeBody names the ticket that stays.
type MergeBody struct {
	Into string `json:"into" minLength:"1" maxLength:"80" example:"T-4821" doc:"Id or number, of the same customer."`
}

// ReasonBody is for verbs that need no more than a reason, if that.
type ReasonBody struct {
	Reason string `json:"reason,omitempty" maxLength:"1000" doc:"Why; some verbs need it."`
}

func (s *server) ticketVerbs(api huma.API) {
	verb(s, api, "triage", "Say what a ticket needs", "From triage: it is queued, or waits for the carry-in.",
		func(t muster.TicketID, b TriageBody) dispatch.TriageRequest {
			return dispatch.TriageRequest{
				Ticket: t, Mode: b.Mode, Needs: b.Needs, Duration: b.Duration, Priority: b.Priority, Carry: b.Carry, Crew: b.Crew,
			}
		}, s.Dispatch.Triage)
	verb(s, api, "assign", "Give a ticket to an expert", "No offer is made. It can be taken back with undo for ten seconds.",
		assignment, s.Dispatch.Assign)
	verb(s, api, "reassign", "Give a planned ticket to another expert or start", "The planned visit moves; its expert is told.",
		assignment, s.Dispatch.Reassign)
	verb(s, api, "accept-proposal", "Accept a proposal that an exception shows",
		"It sets aside what the proposal names, and is checked again like an assignment with overrides. Needs If-Match with the revision at which it was shown; proposal_gone if they can't come any more as was shown.",
		func(t muster.TicketID, b ProposalBody) dispatch.ProposalRequest {
			return dispatch.ProposalRequest{Ticket: t, Expert: b.Expert, Second: b.Second, Why: b.Why}
		}, s.Dispatch.AcceptProposal)
	verb(s, api, "offer", "Ask experts whether they take a ticket",
		"One, or up to 50 at once, of whom the first to accept has the visit. They have time to answer while they are on shift or on call. An offer holds its opening until it is answered or over.",
		func(t muster.TicketID, b OfferBody) dispatch.OfferRequest {
			return dispatch.OfferRequest{Ticket: t, Expert: b.Expert, Experts: b.Experts, Start: b.Start}
		}, s.Dispatch.Offer)
	verb(s, api, "wait", "Let a ticket wait", "Until an instant, for a reason.",
		func(t muster.TicketID, b WaitBody) dispatch.WaitRequest {
			return dispatch.WaitRequest{Ticket: t, For: b.For, Until: b.Until, Note: b.Note}
		}, s.Dispatch.Wait)
	verb(s, api, "choose-windows", "Choose when somebody may come", "A planned visit is withdrawn. Later windows put off what is due.",
		func(t muster.TicketID, b WindowsBody) dispatch.WindowsRequest {
			return dispatch.WindowsRequest{Ticket: t, Windows: b.Windows}
		}, s.Dispatch.ChooseWindows)
	verb(s, api, "complete", "Complete a ticket without a visit", "A carry-in was handed back, or it was solved remotely.",
		func(t muster.TicketID, b CompleteBody) dispatch.CompleteRequest {
			return dispatch.CompleteRequest{Ticket: t, Outcome: b.Outcome, Note: b.Note}
		}, s.Dispatch.Complete)

	part := func(t muster.TicketID, b PartBody) dispatch.PartRequest {
		return dispatch.PartRequest{Ticket: t, Name: b.Name}
	}
	verb(s, api, "need-part", "Say that the repair needs a part", "The ticket waits for its parts; a visit that is planned is withdrawn.", part, s.Dispatch.NeedPart)
	verb(s, api, "order-part", "Say when a part comes", "An earlier moment wakes the ticket earlier; a visit that is planned for before it is withdrawn.",
		func(t muster.TicketID, b PartOrderBody) dispatch.PartRequest {
			return dispatch.PartRequest{Ticket: t, Name: b.Name, ETA: b.ETA}
		}, s.Dispatch.OrderPart)
	verb(s, api, "part-there", "Say that a part has come", "With the last one the ticket is queued.", part, s.Dispatch.PartThere)
	verb(s, api, "merge", "Merge a duplicate into another ticket", "It is cancelled and points to the one that stays, which keeps what was said in it.",
		func(t muster.TicketID, b MergeBody) dispatch.MergeRequest {
			return dispatch.MergeRequest{Ticket: t, Into: b.Into}
		}, s.Dispatch.Merge)

	reasoned(s, api, "queue", "Queue a ticket", "From triage or waiting.", s.Dispatch.Queue)
	reasoned(s, api, "wake", "End a ticket's waiting", "It is queued. Customers may when it waits for them.", s.Dispatch.Wake)
	reasoned(s, api, "resolve", "Resolve a completed ticket", "The customer said yes.", s.Dispatch.Resolve)
	reasoned(s, api, "cancel", "Cancel a ticket", "Not once it is completed.", s.Dispatch.Cancel)
	reasoned(s, api, "reopen", "Reopen a ticket", "The fault is back: a new visit is needed. Within the policy's days that is under warranty; after them customers submit a new ticket.", s.Dispatch.Reopen)
	reasoned(s, api, "unassign", "Take a ticket from its expert", "With a reason. The visit is withdrawn and the ticket queued again.", s.Dispatch.Unassign)
	reasoned(s, api, "undo", "Take back the last assignment", "Within ten seconds, as long as nobody has acted since.", s.Dispatch.Undo)
}

func assignment(t muster.TicketID, b AssignBody) dispatch.AssignRequest {
	return dispatch.AssignRequest{
		Ticket: t, Expert: b.Expert, Second: b.Second, Start: b.Start, Overrides: b.Overrides, Why: b.Why,
	}
}

// verb registers POST /v1/tickets/{id}/NAME.
func verb[B, Q any](s *server, api huma.API, name, summary, description string,
	request func(muster.TicketID, B) Q, do func(context.Context, muster.Command, Q) (dispatch.Answer, error),
) {
	type input struct {
		TicketPath
		Commanded
		Body B
	}
	op := change(http.MethodPost, "/v1/tickets/{id}/"+name, name+"-ticket", "tickets", summary, description)
	register(s, api, op, func(ctx context.Context, in *input) (*TicketOutcome, error) {
		id, err := s.ticketID(ctx, in.ID)
		if err != nil {
			return nil, err
		}
		return carry(ctx, &in.Commanded, request(id, in.Body), do, outcome(http.StatusOK))
	})
}

// reasoned registers a verb whose body may be left out.
func reasoned(s *server, api huma.API, name, summary, description string,
	do func(context.Context, muster.Command, dispatch.TicketRequest) (dispatch.Answer, error),
) {
	verb(s, api, name, summary, description, func(t muster.TicketID, b *ReasonBody) dispatch.TicketRequest {
		if b == nil {
			b = &ReasonBody{}
		}
		return dispatch.TicketRequest{Ticket: t, Reason: b.Reason}
	}, do)
}

// ticketID finds the id of a ticket that may be named by its number.
func (s *server) ticketID(ctx context.Context, id string) (muster.TicketID, error) {
	ref, err := dispatch.ParseTicketRef(id)
	if err != nil || ref.ID != "" {
		return ref.ID, err
	}
	c, err := s.visibleCase(ctx, graph.CaseRef{Number: ref.Number}, muster.KindTicket, id)
	return c.Ticket.ID, err
}
