package roster

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/geo"
)

var (
	monday  = time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC)
	horizon = muster.Window{Start: monday.Add(7 * time.Hour), End: monday.Add(7*time.Hour + 4*24*time.Hour)}
)

// tree: fridges narrow white goods, which narrow household; gas is licensed, heating by gas narrows heating and isn't.
var tree = []muster.Skill{
	{ID: "skl_household"},
	{ID: "skl_white", Narrows: "skl_household"},
	{ID: "skl_fridge", Narrows: "skl_white"},
	{ID: "skl_gas", Licensed: true},
	{ID: "skl_boiler", Narrows: "skl_gas"},
	{ID: "skl_tv"},
}

// nearest is the oracle: everybody is asked, in plain words.
func nearest(entries []Entry, q *Query, k int) []muster.ExpertID {
	skills := muster.NewSkills(1, tree)
	var out []Entry
	for _, e := range entries {
		if qualified(skills, e, q) && !q.Work.Start.Before(horizon.Start.Truncate(24*time.Hour)) && q.Work.Start.Before(horizon.End) {
			out = append(out, e)
		}
	}
	slices.SortFunc(out, func(a, b Entry) int {
		ka, kb := geo.Km(q.Site.Point, a.Base.Point), geo.Km(q.Site.Point, b.Base.Point)
		switch {
		case ka < kb:
			return -1
		case ka > kb:
			return 1
		}
		return strings.Compare(string(a.ID), string(b.ID))
	})
	ids := make([]muster.ExpertID, min(k, len(out)))
	for i := range ids {
		ids[i] = out[i].ID
	}
	return ids
}

func qualified(skills muster.Skills, e Entry, q *Query) bool {
	for _, n := range q.Needs {
		need, _ := skills.Get(n.Skill)
		if !slices.ContainsFunc(e.Skills, func(c muster.Competence) bool {
			has, _ := skills.Get(c.Skill)
			return skills.Satisfies(c.Skill, n.Skill) && c.Level >= n.Level &&
				(c.Expires.IsZero() && !has.Licensed && !need.Licensed || !c.Expires.IsZero() && !c.Expires.Before(q.Work.End))
		}) {
			return false
		}
	}
	for _, l := range e.Leave {
		if l.Overlaps(q.Work) {
			return false
		}
	}
	return slices.ContainsFunc(e.Shifts, func(s Shift) bool {
		return s.Room > 0 && !q.Work.Start.Before(s.Start) && !q.Work.End.After(s.End)
	})
}

// points are places where something may go wrong, and some that repeat.
var points = []muster.Point{
	{Lat: 90}, {Lat: 90, Lng: 77}, {Lat: -90}, {Lat: 0, Lng: 180}, {Lat: 0, Lng: -180}, {Lat: 0, Lng: 179.9999}, {Lat: 12.5, Lng: -179.9999},
	{Lat: 42.36, Lng: -71.06}, {Lat: 42.36, Lng: -71.06000001}, {Lat: 42.3600000001, Lng: -71.06}, {Lat: -42.36, Lng: 108.94}, {},
}

func drawPoint(t *rapid.T) muster.Point {
	switch rapid.IntRange(0, 3).Draw(t, "where") {
	case 0:
		return rapid.SampledFrom(points).Draw(t, "point")
	case 1:
		return muster.Point{Lat: rapid.Float64Range(-90, 90).Draw(t, "lat"), Lng: rapid.Float64Range(-180, 180).Draw(t, "lng")}
	}
	return muster.Point{Lat: 42 + float64(rapid.IntRange(0, 40).Draw(t, "lat"))/100, Lng: -71 - float64(rapid.IntRange(0, 40).Draw(t, "lng"))/100}
}

func drawTime(t *rapid.T) time.Time {
	at := horizon.Start.Add(time.Duration(rapid.IntRange(-20, 130).Draw(t, "hour")) * time.Hour)
	return at.Add(rapid.SampledFrom([]time.Duration{0, 0, time.Second, -time.Second, 20 * time.Minute}).Draw(t, "off"))
}

