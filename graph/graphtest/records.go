package graphtest

import (
	"fmt"
	"reflect"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/graph"
)

var recordTests = []test{
	{"every kind comes back with every field", func(t *testing.T, o Options) {
		s := open(t, o)
		for _, spec := range graph.Schema {
			put := family(t, spec.Kind)
			s.must(Change("cmd_"+string(spec.Kind), put...))
			for _, r := range put {
				require.Equal(t, r, s.record(r.RecordID()), "%s", r.Kind())
			}
			found, err := s.Scan(s.ctx, spec.Kind, "", 10)
			require.NoError(t, err)
			require.Contains(t, found, put[len(put)-1], "%s", spec.Kind)
		}
		s.Store = o.Reopen(t, s.Store)
		for _, spec := range graph.Schema {
			for _, r := range family(t, spec.Kind) {
				require.Equal(t, r, s.record(r.RecordID()), "%s after it was opened again", r.Kind())
			}
		}
	}},

	{"every kind comes back without any field", func(t *testing.T, o Options) {
		s := open(t, o)
		for _, spec := range graph.Schema {
			put := family(t, spec.Kind)
			last := put[len(put)-1]
			bare := spec.New()
			keep(bare, last)
			put[len(put)-1] = bare
			s.must(Change("cmd_"+string(spec.Kind), put...))
			require.Equal(t, bare, s.record(bare.RecordID()), "%s", spec.Kind)
		}
	}},

	{"a later value replaces all of the one before", func(t *testing.T, o Options) {
		s := open(t, o)
		for _, spec := range graph.Schema {
			full := family(t, spec.Kind)
			s.must(Change("cmd_1"+string(spec.Kind), full...))
			last := full[len(full)-1]
			bare := spec.New()
			keep(bare, last)
			put := []muster.Record{bare}
			if root, ok := full[0].(muster.Root); ok && len(full) > 1 {
				put = append(put, root)
			}
			for i, r := range put {
				if _, ok := r.(muster.Root); ok {
					next := clone(r)
					reflect.ValueOf(next).Elem().FieldByName("Rev").SetInt(2)
					put[i] = next
				}
			}
			s.must(Change("cmd_2"+string(spec.Kind), put...))
			require.Equal(t, put[0], s.record(last.RecordID()), "%s", spec.Kind)
		}
	}},

	{"text of any script comes back as it was", func(t *testing.T, o Options) {
		s := open(t, o)
		for n, text := range []string{
			"Waschmaschine läuft nicht", "冷蔵庫が冷えません", "الثلاجة لا تبرد", "האור לא נדלק", "😀👩🏽‍🔧🏳️‍🌈", "e\u0301 \u00e9",
			"quote ' \" ` \\ $ ; -- /* */ {{}} %s", "line\r\nline\ttab", "\u2028\u2029\ufeff\u200b", "<b>&amp;</b>", "nul \x00 inside", " ends with space ",
			"\U0010ffff", "null", "{}", "[]", "0",
		} {
			c := Customer(n)
			c.Name, c.Division = text, text
			c.Blocked = []muster.Block{{Expert: "exp_1", Since: Start, Why: text}}
			change := Change(fmt.Sprintf("cmd_%d", n), c)
			change.Command.Actor.Name = text
			change.Events[0].Actor.Name = text
			s.must(change)
			require.Equal(t, c, s.record(string(c.ID)))
			told, err := s.History(s.ctx, muster.Scope{Everything: true}, string(c.ID))
			require.NoError(t, err)
			require.Equal(t, string(change.Events[0].Body), string(told[0].Body))
			require.Equal(t, text, told[0].Actor.Name)
		}
	}},

	{"text that is not UTF-8 is refused with its field", func(t *testing.T, o Options) {
		s := open(t, o)
		c := Customer(1)
		c.Phone = "a\xffb"
		_, err := s.Commit(s.ctx, Change("cmd_1", c))
		code(t, muster.CodeInvalid, err)
		var e *muster.Error
		require.ErrorAs(t, err, &e)
		require.Equal(t, "phone", e.Field)
		require.Empty(t, s.exist(string(c.ID)))
	}},

	{"ids of any kind are loaded together, unknown ones left out", func(t *testing.T, o Options) {
		s := open(t, o)
		w := company(s)
		found, err := s.Records(s.ctx, "", string(w.customer.ID), string(w.site.ID), string(w.ticket.ID), string(w.ticket.ID),
			"exp_nobody", "nonsense", "", "xyz_1")
		require.NoError(t, err)
		require.Equal(t, map[string]muster.Record{
			string(w.customer.ID): w.customer, string(w.site.ID): w.site, string(w.ticket.ID): w.ticket,
		}, found)
		found, err = s.Records(s.ctx, "")
		require.NoError(t, err)
		require.Empty(t, found)
	}},
}

// family makes a record of a kind with all fields filled, after the root that guards it.
func family(t *testing.T, kind muster.Kind) []muster.Record {
	r := Filled(t, kind)
	out := []muster.Record{r}
	if !kind.IsRoot() {
		root := Filled(t, muster.KindOf(r.RootID()))
		reflect.ValueOf(root).Elem().FieldByName("ID").SetString(r.RootID())
		out = []muster.Record{root, r}
	}
	if ticket, ok := out[0].(*muster.Ticket); ok { // no two may have one number
		ticket.Number = int64(1 + slices.IndexFunc(graph.Schema, func(s graph.Spec) bool { return s.Kind == kind }))
	}
	return out
}

// keep copies to a bare record what no record goes without: its id, its root, its revision, its timer.
func keep(bare, of muster.Record) {
	to, from := reflect.ValueOf(bare).Elem(), reflect.ValueOf(of).Elem()
	names := []string{"ID", "Rev", "Timers"}
	if bare.Kind() == muster.KindTicket {
		names = append(names, "Number") // unique
	}
	for _, name := range names {
		if f := to.FieldByName(name); f.IsValid() {
			f.Set(from.FieldByName(name))
		}
	}
	for i := range to.NumField() { // the field that names the root
		if f := to.Field(i); f.Kind() == reflect.String && bare.RootID() != of.RootID() && from.Field(i).String() == of.RootID() {
			f.Set(from.Field(i))
		}
	}
}
