package graph_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/graph"
	"github.com/sysopssquad/muster/graph/graphtest"
)

func TestCheck(t *testing.T) {
	customer := graphtest.Customer(1)
	site := graphtest.Site(customer.ID, 1)
	ticket := graphtest.Ticket(graphtest.Device(site, 1), 1)
	valid := func() graph.Change { return graphtest.Change("cmd_1", customer, site, ticket) }
	require.NoError(t, valid().Check())

	for name, c := range map[string]struct {
		spoil func(c *graph.Change)
		code  muster.Code
		text  string // names what is wrong
	}{
		"no command id":        {func(c *graph.Change) { c.Command.ID = "" }, muster.CodeInternal, "command's id"},
		"no fingerprint":       {func(c *graph.Change) { c.Command.Fingerprint = "" }, muster.CodeInternal, "fingerprint"},
		"no command name":      {func(c *graph.Change) { c.Command.Name = "" }, muster.CodeInternal, "name"},
		"a guard on nothing":   {func(c *graph.Change) { c.Expect = append(c.Expect, graph.Alive("")) }, muster.CodeInternal, "guard"},
		"a guard of no kind":   {func(c *graph.Change) { c.Expect = append(c.Expect, graph.Guard{ID: "cus_1"}) }, muster.CodeInternal, "exactly one"},
		"a guard of two kinds": {func(c *graph.Change) { c.Expect = append(c.Expect, graph.Guard{ID: "cus_1", Rev: 1, Alive: true}) }, muster.CodeInternal, "exactly one"},
		"a guard on a part":    {func(c *graph.Change) { c.Expect = append(c.Expect, graph.Alive("sit_1")) }, muster.CodeInternal, "not an aggregate"},
		"guards that contradict": {func(c *graph.Change) {
			c.Expect = append(c.Expect, graph.At(string(customer.ID), 3))
		}, muster.CodeInternal, "can't both hold"},
		"a key without owner":  {func(c *graph.Change) { c.Claim = []muster.Claim{{Key: "k"}} }, muster.CodeInternal, "needs both"},
		"a key without name":   {func(c *graph.Change) { c.Release = []muster.Claim{{Owner: "o"}} }, muster.CodeInternal, "needs both"},
		"a key for two":        {func(c *graph.Change) { c.Claim = []muster.Claim{{Key: "k", Owner: "a"}, {Key: "k", Owner: "b"}} }, muster.CodeInternal, "for a and for b"},
		"a root without guard": {func(c *graph.Change) { c.Expect = c.Expect[1:] }, muster.CodeInternal, "without a guard"},
		"a root guarded by life only": {func(c *graph.Change) {
			c.Expect[0] = graph.Alive(string(customer.ID))
		}, muster.CodeInternal, "without a guard"},
		"a revision that skips one": {func(c *graph.Change) {
			c.Expect[0] = graph.At(string(customer.ID), 1)
			c.Put[0] = next(customer, 3)
			c.Events[0].Rev = 3
		}, muster.CodeInternal, "revision 3"},
		"a new root beyond revision 1": {func(c *graph.Change) {
			c.Put[0] = next(customer, 2)
			c.Events[0].Rev = 2
		}, muster.CodeInternal, "revision 2"},
		"a root put twice": {func(c *graph.Change) { c.Put = append(c.Put, customer) }, muster.CodeInternal, "put twice"},
		"a part without its root": {func(c *graph.Change) {
			c.Put = append(c.Put, graphtest.Site("cus_other", 2))
		}, muster.CodeInternal, "without its root cus_other"},
		"a record named as another kind": {func(c *graph.Change) {
			s := *site
			s.ID = "dev_1"
			c.Put[1] = &s
		}, muster.CodeInternal, "not named as a site"},
		"an open ticket without a timer": {func(c *graph.Change) {
			open := *ticket
			open.Timers = nil
			c.Put[2] = &open
		}, muster.CodeInternal, "no timer"},
		"an open ticket that loses its timer": {func(c *graph.Change) {
			open := *ticket
			open.Rev, open.Timers = 5, nil
			c.Expect[1], c.Put[2], c.Events[1].Rev = graph.At(string(ticket.ID), 4), &open, 5
		}, muster.CodeInternal, "no timer"},
		"a bump without event":    {func(c *graph.Change) { c.Events = c.Events[1:] }, muster.CodeInternal, "2 bumps and 1 events"},
		"an event told twice":     {func(c *graph.Change) { c.Events[1] = c.Events[0] }, muster.CodeInternal, "exactly one bump"},
		"an event of no bump":     {func(c *graph.Change) { c.Events = append(c.Events, muster.Event{Aggregate: "exp_1", Rev: 1}) }, muster.CodeInternal, "exp_1/1"},
		"an event of another rev": {func(c *graph.Change) { c.Events[0].Rev = 7 }, muster.CodeInternal, "exactly one bump"},
		"an event too long": {func(c *graph.Change) {
			c.Events[0].Body = json.RawMessage(`"` + strings.Repeat("x", graph.MaxEventBytes) + `"`)
		}, muster.CodeTooLarge, "an event of"},
		"an event that is not UTF-8": {func(c *graph.Change) { c.Events[0].Body = json.RawMessage("\"\xff\"") }, muster.CodeInvalid, "body"},
		"too many records": {func(c *graph.Change) {
			c.Put = make([]muster.Record, graph.MaxRecords+1)
		}, muster.CodeTooLarge, "60001 records"},
	} {
		t.Run(name, func(t *testing.T) {
			change := valid()
			c.spoil(&change)
			err := change.Check()
			require.Equal(t, c.code, muster.CodeOf(err), "%v", err)
			require.ErrorContains(t, err, c.text)
		})
	}
}

