package sqlite_test

import (
	"fmt"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/graph"
	"github.com/sysopssquad/muster/graph/graphtest"
	"github.com/sysopssquad/muster/graph/sqlite"
)

// crowd makes n goroutines wait with their commits while somebody writes, lets them go and gives their outcomes.
func crowd(t *testing.T, s *sqlite.Store, changes []graph.Change) (outcomes []graph.Outcome, errs []error) {
	outcomes, errs = make([]graph.Outcome, len(changes)), make([]error, len(changes))
	free := sqlite.HoldWriter(t, s)
	var wg sync.WaitGroup
	for i, c := range changes {
		wg.Go(func() {
			out, err := s.Commit(t.Context(), c)
			if errs[i] = err; err == nil {
				outcomes[i] = out[0]
			}
		})
	}
	sqlite.AwaitQueue(s, len(changes))
	free()
	wg.Wait()
	return outcomes, errs
}

func TestCommitsThatWaitTogetherAreWrittenTogether(t *testing.T) {
	s := openFile(t).(*sqlite.Store)
	commits := sqlite.Commits(s)
	var changes []graph.Change
	for n := range 40 {
		changes = append(changes, graphtest.Change(fmt.Sprintf("cmd_%d", n), graphtest.Customer(n%10)))
	}
	outcomes, errs := crowd(t, s, changes)
	accepted := map[string]int{}
	for i, o := range outcomes {
		require.NoError(t, errs[i])
		if o.Accepted {
			require.JSONEq(t, fmt.Sprintf(`{"command":"cmd_%d"}`, i), string(o.Result), "each caller has its own outcome")
			accepted[changes[i].Put[0].RecordID()]++
		} else {
			require.Len(t, o.Failed, 1)
		}
	}
	require.Len(t, accepted, 10)
	for id, n := range accepted {
		require.Equal(t, 1, n, id)
	}
	require.Equal(t, 1, *commits, "of all that waited")
}

func TestAPoisonedCommitFailsAlone(t *testing.T) {
	s := openFile(t).(*sqlite.Store)
	twin := func(n int) graph.Change { // two tickets of one number: a defect of the caller that only the file notices
		t := graphtest.Ticket(graphtest.Device(graphtest.Site("cus_1", 1), 1), n)
		t.Number = 7
		return graphtest.Change(fmt.Sprintf("cmd_twin-%d", n), t)
	}
	changes := []graph.Change{twin(1), twin(2)}
	for n := range 10 {
		changes = append(changes, graphtest.Change(fmt.Sprintf("cmd_%d", n), graphtest.Customer(n)))
	}
	outcomes, errs := crowd(t, s, changes)
	failed := 0
	for i := range changes {
		if errs[i] != nil {
			require.Equal(t, muster.CodeInternal, muster.CodeOf(errs[i]))
			require.Contains(t, changes[i].Command.ID, "twin")
			failed++
			continue
		}
		require.True(t, outcomes[i].Accepted)
	}
	require.Equal(t, 1, failed)
}

func TestALostReplyIsToldToAllWhoWereWritten(t *testing.T) {
	s := openFile(t).(*sqlite.Store)
	var changes []graph.Change
	for n := range 8 {
		changes = append(changes, graphtest.Change(fmt.Sprintf("cmd_%d", n), graphtest.Customer(n)))
	}
	sqlite.Lossy(s).LoseReply()
	_, errs := crowd(t, s, changes)
	for _, err := range errs {
		require.Equal(t, muster.CodeUnknown, muster.CodeOf(err), "%v", err)
	}
	again, err := s.Commit(t.Context(), changes...)
	require.NoError(t, err)
	for _, o := range again {
		require.True(t, o.Replayed)
	}
}
