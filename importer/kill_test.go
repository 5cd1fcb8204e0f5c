package importer

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/dispatch"
	"github.com/sysopssquad/muster/graph"
	"github.com/sysopssquad/muster/graph/sqlite"
)

const childVariable = "MUSTER_IMPORT_CHILD"

// childImport is what the process does that TestVolumeGoingOnAfterKill kills: it imports, and tells of each commit.
func childImport() {
	folder := os.Getenv(childVariable)
	if folder == "" {
		return
	}
	ctx, clock := context.Background(), muster.NewFakeClock(noon)
	s, err := sqlite.Open(ctx, filepath.Join(folder, "muster.db"), clock)
	if err == nil {
		err = s.Migrate(ctx)
	}
	if err == nil {
		_, err = Run(ctx, Options{
			File: filepath.Join(folder, "made.csv"), Data: folder, Clock: clock, Batch: 20,
			Progress: func(p Progress) { fmt.Println(p.Rows) },
		}, dispatch.New(s, clock), s)
	}
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	os.Exit(0)
}

func TestVolumeGoingOnAfterKill(t *testing.T) {
	const rows = 700
	folder := dataFolderOf(t)
	require.NoError(t, os.WriteFile(filepath.Join(folder, "made.csv"), []byte(made(rows)), 0o600))
	for _, after := range []int{1, 3, 9} { // commits that are told of before the kill
		child := exec.Command(os.Args[0])
		child.Env = append(os.Environ(), childVariable+"="+folder)
		out, err := child.StdoutPipe()
		require.NoError(t, err)
		require.NoError(t, child.Start())
		told := bufio.NewScanner(out)
		for range after {
			require.True(t, told.Scan(), "it ended too early")
		}
		require.NoError(t, child.Process.Kill())
		require.Error(t, child.Wait(), "it was killed")
	}
	clock := muster.NewFakeClock(noon)
	s := open(t, filepath.Join(folder, "muster.db"), clock)
	d := dispatch.New(s, clock)
	before := stored(t, s)
	require.NotEmpty(t, before)
	require.Less(t, len(before), rows)
	rep, err := Run(t.Context(), Options{File: filepath.Join(folder, "made.csv"), Data: folder, Clock: clock}, d, s)
	require.NoError(t, err)
	require.Equal(t, rows, rep.Rows)
	require.Equal(t, len(before), rep.Repeated)
	require.Equal(t, rows-len(before), rep.Imported)

	other := open(t, filepath.Join(t.TempDir(), "whole.db"), clock)
	_, err = Run(t.Context(), Options{File: filepath.Join(folder, "made.csv"), Data: folder, Clock: clock}, dispatch.New(other, clock), other)
	require.NoError(t, err)
	require.Equal(t, stored(t, other), stored(t, s), "as if it had been one run")

	checked, err := d.Fsck(t.Context(), s)
	require.NoError(t, err)
	require.Empty(t, checked.Breaches)
}

// stored is every ticket by its legacy id, but for what the order of commits decides.
func stored(t testing.TB, s *sqlite.Store) map[string]muster.Ticket {
	t.Helper()
	out := map[string]muster.Ticket{}
	after := ""
	for {
		page, next, err := s.Tickets(t.Context(), muster.Scope{Everything: true}, graph.TicketFilter{}, graph.Page{After: after, Limit: 500})
		require.NoError(t, err)
		for _, ticket := range page {
			ticket.Number = 0
			require.NotContains(t, out, ticket.Legacy)
			out[ticket.Legacy] = *ticket
		}
		if next == "" {
			return out
		}
		after = next
	}
}
