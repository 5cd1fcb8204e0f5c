package importer

import (
	"bytes"
	"context"
	_ "embed"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/dispatch"
)

//go:embed openrepair.yaml
var openrepair []byte

// Mapping says what the records of a source are here. openrepair.yaml explains every field.
type Mapping struct {
	Source     string                   `yaml:"source"`
	Columns    Columns                  `yaml:"columns"`
	Blank      Blank                    `yaml:"blank"`
	FirstYear  int                      `yaml:"first_year"`
	Outcomes   map[string]lined[string] `yaml:"outcomes"`
	Skills     []SkillLine              `yaml:"skills"`
	Categories map[string]*Rule         `yaml:"categories"`

	name  string
	tree  map[muster.SkillID]bool // skills that needs may name
	plans map[string]categoryPlan
	ends  map[string]muster.VisitOutcome
	blank map[column]map[string]bool
}

// Columns names the source's columns. ID, Category and Date must be there; an empty name means that the
// source has none.
type Columns struct {
	ID       string `yaml:"id"`
	Category string `yaml:"category"`
	Date     string `yaml:"date"`
	Detail   string `yaml:"detail"`
	Brand    string `yaml:"brand"`
	Year     string `yaml:"year"`
	Text     string `yaml:"text"`
	Outcome  string `yaml:"outcome"`
}

type column int

const (
	colID column = iota
	colCategory
	colDate
	colDetail
	colBrand
	colYear
	colText
	colOutcome
	columns
)

func (c column) String() string {
	return [columns]string{"id", "category", "date", "detail", "brand", "year", "text", "outcome"}[c]
}

// record is a row's values by column.
type record [columns]string

func (m *Mapping) columnNames() [columns]string {
	c := m.Columns
	return [columns]string{c.ID, c.Category, c.Date, c.Detail, c.Brand, c.Year, c.Text, c.Outcome}
}

// named lists the columns that the mapping reads.
func (m *Mapping) named() []string {
	all := m.columnNames()
	return slices.DeleteFunc(all[:], func(name string) bool { return name == "" })
}

// Blank lists values that say no more than an empty one; case doesn't matter.
type Blank struct {
	Brand  []string `yaml:"brand"`
	Year   []string `yaml:"year"`
	Detail []string `yaml:"detail"`
}

// SkillLine is a skill that the mapping needs. It is added to the tree if it isn't there.
type SkillLine struct {
	Skill    lined[string] `yaml:"skill"`
	Name     string        `yaml:"name"`
	Narrows  lined[string] `yaml:"narrows"`
	Licensed bool          `yaml:"licensed"`
}

// Rule is what becomes of a category. A row whose detail contains one of the words of an exception is
// handled by that one, the first that fits; what the exception leaves out is the category's.
type Rule struct {
	Treatment `yaml:",inline"`
	Except    []Exception `yaml:"except"`
}

// Exception is a rule for some details of a category.
type Exception struct {
	Detail    []string `yaml:"detail"`
	Treatment `yaml:",inline"`
}

// Treatment is how a ticket is worked on.
type Treatment struct {
	Mode     lined[string] `yaml:"mode"` // carry_in, home_visit, remote or triage
	Title    string        `yaml:"title"`
	Needs    []NeedLine    `yaml:"needs"`
	Minutes  lined[int]    `yaml:"minutes"`
	Priority lined[string] `yaml:"priority"`
}

// NeedLine is a skill at a level.
type NeedLine struct {
	Skill lined[string] `yaml:"skill"`
	Level lined[int]    `yaml:"level"`
}

// lined is a value that knows its line, so that a complaint can name it.
type lined[T any] struct {
	Value T
	Line  int
}

// UnmarshalYAML keeps the line.
func (l *lined[T]) UnmarshalYAML(n *yaml.Node) error {
	l.Line = n.Line
	return n.Decode(&l.Value)
}

// LoadMapping reads and checks a mapping file, the built-in one if path is empty. Which skills there are
// beside its own is checked when it is used.
func LoadMapping(path string) (*Mapping, error) {
	name, text := path, openrepair
	if path == "" {
		name = "openrepair.yaml"
	} else {
		var err error
		if text, err = os.ReadFile(path); err != nil {
			return nil, muster.Invalid("map", path, "name a mapping file, such as importer/openrepair.yaml").Because(err)
		}
	}
	return parseMapping(name, text)
}

