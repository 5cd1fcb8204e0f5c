package evidence_test

import (
	"encoding/json"
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
