package dispatch

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/graph"
)

// lateAfter is two sweeps: what is due for longer has been missed by the workers.
const lateAfter = 30 * time.Second

// BacklogStore is what a report on the backlog reads.
type BacklogStore interface {
	graph.Timers
	graph.EventLog
	Wakes(ctx context.Context, ids ...string) (map[string]graph.Wake, error)
	Cursors(ctx context.Context) (map[string]int64, error)
}

// BacklogReport tells what waits to be done, and why.
type BacklogReport struct {
	At      time.Time                         `json:"at"` // the store's clock
	Lanes   map[muster.Lane]LaneBacklog       `json:"lanes"`
	Tickets TicketBacklog                     `json:"tickets"`
	Timers  map[muster.TimerName]TimerBacklog `json:"timers"` // of open tickets
	Items   []BacklogItem                     `json:"items"`  // late, retried, deferred or stuck ones, the latest first
	Regions []BacklogItem                     `json:"regions"`
	Failing []BacklogItem                     `json:"failing"` // experts, messages, what consumers set aside
	Relay   RelayBacklog                      `json:"relay"`

	Consumers []ConsumerBacklog `json:"consumers"` // by name
}

// LaneBacklog is what is due in a lane, of every kind.
type LaneBacklog struct {
	Due     int     `json:"due"`
	OldestS float64 `json:"oldest_s"` // since when, in seconds
	Failed  int     `json:"failed"`   // with failures in a row, due or not
}

// TicketBacklog counts open tickets.
type TicketBacklog struct {
	Open     int `json:"open"`
	Due      int `json:"due"`
	Late     int `json:"late"`     // due for more than two sweeps
	Retried  int `json:"retried"`  // have failed and are due for another try
	Deferred int `json:"deferred"` // have failed and are left alone for a while
	Stuck    int `json:"stuck"`    // rounds can't go on with them, and a person was told

	Steps map[int]int `json:"steps"` // those escalated, by the step that they are in
}

// TimerBacklog counts open tickets by the timer that is theirs next.
type TimerBacklog struct {
	Lane muster.Lane `json:"lane"`
	Open int         `json:"open"`
	Due  int         `json:"due"`
	Late int         `json:"late"`
}

// BacklogItem is one ticket, region or other aggregate whose time has come and gone, or whose handler has failed.
type BacklogItem struct {
	ID       string           `json:"id"`
	Ref      string           `json:"ref,omitempty"`
	Lane     muster.Lane      `json:"lane"`
	Timer    muster.TimerName `json:"timer"`    // what rings
	DueAt    time.Time        `json:"due_at"`   // when it was to ring
	NextAt   time.Time        `json:"next_at"`  // when it is looked at next
	LateS    float64          `json:"late_s"`   // by how many seconds it is late, 0 if it isn't
	Failures int              `json:"failures"` // in a row
	Why      string           `json:"why"`      // late, retried, deferred or stuck
	LastErr  string           `json:"last_error,omitempty"`
	Step     int              `json:"step,omitempty"`  // of a ticket's escalation
	Waits    string           `json:"waits,omitempty"` // what a ticket waits for, or what else it is about, in words
}

// RelayBacklog tells how far events are from those who listen.
type RelayBacklog struct {
	Head    int64   `json:"head"`    // the highest number given
	Pending int     `json:"pending"` // events without a number, counted up to a thousand
	LagS    float64 `json:"lag_s"`   // age of the oldest of them, in seconds
}

// ConsumerBacklog tells how far a consumer of events is behind.
type ConsumerBacklog struct {
	Name   string  `json:"name"`
	At     int64   `json:"at"`     // the last event that it has read
	Unread int64   `json:"unread"` // events with a number that it hasn't
	LagS   float64 `json:"lag_s"`  // age of the oldest of them, in seconds
}

// Late tells whether events wait for longer than two sweeps for their number or for a reader.
func (r *BacklogReport) Late() bool {
	late := r.Relay.LagS > lateAfter.Seconds()
	for _, c := range r.Consumers {
		late = late || c.LagS > lateAfter.Seconds()
	}
	return late
}

// PendingCounted is how many events without a number are looked at.
const PendingCounted = 1000

