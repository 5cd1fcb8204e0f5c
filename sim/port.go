package sim

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/graph"
)

// port is the store as one process sees it: every call may be struck by a fault.
type port struct {
	graph.Store
	life    *life
	process *process
	storm   int // commits to come that somebody else's comes in between of
	former  map[string]any
}

// through makes one call with what befalls it.
func through[T any](p *port, c class, work func() (T, error)) (T, error) {
	if p.process.dead {
		var none T
		return none, gone
	}
	return struck(p, p.life.faults.draw(c), work)
}

// struck makes one call that a fault befalls, "" for none.
func struck[T any](p *port, k Kind, work func() (T, error)) (T, error) {
	var none T
	l := p.life
	switch k {
	case readFails, writeFails:
		return none, muster.E(muster.CodeUnavailable, "the store can't be reached: "+string(k), "try again")
	case stopBefore:
		l.crash(p.process)
		return none, gone
	case slow:
		l.dawdle()
	}
	v, err := work()
	switch {
	case k == stopAfter:
		l.crash(p.process)
		return none, gone
	case k == unknown && err == nil:
		return none, muster.E(muster.CodeUnknown, "the connection broke while the store wrote", "send the same again")
	}
	return v, err
}

// The slowest call, and how deep the work of others in slow calls may be nested.
const (
	slowest = 100 * time.Second
	deepest = processes - 1
)

// dawdle lets time pass in a call, in which others are at work.
func (l *life) dawdle() {
	until := l.clock.Now().Add(between(l.rand, time.Second, slowest))
	if l.nested >= deepest {
		l.clock.Set(until)
		return
	}
	l.nested++
	defer func() { l.nested-- }()
	if err := l.pass(until); err != nil {
		l.broken = err
	}
}

// Commit implements graph.Committer.
func (p *port) Commit(ctx context.Context, changes ...graph.Change) ([]graph.Outcome, error) {
	l := p.life
	if p.process.dead {
		return nil, gone
	}
	k := l.faults.draw(commits)
	if k == conflict {
		p.storm = 1 + l.rand.IntN(4)
	}
	if p.storm > 0 {
		p.storm--
		meddled, err := l.meddle(changes)
		if err != nil {
			l.broken = err
		}
		switch {
		case k == conflict && !meddled:
			l.faults.spare(k)
		case k != conflict && meddled:
			l.faults.strike(conflict, commits)
		}
	}
	return struck(p, k, func() ([]graph.Outcome, error) { return p.Store.Commit(ctx, changes...) })
}

// meddle commits a change of something that others rest on, as somebody would who is faster. It tells whether there
// was anything.
func (l *life) meddle(changes []graph.Change) (bool, error) {
	var ids []string
	for _, c := range changes {
		for _, g := range c.Expect {
			switch kind := muster.KindOf(g.ID); {
			case g.Rev == 0:
			case kind == muster.KindTicket, kind == muster.KindTour, kind == muster.KindExpert, kind == muster.KindCustomer:
				ids = append(ids, g.ID)
			}
		}
	}
	if len(ids) == 0 {
		return false, nil
	}
	slices.Sort(ids) // a change's guards are in no order
	id := pick(l.rand, slices.Compact(ids))
	found, err := l.store.Records(l.ctx, "", id)
	if err != nil || found[id] == nil {
		return false, err
	}
	root, before := bumped(found[id])
	if root == nil {
		return false, nil
	}
	body, err := json.Marshal(map[string]any{"root": root})
	if err != nil {
		return false, err
	}
	l.n++
	now, who := l.clock.Now(), muster.System("meddler")
	cmd := muster.Command{ID: l.o.command(l.n), Name: "sim.touch", Actor: who, Fingerprint: muster.Fingerprint("sim.touch", id)}
	out, err := l.store.Commit(l.ctx, graph.Change{
		Command: cmd, At: now, Expect: []graph.Guard{graph.At(id, before)}, Put: []muster.Record{root},
		Events: []muster.Event{{
			Aggregate: id, Rev: before + 1, Name: "sim.touched", Version: 1, At: now, Actor: who, Command: cmd.ID, Body: body,
		}},
	})
	if err != nil {
		return false, err
	}
	return true, out[0].Err()
}

// bumped is a root with nothing changed but its revision.
func bumped(r muster.Record) (muster.Root, int64) {
	switch r := r.(type) {
	case *muster.Ticket:
		if r.Terminal() {
			return nil, 0
		}
		t := *r
		t.Rev++
		return &t, r.Rev
	case *muster.Tour:
		t := *r
		t.Rev++
		return &t, r.Rev
	case *muster.Expert:
		e := *r
		e.Rev++
		return &e, r.Rev
	case *muster.Customer:
		c := *r
		c.Rev++
		return &c, r.Rev
	}
	return nil, 0
}

