package dispatch

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/graph"
)

// Figures that input must keep to.
const (
	maxTitle   = 200 // letters, as the API says
	maxWindows = 20
	maxNeeds   = 20
	maxCarry   = 50
	longest    = 24 * 60 // minutes of one visit
	fourWeeks  = 4 * 7 * 24 * 60
	farthest   = 366 * 24 * time.Hour
)

// textFits refuses text that is too long, not UTF-8, or holds U+0000, which ends texts elsewhere.
func textFits(field, text string) error {
	if len(text) > graph.MaxTextBytes {
		return &muster.Error{
			Code: muster.CodeTooLarge, Message: fmt.Sprintf("%s has %d bytes", field, len(text)),
			Hint: fmt.Sprintf("at most %d", graph.MaxTextBytes), Field: field,
		}
	}
	if !utf8.ValidString(text) {
		return muster.Invalid(field, strconv.QuoteToASCII(text), "text must be valid UTF-8")
	}
	if strings.ContainsRune(text, 0) {
		return muster.Invalid(field, strconv.QuoteToASCII(text), "leave out U+0000: no text has it")
	}
	return nil
}

func reasonGiven(field, text string) error {
	if strings.TrimSpace(text) == "" {
		return muster.Invalid(field, text, "say why in a few words; it is kept")
	}
	return textFits(field, text)
}

// later refuses a moment that isn't ahead, or is absurdly far.
func (d *draft) later(field string, at time.Time) error {
	if !at.After(d.now) || at.Sub(d.now) > farthest {
		return muster.Invalid(field, at.Format(time.RFC3339), "must be after now, "+d.now.Format(time.RFC3339)+", and within a year")
	}
	return nil
}

func tooEarly(what string, until time.Time) error {
	return muster.E(muster.CodeState, what+" until "+until.Format(time.RFC3339), "try again then")
}

// needsKnown refuses skills that the tree doesn't have, levels outside 1 to 5, and a skill named twice.
func (s *setup) needsKnown(field string, needs []muster.Need) error {
	if len(needs) > maxNeeds {
		return muster.Invalid(field, strconv.Itoa(len(needs))+" skills", fmt.Sprintf("at most %d", maxNeeds))
	}
	for i, n := range needs {
		at := fmt.Sprintf("%s[%d]", field, i)
		if err := n.Level.Check(at + ".level"); err != nil {
			return err
		}
		if k, ok := s.skills.Get(n.Skill); !ok || k.Retired {
			return muster.Invalid(at+".skill", string(n.Skill), "use a skill of the tree that is not retired")
		}
		if slices.ContainsFunc(needs[:i], func(o muster.Need) bool { return o.Skill == n.Skill }) {
			return muster.Invalid(at+".skill", string(n.Skill), "name each skill once, at the highest level")
		}
	}
	return nil
}

// workKnown checks what submit and triage have in common.
func (s *setup) workKnown(t *muster.Ticket) error {
	switch t.Mode {
	case muster.ModeHomeVisit, muster.ModeCarryIn, muster.ModeRemote:
	default:
		return muster.Invalid("mode", string(t.Mode), "one of home_visit, carry_in, remote")
	}
	switch t.Priority {
	case muster.PriorityCritical, muster.PriorityHigh, muster.PriorityNormal, muster.PriorityLow:
	default:
		return muster.Invalid("priority", string(t.Priority), "one of critical, high, normal, low")
	}
	if t.Duration < 1 || t.Duration > longest {
		return muster.Invalid("duration_min", strconv.Itoa(int(t.Duration)), fmt.Sprintf("from 1 to %d minutes", longest))
	}
	if t.Crew < 1 || t.Crew > 2 {
		return muster.Invalid("crew", strconv.Itoa(t.Crew), "1 or 2 experts at once")
	}
	if len(t.Carry) > maxCarry {
		return muster.Invalid("carry", strconv.Itoa(len(t.Carry))+" parts", fmt.Sprintf("at most %d", maxCarry))
	}
	for i, c := range t.Carry {
		if err := textFits(fmt.Sprintf("carry[%d]", i), c); err != nil {
			return err
		}
	}
	return s.needsKnown("needs", t.Needs)
}

// windowsAhead refuses wished windows that are empty, over, or too many.
func windowsKnown(windows []muster.Window, now time.Time) error {
	if len(windows) > maxWindows {
		return muster.Invalid("windows", strconv.Itoa(len(windows))+" windows", fmt.Sprintf("at most %d", maxWindows))
	}
	for i, w := range windows {
		at := fmt.Sprintf("windows[%d]", i)
		if err := w.Check(at); err != nil {
			return err
		}
		if !w.End.After(now) {
			return muster.Invalid(at+".end", w.End.Format(time.RFC3339), "must be after now, "+now.Format(time.RFC3339))
		}
	}
	return nil
}
