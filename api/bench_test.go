package api

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// BenchmarkShowTicket is a read by number: routing, actor, scope, load, JSON.
func BenchmarkShowTicket(b *testing.B) {
	c := newCompany(b)
	ticket := c.submit()
	b.ReportAllocs()
	for b.Loop() {
		c.send(b, http.StatusOK, "GET", "/v1/tickets/"+ticket.Ref, "")
	}
}

// BenchmarkSubmit is a ticket from request to answer, committed to a store in memory.
func BenchmarkSubmit(b *testing.B) {
	c := newCompany(b)
	body := `{"customer":"` + string(c.customer) + `","site":"` + string(c.site) + `","title":"Refrigerator warm","needs":[{"skill":"skl_white-goods","level":2}]}`
	b.ReportAllocs()
	for b.Loop() {
		c.send(b, http.StatusCreated, "POST", "/v1/tickets", body)
	}
}

// BenchmarkHealth is what every request costs before it does anything.
func BenchmarkHealth(b *testing.B) {
	c := newCompany(b)
	for b.Loop() {
		c.send(b, http.StatusOK, "GET", "/healthz", "")
	}
}

func (c *company) send(b *testing.B, status int, method, path, body string) {
	b.Helper()
	req := httptest.NewRequest(method, path, strings.NewReader(body))
	req.Host = "localhost"
	req.Header.Set(ActorHeader, string(dana))
	w := httptest.NewRecorder()
	c.handle.ServeHTTP(w, req)
	if w.Code != status {
		b.Fatal(w.Code, w.Body.String())
	}
}
