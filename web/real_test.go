package web_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/api"
	"github.com/sysopssquad/muster/dispatch"
	"github.com/sysopssquad/muster/graph/sqlite"
	"github.com/sysopssquad/muster/jobs"
	"github.com/sysopssquad/muster/jobs/memory"
	"github.com/sysopssquad/muster/web"
)

// mondayTen is when the real board's tests begin: ten in the morning in Boston, everybody on shift.
var mondayTen = time.Date(2026, 6, 1, 14, 0, 0, 0, time.UTC)

// A shop is everything for real in one process: SQLite, jobs, HTTP, and a company of two refrigerator experts
// with a customer. Only its clock stands still unless the test moves it.
type shop struct {
	t     *testing.T
	clock *muster.FakeClock
	url   string
	ana   muster.ExpertID // alone has gas
	tom   muster.ExpertID
	ruth  muster.CustomerID
	site  muster.SiteID
	still bool // urgent tickets get no prompt round: people choose
}

func openShop(t *testing.T) *shop {
	t.Helper()
	s := &shop{t: t, clock: muster.NewFakeClock(mondayTen)}
	s.open(func(d *dispatch.Dispatch, _ *sqlite.Store) { s.people(d) })
	s.company()
	return s
}

// open starts everything, once the store was filled.
func (s *shop) open(fill func(*dispatch.Dispatch, *sqlite.Store)) {
	t := s.t
	t.Helper()
	ctx, stop := context.WithCancel(context.Background())
	store, err := sqlite.Open(ctx, filepath.Join(t.TempDir(), "muster.db"), s.clock)
	require.NoError(t, err)
	require.NoError(t, store.Migrate(ctx))
	log := slog.New(slog.DiscardHandler)
	run := jobs.New(jobs.Config{Store: store, Queue: memory.NewQueue(s.clock), Stream: memory.NewStream(), Clock: s.clock, Log: log, Seed: 1})
	d := dispatch.New(run.Store(), s.clock)
	fill(d, store)
	hub := run.Hub()
	h, err := api.New(api.Config{
		Graph: run.Store(), Dispatch: d, Board: web.Handler(), Clock: s.clock, Log: log, Version: "test", Done: ctx.Done(),
		Stream: func(after int64) api.Feed { return hub.Subscribe(after) },
	})
	require.NoError(t, err)
	server := httptest.NewServer(h)
	s.url = server.URL
	ended := make(chan error, 1)
	go func() {
		ended <- run.Run(ctx, jobs.Work{Due: d.Due, Prompt: func(ctx context.Context, id muster.TicketID) error {
			if s.still {
				return nil
			}
			_, err := d.PromptRound(ctx, id)
			return err
		}})
	}()
	t.Cleanup(func() {
		stop()
		require.NoError(t, <-ended)
		server.CloseClientConnections()
		server.Close()
		require.NoError(t, store.Close(context.Background()))
	})
}

// people are those who act; the API has no way to make them before sign-in.
func (s *shop) people(d *dispatch.Dispatch) {
	s.t.Helper()
	for _, u := range []muster.User{
		{ID: "usr_dana", Name: "Dana Kim", Role: muster.RoleDispatcher, About: "Runs the board"},
		{ID: "usr_ada", Name: "Ada Frey", Role: muster.RoleAdministrator, About: "Keeps skills and people"},
	} {
		s.person(d, u)
	}
	// A round once a day: only prompt rounds and people choose in these tests.
	p := muster.DefaultPolicy()
	p.RoundEvery, p.Rev = 24*60, 0
	_, err := d.SavePolicy(s.t.Context(), command("policy"), p)
	require.NoError(s.t, err)
	s.ana, s.tom = "exp_ana", "exp_tom"
	_, err = d.SaveSkills(s.t.Context(), command("skills"), dispatch.SkillRequest{Skills: []muster.Skill{
		{ID: "skl_refrigerator-repair", Name: "Refrigerator repair"}, {ID: "skl_gas", Name: "Gas"},
	}})
	require.NoError(s.t, err)
	var shifts []muster.Hours
	for day := range 7 {
		shifts = append(shifts, muster.Hours{Weekday: time.Weekday(day), From: 8 * 60, To: 18 * 60})
	}
	for _, e := range []muster.Expert{
		{
			ID: s.ana, Name: "Ana Ruiz", City: "Boston", Shifts: shifts, Base: place(42.36, -71.06),
			Skills: []muster.Competence{{Skill: "skl_refrigerator-repair", Level: 4}, {Skill: "skl_gas", Level: 3}},
		},
		{
			ID: s.tom, Name: "Tom Becker", City: "Quincy", Shifts: shifts, Base: place(42.25, -71.00),
			Skills: []muster.Competence{{Skill: "skl_refrigerator-repair", Level: 3}},
		},
	} {
		_, err := d.SaveExpert(s.t.Context(), command(string(e.ID)), e)
		require.NoError(s.t, err)
	}
	s.person(d, muster.User{ID: "usr_ana", Name: "Ana Ruiz", Role: muster.RoleExpert, Expert: s.ana})
	s.person(d, muster.User{ID: "usr_tom", Name: "Tom Becker", Role: muster.RoleExpert, Expert: s.tom})
}

