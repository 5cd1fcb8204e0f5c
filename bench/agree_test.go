package bench

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/demo"
	"github.com/sysopssquad/muster/dispatch"
	"github.com/sysopssquad/muster/graph"
	"github.com/sysopssquad/muster/graph/neo4j"
	"github.com/sysopssquad/muster/graph/sqlite"
	"github.com/sysopssquad/muster/importer"
	"github.com/sysopssquad/muster/servertest"
)

func TestMain(m *testing.M) { servertest.Main(m) }

func dataFolder() string {
	if data := os.Getenv("MUSTER_DATA"); data != "" {
		return data
	}
	return "../../shared/data" // tests run one folder further down
}

// TestDataBothStoresAssignAlike plays days over the openrepair records with a demo company, on both stores with one
// clock and one seed: the same visits by the same people at the same times, and at most 2 % are left, none because
// everybody is full. MUSTER_ROWS says how many records, 0 is the whole file (about ten minutes).
func TestDataBothStoresAssignAlike(t *testing.T) {
	data := dataFolder()
	file := filepath.Join(data, "openrepair.csv.gz")
	_, err := os.Stat(file)
	require.NoError(t, err, "set MUSTER_DATA to the folder of the data files, or deselect this with -skip '^TestData'")
	rows := 2_000
	if text := os.Getenv("MUSTER_ROWS"); text != "" {
		rows, err = strconv.Atoi(text)
		require.NoError(t, err)
	}
	if rows > 0 {
		file, err = firstRows(file, rows)
		require.NoError(t, err)
		t.Cleanup(func() { require.NoError(t, os.Remove(file)) })
	}

	light, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "muster.db"), muster.SystemClock{})
	require.NoError(t, err)
	url := servertest.Neo4j(t)
	servertest.WipeNeo4j(t)
	heavy, err := neo4j.Open(t.Context(), url, muster.SystemClock{})
	require.NoError(t, err)
	stories := make(map[string][]string)
	for name, store := range map[string]graph.Store{"SQLite": light, "Neo4j": heavy} {
		t.Cleanup(func() { require.NoError(t, store.Close(context.Background())) })
		stories[name] = story(t, name, store, file, data)
	}
	require.NotEmpty(t, stories["SQLite"])
	require.Equal(t, stories["SQLite"], stories["Neo4j"])
}

// story is who visited whom when, a line for each ticket.
func story(t *testing.T, name string, store graph.Store, file, data string) (lines []string) {
	t.Helper()
	ctx, began := t.Context(), time.Now()
	clock := muster.NewFakeClock(time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC))
	require.NoError(t, store.Migrate(ctx))
	d := dispatch.New(store, clock)
	require.NoError(t, demo.Load(ctx, d, demo.Options{Tickets: -1, Seed: 1, Now: clock.Now()}))
	in, err := importer.Run(ctx, importer.Options{File: file, Data: data, Clock: clock}, d, store)
	require.NoError(t, err)
	require.Zero(t, in.Rejected, in.Reasons)
	counts, err := store.TicketCounts(ctx, muster.Scope{Everything: true})
	require.NoError(t, err)
	visits := counts[string(muster.Queued)]
	t.Logf("%s: %d imported, %d to be visited, %.0f s", name, in.Imported, visits, time.Since(began).Seconds())
	require.NotZero(t, visits)

	require.NoError(t, store.Analyze(ctx))
	days, err := d.Days(ctx, store, clock, dispatch.DaysOptions{Days: 60, Seed: 1, UntilIdle: true})
	require.NoError(t, err)
	last := days[len(days)-1]
	t.Logf("%s: %d days, %d left %v, %.0f s", name, len(days), last.Remaining, last.ByReason, time.Since(began).Seconds())
	require.Less(t, len(days), 60, "it comes to rest")
	for _, full := range []muster.ReasonCode{muster.NoOpening, muster.OverCapacity, muster.DayTooLong, muster.WeekTooLong} {
		require.Zero(t, last.ByReason[full], "%s is a lack of capacity", full)
	}
	found, err := d.Fsck(ctx, store)
	require.NoError(t, err)
	require.Empty(t, found.Breaches)
	t.Logf("%s: %d checked, %.0f s", name, found.Checked, time.Since(began).Seconds())
	require.LessOrEqual(t, float64(last.Remaining), 0.02*float64(visits))

	for after := ""; ; {
		page, err := store.TicketCases(ctx, after, 500)
		require.NoError(t, err)
		if len(page) == 0 {
			return lines
		}
		for _, k := range page {
			after = string(k.Ticket.ID)
			line := fmt.Sprintf("%s %s %s", k.Ticket.ID, k.Ticket.State, k.Ticket.Outcome)
			for _, a := range k.Assignments {
				line += fmt.Sprintf(" %s@%s", a.Expert, a.Start.Format("0102T1504"))
			}
			lines = append(lines, line)
		}
	}
}
