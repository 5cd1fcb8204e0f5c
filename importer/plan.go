package importer

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/sysopssquad/muster"
)

// triage is the mode of tickets about which a person must decide first: they have no needs.
const triage = "triage"

// categoryPlan is a rule made ready: what applies, and what applies instead for some details.
type categoryPlan struct {
	treatment
	except []exceptionPlan
}

type exceptionPlan struct {
	words []string // lower case
	treatment
}

// treatment is what the tickets of a category have in common. Mode is empty for triage.
type treatment struct {
	title    string
	mode     muster.Mode
	needs    []muster.Need
	duration muster.Minutes
	priority muster.Priority
}

// plan checks every rule, with its line, and makes it ready.
func (m *Mapping) plan() error {
	m.plans = make(map[string]categoryPlan, len(m.Categories))
	for _, name := range slices.Sorted(maps.Keys(m.Categories)) {
		rule, field := m.Categories[name], "categories."+name
		if rule == nil {
			return m.wrong(0, field, "", "give it a mode, and needs unless the mode is triage")
		}
		t, err := m.treat(field, rule.Treatment, Treatment{})
		if err != nil {
			return err
		}
		if t.title == "" {
			t.title = name
		}
		p := categoryPlan{treatment: t}
		for i, e := range rule.Except {
			field := fmt.Sprintf("%s.except[%d]", field, i)
			if len(e.Detail) == 0 {
				return m.wrong(e.Mode.Line, field+".detail", "", "list the words that the exception is for")
			}
			x, err := m.treat(field, e.Treatment, rule.Treatment)
			if err != nil {
				return err
			}
			if x.title == "" {
				x.title = t.title
			}
			words := make([]string, len(e.Detail))
			for j, w := range e.Detail {
				if words[j] = strings.ToLower(strings.TrimSpace(w)); words[j] == "" {
					return m.wrong(e.Mode.Line, field+".detail", w, "a word must not be empty: it would fit every row")
				}
			}
			p.except = append(p.except, exceptionPlan{words: words, treatment: x})
		}
		m.plans[name] = p
	}
	return nil
}

// treat checks a treatment; what it leaves out is taken from the other one.
func (m *Mapping) treat(field string, t, other Treatment) (treatment, error) {
	if t.Mode.Value == "" {
		t.Mode = other.Mode
	}
	if t.Needs == nil && t.Mode.Value != triage {
		t.Needs = other.Needs
	}
	if t.Minutes.Line == 0 {
		t.Minutes = other.Minutes
	}
	if t.Priority.Value == "" {
		t.Priority = other.Priority
	}
	out := treatment{title: t.Title, mode: muster.Mode(t.Mode.Value), duration: muster.Minutes(t.Minutes.Value)}
	switch out.mode {
	case muster.ModeHomeVisit, muster.ModeCarryIn, muster.ModeRemote:
	case triage:
		if len(t.Needs) > 0 {
			return out, m.wrong(t.Needs[0].Skill.Line, field+".needs", t.Needs[0].Skill.Value,
				"in triage a person says what is needed; leave needs out, or choose another mode")
		}
		out.mode = ""
	default:
		return out, m.wrong(t.Mode.Line, field+".mode", t.Mode.Value, "one of home_visit, carry_in, remote, triage")
	}
	if out.mode != "" && len(t.Needs) == 0 {
		return out, m.wrong(t.Mode.Line, field+".needs", "", "name at least one skill with its level")
	}
	if t.Minutes.Line > 0 && (out.duration < 5 || out.duration > 8*60) {
		return out, m.wrong(t.Minutes.Line, field+".minutes", fmt.Sprint(t.Minutes.Value), "from 5 to 480")
	}
	switch p := muster.Priority(t.Priority.Value); p {
	case "":
		out.priority = muster.PriorityNormal
	case muster.PriorityCritical, muster.PriorityHigh, muster.PriorityNormal, muster.PriorityLow:
		out.priority = p
	default:
		return out, m.wrong(t.Priority.Line, field+".priority", t.Priority.Value, "one of critical, high, normal, low")
	}
	for i, n := range t.Needs {
		field := fmt.Sprintf("%s.needs[%d]", field, i)
		id, err := m.skillID(n.Skill, field+".skill")
		if err != nil {
			return out, err
		}
		if usable, known := m.tree[id]; !known || !usable {
			return out, m.wrong(n.Skill.Line, field+".skill", n.Skill.Value,
				"there is no such skill; list it under skills, or add it to the company's tree")
		}
		if err := muster.Level(n.Level.Value).Check(field); err != nil {
			return out, m.wrong(max(n.Level.Line, n.Skill.Line), field+".level", fmt.Sprint(n.Level.Value),
				"a level is a whole number from 1 to 5")
		}
		out.needs = append(out.needs, muster.Need{Skill: id, Level: muster.Level(n.Level.Value)})
	}
	return out, nil
}

// treatmentFor finds what applies to a row of a category with a detail.
func (p categoryPlan) treatmentFor(detail string) treatment {
	if len(p.except) == 0 || detail == "" {
		return p.treatment
	}
	low := strings.ToLower(detail)
	for _, e := range p.except {
		for _, w := range e.words {
			if strings.Contains(low, w) {
				return e.treatment
			}
		}
	}
	return p.treatment
}
