package dispatch

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sysopssquad/muster/graph"
)

// What was read twice and changed in between is decided again, and is no defect.
func TestWhatIsReadAtTwoRevisionsIsTorn(t *testing.T) {
	whole := graph.Change{Expect: []graph.Guard{graph.At("tic_a", 3), graph.Alive("tic_a"), graph.At("tic_b", 4), graph.At("tic_a", 3)}}
	require.Empty(t, torn(whole))
	whole.Expect = append(whole.Expect, graph.At("tic_a", 4))
	require.Equal(t, "tic_a", torn(whole))
}
