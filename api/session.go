package api

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"github.com/sysopssquad/muster"
)

// SessionBody chooses who to be.
type SessionBody struct {
	User muster.UserID `json:"user" example:"usr_dana" doc:"Who to be from now on, of GET /v1/users."`
}

func (s *server) session(api huma.API) {
	type input struct {
		KeyParam
		Body SessionBody
	}
	type output struct {
		Keyed
		SetCookie http.Cookie `header:"Set-Cookie"`
		Body      muster.Actor
	}

	op := open(http.MethodPost, "/v1/session", "begin-session", "people", "Be one of the people")
	op.Description = "Sets a cookie that names who acts in this browser. Programs send the header Muster-Actor instead."
	op.Responses = refusals(http.StatusBadRequest, http.StatusUnauthorized, http.StatusUnprocessableEntity)
	register(s, api, op, func(ctx context.Context, in *input) (*output, error) {
		if err := in.settle(); err != nil { // no more than that: saying it twice changes nothing
			return nil, err
		}
		user, err := s.people.find(ctx, in.Body.User)
		if err != nil {
			return nil, renamed(err, inside(ActorHeader, "user"))
		}
		return &output{Keyed: Keyed{in.Key}, SetCookie: actorCookie(user.ID), Body: user.Actor()}, nil
	})

	type me struct{ Body muster.Actor }
	op = read("/v1/session", "show-session", "people", "Who acts in this browser", "")
	register(s, api, op, func(ctx context.Context, _ *struct{}) (*me, error) {
		return &me{Body: actorOf(ctx)}, nil
	})

	type gone struct {
		SetCookie http.Cookie `header:"Set-Cookie"`
	}
	op = open(http.MethodDelete, "/v1/session", "end-session", "people", "Be nobody again")
	register(s, api, op, func(context.Context, *struct{}) (*gone, error) {
		return &gone{SetCookie: actorCookie("")}, nil
	})
}
