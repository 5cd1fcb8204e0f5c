package graphtest_test

import (
	"testing"

	"github.com/sysopssquad/muster/graph"
	"github.com/sysopssquad/muster/graph/graphtest"
)

// The model passes the suite that the stores pass: else a comparison with it would prove nothing.
func TestModel(t *testing.T) {
	graphtest.Run(t, options)
}

func TestLongModelHistories(t *testing.T) { graphtest.Histories(t, options) }

var options = graphtest.Options{
	Open:   func(testing.TB) graph.Store { return graphtest.NewModel() },
	Reopen: func(_ testing.TB, s graph.Store) graph.Store { return s },
	Faulty: func(testing.TB) (graph.Store, graphtest.Faults) {
		m := graphtest.NewModel()
		return m, m.Faults()
	},
	Hide: func(_ testing.TB, s graph.Store, id string, rev int64) func() {
		return s.(*graphtest.Model).Hide(id, rev)
	},
	SetVersion: func(_ testing.TB, s graph.Store, v int) { s.(*graphtest.Model).SetVersion(v) },
	Older:      func(_ testing.TB, s graph.Store) { s.(*graphtest.Model).SetVersion(1) },
}
