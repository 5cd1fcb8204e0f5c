package graphtest

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/graph"
)

var sizeTests = []test{
	{"a text of 64 KiB is kept, a longer one refused with its field", func(t *testing.T, o Options) {
		s := open(t, o)
		tk := Ticket(Device(Site("cus_1", 1), 1), 1)
		tk.Text = strings.Repeat("x", graph.MaxTextBytes-2) + "é"
		s.must(Change("cmd_1", tk))
		require.Equal(t, tk, s.record(string(tk.ID)))
		longer := with(tk, func(t *muster.Ticket) { t.Rev++; t.Text += "x" })
		_, err := s.Commit(s.ctx, Change("cmd_2", longer))
		code(t, muster.CodeTooLarge, err)
		var e *muster.Error
		require.ErrorAs(t, err, &e)
		require.Equal(t, "text", e.Field)
		require.Equal(t, tk, s.record(string(tk.ID)))
	}},

	{"an event of 1 MiB is kept, a longer one refused", func(t *testing.T, o Options) {
		s := open(t, o)
		change := Change("cmd_1", Customer(1))
		body, err := json.Marshal(strings.Repeat("x", graph.MaxEventBytes-2))
		require.NoError(t, err)
		change.Events[0].Body = body
		s.must(change)
		told, err := s.History(s.ctx, muster.Scope{Everything: true}, "cus_00000001")
		require.NoError(t, err)
		require.Len(t, told[0].Body, graph.MaxEventBytes)
		change = Change("cmd_2", Customer(2))
		change.Events[0].Body = append(body, ' ')
		_, err = s.Commit(s.ctx, change)
		code(t, muster.CodeTooLarge, err)
	}},

	{"a batch of 5,000 changes is carried out, a longer one refused", func(t *testing.T, o Options) {
		s := open(t, o)
		changes := make([]graph.Change, graph.MaxBatch)
		for n := range changes {
			changes[n] = Change(fmt.Sprintf("cmd_%d", n), Customer(n))
		}
		_, err := s.Commit(s.ctx, append(changes, Change("cmd_more", Customer(len(changes))))...)
		code(t, muster.CodeTooLarge, err)
		s.must(changes...)
		n := 0
		for after, full := "", true; full; {
			page, err := s.Scan(s.ctx, muster.KindCustomer, after, 2000)
			require.NoError(t, err)
			n += len(page)
			if full = len(page) == 2000; full {
				after = page[len(page)-1].RecordID()
			}
		}
		require.Equal(t, graph.MaxBatch, n)
	}},

	{"an aggregate of 1,000 devices", func(t *testing.T, o Options) {
		s := open(t, o)
		c := Customer(1)
		site := Site(c.ID, 1)
		put := []muster.Record{c, site}
		var devices []muster.Device
		for n := range 1000 {
			d := Device(site, n)
			put, devices = append(put, d), append(devices, *d)
		}
		s.must(Change("cmd_1", put...))
		got, err := s.CustomerCase(s.ctx, "", c.ID)
		require.NoError(t, err)
		require.Equal(t, devices, got.Devices)
		devices[500].Brand = "Other"
		s.must(Change("cmd_2", named(c, "Second"), &devices[500]))
		got, err = s.CustomerCase(s.ctx, "", c.ID)
		require.NoError(t, err)
		require.Equal(t, devices, got.Devices)
	}},

	{"1,000 ids are loaded at once", func(t *testing.T, o Options) {
		s := open(t, o)
		var ids []string
		var changes []graph.Change
		for n := range 1000 {
			changes = append(changes, Change(fmt.Sprintf("cmd_%d", n), Expert(n)))
			ids = append(ids, string(Expert(n).ID))
		}
		s.must(changes...)
		found, err := s.Records(s.ctx, "", ids...)
		require.NoError(t, err)
		require.Len(t, found, len(ids))
	}},
}
