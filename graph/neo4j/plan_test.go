package neo4j

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/neo4j/neo4j-go-driver/v5/neo4j"
	"github.com/stretchr/testify/require"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/graph"
	"github.com/sysopssquad/muster/graph/graphtest"
	"github.com/sysopssquad/muster/servertest"
)

// step is one operator of a plan, by the order in which the plan is drawn: the last is carried out first.
type step struct{ op, details string }

// plan asks the planner how it would carry out a statement.
func plan(t *testing.T, s *Store, text string) (out []step) {
	t.Helper()
	session := s.driver.NewSession(t.Context(), neo4j.SessionConfig{DatabaseName: s.database})
	defer session.Close(t.Context())
	result, err := session.Run(t.Context(), "EXPLAIN "+text, nil)
	require.NoError(t, err, text)
	summary, err := result.Consume(t.Context())
	require.NoError(t, err, text)
	// The driver's tree of a plan repeats the last child of an operator in place of all; its drawing is right.
	drawing, _ := summary.Plan().Arguments()["string-representation"].(string)
	var columns []int
	at := 0
	for line := range strings.Lines(drawing) {
		line = strings.TrimRight(line, "\n")
		switch {
		case len(columns) == 0 && strings.HasPrefix(line, "+-"):
			for i, c := range line {
				if c == '+' {
					columns = append(columns, i)
				}
			}
		case len(columns) > 0 && strings.HasPrefix(line, "| Operator"):
			at = slices.IndexFunc(columns[1:], func(i int) bool { return strings.HasPrefix(line[i:], "| Details") }) + 1
		case at > 0 && strings.HasPrefix(line, "|") && !strings.Contains(line, "+--"):
			op := strings.Trim(line[:columns[1]], "| +\\")
			details := strings.TrimSpace(line[columns[at]+1 : columns[at+1]])
			if op == "" && len(out) > 0 {
				out[len(out)-1].details += details
			} else {
				out = append(out, step{op, details})
			}
		}
	}
	require.NotEmpty(t, out, drawing)
	return out
}

// tiny are the labels of which there are so few nodes that looking at all of them is fine.
var tiny = regexp.MustCompile(`:(Skill|Region|User)$`)

// outOfHub matches an expansion against the direction of edges that end in nodes with very many of them.
var outOfHub = regexp.MustCompile(`<-\[[^\]]*[:|](HAS|NEEDS|IN|BASED_IN|IS|NARROWS)[|\]]`)

// complaint says what is wrong with a step, "" if nothing.
func (s step) complaint() string {
	switch {
	case s.op == "AllNodesScan":
		return "looks at every node"
	case s.op == "CartesianProduct", strings.HasSuffix(s.op, "HashJoin"):
		return "multiplies"
	case strings.Contains(s.op, "Relationship") && strings.Contains(s.op, "Scan"):
		return "looks at every edge"
	case strings.Contains(s.op, "LabelScan") && !tiny.MatchString(s.details):
		return "looks at every node of a label"
	case strings.HasSuffix(s.op, "IndexScan") && !strings.Contains(s.details, "Event(pending)"): // holds what is pending
		return "looks at a whole index"
	case strings.Contains(s.op, "Expand") && outOfHub.MatchString(s.details):
		return "walks out of a hub"
	case strings.Contains(s.op, "Expand") && strings.Contains(s.details, "*"):
		return "walks on and on"
	}
	return ""
}

func requirePlans(t *testing.T, s *Store) {
	t.Helper()
	for name, text := range statements {
		if name == "schema" {
			continue
		}
		for _, step := range plan(t, s, text) {
			require.Empty(t, step.complaint(), "%s: %s %s", name, step.op, step.details)
		}
	}
}

// TestPlans holds every statement to its indexes, on an empty store too: the first commits of an import are planned
// there.
func TestPlans(t *testing.T) {
	s := empty(t, servertest.Neo4j(t))
	requirePlans(t, s)
	c := graphtest.Customer(1)
	site := graphtest.Site(c.ID, 1)
	changes := []graph.Change{graphtest.Change("cmd_customer", c, site)}
	for n := range 300 {
		d := graphtest.Device(site, n)
		changes = append(changes, graphtest.Change("cmd_"+string(d.ID), graphtest.Ticket(d, n+1)))
		changes = append(changes, graphtest.Change("cmd_e_"+string(d.ID), graphtest.Expert(n)))
	}
	_, err := s.Commit(t.Context(), changes...)
	require.NoError(t, err)
	require.NoError(t, s.Analyze(t.Context()))
	requirePlans(t, s)
}