func place(lat, lng float64) muster.Place {
	return muster.Place{Point: muster.Point{Lat: lat, Lng: lng}, Precision: muster.PrecisionRooftop}
}

func command(id string) muster.Command {
	return muster.Command{ID: muster.CommandID("cmd_" + id), Actor: muster.System("test")}
}

func (s *shop) person(d *dispatch.Dispatch, u muster.User) {
	s.t.Helper()
	_, err := d.SaveUser(s.t.Context(), command(string(u.ID)), u)
	require.NoError(s.t, err)
}

// company registers the customer, over HTTP as everything from here on.
func (s *shop) company() {
	s.t.Helper()
	var c struct {
		ID    muster.CustomerID
		Sites []struct{ ID muster.SiteID }
	}
	s.as("usr_dana", "POST", "/v1/customers", map[string]any{
		"name": "Ruth Ortiz", "sites": []map[string]any{{"city": "Dorchester", "place": map[string]any{
			"point": map[string]any{"lat": 42.30, "lng": -71.06}, "precision": "rooftop",
		}}},
	}, http.StatusCreated, &c)
	s.ruth, s.site = c.ID, c.Sites[0].ID
}

// as sends a request as somebody and reads the answer, which has to have a status.
func (s *shop) as(who, method, path string, body any, status int, into any) {
	s.t.Helper()
	b, err := json.Marshal(body)
	require.NoError(s.t, err)
	r, err := http.NewRequestWithContext(s.t.Context(), method, s.url+path, bytes.NewReader(b))
	require.NoError(s.t, err)
	r.Header.Set("Muster-Actor", who)
	r.Header.Set("Content-Type", "application/json")
	reply, err := http.DefaultClient.Do(r)
	require.NoError(s.t, err)
	defer reply.Body.Close()
	text, err := io.ReadAll(reply.Body)
	require.NoError(s.t, err)
	require.Equal(s.t, status, reply.StatusCode, "%s %s: %s", method, path, text)
	if into != nil {
		require.NoError(s.t, json.Unmarshal(text, into), "%s", text)
	}
}

// submit asks for a repair and gives the ticket's id.
func (s *shop) submit(title, skill string, priority muster.Priority, windows ...muster.Window) muster.TicketID {
	s.t.Helper()
	var a struct{ ID muster.TicketID }
	s.as("usr_dana", "POST", "/v1/tickets", map[string]any{
		"customer": s.ruth, "site": s.site, "title": title, "priority": priority, "duration_min": 60,
		"needs": []muster.Need{{Skill: muster.SkillID(skill), Level: 3}}, "windows": windows,
	}, http.StatusCreated, &a)
	return a.ID
}

func rowSelector(id muster.TicketID) string { return `.row[data-id="` + string(id) + `"]` }

func rowOf(id muster.TicketID) string { return `$('` + rowSelector(id) + `')` }

// openRealBoard goes the way of a person: picks Dana, and the board opens.
func (s *shop) openRealBoard() *browser {
	s.t.Helper()
	b := openBrowser(s.t, s.url)
	b.open("/")
	b.until(`focus()?.dataset.user === 'usr_dana'`)
	b.press("<Enter>")
	b.until(`location.pathname === '/board' && $('[data-live=live]')`)
	return b
}

// TestBrowserFollowsATicketThroughItsLife: a ticket submitted over HTTP appears, gets an offer, is accepted,
// is worked on and ends, all on a board that is never loaded again.
func TestBrowserFollowsATicketThroughItsLife(t *testing.T) {
	s := openShop(t)
	b := s.openRealBoard()
	var mark bool
	b.run(evaluate(`window.loadedOnce = true`, &mark))

	id := s.submit("Refrigerator warm, freezer fine", "skl_refrigerator-repair", muster.PriorityCritical)
	b.until(rowOf(id) + `?.dataset.state === 'offered'`) // the prompt round asked somebody
	var offers struct{ Items []muster.Offer }
	s.as("usr_dana", "GET", "/v1/tickets/"+string(id)+"/offers", nil, http.StatusOK, &offers)
	require.NotEmpty(t, offers.Items)
	expert := offers.Items[0].Expert
	phone := "usr_" + string(expert[4:])
	require.Len(t, offers.Items, 2, "it is urgent: both were asked")

	s.as(phone, "POST", "/v1/offers/"+string(offers.Items[0].ID)+"/accept", map[string]any{}, http.StatusOK, nil)
	b.until(rowOf(id) + `?.dataset.state === 'assigned'`)
	b.until(`$$('.stop[data-ticket="` + string(id) + `"]').length === 1`)

	var whole struct{ Ticket muster.Ticket }
	s.as("usr_dana", "GET", "/v1/tickets/"+string(id), nil, http.StatusOK, &whole)
	visit := "/v1/visits/" + string(whole.Ticket.Visit.ID)
	s.clock.Set(whole.Ticket.Visit.Start)
	for _, step := range []struct{ verb, shown string }{{"depart", "en_route"}, {"arrive", "arrived"}, {"start", "in_progress"}} {
		s.as(phone, "POST", visit+"/"+step.verb, map[string]any{}, http.StatusOK, nil)
		b.until(rowOf(id) + `?.dataset.state === '` + step.shown + `'`)
	}
	s.as(phone, "POST", visit+"/end", map[string]any{"outcome": "fixed"}, http.StatusOK, nil)
	b.until(rowOf(id) + `?.dataset.state === 'completed'`)
	b.run(evaluate(`window.loadedOnce === true`, &mark))
	require.True(t, mark, "the page was loaded again")
}

