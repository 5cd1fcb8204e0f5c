package api

import (
	"context"

	"github.com/danielgtaylor/huma/v2"

	"github.com/sysopssquad/muster"
)

func (s *server) coverage(api huma.API) {
	type query struct {
		Region muster.RegionID `query:"region" doc:"Of those who are based there alone. Left out: of the whole company."`
	}
	type output struct{ Body muster.Coverage }
	op := read("/v1/coverage", "show-coverage", "match", "Which skills and regions have nobody, or one person only",
		"By hour of the usual week, each by the clock where the expert is based: weekly shifts count, leave and "+
			"single shifts don't. For staff.")
	register(s, api, op, func(ctx context.Context, in *query) (*output, error) {
		if err := staffOnly(scope(ctx), "coverage"); err != nil {
			return nil, err
		}
		if in.Region != "" {
			if err := muster.CheckID(muster.KindRegion, "region", string(in.Region)); err != nil {
				return nil, err
			}
		}
		c, err := s.Dispatch.Coverage(ctx, in.Region)
		return &output{Body: c}, err
	})
}
