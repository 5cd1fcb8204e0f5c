package api

import (
	"encoding/json"
	"fmt"
	"net/http"
	"reflect"
	"strconv"

	"github.com/danielgtaylor/huma/v2"
)

// tags group the operations, in the order in which somebody new meets them.
var tags = []*huma.Tag{
	{Name: "health", Description: "Does it live, and can it work?"},
	{Name: "people", Description: "Who acts. Until people sign in, anybody on this machine may be anybody."},
	{Name: "tickets", Description: "One thing to repair each, with its visits, offers and assignments as parts: they share its revision."},
	{Name: "match", Description: "Who can take a ticket, at what cost, and why everyone else can't."},
	{Name: "exceptions", Description: "What needs a person about a ticket, who looks after it, and whom they reached."},
	{Name: "visits", Description: "One planned attendance each, from on the way to ended."},
	{Name: "offers", Description: "Questions to experts, each with a deadline."},
	{Name: "messages", Description: "What people are told, by SMS, e-mail and push, and what became of it."},
	{Name: "customers", Description: "Customers, with sites and devices as parts: they share the customer's revision."},
	{Name: "experts", Description: "Who repairs: skills, shifts, leave, tours."},
	{Name: "company", Description: "Skills, policy and regions."},
	{Name: "events", Description: "Everything that happens, in order, as a stream or page by page."},
}

const about = `Muster takes in repair tickets and finds each the right expert at the right time.

Every command (POST, PUT, DELETE) names who acts in the header Muster-Actor, takes an Idempotency-Key, so that it can be
sent again safely, and an If-Match with the revision that was seen. Every refusal is a problem (RFC 9457) with a code for
programs and a hint for people. Instants have a zone; lengths of time are whole minutes. Lists give 50 items unless told
otherwise, and a cursor to the next ones.`

//go:generate go test -run TestOpenAPIIsCommitted . -update

// settings of huma: JSON alone, no page that loads scripts from elsewhere, no fields that are not ours.
func settings(version string) huma.Config {
	registry := huma.NewMapRegistry("#/components/schemas/", huma.DefaultSchemaNamer)
	describeWords(registry)
	return huma.Config{
		OpenAPI: &huma.OpenAPI{
			OpenAPI: "3.1.0",
			Info: &huma.Info{
				Title: "Muster", Version: version, Description: about,
				License: &huma.License{Name: "Apache-2.0", Identifier: "Apache-2.0"},
			},
			Tags: tags,
			Components: &huma.Components{
				Schemas:   registry,
				Responses: refused(registry),
				SecuritySchemes: map[string]*huma.SecurityScheme{
					"actor":   {Type: "apiKey", In: "header", Name: ActorHeader, Description: "The id of who acts, for programs."},
					"session": {Type: "apiKey", In: "cookie", Name: ActorCookie, Description: "The same for browsers; POST /v1/session sets it."},
				},
			},
		},
		Formats:       map[string]huma.Format{"application/json": huma.DefaultJSONFormat, "json": huma.DefaultJSONFormat},
		DefaultFormat: "application/json",
	}
}

// describe is the OpenAPI document as it is served, and as docs/openapi.json has it.
func describe(api huma.API) ([]byte, error) {
	b, err := json.MarshalIndent(api.OpenAPI(), "", "  ")
	if err != nil {
		return nil, fmt.Errorf("describing the API: %w", err)
	}
	return append(b, '\n'), nil
}

// refusals refers to the descriptions of these statuses, which all have a problem as body.
func refusals(statuses ...int) map[string]*huma.Response {
	refs := make(map[string]*huma.Response)
	for _, status := range append(statuses, http.StatusTooManyRequests, http.StatusInternalServerError, http.StatusServiceUnavailable) {
		refs[strconv.Itoa(status)] = &huma.Response{Ref: "#/components/responses/" + strconv.Itoa(status)}
	}
	return refs
}

// refused describes what each status of a refusal means here.
func refused(r huma.Registry) map[string]*huma.Response {
	schema := r.Schema(reflect.TypeFor[Problem](), true, "")
	described := make(map[string]*huma.Response)
	for status, text := range map[int]string{
		http.StatusBadRequest:            "The path or query is not text, or the body not JSON that can be read in one way only.",
		http.StatusUnauthorized:          "Nobody is named who does this, or there is no such person.",
		http.StatusForbidden:             "This person may not do this.",
		http.StatusNotFound:              "There is no such thing, or it is not yours to see.",
		http.StatusConflict:              "Not from this state, not with this expert (unfit, with reasons), somebody else was faster, or it belongs to another.",
		http.StatusGone:                  "The offer was taken, withdrawn, or is over.",
		http.StatusPreconditionFailed:    "It has changed since the revision in If-Match (stale).",
		http.StatusRequestEntityTooLarge: "More than 1 MiB, or a text or list beyond its limit.",
		http.StatusUnsupportedMediaType:  "The body is not application/json.",
		http.StatusUnprocessableEntity:   "A field is missing, unknown, or out of its range (invalid), or the Idempotency-Key was used for another request (key_reused).",
		http.StatusPreconditionRequired:  "This command needs If-Match.",
		http.StatusTooManyRequests:       "More requests than can be carried out (busy): send the same again after Retry-After seconds.",
		http.StatusInternalServerError:   "A defect of Muster; the log has it under the request id.",
		http.StatusServiceUnavailable:    "The store can't be reached, or what became of the command is not known: send the same again with the same Idempotency-Key.",
	} {
		described[strconv.Itoa(status)] = &huma.Response{
			Description: text,
			Content:     map[string]*huma.MediaType{"application/problem+json": {Schema: schema}},
		}
	}
	return described
}

// open describes an operation that nobody has to be named for.
func open(method, path, id, tag, summary string) huma.Operation {
	return huma.Operation{
		Method: method, Path: path, OperationID: id, Tags: []string{tag}, Summary: summary,
		Responses: refusals(http.StatusUnprocessableEntity),
	}
}

// read describes an operation that shows something.
func read(path, id, tag, summary, description string) huma.Operation {
	op := open(http.MethodGet, path, id, tag, summary)
	op.Description = description
	op.Security = named
	op.Responses = refusals(http.StatusBadRequest, http.StatusUnauthorized, http.StatusForbidden, http.StatusNotFound, http.StatusUnprocessableEntity)
	return op
}

// readOne describes one that shows a single thing, which the caller may have already.
func readOne(path, id, tag, summary, description string) huma.Operation {
	op := read(path, id, tag, summary, description)
	op.DefaultStatus = http.StatusOK
	op.Responses[strconv.Itoa(http.StatusNotModified)] = &huma.Response{Description: "The caller has this revision."}
	return op
}

// change describes a command.
func change(method, path, id, tag, summary, description string) huma.Operation {
	op := open(method, path, id, tag, summary)
	op.Description = description
	op.Security = named
	op.DefaultStatus = http.StatusOK
	op.Responses = refusals(http.StatusBadRequest, http.StatusUnauthorized, http.StatusForbidden, http.StatusNotFound,
		http.StatusConflict, http.StatusPreconditionFailed, http.StatusRequestEntityTooLarge,
		http.StatusUnsupportedMediaType, http.StatusUnprocessableEntity, http.StatusPreconditionRequired)
	return op
}
