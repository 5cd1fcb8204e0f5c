package dispatch

import (
	"context"
	"fmt"
	"net/mail"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/geo"
	"github.com/sysopssquad/muster/graph"
)

// SaveExpert adds an expert or changes one. An empty id, or one that there is not yet, is new. Of the base
// only the point is read; cell, zone and region follow.
func (d *Dispatch) SaveExpert(ctx context.Context, cmd muster.Command, e muster.Expert) (muster.Expert, error) {
	return decide(ctx, d, cmd, "expert.save", e, func(ctx context.Context, cmd muster.Command) (muster.Expert, graph.Change, error) {
		if e.ID == "" {
			e.ID = muster.ExpertID(muster.NewID(muster.KindExpert, cmd.ID, 0))
		}
		return d.onExpert(ctx, cmd, e.ID, func(draft *draft, old muster.Expert) (muster.Expert, string, error) {
			if err := permit(cmd.Actor, "save experts", asBoard, ""); err != nil {
				return e, "", err
			}
			if err := sameRevision(cmd, string(e.ID), old.Rev, e.Rev); err != nil {
				return e, "", err
			}
			if e.Removed && old.Rev > 0 && !old.Removed {
				if err := d.leaves(ctx, draft, &old); err != nil {
					return e, "", err
				}
			}
			err := settleExpert(draft.on, &e)
			return e, "expert.saved", err
		})
	})
}

// AddLeave adds time off to an expert. Visits in that time are redecided by the expert's timer.
func (d *Dispatch) AddLeave(ctx context.Context, cmd muster.Command, req LeaveRequest) (muster.Expert, error) {
	return decide(ctx, d, cmd, "expert.leave", req, func(ctx context.Context, cmd muster.Command) (muster.Expert, graph.Change, error) {
		return d.onExpert(ctx, cmd, req.Expert, func(_ *draft, e muster.Expert) (muster.Expert, string, error) {
			if err := permit(cmd.Actor, "enter leave", asBoard, ""); err != nil {
				return e, "", err
			}
			if err := present(e); err != nil {
				return e, "", err
			}
			if err := spanKnown("leave", req.Leave.Window, longestLeave); err != nil {
				return e, "", err
			}
			e.Leave = append(e.Leave[:len(e.Leave):len(e.Leave)], req.Leave)
			return e, "expert.leave_added", hoursOf(&muster.Expert{Leave: e.Leave})
		})
	})
}

// SaveShifts sets when an expert works; all else of the expert stays. Visits that don't fit them any more are redecided by
// the expert's timer.
func (d *Dispatch) SaveShifts(ctx context.Context, cmd muster.Command, req ShiftsRequest) (muster.Expert, error) {
	return decide(ctx, d, cmd, "expert.shifts", req, func(ctx context.Context, cmd muster.Command) (muster.Expert, graph.Change, error) {
		return d.onExpert(ctx, cmd, req.Expert, func(_ *draft, e muster.Expert) (muster.Expert, string, error) {
			if err := permit(cmd.Actor, "enter shifts", asBoard, ""); err != nil {
				return e, "", err
			}
			if err := present(e); err != nil {
				return e, "", err
			}
			e.Shifts, e.Extra, e.Breaks, e.OnCall = req.Shifts, req.Extra, req.Breaks, req.OnCall
			return e, "expert.shifts_saved", hoursOf(&e)
		})
	})
}

// onExpert loads an expert, lets work say what it is afterwards and which event tells of it, and gives the
// change. A new expert comes to work as the zero value.
func (d *Dispatch) onExpert(
	ctx context.Context, cmd muster.Command, id muster.ExpertID, work func(*draft, muster.Expert) (muster.Expert, string, error),
) (muster.Expert, graph.Change, error) {
	now := d.clock.Now()
	on, err := d.setup(ctx, now)
	if err != nil {
		return muster.Expert{}, graph.Change{}, err
	}
	old, err := load[muster.Expert](ctx, d, cmd.ID, string(id))
	if err != nil {
		return muster.Expert{}, graph.Change{}, err
	}
	draft := newDraft(cmd, now, on)
	if err := stale(cmd, string(id), old.Rev); err != nil {
		return muster.Expert{}, graph.Change{}, err
	}
	e, event, err := work(draft, old)
	if err != nil {
		return muster.Expert{}, graph.Change{}, err
	}
	e.Rev = old.Rev + 1
	e.Timers = changedTimers(&old, &e, event, now)
	if err := draft.region(e.Region); err != nil {
		return muster.Expert{}, graph.Change{}, err
	}
	return one(draft, event, old.Rev, e, &e)
}

// changedTimers gives an expert's timers after a change: whatever it was, what they have ahead is looked at anew.
func changedTimers(old, e *muster.Expert, event string, now time.Time) muster.Timers {
	switch {
	case old.Rev == 0 || e.Removed:
		return nil
	case event == "expert.redecided":
		return e.Timers
	case event == "expert.sick": // the command does it itself; this is for what it doesn't come to
		now = now.Add(redecideLater)
	}
	t := withTimer(old.Timers, muster.TimerRedecide, now)
	if at, leaves := e.Timers[muster.TimerLeave]; leaves && event == "expert.leaves" {
		return withTimer(t, muster.TimerLeave, at)
	}
	if _, leaves := t[muster.TimerLeave]; leaves && !slices.ContainsFunc(e.Leave, func(l muster.Leave) bool { return l.Kind == leavesForGood }) {
		t = withTimer(t, muster.TimerLeave, time.Time{}) // the leave without an end was taken out: they stay after all
	}
	return t
}

