package graph_test

import (
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/graph"
	"github.com/sysopssquad/muster/graph/graphtest"
)

// TestSchemaCoversEveryField sets one field of a kind after the other: each alone must survive being stored.
func TestSchemaCoversEveryField(t *testing.T) {
	for _, spec := range graph.Schema {
		full := reflect.ValueOf(graphtest.Filled(t, spec.Kind)).Elem()
		for i := range full.NumField() {
			r := spec.New()
			reflect.ValueOf(r).Elem().Field(i).Set(full.Field(i))
			back, err := spec.Decode(spec.Encode(r))
			require.NoError(t, err)
			require.Equal(t, r, back, "%s.%s is lost", spec.Kind, full.Type().Field(i).Name)
		}
	}
}

func TestSchemaStoresZeroAndFullRecords(t *testing.T) {
	for _, spec := range graph.Schema {
		for _, r := range []muster.Record{spec.New(), graphtest.Filled(t, spec.Kind)} {
			values := spec.Encode(r)
			require.Len(t, values, len(spec.Fields))
			for i, v := range values {
				requireType(t, spec, spec.Fields[i], v)
			}
			back, err := spec.Decode(values)
			require.NoError(t, err)
			require.Equal(t, r, back)
		}
	}
}

// requireType holds an encoded value to its field's type: what stores bind to typed columns.
func requireType(t *testing.T, spec graph.Spec, f graph.Field, v any) {
	if v == nil {
		return
	}
	want := map[graph.Type]any{graph.Text: "", graph.JSON: "", graph.Int: int64(0), graph.Time: int64(0), graph.Real: 0.0, graph.Bool: false}
	require.IsType(t, want[f.Type], v, "%s.%s", spec.Kind, f.Name)
}

func TestSchemaIsSound(t *testing.T) {
	labels := map[string]bool{}
	for _, spec := range graph.Schema {
		require.False(t, labels[spec.Label], "label %s is used twice", spec.Label)
		labels[spec.Label] = true
		r := spec.New()
		require.Equal(t, spec.Kind, r.Kind())
		_, root := r.(muster.Root)
		require.Equal(t, spec.Kind.IsRoot(), root, "%s", spec.Kind)
		_, timed := r.(muster.Timed)
		require.Equal(t, timed, spec.Timed, "%s", spec.Kind)
		found, ok := graph.SpecOf(spec.Kind)
		require.True(t, ok)
		require.Equal(t, spec.Label, found.Label)

		var names []string
		for _, f := range spec.Fields {
			require.NotContains(t, names, f.Name, "%s", spec.Kind)
			require.Equal(t, strings.ToLower(f.Name), f.Name)
			require.Equal(t, f.Derived, f.Set == nil, "%s.%s", spec.Kind, f.Name)
			names = append(names, f.Name)
		}
		require.Equal(t, "id", names[0], "%s", spec.Kind)
		require.Equal(t, root, slices.Contains(names, "rev"), "%s", spec.Kind)
		for _, x := range spec.Indexes {
			for _, f := range x.Fields {
				require.Contains(t, names, f, "an index of %s", spec.Kind)
			}
		}
		for _, e := range spec.Edges {
			require.Contains(t, names, e.Field, "edge %s of %s", e.Type, spec.Kind)
			require.True(t, e.Many || len(e.Props) == 0)
			require.False(t, e.Many && (e.Merge || e.Reverse))
		}
	}
	for _, spec := range graph.Schema {
		for _, e := range spec.Edges {
			require.True(t, e.Merge || labels[e.To], "edge %s of %s leads to nothing", e.Type, spec.Kind)
		}
	}
	_, ok := graph.SpecOf("nonsense")
	require.False(t, ok)
}

// TestFieldsComeAtTheEnd compares the table with that of version 1: checksums of stored records rest on the order.
func TestFieldsComeAtTheEnd(t *testing.T) {
	first, err := os.ReadFile("testdata/fields_1.txt")
	require.NoError(t, err)
	now := make(map[string][]string)
	for _, spec := range graph.Schema {
		for _, f := range spec.Fields {
			now[spec.Label] = append(now[spec.Label], f.Name)
		}
	}
	for line := range strings.Lines(string(first)) {
		label, names, _ := strings.Cut(strings.TrimSpace(line), ": ")
		if label == "Message" {
			continue // no message was ever stored before 4
		}
		want := strings.Fields(names)
		require.GreaterOrEqual(t, len(now[label]), len(want), label)
		require.Equal(t, want, now[label][:len(want)], label)
	}
}

func TestEdgesFollowFromFields(t *testing.T) {
	for _, spec := range graph.Schema {
		full := graphtest.Filled(t, spec.Kind)
		for _, e := range spec.Edges {
			require.Empty(t, e.Targets(spec.New()), "edge %s of an empty %s", e.Type, spec.Kind)
			targets := e.Targets(full)
			require.NotEmpty(t, targets, "edge %s of a full %s", e.Type, spec.Kind)
			for _, target := range targets {
				require.NotEmpty(t, target.ID)
				require.Len(t, target.Props, len(e.Props))
				for _, p := range e.Props {
					require.IsType(t, int64(0), target.Props[p], "%s of %s", p, e.Type)
				}
			}
		}
	}
}

func TestDecodeRefusesWrongTypes(t *testing.T) {
	for _, spec := range graph.Schema {
		for i, f := range spec.Fields {
			if f.Derived {
				continue
			}
			values := make([]any, len(spec.Fields))
			values[i] = struct{}{}
			_, err := spec.Decode(values)
			require.ErrorContains(t, err, string(spec.Kind)+"."+f.Name)
		}
	}
}
