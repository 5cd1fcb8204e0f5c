package bench

import (
	"bytes"
	"cmp"
	"compress/gzip"
	"context"
	"encoding/binary"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sysopssquad/muster/matcher/solve"
)

func words(n ...int32) []byte {
	var b bytes.Buffer
	_ = binary.Write(&b, binary.LittleEndian, n)
	return b.Bytes()
}

func zipped(b []byte) []byte {
	var out bytes.Buffer
	z := gzip.NewWriter(&out)
	_, _ = z.Write(b)
	_ = z.Close()
	return out.Bytes()
}

func TestInstancesAreReadPlainAndGzipped(t *testing.T) {
	raw := words(2, 3, 4, 2, 0, 2, 7, 1, 0, 0)
	for _, b := range [][]byte{raw, zipped(raw)} {
		in, err := ReadInstance(bytes.NewReader(b))
		require.NoError(t, err)
		require.Equal(t, &Instance{Tickets: 2, Openings: 3, Capacity: 4, Arcs: []solve.Arc{{Ticket: 0, Opening: 2, Cost: 7}, {Ticket: 1}}}, in)
		var again bytes.Buffer
		require.NoError(t, in.Write(&again))
		require.Equal(t, zipped(raw)[:4], again.Bytes()[:4])
		back, err := ReadInstance(&again)
		require.NoError(t, err)
		require.Equal(t, in, back)
	}
}

func TestBrokenInstancesAreRefusedWithThePlace(t *testing.T) {
	whole := zipped(words(1, 1, 1, 2, 0, 0, 5, 0, 0, 6))
	for want, b := range map[string][]byte{
		"ends in the header of four numbers":   words(1, 1),
		"ends in arc 1 of 2":                   words(1, 1, 1, 2, 0, 0, 5, 0),
		"ends in arc 0 of 2147483647":          words(1, 1, 1, 1<<31-1),
		"tickets: \"-1\"":                      words(-1, 1, 1, 0),
		"openings: \"-2\"":                     words(1, -2, 1, 0),
		"capacity: \"-3\"":                     words(1, 1, -3, 0),
		"arcs: \"-4\"":                         words(1, 1, 1, -4),
		"tickets and openings: \"2147483647\"": words(1<<31-1, 1, 1, 0),
		"arc 1, ticket: \"1\"":                 words(1, 1, 1, 2, 0, 0, 5, 1, 0, 5),
		"arc 0, ticket: \"-1\"":                words(1, 1, 1, 1, -1, 0, 5),
		"arc 0, opening: \"9\"":                words(1, 1, 1, 1, 0, 9, 5),
		"arc 0, cost: \"-5\"":                  words(1, 1, 1, 1, 0, 0, -5),
		"the file goes on after the last":      append(words(1, 1, 1, 1, 0, 0, 5), 1),
		"ends in the gzip header":              {0x1f, 0x8b, 8},
		"the gzip header can't be read":        append([]byte{0x1f, 0x8b, 9}, make([]byte, 20)...),
		"ends in what comes after the last":    whole[:len(whole)-8],
	} {
		t.Run(want, func(t *testing.T) {
			_, err := ReadInstance(bytes.NewReader(b))
			require.ErrorContains(t, err, "instance")
			require.Contains(t, err.Error(), want)
		})
	}
}

func FuzzInstance(f *testing.F) {
	f.Add(words(2, 3, 4, 2, 0, 2, 7, 1, 0, 0))
	f.Add(zipped(words(2, 1, 1, 2, 0, 0, 7, 1, 0, 3)))
	f.Add(words(3, 2, 0, 1, 2, 1, 1<<31-1))
	f.Add(words(1, 1, 1))
	f.Fuzz(func(t *testing.T, b []byte) {
		in, err := ReadInstance(bytes.NewReader(b))
		if err != nil || in.Tickets+in.Openings > 1000 {
			return
		}
		r, err := SolveInstance(context.Background(), in, 1)
		require.NoError(t, err)
		require.True(t, r.Certified, r.Flaws)
	})
}

