package web_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/web"
)

// A fake is the HTTP interface as far as the screens use it, in memory, with what a test wants to go wrong:
// replies that are held, commands that are refused, a stream that breaks.
type fake struct {
	*httptest.Server

	mu       sync.Mutex
	now      time.Time
	users    []muster.User
	me       muster.UserID
	tickets  map[muster.TicketID]*muster.Ticket
	experts  []*muster.Expert
	tours    map[muster.TourID]*muster.Tour
	matches  map[muster.TicketID]*muster.Match
	events   []muster.Event // by seq from 1
	floor    int64          // events up to it are not retained
	readers  map[chan struct{}]bool
	broken   bool // the stream refuses
	mute     bool // no heartbeats
	refusal  map[string]any
	hold     chan struct{}   // commands wait for it
	lists    chan struct{}   // so do lists of tickets, once they are read
	unread   muster.TicketID // is on no page of a list, as it changes its place all the time
	keys     []string        // idempotency keys of commands, in order
	commands []string        // method and path, in order
	resumed  []string        // Last-Event-ID of each stream
	drop     int             // replies to commands that get lost
	bodies   []map[string]any
	apart    map[muster.ExpertID]muster.Reason // can't come at another start than their own
}

func newFake(t *testing.T) *fake {
	t.Helper()
	f := &fake{
		now: time.Now().UTC().Truncate(time.Second), tickets: map[muster.TicketID]*muster.Ticket{},
		tours: map[muster.TourID]*muster.Tour{}, matches: map[muster.TicketID]*muster.Match{},
		readers: map[chan struct{}]bool{}, me: "usr_dana", apart: map[muster.ExpertID]muster.Reason{},
		users: []muster.User{
			{ID: "usr_sam", Rev: 1, Name: "Sam Ortiz", Role: muster.RoleManager, About: "Looks at coverage and at what went wrong"},
			{ID: "usr_dana", Rev: 1, Name: "Dana Kim", Role: muster.RoleDispatcher, About: "Runs the board, all regions"},
			{ID: "usr_pat", Rev: 1, Name: "Pat Moore", Role: muster.RoleHelpdesk, About: "Takes calls and writes tickets"},
		},
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /v1/users", func(w http.ResponseWriter, _ *http.Request) { reply(w, listed(f.users)) })
	mux.HandleFunc("GET /v1/session", f.session)
	mux.HandleFunc("POST /v1/session", f.begin)
	mux.HandleFunc("GET /v1/tickets", f.list)
	mux.HandleFunc("GET /v1/tickets/{id}/match", f.match)
	mux.HandleFunc("GET /v1/tickets/{id}/match/{expert}", f.verdict)
	mux.HandleFunc("GET /v1/tickets/{id}/match/{expert}/starts", f.starts)
	mux.HandleFunc("POST /v1/tickets/{id}/{verb}", f.command)
	mux.HandleFunc("GET /v1/experts/{id}", f.expert)
	mux.HandleFunc("GET /v1/tours", f.day)
	mux.HandleFunc("GET /v1/skills", func(w http.ResponseWriter, _ *http.Request) {
		reply(w, listed([]muster.Skill{{ID: "skl_refrigerator-repair", Name: "Refrigerator repair"}}))
	})
	mux.HandleFunc("GET /v1/events", f.stream)
	mux.Handle("/", web.Handler())
	f.Server = httptest.NewServer(mux)
	t.Cleanup(func() {
		f.CloseClientConnections()
		f.Close()
	})
	return f
}

func listed[T any](items []T) map[string]any { return map[string]any{"items": items} }

func reply(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(v)
}

func problem(w http.ResponseWriter, status int, p map[string]any) {
	w.Header().Set("Content-Type", "application/problem+json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(p)
}

func (f *fake) session(w http.ResponseWriter, _ *http.Request) {
	f.mu.Lock()
	defer f.mu.Unlock()
	i := slices.IndexFunc(f.users, func(u muster.User) bool { return u.ID == f.me })
	if i < 0 {
		problem(w, http.StatusUnauthorized, map[string]any{"code": "no_actor", "detail": "nobody is named who does this"})
		return
	}
	reply(w, f.users[i].Actor())
}

func (f *fake) begin(w http.ResponseWriter, r *http.Request) {
	var body struct{ User muster.UserID }
	_ = json.NewDecoder(r.Body).Decode(&body)
	f.mu.Lock()
	f.me = body.User
	f.mu.Unlock()
	f.session(w, r)
}

func (f *fake) list(w http.ResponseWriter, r *http.Request) {
	f.mu.Lock()
	hold := f.lists
	out := f.page(r)
	f.mu.Unlock()
	if hold != nil {
		select {
		case <-hold:
		case <-r.Context().Done():
			return
		}
	}
	reply(w, out)
}

// page is one page of the open tickets.
func (f *fake) page(r *http.Request) map[string]any {
	all := []*muster.Ticket{}
	for _, t := range f.tickets {
		if !t.Terminal() && t.ID != f.unread {
			all = append(all, t)
		}
	}
	slices.SortFunc(all, func(a, b *muster.Ticket) int { return strings.Compare(string(a.ID), string(b.ID)) })
	from, _ := strconv.Atoi(r.URL.Query().Get("after"))
	limit, _ := strconv.Atoi(r.URL.Query().Get("limit"))
	out := listed(all[from:min(len(all), from+limit)])
	if from+limit < len(all) {
		out["next"] = strconv.Itoa(from + limit)
	}
	return out
}

func (f *fake) expert(w http.ResponseWriter, r *http.Request) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, e := range f.experts {
		if string(e.ID) == r.PathValue("id") {
			reply(w, e)
			return
		}
	}
	problem(w, http.StatusNotFound, map[string]any{"code": "not_found", "detail": "there is no such expert"})
}

func (f *fake) day(w http.ResponseWriter, r *http.Request) {
	f.mu.Lock()
	defer f.mu.Unlock()
	from, _ := time.Parse(time.RFC3339, r.URL.Query().Get("from"))
	to, _ := time.Parse(time.RFC3339, r.URL.Query().Get("to"))
	tours := []*muster.Tour{}
	for _, t := range f.tours {
		if t.End.After(from) && t.Start.Before(to) {
			tours = append(tours, t)
		}
	}
	reply(w, listed(tours))
}

func (f *fake) match(w http.ResponseWriter, r *http.Request) {
	f.mu.Lock()
	defer f.mu.Unlock()
	t := f.tickets[muster.TicketID(r.PathValue("id"))]
	m := f.matches[t.ID]
	if m == nil {
		m = &muster.Match{Candidates: []muster.Candidate{}, Excluded: []muster.Exclusion{}, Counts: map[muster.ReasonCode]int{}}
	}
	m.Ticket, m.Rev, m.At = t.ID, t.Rev, f.now
	reply(w, m)
}

// candidate is an expert's cheapest start for a ticket.
func (f *fake) candidate(r *http.Request) (muster.Candidate, bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if m := f.matches[muster.TicketID(r.PathValue("id"))]; m != nil {
		for _, c := range m.Candidates {
			if string(c.Expert) == r.PathValue("expert") {
				return c, true
			}
		}
	}
	return muster.Candidate{}, false
}

// later is a candidate at another start, dearer by as many minutes.
func later(c muster.Candidate, by time.Duration, cost float64) muster.Candidate {
	c.Start, c.End, c.Depart = c.Start.Add(by), c.End.Add(by), c.Depart.Add(by)
	c.Terms = append(slices.Clone(c.Terms), muster.Term{Name: "waiting", Minutes: cost, Why: "Starts later."})
	c.Cost += cost
	return c
}

func (f *fake) starts(w http.ResponseWriter, r *http.Request) {
	c, ok := f.candidate(r)
	if !ok {
		reply(w, listed([]muster.Candidate{}))
		return
	}
	reply(w, listed([]muster.Candidate{c, later(c, 2*time.Hour, 13), later(c, 24*time.Hour, 96)}))
}

func (f *fake) verdict(w http.ResponseWriter, r *http.Request) {
	c, _ := f.candidate(r)
	start, err := time.Parse(time.RFC3339, r.URL.Query().Get("start"))
	f.mu.Lock()
	no, apart := f.apart[c.Expert]
	f.mu.Unlock()
	switch {
	case apart:
		reply(w, map[string]any{"exclusion": muster.Exclusion{Expert: c.Expert, Name: c.Name, Reasons: []muster.Reason{no}}})
	case err != nil:
		reply(w, map[string]any{"candidate": c})
	default:
		reply(w, map[string]any{"candidate": later(c, start.Sub(c.Start), 0)})
	}
}

// command carries out assign, reassign, offer and undo, unless the test has something else in mind.
func (f *fake) command(w http.ResponseWriter, r *http.Request) {
	var body struct {
		Expert, Second muster.ExpertID
		Start          time.Time
	}
	text, _ := io.ReadAll(r.Body)
	_ = json.Unmarshal(text, &body)
	var sent map[string]any
	_ = json.Unmarshal(text, &sent)
	f.mu.Lock()
	f.bodies = append(f.bodies, sent)
	key := r.Header.Get("Idempotency-Key")
	repeated := slices.Contains(f.keys, key)
	f.keys = append(f.keys, key)
	f.commands = append(f.commands, r.Method+" "+r.URL.Path)
	hold, refusal := f.hold, f.refusal
	f.mu.Unlock()
	if hold != nil {
		select {
		case <-hold:
		case <-r.Context().Done():
			return
		}
	}
	if refusal != nil {
		problem(w, http.StatusConflict, refusal)
		return
	}
	f.mu.Lock()
	t := *f.tickets[muster.TicketID(r.PathValue("id"))]
	f.mu.Unlock()
	if !repeated {
		t = f.carry(t, r.PathValue("verb"), body.Start, body.Expert, body.Second)
	}
	f.mu.Lock()
	lost := f.drop > 0
	if lost {
		f.drop--
	}
	f.mu.Unlock()
	if lost {
		panic(http.ErrAbortHandler)
	}
	reply(w, map[string]any{"id": t.ID, "rev": t.Rev, "ticket": t})
}

func (f *fake) carry(t muster.Ticket, verb string, start time.Time, expert, second muster.ExpertID) muster.Ticket {
	t.Rev++
	crew := []muster.ExpertID{expert, second}
	if second == "" {
		crew = crew[:1]
	}
	visit := muster.VisitID("vis_" + strings.TrimPrefix(string(t.ID), "tic_"))
	end := start.Add(t.Duration.Duration())
	switch verb {
	case "assign", "reassign", "offer":
		t.State = muster.Scheduled
		t.Visit = &muster.OpenVisit{ID: visit, State: muster.VisitAssigned, Experts: crew, Start: start, End: end}
		if verb == "offer" {
			t.Visit.State, t.Visit.Deadline = muster.VisitOffered, time.Now().Add(10*time.Minute)
		}
	case "undo", "unassign":
		t.State, t.Visit = muster.Queued, nil
	case "cancel":
		t.State, t.Visit = muster.Cancelled, nil
	}
	f.put(&t, "ticket."+verb)
	f.mu.Lock()
	var tour muster.Tour
	for _, have := range f.tours {
		if have.Expert == expert && !start.Before(have.Start) && start.Before(have.End) {
			tour = *have
		}
	}
	f.mu.Unlock()
	if tour.ID != "" {
		tour.Rev++
		tour.Stops = append(slices.Clone(tour.Stops), muster.Stop{
			Visit: visit, Ticket: t.ID, Assignment: muster.AssignmentID("asg_" + string(visit[4:])), Start: start, End: end, Travel: 22,
		})
		f.putTour(&tour)
	}
	return t
}

// put takes a ticket in and tells the readers.
func (f *fake) put(t *muster.Ticket, name string) {
	f.mu.Lock()
	f.tickets[t.ID] = t
	f.mu.Unlock()
	f.tell(string(t.ID), t.Rev, name, t)
}

func (f *fake) putTour(t *muster.Tour) {
	f.mu.Lock()
	f.tours[t.ID] = t
	f.mu.Unlock()
	f.tell(string(t.ID), t.Rev, "tour.changed", t)
}

// log gives what the readers and writers of this server asked for.
func (f *fake) log() (commands, keys, resumed []string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.Clone(f.commands), slices.Clone(f.keys), slices.Clone(f.resumed)
}

func (f *fake) set(change func()) {
	f.mu.Lock()
	defer f.mu.Unlock()
	change()
}

// ticket makes one, queued a minute ago and due in a day, and alters it.
func (f *fake) ticket(number int64, title string, alter func(*muster.Ticket)) *muster.Ticket {
	t := &muster.Ticket{
		ID: muster.TicketID("tic_" + strconv.FormatInt(number, 10)), Rev: 1, Number: number, Customer: "cus_1", Site: "sit_1",
		Title: title, Mode: muster.ModeHomeVisit, Needs: []muster.Need{{Skill: "skl_refrigerator-repair", Level: 3}},
		Duration: 70, Crew: 1, Priority: muster.PriorityNormal, State: muster.Queued, Region: "reg_east", City: "Boston",
		Zone: "America/New_York", CreatedAt: f.now.Add(-time.Minute), QueuedAt: f.now.Add(-time.Minute), DueAt: f.now.Add(24 * time.Hour),
	}
	if alter != nil {
		alter(t)
	}
	f.set(func() { f.tickets[t.ID] = t })
	return t
}

func requireNoRepeat(t *testing.T, keys []string) {
	t.Helper()
	seen := slices.Clone(keys)
	slices.Sort(seen)
	require.Len(t, slices.Compact(seen), len(keys))
}
