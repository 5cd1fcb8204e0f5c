package api

import (
	"cmp"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sysopssquad/muster"
)

// TestLifeOfATicket goes the way of most tickets, each step by the person whose it is, through HTTP alone.
func TestLifeOfATicket(t *testing.T) {
	c := newCompany(t)
	sent := c.as(ruth, "POST", "/v1/tickets", c.ticket())
	ticket := into[TicketAnswer](t, http.StatusCreated, sent)
	require.Equal(t, "queued", ticket.Shown)
	require.Equal(t, "/v1/tickets/"+string(ticket.ID), sent.Header.Get("Location"))
	require.Equal(t, `"1"`, sent.Header.Get("ETag"))

	path := "/v1/tickets/" + ticket.Ref
	m := into[muster.Match](t, http.StatusOK, c.as(dana, "GET", path+"/match", nil))
	require.Len(t, m.Candidates, 1)
	require.Equal(t, c.expert, m.Candidates[0].Expert)
	require.NotEmpty(t, m.Candidates[0].Terms)

	offered := into[TicketAnswer](t, http.StatusOK, c.as(dana, "POST", path+"/offer",
		map[string]any{"expert": c.expert, "start": m.Candidates[0].Start}, "If-Match", `"1"`))
	require.Equal(t, "offered", offered.Shown)
	require.Len(t, offered.Offers, 1)
	offer := "/v1/offers/" + string(offered.Offers[0].ID)
	require.Equal(t, muster.OfferOpen, into[muster.Offer](t, http.StatusOK, c.as(ana, "GET", offer, nil)).State)

	accepted := into[TicketAnswer](t, http.StatusOK, c.as(ana, "POST", offer+"/accept", nil))
	require.Equal(t, "assigned", accepted.Shown)
	visit := "/v1/visits/" + string(accepted.Ticket.Visit.ID)

	c.clock.Set(accepted.Ticket.Visit.Start.Add(-30 * time.Minute))
	for _, step := range []struct{ verb, shown string }{{"depart", "en_route"}, {"arrive", "arrived"}, {"start", "in_progress"}} {
		got := into[TicketAnswer](t, http.StatusOK, c.as(ana, "POST", visit+"/"+step.verb, nil))
		require.Equal(t, step.shown, got.Shown)
		c.clock.Advance(15 * time.Minute)
	}
	ended := into[TicketAnswer](t, http.StatusOK, c.as(ana, "POST", visit+"/end", map[string]any{"outcome": "fixed", "note": "New thermostat."}))
	require.Equal(t, "completed", ended.Shown)
	require.Equal(t, muster.Fixed, into[muster.Visit](t, http.StatusOK, c.as(ruth, "GET", visit, nil)).Outcome)
	resolved := into[TicketAnswer](t, http.StatusOK, c.as(ruth, "POST", path+"/resolve", nil))
	require.Equal(t, "resolved", resolved.Shown)

	one := into[TicketWhole](t, http.StatusOK, c.as(dana, "GET", path, nil))
	require.Len(t, one.Visits, 1)
	require.Len(t, one.Offers, 1)
	require.Len(t, one.Assignments, 1)
	require.Equal(t, c.device, one.Device.ID)
	history := into[List[muster.Event]](t, http.StatusOK, c.as(ruth, "GET", path+"/history", nil))
	require.Len(t, history.Items, int(one.Rev), "a bump, an event")
	assignments := into[List[muster.Assignment]](t, http.StatusOK, c.as(dana, "GET", path+"/assignments", nil))
	require.Equal(t, muster.AssignmentDone, assignments.Items[0].State)
	require.Equal(t, offered.Offers[0].ID, assignments.Items[0].Offer)
	require.Len(t, into[List[muster.Visit]](t, http.StatusOK, c.as(dana, "GET", path+"/visits", nil)).Items, 1)
	require.Len(t, into[List[muster.Offer]](t, http.StatusOK, c.as(dana, "GET", path+"/offers", nil)).Items, 1)

	day := url.Values{"from": {began.Format(time.RFC3339)}, "to": {began.AddDate(0, 0, 3).Format(time.RFC3339)}, "expert": {string(c.expert)}}
	tours := into[List[muster.Tour]](t, http.StatusOK, c.as(ana, "GET", "/v1/tours?"+day.Encode(), nil))
	require.Len(t, tours.Items, 1)
	require.Len(t, tours.Items[0].Stops, 1)
}

