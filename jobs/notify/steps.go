package notify

import (
	"context"
	"errors"

	"github.com/sysopssquad/muster/jobs"
)

// Steps are what a Notifier does, piece by piece and one after the other: for a caller who decides when each takes place,
// such as a simulation. Run does the same at its own pace.
type Steps struct {
	n      *Notifier
	events *jobs.Reader
}

// Steps takes the place of Run. Tokens tell the changes of one process from those of another; nobody else may draw the same.
func (n *Notifier) Steps(token func() string) *Steps {
	n.token, n.parallel = token, 1
	return &Steps{n, n.events.Reader()}
}

// Follow plans the messages of one batch of events, and tells how many events these were.
func (s *Steps) Follow(ctx context.Context) (int, error) {
	got, err := s.events.Step(ctx)
	if gone := (*jobs.Rebuild)(nil); errors.As(err, &gone) {
		return 0, s.n.skip(ctx, gone)
	}
	return got, err
}

// Send looks at one batch of the messages that wait, and tells how many these were.
func (s *Steps) Send(ctx context.Context) (int, error) {
	batch := s.n.gather(nil)
	if len(batch) == 0 {
		return 0, nil
	}
	return len(batch), s.n.each(ctx, batch)
}
