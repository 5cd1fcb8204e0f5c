package api

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"github.com/sysopssquad/muster"
)

// Codes that only HTTP knows, beside those of package muster.
const (
	codeMalformed   muster.Code = "malformed"          // the body is not JSON that all decoders read alike
	codeNoActor     muster.Code = "no_actor"           // nobody is named who acts
	codeNoRoute     muster.Code = "no_such_path"       //
	codeNoMethod    muster.Code = "method_not_allowed" //
	codeMediaType   muster.Code = "media_type"         // a body that is not application/json
	codeSlow        muster.Code = "timeout"            // the request did not arrive in time
	codeBusy        muster.Code = "busy"               // more requests than can be carried out
	codeMisdirected muster.Code = "misdirected"        // the Host header names another machine
)

// statuses is the one table from codes to HTTP.
var statuses = map[muster.Code]int{
	muster.CodeInvalid:      http.StatusUnprocessableEntity,
	muster.CodeNotFound:     http.StatusNotFound,
	muster.CodeForbidden:    http.StatusForbidden,
	muster.CodeConflict:     http.StatusConflict,
	muster.CodeStale:        http.StatusPreconditionFailed,
	muster.CodeState:        http.StatusConflict,
	muster.CodeOutOfOrder:   http.StatusConflict,
	muster.CodeUnfit:        http.StatusConflict,
	muster.CodeOfferGone:    http.StatusGone,
	muster.CodeOfferOver:    http.StatusGone,
	muster.CodeOfferOthers:  http.StatusForbidden,
	muster.CodeProposalGone: http.StatusGone,
	muster.CodeAnswered:     http.StatusConflict,
	muster.CodeLookedAfter:  http.StatusConflict,
	muster.CodeTaken:        http.StatusConflict,
	muster.CodeUndoOver:     http.StatusConflict,
	muster.CodeReused:       http.StatusUnprocessableEntity,
	muster.CodeTooLarge:     http.StatusRequestEntityTooLarge,
	muster.CodeUnavailable:  http.StatusServiceUnavailable,
	muster.CodeUnknown:      http.StatusServiceUnavailable,
	muster.CodeNewerSchema:  http.StatusServiceUnavailable,
	muster.CodeUnsuitable:   http.StatusServiceUnavailable,
	muster.CodePrecondition: http.StatusPreconditionRequired,
	muster.CodeInternal:     http.StatusInternalServerError,

	codeMalformed:   http.StatusBadRequest,
	codeNoActor:     http.StatusUnauthorized,
	codeNoRoute:     http.StatusNotFound,
	codeNoMethod:    http.StatusMethodNotAllowed,
	codeMediaType:   http.StatusUnsupportedMediaType,
	codeSlow:        http.StatusRequestTimeout,
	codeBusy:        http.StatusTooManyRequests,
	codeMisdirected: http.StatusMisdirectedRequest,
}

// codes is the way back, for what huma refuses by status.
var codes = map[int]muster.Code{
	http.StatusBadRequest:            codeMalformed,
	http.StatusUnprocessableEntity:   muster.CodeInvalid,
	http.StatusRequestEntityTooLarge: muster.CodeTooLarge,
	http.StatusUnsupportedMediaType:  codeMediaType,
	http.StatusRequestTimeout:        codeSlow,
}

// Problem is every refusal of this API, as RFC 9457 has it.
type Problem struct {
	Type      string          `json:"type" example:"urn:muster:problem:invalid" doc:"The code as a URI."`
	Title     string          `json:"title" example:"Unprocessable Entity" doc:"The status in words."`
	Status    int             `json:"status" example:"422"`
	Detail    string          `json:"detail" doc:"What was wrong, with the value."`
	Code      muster.Code     `json:"code" example:"invalid" doc:"For programs: switch on this, never on text."`
	Hint      string          `json:"hint,omitempty" doc:"What to do about it."`
	Field     string          `json:"field,omitempty" example:"needs[0].level" doc:"The input's field."`
	Value     string          `json:"value,omitempty" example:"6" doc:"What was given there."`
	Reasons   []muster.Reason `json:"reasons,omitempty" doc:"For code unfit: every constraint that excludes, with its numbers."`
	Errors    []FieldError    `json:"errors,omitempty" doc:"Every field that was refused, if that was looked for: the first one is also above."`
	RequestID string          `json:"request_id,omitempty" doc:"Also in the header X-Request-Id and in the server's log."`

	cause error
}