// TestWhyNamesTheTimes: two visits that overlap are never given to one person, and the answer has the times of both.
func TestWhyNamesTheTimes(t *testing.T) {
	c := newCompany(t)
	first, second := c.submit(), c.submit("title", "Freezer too")
	assigned := into[TicketAnswer](t, http.StatusOK, c.as(dana, "POST", "/v1/tickets/"+first.Ref+"/assign", map[string]any{"expert": c.expert}))
	taken := assigned.Ticket.Visit
	at := taken.Start.Add(15 * time.Minute).Format(time.RFC3339)
	why := into[struct{ Exclusion muster.Exclusion }](t, http.StatusOK,
		c.as(dana, "GET", "/v1/tickets/"+second.Ref+"/match/"+string(c.expert)+"?start="+at, nil))
	i := slices.IndexFunc(why.Exclusion.Reasons, func(r muster.Reason) bool { return r.Code == muster.Overlaps })
	require.GreaterOrEqual(t, i, 0, "%+v", why)
	span := why.Exclusion.Reasons[i].Have.(muster.Window)
	other := why.Exclusion.Reasons[i].Need.(muster.Window)
	require.ElementsMatch(t, []string{taken.Start.Format(time.RFC3339), at}, []string{span.Start.Format(time.RFC3339), other.Start.Format(time.RFC3339)})

	refused := into[Problem](t, http.StatusConflict, c.as(dana, "POST", "/v1/tickets/"+second.Ref+"/assign", map[string]any{"expert": c.expert, "start": at}))
	require.Equal(t, muster.CodeUnfit, refused.Code)
	require.NotEmpty(t, refused.Reasons)
	free := into[struct{ Candidate muster.Candidate }](t, http.StatusOK, c.as(dana, "GET", "/v1/tickets/"+second.Ref+"/match/"+string(c.expert), nil))
	require.False(t, free.Candidate.Start.Before(taken.End))
}

// TestStartsOfAnExpert: the cheapest is the one that ranking shows, others follow, and each can be assigned.
func TestStartsOfAnExpert(t *testing.T) {
	c := newCompany(t)
	path := "/v1/tickets/" + c.submit().Ref
	m := into[muster.Match](t, http.StatusOK, c.as(dana, "GET", path+"/match", nil))
	starts := into[List[muster.Candidate]](t, http.StatusOK, c.as(dana, "GET", path+"/match/"+string(c.expert)+"/starts?limit=5", nil)).Items
	require.Greater(t, len(starts), 1)
	require.LessOrEqual(t, len(starts), 5)
	require.Equal(t, m.Candidates[0].Start, starts[0].Start)
	require.True(t, slices.IsSortedFunc(starts, func(a, b muster.Candidate) int { return cmp.Compare(a.Cost, b.Cost) }))
	last := starts[len(starts)-1]
	given := into[TicketAnswer](t, http.StatusOK, c.as(dana, "POST", path+"/assign", map[string]any{"expert": c.expert, "start": last.Start}))
	require.True(t, given.Ticket.Visit.Start.Equal(last.Start))
}

// TestAssignAndTakeBack is what a dispatcher does at the board.
func TestAssignAndTakeBack(t *testing.T) {
	c := newCompany(t)
	path := "/v1/tickets/" + string(c.submit().ID)
	assigned := into[TicketAnswer](t, http.StatusOK, c.as(dana, "POST", path+"/assign", map[string]any{"expert": c.expert}))
	require.Equal(t, "assigned", assigned.Shown)
	require.Equal(t, map[string]int{"assigned": 1}, into[map[string]int](t, http.StatusOK, c.as(dana, "GET", "/v1/tickets/counts", nil)))
	undone := into[TicketAnswer](t, http.StatusOK, c.as(dana, "POST", path+"/undo", nil, "If-Match", `"`+strconv.FormatInt(assigned.Rev, 10)+`"`))
	require.Equal(t, "queued", undone.Shown)

	into[TicketAnswer](t, http.StatusOK, c.as(dana, "POST", path+"/assign", map[string]any{"expert": c.expert}))
	c.clock.Advance(11 * time.Second)
	late := into[Problem](t, http.StatusConflict, c.as(dana, "POST", path+"/undo", nil))
	require.Equal(t, muster.CodeUndoOver, late.Code)
	without := into[Problem](t, http.StatusUnprocessableEntity, c.as(dana, "POST", path+"/unassign", nil))
	require.Equal(t, "reason", without.Field)
	back := into[TicketAnswer](t, http.StatusOK, c.as(dana, "POST", path+"/unassign", map[string]any{"reason": "Ana is ill"}))
	require.Equal(t, "queued", back.Shown)
}

