package importer

import (
	"context"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/dispatch"
	"github.com/sysopssquad/muster/graph"
)

// company is a store's skill tree, and takes in what is added to it.
type company struct {
	skills []muster.Skill
	added  []muster.Skill
}

func (c *company) Setup(context.Context) (graph.Setup, error) {
	return graph.Setup{Skills: append(c.skills, c.added...)}, nil
}

func (c *company) SaveSkills(_ context.Context, _ muster.Command, req dispatch.SkillRequest) ([]muster.Skill, error) {
	c.added = append(c.added, req.Skills...)
	return req.Skills, nil
}

func (c *company) Import(context.Context, []dispatch.Intake) ([]dispatch.RowResult, error) {
	panic("not asked for")
}

func TestTheBuiltInMappingIsSound(t *testing.T) {
	m, err := LoadMapping("")
	require.NoError(t, err)
	c := &company{}
	require.NoError(t, m.prepare(t.Context(), c, c))
	require.Len(t, c.added, len(m.Skills), "an empty company gets all skills of the mapping")
	require.Len(t, m.plans, 40)
	for _, kind := range []string{"Lamp", "Toaster", "Decorative or safety lights"} {
		p := m.plans[kind]
		require.Equal(t, muster.ModeCarryIn, p.mode, kind)
		require.Empty(t, p.except, "%s never needs a visit", kind)
	}
	require.Empty(t, m.plans["Misc"].needs)
	require.Empty(t, m.plans["Misc"].mode, "a person decides")
	for _, kind := range []string{"Laptop", "Desktop computer", "Printer/scanner", "Aircon/dehumidifier"} {
		require.Equal(t, muster.ModeHomeVisit, m.plans[kind].mode, kind)
	}
	large := m.plans["Large home electrical"]
	require.Equal(t, muster.ModeHomeVisit, large.mode)
	fridge := large.treatmentFor("Haushalt ~ Kühlschrank")
	require.Equal(t, "Refrigerator", fridge.title)
	require.Equal(t, muster.PriorityHigh, fridge.priority)
	require.EqualValues(t, 75, fridge.duration, "what an exception leaves out is the category's")
	require.Equal(t, muster.ModeCarryIn, m.plans["Flat screen"].treatmentFor(`Flat screen 15-17"`).mode)
	require.Equal(t, muster.ModeHomeVisit, m.plans["Flat screen"].treatmentFor(`Flat screen 32-37"`).mode)

	again := &company{skills: c.added}
	m, err = LoadMapping("")
	require.NoError(t, err)
	require.NoError(t, m.prepare(t.Context(), again, again))
	require.Empty(t, again.added, "skills that there are stay as they are")
}

func TestMappingMistakesAreNamed(t *testing.T) {
	const sound = `source: test
columns: {id: id, category: kind, date: day, outcome: end}
outcomes: {Done: fixed}
skills:
  - {skill: tools, name: Tools}
  - {skill: saw, name: Saws, narrows: tools}
categories:
  Saw:
    mode: home_visit
    needs: [{skill: saw, level: 2}]
    minutes: 45
    priority: low
    except:
      - detail: [hand]
        mode: carry_in
  Other: {mode: triage}
`
	check := func(text string) error {
		m, err := parseMapping("my.yaml", []byte(text))
		if err != nil {
			return err
		}
		c := &company{}
		return m.prepare(t.Context(), c, c)
	}
	require.NoError(t, check(sound))
	for _, c := range []struct{ old, text, complaint string }{
		{"mode: home_visit", "mode: by_post", `my.yaml:9 categories.Saw.mode: "by_post"`},
		{"level: 2", "level: 6", `my.yaml:10 categories.Saw.needs[0].level: "6"`},
		{"level: 2", "level: 0", `my.yaml:10 categories.Saw.needs[0].level: "0"`},
		{"skill: saw, level", "skill: axe, level", `my.yaml:10 categories.Saw.needs[0].skill: "axe"`},
		{"skill: saw, level", "skill: '  ', level", `my.yaml:10 categories.Saw.needs[0].skill: "  "`},
		{"minutes: 45", "minutes: 4500", `my.yaml:11 categories.Saw.minutes: "4500"`},
		{"minutes: 45", "minutes: soon", "line 11"},
		{"priority: low", "priority: whenever", `my.yaml:12 categories.Saw.priority: "whenever"`},
		{"detail: [hand]", "detail: ['']", `categories.Saw.except[0].detail: ""`},
		{"        mode: carry_in", "        mode: carried", `my.yaml:15 categories.Saw.except[0].mode: "carried"`},
		{"Other: {mode: triage}", "Other: {mode: triage, needs: [{skill: saw, level: 1}]}", `my.yaml:16 categories.Other.needs: "saw"`},
		{"Other: {mode: triage}", "Other: {mode: carry_in}", `my.yaml:16 categories.Other.needs`},
		{"Other: {mode: triage}", "Other:", `my.yaml categories.Other: ""`},
		{"Done: fixed", "Done: mended", `my.yaml:3 outcomes.Done: "mended"`},
		{"narrows: tools", "narrows: nothing", `my.yaml:6 skills.narrows: "nothing"`},
		{"name: Saws, ", "", `my.yaml:6 skills.name`},
		{"source: test", "source: a/b", `my.yaml source: "a/b"`},
		{"id: id, ", "", "my.yaml columns.id"},
		{"minutes: 45", "hours: 45", "field hours not found"},
		{"categories:", "categories: {}\nkinds:", "field kinds not found"},
	} {
		require.Contains(t, sound, c.old)
		err := check(strings.Replace(sound, c.old, c.text, 1))
		require.ErrorContains(t, err, c.complaint, "%s", c.text)
		require.Equal(t, muster.CodeInvalid, muster.CodeOf(err))
	}
	require.ErrorContains(t, check(""), "empty")
	_, err := LoadMapping("testdata/none.yaml")
	require.ErrorContains(t, err, "none.yaml")
}
