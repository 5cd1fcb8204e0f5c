package notify

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/dispatch"
)

// TestConsent: by a channel that they don't want nobody is told, by none of them if they want none.
func TestConsent(t *testing.T) {
	c := newCompany(t)
	wish := func(out ...muster.Channel) {
		found, err := c.store.Records(c.ctx, "", string(c.customer.ID))
		require.NoError(t, err)
		customer := *found[string(c.customer.ID)].(*muster.Customer)
		customer.OptOut = out
		_, err = c.dispatch.SaveCustomer(c.ctx, c.as(dana), dispatch.CustomerRequest{Customer: customer})
		require.NoError(t, err)
	}
	ana := c.expert("ana")
	wish(muster.ChannelSMS)
	first := c.assign(rounds, c.submit(), ana, monday.Add(2*time.Hour))
	c.hear(first.ID)
	c.work()
	require.Empty(t, c.sms.texts())
	require.Len(t, c.mail.texts(), 1)
	wish(muster.ChannelSMS, muster.ChannelEmail)
	second := c.assign(rounds, c.submit(), ana, monday.Add(4*time.Hour))
	c.hear(second.ID)
	c.work()
	require.Empty(t, c.sms.texts())
	require.Empty(t, c.mail.texts())
	require.Contains(t, c.messages(second.ID), "accepted to customer: dropped, they don't want to be told by any channel that knows them")
	require.Empty(t, c.calls)
}