func TestWaitWakeCancelReopen(t *testing.T) {
	c := newCompany(t)
	path := "/v1/tickets/" + string(c.submit().ID)
	shown := func(verb string, body any) string {
		return into[TicketAnswer](t, http.StatusOK, c.as(dana, "POST", path+"/"+verb, body)).Shown
	}
	require.Equal(t, "waiting", shown("wait", map[string]any{"for": "parts", "until": c.clock.Now().Add(48 * time.Hour)}))
	require.Equal(t, "queued", shown("wake", nil))
	require.Equal(t, "cancelled", shown("cancel", map[string]any{"reason": "bought a new one"}))

	unsure := c.submit("needs", []any{})
	path = "/v1/tickets/" + string(unsure.ID)
	require.Equal(t, "triage", unsure.Shown)
	require.Equal(t, "queued", shown("triage", map[string]any{"needs": []map[string]any{{"skill": "skl_gas", "level": 1}}}))
	m := into[muster.Match](t, http.StatusOK, c.as(dana, "GET", path+"/match", nil))
	require.Empty(t, m.Candidates)
	require.Equal(t, muster.NoSkill, m.Excluded[0].Reasons[0].Code)
	require.Equal(t, 1, m.Counts[muster.NoSkill])
	few := into[muster.Match](t, http.StatusOK, c.as(dana, "GET", path+"/match?excluded=0", nil))
	require.Empty(t, few.Excluded)
	require.Equal(t, m.Counts, few.Counts)
}

func TestPutWhatGetGave(t *testing.T) {
	c := newCompany(t)
	for _, path := range []string{
		"/v1/experts/" + string(c.expert), "/v1/sites/" + string(c.site), "/v1/devices/" + string(c.device), "/v1/policy",
		"/v1/experts/" + string(c.expert) + "/shifts",
	} {
		got := c.as(admin, "GET", path, nil)
		require.Equal(t, http.StatusOK, got.StatusCode, "%s: %s", path, got.body)
		put := c.as(admin, "PUT", path, got.body, "If-Match", got.Header.Get("ETag"))
		require.Equal(t, http.StatusOK, put.StatusCode, "%s: %s", path, put.body)
		again := c.as(admin, "GET", path, nil)
		if strings.HasPrefix(path, "/v1/experts/") || path == "/v1/policy" { // their own rev is in the body
			continue
		}
		require.JSONEq(t, string(got.body), string(again.body))
	}
	got := into[CustomerWhole](t, http.StatusOK, c.as(dana, "GET", "/v1/customers/"+string(c.customer), nil))
	require.Equal(t, "ruth@example.com", got.Customer.Email)
	got.Customer.Phone = "+1 415 555 0132"
	put := into[CustomerWhole](t, http.StatusOK, c.as(dana, "PUT", "/v1/customers/"+string(c.customer), got.Customer))
	require.Equal(t, got.Rev+1, put.Rev)
	require.Equal(t, got.Customer.CreatedAt, put.Customer.CreatedAt)
	require.Equal(t, got.Sites, put.Sites)

	stale := into[Problem](t, http.StatusPreconditionFailed, c.as(dana, "PUT", "/v1/customers/"+string(c.customer), got.Customer))
	require.Equal(t, muster.CodeStale, stale.Code)
}

func TestLeaveAndRemoval(t *testing.T) {
	c := newCompany(t)
	path := "/v1/experts/" + string(c.expert)
	off := map[string]any{"start": began.AddDate(0, 0, 7), "end": began.AddDate(0, 0, 14), "kind": "holiday"}
	into[muster.Expert](t, http.StatusCreated, c.as(dana, "POST", path+"/leave", off))
	leave := into[List[muster.Leave]](t, http.StatusOK, c.as(ana, "GET", path+"/leave", nil))
	require.Len(t, leave.Items, 1)
	require.Equal(t, "holiday", leave.Items[0].Kind)

	require.Len(t, into[List[muster.Expert]](t, http.StatusOK, c.as(dana, "GET", "/v1/experts?skill=skl_white-goods", nil)).Items, 1)
	require.Empty(t, into[List[muster.Expert]](t, http.StatusOK, c.as(dana, "GET", "/v1/experts?skill=skl_gas", nil)).Items)
	into[muster.Expert](t, http.StatusOK, c.as(dana, "DELETE", path, nil))
	require.Empty(t, into[List[muster.Expert]](t, http.StatusOK, c.as(dana, "GET", "/v1/experts", nil)).Items)
}
