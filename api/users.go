package api

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"github.com/sysopssquad/muster"
)

// UserBody is what can be said about a person.
type UserBody struct {
	ID       muster.UserID     `json:"id,omitempty" example:"usr_dana" doc:"A new person if left out."`
	Name     string            `json:"name" minLength:"1" maxLength:"200" example:"Dana Reyes"`
	Role     muster.Role       `json:"role"`
	Expert   muster.ExpertID   `json:"expert,omitempty" doc:"Who an expert is."`
	Customer muster.CustomerID `json:"customer,omitempty" doc:"Who a customer is."`
	About    string            `json:"about,omitempty" maxLength:"500"`

	Suspended bool `json:"suspended,omitempty" doc:"May not act any more."`
}

func (s *server) users(api huma.API) {
	type input struct {
		Role muster.Role `query:"role" doc:"Only those of this role."`
	}
	type output struct{ Body List[*muster.User] }
	op := open(http.MethodGet, "/v1/users", "list-users", "people", "The people to choose from")
	op.Description = "Open to everybody, as nobody is named before they have chosen; suspended people are left out."
	register(s, api, op, func(ctx context.Context, in *input) (*output, error) {
		users, err := s.people.read(ctx)
		if err != nil {
			return nil, err
		}
		out := &output{Body: List[*muster.User]{Items: make([]*muster.User, 0, len(users))}}
		for _, u := range users {
			if !u.Suspended && (in.Role == "" || in.Role == u.Role) {
				out.Body.Items = append(out.Body.Items, u)
			}
		}
		return out, nil
	})

	type save struct {
		Commanded
		Body UserBody
	}
	type saved struct {
		Keyed
		ETag string `header:"ETag"`
		Body muster.User
	}
	op = change(http.MethodPost, "/v1/users", "save-user", "people", "Add or change a person", "For administrators.")
	register(s, api, op, func(ctx context.Context, in *save) (*saved, error) {
		b := in.Body
		u := muster.User{ID: b.ID, Name: b.Name, Role: b.Role, Expert: b.Expert, Customer: b.Customer, About: b.About, Suspended: b.Suspended}
		return carry(ctx, &in.Commanded, u, s.Dispatch.SaveUser, func(key string, u muster.User) *saved {
			return &saved{Keyed: Keyed{key}, ETag: etag(u.Rev), Body: u}
		})
	})
}
