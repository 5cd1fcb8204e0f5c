package main

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sysopssquad/muster/graph"
)

// TestAMissingStoreIsNotMade: a path with a slip in it must not look like a company in which all is well.
func TestAMissingStoreIsNotMade(t *testing.T) {
	for _, args := range [][]string{
		{"fsck"}, {"why", "T-1"}, {"assign"}, {"rounds", "--days", "1"}, {"serve", "--addr", "127.0.0.1:0"}, {"work"},
	} {
		root := t.TempDir()
		path := filepath.Join(root, "nonexist", "x.db")
		code, out, trouble := call(t, append(args, "--graph", "sqlite:"+path)...)
		require.Equal(t, exitUnreachable, code, "%v: %s", args, trouble)
		require.Empty(t, out)
		require.Contains(t, trouble, path)
		require.Contains(t, trouble, "muster schema")
		made, err := os.ReadDir(root)
		require.NoError(t, err)
		require.Empty(t, made, "%v has made something", args)
	}
}

// TestAStoreWithoutASchemaIsNotChanged: neither is a file that holds nothing yet, or a folder.
func TestAStoreWithoutASchemaIsNotChanged(t *testing.T) {
	folder := t.TempDir()
	empty := filepath.Join(folder, "empty.db")
	require.NoError(t, os.WriteFile(empty, nil, 0o644))
	for _, path := range []string{empty, folder} {
		code, out, trouble := call(t, "fsck", "--graph", "sqlite:"+path)
		require.Equal(t, exitUnreachable, code, "%s%s", out, trouble)
		require.Contains(t, trouble, path)
	}
	code, _, trouble := call(t, "fsck", "--graph", "sqlite:"+empty)
	require.Equal(t, exitUnreachable, code)
	require.Contains(t, trouble, "muster schema")
	require.EqualValues(t, graph.SchemaVersion, answers(t, exitFine, "schema", "--graph", "sqlite:"+empty)["version"])
	require.EqualValues(t, 0, answers(t, exitFine, "fsck", "--graph", "sqlite:"+empty)["checked"])
}

func TestADemoTellsWhatItMade(t *testing.T) {
	for _, bad := range [][]string{{"--experts", "0"}, {"--experts", "-3"}, {"--tickets", "-5"}} {
		path := filepath.Join(t.TempDir(), "m.db")
		code, out, trouble := call(t, append([]string{"demo", "--json", "--graph", "sqlite:" + path}, bad...)...)
		require.Equal(t, exitUsage, code, "%v %s", bad, out)
		require.Contains(t, trouble, bad[0])
		require.Contains(t, trouble, bad[1])
		require.NoFileExists(t, path)
	}
	for _, none := range []string{"-1", "0"} {
		at := "sqlite:" + filepath.Join(t.TempDir(), "m.db")
		r := answers(t, exitFine, "demo", "--experts", "12", "--tickets", none, "--seed", "4", "--graph", at)
		require.Equal(t, map[string]any{"experts": 12., "tickets": 0., "seed": 4.}, r)
	}
	at := "sqlite:" + filepath.Join(t.TempDir(), "m.db")
	r := answers(t, exitFine, "demo", "--experts", "40", "--tickets", "15", "--graph", at)
	require.Equal(t, map[string]any{"experts": 40., "tickets": 15., "seed": 1.}, r)
	require.Positive(t, answers(t, exitFine, "fsck", "--graph", at)["checked"])
}

// TestPasswordsAreNeverShown: least of all those that make a URL unreadable.
func TestPasswordsAreNeverShown(t *testing.T) {
	for at, shown := range map[string]string{
		"neo4j://neo4j:s3cret@host:7687":       "neo4j://neo4j:xxxxx@host:7687",
		"neo4j://neo4j:s3%cret@host:7687":      "neo4j://...@host:7687",
		"neo4j://neo4j:s3/cret@host:7687":      "neo4j://...@host:7687",
		"neo4j://neo4j:12#s3cret@host":         "neo4j://...@host",
		"bolt:neo4j:s3cret@host:7687":          "...@host:7687",
		"neo4j:s3cret@host":                    "...@host",
		"redis://:s3cret":                      "redis://...",
		"redis://:s3 cret@host":                "redis://...@host",
		"neo4j://neo4j:s3@cret@host\x7f":       "neo4j://...@host\x7f",
		"bolt://host:7687":                     "bolt://host:7687",
		"sqlite:/tmp/a@b%zz/m.db":              "sqlite:/tmp/a@b%zz/m.db",
		"redis-sentinel://:s3cret@a:1,b:2/one": "redis-sentinel://:xxxxx@a:1,b:2/one",
		"":                                     "",
	} {
		require.Equal(t, shown, masked(at), at)
	}
	t.Setenv("MUSTER_GRAPH", "neo4j://neo4j:s3cret@127.0.0.1:1")
	t.Setenv("MUSTER_REDIS", "redis://:s3cret@127.0.0.1:1")
	for _, args := range [][]string{{"help"}, {"help", "serve"}, {"assign", "--help"}, {"config"}} {
		code, out, trouble := call(t, args...)
		require.Equal(t, exitFine, code)
		require.NotContains(t, out+trouble, "s3cret", "%v", args)
	}
	t.Setenv("MUSTER_REDIS", "")
	t.Setenv("MUSTER_GRAPH", "sqlite:"+filepath.Join(t.TempDir(), "m.db"))
	answers(t, exitFine, "schema")
	for _, args := range [][]string{
		{"assign", "--graph", "neo4j://neo4j:s3%cret@127.0.0.1:1"},
		{"assign", "--graph", "neo4j:neo4j:s3cret@127.0.0.1:1"},
		{"fsck", "--graph", "bolt://neo4j:s3cret@127.0.0.1:1"},
		{"config", "--graph", "neo4j://neo4j:s3/cret@host", "--redis", "redis://:s3%cret@host"},
		{"up", "--graph", "bolt://neo4j:s3%cret@host"},
		{"serve", "--redis", "redis://:s3%cr\"et@host", "--addr", "127.0.0.1:0"},
	} {
		_, out, trouble := call(t, args...)
		require.NotContains(t, out+trouble, "cret", "%v", args)
		require.NotContains(t, out+trouble, "s3", "%v", args)
	}
}
