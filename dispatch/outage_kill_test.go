package dispatch_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/dispatch"
	"github.com/sysopssquad/muster/dispatch/journal"
	"github.com/sysopssquad/muster/graph"
	"github.com/sysopssquad/muster/graph/sqlite"
)

// Variables of the process that TestVolumeIntakeOutlivesKills kills: where it works, and what it does there.
const (
	intakeFolder = "MUSTER_INTAKE_CHILD"
	intakeDeed   = "MUSTER_INTAKE_DEED"
)

// childIntake accepts submissions without a store, or files them, until it is killed; it tells of each that it
// has acknowledged, or that there is no more to file.
func childIntake() {
	folder := os.Getenv(intakeFolder)
	if folder == "" {
		return
	}
	err := intakeChild(context.Background(), folder, os.Getenv(intakeDeed))
	if err != nil {
		fmt.Println("error", err)
		os.Exit(1)
	}
	os.Exit(0)
}

func intakeChild(ctx context.Context, folder, deed string) error {
	clock := muster.NewFakeClock(monday)
	store, err := sqlite.Open(ctx, filepath.Join(folder, "muster.db"), clock)
	if err != nil {
		return err
	}
	far := &remote{Store: store}
	d := dispatch.New(far, clock)
	j, err := journal.Open(filepath.Join(folder, "journal"))
	if err != nil {
		return err
	}
	d.KeepIn(j, 5000)
	if deed == "file" {
		_, err := dispatch.New(&permitted{Store: store}, clock).FileIntake(ctx, j)
		return err
	}
	if err := d.TendIntake(ctx, ""); err != nil {
		return err
	}
	far.state.Store(refuses)
	found, err := store.Records(ctx, "", "cus_kill", "sit_kill")
	if err != nil || len(found) != 2 {
		return fmt.Errorf("%d records: %w", len(found), err)
	}
	told := make(chan string)
	for w := range 8 {
		go func() {
			for n := 0; ; n++ {
				cmd := muster.Command{ID: muster.CommandID(fmt.Sprintf("%s-%d-%d", deed, w, n)), Actor: helpdesk}
				a, err := d.Submit(ctx, cmd, dispatch.SubmitRequest{
					Customer: "cus_kill", Site: "sit_kill", Title: "Warm", Needs: []muster.Need{{Skill: fridges, Level: 1}},
				})
				if err != nil {
					told <- "error " + err.Error()
					return
				}
				told <- fmt.Sprintf("%s %d", a.Ticket.ID, a.Ticket.Number)
			}
		}()
	}
	for line := range told {
		fmt.Println(line)
	}
	return nil
}

// permitted tells of each commit that has taken effect, and lets nobody know of it before it is permitted to.
type permitted struct {
	graph.Store
	mu sync.Mutex
}

func (p *permitted) Commit(ctx context.Context, changes ...graph.Change) ([]graph.Outcome, error) {
	out, err := p.Store.Commit(ctx, changes...)
	p.mu.Lock()
	defer p.mu.Unlock()
	fmt.Println("committed")
	if _, err := os.Stdin.Read(make([]byte, 1)); err != nil {
		return nil, err
	}
	return out, err
}

// spawn starts a child and hands over what it says.
func spawn(t *testing.T, folder, deed string) (*exec.Cmd, *bufio.Scanner, io.Writer) {
	t.Helper()
	child := exec.Command(os.Args[0])
	child.Env = append(os.Environ(), intakeFolder+"="+folder, intakeDeed+"="+deed)
	out, err := child.StdoutPipe()
	require.NoError(t, err)
	in, err := child.StdinPipe()
	require.NoError(t, err)
	require.NoError(t, child.Start())
	return child, bufio.NewScanner(out), in
}

// Whatever was acknowledged before a SIGKILL is in the graph once and under its number, however often those who
// accept and those who file are killed.
func TestVolumeIntakeOutlivesKills(t *testing.T) {
	folder := t.TempDir()
	clock := muster.NewFakeClock(monday)
	store, err := sqlite.Open(t.Context(), filepath.Join(folder, "muster.db"), clock)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, store.Close(context.Background())) })
	c := companyOn(t, store, clock)
	_, err = c.dispatch.SaveCustomer(c.ctx, c.as(helpdesk), dispatch.CustomerRequest{
		Customer: muster.Customer{ID: "cus_kill", Name: "Kim"},
		Sites:    []muster.Site{{ID: "sit_kill", Place: muster.Place{Point: boston}}},
	})
	require.NoError(t, err)

	acknowledged := map[muster.TicketID]int64{}
	for n, after := range []int{1, 40, 600} {
		child, told, _ := spawn(t, folder, fmt.Sprint("accept", n))
		for range after {
			require.True(t, told.Scan(), "it ended too early")
			var id muster.TicketID
			var number int64
			_, err := fmt.Sscan(told.Text(), &id, &number)
			require.NoError(t, err, told.Text())
			acknowledged[id] = number
		}
		require.NoError(t, child.Process.Kill())
		for told.Scan() { // what it had said before it died
			var id muster.TicketID
			var number int64
			if n, _ := fmt.Sscan(told.Text(), &id, &number); n == 2 {
				acknowledged[id] = number
			}
		}
		require.Error(t, child.Wait(), "it was killed")
	}
	for _, commits := range []int{0, 1, 2, 3, 4} {
		child, told, permit := spawn(t, folder, "file")
		for n := range commits + 1 {
			require.True(t, told.Scan())
			require.Equal(t, "committed", told.Text())
			if n < commits {
				_, err := permit.Write([]byte("."))
				require.NoError(t, err)
			}
		}
		require.NoError(t, child.Process.Kill())
		require.Error(t, child.Wait(), "it was killed")
	}
	left, err := journal.Left(filepath.Join(folder, "journal"))
	require.NoError(t, err)
	require.Len(t, left, 1)
	_, err = c.dispatch.FileIntake(c.ctx, left[0])
	require.NoError(t, err)
	require.NoError(t, left[0].Close())

	numbers := map[int64]muster.TicketID{}
	after := ""
	for {
		page, next, err := store.Tickets(t.Context(), muster.Scope{Everything: true}, graph.TicketFilter{}, graph.Page{After: after, Limit: 500})
		require.NoError(t, err)
		for _, k := range page {
			require.Equal(t, int64(1), k.Rev)
			require.Empty(t, numbers[k.Number], "two have number %d", k.Number)
			numbers[k.Number] = k.ID
		}
		if after = next; next == "" {
			break
		}
	}
	require.GreaterOrEqual(t, len(acknowledged), 641)
	for id, number := range acknowledged {
		require.Equal(t, id, numbers[number])
	}
	c.sound()
}
