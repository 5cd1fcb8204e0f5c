package api

import (
	"context"
	"fmt"
	"net/http"
	"sync"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/sysopssquad/muster"
)

// ActorHeader names who acts, for programs; ActorCookie does for the pages. Until people sign in both are
// believed as they come, which is why the server listens on loopback only.
const (
	ActorHeader = "Muster-Actor"
	ActorCookie = "muster_actor"
)

// usersFor is how long the list of people is believed; a name that is not on it is looked up at once. While the
// graph can't be reached the last list holds, so that submissions can be accepted; usersWait is how long it is asked.
const (
	usersFor     = 2 * time.Second
	usersWait    = 500 * time.Millisecond
	strangerWait = 2 * time.Second // the same for somebody who isn't on it
)

// named marks the operations that need an actor; OpenAPI shows it, and identify asks for it.
var named = []map[string][]string{{"actor": {}}, {"session": {}}}

type actorKey struct{}

// actorOf is who acts in this request. Operations marked as named always have one.
func actorOf(ctx context.Context) muster.Actor {
	a, _ := ctx.Value(actorKey{}).(muster.Actor)
	return a
}

// identify looks up who acts, and refuses requests that name nobody.
func (s *server) identify(ctx huma.Context, next func(huma.Context)) {
	if len(ctx.Operation().Security) == 0 {
		next(ctx)
		return
	}
	id := ctx.Header(ActorHeader)
	if id == "" {
		if c, err := huma.ReadCookie(ctx, ActorCookie); err == nil {
			id = c.Value
		}
	}
	user, err := s.people.find(ctx.Context(), muster.UserID(id))
	if err != nil {
		s.refuseHuma(ctx, err)
		return
	}
	next(huma.WithValue(ctx, actorKey{}, user.Actor()))
}

// people is the list of those who can act, kept for a moment: every request asks for one of them.
type people struct {
	read  func(context.Context) ([]*muster.User, error)
	clock muster.Clock

	mu   sync.Mutex
	at   time.Time
	byID map[muster.UserID]*muster.User
}

func (p *people) find(ctx context.Context, id muster.UserID) (*muster.User, error) {
	if id == "" {
		return nil, &muster.Error{
			Code: codeNoActor, Message: "nobody is named who does this", Field: ActorHeader,
			Hint: "send " + ActorHeader + ": usr_..., with somebody of GET /v1/users; in a browser choose a person at /",
		}
	}
	if err := muster.CheckID(muster.KindUser, ActorHeader, string(id)); err != nil {
		return nil, unknownActor(id)
	}
	u, ask := p.atHand(id)
	if ask {
		fresh, err := p.list(ctx, u != nil)
		switch {
		case err == nil:
			u = p.take(fresh, id)
		case u == nil || ctx.Err() != nil:
			return nil, err
		}
	}
	if u == nil || u.Suspended {
		return nil, unknownActor(id)
	}
	return u, nil
}

// atHand gives somebody of the list, nil for who isn't on it. Ask tells to read the list anew: for who isn't on it, and
// by one at a time once it is old, since a graph that hangs must hold up nobody whom it isn't needed for.
func (p *people) atHand(id muster.UserID) (u *muster.User, ask bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	u = p.byID[id]
	now := p.clock.Now()
	if age := now.Sub(p.at); u != nil && age >= 0 && age <= usersFor {
		return u, false
	}
	if u != nil {
		p.at = now
	}
	return u, true
}

func (p *people) take(fresh map[muster.UserID]*muster.User, id muster.UserID) *muster.User {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.byID, p.at = fresh, p.clock.Now()
	return fresh[id]
}

// list reads who can act; with a list at hand it doesn't wait for long.
func (p *people) list(ctx context.Context, atHand bool) (map[muster.UserID]*muster.User, error) {
	wait := strangerWait
	if atHand { // whoever gives up leaves the list read all the same
		ctx, wait = context.WithoutCancel(ctx), usersWait
	}
	ctx, cancel := context.WithTimeout(ctx, wait)
	defer cancel()
	users, err := p.read(ctx)
	if err != nil {
		return nil, err
	}
	return byID(users), nil
}

func byID(users []*muster.User) map[muster.UserID]*muster.User {
	out := make(map[muster.UserID]*muster.User, len(users))
	for _, u := range users {
		out[u.ID] = u
	}
	return out
}

func unknownActor(id muster.UserID) error {
	return &muster.Error{
		Code: codeNoActor, Message: fmt.Sprintf("there is no person %q who can act", shown(id)), Field: ActorHeader, Value: shown(id),
		Hint: "take somebody of GET /v1/users; in a browser choose a person at /",
	}
}

// actorCookie remembers a person in the browser until it is closed; no script can read it, and no other
// site's page can make the browser send it. An empty id forgets.
func actorCookie(id muster.UserID) http.Cookie {
	c := http.Cookie{Name: ActorCookie, Value: string(id), Path: "/", HttpOnly: true, SameSite: http.SameSiteStrictMode}
	if id == "" {
		c.MaxAge = -1
	}
	return c
}
