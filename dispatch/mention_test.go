package dispatch_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/dispatch"
)

// refusedFor holds an error to naming a field and its value.
func refusedFor(t *testing.T, err error, field, value string) {
	t.Helper()
	var e *muster.Error
	require.ErrorAs(t, err, &e, field)
	require.Equal(t, field, e.Field)
	require.Equal(t, value, e.Value)
	require.NotEmpty(t, e.Hint)
}

func TestWhatIsNamedMustBeThere(t *testing.T) {
	c := newCompany(t)
	li := c.expert("li", 3)
	save := func(edit func(*muster.Customer)) error {
		x := c.customer
		x.Rev = 0
		edit(&x)
		_, err := c.dispatch.SaveCustomer(c.ctx, c.as(helpdesk), dispatch.CustomerRequest{Customer: x})
		return err
	}
	refusedFor(t, save(func(x *muster.Customer) { x.Blocked = []muster.Block{{Expert: li.ID}, {Expert: "exp_none"}} }), "customer.blocked[1].expert", "exp_none")
	refusedFor(t, save(func(x *muster.Customer) { x.Blocked = []muster.Block{{Expert: li.ID, Declined: "tic_none"}} }), "customer.blocked[0].declined", "tic_none")
	refusedFor(t, save(func(x *muster.Customer) { x.Preferred = []muster.ExpertID{"exp_x"} }), "customer.preferred[0]", "exp_x")
	refusedFor(t, save(func(x *muster.Customer) { x.Preferred = []muster.ExpertID{muster.ExpertID(c.site.ID)} }), "customer.preferred[0]", string(c.site.ID))
	require.NoError(t, save(func(x *muster.Customer) { x.Preferred = []muster.ExpertID{li.ID} }))
	_, err := c.dispatch.RemoveExpert(c.ctx, c.as(admin), li.ID)
	require.NoError(t, err)
	require.NoError(t, save(func(x *muster.Customer) { x.Preferred = []muster.ExpertID{li.ID} }), "who left is still there")

	user := func(u muster.User) error {
		u.Name = "X"
		_, err := c.dispatch.SaveUser(c.ctx, c.as(admin), u)
		return err
	}
	refusedFor(t, user(muster.User{Role: muster.RoleExpert, Expert: "exp_none"}), "expert", "exp_none")
	refusedFor(t, user(muster.User{Role: muster.RoleCustomer, Customer: "cus_none"}), "customer", "cus_none")
	refusedFor(t, user(muster.User{Role: muster.RoleCustomer, Customer: muster.CustomerID(c.site.ID)}), "customer", string(c.site.ID))
	require.NoError(t, user(muster.User{Role: muster.RoleExpert, Expert: li.ID}))
	require.NoError(t, user(muster.User{Role: muster.RoleCustomer, Customer: c.customer.ID}))
	c.sound()
}

func TestABlockBeginsNow(t *testing.T) {
	c := newCompany(t)
	li, kim := c.expert("li", 3), c.expert("kim", 3)
	save := func(blocks ...muster.Block) []muster.Block {
		x := c.customer
		x.Rev, x.Blocked = 0, blocks
		_, err := c.dispatch.SaveCustomer(c.ctx, c.as(helpdesk), dispatch.CustomerRequest{Customer: x})
		require.NoError(t, err)
		return c.blocked()
	}
	at := c.clock.Now()
	require.Equal(t, []muster.Block{{Expert: li.ID, Since: at}}, save(muster.Block{Expert: li.ID}))
	later := c.clock.Advance(time.Hour)
	ago := at.AddDate(-1, 0, 0)
	require.Equal(t, []muster.Block{{Expert: li.ID, Since: at}, {Expert: kim.ID, Since: later}},
		save(muster.Block{Expert: li.ID}, muster.Block{Expert: kim.ID}), "one that is there keeps its moment")
	require.Equal(t, []muster.Block{{Expert: li.ID, Since: ago}}, save(muster.Block{Expert: li.ID, Since: ago}))
}

func TestTitlesAreCountedInLetters(t *testing.T) {
	c := newCompany(t)
	submit := func(title string) error {
		req := c.request()
		req.Title = title
		_, err := c.dispatch.Submit(c.ctx, c.as(helpdesk), req)
		return err
	}
	require.NoError(t, submit(strings.Repeat("冷", 200)))
	var e *muster.Error
	require.ErrorAs(t, submit(strings.Repeat("冷", 201)), &e)
	require.Equal(t, "title", e.Field)
	require.Equal(t, strings.Repeat("冷", 40)+"...", e.Value, "cut at a whole letter")
	refusedFor(t, submit("cold\x00"), "title", `"cold\x00"`)
}

func TestAStaleRevisionIsNamed(t *testing.T) {
	c := newCompany(t)
	x := c.customer
	x.Rev = 7
	_, err := c.dispatch.SaveCustomer(c.ctx, c.as(helpdesk), dispatch.CustomerRequest{Customer: x})
	require.Equal(t, muster.CodeStale, muster.CodeOf(err))
	refusedFor(t, err, "rev", "7")
	cmd, seen := c.as(dispatcher), int64(9)
	cmd.Seen = &seen
	_, err = c.dispatch.Cancel(c.ctx, cmd, dispatch.TicketRequest{Ticket: c.submit().ID, Reason: "x"})
	require.Equal(t, muster.CodeStale, muster.CodeOf(err))
	refusedFor(t, err, "seen", "9")
}

func TestForbiddenSaysWhomToAsk(t *testing.T) {
	c := newCompany(t)
	for _, k := range []struct {
		err  error
		says string
	}{
		{func() error {
			_, err := c.dispatch.SavePolicy(c.ctx, c.as(dispatcher), muster.DefaultPolicy())
			return err
		}(), "ask an administrator"},
		{func() error {
			_, err := c.dispatch.SaveExpert(c.ctx, c.as(helpdesk), muster.Expert{Name: "X"})
			return err
		}(), "ask a dispatcher"},
		{func() error {
			_, err := c.dispatch.Submit(c.ctx, c.as(muster.Actor{Role: muster.RoleAccountant}), c.request())
			return err
		}(), "ask a "},
	} {
		require.Equal(t, muster.CodeForbidden, muster.CodeOf(k.err))
		require.ErrorContains(t, k.err, k.says)
		require.NotContains(t, k.err.Error(), "[")
		require.NotContains(t, k.err.Error(), "system")
	}
	_, err := c.dispatch.SaveExpert(c.ctx, c.as(muster.Actor{Role: muster.RoleAccountant}), muster.Expert{Name: "X"})
	require.ErrorContains(t, err, "an accountant may not")
}