// TestBrowserAssignsForReal: four keys, then the same taken back.
func TestBrowserAssignsForReal(t *testing.T) {
	s := openShop(t)
	id := s.submit("Ice maker jammed", "skl_refrigerator-repair", muster.PriorityNormal)
	b := s.openRealBoard()
	b.until(rowOf(id) + `?.dataset.state === 'queued'`)
	b.press("t", "a", "1")
	b.until(chosen)
	b.press("<Enter>")
	b.until(rowOf(id) + `?.dataset.state === 'assigned' && $('[data-notice=done]')`)
	var had struct{ Items []muster.Assignment }
	s.as("usr_dana", "GET", "/v1/tickets/"+string(id)+"/assignments", nil, http.StatusOK, &had)
	require.Len(t, had.Items, 1)
	require.Equal(t, muster.AssignmentActive, had.Items[0].State)
	require.Equal(t, muster.UserID("usr_dana"), had.Items[0].Decided.By.ID)
	b.until(`$$('.stop[data-ticket="` + string(id) + `"]').length === 1`)
	b.press("u")
	b.until(rowOf(id) + `?.dataset.state === 'queued' && text('.notice').includes('taken back')`)
	b.until(`$$('.stop[data-ticket="` + string(id) + `"]').length === 0`)
}

// TestBrowserNeverGivesOnePersonTwoVisitsAtOnce: of two visits at the same time only one gets the only expert,
// and the other's reasons name the times.
func TestBrowserNeverGivesOnePersonTwoVisitsAtOnce(t *testing.T) {
	s := openShop(t)
	afternoon := muster.Window{Start: mondayTen.Add(3 * time.Hour), End: mondayTen.Add(3*time.Hour + 20*time.Minute)} // 13:00 to 13:20
	first := s.submit("Gas oven cold", "skl_gas", muster.PriorityHigh, afternoon)
	second := s.submit("Gas dryer cold", "skl_gas", muster.PriorityHigh, afternoon)
	b := s.openRealBoard()
	b.until(`$$('.row').length === 2`)
	// Both are urgent, as their window opens within four hours: a prompt round has asked Ana about one.
	b.until(`$$('.row[data-state=offered]').length === 1 && $$('.row[data-state=queued]').length === 1`)
	given, left := first, second
	if value[string](b, rowOf(second)+`.dataset.state`) == "offered" {
		given, left = second, first
	}
	var offers struct{ Items []muster.Offer }
	s.as("usr_dana", "GET", "/v1/tickets/"+string(given)+"/offers", nil, http.StatusOK, &offers)
	s.as("usr_ana", "POST", "/v1/offers/"+string(offers.Items[0].ID)+"/accept", map[string]any{}, http.StatusOK, nil)
	b.until(rowOf(given) + `?.dataset.state === 'assigned'`)

	b.click(`.row[data-id="` + string(left) + `"]`)
	b.until(`text('.nobody').includes('Nobody can take this ticket now.')`)
	b.press("w")
	b.until(`$('.people tr[data-expert=exp_ana]')`)
	said := value[string](b, `text('.people tr[data-expert=exp_ana]')`)
	require.Regexp(t, `Would arrive 14:0\d, after the visit of 13:00 to 14:00; the window closes 13:20`, said, "she is with the other until 14:00")
	require.Contains(t, value[string](b, `text('.people tr[data-expert=exp_tom]')`), "Lacks Gas")

	// Whoever insists on that very start is refused with both spans.
	var no struct {
		Code    muster.Code
		Reasons []muster.Reason
	}
	s.as("usr_dana", "POST", "/v1/tickets/"+string(left)+"/assign",
		map[string]any{"expert": s.ana, "start": offers.Items[0].Start}, http.StatusConflict, &no)
	require.Equal(t, muster.CodeUnfit, no.Code)
	require.Equal(t, muster.Overlaps, no.Reasons[0].Code, "%+v", no.Reasons)
	require.Equal(t, "queued", value[string](b, rowOf(left)+`.dataset.state`))
}
