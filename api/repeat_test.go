package api

import (
	"encoding/json"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sysopssquad/muster"
)

// told is a request and its first answer.
type told struct {
	who          muster.UserID
	method, path string
	op           string // as the document names it
	body         any
	headers      []string
	answer       reply
}

// parrot sends every command as four twins at once, and remembers the answer that all of them must have got.
type parrot struct {
	*company
	done []told
	ops  map[string]bool // operations of the document that were not sent yet
}

// say sends a command; its operation is named as the document names it.
func (p *parrot) say(op string, who muster.UserID, path string, body any, headers ...string) reply {
	p.Helper()
	method, _, _ := strings.Cut(op, " ")
	require.Contains(p, p.ops, op)
	delete(p.ops, op)
	d := told{who: who, method: method, path: path, op: op, body: body}
	d.headers = append(headers, "Idempotency-Key", "key-"+muster.Fingerprint(op, len(p.done)))
	answers := make([]reply, 4)
	var g sync.WaitGroup
	for i := range answers {
		g.Go(func() { answers[i] = p.as(who, method, path, body, d.headers...) })
	}
	g.Wait()
	d.answer = answers[0]
	require.Less(p, d.answer.StatusCode, 300, "%s: %s", op, d.answer.body)
	for _, a := range answers[1:] {
		p.alike(op, d, a)
	}
	p.done = append(p.done, d)
	p.clock.Advance(time.Second)
	return d.answer
}

// alike compares an answer with the first one: status, body and the headers that tell of the thing.
func (p *parrot) alike(when string, d told, again reply) {
	p.Helper()
	at := when + " " + d.method + " " + d.path
	require.Equal(p, d.answer.StatusCode, again.StatusCode, "%s: %s", at, again.body)
	require.Equal(p, string(d.answer.body), string(again.body), at)
	for _, h := range []string{"ETag", "Location", "Content-Type", "Set-Cookie", "Idempotency-Key"} {
		require.Equal(p, d.answer.Header.Values(h), again.Header.Values(h), "%s: %s", at, h)
	}
}

