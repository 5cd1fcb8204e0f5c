package graphtest

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sysopssquad/muster"
)

// Message makes a planned message about a ticket for a customer, n minutes after Start.
func Message(ticket muster.TicketID, customer muster.CustomerID, n int) *muster.Message {
	at := Start.Add(time.Duration(n) * minute)
	return &muster.Message{
		ID: muster.MessageID(fmt.Sprintf("msg_%08d", n)), Rev: 1, Ticket: ticket, Customer: customer,
		Topic: muster.TopicAccepted, State: muster.MessagePlanned, Event: string(ticket) + "/1", At: at, Until: at.Add(time.Hour),
		Timers: muster.Timers{muster.TimerSend: at},
	}
}

var messageTests = []test{
	{"messages are listed newest first, by ticket and by whom they are for", func(t *testing.T, o Options) {
		s := open(t, o)
		var ids []muster.MessageID
		for n := range 6 {
			m := Message(muster.TicketID(fmt.Sprintf("tic_%d", n%3)), muster.CustomerID(fmt.Sprintf("cus_%d", n%2)), n)
			if n == 5 {
				m.Customer, m.Expert = "", "exp_1"
				m.At = Start.Add(4 * minute) // as old as another one: by id then
			}
			s.must(Change(fmt.Sprintf("cmd_%d", n), m))
			ids = append(ids, m.ID)
		}
		for name, c := range map[string]struct {
			scope   muster.Scope
			tickets []muster.TicketID
			limit   int
			want    []int
		}{
			"all":            {everythingScope, nil, 10, []int{5, 4, 3, 2, 1, 0}},
			"the newest":     {everythingScope, nil, 2, []int{5, 4}},
			"of a ticket":    {everythingScope, []muster.TicketID{"tic_1"}, 10, []int{4, 1}},
			"of two":         {everythingScope, []muster.TicketID{"tic_0", "tic_1", "tic_0", "tic_none"}, 10, []int{4, 3, 1, 0}},
			"of two, cut":    {everythingScope, []muster.TicketID{"tic_0", "tic_1"}, 3, []int{4, 3, 1}},
			"a customer's":   {muster.Scope{Customer: "cus_0"}, nil, 10, []int{4, 2, 0}},
			"theirs, cut":    {muster.Scope{Customer: "cus_0"}, []muster.TicketID{"tic_2", "tic_1"}, 1, []int{4}},
			"an expert's":    {muster.Scope{Expert: "exp_1"}, nil, 10, []int{5}},
			"not theirs":     {muster.Scope{Expert: "exp_1"}, []muster.TicketID{"tic_1"}, 10, nil},
			"of both at all": {muster.Scope{Expert: "exp_1", Customer: "cus_0"}, nil, 10, nil},
		} {
			found, err := s.Messages(s.ctx, c.scope, c.tickets, c.limit)
			require.NoError(t, err, name)
			var got []int
			for _, m := range found {
				for n, id := range ids {
					if id == m.ID {
						got = append(got, n)
					}
				}
			}
			require.Equal(t, c.want, got, name)
		}
		for _, limit := range []int{0, -1, 5_001} {
			_, err := s.Messages(s.ctx, everythingScope, nil, limit)
			code(t, muster.CodeInvalid, err)
		}
	}},

	{"a message that is to be sent comes due in the lane of promises, once it was sent in none", func(t *testing.T, o Options) {
		s := open(t, o)
		m := Message("tic_1", "cus_1", 1)
		s.must(Change("cmd_1", m))
		due := func(lane muster.Lane) []string {
			wakes, err := s.ClaimDue(s.ctx, lane, muster.ShardOf(string(m.ID)), Start.Add(time.Hour), Start.Add(2*time.Hour), 10)
			require.NoError(t, err)
			var out []string
			for _, w := range wakes {
				require.Equal(t, muster.KindMessage, w.Kind)
				out = append(out, w.ID)
			}
			return out
		}
		require.Equal(t, []string{string(m.ID)}, due(muster.LanePromises))
		later := *m
		later.Rev, later.Timers = 2, muster.Timers{muster.TimerResend: Start.Add(time.Minute)}
		s.must(Change("cmd_2", &later))
		require.Empty(t, due(muster.LanePromises))
		require.Equal(t, []string{string(m.ID)}, due(muster.LaneHousekeeping))
		sent := later
		sent.Rev, sent.State, sent.Timers = 3, muster.MessageSent, nil
		s.must(Change("cmd_3", &sent))
		for _, lane := range muster.Lanes() {
			require.Empty(t, due(lane))
		}
		require.Equal(t, &sent, s.record(string(m.ID)))
	}},
}
