package torture

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/graph"
)

// page is how much is read of the graph at once.
const page = 2_000

// check looks for every line of the ledger in the graph: each command that was answered has its events, once, and each
// submission its ticket with the number that was told. Then fsck has its say.
func check(ctx context.Context, o Options, p *plant, store graph.Store, l *ledger, e *Evidence) error {
	had, twice, err := effects(ctx, store)
	if err != nil {
		return err
	}
	e.Doubled = append(append([]string{}, twice...), l.two...)
	e.Two, l.renumbered = e.Two+l.renumbered, 0
	e.Lost = []string{}
	e.Acked, e.Tickets = len(l.told), 0
	var submitted []line
	for id, told := range l.told {
		if !had[id] {
			e.Lost = append(e.Lost, fmt.Sprintf("%s %s was answered %d and left no trace", id, told[0].Path, told[0].Status))
		}
		if told[0].Ticket != "" {
			e.Tickets++
			submitted = append(submitted, told...)
		}
	}
	if err := numbered(ctx, store, submitted, e); err != nil {
		return err
	}
	if len(e.Lost) > 0 {
		return nil // worth another look first
	}
	if err := fsck(ctx, o, p, e); err != nil {
		return err
	}
	return histories(ctx, o.Dir, store, e.broken)
}

// numbered looks for the tickets of submissions under every number that was told: each leads to one ticket.
func numbered(ctx context.Context, store graph.Store, submitted []line, e *Evidence) error {
	numbers := make(map[int64]muster.TicketID)
	for len(submitted) > 0 {
		some := submitted[:min(page, len(submitted))]
		submitted = submitted[len(some):]
		ids := make([]string, len(some))
		for i, told := range some {
			if other, taken := numbers[told.Number]; taken && other != told.Ticket {
				e.Doubled = append(e.Doubled, fmt.Sprintf("number %d is of %s and %s", told.Number, told.Ticket, other))
			}
			numbers[told.Number] = told.Ticket
			ids[i] = string(told.Ticket)
		}
		found, err := store.Records(ctx, "", ids...)
		if err != nil {
			return err
		}
		for _, told := range some {
			t, ok := found[string(told.Ticket)].(*muster.Ticket)
			if ok && t.Number != told.Number { // two servers accepted it while the graph was away: both numbers lead to it
				key := muster.NumberKey(told.Number)
				owners, err := store.Owners(ctx, key)
				if err != nil {
					return err
				}
				ok = owners[key] == string(told.Ticket)
			}
			if !ok {
				e.Lost = append(e.Lost, fmt.Sprintf("ticket %s with number %d is not in the graph", told.Ticket, told.Number))
			}
		}
	}
	return nil
}

// effects reads all events: which commands have had an effect, and which had it twice on the same aggregate.
func effects(ctx context.Context, store graph.EventLog) (had map[muster.CommandID]bool, twice []string, err error) {
	had = make(map[muster.CommandID]bool)
	seen := make(map[string]bool)
	for at := int64(0); ; {
		events, err := store.EventsAfter(ctx, at, page)
		if err != nil {
			return nil, nil, err
		}
		if len(events) == 0 {
			return had, twice, nil
		}
		if events[0].Seq != at+1 {
			return nil, nil, fmt.Errorf("event %d follows %d", events[0].Seq, at)
		}
		for _, ev := range events {
			had[ev.Command] = true
			effect := string(ev.Command) + " on " + ev.Aggregate
			if seen[effect] {
				twice = append(twice, effect)
			}
			seen[effect] = true
		}
		at = events[len(events)-1].Seq
	}
}

// fsck asks the binary. Nobody uses the company by then.
func fsck(ctx context.Context, o Options, p *plant, e *Evidence) error {
	out, err := exec.CommandContext(ctx, o.Muster, "fsck", "--graph", p.direct(), "--json", "--full-speed").Output()
	var exit *exec.ExitError
	if err != nil && (!errors.As(err, &exit) || exit.ExitCode() != 1) {
		return fmt.Errorf("muster fsck: %w: %s", err, stderrOf(err))
	}
	var r struct {
		Checked  int `json:"checked"`
		Breaches []struct{ Invariant, ID, Text string }
	}
	if err := json.Unmarshal(out, &r); err != nil {
		return fmt.Errorf("muster fsck: %w: %s", err, out)
	}
	e.Checked = r.Checked
	for _, b := range r.Breaches {
		e.Breaches = append(e.Breaches, fmt.Sprintf("%s %s: %s", b.Invariant, b.ID, b.Text))
		e.broken = append(e.broken, b.ID)
	}
	return nil
}

// histories writes the events of aggregates that break an invariant beside the servers' logs: how it came about.
func histories(ctx context.Context, dir string, store graph.Store, broken []string) error {
	everything := muster.Scope{Everything: true}
	for _, id := range broken {
		if !muster.KindOf(id).IsRoot() {
			continue // a key, a command: they have none
		}
		events, err := store.History(ctx, everything, id)
		if muster.CodeOf(err) == muster.CodeNotFound {
			continue
		}
		if err != nil {
			return err
		}
		b, err := json.MarshalIndent(events, "", " ")
		if err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(dir, id+".json"), b, 0o600); err != nil {
			return err
		}
	}
	return nil
}

func stderrOf(err error) []byte {
	if exit := (*exec.ExitError)(nil); errors.As(err, &exit) {
		return exit.Stderr
	}
	return nil
}