func drawWindow(t *rapid.T, hours int) muster.Window {
	from := drawTime(t)
	return muster.Window{Start: from, End: from.Add(time.Duration(rapid.IntRange(1, 4*hours).Draw(t, "quarters")) * 15 * time.Minute)}
}

func drawEntry(t *rapid.T, id int) Entry {
	e := Entry{ID: muster.ExpertID(fmt.Sprintf("exp_%03d", id)), Base: muster.Place{Point: drawPoint(t)}}
	for range rapid.IntRange(0, 3).Draw(t, "skills") {
		c := muster.Competence{Skill: rapid.SampledFrom(tree).Draw(t, "skill").ID, Level: muster.Level(rapid.IntRange(1, 5).Draw(t, "level"))}
		if rapid.Bool().Draw(t, "expires") {
			c.Expires = drawTime(t)
		}
		e.Skills = append(e.Skills, c)
	}
	for range rapid.IntRange(0, 4).Draw(t, "shifts") {
		e.Shifts = append(e.Shifts, Shift{drawWindow(t, 40), rapid.IntRange(0, 2).Draw(t, "room")})
	}
	if rapid.Bool().Draw(t, "away") {
		e.Leave = append(e.Leave, drawWindow(t, 30))
	}
	return e
}

func drawQuery(t *rapid.T) Query {
	q := Query{Site: muster.Place{Point: drawPoint(t)}, Work: drawWindow(t, 8)}
	if rapid.Bool().Draw(t, "cell") {
		q.Site.Cell, _ = geo.CellOf(q.Site.Point, geo.ResSite)
	}
	for range rapid.IntRange(0, 3).Draw(t, "needs") {
		q.Needs = append(q.Needs, muster.Need{Skill: rapid.SampledFrom(tree).Draw(t, "need").ID, Level: muster.Level(rapid.IntRange(1, 5).Draw(t, "least"))})
	}
	return q
}

func found(t require.TestingT, s *Snapshot, q *Query, k int) []muster.ExpertID {
	hits, err := s.Find(q, make([]Hit, k))
	require.NoError(t, err)
	ids := []muster.ExpertID{}
	for _, h := range hits {
		ids = append(ids, s.Expert(h.Number))
	}
	return ids
}

func TestLongFindIsExact(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var entries []Entry
		for i := range rapid.IntRange(0, 60).Draw(t, "experts") {
			entries = append(entries, drawEntry(t, i))
		}
		r, err := New(tree, horizon, entries)
		require.NoError(t, err)
		for range 20 {
			q := drawQuery(t)
			k := rapid.IntRange(0, 70).Draw(t, "k")
			require.Equal(t, nearest(entries, &q, k), found(t, r.Now(), &q, k))
		}
	})
}

// Many blocks, so that there is something to prune, with queries near and far.
func TestLongFindIsExactInManyBlocks(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		entries := crowd(rapid.Uint64().Draw(t, "seed"), 6000)
		r, err := New(tree, horizon, entries)
		require.NoError(t, err)
		require.Greater(t, r.Now().layout.blocks, 12)
		for range 10 {
			q := drawQuery(t)
			q.Needs = q.Needs[:min(1, len(q.Needs))]
			k := rapid.IntRange(1, 20).Draw(t, "k")
			require.Equal(t, nearest(entries, &q, k), found(t, r.Now(), &q, k))
		}
	})
}

