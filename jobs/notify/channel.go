// Package notify tells people what concerns them: customers who comes and when, experts what they are offered and given.
// It consumes events, plans a message for each person and topic in the graph, reads the graph again right before it sends
// one, and hands it to a channel: SMS, e-mail or push. What a message promises is in docs/notifications.md.
package notify

import (
	"context"
	"errors"
	"time"

	"github.com/sysopssquad/muster"
)

// Letter is what a channel delivers.
type Letter struct {
	Key     string // the same for every try that says the same: providers that know such keys deliver it once
	To      string // a phone number, an e-mail address, or for push the expert's id
	Name    string // of whom it is for
	Subject string
	Text    string
}

// Channel hands letters to a provider. Deliver returns when the provider has taken or refused the letter, at the latest
// when ctx ends; an error is a *Failure, any other counts as one with an unknown outcome. It may be called by several
// goroutines at once.
type Channel interface {
	Deliver(ctx context.Context, l Letter) (reference string, err error)
	// Once tells whether the provider delivers a letter once however often it gets its key.
	Once() bool
}

// Failure says why a letter was not taken, and what that means for the next try.
type Failure struct {
	Why     string        // for people, without secrets
	Final   bool          // this channel will never take it: another one is tried
	Unknown bool          // it may have been taken
	After   time.Duration // the provider asks not to be called before; 0: it doesn't say
}

// Error is why.
func (f *Failure) Error() string { return f.Why }

// failureOf makes a Failure of what a channel returned.
func failureOf(err error) *Failure {
	var f *Failure
	if errors.As(err, &f) {
		return f
	}
	return &Failure{Why: err.Error(), Unknown: true}
}

// Channels are those that are configured.
type Channels map[muster.Channel]Channel
