package neo4j

import (
	"context"
	"time"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/graph"
)

// Rehearse goes through what a ticket needs from its submission to an offer, with nothing to decide, and leaves nothing
// behind. A server that has just started makes its plans meanwhile, which takes seconds; else it takes milliseconds.
func (s *Store) Rehearse(ctx context.Context) error {
	const nothing = "rehearsal" // no id is of this form
	soon := s.clock.Now().Add(time.Hour)
	span := muster.Window{Start: soon, End: soon.Add(time.Hour)}
	if _, err := s.Setup(ctx); err != nil {
		return err
	}
	for _, step := range []func() error{
		func() error { return s.rehearseCommit(ctx, nothing) },
		func() error { _, err := s.Peers(ctx, nothing, 1); return err },
		func() error { _, err := s.CustomerCase(ctx, nothing, nothing); return absent(err) },
		func() error { _, err := s.OpenTickets(ctx, nothing, nil, 1); return err },
		func() error {
			_, err := s.TicketCase(ctx, nothing, graph.CaseRef{Ticket: nothing, Span: span})
			return absent(err)
		},
		func() error {
			_, err := s.Round(ctx, graph.RoundRef{Region: nothing, Reach: []muster.RegionID{nothing}, Limit: 1, Span: span})
			return err
		},
		func() error { _, err := s.Pending(ctx, 1); return err },
		func() error { _, err := s.EventsAfter(ctx, 1<<62, 1); return err },
		func() error { _, _, err := s.Claim(ctx, nothing, soon, soon); return err },
	} {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}

func absent(err error) error {
	if muster.CodeOf(err) == muster.CodeNotFound {
		return nil
	}
	return err
}

// rehearseCommit locks and writes nothing, and rolls back.
func (s *Store) rehearseCommit(ctx context.Context, nothing string) error {
	l := locks{roots: []string{nothing}, parts: []string{nothing}, commands: []string{nothing}}
	return s.update(ctx, func(tx transaction) error {
		st, err := s.lock(tx, l)
		if err != nil {
			return err
		}
		if err := st.recall(tx, l); err != nil {
			return err
		}
		if _, err := tx.run("commit_write", writing(graph.Writes{}, st, l, nil, s.clock.Now())); err != nil {
			return err
		}
		return errNothing
	})
}
