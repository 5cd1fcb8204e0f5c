package sqlite_test

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
	"github.com/sysopssquad/muster/graph/graphtest"
	"github.com/sysopssquad/muster/graph/sqlite"
)

const victimPath = "MUSTER_TEST_VICTIM" // of the process that is killed: the file that it writes

// victim commits customers and tells of each that was acknowledged, until it is killed.
func victim(path string) {
	ctx := context.Background()
	s, err := sqlite.Open(ctx, path, muster.SystemClock{})
	if err != nil {
		panic(err)
	}
	for n := 0; ; n++ {
		c := graphtest.Customer(n)
		out, err := s.Commit(ctx, graphtest.Change(fmt.Sprintf("cmd_%d", n), c, graphtest.Site(c.ID, n)))
		if err != nil || !out[0].Accepted {
			panic(fmt.Sprint(err, out))
		}
		fmt.Println(n)
	}
}

// TestKillNine kills a writing process again and again: all that it acknowledged is there, and nothing by half.
func TestKillNine(t *testing.T) {
	path := filepath.Join(t.TempDir(), "muster.db")
	require.NoError(t, openAt(t, path).Close(t.Context()))
	acknowledged := 0
	for range 3 {
		cmd := exec.Command(os.Args[0], "-test.run=^$")
		cmd.Env = append(os.Environ(), victimPath+"="+filepath.Join(t.TempDir(), "x.db"))
		cmd.Env[len(cmd.Env)-1] = victimPath + "=" + path
		out, err := cmd.StdoutPipe()
		require.NoError(t, err)
		require.NoError(t, cmd.Start())
		lines := bufio.NewScanner(out)
		for range 100 {
			require.True(t, lines.Scan())
		}
		require.NoError(t, cmd.Process.Kill())
		last := -1
		for more := true; more; more = lines.Scan() {
			_, err := fmt.Sscan(lines.Text(), &last)
			require.NoError(t, err)
		}
		require.Error(t, cmd.Wait())
		acknowledged = max(acknowledged, last+1)

		s := openAt(t, path)
		customers, err := s.Scan(t.Context(), muster.KindCustomer, "", 100_000)
		require.NoError(t, err)
		require.GreaterOrEqual(t, len(customers), acknowledged)
		sites, err := s.Scan(t.Context(), muster.KindSite, "", 100_000)
		require.NoError(t, err)
		require.Len(t, sites, len(customers))
		require.NoError(t, s.Close(t.Context()))
	}
	require.GreaterOrEqual(t, acknowledged, 100)
}

// A process that is killed loses nothing that the kernel has; only a machine without power would tell.
func TestEveryCommitIsSynced(t *testing.T) {
	require.Equal(t, 2, sqlite.Synced(t, openAt(t, filepath.Join(t.TempDir(), "muster.db"))))
}
