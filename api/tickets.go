package api

import (
	"context"
	"net/http"
	"net/url"
	"reflect"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/dispatch"
	"github.com/sysopssquad/muster/graph"
)

// TicketPath names a ticket in a path.
type TicketPath struct {
	ID string `path:"id" maxLength:"80" example:"T-4821" doc:"The ticket's id, or its number with or without T-."`
}

// TicketRow is a ticket in a list.
type TicketRow struct {
	muster.Ticket
	Ref   string `json:"ref" example:"T-4821" doc:"The number as people say it."`
	Shown string `json:"shown" example:"offered" doc:"The state that people see: the visit's while scheduled, else the ticket's."`
}

// TicketHead is what answers about one ticket begin with, so that a shell finds it at the top.
type TicketHead struct {
	ID    muster.TicketID `json:"id"`
	Ref   string          `json:"ref" example:"T-4821" doc:"The number as people say it."`
	Rev   int64           `json:"rev" example:"3" doc:"The ticket's revision, with which the ETag begins."`
	Shown string          `json:"shown" example:"offered" doc:"The state that people see: the visit's while scheduled, else the ticket's."`

	MergedInto muster.TicketID `json:"merged_into,omitempty" doc:"The ticket of which this one was a duplicate: look there."`
}

// TicketWhole is a ticket with all its parts, and whose it is.
type TicketWhole struct {
	TicketHead
	Ticket      muster.Ticket       `json:"ticket"`
	Customer    muster.Customer     `json:"customer"`
	Site        muster.Site         `json:"site"`
	Device      *muster.Device      `json:"device,omitempty"`
	Visits      []muster.Visit      `json:"visits" nullable:"false" doc:"In order; at most the last one is open."`
	Offers      []muster.Offer      `json:"offers" nullable:"false" doc:"In order of time."`
	Assignments []muster.Assignment `json:"assignments" nullable:"false" doc:"In order of time, withdrawn ones too."`
}

// SubmitBody asks for a repair.
type SubmitBody struct {
	Customer muster.CustomerID `json:"customer" example:"cus_3k1v0c7m2q9xw4rd"`
	Site     muster.SiteID     `json:"site" example:"sit_9a0rjw2c51tbe6mx" doc:"One of the customer's: where the visit goes."`
	Device   muster.DeviceID   `json:"device,omitempty" doc:"One of the customer's, if it is about one."`
	Title    string            `json:"title" minLength:"1" maxLength:"200" example:"Refrigerator warm, freezer fine"`
	Text     string            `json:"text,omitempty" maxLength:"16000" doc:"What the customer said."`
	Category string            `json:"category,omitempty" maxLength:"100" example:"refrigerator"`
	Symptom  string            `json:"symptom,omitempty" maxLength:"100" example:"not cold"`
	Mode     muster.Mode       `json:"mode,omitempty" doc:"home_visit if left out."`
	Needs    []muster.Need     `json:"needs,omitempty" maxItems:"20" doc:"Skills with level. None: the ticket goes to triage, where a person decides."`
	Duration muster.Minutes    `json:"duration_min,omitempty" minimum:"0" maximum:"1440" example:"60" doc:"Work on site, in minutes; 60 if left out."`
	Windows  []muster.Window   `json:"windows,omitempty" maxItems:"20" doc:"When the customer is at home; any of them will do. None: at any time."`
	Carry    []string          `json:"carry,omitempty" maxItems:"50" doc:"Parts and tools that the expert must bring."`
	Crew     int               `json:"crew,omitempty" minimum:"0" maximum:"2" doc:"Experts at once; 1 if left out. Not for customers to say."`
	Priority muster.Priority   `json:"priority,omitempty" doc:"normal if left out. Not for customers to say."`
	Division string            `json:"division,omitempty" maxLength:"100" doc:"Not for customers to say."`
	Legacy   string            `json:"legacy,omitempty" maxLength:"200" example:"openrepair/rcwales_34450" doc:"Source and id in another system; each can be submitted once."`
}

// TicketQuery narrows a list of tickets.
type TicketQuery struct {
	Paged
	State    []string          `query:"state" enum:"open,triage,queued,scheduled,waiting,completed,resolved,cancelled,offered,assigned,en_route,arrived,in_progress" example:"[\"queued\"]" doc:"States as people see them, separated by commas: a ticket's, its visit's while scheduled, or open for all that are neither resolved nor cancelled."`
	Customer muster.CustomerID `query:"customer"`
	Expert   muster.ExpertID   `query:"expert" doc:"Assigned or offered to."`
	Region   muster.RegionID   `query:"region"`
	Priority muster.Priority   `query:"priority"`
	Since    time.Time         `query:"since" doc:"Submitted at or after."`
}

