package api

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/dispatch"
	"github.com/sysopssquad/muster/graph"
	"github.com/sysopssquad/muster/graph/sqlite"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// began is when every test begins: a Monday morning in summer, 8:00 in San Francisco.
var began = time.Date(2026, 6, 1, 15, 0, 0, 0, time.UTC)

const (
	dana  muster.UserID = "usr_dana"  // dispatcher
	ruth  muster.UserID = "usr_ruth"  // customer
	ana   muster.UserID = "usr_ana"   // expert
	otto  muster.UserID = "usr_otto"  // another customer
	admin muster.UserID = "usr_admin" // administrator
)

// rig is an API on a store in memory, with real commands behind it.
type rig struct {
	testing.TB
	store  graph.Store
	clock  *muster.FakeClock
	server *server
	handle http.Handler
	log    *bytes.Buffer
}

// newRig makes one; change may alter what the API is made of.
func newRig(t testing.TB, change ...func(*Config)) *rig {
	t.Helper()
	ctx := t.Context()
	r := &rig{TB: t, clock: muster.NewFakeClock(began), log: &bytes.Buffer{}}
	store, err := sqlite.Open(ctx, ":memory:", r.clock)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, store.Close(context.Background())) })
	require.NoError(t, store.Migrate(ctx))
	r.store = store
	c := Config{
		Graph: store, Dispatch: dispatch.New(store, r.clock), Clock: r.clock, Version: "test",
		Stream: func(int64) Feed { return silent{} },
		Log:    slog.New(slog.NewTextHandler(r.log, nil)),
	}
	for _, f := range change {
		f(&c)
	}
	r.server, err = newServer(c)
	require.NoError(t, err)
	r.handle, err = r.server.router()
	require.NoError(t, err)
	r.people()
	return r
}

// silent is a feed of nothing.
type silent struct{}

func (silent) Next(ctx context.Context) ([]muster.Event, error) {
	<-ctx.Done()
	return nil, ctx.Err()
}

// people puts those who act into the store.
func (r *rig) people() {
	r.Helper()
	for _, u := range []muster.User{
		{ID: dana, Name: "Dana", Role: muster.RoleDispatcher},
		{ID: admin, Name: "Ada", Role: muster.RoleAdministrator},
		{ID: "usr_gone", Name: "Gone", Role: muster.RoleDispatcher, Suspended: true},
		{ID: ruth, Name: "Ruth", Role: muster.RoleCustomer, Customer: "cus_ruth"},
		{ID: otto, Name: "Otto", Role: muster.RoleCustomer, Customer: "cus_otto"},
		{ID: ana, Name: "Ana", Role: muster.RoleExpert, Expert: "exp_ana"},
	} {
		u.Rev = 1
		body, err := json.Marshal(dispatch.EventBody{Root: &u})
		require.NoError(r, err)
		by := muster.System("test")
		outcomes, err := r.store.Commit(r.Context(), graph.Change{
			Command: muster.Command{ID: muster.CommandID("cmd_" + string(u.ID)), Name: "user.save", Actor: by, Fingerprint: "f"},
			At:      r.clock.Now(), Expect: []graph.Guard{graph.Absent(string(u.ID))}, Put: []muster.Record{&u},
			Events: []muster.Event{{Aggregate: string(u.ID), Rev: 1, Name: "user.saved", Version: 1, At: r.clock.Now(), Actor: by, Body: body}},
		})
		require.NoError(r, err)
		require.NoError(r, outcomes[0].Err())
	}
}

// reply is an answer with its body read.
type reply struct {
	*http.Response
	body []byte
}

// as sends a request as somebody. A body that is a string or bytes goes as it is, others as JSON; headers
// are name, value, name, value.
func (r *rig) as(who muster.UserID, method, path string, body any, headers ...string) reply {
	r.Helper()
	var in io.Reader
	switch b := body.(type) {
	case nil:
	case string:
		in = bytes.NewReader([]byte(b))
	case []byte:
		in = bytes.NewReader(b)
	default:
		j, err := json.Marshal(b)
		require.NoError(r, err)
		in = bytes.NewReader(j)
	}
	req := httptest.NewRequest(method, path, in)
	req.Host = "localhost:8080"
	if in != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	if who != "" {
		req.Header.Set(ActorHeader, string(who))
	}
	for i := 0; i+1 < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	r.handle.ServeHTTP(w, req)
	res := w.Result()
	read, err := io.ReadAll(res.Body)
	require.NoError(r, err)
	return reply{res, read}
}

