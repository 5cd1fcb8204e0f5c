package api

import (
	"cmp"
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/dispatch"
	"github.com/sysopssquad/muster/graph"
)

// ExceptionPath names an exception of a ticket.
type ExceptionPath struct {
	TicketPath
	Kind muster.ExceptionKind `path:"kind" example:"call"`
}

// ExceptionBody says which of several exceptions of a kind is meant.
type ExceptionBody struct {
	Visit muster.VisitID `json:"visit,omitempty" doc:"Which of several of a kind; the oldest if left out."`
}

// HandOverBody says who looks after an exception from now on.
type HandOverBody struct {
	ExceptionBody
	To muster.UserID `json:"to" example:"usr_dana"`
}

// ContactBody logs a try to reach somebody.
type ContactBody struct {
	ExceptionBody
	Whom   string `json:"whom" enum:"customer,expert"`
	How    string `json:"how" enum:"phone,sms,email,in_person"`
	Result string `json:"result" enum:"reached,no_answer,will_call_back,wrong_number"`
	Note   string `json:"note,omitempty" maxLength:"5000"`
}

// ExceptionRow is a ticket that needs a person, with the exceptions that were asked for.
type ExceptionRow struct {
	TicketHead
	Title      string             `json:"title"`
	Customer   muster.CustomerID  `json:"customer"`
	Region     muster.RegionID    `json:"region"`
	Priority   muster.Priority    `json:"priority"`
	DueAt      time.Time          `json:"due_at"`
	Exceptions []muster.Exception `json:"exceptions" nullable:"false" doc:"The most pressing first."`
}

// ExceptionQuery narrows the list.
type ExceptionQuery struct {
	Paged
	Kind   muster.ExceptionKind `query:"kind"`
	Owner  muster.UserID        `query:"owner" doc:"Who has taken it."`
	Free   bool                 `query:"free" doc:"Those that nobody has taken."`
	Region muster.RegionID      `query:"region"`
}

func (s *server) exceptions(api huma.API) {
	op := read("/v1/exceptions", "list-exceptions", "exceptions", "What needs a person, the most urgent tickets first",
		"Tickets by priority, then by when they are due, each with its exceptions. For staff.")
	register(s, api, op, func(ctx context.Context, in *ExceptionQuery) (*Page[ExceptionRow], error) {
		if err := staffOnly(scope(ctx), "exceptions"); err != nil {
			return nil, err
		}
		f := in.filter()
		find := func(ctx context.Context, p graph.Page) ([]*muster.Ticket, string, error) {
			return s.Graph.Tickets(ctx, scope(ctx), f, p)
		}
		return page(ctx, in.Paged, "/v1/exceptions", in.values(), find, func(t *muster.Ticket) ExceptionRow {
			return exceptionRow(t, f.Exceptions)
		})
	})

	named := func(which dispatch.ExceptionRequest, b *ExceptionBody) dispatch.ExceptionRequest {
		if b != nil {
			which.Visit = b.Visit
		}
		return which
	}
	excepted(s, api, "take", "Look after an exception",
		"It returns to the list unless a contact is logged or it is settled within the policy's exception_minutes.", named, s.Dispatch.TakeException)
	excepted(s, api, "settle", "Take an exception off the list", "What was to be done is done. One that somebody else has taken is looked_after, but for managers and administrators.", named, s.Dispatch.SettleException)
	excepted(s, api, "hand-over", "Give an exception to somebody else", "They have the policy's minutes anew.",
		func(which dispatch.ExceptionRequest, b HandOverBody) dispatch.HandOverRequest {
			return dispatch.HandOverRequest{ExceptionRequest: named(which, &b.ExceptionBody), To: b.To}
		}, s.Dispatch.HandOverException)
	excepted(s, api, "contact", "Log a try to reach somebody", "It counts as having looked after it.",
		func(which dispatch.ExceptionRequest, b ContactBody) dispatch.ContactRequest {
			return dispatch.ContactRequest{
				ExceptionRequest: named(which, &b.ExceptionBody), Whom: b.Whom, How: b.How, Result: b.Result, Note: b.Note,
			}
		}, s.Dispatch.ContactException)
}

// excepted registers POST /v1/tickets/{id}/exceptions/{kind}/NAME.
func excepted[B, Q any](s *server, api huma.API, name, summary, description string,
	request func(dispatch.ExceptionRequest, B) Q, do func(context.Context, muster.Command, Q) (dispatch.Answer, error),
) {
	type input struct {
		ExceptionPath
		Commanded
		Body B
	}
	op := change(http.MethodPost, "/v1/tickets/{id}/exceptions/{kind}/"+name, name+"-exception", "exceptions", summary, description)
	register(s, api, op, func(ctx context.Context, in *input) (*TicketOutcome, error) {
		id, err := s.ticketID(ctx, in.ID)
		if err != nil {
			return nil, err
		}
		req := request(dispatch.ExceptionRequest{Ticket: id, Kind: in.Kind}, in.Body)
		return carry(ctx, &in.Commanded, req, do, outcome(http.StatusOK))
	})
}

// exceptionRow shows those exceptions of a ticket that pass.
func exceptionRow(t *muster.Ticket, f graph.ExceptionFilter) ExceptionRow {
	row := ExceptionRow{
		TicketHead: head(t), Title: t.Title, Customer: t.Customer, Region: t.Region, Priority: t.Priority, DueAt: t.DueAt,
		Exceptions: []muster.Exception{},
	}
	for _, e := range t.Exceptions {
		if f.Pass(e) {
			row.Exceptions = append(row.Exceptions, e)
		}
	}
	order := muster.ExceptionKinds()
	slices.SortStableFunc(row.Exceptions, func(a, b muster.Exception) int {
		return cmp.Or(cmp.Compare(slices.Index(order, a.Kind), slices.Index(order, b.Kind)), a.Since.Compare(b.Since))
	})
	return row
}

func (q ExceptionQuery) filter() graph.TicketFilter {
	return graph.TicketFilter{Region: q.Region, Exceptions: graph.ExceptionFilter{Any: true, Kind: q.Kind, Owner: q.Owner, Free: q.Free}}
}

// values is the filter as a query again, for the link to the next page.
func (q ExceptionQuery) values() url.Values {
	v := url.Values{}
	for name, value := range map[string]string{"kind": string(q.Kind), "owner": string(q.Owner), "region": string(q.Region)} {
		if value != "" {
			v.Set(name, value)
		}
	}
	if q.Free {
		v.Set("free", "true")
	}
	return v
}

type exceptionKindWord struct{}

// Schema lists the kinds of exceptions.
func (exceptionKindWord) Schema(huma.Registry) *huma.Schema {
	names := make([]string, 0, len(muster.ExceptionKinds()))
	for _, k := range muster.ExceptionKinds() {
		names = append(names, string(k))
	}
	return texts("What needs a person: "+strings.Join(names, ", ")+".", muster.ExceptionKinds()...)
}
