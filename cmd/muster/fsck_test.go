package main

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sysopssquad/muster/dispatch"
)

// A check that is interrupted says so by its exit code, keeps how far it came, and goes on from there.
func TestFsckThatIsInterruptedGoesOn(t *testing.T) {
	t.Setenv("MUSTER_GRAPH", "sqlite:"+filepath.Join(t.TempDir(), "m.db"))
	answers(t, exitFine, "demo", "--experts", "20", "--tickets", "30", "--seed", "3")
	whole := answers(t, exitFine, "fsck", "--full-speed")
	place := filepath.Join(t.TempDir(), "place")
	waits := pause
	t.Cleanup(func() { pause = waits })
	runs := 0
	for {
		runs++
		pages := 0
		pause = func(context.Context, time.Duration) error {
			if pages++; pages > 2 {
				return context.Canceled
			}
			return nil
		}
		var out, trouble bytes.Buffer
		code := run(t.Context(), []string{"fsck", "--json", "--resume", place}, streams{strings.NewReader(""), &out, &trouble})
		var r fsckAnswer
		require.NoError(t, json.Unmarshal(out.Bytes(), &r), trouble.String())
		if code == exitFine {
			require.Empty(t, r.Incomplete)
			require.EqualValues(t, whole["checked"], r.Checked)
			require.NoFileExists(t, place)
			break
		}
		require.Equal(t, exitIncomplete, code)
		require.NotEmpty(t, r.Incomplete)
		require.FileExists(t, place)
	}
	require.Greater(t, runs, 2)
	require.NoError(t, os.WriteFile(place, []byte("{}"), 0o600))
	code, _, trouble := call(t, "fsck", "--resume", place)
	require.Equal(t, exitUsage, code)
	require.Contains(t, trouble, place)
}

// Whatever ends a check before all is checked, its exit code is 4, and the answer says why and how far it came: nobody may
// take it for one that found nothing, or for one that found a breach.
func TestFsckThatCantFinishSaysSo(t *testing.T) {
	path := filepath.Join(t.TempDir(), "m.db")
	t.Setenv("MUSTER_GRAPH", "sqlite:"+path)
	answers(t, exitFine, "demo", "--experts", "20", "--tickets", "30", "--seed", "3")
	whole := answers(t, exitFine, "fsck", "--full-speed")
	good, err := os.ReadFile(path)
	require.NoError(t, err)
	waits := pause
	t.Cleanup(func() { pause = waits })
	for name, end := range map[string]func(stop context.CancelFunc){
		"stopped": func(stop context.CancelFunc) { stop() },
		"store lost": func(context.CancelFunc) {
			db, err := sql.Open("sqlite", path)
			require.NoError(t, err)
			_, err = db.Exec("DROP TABLE ticket; DROP TABLE tour; DROP TABLE duty")
			require.NoError(t, err)
			require.NoError(t, db.Close())
		},
	} {
		t.Run(name, func(t *testing.T) {
			place := filepath.Join(t.TempDir(), "place")
			for _, args := range [][]string{{"--json"}, {}, {"--json", "--resume", place}} {
				ctx, stop := context.WithCancel(t.Context())
				pages := 0
				pause = func(context.Context, time.Duration) error {
					if pages++; pages == 2 {
						end(stop)
					}
					return nil
				}
				var out, trouble bytes.Buffer
				code := run(ctx, append([]string{"fsck"}, args...), streams{strings.NewReader(""), &out, &trouble})
				stop()
				require.Equal(t, exitIncomplete, code, "%s%s", out.String(), trouble.String())
				if len(args) == 0 {
					require.Contains(t, out.String(), "not finished: ")
				} else {
					var r fsckAnswer
					require.NoError(t, json.Unmarshal(out.Bytes(), &r), out.String())
					require.NotEmpty(t, r.Incomplete)
					require.NotNil(t, r.Breaches)
					require.Empty(t, r.Breaches)
					require.Positive(t, r.Checked)
				}
				for _, beside := range []string{"-wal", "-shm"} {
					require.NoError(t, os.RemoveAll(path+beside))
				}
				require.NoError(t, os.WriteFile(path, good, 0o600))
			}
			pause = func(context.Context, time.Duration) error { return nil }
			r := answers(t, exitFine, "fsck", "--resume", place)
			require.Equal(t, whole["checked"], r["checked"])
			require.NoFileExists(t, place)
		})
	}
	over, stop := context.WithDeadline(t.Context(), time.Unix(1, 0))
	defer stop()
	gone, stopped := context.WithCancel(t.Context())
	stopped()
	for _, ctx := range []context.Context{over, gone} { // before it has read anything
		var out, trouble bytes.Buffer
		require.Equal(t, exitIncomplete, run(ctx, []string{"fsck", "--json"}, streams{strings.NewReader(""), &out, &trouble}), trouble.String())
		var r fsckAnswer
		require.NoError(t, json.Unmarshal(out.Bytes(), &r), out.String())
		require.NotEmpty(t, r.Incomplete)
	}
}

// What never stood still is not finished either; a breach counts for more.
func TestFsckThatSawNoRestIsNotFinished(t *testing.T) {
	for name, tt := range map[string]struct {
		report dispatch.FsckReport
		err    error
	}{
		"unsettled":              {dispatch.FsckReport{Unsettled: []string{"tic_1"}}, incomplete{}},
		"unsettled and breach":   {dispatch.FsckReport{Unsettled: []string{"tic_1"}, Breaches: []dispatch.Breach{{Invariant: "I4"}}}, findings{}},
		"unsettled and repaired": {dispatch.FsckReport{Unsettled: []string{"tic_1"}, Breaches: []dispatch.Breach{{Invariant: "I4", Repaired: true}}}, incomplete{}},
		"repaired":               {dispatch.FsckReport{Breaches: []dispatch.Breach{{Invariant: "I4", Repaired: true}}}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			var out bytes.Buffer
			a := &app{io: streams{out: &out}, json: true}
			require.Equal(t, tt.err, a.fsckEnds(fsckAnswer{FsckReport: tt.report}, nil, ""))
			require.Equal(t, len(tt.report.Unsettled) > 0, strings.Contains(out.String(), "1 never stood still"), out.String())
		})
	}
}
