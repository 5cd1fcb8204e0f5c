package api

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/graph/graphtest"
)

// TestMessagesAreForTheirReaders: what an expert was told isn't the customer's to read, nor the other way round.
func TestMessagesAreForTheirReaders(t *testing.T) {
	c := newCompany(t)
	ticket := c.submit()
	path := "/v1/tickets/" + string(ticket.ID)
	into[any](t, http.StatusOK, c.as(dana, "POST", path+"/assign", map[string]any{"expert": c.expert}))

	first := graphtest.Message(ticket.ID, c.customer, 1)
	second := graphtest.Message(ticket.ID, "", 2)
	second.Expert, second.Topic = c.expert, muster.TopicAssigned
	elsewhere := graphtest.Message("tic_other", c.customer, 3)
	for _, m := range []*muster.Message{first, second, elsewhere} {
		_, err := c.store.Commit(t.Context(), graphtest.Change("cmd_"+string(m.ID), m))
		require.NoError(t, err)
	}
	read := func(who muster.UserID) (ids []muster.MessageID) {
		for _, m := range into[List[muster.Message]](t, http.StatusOK, c.as(who, "GET", path+"/messages", nil)).Items {
			ids = append(ids, m.ID)
		}
		return ids
	}
	require.Equal(t, []muster.MessageID{first.ID, second.ID}, read(dana))
	require.Equal(t, []muster.MessageID{first.ID}, read(ruth))
	require.Equal(t, []muster.MessageID{second.ID}, read(ana))
	require.Equal(t, http.StatusNotFound, c.as(otto, "GET", path+"/messages", nil).StatusCode)
	body := into[map[string]any](t, http.StatusOK, c.as(dana, "GET", "/v1/tickets/T-1/messages", nil))
	require.Len(t, body["items"], 2)
}
