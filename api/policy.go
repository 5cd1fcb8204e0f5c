package api

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"github.com/sysopssquad/muster"
)

func (s *server) policy(api huma.API) {
	type one struct{ Conditional }
	op := readOne("/v1/policy", "show-policy", "company", "The figures that decisions rest on", "For staff. docs/policy.md says of each what it is, its unit and its bounds.")
	register(s, api, op, func(ctx context.Context, in *one) (*Single[muster.Policy], error) {
		if err := staffOnly(scope(ctx), "the company's figures"); err != nil {
			return nil, err
		}
		setup, err := s.Graph.Setup(ctx)
		if err != nil {
			return nil, err
		}
		figures := setup.Policy.Filled()
		if figures.ID == "" { // none was saved yet: decisions rest on these
			figures = muster.DefaultPolicy()
			figures.Rev = 0
		}
		return single(in.Conditional, figures.Rev, figures), nil
	})

	type save struct {
		Commanded
		Body muster.Policy
	}
	type saved struct {
		Keyed
		ETag string `header:"ETag"`
		Body muster.Policy
	}
	op = change(http.MethodPut, "/v1/policy", "save-policy", "company", "Set the figures",
		"All of them: change what GET gave and send it back, with its ETag in If-Match. Plans that exist stay; new choices rest on the new figures.")
	register(s, api, op, func(ctx context.Context, in *save) (*saved, error) {
		return carry(ctx, &in.Commanded, in.Body, s.Dispatch.SavePolicy, func(key string, p muster.Policy) *saved {
			return &saved{Keyed: Keyed{key}, ETag: etag(p.Rev), Body: p}
		})
	})
}
