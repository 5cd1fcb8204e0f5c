package neo4j

import (
	"fmt"

	"strings"
	"testing"

	"github.com/neo4j/neo4j-go-driver/v5/neo4j"
	"github.com/stretchr/testify/require"
)

// tiny are the labels of which there are so few nodes that a scan of them is fine.
var tiny = []string{"Skill", "Region", "User"}

// towardsHubs are the types that end in nodes with very many edges: they are followed towards these, never back.
var towardsHubs = []string{"HAS", "NEEDS", "IN", "BASED_IN", "IS", "NARROWS"}

func explain(t *testing.T, s *Store, name string) neo4j.Plan {
	t.Helper()
	session := s.driver.NewSession(t.Context(), neo4j.SessionConfig{DatabaseName: s.database})
	defer session.Close(t.Context())
	result, err := session.Run(t.Context(), "EXPLAIN "+statement(name), nil)
	require.NoError(t, err, name)
	summary, err := result.Consume(t.Context())
	require.NoError(t, err, name)
	return summary.Plan()
}

// step is one line of a plan.
type step struct {
	depth       int
	op, details string
}

// steps takes the drawing of a plan apart: the driver's tree of it shows the last child of an operator for all.
func steps(t *testing.T, p neo4j.Plan) (out []step) {
	t.Helper()
	text, _ := p.Arguments()["string-representation"].(string)
	require.NotEmpty(t, text)
	details := -1
	for line := range strings.Lines(text) {
		cells := strings.Split(strings.Trim(strings.TrimSpace(line), "|"), " | ")
		if strings.HasPrefix(strings.TrimSpace(line), "| Operator") {
			for i, c := range cells {
				if strings.TrimSpace(c) == "Details" {
					details = i
				}
			}
			continue
		}
		if details < 0 || !strings.HasPrefix(line, "|") {
			continue
		}
		fmt.Println(line)
	}
	return out
}
