package dispatch_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/dispatch"
)

// Whoever is not there is named by the field that named them.
func TestAssignNamesTheFieldOfWhomItDoesNotKnow(t *testing.T) {
	c := newCompany(t)
	li, kim := c.expert("li", 3), c.expert("kim", 4)
	unknown := muster.ExpertID("exp_nobody")
	ticket := c.submit(func(r *dispatch.SubmitRequest) { r.Crew = 2 })
	refused := func(err error, field string) {
		t.Helper()
		var e *muster.Error
		require.ErrorAs(t, err, &e)
		require.Equal(t, muster.CodeNotFound, e.Code)
		require.Equal(t, field, e.Field)
		require.Equal(t, string(unknown), e.Value)
	}
	try := func(first, second muster.ExpertID) error {
		_, err := c.dispatch.Assign(c.ctx, c.as(dispatcher), dispatch.AssignRequest{Ticket: ticket.ID, Expert: first, Second: second})
		return err
	}
	refused(try(unknown, li.ID), "expert")
	refused(try(li.ID, unknown), "second")
	require.NoError(t, try(li.ID, kim.ID))
	_, err := c.dispatch.Reassign(c.ctx, c.as(dispatcher), dispatch.AssignRequest{Ticket: ticket.ID, Expert: kim.ID, Second: unknown})
	refused(err, "second")
	c.sound()
}

// What a dispatcher is ready to set aside is set aside only where it is in the way: with a level too low allowed, the
// customer's window still counts, or the visit would be at a time for which nobody had decided anything.
func TestOnlyWhatIsInTheWayIsSetAside(t *testing.T) {
	c := newCompany(t)
	li := c.expert("li", 3, muster.Competence{Skill: fridges, Level: 1})
	wish := muster.Window{Start: monday.Add(26 * time.Hour), End: monday.Add(28 * time.Hour)}
	tk := c.submit(func(r *dispatch.SubmitRequest) { r.Windows = []muster.Window{wish} })
	a, err := c.dispatch.Assign(c.ctx, c.as(dispatcher), dispatch.AssignRequest{
		Ticket: tk.ID, Expert: li.ID, Overrides: []muster.ReasonCode{muster.LevelLow, muster.AfterWindow}, Why: "the customer insists",
	})
	require.NoError(t, err)
	require.True(t, wish.Contains(a.Visit.Start))
	by := c.load(tk.ID).Assignments[0].Decided.Overrides
	require.Len(t, by, 1)
	require.Equal(t, muster.LevelLow, by[0].Code)
	c.sound()
}