func (s *server) tickets(api huma.API) {
	type submit struct {
		Commanded
		Body SubmitBody
	}
	op := change(http.MethodPost, "/v1/tickets", "submit-ticket", "tickets", "Ask for a repair",
		"The ticket is queued for an expert, or goes to triage if it names no skills. It is never without a next step from here on. "+
			"While the graph can't be reached the answer is 202: the submission is safe on disk under the ticket's number and id, in state accepted, and becomes the ticket as soon as it can.")
	op.DefaultStatus = http.StatusCreated
	op.Responses["202"] = &huma.Response{
		Description: "Accepted, being filed: the graph can't be reached now.",
		Content: map[string]*huma.MediaType{
			"application/json": {Schema: api.OpenAPI().Components.Schemas.Schema(reflect.TypeFor[TicketAnswer](), true, "")},
		},
	}
	register(s, api, op, func(ctx context.Context, in *submit) (*TicketOutcome, error) {
		return carry(ctx, &in.Commanded, in.Body.request(), s.Dispatch.Submit, outcome(http.StatusCreated))
	})

	op = read("/v1/tickets", "list-tickets", "tickets", "Tickets, the most urgent first",
		"By priority, then by when they are due. Experts and customers get those that concern them.")
	register(s, api, op, func(ctx context.Context, in *TicketQuery) (*Page[TicketRow], error) {
		find := func(ctx context.Context, p graph.Page) ([]*muster.Ticket, string, error) {
			return s.Graph.Tickets(ctx, scope(ctx), in.filter(), p)
		}
		return page(ctx, in.Paged, "/v1/tickets", in.values(), find, ticketRow)
	})

	type counts struct {
		Body map[string]int
	}
	op = read("/v1/tickets/counts", "count-tickets", "tickets", "How many open tickets are in each state", "By the state that people see.")
	register(s, api, op, func(ctx context.Context, _ *struct{}) (*counts, error) {
		n, err := s.Graph.TicketCounts(ctx, scope(ctx))
		return &counts{Body: n}, err
	})

	type one struct {
		TicketPath
		Conditional
	}
	op = readOne("/v1/tickets/{id}", "show-ticket", "tickets", "One ticket with all its parts", "By id or by number.")
	register(s, api, op, func(ctx context.Context, in *one) (*Single[TicketWhole], error) {
		if t, ok := s.beingFiled(ctx, in.ID); ok {
			return &Single[TicketWhole]{Status: http.StatusOK, CacheControl: "no-store", Body: whole(graph.TicketCase{Ticket: t})}, nil
		}
		c, err := s.ticketCase(ctx, in.ID)
		if err != nil {
			return nil, err
		}
		return single(in.Conditional, c.Ticket.Rev, whole(c), c.Customer.Rev), nil
	})

	type history struct {
		Body List[muster.Event]
	}
	op = read("/v1/tickets/{id}/history", "show-ticket-history", "tickets", "All that happened to a ticket", "Its events by revision, each with the state after it.")
	register(s, api, op, func(ctx context.Context, in *TicketPath) (*history, error) {
		c, err := s.ticketCase(ctx, in.ID)
		if err != nil {
			return nil, err
		}
		events, err := s.Graph.History(ctx, scope(ctx), string(c.Ticket.ID))
		return &history{Body: List[muster.Event]{Items: filled(events)}}, err
	})
}

// ticketCase loads a ticket by id or number, if the actor may see it.
func (s *server) ticketCase(ctx context.Context, id string) (graph.TicketCase, error) {
	ref, err := dispatch.ParseTicketRef(id)
	if err != nil {
		return graph.TicketCase{}, err
	}
	return s.visibleCase(ctx, graph.CaseRef{Ticket: ref.ID, Number: ref.Number}, muster.KindTicket, id)
}

// visibleCase loads a ticket by any of its ids; one that is not the actor's to see reads like a missing one.
func (s *server) visibleCase(ctx context.Context, ref graph.CaseRef, kind muster.Kind, given string) (graph.TicketCase, error) {
	c, err := s.Graph.TicketCase(ctx, "", ref)
	if err != nil {
		return graph.TicketCase{}, err
	}
	if who := scope(ctx); !seesTicket(who, c) || kind == muster.KindOffer && who.Customer != "" {
		return graph.TicketCase{}, muster.NotFound(kind, given)
	}
	return c, nil
}

// beingFiled gives a ticket that is not in the graph yet, but safe in this process's journal.
func (s *server) beingFiled(ctx context.Context, id string) (muster.Ticket, bool) {
	ref, err := dispatch.ParseTicketRef(id)
	if err != nil {
		return muster.Ticket{}, false
	}
	t, ok := s.Dispatch.AcceptedTicket(ref)
	return t, ok && seesTicket(scope(ctx), graph.TicketCase{Ticket: t})
}

func ticketRow(t *muster.Ticket) TicketRow {
	return TicketRow{Ticket: *t, Ref: t.Ref(), Shown: t.Shown()}
}

func head(t *muster.Ticket) TicketHead {
	return TicketHead{ID: t.ID, Ref: t.Ref(), Rev: t.Rev, Shown: t.Shown(), MergedInto: t.MergedInto}
}

func whole(c graph.TicketCase) TicketWhole {
	return TicketWhole{
		TicketHead: head(&c.Ticket), Ticket: c.Ticket, Customer: c.Customer, Site: c.Site, Device: c.Device,
		Visits: filled(c.Visits), Offers: filled(c.Offers), Assignments: filled(c.Assignments),
	}
}

// filled is a list that reads [] in JSON when it is empty.
func filled[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}

func (b SubmitBody) request() dispatch.SubmitRequest {
	return dispatch.SubmitRequest{
		Customer: b.Customer, Site: b.Site, Device: b.Device, Title: b.Title, Text: b.Text, Category: b.Category,
		Symptom: b.Symptom, Mode: b.Mode, Needs: b.Needs, Duration: b.Duration, Windows: b.Windows, Carry: b.Carry,
		Crew: b.Crew, Priority: b.Priority, Division: b.Division, Legacy: b.Legacy,
	}
}

func (q TicketQuery) filter() graph.TicketFilter {
	return graph.TicketFilter{
		States: q.State, Customer: q.Customer, Expert: q.Expert, Region: q.Region, Priority: q.Priority, Since: q.Since,
	}
}

// values is the filter as a query again, for the link to the next page.
func (q TicketQuery) values() url.Values {
	v := url.Values{}
	for name, value := range map[string]string{
		"state": strings.Join(q.State, ","), "customer": string(q.Customer), "expert": string(q.Expert),
		"region": string(q.Region), "priority": string(q.Priority), "since": instant(q.Since),
	} {
		if value != "" {
			v.Set(name, value)
		}
	}
	return v
}

func instant(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339Nano)
}
