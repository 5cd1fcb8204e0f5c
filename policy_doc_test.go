package muster_test

import (
	"cmp"
	"flag"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"os"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sysopssquad/muster"
)

var update = flag.Bool("update", false, "write docs/policy.md anew")

// TestPolicyDocument keeps docs/policy.md what the structs of the policy, their comments, bounds and defaults say.
func TestPolicyDocument(t *testing.T) {
	const path = "docs/policy.md"
	d := policyDocument{comments: commentsOfFields(t), bounds: map[string]muster.Bound{}}
	for _, b := range muster.PolicyBounds() {
		d.bounds[entry.ReplaceAllString(b.Field, "")] = b
	}
	d.rows(t, "", reflect.ValueOf(muster.DefaultPolicy()))
	want := policyIntroduction + strings.Join(d.lines, "\n") + "\n"
	if *update {
		require.NoError(t, os.WriteFile(path, []byte(want), 0o644))
	}
	have, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Equal(t, want, string(have), "the policy and the document differ: go generate .")
}

const policyIntroduction = `# The policy

<!-- Made from the structs of the policy and their bounds by go generate .; don't edit. -->

The figures that decisions rest on: one document for the company, ` + "`GET` and `PUT /v1/policy`" + `, to be changed by administrators.
Each assignment records the revision that it was decided under; plans that exist stay. A figure outside its bounds is refused, and
so are figures that contradict each other ([which](escalation.md#policies-that-are-refused)).

*By priority* is a table with ` + "`critical`, `high`, `normal` and `low`" + `. A figure in several steps or places has the default of each.
Times of day are in minutes since midnight. The limits of ` + "`capacity`" + ` hold where an expert has none of their own; weights give
minutes lost ([costs](matching.md#costs)); [calendars](sla.md#in-the-policy), [messages](notifications.md#whom-when-how) and
[steps of escalation](escalation.md#what-a-step-does) are explained there.

| figure | unit | default | bounds | what it is |
|-|-|-|-|-|
`

// entry is what names one of several in a path: [1], .critical, .*
var entry = regexp.MustCompile(`\[\d+\]|\.(critical|high|normal|low|set|rooftop|street|zip|\*)`)

type policyDocument struct {
	comments map[string]string // by type and field
	bounds   map[string]muster.Bound
	lines    []string
}

// rows adds a line for each figure of a struct of the policy.
func (d *policyDocument) rows(t *testing.T, path string, v reflect.Value) {
	for i := range v.NumField() {
		f, name := v.Type().Field(i), jsonName(v.Type().Field(i))
		if path == "" && slices.Contains([]string{"id", "rev", "division"}, name) || name == "relocates" || name == "carry_in_only" {
			continue // of an expert alone
		}
		at, says := strings.TrimPrefix(path+"."+name, "."), d.comments[v.Type().Name()+"."+f.Name]
		switch kind := f.Type.Kind(); {
		case name == "": // its fields are among those of the struct
			d.rows(t, path, v.Field(i))
		case kind == reflect.Struct:
			d.rows(t, at, v.Field(i))
		case kind == reflect.Slice && f.Type.Elem().Kind() == reflect.Struct:
			d.steps(t, at, v.Field(i))
		default:
			require.NotEmpty(t, says, "%s has no comment that says what it is", at)
			d.line(at, f.Type, shown(v.Field(i)), says)
		}
	}
}

// steps adds a line for each field of a list of structs, with the default of each.
func (d *policyDocument) steps(t *testing.T, path string, list reflect.Value) {
	var fields func(of reflect.Type, get func(reflect.Value) reflect.Value)
	fields = func(of reflect.Type, get func(reflect.Value) reflect.Value) {
		for i := range of.NumField() {
			f, name := of.Field(i), jsonName(of.Field(i))
			if name == "" {
				fields(f.Type, func(v reflect.Value) reflect.Value { return get(v).Field(i) })
				continue
			}
			var defaults []string
			for n := range list.Len() {
				defaults = append(defaults, shown(get(list.Index(n)).Field(i)))
			}
			says := d.comments[of.Name()+"."+f.Name]
			require.NotEmpty(t, says, "%s has no comment that says what it is", name)
			d.line(path+"."+name, f.Type, strings.Join(defaults, ", "), says)
		}
	}
	fields(list.Type().Elem(), func(v reflect.Value) reflect.Value { return v })
}

func (d *policyDocument) line(at string, of reflect.Type, value, says string) {
	unit, bounds := "", ""
	for of.Kind() == reflect.Map || of.Kind() == reflect.Slice || of.Kind() == reflect.Array {
		if of.Kind() == reflect.Map && of.Key() == reflect.TypeFor[muster.Priority]() {
			says = "by priority: " + says
		}
		of = of.Elem()
	}
	switch {
	case of == reflect.TypeFor[muster.Minutes]():
		unit = "min"
	case of.Kind() == reflect.Bool:
		unit = "yes or no"
	}
	if b, ok := d.bounds[at]; ok {
		plain := func(f float64) string { return strconv.FormatFloat(f, 'f', -1, 64) }
		bounds = plain(b.Least) + " to " + plain(b.Most)
	}
	shownAt := at
	if strings.HasPrefix(at, "escalation.") {
		shownAt = strings.Replace(at, ".", "[].", 1)
	}
	d.lines = append(d.lines, fmt.Sprintf("| `%s` | %s | %s | %s | %s |", shownAt, cmp.Or(unit, "-"), cmp.Or(value, "none"), cmp.Or(bounds, "-"), says))
}

// shown is a default value for people.
func shown(v reflect.Value) string {
	var all []string
	switch v.Kind() {
	case reflect.Map:
		if v.Type().Elem().Kind() == reflect.Slice {
			for _, k := range slices.SortedFunc(maps.Keys(v.Interface().(map[muster.SLAName][]muster.PauseState)), func(a, b muster.SLAName) int { return cmp.Compare(a, b) }) {
				all = append(all, fmt.Sprintf("%s: %s", k, shown(v.MapIndex(reflect.ValueOf(k)))))
			}
			return strings.Join(all, "; ")
		}
		for _, k := range []string{"critical", "high", "normal", "low", "set", "rooftop", "street", "zip"} {
			if x := v.MapIndex(reflect.ValueOf(k).Convert(v.Type().Key())); x.IsValid() {
				all = append(all, fmt.Sprintf("%s %v", k, x))
			}
		}
		return strings.Join(all, ", ")
	case reflect.Slice, reflect.Array:
		for i := range v.Len() {
			all = append(all, fmt.Sprint(v.Index(i)))
		}
		return strings.Join(all, ", ")
	case reflect.Bool:
		if v.Bool() {
			return "yes"
		}
		return "no"
	}
	return fmt.Sprint(v)
}

// commentsOfFields reads what the structs of this package say of their fields, by type and field.
func commentsOfFields(t *testing.T) map[string]string {
	out := make(map[string]string)
	for _, file := range []string{"policy.go", "policy_messages.go", "agreement.go", "escalation.go", "expert.go"} {
		parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.ParseComments)
		require.NoError(t, err)
		ast.Inspect(parsed, func(n ast.Node) bool {
			of, ok := n.(*ast.TypeSpec)
			if !ok {
				return true
			}
			if s, ok := of.Type.(*ast.StructType); ok {
				for _, f := range s.Fields.List {
					for _, name := range f.Names {
						out[of.Name.Name+"."+name.Name] = strings.TrimSpace(f.Comment.Text())
					}
				}
			}
			return true
		})
	}
	return out
}