// listing is a list, which may say what was true some time ago.
func listing[T any](p *port, key string, read func() (T, error)) (T, error) {
	var none T
	l := p.life
	if p.process.dead {
		return none, gone
	}
	k := l.faults.draw(lists)
	if k == listStale {
		if v, known := p.former[key]; known {
			return v.(T), nil
		}
		l.faults.spare(k)
	}
	v, err := struck(p, k, read)
	if err == nil && len(l.faults.on[lists]) > 0 {
		if p.former == nil || len(p.former) >= formerLists {
			p.former = make(map[string]any)
		}
		p.former[key] = v
	}
	return v, err
}

// formerLists is how many earlier lists a process can come upon again.
const formerLists = 256

// two are two values of one call.
type two[A, B any] struct {
	a A
	b B
}

// Tickets implements graph.Lists.
func (p *port) Tickets(ctx context.Context, s muster.Scope, f graph.TicketFilter, page graph.Page) ([]*muster.Ticket, string, error) {
	v, err := listing(p, fmt.Sprint("tickets", s, f, page), func() (v two[[]*muster.Ticket, string], err error) {
		v.a, v.b, err = p.Store.Tickets(ctx, s, f, page)
		return v, err
	})
	return v.a, v.b, err
}

// Experts implements graph.Lists.
func (p *port) Experts(ctx context.Context, s muster.Scope, f graph.ExpertFilter, page graph.Page) ([]*muster.Expert, string, error) {
	v, err := listing(p, fmt.Sprint("experts", s, f, page), func() (v two[[]*muster.Expert, string], err error) {
		v.a, v.b, err = p.Store.Experts(ctx, s, f, page)
		return v, err
	})
	return v.a, v.b, err
}

// Tours implements graph.Lists.
func (p *port) Tours(ctx context.Context, s muster.Scope, experts []muster.ExpertID, span muster.Window) ([]*muster.Tour, error) {
	return listing(p, fmt.Sprint("tours", s, experts, span), func() ([]*muster.Tour, error) { return p.Store.Tours(ctx, s, experts, span) })
}

// History implements graph.Lists.
func (p *port) History(ctx context.Context, s muster.Scope, aggregate string) ([]muster.Event, error) {
	return listing(p, "history"+aggregate, func() ([]muster.Event, error) { return p.Store.History(ctx, s, aggregate) })
}

// Messages implements graph.Lists. Of what was told before nothing is told that is old: it is read with the records.
func (p *port) Messages(ctx context.Context, s muster.Scope, tickets []muster.TicketID, limit int) ([]*muster.Message, error) {
	return through(p, reads, func() ([]*muster.Message, error) { return p.Store.Messages(ctx, s, tickets, limit) })
}

// Setup implements graph.Decisions.
func (p *port) Setup(ctx context.Context) (graph.Setup, error) {
	return through(p, reads, func() (graph.Setup, error) { return p.Store.Setup(ctx) })
}

// Records implements graph.Decisions.
func (p *port) Records(ctx context.Context, cmd muster.CommandID, ids ...string) (map[string]muster.Record, error) {
	return through(p, reads, func() (map[string]muster.Record, error) { return p.Store.Records(ctx, cmd, ids...) })
}

// CustomerCase implements graph.Decisions.
func (p *port) CustomerCase(ctx context.Context, cmd muster.CommandID, id muster.CustomerID) (graph.CustomerCase, error) {
	return through(p, reads, func() (graph.CustomerCase, error) { return p.Store.CustomerCase(ctx, cmd, id) })
}

// OpenTickets implements graph.Decisions.
func (p *port) OpenTickets(ctx context.Context, id muster.CustomerID, sites []muster.SiteID, limit int) ([]muster.Ticket, error) {
	return through(p, reads, func() ([]muster.Ticket, error) { return p.Store.OpenTickets(ctx, id, sites, limit) })
}

// TicketCase implements graph.Decisions.
func (p *port) TicketCase(ctx context.Context, cmd muster.CommandID, ref graph.CaseRef) (graph.TicketCase, error) {
	return through(p, reads, func() (graph.TicketCase, error) { return p.Store.TicketCase(ctx, cmd, ref) })
}