// TestEveryCommandIsAnsweredAlike walks every operation of the document that changes something, each sent four times
// at once, again when the ticket has moved on, and again days later: one effect, one answer, byte for byte.
func TestEveryCommandIsAnsweredAlike(t *testing.T) {
	p := &parrot{company: newCompany(t), ops: map[string]bool{}}
	var doc struct {
		Paths map[string]map[string]any
	}
	require.NoError(t, json.Unmarshal(p.as("", "GET", "/openapi.json", nil).body, &doc))
	for path, item := range doc.Paths {
		for method := range item {
			if method != "get" {
				p.ops[strings.ToUpper(method)+" "+path] = true
			}
		}
	}
	delete(p.ops, "DELETE /v1/session") // changes nothing here: the browser forgets

	answer := func(a reply) TicketAnswer { return into[TicketAnswer](t, a.StatusCode, a) }
	verb := func(ticket muster.TicketID, name string, body any, headers ...string) TicketAnswer {
		t.Helper()
		return answer(p.say("POST /v1/tickets/{id}/"+name, dana, "/v1/tickets/"+string(ticket)+"/"+name, body, headers...))
	}
	reason := map[string]any{"reason": "because"}

	p.say("POST /v1/session", dana, "/v1/session", map[string]any{"user": dana})
	p.say("POST /v1/users", admin, "/v1/users", map[string]any{"id": "usr_new", "name": "New", "role": "helpdesk"})
	first := answer(p.say("POST /v1/tickets", dana, "/v1/tickets", p.ticket("needs", []any{}))).ID
	verb(first, "triage", map[string]any{"needs": []any{map[string]any{"skill": "skl_white-goods", "level": 1}}})
	verb(first, "wait", map[string]any{"for": "parts", "until": p.clock.Now().Add(48 * time.Hour)})
	verb(first, "wake", nil)
	verb(first, "choose-windows", map[string]any{"windows": []any{map[string]any{"start": p.clock.Now().Add(time.Hour), "end": p.clock.Now().Add(8 * time.Hour)}}})
	verb(first, "assign", map[string]any{"expert": p.expert})
	verb(first, "undo", nil)
	into[any](t, http.StatusOK, p.as(dana, "POST", "/v1/tickets/"+string(first)+"/assign", map[string]any{"expert": p.expert}))
	verb(first, "reassign", map[string]any{"expert": p.expert, "start": p.clock.Now().Add(4 * time.Hour).Truncate(time.Hour)})
	verb(first, "unassign", reason)
	offered := verb(first, "offer", map[string]any{"expert": p.expert})
	p.say("POST /v1/offers/{id}/decline", ana, "/v1/offers/"+string(offered.Offers[0].ID)+"/decline", map[string]any{"reason": "other"})
	verb(first, "cancel", reason)

	second := p.submit().ID
	offered = into[TicketAnswer](t, http.StatusOK, p.as(dana, "POST", "/v1/tickets/"+string(second)+"/offer", map[string]any{"expert": p.expert}))
	taken := answer(p.say("POST /v1/offers/{id}/accept", ana, "/v1/offers/"+string(offered.Offers[0].ID)+"/accept", nil))
	visit := "/v1/visits/" + string(taken.Visit.ID)
	p.clock.Set(taken.Visit.Start.Add(-30 * time.Minute))
	p.say("POST /v1/visits/{id}/answer", ana, visit+"/answer", map[string]any{"coming": true})
	for _, step := range []string{"depart", "arrive", "start"} {
		p.say("POST /v1/visits/{id}/"+step, ana, visit+"/"+step, nil)
	}
	p.say("POST /v1/visits/{id}/end", ana, visit+"/end", map[string]any{"outcome": "fixed"})
	verb(second, "resolve", nil)
	verb(second, "reopen", reason)

	third := p.submit("mode", "carry_in", "needs", []any{}).ID
	proposed := p.proposed()
	verb(proposed.ID, "accept-proposal", map[string]any{"expert": p.expert, "why": "the customer agrees"}, "If-Match", etag(proposed.Rev))
	verb(third, "complete", map[string]any{"outcome": "fixed"})
	fourth := p.submit("needs", []any{}, "mode", "remote").ID
	into[any](t, http.StatusOK, p.as(dana, "POST", "/v1/tickets/"+string(fourth)+"/triage", map[string]any{"mode": "home_visit", "needs": []any{map[string]any{"skill": "skl_white-goods", "level": 1}}}))
	into[any](t, http.StatusOK, p.as(dana, "POST", "/v1/tickets/"+string(fourth)+"/wait", map[string]any{"for": "parts", "until": p.clock.Now().Add(48 * time.Hour)}))
	verb(fourth, "queue", nil)
	part := map[string]any{"name": "compressor relay"}
	verb(fourth, "need-part", part)
	verb(fourth, "order-part", map[string]any{"name": "compressor relay", "eta": p.clock.Now().Add(72 * time.Hour)})
	verb(fourth, "part-there", part)
	twin := p.submit().ID
	verb(twin, "merge", map[string]any{"into": fourth})

	fifth := p.submit().ID
	given := into[TicketAnswer](t, http.StatusOK, p.as(dana, "POST", "/v1/tickets/"+string(fifth)+"/assign", map[string]any{"expert": p.expert}))
	p.clock.Set(given.Visit.Start.Add(-10 * time.Minute))
	for _, step := range []string{"depart", "arrive"} {
		into[any](t, http.StatusOK, p.as(ana, "POST", "/v1/visits/"+string(given.Visit.ID)+"/"+step, nil))
	}
	into[any](t, http.StatusOK, p.as(ana, "POST", "/v1/visits/"+string(given.Visit.ID)+"/end", map[string]any{"outcome": "no_access"}))
	for _, verb := range []struct {
		name string
		body any
	}{
		{"take", nil}, {"contact", map[string]any{"whom": "customer", "how": "phone", "result": "no_answer"}},
		{"hand-over", map[string]any{"to": admin}}, {"settle", map[string]any{}},
	} {
		who := dana
		if verb.name == "settle" {
			who = admin
		}
		p.say("POST /v1/tickets/{id}/exceptions/{kind}/"+verb.name, who, "/v1/tickets/"+string(fifth)+"/exceptions/no_access/"+verb.name, verb.body)
	}

	p.say("POST /v1/customers", dana, "/v1/customers", map[string]any{"name": "Sam", "sites": []any{map[string]any{"place": spot(37.77, -122.42)}}})
	customer := "/v1/customers/" + string(p.customer)
	p.say("PUT /v1/customers/{id}", dana, customer, map[string]any{"name": "Ruth O."})
	p.say("POST /v1/customers/{id}/sites", dana, customer+"/sites", map[string]any{"place": spot(37.78, -122.41)})
	p.say("POST /v1/customers/{id}/devices", dana, customer+"/devices", map[string]any{"category": "oven", "site": p.site})
	p.say("PUT /v1/sites/{id}", dana, "/v1/sites/"+string(p.site), map[string]any{"city": "Oakland", "place": spot(37.8, -122.27)})
	p.say("PUT /v1/devices/{id}", dana, "/v1/devices/"+string(p.device), map[string]any{"category": "freezer", "site": p.site})
	e := into[muster.Expert](t, http.StatusCreated, p.say("POST /v1/experts", dana, "/v1/experts", map[string]any{"name": "Li Wei", "base": spot(37.8, -122.27), "shifts": every(), "skills": []any{}}))
	expert := "/v1/experts/" + string(e.ID)
	p.say("PUT /v1/experts/{id}", dana, expert, map[string]any{"name": "Li Wei", "base": spot(37.81, -122.27), "shifts": every(), "skills": []any{}})
	p.say("PUT /v1/experts/{id}/shifts", dana, expert+"/shifts", map[string]any{"shifts": every()[:5]})
	p.say("POST /v1/experts/{id}/leave", dana, expert+"/leave", map[string]any{"start": "2026-07-01T00:00:00Z", "end": "2026-07-08T00:00:00Z"})
	p.say("POST /v1/experts/{id}/sick", dana, expert+"/sick", map[string]any{})
	p.say("POST /v1/experts/{id}/leaves", dana, expert+"/leaves", map[string]any{"from": p.clock.Now().Add(48 * time.Hour)})
	p.say("DELETE /v1/experts/{id}", dana, expert, nil)
	p.say("PUT /v1/skills", admin, "/v1/skills", map[string]any{"skills": []any{map[string]any{"name": "Ovens"}}})
	p.say("PUT /v1/policy", admin, "/v1/policy", muster.DefaultPolicy())
	require.Empty(t, p.ops, "operations that nobody has tried to repeat")

	schemas, follow := bodies(t, p.rig)
	state := p.everything(t)
	for _, after := range []time.Duration{0, 29 * 24 * time.Hour} {
		p.clock.Advance(after)
		for _, d := range p.done {
			if d.path == "/v1/session" {
				continue // no command: saying it twice changes nothing
			}
			p.alike("after "+after.String(), d, p.as(d.who, d.method, d.path, d.body, d.headers...))
			other := p.as(d.who, "POST", "/v1/customers", map[string]any{"name": "Somebody else"}, d.headers...)
			if other.StatusCode != http.StatusForbidden {
				require.Equal(t, muster.CodeReused, into[Problem](t, http.StatusUnprocessableEntity, other).Code)
			}
			p.altered(d, schemas[d.op], follow)
		}
	}
	require.Equal(t, state, p.everything(t), "something was done twice")
}

// TestATwinWaitsForTheFirst: of requests under one key one runs at a time, and one that waits for too long is told so.
func TestATwinWaitsForTheFirst(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &server{}
		running, free := 0, make(chan struct{})
		h := s.oneAtATime(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
			running++
			require.Equal(t, 1, running)
			<-free
			running--
		}))
		send := func() { h.ServeHTTP(blankWriter{}, keyed(t)) }
		go send()
		go send()
		synctest.Wait()
		require.Equal(t, 1, running)
		free <- struct{}{}
		synctest.Wait()
		require.Equal(t, 1, running, "the second runs when the first has ended")
		free <- struct{}{}
	})
}

func keyed(t *testing.T) *http.Request {
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "/v1/tickets", nil)
	require.NoError(t, err)
	r.Header.Set("Idempotency-Key", "k")
	return r
}

type blankWriter struct{ http.ResponseWriter }