func next(c *muster.Customer, rev int64) *muster.Customer {
	n := *c
	n.Rev = rev
	return &n
}

func TestCheckAllows(t *testing.T) {
	ticket := graphtest.Ticket(graphtest.Device(graphtest.Site("cus_1", 1), 1), 1)
	over := *ticket
	over.State, over.Timers = muster.Resolved, nil
	for name, c := range map[string]graph.Change{
		"a ticket that is over without a timer": graphtest.Change("cmd_1", &over),
		"guards alone":                          {Command: graphtest.Change("cmd_1").Command, Expect: []graph.Guard{graph.Alive("exp_1"), graph.Fenced("dut_1", 3)}},
		"a guard beside that of the root": func() graph.Change {
			c := graphtest.Change("cmd_1", ticket)
			c.Expect = append(c.Expect, graph.Alive("cus_1"))
			return c
		}(),
		"a key released and claimed": {
			Command: graphtest.Change("cmd_1").Command,
			Release: []muster.Claim{{Key: "k", Owner: "a"}}, Claim: []muster.Claim{{Key: "k", Owner: "b"}},
		},
		"parts before their root": func() graph.Change {
			customer := graphtest.Customer(1)
			return graphtest.Change("cmd_1", graphtest.Site(customer.ID, 1), customer)
		}(),
	} {
		require.NoError(t, c.Check(), name)
	}
}

func TestLockSet(t *testing.T) {
	a, b := graphtest.Change("cmd_1", graphtest.Customer(2)), graphtest.Change("cmd_2", graphtest.Customer(1))
	a.Claim = []muster.Claim{{Key: "b", Owner: "x"}, {Key: "a", Owner: "x"}}
	b.Release = []muster.Claim{{Key: "b", Owner: "y"}}
	b.Expect = append(b.Expect, graph.Alive("cus_00000002"))
	keys, ids := graph.LockSet([]graph.Change{a, b})
	require.Equal(t, []string{"a", "b"}, keys)
	require.Equal(t, []string{"cus_00000001", "cus_00000002"}, ids)
}

func TestOutcomeErr(t *testing.T) {
	for _, c := range []struct {
		want    muster.Code
		outcome graph.Outcome
	}{
		{"", graph.Outcome{Accepted: true}},
		{muster.CodeReused, graph.Outcome{Reused: true}},
		{muster.CodeTaken, graph.Outcome{Taken: []graph.Taken{{Owner: "asg_1"}}}},
		{muster.CodeConflict, graph.Outcome{Failed: []graph.Failed{{Guard: graph.At("exp_1", 2), Rev: 3}}}},
		{muster.CodeConflict, graph.Outcome{ // on what is there now it may ask for another key, or for none
			Taken: []graph.Taken{{Owner: "asg_1"}}, Failed: []graph.Failed{{Guard: graph.At("exp_1", 2), Rev: 3}},
		}},
		{muster.CodeInternal, graph.Outcome{}},
	} {
		require.Equal(t, c.want, muster.CodeOf(c.outcome.Err()), "%+v", c.outcome)
	}
}

func TestMergeKeepsTheLastValueOfEachRecord(t *testing.T) {
	customer := graphtest.Customer(1)
	site := graphtest.Site(customer.ID, 1)
	moved := *site
	moved.Street = "elsewhere"
	first := graphtest.Change("cmd_1", site, customer)
	second := graphtest.Change("cmd_2", next(customer, 2), &moved)
	second.Release, second.Claim = []muster.Claim{{Key: "old", Owner: "a"}}, []muster.Claim{{Key: "new", Owner: "a"}}
	refused := graphtest.Change("cmd_3", next(customer, 9))
	replayed := graphtest.Change("cmd_4", next(customer, 8))
	w := graph.Merge([]graph.Change{first, second, refused, replayed},
		[]graph.Outcome{{Accepted: true}, {Accepted: true}, {}, {Accepted: true, Replayed: true}})
	require.Equal(t, []muster.Record{next(customer, 2), &moved}, w.Records, "roots before parts")
	require.Len(t, w.Commands, 2)
	require.Len(t, w.Events, 2)
	require.Equal(t, muster.CommandID("cmd_2"), w.Events[1].Command)
	require.Equal(t, []muster.Claim{{Key: "old"}}, w.Released)
	require.Equal(t, []muster.Claim{{Key: "new", Owner: "a"}}, w.Claimed)
}

func TestStoredKeepsWhatAReplayNeeds(t *testing.T) {
	c := graphtest.Change("cmd_1")
	c.At = graphtest.Start.Add(time.Second)
	require.Equal(t, muster.Outcome{
		ID: "cmd_1", Name: "test.put", Actor: graphtest.Dispatcher, Fingerprint: "f-cmd_1", At: c.At, Result: c.Result,
	}, c.Stored())
}