// FieldError is one refused field of the input.
type FieldError struct {
	Field   string `json:"field" example:"needs[0].level"`
	Value   string `json:"value,omitempty" example:"6"`
	Message string `json:"message" example:"expected number <= 5"`
	Hint    string `json:"hint,omitempty"`
}

// Error is the detail.
func (p *Problem) Error() string { return p.Detail }

// Unwrap gives what it was made from.
func (p *Problem) Unwrap() error { return p.cause }

// GetStatus is the HTTP status.
func (p *Problem) GetStatus() int { return p.Status }

// ContentType is the one of RFC 9457.
func (p *Problem) ContentType(string) string { return "application/problem+json" }

// GetHeaders tells when to come back, and who may ask.
func (p *Problem) GetHeaders() http.Header {
	h := http.Header{}
	switch p.Code {
	case muster.CodeUnavailable, muster.CodeUnknown, codeBusy:
		h.Set("Retry-After", "1")
	case codeNoActor:
		h.Set("WWW-Authenticate", `Muster-Actor realm="muster"`)
	}
	return h
}

// problem turns an error into what the client gets. Causes stay on this side: they may name hosts and
// statements; the log has them under the same request id.
func problem(ctx context.Context, err error) *Problem {
	var p *Problem
	if errors.As(err, &p) {
		p.RequestID = requestID(ctx)
		return p
	}
	e := &muster.Error{Code: muster.CodeInternal, Message: "Muster failed in a way that it should not"}
	switch {
	case errors.As(err, &e):
	case errors.Is(err, context.DeadlineExceeded):
		e = muster.E(muster.CodeUnavailable, "the answer took too long", "send the same request again with the same Idempotency-Key")
	case errors.Is(err, context.Canceled):
		e = muster.E(muster.CodeUnavailable, "the request was given up", "send the same request again with the same Idempotency-Key")
	default:
		e.Hint = "report this with the request id"
	}
	p = blank(e.Code)
	p.Detail, p.Hint, p.Field, p.Value, p.Reasons, p.cause = e.Message, e.Hint, e.Field, e.Value, e.Reasons, err
	var all muster.Findings
	if errors.As(err, &all) {
		for _, e := range all {
			p.Errors = append(p.Errors, FieldError{Field: e.Field, Value: e.Value, Message: e.Message, Hint: e.Hint})
		}
		p.Detail += p.more()
	}
	p.RequestID = requestID(ctx)
	return p
}

func blank(code muster.Code) *Problem {
	status, known := statuses[code]
	if !known {
		status = http.StatusInternalServerError
	}
	return &Problem{
		Type: "urn:muster:problem:" + string(code), Title: http.StatusText(status), Status: status, Code: code,
	}
}

// huma makes its own refusals (validation, content types) through these two variables; there is no other
// way to give it an error type. No other package of Muster uses huma.
func init() {
	huma.NewError = func(status int, text string, errs ...error) huma.StatusError {
		return refusal(context.Background(), nil, status, text, errs)
	}
	huma.NewErrorWithContext = func(ctx huma.Context, status int, text string, errs ...error) huma.StatusError {
		return refusal(ctx.Context(), ctx.Query, status, text, errs)
	}
	huma.ValidateStrictCasing = true // "Title" is not "title": an unknown field is refused, not guessed
}

// refusal is a problem from what huma found. Query gives the value of a query parameter, "" for none; it is nil
// where there is no request.
func refusal(ctx context.Context, query func(string) string, status int, text string, errs []error) *Problem {
	code, known := codes[status]
	if !known {
		code = muster.CodeInternal
	}
	p := blank(code)
	p.Detail = text
	p.RequestID = requestID(ctx)
	p.cause = errors.Join(errs...)
	for _, err := range errs {
		var d *huma.ErrorDetail
		if errors.As(err, &d) {
			e := fieldError(d)
			if query != nil && e.Value == "" && strings.HasPrefix(d.Location, "query.") {
				e.Value = shown(query(e.Field)) // huma says which one, not what was in it
			}
			p.Errors = append(p.Errors, e)
		}
	}
	if len(p.Errors) > 0 {
		first := p.Errors[0]
		p.Field, p.Value, p.Hint = first.Field, first.Value, first.Hint
		p.Detail = first.Field + ": " + first.Message + p.more()
	}
	switch {
	case code == codeMediaType:
		p.Detail, p.Field, p.Value, p.Errors = "the body's content type is not JSON", "Content-Type", "", nil
		p.Hint = "send Content-Type: application/json"
	case code == codeMalformed && len(errs) == 0: // huma says this of an empty body alone
		p.Field, p.Hint = "body", "send a JSON object; /openapi.json has its fields"
	case p.Hint == "" && code == muster.CodeInvalid:
		p.Hint = "/openapi.json has the fields and what they take"
	}
	return p
}