// A sequence of changes ends where a roster of what is left begins: the same answers from the bitmaps, and the same bitmaps.
func TestLongChangesEqualARebuild(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		known := map[muster.ExpertID]Entry{}
		var entries []Entry
		for i := range rapid.IntRange(0, 30).Draw(t, "experts") {
			entries = append(entries, drawEntry(t, i))
			known[entries[i].ID] = entries[i]
		}
		r, err := New(tree[:3], horizon, entries) // the others come with those who have them
		require.NoError(t, err)
		require.NoError(t, r.Replace(tree, horizon, entries, 1))
		for i := range rapid.IntRange(1, 40).Draw(t, "changes") {
			e := drawEntry(t, rapid.IntRange(0, 40).Draw(t, "who"))
			if rapid.IntRange(0, 3).Draw(t, "leaves") == 0 {
				r.Remove(e.ID, uint64(i))
				delete(known, e.ID)
			} else {
				require.NoError(t, r.Put(e, uint64(i)))
				known[e.ID] = e
			}
			require.Equal(t, uint64(i), r.Now().Seq())
			require.Equal(t, len(known), r.Now().Len())
		}
		left := make([]Entry, 0, len(known))
		for _, e := range known {
			left = append(left, e)
		}
		requireDerived(t, r.Now())
		fresh, err := New(tree, horizon, left)
		require.NoError(t, err)
		for range 10 {
			q := drawQuery(t)
			want := nearest(left, &q, 16)
			require.Equal(t, want, found(t, r.Now(), &q, 16))
			require.Equal(t, want, found(t, fresh.Now(), &q, 16))
		}
	})
}

// requireDerived compares all bitmaps with what the entries say.
func requireDerived(t require.TestingT, s *Snapshot) {
	var d derived
	count := 0
	for b, part := range s.blocks {
		for i, e := range part.rows {
			n := int32(i)
			d.derive(s.terms, e)
			best := make([]int8, len(s.skills))
			for _, k := range d.skills {
				best[k.skill] = k.level
			}
			same := d.dated == s.dated.at(b).has(n)
			for id, planes := range s.skills {
				for k, p := range planes {
					same = same && (int(best[id]) > k) == p.at(b).has(n) && p.at(b).some() == p.some[b]
				}
			}
			for k, m := range s.slots {
				same = same && (d.may[k/24]>>(k%24)&1 != 0) == m.at(b).has(n)
			}
			for k, m := range s.shifts {
				same = same && d.shifts[k] == m[b][n]
			}
			if e != nil {
				count++
				same = same && vectorOf(e.point) == part.at[i] && s.layout.keeps(int32(b*wide+i), part.at[i])
			}
			if !same {
				require.Fail(t, "not what the entry says", "block %d, number %d: %+v", b, n, e)
			}
		}
	}
	require.Equal(t, s.Len(), count)
}

// More newcomers than the blocks take are found at once, and are numbered anew with the others in time.
func TestNewcomersAreFound(t *testing.T) {
	all := crowd(3, 20_000)
	r, err := New(tree, horizon, all[:100])
	require.NoError(t, err)
	q := Query{Site: muster.Place{Point: muster.Point{Lat: 40, Lng: -90}}, Work: muster.Window{Start: monday.Add(34 * time.Hour), End: monday.Add(35 * time.Hour)}}
	for i, e := range all[100:] {
		require.NoError(t, r.Put(e, uint64(i)))
		if i%2500 == 0 || i > 19_890 {
			require.Equal(t, nearest(all[:101+i], &q, 16), found(t, r.Now(), &q, 16))
		}
	}
	require.Greater(t, r.Now().layout.blocks, 1, "they were numbered anew")
	requireDerived(t, r.Now())
}