func present(e muster.Expert) error {
	if e.Rev == 0 || e.Removed {
		return muster.NotFound(muster.KindExpert, string(e.ID))
	}
	return nil
}

// settleExpert checks an expert and fills in what follows from the base.
func settleExpert(on *setup, e *muster.Expert) error {
	if err := muster.CheckID(muster.KindExpert, "id", string(e.ID)); err != nil {
		return err
	}
	if e.Name = strings.TrimSpace(e.Name); e.Name == "" {
		return muster.Invalid("name", "", "give a name")
	}
	if err := textFits("name", e.Name); err != nil {
		return err
	}
	if e.Email = strings.ToLower(strings.TrimSpace(e.Email)); e.Email != "" {
		if a, err := mail.ParseAddress(e.Email); err != nil || a.Address != e.Email {
			return muster.Invalid("email", e.Email, "an address such as ana@example.com, or leave it out")
		}
	}
	if err := textFits("phone", e.Phone); err != nil {
		return err
	}
	for i, c := range e.Skills {
		at := fmt.Sprintf("skills[%d]", i)
		if err := c.Level.Check(at + ".level"); err != nil {
			return err
		}
		if _, ok := on.skills.Get(c.Skill); !ok {
			return muster.Invalid(at+".skill", string(c.Skill), "use a skill of the tree")
		}
		if slices.ContainsFunc(e.Skills[:i], func(o muster.Competence) bool { return o.Skill == c.Skill }) {
			return muster.Invalid(at+".skill", string(c.Skill), "name each skill once")
		}
		if c.Visits < 0 {
			return muster.Invalid(at+".visits", strconv.Itoa(c.Visits), "how many visits ended with this skill, 0 or more")
		}
		if c.Fixed < 0 || c.Fixed > c.Visits {
			return muster.Invalid(at+".fixed", strconv.Itoa(c.Fixed), "of its visits those that fixed it at once, from 0 to "+strconv.Itoa(c.Visits))
		}
	}
	if e.PaidWeeks < 0 || e.PaidWeeks > fourWeeks {
		return muster.Invalid("paid_weeks", strconv.Itoa(int(e.PaidWeeks)), fmt.Sprintf("paid minutes of four weeks, from 0 to %d", fourWeeks))
	}
	if err := e.Capacity.Check("capacity"); err != nil {
		return err
	}
	var err error
	if e.Base, err = settlePlace("base", e.Base); err != nil {
		return err
	}
	if e.Region, err = geo.RegionOf(e.Base.Point); err != nil {
		return inPlace("base", err)
	}
	for i, c := range e.Territory {
		if err := geo.Valid(fmt.Sprintf("territory[%d]", i), c); err != nil {
			return err
		}
	}
	return hoursOf(e)
}

// Bounds of an expert's hours: whoever exceeds them has mistyped something.
const (
	maxHours     = 100   // weekly spans
	maxSpans     = 1_000 // single ones of a kind
	longestDuty  = 366 * 24 * time.Hour
	longestLeave = 10 * 366 * 24 * time.Hour
)

// spanKnown refuses a span that is empty or longer than d.
func spanKnown(field string, w muster.Window, d time.Duration) error {
	if err := w.Check(field); err != nil {
		return err
	}
	if w.End.Sub(w.Start) > d {
		return muster.Invalid(field, w.Start.Format(time.RFC3339)+" to "+w.End.Format(time.RFC3339),
			fmt.Sprintf("at most %d days at a time", d/(24*time.Hour)))
	}
	return nil
}

func hoursOf(e *muster.Expert) error {
	for _, l := range []struct {
		field     string
		have, max int
	}{
		{"shifts", len(e.Shifts), maxHours},
		{"breaks", len(e.Breaks), maxHours},
		{"extra", len(e.Extra), maxSpans},
		{"on_call", len(e.OnCall), maxSpans},
		{"leave", len(e.Leave), maxSpans},
	} {
		if l.have > l.max {
			return muster.Invalid(l.field, strconv.Itoa(l.have)+" entries", fmt.Sprintf("at most %d; leave out what is over", l.max))
		}
	}
	for i, h := range e.Shifts {
		if err := hoursKnown(fmt.Sprintf("shifts[%d]", i), h); err != nil {
			return err
		}
	}
	for i, h := range e.Breaks {
		if err := hoursKnown(fmt.Sprintf("breaks[%d]", i), h); err != nil {
			return err
		}
	}
	for i, w := range e.Extra {
		if err := spanKnown(fmt.Sprintf("extra[%d]", i), w, longestDuty); err != nil {
			return err
		}
	}
	for i, w := range e.OnCall {
		if err := spanKnown(fmt.Sprintf("on_call[%d]", i), w, longestDuty); err != nil {
			return err
		}
	}
	for i, l := range e.Leave {
		if err := spanKnown(fmt.Sprintf("leave[%d]", i), l.Window, longestLeave); err != nil {
			return err
		}
	}
	return nil
}

func hoursKnown(field string, h muster.Hours) error {
	if h.Weekday < 0 || h.Weekday > 6 {
		return muster.Invalid(field+".weekday", strconv.Itoa(int(h.Weekday)), "from 0, Sunday, to 6")
	}
	if h.From < 0 || h.From >= h.To || h.To > 2*24*60 {
		return muster.Invalid(field, fmt.Sprintf("%d to %d", h.From, h.To), "minutes from midnight, 0 <= from < to <= 2880")
	}
	return nil
}