func parseMapping(name string, text []byte) (*Mapping, error) {
	m := &Mapping{name: name}
	d := yaml.NewDecoder(bytes.NewReader(text))
	d.KnownFields(true)
	if err := d.Decode(m); err != nil {
		if errors.Is(err, io.EOF) {
			err = errors.New("it is empty")
		}
		return nil, muster.Invalid("map", name, "correct the line that is named, or start from importer/openrepair.yaml").Because(err)
	}
	if m.Source == "" || strings.ContainsAny(m.Source, "/ \t") {
		return nil, muster.Invalid(name+" source", m.Source, "give a short name without spaces or slashes; ids are kept under it")
	}
	for _, c := range []column{colID, colCategory, colDate} {
		if m.columnNames()[c] == "" {
			return nil, muster.Invalid(fmt.Sprintf("%s columns.%s", name, c), "", "name the column of the file that has it")
		}
	}
	if len(m.Categories) == 0 {
		return nil, muster.Invalid(name+" categories", "", "there must be at least one")
	}
	m.blank = map[column]map[string]bool{
		colBrand: folded(m.Blank.Brand), colYear: folded(m.Blank.Year), colDetail: folded(m.Blank.Detail),
	}
	m.ends = make(map[string]muster.VisitOutcome, len(m.Outcomes))
	for status, o := range m.Outcomes {
		if !slices.Contains(muster.VisitOutcomes(), muster.VisitOutcome(o.Value)) {
			return nil, m.wrong(o.Line, "outcomes."+status, o.Value, "one of "+list(muster.VisitOutcomes()))
		}
		m.ends[status] = muster.VisitOutcome(o.Value)
	}
	return m, nil
}

// prepare checks the mapping against the skills that there are, adds those of its own that are missing,
// and works out what each category becomes.
func (m *Mapping) prepare(ctx context.Context, target Target, tree Tree) error {
	setup, err := tree.Setup(ctx)
	if err != nil {
		return err
	}
	m.tree = make(map[muster.SkillID]bool, len(setup.Skills)+len(m.Skills))
	for _, s := range setup.Skills {
		m.tree[s.ID] = !s.Retired
	}
	missing, err := m.missingSkills()
	if err != nil {
		return err
	}
	if err := m.plan(); err != nil {
		return err
	}
	if len(missing) == 0 {
		return nil
	}
	req := dispatch.SkillRequest{Skills: missing}
	cmd := muster.Command{
		ID: muster.CommandID("import/" + m.Source + "/skills/" + muster.Fingerprint("skills", req)), Actor: actor,
	}
	_, err = target.SaveSkills(ctx, cmd, req)
	return err
}

// actor of everything that an import does.
var actor = muster.System("importer")

// missingSkills gives the mapping's own skills that the tree lacks, broader ones first.
func (m *Mapping) missingSkills() ([]muster.Skill, error) {
	var missing []muster.Skill
	for _, s := range m.Skills {
		id, err := m.skillID(s.Skill, "skills.skill")
		if err != nil {
			return nil, err
		}
		k := muster.Skill{ID: id, Tree: muster.TheSkillTree, Name: s.Name, Licensed: s.Licensed}
		if k.Name == "" {
			return nil, m.wrong(s.Skill.Line, "skills.name", "", "give "+s.Skill.Value+" a name for people")
		}
		if s.Narrows.Value != "" {
			if k.Narrows, err = m.skillID(s.Narrows, "skills.narrows"); err != nil {
				return nil, err
			}
			if _, known := m.tree[k.Narrows]; !known {
				return nil, m.wrong(s.Narrows.Line, "skills.narrows", s.Narrows.Value, "list the broader skill before the narrower one")
			}
		}
		if _, known := m.tree[id]; !known {
			missing = append(missing, k)
			m.tree[id] = true
		}
	}
	return missing, nil
}

func (m *Mapping) skillID(s lined[string], field string) (muster.SkillID, error) {
	id := muster.SkillID(muster.SlugID(muster.KindSkill, s.Value))
	if err := muster.CheckID(muster.KindSkill, field, string(id)); err != nil {
		return "", m.wrong(s.Line, field, s.Value, "a skill is named by letters a-z, digits and dashes")
	}
	return id, nil
}

// wrong names the file, the line (0 where there is none), the value and what to do.
func (m *Mapping) wrong(line int, field, value, hint string) error {
	at := m.name
	if line > 0 {
		at = fmt.Sprintf("%s:%d", at, line)
	}
	return muster.Invalid(at+" "+field, value, hint)
}

func folded(values []string) map[string]bool {
	out := make(map[string]bool, len(values)+1)
	out[""] = true
	for _, v := range values {
		out[strings.ToLower(v)] = true
	}
	return out
}

func list[S ~string](values []S) string {
	out := make([]string, len(values))
	for i, v := range values {
		out[i] = string(v)
	}
	return strings.Join(out, ", ")
}