// Backlog tells what is due, late, retried and deferred, with at most limit items. It changes nothing.
func (d *Dispatch) Backlog(ctx context.Context, s BacklogStore, limit int) (BacklogReport, error) {
	r := BacklogReport{
		Lanes: make(map[muster.Lane]LaneBacklog), Timers: make(map[muster.TimerName]TimerBacklog),
		Items: []BacklogItem{}, Regions: []BacklogItem{}, Failing: []BacklogItem{}, Consumers: []ConsumerBacklog{},
		Tickets: TicketBacklog{Steps: map[int]int{}},
	}
	var err error
	if r.At, err = s.Now(ctx); err != nil {
		return r, err
	}
	lanes, err := s.Backlog(ctx, r.At)
	if err != nil {
		return r, err
	}
	for lane, b := range lanes {
		r.Lanes[lane] = LaneBacklog{Due: b.Due, OldestS: b.Oldest.Seconds(), Failed: b.Failed}
	}
	if err := d.ticketBacklog(ctx, s, &r); err != nil {
		return r, err
	}
	if err := d.regionBacklog(ctx, s, &r); err != nil {
		return r, err
	}
	if err := d.failingBacklog(ctx, s, &r, limit); err != nil {
		return r, err
	}
	slices.SortStableFunc(r.Items, func(a, b BacklogItem) int {
		return cmp.Or(cmp.Compare(b.LateS, a.LateS), cmp.Compare(b.Failures, a.Failures))
	})
	r.Items = r.Items[:min(len(r.Items), limit)]
	pending, err := s.Pending(ctx, PendingCounted)
	if err != nil {
		return r, err
	}
	if r.Relay.Pending = len(pending); len(pending) > 0 {
		r.Relay.LagS = max(r.At.Sub(pending[0].At).Seconds(), 0)
	}
	return r, consumerBacklog(ctx, s, &r)
}

// ofEvents tells whether a cursor is that of a consumer of events, and nothing else that only goes forward.
func ofEvents(cursor string) bool {
	return !strings.HasPrefix(cursor, reachPrefix) && !strings.HasPrefix(cursor, turnPrefix)
}

// consumerBacklog looks how far consumers are behind.
func consumerBacklog(ctx context.Context, s BacklogStore, r *BacklogReport) error {
	cursors, err := s.Cursors(ctx)
	if err != nil {
		return err
	}
	if _, r.Relay.Head, err = s.Bounds(ctx); err != nil {
		return err
	}
	for _, name := range slices.Sorted(maps.Keys(cursors)) {
		if !ofEvents(name) {
			continue
		}
		c := ConsumerBacklog{Name: name, At: cursors[name], Unread: max(0, r.Relay.Head-cursors[name])}
		if c.Unread > 0 {
			next, err := s.EventsAfter(ctx, c.At, 1)
			if err != nil {
				return err
			}
			if len(next) > 0 {
				c.LagS = max(r.At.Sub(next[0].At).Seconds(), 0)
			}
		}
		r.Consumers = append(r.Consumers, c)
	}
	return nil
}

// ticketBacklog goes through the open tickets.
func (d *Dispatch) ticketBacklog(ctx context.Context, s BacklogStore, r *BacklogReport) error {
	for after := ""; ; {
		page, next, err := d.store.Tickets(ctx, muster.Scope{Everything: true}, graph.TicketFilter{States: []string{"open"}}, graph.Page{After: after, Limit: 500})
		if err != nil {
			return err
		}
		ids := make([]string, len(page))
		for i, t := range page {
			ids[i] = string(t.ID)
		}
		wakes, err := s.Wakes(ctx, ids...)
		if err != nil {
			return err
		}
		for _, t := range page {
			w, ok := wakes[string(t.ID)]
			name, due, _ := t.Timers.Next()
			if !ok {
				continue // closed meanwhile
			}
			item, count := backlogItem(w, name, due, r.At)
			item.Ref, item.Step, item.Waits = t.Ref(), t.Step, waits(t)
			if t.Step > 0 {
				r.Tickets.Steps[t.Step]++
			}
			if i := slices.IndexFunc(t.Exceptions, isStuck); i >= 0 && item.LastErr == "" {
				item.LastErr = t.Exceptions[i].Note
				if item.Why == "" {
					item.Why, count = whyStuck, true
				}
			}
			by := r.Timers[name]
			by.Lane = name.Lane()
			by.Open++
			r.Tickets.Open++
			if !w.At.After(r.At) {
				by.Due++
				r.Tickets.Due++
			}
			switch item.Why {
			case whyLate:
				by.Late++
				r.Tickets.Late++
			case whyRetried:
				r.Tickets.Retried++
			case whyDeferred:
				r.Tickets.Deferred++
			case whyStuck:
				r.Tickets.Stuck++
			}
			r.Timers[name] = by
			if count {
				r.Items = append(r.Items, item)
			}
		}
		if after = next; next == "" {
			return nil
		}
	}
}

