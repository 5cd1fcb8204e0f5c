// Package api serves Muster over HTTP: one file a noun, commands of package dispatch behind POST and PUT,
// reads of package graph behind GET, the stream of events, and the OpenAPI description that follows from
// the code. Handlers decode, call and encode; they decide nothing.
package api

import (
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humachi"
	"github.com/go-chi/chi/v5"
	"github.com/go-chi/chi/v5/middleware"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/dispatch"
	"github.com/sysopssquad/muster/graph"
)

// Graph is what the reads need of the store.
type Graph interface {
	graph.Decisions
	graph.Lists
	graph.EventLog
	// Now is the store's clock.
	Now(ctx context.Context) (time.Time, error)
	// Version is the schema's version in the store.
	Version(ctx context.Context) (int, error)
	// Owners gives who holds keys; free ones are absent.
	Owners(ctx context.Context, keys ...muster.Key) (map[muster.Key]string, error)
}

// Config is what an API is made of.
type Config struct {
	Graph    Graph
	Dispatch *dispatch.Dispatch
	Stream   Stream       // numbered events as they come
	Board    http.Handler // at /; nil: there are no pages
	Outbox   bool         // show at /outbox what people are told
	Checks   []Check      // of what this process runs beside the API, for /readyz
	Clock    muster.Clock
	Log      *slog.Logger
	Version  string
	// Known are the people who could act when this was last written down, by Keep: those who can submit while the graph
	// is away since before the process was started. Both may be nil.
	Known []*muster.User
	Keep  func([]*muster.User) error
	// Done ends the event streams when it is closed, so that a server can shut down while browsers listen.
	Done <-chan struct{}
}

// server carries out the operations.
type server struct {
	Config
	log        *slog.Logger
	people     people
	admission  *admission
	heartbeats func() (ticks <-chan time.Time, stop func())
}

// requestTime is how long one request may take; streams of events have no end.
const requestTime = 30 * time.Second

// New makes the handler of everything that Muster answers over HTTP.
func New(c Config) (http.Handler, error) {
	s, err := newServer(c)
	if err != nil {
		return nil, err
	}
	return s.router()
}

func newServer(c Config) (*server, error) {
	if c.Graph == nil || c.Dispatch == nil || c.Stream == nil || c.Clock == nil {
		return nil, muster.E(muster.CodeInternal, "an API without a graph, a dispatch, a stream or a clock", "give all four")
	}
	s := &server{Config: c, log: c.Log, heartbeats: everyFiveSeconds, admission: newAdmission()}
	if s.log == nil {
		s.log = slog.New(slog.DiscardHandler)
	}
	s.people = people{clock: c.Clock, byID: byID(c.Known), read: func(ctx context.Context) ([]*muster.User, error) {
		users, err := c.Graph.Users(ctx, muster.Scope{Everything: true}) // to find out who asks
		if err == nil && c.Keep != nil {
			if err := c.Keep(users); err != nil {
				s.log.Warn("who may act can't be written down for a start without the graph", "err", err)
			}
		}
		return users, err
	}}
	return s, nil
}

// router puts the operations behind what guards all of them.
func (s *server) router() (http.Handler, error) {
	r := chi.NewRouter()
	r.Use(withRequestID, s.logged, withSecurityHeaders, s.recovered, s.loopbackHost, s.sameOrigin, middleware.GetHead)
	r.NotFound(s.elsewhere())
	r.MethodNotAllowed(func(w http.ResponseWriter, r *http.Request) {
		s.refuse(w, r, muster.E(codeNoMethod, r.Method+" "+r.URL.Path+" is not there", "the header Allow and /openapi.json say what is"))
	})
	var description []byte
	var err error
	r.Group(func(r chi.Router) {
		r.Use(unstored, s.admitted, s.checkedAddress, s.oneAtATime, s.checkedBody)
		api := s.operations(humachi.NewAdapter(r))
		description, err = describe(api)
	})
	if err != nil {
		return nil, err
	}
	r.With(middleware.Compress(5, "application/openapi+json")).Get("/openapi.json", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/openapi+json")
		w.Header().Set("Cache-Control", "no-cache")
		_, _ = w.Write(description)
	})
	if s.Outbox {
		r.With(middleware.Compress(5)).Get("/outbox", s.outbox)
		r.Get("/outbox.css", s.outboxStyle)
	}
	return r, nil
}

// operations registers every operation, noun by noun.
func (s *server) operations(adapter huma.Adapter) huma.API {
	api := huma.NewAPI(settings(s.Version), adapter)
	api.UseMiddleware(s.identify)
	for _, noun := range []func(huma.API){
		s.health, s.session, s.users,
		s.tickets, s.ticketVerbs, s.exceptions, s.match, s.coverage, s.visits, s.offers, s.assignments, s.messages,
		s.customers, s.sites, s.devices,
		s.experts, s.shifts, s.leave, s.sick, s.tours,
		s.skills, s.policy, s.regions, s.events,
	} {
		noun(api)
	}
	return api
}

// elsewhere answers for all other paths: the pages, or that there is nothing.
func (s *server) elsewhere() http.HandlerFunc {
	compressed := middleware.Compress(5)
	pages := s.Board
	if pages != nil {
		pages = compressed(pages)
	}
	return func(w http.ResponseWriter, r *http.Request) {
		if pages == nil || strings.HasPrefix(r.URL.Path, "/v1/") {
			s.refuse(w, r, muster.E(codeNoRoute, r.URL.Path+" is not there", "/openapi.json has all paths"))
			return
		}
		pages.ServeHTTP(w, r)
	}
}

// register adds an operation whose errors become problems, within the time that a request may take. Its answer is what
// whoever asks may see of it.
func register[I, O any](s *server, api huma.API, op huma.Operation, do func(context.Context, *I) (*O, error)) {
	op.MaxBodyBytes, op.BodyReadTimeout = -1, -1 // checkedBody has seen to both
	op.RejectUnknownQueryParameters = true
	huma.Register(api, op, func(ctx context.Context, in *I) (*O, error) {
		ctx, cancel := context.WithTimeout(ctx, requestTime)
		defer cancel()
		out, err := do(ctx, in)
		if err != nil {
			return nil, s.told(ctx, err)
		}
		return narrowed(scope(ctx), out), nil
	})
}

// told makes a problem of an error, and logs what is a defect or an outage.
func (s *server) told(ctx context.Context, err error) *Problem {
	p := problem(ctx, err)
	if p.Status >= http.StatusInternalServerError {
		s.log.ErrorContext(ctx, "a request failed", "request_id", p.RequestID, "code", p.Code, "error", err)
	}
	return p
}

// refuse answers with a problem where no operation has begun.
func (s *server) refuse(w http.ResponseWriter, r *http.Request, err error) {
	p := s.told(r.Context(), err)
	for name, values := range p.GetHeaders() {
		w.Header()[name] = values
	}
	w.Header().Set("Content-Type", p.ContentType(""))
	w.WriteHeader(p.Status)
	_ = json.NewEncoder(w).Encode(p) // the client is gone if this fails
}

func (s *server) refuseHuma(ctx huma.Context, err error) {
	r, w := humachi.Unwrap(ctx)
	s.refuse(w, r, err)
}

func itoa(n int) string { return strconv.Itoa(n) }
