package api

import (
	"cmp"
	"context"
	"slices"

	"github.com/danielgtaylor/huma/v2"

	"github.com/sysopssquad/muster"
)

func (s *server) regions(api huma.API) {
	type output struct {
		Body List[muster.Region]
	}
	op := read("/v1/regions", "list-regions", "company", "Regions", "Cells whose tickets are planned together, each with when its next round is. For staff.")
	register(s, api, op, func(ctx context.Context, _ *struct{}) (*output, error) {
		if err := staffOnly(scope(ctx), "regions"); err != nil {
			return nil, err
		}
		setup, err := s.Graph.Setup(ctx)
		if err != nil {
			return nil, err
		}
		regions := slices.SortedFunc(slices.Values(setup.Regions), func(a, b muster.Region) int { return cmp.Compare(a.ID, b.ID) })
		return &output{Body: List[muster.Region]{Items: filled(regions)}}, nil
	})
}
