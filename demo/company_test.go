package demo

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/geo"
)

// noon is a Friday at noon in the middle of the country.
var noon = time.Date(2026, 11, 20, 18, 0, 0, 0, time.UTC)

func company(t testing.TB, o Options) *Company {
	t.Helper()
	if o.Now.IsZero() {
		o.Now = noon
	}
	c, err := Generate(o)
	require.NoError(t, err)
	return c
}

func hash(t testing.TB, c *Company) string {
	t.Helper()
	b, err := json.Marshal(c)
	require.NoError(t, err)
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}

func TestASeedGivesOneCompany(t *testing.T) {
	o := Options{Seed: 7}
	first := hash(t, company(t, o))
	require.Equal(t, first, hash(t, company(t, o)))
	require.NotEqual(t, first, hash(t, company(t, Options{Seed: 8})))
}

func TestUniformIsOneShape(t *testing.T) {
	o := Options{Experts: 300, Tickets: 500, Seed: 3, Now: noon}
	a, err := Uniform(o)
	require.NoError(t, err)
	b, err := Uniform(o)
	require.NoError(t, err)
	require.Equal(t, hash(t, a), hash(t, b))
	require.Len(t, a.Experts, 300)
	require.Len(t, a.Tickets, 500)
	for _, e := range a.Experts {
		require.Len(t, e.Skills, 3)
		require.Len(t, e.Shifts, 7)
	}
}

func TestTheMomentMustBeGiven(t *testing.T) {
	_, err := Generate(Options{})
	require.Equal(t, muster.CodeInvalid, muster.CodeOf(err))
	_, err = Uniform(Options{})
	require.Equal(t, muster.CodeInvalid, muster.CodeOf(err))
}

// It loads the borders of time zones, which takes long under the race detector.
func TestVolumePlaces(t *testing.T) {
	require.Greater(t, len(towns()), 400)
	seen := map[string]bool{}
	for _, p := range towns() {
		name := p.name + ", " + p.state
		require.False(t, seen[name], "%s is listed twice", name)
		seen[name] = true
		require.NotZero(t, p.point, "%s has no position; is it in tidwall/cities under that name?", name)
		zone, err := geo.Zone(p.point)
		require.NoError(t, err, name)
		require.Equal(t, zone, p.zone, name)
		require.Positive(t, p.people, name)
	}
}

func TestSkillsAreATree(t *testing.T) {
	families := 0
	for _, s := range skillParts() {
		require.NoError(t, muster.CheckID(muster.KindSkill, "id", string(s.ID)))
		if s.Narrows == "" {
			families++
			continue
		}
		_, ok := tree().Get(s.Narrows)
		require.True(t, ok, "%s narrows %s, which there is not", s.ID, s.Narrows)
	}
	require.Equal(t, 8, families)
	require.InDelta(t, 80, len(skillParts()), 10)
}

func TestEveryTradeAndJobNamesSkills(t *testing.T) {
	for _, tr := range append([]trade{homeTechnician, electronicsTechnician}, specialists...) {
		require.NotEmpty(t, tr.crafts(), tr.name)
		for _, c := range tr.crafts() {
			_, ok := tree().Get(c.skill)
			require.True(t, ok, "%s: %s", tr.name, c.skill)
			require.LessOrEqual(t, c.lo, c.hi)
			require.NoError(t, muster.Level(c.lo).Check(tr.name))
			require.NoError(t, muster.Level(c.hi).Check(tr.name))
		}
	}
	for _, j := range jobs() {
		for _, n := range j.needs {
			_, ok := tree().Get(n.Skill)
			require.True(t, ok, "%s: %s", j.title, n.Skill)
			require.NoError(t, n.Level.Check(j.title))
		}
	}
}