func TestPlansThatAreComplainedOf(t *testing.T) {
	s := empty(t, servertest.Neo4j(t))
	for text, want := range map[string]string{
		"MATCH (n) RETURN n":                                                   "looks at every node",
		"MATCH (n:Ticket) WHERE n.text = 'x' RETURN n":                         "looks at every node of a label",
		"MATCH (n:Region) RETURN n":                                            "",
		"MATCH (a:Skill), (b:Skill) RETURN a, b":                               "multiplies",
		"MATCH ()-[r:HAS]->() RETURN r":                                        "looks at every edge",
		"MATCH (n:Entity) WHERE n.id IS NOT NULL RETURN n.id":                  "looks at a whole index",
		"MATCH (k:Entity {id: 'skl_x'})<-[:HAS]-(e) RETURN e":                  "walks out of a hub",
		"MATCH (k:Entity {id: 'skl_x'})<-[:OF|NEEDS]-(e) RETURN e":             "walks out of a hub",
		"MATCH (e:Entity {id: 'exp_x'})-[:HAS]->(k) RETURN k":                  "",
		"MATCH (e:Entity {id: 'exp_x'})-[:HAS|NARROWS*]->(k) RETURN k":         "walks on and on",
		"MATCH (e:Entity {id: 'exp_x'}) RETURN e":                              "",
		"MATCH (e:Event) WHERE e.pending IS NOT NULL RETURN e.pending LIMIT 1": "",
	} {
		var found []string
		for _, step := range plan(t, s, text) {
			if c := step.complaint(); c != "" {
				found = append(found, c)
			}
		}
		if want == "" {
			require.Empty(t, found, text)
			continue
		}
		require.Contains(t, found, want, "%s: %v", text, plan(t, s, text))
	}
}

// TestLocksComeBeforeReads pins what Commit's correctness rests on: keys are locked first, then roots, and what is
// compared is read when both are done. In the drawing what comes first is below.
func TestLocksComeBeforeReads(t *testing.T) {
	s := empty(t, servertest.Neo4j(t))
	steps := plan(t, s, statements["commit_lock"])
	at := func(op, details string) int {
		i := slices.IndexFunc(steps, func(s step) bool { return s.op == op && strings.Contains(s.details, details) })
		require.GreaterOrEqual(t, i, 0, "%s %s in %v", op, details, steps)
		return i
	}
	order := []int{
		at("SetProperty", "k._lock"), at("EagerAggregation", "AS keys"),
		at("SetProperty", "n._lock"), at("EagerAggregation", "AS roots"),
		at("EagerAggregation", "AS parts"), at("Projection", "n.rev"),
	}
	require.True(t, slices.IsSortedFunc(order, func(a, b int) int { return b - a }), "%v %v", order, steps)
	for _, s := range steps {
		if strings.Contains(s.details, "n.rev") {
			require.NotContains(t, s.details, "cache[n.rev]", "a revision that was read before the lock")
		}
	}
}

// TestEdgesOfTheSchemaAreUntied compares the types that commit_write deletes with those of the table.
func TestEdgesOfTheSchemaAreUntied(t *testing.T) {
	var away, towards []string
	for _, spec := range graph.Schema {
		for _, e := range spec.Edges {
			if e.Reverse {
				towards = append(towards, e.Type)
			} else {
				away = append(away, e.Type)
			}
		}
	}
	for _, types := range []*[]string{&away, &towards} {
		slices.Sort(*types)
		*types = slices.Compact(*types)
	}
	require.Contains(t, statements["commit_write"], "-[e:"+strings.Join(away, "|")+"]->()")
	require.Contains(t, statements["commit_write"], "<-[e:"+strings.Join(towards, "|")+"]-()")
}

func TestEveryIndexOfTheSchemaIsThereOrReplaced(t *testing.T) {
	ddl := strings.Join(schema(), "\n")
	used := make(map[string]bool)
	for _, spec := range graph.Schema {
		for _, x := range spec.Indexes {
			name := string(spec.Kind) + "." + x.Fields[0]
			if slices.Contains(replaced, name) {
				used[name] = true
				continue
			}
			require.Contains(t, ddl, "FOR (n:"+spec.Label+") ", spec.Kind)
			require.Contains(t, ddl, "(n.`"+strings.Join(x.Fields, "`, n.`")+"`)")
		}
	}
	require.Len(t, used, len(replaced), "an index that is replaced is in the schema table")
}

func TestIDsOfAKindAreOneRange(t *testing.T) {
	for _, spec := range graph.Schema {
		first, end := rangeOf(spec.Kind)
		id := muster.NewID(spec.Kind, "cmd", 1)
		require.Less(t, first, id)
		require.Less(t, id, end)
		require.Less(t, id, next(id))
		require.Less(t, next(id), id+"-")
		for _, other := range graph.Schema {
			if other.Kind != spec.Kind {
				x := muster.NewID(other.Kind, "cmd", 1)
				require.False(t, first <= x && x < end, "%s among %s", x, spec.Kind)
			}
		}
	}
}
