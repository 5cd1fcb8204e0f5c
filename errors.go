package muster

import (
	"errors"
	"fmt"
	"strings"
)

// Code says what kind of trouble an error is. Programs switch on codes; nobody matches on text.
type Code string

// The codes. API maps each to one HTTP status and the command line to one exit code.
const (
	CodeInvalid      Code = "invalid"       // the input breaks a rule that it could have known
	CodeNotFound     Code = "not_found"     // there is no such thing, or it is not yours to see
	CodeForbidden    Code = "forbidden"     // this actor may not do this
	CodeConflict     Code = "conflict"      // somebody else changed it; reload and decide again
	CodeStale        Code = "stale"         // the caller decided on a revision that is gone
	CodeState        Code = "wrong_state"   // the lifecycle has no such step from here
	CodeOutOfOrder   Code = "out_of_order"  // a step is said to have come after the one that it comes before
	CodeUnfit        Code = "unfit"         // a hard constraint excludes this expert or start
	CodeOfferGone    Code = "offer_gone"    // another expert was first, or the offer was withdrawn
	CodeOfferOver    Code = "offer_over"    // the offer's deadline has passed
	CodeOfferOthers  Code = "offer_others"  // somebody else was asked
	CodeAnswered     Code = "answered"      // the offer has been answered already
	CodeProposalGone Code = "proposal_gone" // those proposed can't come any more as was shown
	CodeLookedAfter  Code = "looked_after"  // somebody else has taken this exception
	CodeTaken        Code = "taken"         // a unique key belongs to something else
	CodeUndoOver     Code = "undo_over"     // the ten seconds are over, or somebody acted since
	CodeReused       Code = "key_reused"    // the same idempotency key with another request
	CodeTooLarge     Code = "too_large"     // the input exceeds a stated size
	CodeUnavailable  Code = "unavailable"   // a store or queue can't be reached
	CodeUnknown      Code = "unknown"       // a commit's outcome is not known; send the same again
	CodeNewerSchema  Code = "newer_schema"  // the store was written by a newer Muster
	CodeUnsuitable   Code = "unsuitable"    // a server is too old or set up in a way that loses work
	CodePrecondition Code = "need_revision" // a command needs the revision that its caller saw
	CodeInternal     Code = "internal"      // a defect of ours
)

// Error is a refusal that a person can act on.
type Error struct {
	Code    Code     `json:"code"`
	Message string   `json:"message"`           // what was wrong, with the value
	Hint    string   `json:"hint,omitempty"`    // what to do
	Field   string   `json:"field,omitempty"`   // the input's field, in the caller's words
	Value   string   `json:"value,omitempty"`   // what was given there
	Reasons []Reason `json:"reasons,omitempty"` // for CodeUnfit: every constraint that excludes
	cause   error
}

// Error reads as a sentence; the cause follows it.
func (e *Error) Error() string {
	s := e.Message
	if e.Hint != "" {
		s += ": " + e.Hint
	}
	if e.cause != nil {
		s += " (" + e.cause.Error() + ")"
	}
	return s
}

// Unwrap gives the cause.
func (e *Error) Unwrap() error { return e.cause }

// Because adds a cause.
func (e *Error) Because(err error) *Error {
	e.cause = err
	return e
}

// E makes an error of a code. The message names the value, the hint what to do.
func E(code Code, message, hint string) *Error {
	return &Error{Code: code, Message: message, Hint: hint}
}

// Invalid is a refused input: the field, the value as given and the remedy.
func Invalid(field, value, hint string) *Error {
	shown := value
	if len(shown) > 120 {
		shown = strings.ToValidUTF8(shown[:120], "") + "..."
	}
	return &Error{
		Code: CodeInvalid, Message: fmt.Sprintf("%s: %q is not acceptable", field, shown),
		Hint: hint, Field: field, Value: shown,
	}
}

// NotFound says that there is no such thing, or that it is not the caller's to see.
func NotFound(kind Kind, id string) *Error {
	return &Error{
		Code: CodeNotFound, Message: fmt.Sprintf("there is no %s %q, or it is not yours to see", kind, id),
		Hint: "check the id", Field: string(kind), Value: id,
	}
}

// CodeOf finds the code of an error, CodeInternal where none was given, "" for nil.
func CodeOf(err error) Code {
	if err == nil {
		return ""
	}
	var e *Error
	if errors.As(err, &e) {
		return e.Code
	}
	return CodeInternal
}

// Poisonous tells whether what went wrong may be the fault of the one thing that was tried, so that others can go on
// without it: the store was there, and nobody was faster.
func Poisonous(err error) bool {
	switch CodeOf(err) {
	case CodeInternal, CodeInvalid, CodeTooLarge, CodeState:
		return true
	}
	return false
}