func TestEveryExpertIsValid(t *testing.T) {
	c := company(t, Options{Seed: 1})
	require.Len(t, c.Experts, 2000)
	ids, names := map[muster.ExpertID]bool{}, map[string]bool{}
	var licensed, expired, onCall, away, bound, several, workshop int
	for _, e := range c.Experts {
		require.NoError(t, muster.CheckID(muster.KindExpert, "id", string(e.ID)))
		require.False(t, ids[e.ID], "%s twice", e.ID)
		ids[e.ID], names[e.Name] = true, true
		require.NotEmpty(t, e.Skills, e.Name)
		for _, k := range e.Skills {
			require.NoError(t, k.Level.Check(e.Name))
			require.LessOrEqual(t, k.Fixed, k.Visits)
			if s, _ := tree().Get(k.Skill); s.Licensed {
				require.False(t, k.Expires.IsZero(), "%s has a licence without an end", e.Name)
				licensed++
				if k.Expires.Before(noon) {
					expired++
				}
			}
		}
		require.NotEmpty(t, e.Shifts, e.Name)
		for _, h := range append(slices.Clone(e.Shifts), e.Breaks...) {
			require.True(t, 0 <= h.From && h.From < h.To && h.To <= 2880, "%s: %+v", e.Name, h)
		}
		_, err := time.LoadLocation(e.Base.Zone)
		require.NoError(t, err)
		region, err := geo.RegionOf(e.Base.Point)
		require.NoError(t, err)
		require.Equal(t, region, e.Region)
		onCall += btoi(len(e.OnCall) > 0)
		away += btoi(len(e.Leave) > 0)
		bound += btoi(len(e.Brands) > 0)
		several += btoi(len(e.Languages) > 1)
		workshop += btoi(e.Capacity.CarryInOnly)
		for _, l := range e.Leave {
			require.NoError(t, l.Check("leave"))
		}
	}
	require.Greater(t, len(names), 1950)
	for what, n := range map[string]int{
		"licences": licensed, "expired licences": expired, "on call": onCall, "leave": away, "makes": bound,
		"languages": several, "at the shop": workshop,
	} {
		require.Greater(t, n, 10, what)
	}
}

func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
}

func TestTicketsAreOfAllKinds(t *testing.T) {
	c := company(t, Options{Seed: 1})
	require.Len(t, c.Tickets, 600)
	count := map[string]int{}
	for _, in := range c.Tickets {
		s := in.Submit
		count["mode "+string(s.Mode)]++
		count["priority "+string(s.Priority)]++
		count["crew "+strings.Repeat("i", s.Crew)]++
		count["windows"] += btoi(len(s.Windows) > 0)
		count["no needs"] += btoi(len(s.Needs) == 0)
		count["customers"] += btoi(in.Customer != nil)
		if in.Customer != nil {
			count["blocked"] += btoi(len(in.Customer.Blocked) > 0)
			count["preferred"] += btoi(len(in.Customer.Preferred) > 0)
		}
		require.False(t, in.At.After(noon))
		for _, w := range s.Windows {
			require.NoError(t, w.Check(s.Title))
			require.True(t, w.Start.After(noon))
		}
		for _, site := range in.Sites {
			cell, err := geo.CellOf(site.Place.Point, geo.ResSite)
			require.NoError(t, err)
			require.Equal(t, cell, site.Place.Cell)
		}
	}
	for _, what := range []string{
		"mode home_visit", "mode carry_in", "mode remote", "priority critical", "priority high", "priority normal",
		"priority low", "crew i", "crew ii", "windows", "no needs", "blocked", "preferred",
	} {
		require.Positive(t, count[what], "%s in %v", what, count)
	}
	require.Less(t, count["customers"], 560)
}

func TestPeopleAreOneOfEachRole(t *testing.T) {
	c := company(t, Options{Seed: 1})
	require.Equal(t, "Dana Whitfield", c.Users[0].Name)
	require.Equal(t, muster.RoleDispatcher, c.Users[0].Role)
	roles := map[muster.Role]int{}
	for _, u := range c.Users {
		require.NoError(t, muster.CheckID(muster.KindUser, "id", string(u.ID)))
		require.NotEmpty(t, u.About)
		roles[u.Role]++
	}
	for _, r := range muster.Roles() {
		if r != muster.RoleSystem {
			require.Equal(t, 1, roles[r], r)
		}
	}
}

// Points are near their town, and nearly all of them in its time zone.
func TestVolumePeopleLiveOnLand(t *testing.T) {
	c := company(t, Options{Seed: 1})
	at, other := 0, 0
	for _, e := range c.Experts {
		zone, err := geo.Zone(e.Base.Point)
		require.NoError(t, err, "%s at %v", e.Name, e.Base.Point)
		at++
		other += btoi(zone != e.Base.Zone)
	}
	require.Less(t, other, at/100, "of %d", at)
}

func TestSmallCompaniesAreInLargeTowns(t *testing.T) {
	c := company(t, Options{Experts: 20, Tickets: 30, Seed: 2})
	require.Len(t, c.Experts, 20)
	require.Len(t, c.Tickets, 30)
	c = company(t, Options{Experts: 1, Tickets: 3, Seed: 2})
	require.Len(t, c.Experts, 1)
	require.Len(t, c.Tickets, 3)
}

func TestDensityIsHighestInCities(t *testing.T) {
	d := density()
	people := func(name string) int {
		cell, err := geo.CellOf(towns()[townNamed(name)].point, geo.ResBase)
		require.NoError(t, err)
		return d[cell.String()]
	}
	figures := muster.DefaultPolicy().Travel
	require.GreaterOrEqual(t, people("New York City"), figures.Dense[1])
	require.Less(t, people("Ely"), figures.Dense[0])
	require.NoError(t, policy().Check())
}