// into reads the JSON of an answer that has to have a status.
func into[T any](t testing.TB, status int, a reply) T {
	t.Helper()
	var v T
	require.Equal(t, status, a.StatusCode, "%s", a.body)
	require.NoError(t, json.Unmarshal(a.body, &v), "%s", a.body)
	return v
}

// company is a rig with something to do: two skills, an expert, a customer with a site and a device.
type company struct {
	*rig
	expert   muster.ExpertID
	customer muster.CustomerID
	site     muster.SiteID
	device   muster.DeviceID
}

// every is a weekly shift from 8 to 17 on every day.
func every() (shifts []map[string]any) {
	for day := range 7 {
		shifts = append(shifts, map[string]any{"weekday": day, "from": 8 * 60, "to": 17 * 60})
	}
	return shifts
}

func spot(lat, lng float64) map[string]any {
	return map[string]any{"point": map[string]any{"lat": lat, "lng": lng}, "precision": "rooftop"}
}

func newCompany(t testing.TB, change ...func(*Config)) *company {
	t.Helper()
	r := newRig(t, change...)
	into[any](t, http.StatusOK, r.as(admin, "PUT", "/v1/skills", map[string]any{"skills": []map[string]any{
		{"id": "skl_white-goods", "name": "White goods"},
		{"id": "skl_refrigerator", "name": "Refrigerator repair", "narrows": "skl_white-goods"},
		{"id": "skl_gas", "name": "Gas", "licensed": true},
	}}))
	e := into[muster.Expert](t, http.StatusCreated, r.as(dana, "POST", "/v1/experts", map[string]any{
		"name": "Ana Lima", "base": spot(37.7749, -122.4194), "shifts": every(),
		"skills": []map[string]any{{"skill": "skl_refrigerator", "level": 3}},
	}))
	c := into[CustomerWhole](t, http.StatusCreated, r.as(dana, "POST", "/v1/customers", map[string]any{
		"name": "Ruth Ortiz", "email": "Ruth@example.com",
		"sites": []map[string]any{{
			"city": "San Francisco", "place": spot(37.7563, -122.4212),
			"devices": []map[string]any{{"category": "refrigerator", "brand": "Bosch"}},
		}},
	}))
	co := &company{rig: r, expert: e.ID, customer: c.ID, site: c.Sites[0].ID, device: c.Devices[0].ID}
	require.Equal(t, co.site, c.Devices[0].Site)
	co.be(ana, "expert", string(e.ID))
	co.be(ruth, "customer", string(c.ID))
	return co
}

// be makes a person be an expert or a customer.
func (c *company) be(who muster.UserID, what, id string) {
	c.Helper()
	into[any](c.TB, http.StatusOK, c.as(admin, "POST", "/v1/users", map[string]any{
		"id": who, "name": string(who), "role": what, what: id,
	}))
	c.clock.Advance(usersFor + time.Second) // the list of people is believed for a moment
}

// submit asks for a repair of the refrigerator, for the customer.
func (c *company) submit(fields ...any) TicketAnswer {
	c.Helper()
	return into[TicketAnswer](c.TB, http.StatusCreated, c.as(dana, "POST", "/v1/tickets", c.ticket(fields...)))
}

// ticket is the body of submit; fields are name, value, ...
func (c *company) ticket(fields ...any) map[string]any {
	b := map[string]any{
		"customer": c.customer, "site": c.site, "device": c.device, "title": "Refrigerator warm",
		"needs": []map[string]any{{"skill": "skl_white-goods", "level": 2}},
	}
	for i := 0; i < len(fields); i += 2 {
		b[fields[i].(string)] = fields[i+1]
	}
	return b
}
