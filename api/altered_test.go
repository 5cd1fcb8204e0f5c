package api

import (
	"encoding/json"
	"maps"
	"net/http"
	"regexp"
	"slices"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sysopssquad/muster"
)

// Fields that a body may have because GET gave them, and that nothing is done with: the path says them, or they follow from
// others.
var (
	unread   = []string{"id", "created_at", "region"}
	unreadBy = map[string][]string{
		"POST /v1/customers/{id}/sites":   {"customer"},
		"PUT /v1/sites/{id}":              {"customer"},
		"POST /v1/customers/{id}/devices": {"customer"},
		"PUT /v1/devices/{id}":            {"customer"},
		"PUT /v1/experts/{id}/shifts":     {"zone"},
	}
)

// altered sends a command under its key again, each time with another field of its body altered: it is another request.
func (p *parrot) altered(d told, o *object, follow func(*object) *object) {
	p.Helper()
	if o == nil || len(follow(o).Properties) == 0 {
		require.Contains(p, []string{"DELETE /v1/experts/{id}", "POST /v1/offers/{id}/accept"}, d.op, "has no field to alter")
		return
	}
	body := map[string]any{}
	if d.body != nil {
		text, err := json.Marshal(d.body)
		require.NoError(p, err)
		require.NoError(p, json.Unmarshal(text, &body))
	}
	fields := 0
	for _, name := range slices.Sorted(maps.Keys(follow(o).Properties)) {
		other, ok := another(body[name], follow(o).Properties[name], follow)
		if !ok || slices.Contains(unread, name) || slices.Contains(unreadBy[d.op], name) {
			continue
		}
		fields++
		sent := maps.Clone(body)
		sent[name] = other
		a := p.as(d.who, d.method, d.path, sent, d.headers...)
		require.Equal(p, http.StatusUnprocessableEntity, a.StatusCode, "%s with another %s, %v: %s", d.op, name, other, a.body)
		require.Equal(p, muster.CodeReused, into[Problem](p, a.StatusCode, a).Code, "%s with another %s, %v: %s", d.op, name, other, a.body)
	}
	require.Positive(p, fields, "%s: none of its fields was altered", d.op)
}

var prefix = regexp.MustCompile(`^\^\(([a-z]+)_`)

// another is a value that a field may have as well; it is not ok if none follows from the document.
func another(v any, o *object, follow func(*object) *object) (any, bool) {
	o = follow(o)
	unlike := func(choices ...any) (any, bool) {
		for _, c := range choices {
			if c != v && c != "" {
				return c, true
			}
		}
		return nil, false
	}
	switch {
	case len(o.Enum) > 0:
		return unlike(o.Enum...)
	case o.Format == "date-time":
		return unlike("2031-01-01T00:00:00Z", "2031-01-02T00:00:00Z")
	case prefix.MatchString(o.Pattern):
		return unlike(prefix.FindStringSubmatch(o.Pattern)[1] + "_another")
	case o.Pattern != "":
		return nil, false
	case o.is("string"):
		text, _ := v.(string)
		return text + "x", true
	case o.is("boolean"):
		return v != true, true
	case o.is("integer"), o.is("number"):
		least := 0.
		if o.Minimum != nil {
			least = *o.Minimum
		}
		return unlike(least+1, least+2)
	case o.is("array"):
		list, _ := v.([]any)
		if len(list) > 0 {
			return append(slices.Clone(list), list[len(list)-1]), true
		}
		one, ok := another(nil, o.Items, follow)
		return []any{one}, ok
	case o.is("object") && o.table() == nil && v != nil:
		inner := maps.Clone(v.(map[string]any))
		for _, name := range slices.Sorted(maps.Keys(o.Properties)) {
			if other, ok := another(inner[name], o.Properties[name], follow); ok {
				inner[name] = other
				return inner, true
			}
		}
	}
	return nil, false
}

// proposed is a ticket for which nobody can come, and an exception proposes the expert.
func (p *parrot) proposed() TicketAnswer {
	p.Helper()
	ctx, t := p.Context(), p.submit("needs", []any{map[string]any{"skill": "skl_white-goods", "level": 4}})
	for range 200 {
		now := p.clock.Now()
		w, ok, err := p.store.Claim(ctx, string(t.ID), now, now)
		require.NoError(p, err)
		if ok {
			_, err = p.server.Dispatch.Due(ctx, w)
			require.NoError(p, err)
		}
		_, err = p.server.Dispatch.Rounds(ctx)
		require.NoError(p, err)
		t = into[TicketAnswer](p, http.StatusOK, p.as(dana, "GET", "/v1/tickets/"+string(t.ID), nil))
		if slices.ContainsFunc(t.Ticket.Exceptions, func(e muster.Exception) bool { return len(e.Proposals) > 0 }) {
			return t
		}
		p.clock.Advance(5 * time.Minute)
	}
	require.Fail(p, "nothing is proposed")
	return t
}
