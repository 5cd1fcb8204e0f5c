package notify

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/dispatch"
	"github.com/sysopssquad/muster/graph"
	"github.com/sysopssquad/muster/graph/sqlite"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// monday is a working day in Boston, 9:00 local time.
var monday = time.Date(2026, 11, 23, 14, 0, 0, 0, time.UTC)

var (
	boston = muster.Point{Lat: 42.3601, Lng: -71.0589}
	dana   = muster.Actor{ID: "usr_dana", Role: muster.RoleDispatcher, Name: "Dana"}
	ada    = muster.Actor{ID: "usr_ada", Role: muster.RoleAdministrator, Name: "Ada"}
	rounds = muster.System("rounds")
	every  = muster.Scope{Everything: true}
)

// company is a small company on a store in memory, of which people are told by what tests put in as channels.
type company struct {
	*testing.T
	ctx      context.Context
	clock    *muster.FakeClock
	store    *faulty
	dispatch *dispatch.Dispatch
	notify   *Notifier
	log      *bytes.Buffer
	sms      *phone
	mail     *phone
	push     *phone
	calls    []string
	seen     map[string]int // events of a ticket that were consumed
	n        int
	customer muster.Customer
	site     muster.Site
}

func newCompany(t *testing.T, edit ...func(*muster.Policy)) *company {
	t.Helper()
	clock := muster.NewFakeClock(monday)
	store, err := sqlite.Open(t.Context(), sqlite.Memory, clock)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, store.Close(context.Background())) })
	require.NoError(t, store.Migrate(t.Context()))
	c := &company{
		T: t, ctx: t.Context(), clock: clock, store: &faulty{Store: store}, dispatch: dispatch.New(store, clock),
		log: &bytes.Buffer{}, sms: &phone{once: true}, mail: &phone{}, push: &phone{once: true}, seen: map[string]int{},
	}
	p := muster.DefaultPolicy()
	for _, f := range edit {
		f(&p)
	}
	_, err = c.dispatch.SavePolicy(c.ctx, c.as(ada), p)
	require.NoError(t, err)
	_, err = c.dispatch.SaveSkills(c.ctx, c.as(ada), dispatch.SkillRequest{Skills: []muster.Skill{{ID: "skl_fridges", Name: "Refrigerators"}}})
	require.NoError(t, err)
	saved, err := c.dispatch.SaveCustomer(c.ctx, c.as(dana), dispatch.CustomerRequest{
		Customer: muster.Customer{Name: "Joan Park", Email: "joan@example.com", Phone: "+1 617 555 0100"},
		Sites:    []muster.Site{{Street: "9 Oak St", City: "Boston", Place: muster.Place{Point: boston}}},
	})
	require.NoError(t, err)
	c.customer, c.site = saved.Customer, saved.Sites[0]
	c.restart()
	return c
}

// restart makes a new Notifier, as a process does that has just begun: nothing waits in its memory.
func (c *company) restart() {
	c.notify = New(Config{
		Store: c.store, Clock: c.clock, Log: slog.New(slog.NewTextHandler(c.log, nil)),
		Channels: Channels{muster.ChannelSMS: c.sms, muster.ChannelEmail: c.mail, muster.ChannelPush: c.push},
		Call: func(_ context.Context, m *muster.Message, next, why string) error {
			c.calls = append(c.calls, fmt.Sprintf("%s: %s, %s", m.Topic, next, why))
			return nil
		},
		Survey: func(t muster.TicketID) string { return "https://x.example/s/" + string(t) },
	})
}

func (c *company) as(a muster.Actor) muster.Command {
	c.n++
	return muster.Command{ID: muster.CommandID(fmt.Sprintf("cmd-%d", c.n)), Actor: a}
}

// expert hires somebody who works every day from 6 to 22.
func (c *company) expert(name string) muster.ExpertID {
	c.Helper()
	e := muster.Expert{
		ID: muster.ExpertID("exp_" + name), Name: name, Base: muster.Place{Point: boston},
		Skills: []muster.Competence{{Skill: "skl_fridges", Level: 3}}, Phone: "+1 617 555 0200", Email: name + "@example.com",
	}
	for day := range time.Weekday(7) {
		e.Shifts = append(e.Shifts, muster.Hours{Weekday: day, From: 6 * 60, To: 22 * 60})
	}
	e.Capacity.DayMinutes, e.Capacity.WeekMinutes, e.Capacity.RestMinutes = 24*60, 7*24*60, 1
	_, err := c.dispatch.SaveExpert(c.ctx, c.as(ada), e)
	require.NoError(c, err)
	return e.ID
}

func self(e muster.ExpertID) muster.Actor {
	return muster.Actor{ID: muster.UserID("usr_" + string(e[4:])), Role: muster.RoleExpert, Name: string(e[4:]), Expert: e}
}

func (c *company) submit() muster.Ticket {
	c.Helper()
	a, err := c.dispatch.Submit(c.ctx, c.as(dana), dispatch.SubmitRequest{
		Customer: c.customer.ID, Site: c.site.ID, Title: "Refrigerator warm", Needs: []muster.Need{{Skill: "skl_fridges", Level: 2}},
	})
	require.NoError(c, err)
	return a.Ticket
}

// told is a ticket for which an expert has been given the visit of four hours after monday, and told so.
func (c *company) told(e muster.ExpertID) muster.Ticket {
	c.Helper()
	ticket := c.assign(rounds, c.submit(), e, monday.Add(4*time.Hour))
	c.hear(ticket.ID)
	c.work()
	c.push.texts()
	return ticket
}

