package sqlite_test

import (
	"database/sql"
	"fmt"
	"path/filepath"
	"testing"
	"context"

	"github.com/stretchr/testify/require"
	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/graph"
	"github.com/sysopssquad/muster/graph/sqlite"
)

func TestSize(t *testing.T) {
	p := filepath.Join(t.TempDir(), "m.db")
	s, err := sqlite.Open(t.Context(), p, muster.SystemClock{})
	require.NoError(t, err)
	require.NoError(t, s.Migrate(t.Context()))
	const N = 20000
	var cs []graph.Change
	for n := range N {
		cs = append(cs, imported(n+1))
	}
	for len(cs) > 0 {
		_, err := s.Commit(t.Context(), cs[:500]...)
		require.NoError(t, err)
		cs = cs[500:]
	}
	s.Close(context.Background())
	db, _ := sql.Open("sqlite", p)
	rows, err := db.Query("select name, count(*), sum(pgsize), sum(payload) from dbstat group by 1 order by 3 desc")
	require.NoError(t, err)
	tot := 0
	for rows.Next() {
		var n string
		var c, sz, pl int
		rows.Scan(&n, &c, &sz, &pl)
		tot += sz
		fmt.Printf("%-40s pages %6d  %6d B/ticket  payload %6d\n", n, c, sz/N, pl/N)
	}
	fmt.Println(tot / N)
}
