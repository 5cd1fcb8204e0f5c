package dispatch

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"time"
)

// An event has its number and has been read by every consumer within a second or two while somebody is at work; a batch of
// 500 takes a while on a busy store.
const (
	unreadFor  = time.Minute     // how long it may take
	unreadLook = 5 * time.Second // between looks meanwhile: nobody may have been at work all the time
	unreadKept = 500             // of aggregates with an event that has no number, those that have waited longest
)

// A lag is how far somebody has come who is behind: a consumer, or the relay with the events of an aggregate.
type lag struct {
	at    int64 // the number of an event, or the instant of one without
	since time.Time
	text  string
}

// wait notes since when an aggregate has an event without a number, if somebody should have seen to it.
func (f *fsck) wait(id string, since time.Time) {
	if since.IsZero() || f.late(since) < unreadFor {
		return
	}
	if f.place.Waiting == nil {
		f.place.Waiting = make(map[string]time.Time)
	}
	f.place.Waiting[id] = since
	if len(f.place.Waiting) > unreadKept {
		newest := slices.MaxFunc(slices.Collect(maps.Keys(f.place.Waiting)), func(a, b string) int {
			return cmp.Or(f.place.Waiting[a].Compare(f.place.Waiting[b]), cmp.Compare(a, b))
		})
		delete(f.place.Waiting, newest)
	}
}

// unread checks that events get their numbers and that consumers read them: none has come further than there are numbers,
// and while somebody is at work nobody stands still who is behind.
func (f *fsck) unread(ctx context.Context) error {
	head, behind, err := f.behind(ctx)
	if err != nil {
		return err
	}
	for waited := time.Duration(0); f.o.Pause != nil && waited < unreadFor && len(behind) > 0; waited += unreadLook {
		if err := f.o.Pause(ctx, unreadLook); err != nil {
			return err
		}
		if err := f.fresh(ctx); err != nil {
			return err
		}
		if f.idle {
			return nil
		}
		now, still, err := f.behind(ctx)
		if err != nil {
			return err
		}
		maps.DeleteFunc(behind, func(id string, l lag) bool { return still[id].at != l.at })
		if now > head {
			if err := f.inTurn(ctx, behind); err != nil {
				return err
			}
		}
	}
	for _, id := range slices.Sorted(maps.Keys(behind)) {
		f.report(Breach{Invariant: "I9", ID: id, Text: behind[id].text})
	}
	return nil
}

// behind lists who is behind for long, and reports the consumers that are ahead.
func (f *fsck) behind(ctx context.Context) (head int64, behind map[string]lag, err error) {
	cursors, err := f.store.Cursors(ctx)
	if err != nil {
		return 0, nil, err
	}
	if _, head, err = f.store.Bounds(ctx); err != nil { // after the cursors: it is never behind them
		return 0, nil, err
	}
	behind = make(map[string]lag)
	for _, name := range slices.Sorted(maps.Keys(cursors)) {
		at := cursors[name]
		switch {
		case !ofEvents(name):
		case at > head:
			f.ahead(name, at, head)
		case at < head:
			next, err := f.store.EventsAfter(ctx, at, 1)
			if err != nil {
				return 0, nil, err
			}
			if len(next) > 0 && f.late(next[0].At) >= unreadFor {
				behind[name] = lag{at, next[0].At, fmt.Sprintf("it has read up to event %d of %d, and goes on no further; the next one is of %s",
					at, head, next[0].At.Format(time.RFC3339))}
			}
		}
	}
	spans, err := f.store.EventSpans(ctx, slices.Sorted(maps.Keys(f.place.Waiting))...)
	if err != nil {
		return 0, nil, err
	}
	for id, since := range f.place.Waiting {
		if spans[id].Since.Equal(since) {
			behind[id] = lag{since.UnixMicro(), since, fmt.Sprintf("its event of %s has no number, although a relay is at work", since.Format(time.RFC3339))}
		}
	}
	return head, behind, nil
}

// ahead reports a consumer that has come further than there are numbers.
func (f *fsck) ahead(name string, at, head int64) {
	b := Breach{Invariant: "I9", ID: name, Text: fmt.Sprintf("it has read up to event %d, and there are only %d: it will miss those in between", at, head)}
	if !slices.ContainsFunc(f.place.Report.Breaches, func(o Breach) bool { return o.Invariant == b.Invariant && o.ID == b.ID }) {
		f.report(b)
	}
}

// inTurn drops the events that a relay which gets on hasn't come to yet, because older ones wait too.
func (f *fsck) inTurn(ctx context.Context, behind map[string]lag) error {
	first, err := f.store.Pending(ctx, 1)
	if err != nil || len(first) == 0 {
		return err
	}
	maps.DeleteFunc(behind, func(id string, l lag) bool {
		_, event := f.place.Waiting[id]
		return event && id != first[0].Aggregate && first[0].At.Before(l.since)
	})
	return nil
}
