package neo4j

import (
	"fmt"
	"testing"

	"github.com/neo4j/neo4j-go-driver/v5/neo4j"
	"github.com/stretchr/testify/require"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/graph"
	"github.com/sysopssquad/muster/graph/graphtest"
	"github.com/sysopssquad/muster/servertest"
)

// ask runs a query that is not the store's own and gives its first column.
func ask(t *testing.T, s *Store, text string) (out []string) {
	t.Helper()
	session := s.driver.NewSession(t.Context(), neo4j.SessionConfig{DatabaseName: s.database})
	defer session.Close(t.Context())
	result, err := session.Run(t.Context(), text, nil)
	require.NoError(t, err)
	records, err := result.Collect(t.Context())
	require.NoError(t, err)
	for _, rec := range records {
		out = append(out, fmt.Sprint(rec.Values[0]))
	}
	return out
}

const drawEdges = `MATCH (a)-[e]->(b) WHERE NOT a:Event
	RETURN labels(a)[1] + ' ' + a.id + ' ' + type(e) + coalesce(' ' + e.level, '') + ' ' + b.id AS edge ORDER BY edge`

func accept(t *testing.T, s *Store, changes ...graph.Change) {
	t.Helper()
	out, err := s.Commit(t.Context(), changes...)
	require.NoError(t, err)
	for _, o := range out {
		require.NoError(t, o.Err())
	}
}

// small is a customer with a device, a ticket about it, a skill and an expert with a tour.
func small(t *testing.T, s *Store) (*muster.Ticket, *muster.Tour) {
	t.Helper()
	c := graphtest.Customer(1)
	site := graphtest.Site(c.ID, 1)
	d := graphtest.Device(site, 1)
	ticket := graphtest.Ticket(d, 1)
	e := graphtest.Expert(1)
	tour := graphtest.Tour(e, graphtest.Start)
	tree := &muster.SkillTree{ID: muster.TheSkillTree, Rev: 1}
	broad := &muster.Skill{ID: "skl_white-goods", Tree: tree.ID, Name: "White goods"}
	narrow := &muster.Skill{ID: "skl_refrigerator", Tree: tree.ID, Name: "Refrigerators", Narrows: broad.ID}
	accept(t, s, graphtest.Change("cmd_skills", tree, broad, narrow), graphtest.Change("cmd_customer", c, site, d),
		graphtest.Change("cmd_ticket", ticket), graphtest.Change("cmd_expert", e), graphtest.Change("cmd_tour", tour))
	return ticket, tour
}

func TestEdgesFollowFromTheRecords(t *testing.T) {
	s := empty(t, servertest.Neo4j(t))
	ticket, tour := small(t, s)
	after, v, a, on := graphtest.Assigned(ticket, tour)
	accept(t, s, graphtest.Change("cmd_assign", after, v, a, on))
	cell := "cell_" + graphtest.Downtown.Cell.String()
	require.ElementsMatch(t, []string{
		"Assignment " + string(a.ID) + " FOR " + string(v.ID),
		"Assignment " + string(a.ID) + " ON " + string(tour.ID),
		"Customer cus_00000001 HAS_SITE sit_00000001",
		"Customer cus_00000001 OWNS dev_00000001",
		"Device dev_00000001 AT sit_00000001",
		"Device dev_00000001 IS model_Boreal/RF-20",
		"Expert exp_00000001 BASED_IN " + cell,
		"Expert exp_00000001 HAS 4 skl_refrigerator",
		"Site sit_00000001 IN " + cell,
		"Skill skl_refrigerator NARROWS skl_white-goods",
		"Ticket tic_00000001 ABOUT dev_00000001",
		"Ticket tic_00000001 AT sit_00000001",
		"Ticket tic_00000001 FROM cus_00000001",
		"Ticket tic_00000001 NEEDS 3 skl_refrigerator",
		"Tour " + string(tour.ID) + " BY exp_00000001",
		"Visit " + string(v.ID) + " OF tic_00000001",
	}, ask(t, s, drawEdges))
	require.Equal(t, []string{"Cell", "Model"}, ask(t, s, "MATCH (n:Cell|Model) RETURN labels(n)[1] AS label ORDER BY label"))
}

// TestEdgesAreOnlyWrittenWhenTheyChange: neither an assignment nor a promotion may touch the skills, cells and models
// that many records share.
func TestEdgesAreOnlyWrittenWhenTheyChange(t *testing.T) {
	s := empty(t, servertest.Neo4j(t))
	ticket, tour := small(t, s)
	const hubs = "MATCH ()-[e:NEEDS|HAS|IN|BASED_IN|IS|NARROWS|FROM]->() RETURN elementId(e) AS id ORDER BY id"
	before := ask(t, s, hubs)
	after, v, a, on := graphtest.Assigned(ticket, tour)
	accept(t, s, graphtest.Change("cmd_assign", after, v, a, on))
	require.Equal(t, before, ask(t, s, hubs))

	changed := *after
	changed.Rev++
	changed.Needs = []muster.Need{{Skill: "skl_white-goods", Level: 2}, {Skill: "skl_white-goods", Level: 5}}
	accept(t, s, graphtest.Change("cmd_needs", &changed))
	require.Equal(t, []string{"Ticket tic_00000001 NEEDS 2 skl_white-goods"},
		ask(t, s, `MATCH (a:Ticket)-[e:NEEDS]->(b) RETURN labels(a)[1] + ' ' + a.id + ' ' + type(e) + ' ' + e.level + ' ' + b.id`))
	require.Len(t, ask(t, s, "MATCH (:Ticket)-[e:FROM|AT|ABOUT]->() RETURN e"), 3)
	require.Len(t, ask(t, s, "MATCH (:Ticket)<-[e:OF]-() RETURN e"), 1, "a visit's edge is not the ticket's to cut")
}