func TestBadInputIsRefusedByName(t *testing.T) {
	good := Entry{ID: "exp_1", Base: muster.Place{Point: muster.Point{Lat: 42, Lng: -71}}}
	bad := func(change func(*Entry)) Entry { e := good; change(&e); return e }
	work := muster.Window{Start: monday.Add(9 * time.Hour), End: monday.Add(10 * time.Hour)}
	for name, c := range map[string]struct {
		entries []Entry
		query   *Query
		field   string
	}{
		"NaN":             {[]Entry{bad(func(e *Entry) { e.Base.Point.Lat = math.NaN() })}, nil, "lat"},
		"infinite":        {[]Entry{bad(func(e *Entry) { e.Base.Point.Lng = math.Inf(1) })}, nil, "lng"},
		"no id":           {[]Entry{bad(func(e *Entry) { e.ID = "" })}, nil, "id"},
		"twice":           {[]Entry{good, good}, nil, "id"},
		"level":           {[]Entry{bad(func(e *Entry) { e.Skills = []muster.Competence{{Skill: "skl_tv", Level: 6}} })}, nil, "skills[0].level"},
		"site":            {nil, &Query{Site: muster.Place{Point: muster.Point{Lat: math.NaN()}}, Work: work}, "lat"},
		"level of a need": {nil, &Query{Needs: []muster.Need{{Skill: "skl_tv"}}, Work: work}, "level"},
		"work":            {nil, &Query{Work: muster.Window{Start: work.End, End: work.Start}}, "work"},
	} {
		t.Run(name, func(t *testing.T) {
			r, err := New(tree, horizon, c.entries)
			if c.query != nil {
				require.NoError(t, err)
				_, err = r.Now().Find(c.query, make([]Hit, 4))
			}
			var e *muster.Error
			require.ErrorAs(t, err, &e)
			require.Equal(t, muster.CodeInvalid, e.Code)
			require.Equal(t, c.field, e.Field)
		})
	}
	_, err := New(tree, muster.Window{Start: monday, End: monday}, nil)
	require.ErrorContains(t, err, "horizon")
}

func TestFindAllocatesNothing(t *testing.T) {
	r, err := New(tree, horizon, crowd(1, 3000))
	require.NoError(t, err)
	s, into := r.Now(), make([]Hit, 16)
	for _, site := range []muster.Place{{Point: muster.Point{Lat: 40, Lng: -90}}, {Point: muster.Point{Lat: 40, Lng: -90}, Cell: mustCell(40, -90)}} {
		q := Query{
			Site: site, Needs: []muster.Need{{Skill: "skl_white", Level: 1}, {Skill: "skl_tv", Level: 1}, {Skill: "skl_household", Level: 1}},
			Work: muster.Window{Start: monday.Add(34*time.Hour + 30*time.Minute), End: monday.Add(36 * time.Hour)},
		}
		require.Zero(t, testing.AllocsPerRun(100, func() {
			if hits, err := s.Find(&q, into); err != nil || len(hits) == 0 {
				panic("nobody found")
			}
		}))
	}
}

// Readers beside a writer see one state or another, whole: in even ones one expert is at the site, in odd ones another.
func TestReadersAndAWriter(t *testing.T) {
	entries := crowd(5, 1200)
	for i := range entries {
		entries[i].Shifts = []Shift{{muster.Window{Start: monday, End: monday.Add(72 * time.Hour)}, 1}}
	}
	here, there := muster.Place{Point: muster.Point{Lat: 10, Lng: 10}}, muster.Place{Point: muster.Point{Lat: 10.5, Lng: 10}}
	a, b := &entries[0], &entries[1]
	a.Base, b.Base = here, muster.Place{Point: muster.Point{Lat: 10.1, Lng: 10}}
	r, err := New(tree, horizon, entries)
	require.NoError(t, err)
	q := Query{Site: here, Work: muster.Window{Start: monday.Add(34 * time.Hour), End: monday.Add(35 * time.Hour)}}
	var readers sync.WaitGroup
	done := make(chan struct{})
	for range 4 {
		readers.Go(func() {
			into := make([]Hit, 2)
			for {
				s := r.Now()
				hits, err := s.Find(&q, into)
				first := []*Entry{a, b}[s.Seq()%2].ID
				if err != nil || len(hits) != 2 || s.Expert(hits[0].Number) != first {
					t.Errorf("state %d: %v %v", s.Seq(), hits, err)
					return
				}
				select {
				case <-done:
					return
				default:
				}
			}
		})
	}
	for i := range 400 {
		e := *a
		if i%2 == 0 {
			e.Base = there
		}
		require.NoError(t, r.Put(e, uint64(i+1)))
	}
	close(done)
	readers.Wait()
	requireDerived(t, r.Now())
}

func mustCell(lat, lng float64) muster.Cell {
	c, err := geo.CellOf(muster.Point{Lat: lat, Lng: lng}, geo.ResSite)
	if err != nil {
		panic(err)
	}
	return c
}
