package graph_test

import (
	"reflect"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sysopssquad/muster/graph"
	"github.com/sysopssquad/muster/graph/graphtest"
)

// Nobody who alters a copy may alter the original, however deep.
func TestClonesShareNothing(t *testing.T) {
	for _, s := range graph.Schema {
		r := graphtest.Filled(t, s.Kind)
		c := graph.Clone(r)
		require.Equal(t, r, c)
		apart(t, string(s.Kind), reflect.ValueOf(r), reflect.ValueOf(c))
	}
}

func apart(t *testing.T, path string, a, b reflect.Value) {
	switch a.Kind() {
	case reflect.Pointer:
		if a.IsNil() || a.Type().String() == "*time.Location" {
			return
		}
		require.NotEqual(t, a.Pointer(), b.Pointer(), path)
		apart(t, path, a.Elem(), b.Elem())
	case reflect.Interface:
		apart(t, path, a.Elem(), b.Elem())
	case reflect.Struct:
		for i := range a.NumField() {
			apart(t, path+"."+a.Type().Field(i).Name, a.Field(i), b.Field(i))
		}
	case reflect.Slice:
		if a.Len() == 0 {
			return
		}
		require.NotEqual(t, a.Pointer(), b.Pointer(), path)
		for i := range a.Len() {
			apart(t, path, a.Index(i), b.Index(i))
		}
	case reflect.Map:
		require.NotEqual(t, a.Pointer(), b.Pointer(), path)
		for _, k := range a.MapKeys() {
			apart(t, path, a.MapIndex(k), b.MapIndex(k))
		}
	}
}

func BenchmarkClone(b *testing.B) {
	r := graphtest.Filled(b, graph.Schema[3].Kind)
	for b.Loop() {
		graph.Clone(r)
	}
}
