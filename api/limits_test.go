package api

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"github.com/sysopssquad/muster/graph"
)

// TestLongestTextsFitTheStore: the document counts letters, the store bytes. No text that the document lets
// through may be refused for its bytes behind it.
func TestLongestTextsFitTheStore(t *testing.T) {
	c := newCompany(t)
	var doc any
	require.NoError(t, json.Unmarshal(c.as("", "GET", "/openapi.json", nil).body, &doc))
	seen := 0
	var walk func(any)
	walk = func(v any) {
		switch v := v.(type) {
		case []any:
			for _, w := range v {
				walk(w)
			}
		case map[string]any:
			if letters, ok := v["maxLength"].(float64); ok {
				seen++
				require.LessOrEqual(t, int(letters)*utf8.UTFMax, graph.MaxTextBytes, "%v", v)
			}
			for _, w := range v {
				walk(w)
			}
		}
	}
	walk(doc)
	require.Greater(t, seen, 30)

	full := func(letters int) string { return strings.Repeat("🧊", letters) }
	sent := into[TicketAnswer](t, http.StatusCreated, c.as(dana, "POST", "/v1/tickets", c.ticket(
		"title", full(200), "text", full(16_000), "category", full(100), "symptom", full(100), "division", full(100), "legacy", "a/"+full(198),
	)))
	require.Equal(t, full(200), sent.Ticket.Title)
	path := "/v1/tickets/" + string(sent.ID)
	into[any](t, http.StatusOK, c.as(dana, "POST", path+"/wait", map[string]any{"for": "parts", "until": "2026-06-09T00:00:00Z", "note": full(1000)}))
	into[any](t, http.StatusOK, c.as(dana, "POST", path+"/cancel", map[string]any{"reason": full(1000)}))
}
