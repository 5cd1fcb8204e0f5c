package api

import (
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sysopssquad/muster"
)

// TestExceptionsOverHTTP: what needs a person is listed for staff, taken, worked on, and off the list when it is settled.
func TestExceptionsOverHTTP(t *testing.T) {
	c := newCompany(t)
	path := "/v1/tickets/" + string(c.submit().ID)
	c.submit()
	assigned := into[TicketAnswer](t, http.StatusOK, c.as(dana, "POST", path+"/assign", map[string]any{"expert": c.expert}))
	visit := "/v1/visits/" + string(assigned.Ticket.Visit.ID)
	c.clock.Set(assigned.Ticket.Visit.Start.Add(-10 * time.Minute))
	for _, step := range []string{"depart", "arrive"} {
		into[TicketAnswer](t, http.StatusOK, c.as(ana, "POST", visit+"/"+step, nil))
	}
	into[TicketAnswer](t, http.StatusOK, c.as(ana, "POST", visit+"/end", map[string]any{"outcome": "no_access"}))

	list := func(query string) []ExceptionRow {
		return into[List[ExceptionRow]](t, http.StatusOK, c.as(dana, "GET", "/v1/exceptions"+query, nil)).Items
	}
	all := list("")
	require.Len(t, all, 1)
	require.Equal(t, assigned.ID, all[0].ID)
	require.Equal(t, muster.ExceptionNoAccess, all[0].Exceptions[0].Kind)
	require.Len(t, list("?free=true&kind=no_access&region="+string(all[0].Region)), 1)
	require.Empty(t, list("?kind=call"))
	require.Equal(t, http.StatusForbidden, c.as(ana, "GET", "/v1/exceptions", nil).StatusCode)
	require.Equal(t, http.StatusUnprocessableEntity, c.as(dana, "GET", "/v1/exceptions?kind=odd", nil).StatusCode)

	one := path + "/exceptions/no_access/"
	into[TicketAnswer](t, http.StatusOK, c.as(dana, "POST", one+"take", nil))
	require.Len(t, list("?owner="+string(dana)), 1)
	require.Empty(t, list("?free=true"))
	contact := map[string]any{"whom": "customer", "how": "phone", "result": "no_answer"}
	logged := into[TicketAnswer](t, http.StatusOK, c.as(dana, "POST", one+"contact", contact))
	require.Len(t, logged.Ticket.Exceptions[0].Contacts, 1)
	into[TicketAnswer](t, http.StatusOK, c.as(dana, "POST", one+"hand-over", map[string]any{"to": admin}))
	require.Len(t, list("?owner="+string(admin)), 1)
	into[TicketAnswer](t, http.StatusOK, c.as(admin, "POST", one+"settle", map[string]any{}))
	require.Empty(t, list(""))
	require.Equal(t, http.StatusConflict, c.as(dana, "POST", one+"take", nil).StatusCode)
}
