package api

import (
	"context"
	"fmt"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/sysopssquad/muster"
)

// longestLook is how long a span of tours may be asked for.
const longestLook = 32 * 24 * time.Hour

func (s *server) tours(api huma.API) {
	type input struct {
		From   time.Time         `query:"from" required:"true" example:"2026-11-24T06:00:00Z" doc:"Tours that end after."`
		To     time.Time         `query:"to" required:"true" example:"2026-11-25T06:00:00Z" doc:"Tours that start before; at most 32 days after from."`
		Expert []muster.ExpertID `query:"expert" maxItems:"200" doc:"Only of these, separated by commas."`
	}
	type output struct {
		Body List[*muster.Tour]
	}
	op := read("/v1/tours", "list-tours", "experts", "Tours that overlap a span, by start",
		"A tour is one expert's one shift with its visits in order; it comes into being with the first visit. At most 5,000.")
	register(s, api, op, func(ctx context.Context, in *input) (*output, error) {
		span := muster.Window{Start: in.From, End: in.To}
		if err := span.Check("to"); err != nil {
			return nil, err
		}
		if span.End.Sub(span.Start) > longestLook {
			return nil, muster.Invalid("to", instant(in.To), fmt.Sprintf("ask for at most %d days at once", longestLook/(24*time.Hour)))
		}
		tours, err := s.Graph.Tours(ctx, scope(ctx), in.Expert, span)
		return &output{Body: List[*muster.Tour]{Items: filled(tours)}}, err
	})
}
