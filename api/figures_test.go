package api

import (
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sysopssquad/muster"
)

var index = regexp.MustCompile(`\[[0-9]+\]`)

// TestTheDocumentBoundsEveryFigureOfAPolicy: somebody who has nothing but the document sees what is refused.
func TestTheDocumentBoundsEveryFigureOfAPolicy(t *testing.T) {
	all, follow := bodies(t, newRig(t))
	have := make(map[string]*object)
	figures(all["PUT /v1/policy"], follow, "", have)
	require.Greater(t, len(have), 25)
	delete(have, "rev") // is counted by Muster, whatever is sent
	bounds := make(map[string]muster.Bound)
	for _, b := range muster.PolicyBounds() {
		path := index.ReplaceAllString(b.Field, "[]")
		for _, table := range []string{"due.", "reopen_due.", "sla.acceptance.", "sla.resolution."} {
			if strings.HasPrefix(path, table) {
				path = table + "*"
			}
		}
		if same, ok := bounds[path]; ok {
			require.Equal(t, [2]float64{same.Least, same.Most}, [2]float64{b.Least, b.Most}, "%s and %s are one in the document", same.Field, b.Field)
		}
		bounds[path] = b
	}
	for path, o := range have {
		b, ok := bounds[path]
		require.True(t, ok, "%s has no bounds", path)
		require.NotNil(t, o.Minimum, path)
		require.NotNil(t, o.Maximum, path)
		require.Equal(t, [2]float64{b.Least, b.Most}, [2]float64{*o.Minimum, *o.Maximum}, path)
	}
	require.Len(t, have, len(bounds))
}

// TestAnExpertsLimitsAreBoundedInTheDocument: nothing stands for the policy's figure there.
func TestAnExpertsLimitsAreBoundedInTheDocument(t *testing.T) {
	all, follow := bodies(t, newRig(t))
	have := make(map[string]*object)
	figures(follow(all["POST /v1/experts"]).Properties["capacity"], follow, "capacity", have)
	require.Len(t, have, 6)
	for path, o := range have {
		require.NotNil(t, o.Minimum, path)
		require.NotNil(t, o.Maximum, path)
		require.Zero(t, *o.Minimum, path)
		require.Positive(t, *o.Maximum, path)
	}
}

// figures finds the numbers of a schema by path: [] for each of a list, * for each entry of a table.
func figures(o *object, follow func(*object) *object, path string, found map[string]*object) {
	o = follow(o)
	switch {
	case len(o.Properties) > 0:
		for name, inner := range o.Properties {
			figures(inner, follow, strings.TrimPrefix(path+"."+name, "."), found)
		}
	case o.table() != nil:
		figures(o.table(), follow, path+".*", found)
	case o.is("array"):
		figures(o.Items, follow, path+"[]", found)
	case o.is("integer"), o.is("number"):
		found[path] = o
	}
}
