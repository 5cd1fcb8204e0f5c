package dispatch

import (
	"slices"

	"github.com/sysopssquad/muster"
)

// change is something about a ticket that may have changed since somebody declined it.
type change string

// The changes.
const (
	changedWork     change = "the work"     // needs, duration, mode, crew, what to bring
	changedWindows  change = "the windows"  // the customer's wishes
	changedSite     change = "the site"     //
	changedPriority change = "the priority" //
	changedReopened change = "its state, reopened"
)

// A lapse says which changes end a decline for a reason.
type lapse struct {
	reason string
	after  []change
}

// lapses says after which changes of the ticket somebody who declined for a reason may be asked again. A decline also
// ends where it never reached: not then keeps no other time closed. Reopened it is other work, for another visit, but as far
// as before. Not this customer holds for good.
var lapses = []lapse{
	{"not_then", []change{changedWork, changedWindows, changedPriority, changedReopened}},
	{"too_far", []change{changedSite, changedPriority}},
	{"not_this_customer", nil},
	{"other", []change{changedWork, changedWindows, changedSite, changedPriority, changedReopened}},
	{"", []change{changedWork, changedWindows, changedSite, changedPriority, changedReopened}},
}

// askAgain drops the declines that were about the ticket as it was.
func (k *desk) askAgain() {
	t, was := &k.ticket, &k.loaded.Ticket
	if k.base == 0 || len(was.Declines) == 0 {
		return
	}
	changed := changes(was, t)
	if len(changed) == 0 {
		return
	}
	t.Declines = slices.DeleteFunc(slices.Clone(t.Declines), func(d muster.Decline) bool {
		i := slices.IndexFunc(lapses, func(l lapse) bool { return l.reason == d.Reason })
		return i >= 0 && slices.ContainsFunc(lapses[i].after, func(c change) bool { return slices.Contains(changed, c) })
	})
}

// withDecline adds a decline to those that hold, and keeps no more of them than rules can tell apart: of an expert's for one
// reason the last; of the times that they declined those ahead, as one where they overlap. The history has each.
func withDecline(all []muster.Decline, no muster.Decline) []muster.Decline {
	others := slices.DeleteFunc(slices.Clone(all), func(d muster.Decline) bool {
		switch {
		case d.Reason == "not_then" && !d.Window.End.After(no.At):
			return true
		case d.Expert != no.Expert || d.Reason != no.Reason:
			return false
		case d.Reason == "not_then" && !d.Window.Overlaps(no.Window):
			return false
		case d.Reason == "not_then":
			if d.Window.Start.Before(no.Window.Start) {
				no.Window.Start = d.Window.Start
			}
			no.Window.End = later(no.Window.End, d.Window.End)
		}
		return true
	})
	return append(others, no)
}

// changes lists what differs between two revisions of a ticket. Wishes that are over are no new ones.
func changes(was, is *muster.Ticket) []change {
	var out []change
	if !slices.Equal(was.Needs, is.Needs) || was.Duration != is.Duration || was.Mode != is.Mode || was.Crew != is.Crew ||
		!slices.Equal(was.Carry, is.Carry) {
		out = append(out, changedWork)
	}
	if slices.ContainsFunc(is.Windows, func(w muster.Window) bool {
		return !slices.Contains(was.Windows, w) && (is.Kept == nil || w != *is.Kept) // what we promised is no wish of theirs
	}) {
		out = append(out, changedWindows)
	}
	if was.Site != is.Site {
		out = append(out, changedSite)
	}
	if was.Priority != is.Priority {
		out = append(out, changedPriority)
	}
	if !was.ReopenedAt.Equal(is.ReopenedAt) {
		out = append(out, changedReopened)
	}
	return out
}