// waits says what an open ticket waits for.
func waits(t *muster.Ticket) string {
	switch t.State {
	case muster.Queued:
		if n := t.NoExpert; n != nil {
			return fmt.Sprintf("an expert: nobody found since %s, mostly because of: %s", n.Since.Format(time.RFC3339), n.Main)
		}
		return "an expert: no round has failed to find one"
	case muster.Waiting:
		return fmt.Sprintf("%s, until %s", t.Wait.For, t.Wait.Until.Format(time.RFC3339))
	case muster.Triage:
		return "somebody to say what it needs"
	case muster.Completed:
		return "the customer to say yes"
	default:
		return "its visit, which is " + t.Shown()
	}
}

// regionBacklog looks at whose rounds are late.
func (d *Dispatch) regionBacklog(ctx context.Context, s BacklogStore, r *BacklogReport) error {
	setup, err := d.store.Setup(ctx)
	if err != nil {
		return err
	}
	ids := make([]string, len(setup.Regions))
	for i, region := range setup.Regions {
		ids[i] = string(region.ID)
	}
	wakes, err := s.Wakes(ctx, ids...)
	if err != nil {
		return err
	}
	for _, region := range setup.Regions {
		name, due, _ := region.Timers.Next()
		w, ok := wakes[string(region.ID)]
		if item, count := backlogItem(w, name, due, r.At); ok && count {
			r.Regions = append(r.Regions, item)
		}
	}
	return nil
}

// failingBacklog lists what else has timers that fail.
func (d *Dispatch) failingBacklog(ctx context.Context, s BacklogStore, r *BacklogReport, limit int) error {
	failing, err := s.Failing(ctx, limit+len(r.Items)+len(r.Regions))
	if err != nil {
		return err
	}
	failing = slices.DeleteFunc(failing, func(w graph.Wake) bool {
		return w.Kind == muster.KindTicket || w.Kind == muster.KindRegion
	})
	ids := make([]string, len(failing))
	for i, w := range failing {
		ids[i] = w.ID
	}
	found, err := d.store.Records(ctx, "", ids...)
	if err != nil {
		return err
	}
	for _, w := range failing[:min(len(failing), limit)] {
		timed, ok := found[w.ID].(muster.Timed)
		if !ok {
			continue
		}
		name, due, _ := timed.Deadlines().Next()
		item, _ := backlogItem(w, name, due, r.At)
		item.Waits = concerns(timed)
		r.Failing = append(r.Failing, item)
	}
	return nil
}

// concerns says what a timer that fails is about.
func concerns(r muster.Record) string {
	switch r := r.(type) {
	case *muster.Expert:
		return r.Name + "'s work ahead is looked at"
	case *muster.Message:
		return fmt.Sprintf("message %q about %s", r.Topic, r.Ticket)
	case *muster.Duty:
		if consumer, aggregate, ok := r.ID.Aside(); ok {
			return fmt.Sprintf("what happened to %s is told to %s", aggregate, consumer)
		}
	}
	return ""
}

// Why an item is in the report.
const (
	whyLate     = "late"
	whyRetried  = "retried"
	whyDeferred = "deferred"
	whyStuck    = "stuck"
)

// backlogItem says how an aggregate stands with its timer; count is false if there is nothing to say.
func backlogItem(w graph.Wake, name muster.TimerName, due, now time.Time) (item BacklogItem, count bool) {
	item = BacklogItem{ID: w.ID, Lane: name.Lane(), Timer: name, DueAt: due, NextAt: w.At, Failures: w.Failures, LastErr: w.Why}
	if late := now.Sub(w.At); late > lateAfter {
		item.LateS = late.Seconds()
	}
	switch {
	case w.Failures > 0 && w.At.After(now):
		item.Why = whyDeferred
	case item.LateS > 0:
		item.Why = whyLate
	case w.Failures > 0:
		item.Why = whyRetried
	}
	return item, item.Why != ""
}
