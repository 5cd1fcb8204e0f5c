package bench

import (
	"context"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/dispatch"
	"github.com/sysopssquad/muster/graph"
)

// reads times single tickets by id with all that a decision on them needs, and matches, one after the other, in the
// store that assign left.
func reads(ctx context.Context, o Options, p place) ([]Line, error) {
	s, err := p.open(ctx)
	if err != nil {
		return nil, err
	}
	defer s.Close(ctx)
	tickets, _, err := s.Tickets(ctx, muster.Scope{Everything: true}, graph.TicketFilter{}, graph.Page{Limit: 500})
	if err != nil {
		return nil, err
	}
	byID, err := median(tickets, func(t *muster.Ticket) error {
		_, err := s.TicketCase(ctx, "", graph.CaseRef{Ticket: t.ID})
		return err
	})
	if err != nil {
		return nil, err
	}
	d := dispatch.New(s, muster.SystemClock{})
	match, err := median(tickets[:min(20, len(tickets))], func(t *muster.Ticket) error {
		_, err := d.Match(ctx, dispatch.TicketRef{ID: t.ID})
		return err
	})
	if err != nil {
		return nil, err
	}
	ids := make([]string, len(tickets))
	for i, t := range tickets {
		ids[i] = string(t.ID)
	}
	file, err := os.CreateTemp("", "ids")
	if err != nil {
		return nil, err
	}
	defer os.Remove(file.Name())
	if _, err := file.WriteString(strings.Join(ids, "\n")); err != nil {
		return nil, err
	}
	if err := file.Close(); err != nil {
		return nil, err
	}
	bare, err := p.probeReads(ctx, o, file.Name())
	if err != nil {
		return nil, err
	}
	return []Line{
		{
			Store: p.name(), Work: "a ticket with all that a decision needs, by id", Unit: "ms", Have: byID,
			Peer: "probe, the bare ticket by id", Probe: bare, Ratio: bare / byID,
		},
		{
			Store: p.name(), Work: "who can take it, and why not the others", Unit: "ms", Have: match,
			Peer: "probe, the bare ticket by id", Probe: bare, Ratio: bare / match, Note: fmt.Sprintf("%d experts", o.Experts),
		},
	}, nil
}

// median times something for each, in milliseconds.
func median[T any](all []T, do func(T) error) (float64, error) {
	if len(all) == 0 {
		return 0, fmt.Errorf("nothing to read")
	}
	took := make([]time.Duration, 0, len(all))
	for _, one := range all {
		began := time.Now()
		if err := do(one); err != nil {
			return 0, err
		}
		took = append(took, time.Since(began))
	}
	slices.Sort(took)
	return float64(took[len(took)/2].Microseconds()) / 1000, nil
}
