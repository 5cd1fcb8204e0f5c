package main

import (
	"encoding/json"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/dispatch"
	"github.com/sysopssquad/muster/dispatch/journal"
)

// leave leaves an accepted submission behind, as a process that died would have.
func leave(t *testing.T, folder string) muster.TicketID {
	t.Helper()
	req := dispatch.SubmitRequest{Customer: "cus_none", Site: "sit_none", Title: "Refrigerator warm"}
	request, err := json.Marshal(req)
	require.NoError(t, err)
	id := muster.TicketID(muster.NewID(muster.KindTicket, "cmd_1", 0))
	answer, err := json.Marshal(dispatch.Answer{Ticket: muster.Ticket{ID: id, Number: 4711, State: muster.Accepted}})
	require.NoError(t, err)
	j, err := journal.Open(folder)
	require.NoError(t, err)
	_, err = j.Accept(journal.Entry{
		ID: "cmd_1", Actor: muster.Actor{ID: "usr_pat", Role: muster.RoleHelpdesk}, Fingerprint: muster.Fingerprint("ticket.submit", req),
		Ticket: id, Number: 4711, At: time.Now(), Request: request, Answer: answer,
	})
	require.NoError(t, err)
	require.NoError(t, j.Close())
	return id
}

func TestAJournalOfADeadProcessIsListedAndFiled(t *testing.T) {
	t.Setenv("MUSTER_GRAPH", "sqlite:"+filepath.Join(t.TempDir(), "m.db"))
	folder := filepath.Join(t.TempDir(), "journal")
	code, _, trouble := call(t, "journal", "list", folder)
	require.Equal(t, exitUsage, code)
	require.Contains(t, trouble, "--journal")
	id := leave(t, folder)

	code, _, _ = call(t, "journal", "replay", folder)
	require.Equal(t, exitUnreachable, code, "there is no store yet")
	answers(t, exitFine, "demo", "--experts", "20", "--tickets", "5", "--seed", "3")
	q := answers(t, exitFindings, "queue", "--journal", folder)
	requireFields(t, q, "at", "consumers", "lanes", "tickets", "timers", "items", "failing", "regions", "relay", "journal")
	require.EqualValues(t, 1, q["journal"].([]any)[0].(map[string]any)["waiting"])
	l := answers(t, exitFindings, "journal", "list", folder)
	requireFields(t, l, "files", "waiting")
	require.Equal(t, "T-4711", l["waiting"].([]any)[0].(map[string]any)["ref"])

	r := answers(t, exitFine, "journal", "replay", folder)
	requireFields(t, r, "files", "waiting", "filing")
	require.EqualValues(t, 1, r["filing"].(map[string]any)["to_person"], "its customer is not there")
	require.Empty(t, answers(t, exitFine, "journal", "list", folder)["waiting"])
	why := answers(t, exitFindings, "why", "T-4711")
	require.Equal(t, string(id), why["ticket"])
}
