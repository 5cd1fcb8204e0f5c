package sqlite_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/graph/graphtest"
	"github.com/sysopssquad/muster/graph/sqlite"
)

// TestMessagesGetTimersWhenAnOlderStoreIsBroughtUpToDate: before schema 4 messages were kept whole, without timers, and
// nothing wrote any.
func TestMessagesGetTimersWhenAnOlderStoreIsBroughtUpToDate(t *testing.T) {
	s := openFile(t).(*sqlite.Store)
	sqlite.Do(t, s, "DROP TABLE message")
	sqlite.Do(t, s, `CREATE TABLE message (nr INTEGER NOT NULL PRIMARY KEY, id TEXT NOT NULL UNIQUE, rev INTEGER, body TEXT,
		alive INTEGER NOT NULL, fence INTEGER NOT NULL) STRICT`)
	setVersion(t, s, 3)
	sqlite.Forget(s)
	require.NoError(t, s.Migrate(t.Context()))
	m := graphtest.Message("tic_1", "cus_1", 1)
	_, err := s.Commit(t.Context(), graphtest.Change("cmd_1", m))
	require.NoError(t, err)
	_, due, err := s.Claim(t.Context(), string(m.ID), graphtest.Start.Add(time.Hour), graphtest.Start.Add(2*time.Hour))
	require.NoError(t, err)
	require.True(t, due)
	found, err := s.Messages(t.Context(), muster.Scope{Everything: true}, []muster.TicketID{"tic_1"}, 10)
	require.NoError(t, err)
	require.Equal(t, []*muster.Message{m}, found)
}