// TestDataReferenceInstances solves the instances whose optima four other solvers agree on.
func TestDataReferenceInstances(t *testing.T) {
	for name, want := range map[string]Solved{
		"i4": {Cost: 13_675_715}, "u1": {Cost: 19_992_733}, "u2": {Cost: 36_192_267}, "u3": {Cost: 3_572_509_558, Unassigned: 354},
	} {
		t.Run(name, func(t *testing.T) {
			f, err := os.Open(filepath.Join(os.Getenv("MUSTER_DATA"), "assign", name+".bin.gz"))
			require.NoError(t, err, "set MUSTER_DATA")
			defer f.Close()
			in, err := ReadInstance(f)
			require.NoError(t, err)
			in.Shuffle(3)
			have, err := SolveInstance(t.Context(), in, 1)
			require.NoError(t, err)
			require.True(t, have.Certified, have.Flaws)
			require.Equal(t, []int64{want.Cost, int64(want.Unassigned)}, []int64{have.Cost, int64(have.Unassigned)})
			require.Less(t, have.BytesArc, 64.0)
		})
	}
}

func TestDataGeneratedInstances(t *testing.T) {
	for _, name := range []string{"i4", "u1", "u3"} {
		in, err := Generate(name, os.Getenv("MUSTER_DATA"), 7)
		require.NoError(t, err, "set MUSTER_DATA")
		again, err := Generate(name, os.Getenv("MUSTER_DATA"), 7)
		require.NoError(t, err)
		require.Equal(t, in, again)
		other, err := Generate(name, os.Getenv("MUSTER_DATA"), 8)
		require.NoError(t, err)
		require.NotEqual(t, in.Arcs, other.Arcs)
		require.Len(t, in.Arcs, in.Tickets*likes[name].near)
		in.Shuffle(1)
		have, err := SolveInstance(t.Context(), in, 1)
		require.NoError(t, err)
		require.True(t, have.Certified, have.Flaws)
	}
	_, err := Generate("u9", "", 1)
	require.ErrorContains(t, err, "u9")
}

// TestNearestAreTheNearest compares the grid with a look at all points, on a sphere with clusters and points that coincide.
func TestNearestAreTheNearest(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 1))
	points, has := make([][3]float64, 800), make([]uint8, 800)
	for i := range points {
		for k := range points[i] {
			points[i][k] = r.NormFloat64()
		}
		if i > 0 && i%3 == 0 {
			points[i] = points[r.IntN(i)]
		}
		scale := 1 / math.Sqrt(points[i][0]*points[i][0]+points[i][1]*points[i][1]+points[i][2]*points[i][2])
		for k := range points[i] {
			points[i][k] *= scale
		}
		has[i] = uint8(r.IntN(4))
	}
	g := newGrid(points, has)
	for range 60 {
		p, skill, n := points[r.IntN(len(points))], uint8(1+r.IntN(2)), 1+r.IntN(40)
		var want []found
		for e, q := range points {
			if has[e]&skill != 0 {
				want = append(want, found{(p[0]-q[0])*(p[0]-q[0]) + (p[1]-q[1])*(p[1]-q[1]) + (p[2]-q[2])*(p[2]-q[2]), int32(e)})
			}
		}
		slices.SortFunc(want, func(a, b found) int {
			return cmp.Or(cmp.Compare(a.square, b.square), cmp.Compare(a.opening, b.opening))
		})
		require.Equal(t, want[:n], g.nearest(p, skill, n))
	}
}

func TestResolvesAreCertified(t *testing.T) {
	in, err := Generate("i4", "", 5)
	require.NoError(t, err)
	small := &Instance{Tickets: 500, Openings: in.Openings, Capacity: in.Capacity}
	for _, a := range in.Arcs {
		if a.Ticket < 500 {
			small.Arcs = append(small.Arcs, a)
		}
	}
	r, err := ResolveInstance(t.Context(), small, 20, 1)
	require.NoError(t, err)
	require.True(t, r.Certified)
	require.Positive(t, r.ArriveP50)
	require.GreaterOrEqual(t, r.LeaveP99, r.LeaveP50)
}
