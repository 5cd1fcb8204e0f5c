package evidence_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sysopssquad/muster/evidence"
)

func TestEvidenceSaysWhatItIsOf(t *testing.T) {
	path := filepath.Join(t.TempDir(), "docs", "evidence", "it.json")
	r := evidence.Begin("make it", 7)
	require.NoError(t, r.Write(path, map[string]int{"lost": 0}))
	b, err := os.ReadFile(path)
	require.NoError(t, err)
	var got struct {
		Run    evidence.Run   `json:"run"`
		Result map[string]int `json:"result"`
	}
	require.NoError(t, json.Unmarshal(b, &got))
	require.Equal(t, int64(7), got.Run.Seed)
	require.Equal(t, "make it", got.Run.Command)
	require.Regexp(t, `^[0-9a-f]{40}$`, got.Run.Commit)
	require.False(t, got.Run.Ended.Before(got.Run.Began))
	require.Equal(t, map[string]int{"lost": 0}, got.Result)
}

type shown struct {
	Lost int `json:"lost"`
}

func written(t *testing.T, path string) (run evidence.Run, result shown) {
	t.Helper()
	b, err := os.ReadFile(path)
	require.NoError(t, err)
	got := struct {
		Run    *evidence.Run
		Result *shown
	}{&run, &result}
	require.NoError(t, json.Unmarshal(b, &got))
	return run, result
}

// Of a run that was resumed it can be seen what each part has done, from which commit and in what time.
func TestEachPartOfAResumedRunIsNamed(t *testing.T) {
	path := filepath.Join(t.TempDir(), "it.json")
	for part := 1; part <= 3; part++ {
		r := evidence.Begin("make it", 7)
		r.Commit, r.Dirty = fmt.Sprint("commit ", part), part == 2
		var before shown
		require.NoError(t, r.GoOn(path, &before))
		require.Equal(t, part-1, before.Lost)
		for n := range 2 { // it is written again and again
			r.Did(map[string]int{"histories": n + part})
			require.NoError(t, r.Write(path, shown{part}))
		}
		run, result := written(t, path)
		require.Equal(t, part, result.Lost)
		require.Len(t, run.Parts, part)
		require.Equal(t, r.Commit, run.Commit)
		require.Equal(t, part >= 2, run.Dirty, "one part is enough")
		sum := 0.0
		for n, p := range run.Parts {
			require.Equal(t, fmt.Sprint("commit ", n+1), p.Commit)
			require.Equal(t, n == 1, p.Dirty)
			require.Equal(t, map[string]int{"histories": n + 2}, p.Did)
			require.False(t, p.Ended.Before(p.Began))
			sum += p.Seconds
		}
		require.InDelta(t, sum, run.Seconds, 1e-9)
		require.Equal(t, run.Parts[0].Began, run.Began)
	}
}

func TestARunWhoseFileNamesNoPartsIsOne(t *testing.T) {
	path := filepath.Join(t.TempDir(), "it.json")
	require.NoError(t, os.WriteFile(path, []byte(`{"run":{"commit":"old","dirty":true,"seconds":5},"result":{"lost":2}}`), 0o600))
	r := evidence.Begin("make it", 7)
	var before shown
	require.NoError(t, r.GoOn(path, &before))
	require.NoError(t, r.Write(path, before))
	run, result := written(t, path)
	require.Equal(t, 2, result.Lost)
	require.Len(t, run.Parts, 2)
	require.Equal(t, "old", run.Parts[0].Commit)
	require.True(t, run.Dirty)
	require.GreaterOrEqual(t, run.Seconds, 5.0)
}

func TestWhatCantBeGoneOnWithIsSaid(t *testing.T) {
	path := filepath.Join(t.TempDir(), "it.json")
	require.NoError(t, os.WriteFile(path, []byte(`{"run":`), 0o600))
	r := evidence.Begin("make it", 7)
	require.ErrorContains(t, r.GoOn(path, nil), path)
}