// more tells of refused fields beside the first.
func (p *Problem) more() string {
	if n := len(p.Errors); n > 1 {
		return fmt.Sprintf(" (and %d more, see errors)", n-1)
	}
	return ""
}

// zoned is the remedy for times.
const zoned = "give date, time and zone, such as 2026-11-24T09:00:00-06:00 or 2026-11-24T15:00:00Z"

// remedies turn huma's findings into what to do. A remedy that ends in a space takes the rest of the
// message, such as the bound. The first that fits holds.
var remedies = []struct{ finding, remedy string }{
	{"unexpected property", "leave it out, or check its spelling: /openapi.json has the fields"},
	{"unknown query parameter", "leave it out, or check its spelling: /openapi.json has the parameters"},
	{"expected required property", "add it"},
	{"required", "add it"},
	{"expected string to be RFC 3339 date-time", zoned},
	{"expected date, time and zone", zoned},
	{"expected number <= ", "give at most "},
	{"expected number >= ", "give at least "},
	{"expected length <= ", "shorten it; its length may be at most "},
	{"expected length >= ", "give more; its length must be at least "},
	{"expected array length <= ", "give fewer; there may be at most "},
	{"expected array length >= ", "give more; there must be at least "},
	{"expected one of ", "give one of "},
	{"expected string to be ", "give "},
	{"expected integer", "give a whole number"},
	{"expected plain integer", "give a whole number of at most 18 digits, without an exponent"},
	{"invalid integer", "give a whole number"},
	{"invalid float", "give a number"},
	{"invalid boolean", "give true or false"},
	{"expected ", "give: "},
}

// remedy is what to do about a finding.
func remedy(finding string) string {
	for _, r := range remedies {
		rest, ok := strings.CutPrefix(finding, r.finding)
		switch {
		case !ok:
		case strings.HasSuffix(r.remedy, " "):
			return r.remedy + rest
		default:
			return r.remedy
		}
	}
	return finding
}

// undecoded is what Go's decoder says of a value that passed as a whole number and isn't one that it reads: 1e2, or one of
// thirty digits.
var undecoded = regexp.MustCompile(`^json: cannot unmarshal (?:number )?(\S+) into Go (?:struct field [^.\s]+\.(\S+)|value) of type`)

func fieldError(d *huma.ErrorDetail) FieldError {
	field := d.Location
	if is := undecoded.FindStringSubmatch(d.Message); is != nil {
		e := FieldError{Field: cmp.Or(is[2], field), Value: shown(is[1]), Message: "expected plain integer"}
		e.Hint = remedy(e.Message)
		return e
	}
	for _, where := range []string{"body.", "query.", "path.", "header."} {
		field = strings.TrimPrefix(field, where)
	}
	message := plainly(d.Message)
	e := FieldError{Field: field, Message: message}
	if rest, ok := strings.CutPrefix(d.Message, "expected required property "); ok {
		name, _, _ := strings.Cut(rest, " ")
		e.Field = strings.TrimPrefix(strings.TrimPrefix(d.Location+"."+name, "body."), "query.")
	}
	switch v := d.Value.(type) {
	case nil:
	case map[string]any: // for an unknown field huma shows the whole object
		if inner, ok := v[field[strings.LastIndexByte(field, '.')+1:]]; ok {
			e.Value = shown(inner)
		}
	default:
		e.Value = shown(v)
	}
	e.Hint = remedy(message)
	return e
}

// plainly says a finding of huma's for people: without the layout that Go reads times by, and without quotes around a list.
func plainly(finding string) string {
	if strings.HasPrefix(finding, "invalid date/time for format ") {
		return "expected date, time and zone"
	}
	if list, ok := strings.CutPrefix(finding, "expected value to be one of "); ok {
		return "expected one of " + strings.Trim(list, `"`)
	}
	return finding
}

// shown is a value short enough to repeat.
func shown(v any) string {
	s := fmt.Sprint(v)
	if len(s) > 120 {
		s = strings.ToValidUTF8(s[:120], "") + "..."
	}
	return s
}
