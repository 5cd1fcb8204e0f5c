package graphtest

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/graph"
)

var replayTests = []test{
	{"the same command again gets the first answer and has no effect", func(t *testing.T, o Options) {
		s := open(t, o)
		c := Customer(1)
		first := Change("cmd_1", c)
		s.must(first)
		s.must(Change("cmd_2", named(c, "Second")))
		again := first
		again.Result = []byte(`"another answer"`)
		out := s.try(again)
		require.Equal(t, graph.Outcome{Accepted: true, Replayed: true, Result: first.Result}, out[0])
		require.Equal(t, named(c, "Second"), s.record(string(c.ID)))
		spans, err := s.EventSpans(s.ctx, string(c.ID))
		require.NoError(t, err)
		require.Equal(t, graph.EventSpan{Low: 1, High: 2, Count: 2, Commands: 2, Since: Start}, spans[string(c.ID)])
	}},

	{"a known id with another fingerprint is refused", func(t *testing.T, o Options) {
		s := open(t, o)
		s.must(Change("cmd_1", Customer(1)))
		other := Change("cmd_1", Customer(2))
		other.Command.Fingerprint = "another"
		out := s.try(other)
		require.Equal(t, graph.Outcome{Reused: true}, out[0])
		code(t, muster.CodeReused, out[0].Err())
		require.Empty(t, s.exist("cus_00000002"))
	}},

	{"the same inside one batch", func(t *testing.T, o Options) {
		s := open(t, o)
		first := Change("cmd_1", Customer(1))
		other := Change("cmd_1", Customer(2))
		other.Command.Fingerprint = "another"
		out := s.try(first, first, other)
		require.Equal(t, graph.Outcome{Accepted: true, Result: first.Result}, out[0])
		require.Equal(t, graph.Outcome{Accepted: true, Replayed: true, Result: first.Result}, out[1])
		require.Equal(t, graph.Outcome{Reused: true}, out[2])
		require.Empty(t, s.exist("cus_00000002"))
	}},

	{"a refused command is not kept: its id may be tried again, with another fingerprint too", func(t *testing.T, o Options) {
		s := open(t, o)
		wrong := Change("cmd_1", Customer(1))
		wrong.Expect[0] = graph.Absent("cus_00000001")
		wrong.Expect = append(wrong.Expect, graph.Alive("exp_none"))
		require.False(t, s.try(wrong)[0].Accepted)
		right := Change("cmd_1", Customer(1))
		right.Command.Fingerprint = "another"
		s.must(right)
	}},

	{"a command without a result is replayed without one", func(t *testing.T, o Options) {
		s := open(t, o)
		c := Change("cmd_1", Customer(1))
		c.Result = nil
		s.must(c)
		require.Equal(t, graph.Outcome{Accepted: true, Replayed: true}, s.try(c)[0])
	}},

	{"a result comes back byte by byte", func(t *testing.T, o Options) {
		s := open(t, o)
		c := Change("cmd_1", Customer(1))
		c.Result = []byte("{ \"b\" : 1.50,\n\t\"a\" : \"\\u00e4 ä 😀\" }")
		s.must(c)
		require.Equal(t, string(c.Result), string(s.try(c)[0].Result))
	}},

	{"loads that take a command's id tell that it was carried out, with all that was kept", func(t *testing.T, o Options) {
		s := open(t, o)
		w := company(s)
		c := Change("cmd_1", Customer(50))
		s.must(c)
		want := &graph.Replayed{Outcome: c.Stored()}
		for name, load := range map[string]func(muster.CommandID) error{
			"Records": func(id muster.CommandID) error {
				_, err := s.Records(s.ctx, id, string(w.customer.ID))
				return err
			},
			"CustomerCase": func(id muster.CommandID) error {
				_, err := s.CustomerCase(s.ctx, id, w.customer.ID)
				return err
			},
			"TicketCase": func(id muster.CommandID) error {
				_, err := s.TicketCase(s.ctx, id, graph.CaseRef{Ticket: w.ticket.ID})
				return err
			},
			"ExpertCase": func(id muster.CommandID) error {
				_, err := s.ExpertCase(s.ctx, id, w.expert.ID, Start)
				return err
			},
		} {
			require.NoError(t, load(""), name)
			require.NoError(t, load("cmd_unknown"), name)
			var replayed *graph.Replayed
			require.ErrorAs(t, load("cmd_1"), &replayed, name)
			require.Equal(t, want, replayed, name)
		}
	}},

	{"a command that was carried out is told before anything is missed", func(t *testing.T, o Options) {
		s := open(t, o)
		s.must(Change("cmd_1", Customer(1)))
		var replayed *graph.Replayed
		_, err := s.TicketCase(s.ctx, "cmd_1", graph.CaseRef{Ticket: "tic_none"})
		require.ErrorAs(t, err, &replayed)
	}},

	{"lost reply: the outcome is unknown, committing again tells it", func(t *testing.T, o Options) {
		store, faults := o.Faulty(t)
		s := session{t, store, t.Context()}
		change := Change("cmd_1", Customer(1))
		faults.LoseReply()
		_, err := s.Commit(s.ctx, change)
		code(t, muster.CodeUnknown, err)
		require.Equal(t, graph.Outcome{Accepted: true, Replayed: true, Result: change.Result}, s.try(change)[0])
		spans, err := s.EventSpans(s.ctx, "cus_00000001")
		require.NoError(t, err)
		require.Equal(t, graph.EventSpan{Low: 1, High: 1, Count: 1, Commands: 1, Since: Start}, spans["cus_00000001"])
	}},

	{"lost commit: nothing is there, committing again does it", func(t *testing.T, o Options) {
		store, faults := o.Faulty(t)
		s := session{t, store, t.Context()}
		change := Change("cmd_1", Customer(1))
		faults.LoseRequest()
		_, err := s.Commit(s.ctx, change)
		require.Contains(t, []muster.Code{muster.CodeUnknown, muster.CodeUnavailable}, muster.CodeOf(err), "%v", err)
		require.Empty(t, s.exist("cus_00000001"))
		s.must(change)
	}},

	{"lost reply of a batch: what was refused may be judged anew, what was accepted is replayed", func(t *testing.T, o Options) {
		store, faults := o.Faulty(t)
		s := session{t, store, t.Context()}
		e := Expert(1)
		s.must(Change("cmd_0", e))
		next := with(e, func(e *muster.Expert) { e.Rev++ })
		batch := []graph.Change{Change("cmd_1", next), Change("cmd_2", next), Change("cmd_3", Expert(2))}
		faults.LoseReply()
		_, err := s.Commit(s.ctx, batch...)
		code(t, muster.CodeUnknown, err)
		out := s.try(batch...)
		require.True(t, out[0].Replayed)
		require.False(t, out[1].Accepted)
		require.True(t, out[2].Replayed)
	}},

	{"forgotten commands are judged like new ones", func(t *testing.T, o Options) {
		s := open(t, o)
		c := Change("cmd_1", Customer(1))
		s.must(c)
		n, err := s.Prune(s.ctx, Start.Add(minute), 10)
		require.NoError(t, err)
		require.Equal(t, 1, n)
		require.False(t, s.try(c)[0].Accepted, "the customer is there")
	}},
}
