package dispatch_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sysopssquad/muster"
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

// A row rests on its customer's site and device as they are: none comes in for what a person takes away at that
// moment, or has taken away before, and a file doesn't bring it back.
func TestImportLeavesRemovedWhatAPersonHasRemoved(t *testing.T) {
	for name, remove := range map[string]func(*company, *dispatch.Dispatch) error{
		"site": func(c *company, d *dispatch.Dispatch) error {
			gone := c.site
			gone.Removed = true
			_, err := d.SaveSite(c.ctx, c.as(helpdesk), dispatch.SiteRequest{Customer: c.customer.ID, Site: gone})
			return err
		},
		"device": func(c *company, d *dispatch.Dispatch) error {
			gone := c.device
			gone.Removed = true
			_, err := d.SaveDevice(c.ctx, c.as(helpdesk), dispatch.DeviceRequest{Customer: c.customer.ID, Device: gone})
			return err
		},
		"customer": func(c *company, d *dispatch.Dispatch) error {
			gone := c.customer
			gone.Rev, gone.Removed = 0, true
			_, err := d.SaveCustomer(c.ctx, c.as(helpdesk), dispatch.CustomerRequest{Customer: gone})
			return err
		},
	} {
		for _, adds := range []bool{false, true} { // something to the customer
			for _, before := range []bool{false, true} {
				t.Run(name, func(t *testing.T) {
					c, f := newFaulty(t)
					in := rows(0, 2)
					for i := range in {
						in[i].Customer, in[i].Sites, in[i].Devices = &c.customer, []muster.Site{c.site}, []muster.Device{c.device}
						in[i].Submit.Customer, in[i].Submit.Site, in[i].Submit.Device = c.customer.ID, c.site.ID, c.device.ID
					}
					if adds {
						in[0].Devices = append(in[0].Devices, muster.Device{ID: "dev_new", Site: c.site.ID, Category: "Toaster"})
					}
					other := dispatch.New(c.store, c.clock)
					if before {
						require.NoError(t, remove(c, other))
					} else {
						f.before = func() { require.NoError(t, remove(c, other)) }
					}
					results, err := c.dispatch.Import(c.ctx, in)
					require.NoError(t, err)
					require.Equal(t, map[dispatch.RowState]int{dispatch.RowRefused: 2}, states(results), "%v", results)
					for _, r := range results {
						require.Error(t, r.Err)
						require.NotEqual(t, muster.CodeConflict, muster.CodeOf(r.Err), "the reason is what is gone: %v", r.Err)
					}
					k, err := c.store.CustomerCase(c.ctx, "", c.customer.ID)
					require.NoError(t, err)
					require.True(t, k.Customer.Removed || k.Sites[0].Removed || k.Devices[0].Removed)
					open, err := c.store.OpenTickets(c.ctx, c.customer.ID, nil, 10)
					require.NoError(t, err)
					require.Empty(t, open)
					c.sound()
				})
			}
		}
	}
}

// Rows that were taken in before are repeated, whatever became of their site since.
func TestImportAgainAfterASiteWasRemoved(t *testing.T) {
	c := newCompany(t)
	in := rows(0, 3)
	results, err := c.dispatch.Import(c.ctx, in)
	require.NoError(t, err)
	for _, r := range results {
		_, err := c.dispatch.Cancel(c.ctx, c.as(helpdesk), dispatch.TicketRequest{Ticket: muster.TicketID(r.ID)})
		require.NoError(t, err)
	}
	site := in[0].Sites[0]
	site.Removed = true
	_, err = c.dispatch.SaveSite(c.ctx, c.as(helpdesk), dispatch.SiteRequest{Customer: in[0].Submit.Customer, Site: site})
	require.NoError(t, err)

	more := rows(0, 6) // and a household that is new
	fresh := &more[3]  // of which one row is for the site that is gone
	fresh.Customer, fresh.Sites, fresh.Submit.Customer, fresh.Submit.Site = in[0].Customer, in[0].Sites, in[0].Submit.Customer, site.ID
	fresh.Devices[0].Site = site.ID
	results, err = c.dispatch.Import(c.ctx, more)
	require.NoError(t, err)
	require.Equal(t, map[dispatch.RowState]int{dispatch.RowRepeated: 3, dispatch.RowRefused: 1, dispatch.RowNew: 2}, states(results), "%v", results)
	require.Equal(t, dispatch.RowRefused, results[3].State)
	require.ErrorContains(t, results[3].Err, string(site.ID))
	require.ErrorContains(t, results[3].Err, "removed")
	k, err := c.store.CustomerCase(c.ctx, "", in[0].Submit.Customer)
	require.NoError(t, err)
	require.True(t, k.Sites[0].Removed)
	require.Len(t, k.Devices, 3)
	c.sound()
}
