package api

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sysopssquad/muster"
)

func TestNotModified(t *testing.T) {
	c := newCompany(t)
	path := "/v1/tickets/" + string(c.submit().ID)
	for _, path := range []string{
		path, "/v1/customers/" + string(c.customer), "/v1/sites/" + string(c.site), "/v1/devices/" + string(c.device),
		"/v1/experts/" + string(c.expert), "/v1/experts/" + string(c.expert) + "/leave", "/v1/skills", "/v1/policy",
	} {
		first := c.as(dana, "GET", path, nil)
		require.Equal(t, http.StatusOK, first.StatusCode, path)
		tag := first.Header.Get("ETag")
		require.Regexp(t, `^"\d+(-\d+)?"$`, tag, path)
		for _, have := range []string{tag, "W/" + tag, `"998", ` + tag, "*"} {
			again := c.as(dana, "GET", path, nil, "If-None-Match", have)
			require.Equal(t, http.StatusNotModified, again.StatusCode, "%s %s", path, have)
			require.Empty(t, again.body)
			require.Equal(t, tag, again.Header.Get("ETag"))
		}
		require.Equal(t, http.StatusOK, c.as(dana, "GET", path, nil, "If-None-Match", `"998"`).StatusCode)
	}
	into[any](t, http.StatusOK, c.as(dana, "POST", path+"/cancel", map[string]any{"reason": "x"}))
	require.Equal(t, http.StatusOK, c.as(dana, "GET", path, nil, "If-None-Match", `"1"`).StatusCode)
}

// TestPagesMeetEachOtherOnce walks a list by its links, in pages of every size.
func TestPagesMeetEachOtherOnce(t *testing.T) {
	c := newCompany(t)
	var want []muster.TicketID
	for n := range 7 {
		priority := []string{"low", "critical", "normal"}[n%3]
		want = append(want, c.submit("priority", priority).ID)
	}
	for _, size := range []string{"1", "2", "3", "7", "8", "500"} {
		var got []TicketRow
		next := "/v1/tickets?state=open,resolved&limit=" + size
		for next != "" {
			a := c.as(dana, "GET", next, nil)
			p := into[List[TicketRow]](t, http.StatusOK, a)
			got = append(got, p.Items...)
			link := a.Header.Get("Link")
			require.Equal(t, p.Next == "", link == "")
			next = ""
			if link != "" {
				to, ok := strings.CutSuffix(strings.TrimPrefix(link, "<"), `>; rel="next"`)
				require.True(t, ok, link)
				u, err := url.Parse(to)
				require.NoError(t, err)
				require.Equal(t, p.Next, u.Query().Get("after"))
				require.Equal(t, size, u.Query().Get("limit"))
				next = to
			}
		}
		var ids []muster.TicketID
		for i, row := range got {
			ids = append(ids, row.ID)
			if i > 0 {
				require.LessOrEqual(t, got[i-1].Priority.Rank(), row.Priority.Rank())
			}
		}
		require.ElementsMatch(t, want, ids, size)
	}
}

func TestACursorBelongsToItsList(t *testing.T) {
	c := newCompany(t)
	c.submit()
	c.submit()
	p := into[List[TicketRow]](t, http.StatusOK, c.as(dana, "GET", "/v1/tickets?limit=1", nil))
	require.NotEmpty(t, p.Next)
	for _, elsewhere := range []string{"/v1/tickets?state=queued&after=", "/v1/experts?after=", "/v1/customers?after="} {
		bad := into[Problem](t, http.StatusUnprocessableEntity, c.as(dana, "GET", elsewhere+p.Next, nil))
		require.Equal(t, "after", bad.Field)
		require.Contains(t, bad.Hint, "another list or filter")
	}
}

func TestFilters(t *testing.T) {
	c := newCompany(t)
	a := c.submit("priority", "high")
	b := c.submit()
	into[any](t, http.StatusOK, c.as(dana, "POST", "/v1/tickets/"+a.Ref+"/assign", map[string]any{"expert": c.expert}))
	for query, want := range map[string][]muster.TicketID{
		"":                                  {a.ID, b.ID},
		"state=queued":                      {b.ID},
		"state=assigned":                    {a.ID},
		"state=queued,assigned":             {a.ID, b.ID},
		"state=resolved":                    {},
		"priority=high":                     {a.ID},
		"customer=" + string(c.customer):    {a.ID, b.ID},
		"customer=cus_other":                {},
		"expert=" + string(c.expert):        {a.ID},
		"region=" + string(a.Ticket.Region): {a.ID, b.ID},
		"since=2026-06-01T00:00:00Z":        {a.ID, b.ID},
		"since=2027-06-01T00:00:00%2B02:00": {},
	} {
		got := []muster.TicketID{}
		for _, row := range into[List[TicketRow]](t, http.StatusOK, c.as(dana, "GET", "/v1/tickets?"+query, nil)).Items {
			got = append(got, row.ID)
		}
		require.ElementsMatch(t, want, got, query)
	}
	require.Len(t, into[List[muster.Customer]](t, http.StatusOK, c.as(dana, "GET", "/v1/customers?text=ort", nil)).Items, 1)
	require.Empty(t, into[List[muster.Customer]](t, http.StatusOK, c.as(dana, "GET", "/v1/customers?text=zzz", nil)).Items)
	skills := into[List[muster.Skill]](t, http.StatusOK, c.as(dana, "GET", "/v1/skills", nil)).Items
	require.True(t, slices.IsSortedFunc(skills, func(a, b muster.Skill) int { return strings.Compare(string(a.ID), string(b.ID)) }))
	require.Len(t, skills, 3)
	require.NotEmpty(t, into[List[muster.Region]](t, http.StatusOK, c.as(dana, "GET", "/v1/regions", nil)).Items)
}
