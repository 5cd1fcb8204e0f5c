package dispatch_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sysopssquad/muster/dispatch"
)

// Rows of one customer that go into one commit rest on one another. When somebody else changes the customer
// meanwhile, the rows after the first don't take the change for that of the first, and don't undo it.
func TestImportKeepsWhatOthersChangedMeanwhile(t *testing.T) {
	c, f := newFaulty(t)
	in := rows(0, 6)
	for i := range in {
		in[i].Customer, in[i].Submit.Customer = nil, c.customer.ID
	}
	other := dispatch.New(c.store, c.clock)
	f.before = func() {
		renamed := c.customer
		renamed.Rev, renamed.Name = 0, "Joan Park-Lee"
		_, err := other.SaveCustomer(c.ctx, c.as(helpdesk), dispatch.CustomerRequest{Customer: renamed})
		require.NoError(t, err)
	}
	results, err := c.dispatch.Import(c.ctx, in)
	require.NoError(t, err)
	require.Equal(t, map[dispatch.RowState]int{dispatch.RowNew: 6}, states(results), "%v", results)
	k, err := c.store.CustomerCase(c.ctx, "", c.customer.ID)
	require.NoError(t, err)
	require.Equal(t, "Joan Park-Lee", k.Customer.Name)
	require.Len(t, k.Sites, 1+2)
	require.Len(t, k.Devices, 1+6)
	c.sound()
}

// The same rows under other names, taken in by somebody else at the same moment, are repeated, however many a
// customer has.
func TestImportOfRowsThatAnotherTakesInMeanwhile(t *testing.T) {
	c, f := newFaulty(t)
	in, same := rows(0, 9), rows(0, 9)
	for i := range in {
		in[i].Customer, in[i].Submit.Customer = nil, c.customer.ID
		same[i].Customer, same[i].Submit.Customer = nil, c.customer.ID
		same[i].Command.ID = "other/" + same[i].Command.ID
	}
	other := dispatch.New(c.store, c.clock)
	f.before = func() {
		results, err := other.Import(c.ctx, same)
		require.NoError(t, err)
		require.Equal(t, map[dispatch.RowState]int{dispatch.RowNew: 9}, states(results))
	}
	results, err := c.dispatch.Import(c.ctx, in)
	require.NoError(t, err)
	require.Equal(t, map[dispatch.RowState]int{dispatch.RowRepeated: 9}, states(results), "%v", results)
	c.sound()
}