// ExpertCase implements graph.Decisions.
func (p *port) ExpertCase(ctx context.Context, cmd muster.CommandID, id muster.ExpertID, from time.Time) (graph.ExpertCase, error) {
	return through(p, reads, func() (graph.ExpertCase, error) { return p.Store.ExpertCase(ctx, cmd, id, from) })
}

// Round implements graph.Decisions.
func (p *port) Round(ctx context.Context, ref graph.RoundRef) (graph.Round, error) {
	return through(p, reads, func() (graph.Round, error) { return p.Store.Round(ctx, ref) })
}

// Peers implements graph.Decisions.
func (p *port) Peers(ctx context.Context, after muster.ExpertID, limit int) ([]muster.Expert, error) {
	return through(p, reads, func() ([]muster.Expert, error) { return p.Store.Peers(ctx, after, limit) })
}

// Now implements graph.Timers.
func (p *port) Now(ctx context.Context) (time.Time, error) {
	return through(p, reads, func() (time.Time, error) { return p.Store.Now(ctx) })
}

// DueShards implements graph.Timers.
func (p *port) DueShards(ctx context.Context, lane muster.Lane, now time.Time) ([]graph.DueShard, error) {
	return through(p, reads, func() ([]graph.DueShard, error) { return p.Store.DueShards(ctx, lane, now) })
}

// ClaimDue implements graph.Timers.
func (p *port) ClaimDue(ctx context.Context, lane muster.Lane, shard int, now, until time.Time, limit int) ([]graph.Wake, error) {
	return through(p, writes, func() ([]graph.Wake, error) { return p.Store.ClaimDue(ctx, lane, shard, now, until, limit) })
}

// Claim implements graph.Timers.
func (p *port) Claim(ctx context.Context, id string, now, until time.Time) (graph.Wake, bool, error) {
	v, err := through(p, writes, func() (v two[graph.Wake, bool], err error) {
		v.a, v.b, err = p.Store.Claim(ctx, id, now, until)
		return v, err
	})
	return v.a, v.b, err
}

// Settle implements graph.Timers.
func (p *port) Settle(ctx context.Context, settled ...graph.Settled) ([]string, error) {
	return through(p, writes, func() ([]string, error) { return p.Store.Settle(ctx, settled...) })
}

// Pending implements graph.EventLog.
func (p *port) Pending(ctx context.Context, limit int) ([]muster.Event, error) {
	return through(p, reads, func() ([]muster.Event, error) { return p.Store.Pending(ctx, limit) })
}

// Number implements graph.EventLog.
func (p *port) Number(ctx context.Context, duty string, fence int64, first int64, events []muster.Event) error {
	return p.write(func() error { return p.Store.Number(ctx, duty, fence, first, events) })
}

// EventsAfter implements graph.EventLog.
func (p *port) EventsAfter(ctx context.Context, seq int64, limit int) ([]muster.Event, error) {
	return through(p, reads, func() ([]muster.Event, error) { return p.Store.EventsAfter(ctx, seq, limit) })
}

// Bounds implements graph.EventLog.
func (p *port) Bounds(ctx context.Context) (floor, head int64, err error) {
	v, err := through(p, reads, func() (v two[int64, int64], err error) {
		v.a, v.b, err = p.Store.Bounds(ctx)
		return v, err
	})
	return v.a, v.b, err
}

// Cursor implements graph.EventLog.
func (p *port) Cursor(ctx context.Context, consumer string) (int64, error) {
	return through(p, reads, func() (int64, error) { return p.Store.Cursor(ctx, consumer) })
}

// Advance implements graph.EventLog.
func (p *port) Advance(ctx context.Context, consumer string, seq int64) error {
	return p.write(func() error { return p.Store.Advance(ctx, consumer, seq) })
}

// Reserve implements graph.Admin.
func (p *port) Reserve(ctx context.Context, n int) (int64, error) {
	return through(p, writes, func() (int64, error) { return p.Store.Reserve(ctx, n) })
}

// PruneJobs implements graph.Admin.
func (p *port) PruneJobs(ctx context.Context, before time.Time, limit int) (int, error) {
	return through(p, writes, func() (int, error) { return p.Store.PruneJobs(ctx, before, limit) })
}

// Prune implements graph.Admin.
func (p *port) Prune(ctx context.Context, before time.Time, limit int) (int, error) {
	return through(p, writes, func() (int, error) { return p.Store.Prune(ctx, before, limit) })
}

func (p *port) write(do func() error) error {
	_, err := through(p, writes, func() (struct{}, error) { return struct{}{}, do() })
	return err
}
