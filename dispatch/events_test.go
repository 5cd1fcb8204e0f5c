package dispatch_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/dispatch"
)

// What a screen needs to keep its copy of a ticket right: the root after each change, and the parts.
func TestEachChangeTellsWhatItDid(t *testing.T) {
	c := newCompany(t)
	li := c.expert("li", 3)
	ticket := c.submit()
	offered := c.offer(ticket.ID, li.ID)
	accepted, err := c.dispatch.Accept(c.ctx, c.as(actorOf(li.ID)), dispatch.AnswerRequest{Offer: offered.Offers[0].ID})
	require.NoError(t, err)

	history, err := c.store.History(c.ctx, muster.Scope{Everything: true}, string(ticket.ID))
	require.NoError(t, err)
	require.Len(t, history, 3)
	for i, want := range []struct {
		name  string
		by    muster.UserID
		root  muster.Ticket
		parts []muster.Kind
	}{
		{"ticket.submitted", helpdesk.ID, ticket, nil},
		{"ticket.offered", dispatcher.ID, offered.Ticket, []muster.Kind{muster.KindVisit, muster.KindOffer}},
		{"ticket.accepted", "usr_li", accepted.Ticket, []muster.Kind{muster.KindOffer, muster.KindAssignment, muster.KindVisit}},
	} {
		e := history[i]
		require.Equal(t, want.name, e.Name)
		require.Equal(t, want.by, e.Actor.ID)
		require.Equal(t, int64(i+1), e.Rev)
		require.Equal(t, 1, e.Version)
		require.NotEmpty(t, e.Command)
		var body struct {
			Root  muster.Ticket
			Parts []struct{ ID string }
		}
		require.NoError(t, json.Unmarshal(e.Body, &body))
		require.Equal(t, want.root, body.Root)
		var kinds []muster.Kind
		for _, p := range body.Parts {
			kinds = append(kinds, muster.KindOf(p.ID))
		}
		require.Equal(t, want.parts, kinds)
	}
	history, err = c.store.History(c.ctx, muster.Scope{Everything: true}, string(c.tours()[0].ID))
	require.NoError(t, err)
	require.Len(t, history, 2)
	require.Equal(t, "tour.changed", history[1].Name)
}
