package api

import (
	"context"
	"encoding/json"
	"net/http"
	"reflect"
	"strconv"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"github.com/sysopssquad/muster"
)

// Stream begins to give numbered events after a number.
type Stream func(after int64) Feed

// Feed is one reader's place in the stream.
type Feed interface {
	// Next gives events that follow those given before, without a gap, waiting for one until the context
	// ends. Any other error means that it can't go on from here.
	Next(ctx context.Context) ([]muster.Event, error)
}

// EventPage is a page of the log of events.
type EventPage struct {
	Items          []muster.Event `json:"items" nullable:"false"`
	Next           int64          `json:"next" doc:"Ask for what is after this number next."`
	Head           int64          `json:"head" doc:"The highest number so far."`
	SnapshotNeeded bool           `json:"snapshot_needed,omitempty" doc:"What follows after is not retained any more, or never was: load everything anew, then go on from next."`
}

const eventsAbout = "As text/event-stream: each event has its number as id, its name as event and itself as data. Last-Event-ID (or after) " +
	"resumes behind a number; without either it begins now. A heartbeat comes every 5 s with the last number as id. If what follows isn't retained any more, " +
	"or the number is from another store, an event snapshot-needed says so: load everything anew and go on reading. " +
	"With Accept: application/json it is a page of events instead."

func (s *server) events(api huma.API) {
	type input struct {
		Accept string `header:"Accept" hidden:"true"`
		LastID string `header:"Last-Event-ID" doc:"The number of the last event that was seen."`
		After  string `query:"after" doc:"The same, for those who can't send headers."`
		Limit  int    `query:"limit" minimum:"1" maximum:"500" default:"100" doc:"Of a page."`
	}
	type output struct {
		Body func(huma.Context)
	}
	op := read("/v1/events", "follow-events", "events", "Everything that happens", eventsAbout)
	pageSchema := api.OpenAPI().Components.Schemas.Schema(reflect.TypeFor[EventPage](), true, "")
	op.Responses["200"] = &huma.Response{
		Description: "The stream, or a page.",
		Content: map[string]*huma.MediaType{
			"text/event-stream": {Schema: &huma.Schema{Type: huma.TypeString}, Example: "id: 4711\nevent: ticket.assigned\ndata: {\"aggregate\":\"tic_3k1v0c7m2q9xw4rd\",\"rev\":4,\"seq\":4711}\n\n"},
			"application/json":  {Schema: pageSchema},
		},
	}
	register(s, api, op, func(ctx context.Context, in *input) (*output, error) {
		after, err := place(in.LastID, in.After)
		if err != nil {
			return nil, err
		}
		floor, head, err := s.Graph.Bounds(ctx)
		if err != nil {
			return nil, err
		}
		start := begin(after, floor, head)
		if wantsJSON(in.Accept) {
			body, err := s.eventPage(ctx, start, head, in.Limit)
			return &output{Body: func(c huma.Context) { send(c, body) }}, err
		}
		return &output{Body: func(c huma.Context) { s.stream(c, start) }}, nil
	})
}

// start is where a reader begins, and whether it lost what came before.
type start struct {
	at   int64
	lost bool
}

// begin finds where to begin: after the number that was named, or now. What lies below the floor is gone,
// and a number above the head is of a store that is no more.
func begin(after *int64, floor, head int64) start {
	if after == nil {
		return start{at: head}
	}
	if *after < floor-1 || *after > head {
		return start{at: head, lost: true}
	}
	return start{at: *after}
}

// place reads the number to begin after; nil if none was named.
func place(lastID, after string) (*int64, error) {
	field, text := "Last-Event-ID", lastID
	if text == "" {
		field, text = "after", after
	}
	if text == "" {
		return nil, nil
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || n < 0 {
		return nil, muster.Invalid(field, text, "give the number of the last event that was seen, or leave it out to begin now")
	}
	return &n, nil
}

// wantsJSON tells whether a page is asked for rather than the stream.
func wantsJSON(accept string) bool {
	return strings.Contains(accept, "application/json") && !strings.Contains(accept, "text/event-stream")
}

func (s *server) eventPage(ctx context.Context, from start, head int64, limit int) (EventPage, error) {
	p := EventPage{Items: []muster.Event{}, Next: from.at, Head: head, SnapshotNeeded: from.lost}
	events, err := s.Graph.EventsAfter(ctx, from.at, limit)
	for _, e := range events {
		p.Next = e.Seq
		if seesEvent(scope(ctx), e) {
			p.Items = append(p.Items, *narrowed(scope(ctx), &e))
		}
	}
	p.Head = max(head, p.Next)
	return p, err
}

func send(c huma.Context, body any) {
	c.SetHeader("Content-Type", "application/json")
	c.SetStatus(http.StatusOK)
	_ = json.NewEncoder(c.BodyWriter()).Encode(body) // the client is gone if this fails
}