func (c *company) assign(by muster.Actor, t muster.Ticket, e muster.ExpertID, start ...time.Time) muster.Ticket {
	c.Helper()
	req := dispatch.AssignRequest{Ticket: t.ID, Expert: e}
	if len(start) > 0 {
		req.Start = start[0]
	}
	a, err := c.dispatch.Assign(c.ctx, c.as(by), req)
	require.NoError(c, err)
	return a.Ticket
}

// events are those of a ticket that were not consumed yet.
func (c *company) events(t muster.TicketID) []muster.Event {
	c.Helper()
	all, err := c.store.History(c.ctx, every, string(t))
	require.NoError(c, err)
	return all[c.seen[string(t)]:]
}

// hear consumes a ticket's new events.
func (c *company) hear(t muster.TicketID) {
	c.Helper()
	events := c.events(t)
	require.NoError(c, c.notify.consume(c.ctx, events))
	c.seen[string(t)] += len(events)
}

// work does what is due now: what waits in memory, and the timers of messages.
func (c *company) work() {
	c.Helper()
	for range 20 {
		c.ring()
		var batch []waiting
		for more := true; more; {
			select {
			case w := <-c.notify.queue:
				batch = append(batch, w)
			default:
				more = false
			}
		}
		if len(batch) == 0 {
			return
		}
		for some := range slices.Chunk(batch, atOnce) {
			if err := c.notify.each(c.ctx, some); err != nil {
				require.ErrorIs(c, err, errFault)
			}
		}
	}
	require.Fail(c, "messages are due for ever")
}

// ring claims the timers that are due, as workers do.
func (c *company) ring() {
	c.Helper()
	now := c.clock.Now()
	for _, lane := range muster.Lanes() {
		shards, err := c.store.DueShards(c.ctx, lane, now)
		require.NoError(c, err)
		for _, shard := range shards {
			wakes, err := c.store.ClaimDue(c.ctx, lane, shard.Shard, now, now.Add(time.Minute), 200)
			require.NoError(c, err)
			for _, w := range wakes {
				if w.Kind == muster.KindMessage {
					if _, broke := c.notify.Take(c.ctx, w); broke != nil {
						_, err := c.store.Settle(c.ctx, graph.Settled{Wake: w, Next: now.Add(5 * time.Second), Failures: w.Failures + 1, Why: broke.Error()})
						require.NoError(c, err)
					}
				}
			}
		}
	}
}

// after moves the clock and does what is due then.
func (c *company) after(d time.Duration) {
	c.Helper()
	c.clock.Advance(d)
	c.work()
}

// messages of a ticket, oldest first, each as topic for whom: state, and why.
func (c *company) messages(t muster.TicketID) []string {
	c.Helper()
	found, err := c.store.Messages(c.ctx, every, []muster.TicketID{t}, 100)
	require.NoError(c, err)
	slices.Reverse(found)
	out := []string{}
	for _, m := range found {
		whom := "customer"
		if m.Expert != "" {
			whom = string(m.Expert[4:])
		}
		line := fmt.Sprintf("%s to %s: %s", m.Topic, whom, m.State)
		if m.Why != "" {
			line += ", " + m.Why
		}
		out = append(out, line)
	}
	return out
}

// phone is a channel that keeps what it took. Fail, if set, says what becomes of a letter.
type phone struct {
	mu    sync.Mutex
	took  []Letter
	calls int
	once  bool
	fail  func(call int, l Letter) error
}

func (p *phone) Once() bool { return p.once }

func (p *phone) Deliver(_ context.Context, l Letter) (string, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.calls++
	if p.fail != nil {
		if err := p.fail(p.calls, l); err != nil {
			return "", err
		}
	}
	p.took = append(p.took, l)
	return fmt.Sprintf("ref-%d", p.calls), nil
}

// texts of what it took, since it was asked last.
func (p *phone) texts() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	out := []string{}
	for _, l := range p.took {
		out = append(out, l.Text)
	}
	p.took = nil
	return out
}

// faulty is a store whose commits can be made to fail.
type faulty struct {
	graph.Store
	commit func(changes []graph.Change) (before, after error)
	then   func(changes []graph.Change) // what happens once they are written
}

var errFault = muster.E(muster.CodeUnavailable, "a fault of the test", "none")

func (f *faulty) Commit(ctx context.Context, changes ...graph.Change) ([]graph.Outcome, error) {
	var before, after error
	if f.commit != nil {
		before, after = f.commit(changes)
	}
	if before != nil {
		return nil, before
	}
	out, err := f.Store.Commit(ctx, changes...)
	if f.then != nil {
		f.then(changes)
	}
	if after != nil {
		return nil, after
	}
	return out, err
}

// sorted are the messages by their text.
func (c *company) sorted(t muster.TicketID) []string {
	out := c.messages(t)
	slices.Sort(out)
	return out
}

// to lists what it took for an address.
func (p *phone) to(address string) (out []Letter) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, l := range p.took {
		if l.To == address {
			out = append(out, l)
		}
	}
	return out
}

func textsOf(letters []Letter) (out []string) {
	for _, l := range letters {
		out = append(out, l.Text)
	}
	return out
}

func caseOf(t muster.TicketID) graph.CaseRef { return graph.CaseRef{Ticket: t} }