func TestReversedEdgesAreMoved(t *testing.T) {
	s := empty(t, servertest.Neo4j(t))
	c := graphtest.Customer(1)
	first, second := graphtest.Site(c.ID, 1), graphtest.Site(c.ID, 2)
	d := graphtest.Device(first, 1)
	accept(t, s, graphtest.Change("cmd_1", c, first, second, d))
	moved, next := *d, *c
	moved.Site, next.Rev = second.ID, 2
	accept(t, s, graphtest.Change("cmd_2", &next, &moved))
	require.Equal(t, []string{"sit_00000002"}, ask(t, s, "MATCH (:Device)-[:AT]->(s) RETURN s.id"))
	require.Equal(t, []string{"cus_00000001"}, ask(t, s, "MATCH (:Device)<-[:OWNS]-(c) RETURN c.id"))
	require.Len(t, ask(t, s, "MATCH (:Customer)-[e:HAS_SITE]->() RETURN e"), 2)
}

// TestKeysThatNobodyHoldsStayUntilTheyArePruned: those that somebody holds stay whatever their age.
func TestKeysThatNobodyHoldsStayUntilTheyArePruned(t *testing.T) {
	s := empty(t, servertest.Neo4j(t))
	first, second := graphtest.Customer(1), graphtest.Customer(2)
	claim := func(c *muster.Customer) []muster.Claim {
		return []muster.Claim{{Key: "email/shared", Owner: string(c.ID)}, {Key: "email/" + muster.Key(c.ID), Owner: string(c.ID)}}
	}
	one, two := graphtest.Change("cmd_1", first), graphtest.Change("cmd_2", second)
	one.Claim, two.Claim = claim(first), claim(second)
	out, err := s.Commit(t.Context(), one, two)
	require.NoError(t, err)
	require.True(t, out[0].Accepted)
	require.False(t, out[1].Accepted)
	held := []string{"email/cus_00000001", "email/shared"}
	require.Equal(t, held, ask(t, s, "MATCH (k:Key) WHERE k.owner IS NOT NULL RETURN k.key AS key ORDER BY key"))
	prune := func() {
		_, err := s.Prune(t.Context(), graphtest.Start.AddDate(100, 0, 0), 100)
		require.NoError(t, err)
	}
	prune()
	require.Equal(t, held, ask(t, s, "MATCH (k:Key) RETURN k.key AS key ORDER BY key"))
	next := *first
	next.Rev = 2
	back := graphtest.Change("cmd_3", &next)
	back.Release = claim(first)
	accept(t, s, back)
	require.Empty(t, ask(t, s, "MATCH (k:Key) WHERE k.owner IS NOT NULL RETURN k.key"))
	prune()
	require.Empty(t, ask(t, s, "MATCH (k:Key) RETURN k.key"))
}

// TestKeysArePrunedToTheEnd: there may be more of them than commands.
func TestKeysArePrunedToTheEnd(t *testing.T) {
	s := empty(t, servertest.Neo4j(t))
	take, give := graphtest.Change("cmd_take"), graphtest.Change("cmd_give")
	for n := range 25 {
		c := muster.Claim{Key: muster.Key(fmt.Sprintf("email/%d", n)), Owner: "cus_1"}
		take.Claim = append(take.Claim, c)
		if n > 0 {
			give.Release = append(give.Release, c)
		}
	}
	accept(t, s, take, give)
	forgotten, err := s.Prune(t.Context(), graphtest.Start.AddDate(1, 0, 0), 5)
	require.NoError(t, err)
	require.Equal(t, 2, forgotten)
	require.Equal(t, []string{"email/0"}, ask(t, s, "MATCH (k:Key) RETURN k.key"))
}

// TestWhatOnlyOneMayHaveIsADefect: ticket numbers come from one sequence, so two tickets of one number are refused
// whole, as a defect and not for another try.
func TestWhatOnlyOneMayHaveIsADefect(t *testing.T) {
	s := empty(t, servertest.Neo4j(t))
	d := graphtest.Device(graphtest.Site("cus_1", 1), 1)
	first, second := graphtest.Ticket(d, 1), graphtest.Ticket(d, 2)
	second.Number = first.Number
	_, err := s.Commit(t.Context(), graphtest.Change("cmd_1", first), graphtest.Change("cmd_2", second))
	require.Equal(t, muster.CodeInternal, muster.CodeOf(err), "%v", err)
	require.Empty(t, ask(t, s, "MATCH (t:Ticket) RETURN t.id"))
}
