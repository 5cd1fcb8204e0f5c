package linear

import (
	"context"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/graph"
)

// broken is a store that has one defect.
type broken struct {
	graph.Store
	unguarded bool // only what is written is guarded, not what it rests on
	forgets   bool // every thirtieth commit is acknowledged and not written
	repeats   bool // a command is not known again
	early     bool // what a decision rests on is looked at before its locks are taken, not after
	gives     bool // a change is refused now and then as if somebody had been faster
	stale     bool // looks at a ticket show what it was one look ago, now and then

	n    atomic.Int64
	last atomic.Pointer[graph.TicketCase]
}

func (b *broken) Commit(ctx context.Context, changes ...graph.Change) ([]graph.Outcome, error) {
	n := b.n.Add(1)
	changes = slices.Clone(changes)
	for i := range changes {
		c := &changes[i]
		if b.unguarded {
			c.Expect = slices.DeleteFunc(slices.Clone(c.Expect), func(g graph.Guard) bool {
				return !slices.ContainsFunc(c.Put, func(r muster.Record) bool { return r.RecordID() == g.ID })
			})
		}
		if b.early {
			if err := b.judgeEarly(ctx, c); err != nil {
				return nil, err
			}
		}
		if b.repeats {
			c.Command.ID = muster.CommandID(fmt.Sprintf("%s-%d", c.Command.ID, n))
		}
	}
	if b.forgets && n > 60 && n%30 == 0 && changes[0].Command.Name == "ticket.assign" {
		return []graph.Outcome{{Accepted: true, Result: changes[0].Result}}, nil
	}
	if b.gives && n%4 != 0 && ctx.Value(troubleKey{}) != nil && strings.HasPrefix(changes[0].Command.Name, "ticket.") {
		g := changes[0].Expect[0]
		return []graph.Outcome{{Failed: []graph.Failed{{Guard: g, Rev: g.Rev}}}}, nil
	}
	return b.Store.Commit(ctx, changes...)
}

// judgeEarly takes out the guards of what a change rests on and doesn't write, if they hold now: a store that read first and
// locked then would do so. What moves in between it never sees.
func (b *broken) judgeEarly(ctx context.Context, c *graph.Change) error {
	var ids []string
	for _, g := range c.Expect {
		if !slices.ContainsFunc(c.Put, func(r muster.Record) bool { return r.RecordID() == g.ID }) {
			ids = append(ids, g.ID)
		}
	}
	found, err := b.Store.Records(ctx, "", ids...)
	if err != nil {
		return err
	}
	c.Expect = slices.DeleteFunc(slices.Clone(c.Expect), func(g graph.Guard) bool {
		root, there := found[g.ID].(muster.Root)
		return there && root.Revision() == g.Rev
	})
	for range 5 { // locks are waited for
		if _, err := b.Store.Records(ctx, "", ids...); err != nil {
			return err
		}
		runtime.Gosched()
	}
	return nil
}

func (b *broken) TicketCase(ctx context.Context, cmd muster.CommandID, ref graph.CaseRef) (graph.TicketCase, error) {
	if b.repeats {
		cmd = ""
	}
	k, err := b.Store.TicketCase(ctx, cmd, ref)
	if b.stale && err == nil && cmd == "" {
		old := b.last.Swap(&k)
		if old != nil && old.Ticket.ID == k.Ticket.ID && b.n.Load()%3 == 0 {
			return *old, nil
		}
	}
	return k, err
}

// A check that never fails shows nothing: each of these defects is found.
func TestVolumeDefectsAreFound(t *testing.T) {
	for name, b := range map[string]struct {
		broken *broken
		scene  string
	}{
		"what a decision rests on isn't guarded": {&broken{unguarded: true}, "revocation"},
		"an acknowledged commit isn't there":     {&broken{forgets: true}, "last opening"},
		"a command is carried out twice":         {&broken{repeats: true}, "one ticket"},
		"a read shows what is over":              {&broken{stale: true}, "one ticket"},
		"it is read before it is locked":         {&broken{early: true}, "revocation"},
		"nobody was faster":                      {&broken{gives: true}, "last opening"},
	} {
		t.Run(name, func(t *testing.T) {
			open := files(t)
			o := Options{Ops: 20_000, Seed: 7, Scenes: []string{b.scene}, Troubled: 0.05, Open: func(ctx context.Context) (graph.Store, func() error, error) {
				s, end, err := open(ctx)
				b.broken.Store = s
				return b.broken, end, err
			}}
			o.Days = 5
			o.Each = func(r Report) error {
				if r.Illegal > 0 {
					return errFound
				}
				return nil
			}
			r, err := Run(t.Context(), o, Report{})
			require.ErrorIs(t, err, errFound, "%d histories are all fine", r.Histories)
			require.NotEmpty(t, r.Examples[0].Least)
			require.Less(t, len(r.Examples[0].Least), len(r.Examples[0].Ops))
		})
	}
}

var errFound = fmt.Errorf("found")
