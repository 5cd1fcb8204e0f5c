package importer

import (
	"compress/gzip"
	"context"
	"encoding/csv"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/dispatch"
)

func TestMain(m *testing.M) {
	childImport() // returns unless this process is the one that a test kills
	goleak.VerifyTestMain(m)
}

// noon is when tests take records in.
var noon = time.Date(2026, 11, 20, 18, 0, 0, 0, time.UTC)

// dataFolderOf makes a data folder with a few ZIP codes of our own, one of them in the sea.
func dataFolderOf(t testing.TB) string {
	t.Helper()
	dir := t.TempDir()
	f, err := os.Create(filepath.Join(dir, zipFile))
	require.NoError(t, err)
	z := gzip.NewWriter(f)
	_, err = z.Write([]byte("zip,city,state,lat,lng\n00001,Springtown,IL,41.5,-88.2\n00002,Rivermouth,TX,31.1,-97.5\n" +
		"00003,Afloat,HI,0.5,-150.02\n00004,Pinehill,OR,44.1,-121.3\n"))
	require.NoError(t, err)
	require.NoError(t, z.Close())
	require.NoError(t, f.Close())
	return dir
}

// written makes a file of a test's.
func written(t testing.TB, name, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
	return path
}

// ledger is a target that keeps what was taken in, by command. Fail is asked before each call.
type ledger struct {
	company
	rows  map[muster.CommandID]dispatch.Intake
	order []muster.CommandID
	calls int
	fail  func(call int) error
	late  bool // the rows got in before it failed
	mu    sync.Mutex
}

func newLedger() *ledger { return &ledger{rows: map[muster.CommandID]dispatch.Intake{}} }

func (l *ledger) Import(ctx context.Context, rows []dispatch.Intake) ([]dispatch.RowResult, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.calls++
	var failed error
	if l.fail != nil {
		failed = l.fail(l.calls)
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if failed != nil && !l.late {
		return nil, failed
	}
	out := make([]dispatch.RowResult, len(rows))
	for i, r := range rows {
		switch _, known := l.rows[r.Command.ID]; {
		case known:
			out[i].State = dispatch.RowRepeated
		case strings.Contains(r.Submit.Text, "refuse me"):
			out[i] = dispatch.RowResult{State: dispatch.RowRefused, Err: muster.Invalid("text", "refuse me", "say it otherwise")}
		default:
			l.rows[r.Command.ID] = r
			l.order = append(l.order, r.Command.ID)
			out[i].State = dispatch.RowNew
		}
	}
	return out, failed
}

func (l *ledger) row(t testing.TB, id string) dispatch.Intake {
	t.Helper()
	in, ok := l.rows[muster.CommandID("import/openrepair/"+id)]
	require.True(t, ok, id)
	return in
}

func TestRowsBecomeTickets(t *testing.T) {
	l := newLedger()
	rep, err := Run(t.Context(), Options{File: "testdata/small.csv", Data: dataFolderOf(t), Clock: muster.NewFakeClock(noon)}, l, l)
	require.NoError(t, err)
	require.Equal(t, 7, rep.Rows)
	require.Equal(t, 7, rep.Imported)
	require.Zero(t, rep.Rejected+rep.Repeated)
	require.Equal(t, map[string]int{"brand": 2, "year_of_manufacture": 3, "partner_product_category": 1}, rep.Blanked)

	lamp := l.row(t, "a_1")
	require.Equal(t, "Lamp, Brightly", lamp.Submit.Title)
	require.Equal(t, "Desk lamp\n\nIt flickers", lamp.Submit.Text)
	require.Equal(t, muster.ModeCarryIn, lamp.Submit.Mode)
	require.Equal(t, muster.Fixed, lamp.Submit.Expected)
	require.Equal(t, "openrepair/a_1", lamp.Submit.Legacy)
	require.Equal(t, "Brightly", lamp.Devices[0].Brand)
	require.Equal(t, 1999, lamp.Devices[0].Year)

	toaster := l.row(t, "a_2")
	require.Empty(t, toaster.Devices[0].Brand)
	require.Zero(t, toaster.Devices[0].Year)
	require.Equal(t, muster.BeyondRepair, toaster.Submit.Expected)
	require.Empty(t, toaster.Submit.Text, "the source's name of the thing says no more than the category")

	tv := l.row(t, "a_3")
	require.Equal(t, "Television, Kestrel", tv.Submit.Title)
	require.Equal(t, muster.ModeHomeVisit, tv.Submit.Mode)
	require.Equal(t, []muster.Need{{Skill: "skl_television", Level: 3}}, tv.Submit.Needs)
	require.Equal(t, muster.PartNeeded, tv.Submit.Expected)

	screen := l.row(t, "a_4")
	require.Equal(t, muster.ModeCarryIn, screen.Submit.Mode)
	require.Contains(t, screen.Submit.Text, "Dark\nafter a minute > then off")
	require.Zero(t, screen.Devices[0].Year, "1015 is a slip of the pen")

	misc := l.row(t, "a_5")
	require.Empty(t, misc.Submit.Needs)
	require.Empty(t, misc.Submit.Mode)
	require.Equal(t, "It\nbeeps", misc.Submit.Text)

	fridge := l.row(t, "a_6")
	require.Equal(t, "Refrigerator, Norvik", fridge.Submit.Title)
	require.Zero(t, fridge.Devices[0].Year, "it was not made after it broke")

	newest := l.row(t, "a_7")
	require.Equal(t, noon.Truncate(day), newest.At.Truncate(day), "the newest is of today")
	require.Equal(t, 3*day, newest.At.Truncate(day).Sub(lamp.At.Truncate(day)))
	for _, in := range l.rows {
		require.False(t, in.At.After(noon))
		require.NotEmpty(t, in.Customer.Name)
		require.Equal(t, in.Customer.ID, in.Sites[0].Customer)
		require.Equal(t, in.Submit.Site, in.Sites[0].ID)
		require.Equal(t, muster.PrecisionZIP, in.Sites[0].Place.Precision)
		require.NotZero(t, in.Sites[0].Place.Cell)
		require.NotEqual(t, "Afloat", in.Sites[0].City)
		require.Contains(t, []string{"America/Chicago", "America/Los_Angeles"}, in.Sites[0].Place.Zone)
	}
}

// made is a file of n records of our own making, with some dirt.
func made(n int) string {
	var b strings.Builder
	b.WriteString("id,product_category,partner_product_category,brand,year_of_manufacture,country,event_date,problem,repair_status,repair_barrier_if_end_of_life\n")
	kinds := []string{"Lamp", "Laptop", "Toaster", "Large home electrical", "Misc", "Printer/scanner"}
	for i := range n {
		fmt.Fprintf(&b, "r_%d,%s,%s ~ thing %d,Norvik,2012,USA,2023-%02d-%02d,It hums no %d,Fixed,\n",
			i, kinds[i%len(kinds)], kinds[i%len(kinds)], i%7, 1+i%12, 1+i%28, i)
	}
	return b.String()
}

func TestRejectsAreTold(t *testing.T) {
	lines := strings.SplitAfter(made(6), "\n")
	dirt := []string{
		"x_1,Lamp,,Norvik,2012,USA,2023-01-01,\"never closed,Fixed,\n",
		"x_2,Teleporter,,Norvik,2012,USA,2023-01-01,It hums,Fixed,\n",
		"x_3,Lamp,,Norvik,2012,USA,2023-13-01,It hums,Fixed,\n",
		"x_4,Lamp,,Norvik,2012,USA,2999-01-01,It hums,Fixed,\n",
		"x_5,Lamp,,Norvik,2012,USA,2023-01-01,It \x00 hums,Fixed,\n",
		"x_6,Lamp,,Norvik,2012,USA,2023-01-01,It \xff hums,Fixed,\n",
		"x_7,Lamp\n",
		",Lamp,,Norvik,2012,USA,2023-01-01,It hums,Fixed,\n",
		"x_8,Lamp,,Norvik,2012,USA,2023-01-01,It hums,Mended,\n",
		"x_9,Lamp,,Norvik,2012,USA,2023-01-01,refuse me,Fixed,\n",
	}
	file := written(t, "dirty.csv", lines[0]+lines[1]+strings.Join(dirt, "")+strings.Join(lines[2:], ""))
	rejects := filepath.Join(t.TempDir(), "rejects.csv")
	l := newLedger()
	rep, err := Run(t.Context(), Options{File: file, Rejects: rejects, Data: dataFolderOf(t), Clock: muster.NewFakeClock(noon), Batch: 3}, l, l)
	require.NoError(t, err)
	require.Equal(t, 16, rep.Rows)
	require.Equal(t, 6, rep.Imported)
	require.Equal(t, 10, rep.Rejected)
	require.Equal(t, map[string]int{
		"quote": 1, "category": 1, "date": 2, "NUL": 1, "UTF-8": 1, "columns": 1, "id": 1, "outcome": 1, "refused": 1,
	}, rep.Reasons)

	f, err := os.Open(rejects)
	require.NoError(t, err)
	defer f.Close()
	got, err := csv.NewReader(f).ReadAll()
	require.NoError(t, err)
	require.Equal(t, []string{"line", "id", "reason", "row"}, got[0])
	require.Len(t, got, 11)
	for i, r := range got[1:] {
		require.Equal(t, fmt.Sprint(i+3), r[0], "in the order of the file")
		require.NotEmpty(t, r[2])
		require.NotEmpty(t, r[3])
	}
	require.Contains(t, got[2][2], "Teleporter")
	require.Equal(t, "x_9", got[10][1])
	require.Contains(t, got[10][2], "say it otherwise")
}

func TestASecondRunAddsNothing(t *testing.T) {
	file, data := written(t, "made.csv", made(200)), dataFolderOf(t)
	clock := muster.NewFakeClock(noon)
	l := newLedger()
	o := Options{File: file, Data: data, Clock: clock, Batch: 16}
	_, err := Run(t.Context(), o, l, l)
	require.NoError(t, err)
	clock.Advance(9 * day)
	rep, err := Run(t.Context(), o, l, l)
	require.NoError(t, err)
	require.Equal(t, 200, rep.Repeated)
	require.Len(t, l.rows, 200)
}

// The import may stop at any batch; going on gives what one run would have given.
func TestGoingOnAfterAnyBatch(t *testing.T) {
	file, data := written(t, "made.csv", made(120)), dataFolderOf(t)
	o := Options{File: file, Data: data, Clock: muster.NewFakeClock(noon), Batch: 10}
	whole := newLedger()
	_, err := Run(t.Context(), o, whole, whole)
	require.NoError(t, err)
	require.Greater(t, whole.calls, 8)
	for stop := 1; stop <= whole.calls; stop++ {
		for _, late := range []bool{false, true} {
			l := newLedger()
			l.late = late
			gone := muster.E(muster.CodeUnavailable, "the store is gone", "start it")
			l.fail = func(call int) error {
				if call >= stop {
					return gone
				}
				return nil
			}
			_, err := Run(t.Context(), o, l, l)
			require.ErrorIs(t, err, gone)
			l.fail = nil
			rep, err := Run(t.Context(), o, l, l)
			require.NoError(t, err)
			require.Equal(t, 120, rep.Imported+rep.Repeated)
			require.Equal(t, whole.rows, l.rows)
		}
	}
}

func TestAnUnknownOutcomeIsSettledBySendingAgain(t *testing.T) {
	file, data := written(t, "made.csv", made(40)), dataFolderOf(t)
	l := newLedger()
	l.late = true
	l.fail = func(call int) error {
		if call%2 == 1 {
			return muster.E(muster.CodeUnknown, "the reply was lost", "send the same again")
		}
		return nil
	}
	rep, err := Run(t.Context(), Options{File: file, Data: data, Clock: muster.NewFakeClock(noon), Batch: 100}, l, l)
	require.NoError(t, err)
	require.Equal(t, 2, l.calls)
	require.Equal(t, 40, rep.Repeated)
	require.Len(t, l.rows, 40)

	l = newLedger()
	l.fail = func(int) error { return muster.E(muster.CodeUnknown, "the reply was lost", "send the same again") }
	_, err = Run(t.Context(), Options{File: file, Data: data, Clock: muster.NewFakeClock(noon)}, l, l)
	require.Equal(t, muster.CodeUnknown, muster.CodeOf(err))
	require.Equal(t, attempts, l.calls)
}

func TestHouseholdsShareACustomerAndEndWithTheirBatch(t *testing.T) {
	file, data := written(t, "made.csv", made(400)), dataFolderOf(t)
	tickets := map[muster.CustomerID]int{}
	for _, batch := range []int{7, 500} { // batches cut between households, never through them
		l := newLedger()
		_, err := Run(t.Context(), Options{File: file, Data: data, Clock: muster.NewFakeClock(noon), Batch: batch}, l, l)
		require.NoError(t, err)
		devices := map[muster.CustomerID]int{}
		got := map[muster.CustomerID]int{}
		for _, id := range l.order {
			in := l.rows[id]
			if got[in.Submit.Customer] == 0 {
				devices[in.Submit.Customer] = len(in.Devices)
			}
			got[in.Submit.Customer]++
		}
		require.Equal(t, got, devices, "the first ticket of a household brings the devices of all")
		if batch == 7 {
			tickets = got
			continue
		}
		require.Equal(t, tickets, got)
	}
	largest := 0
	for _, n := range tickets {
		largest = max(largest, n)
	}
	require.Greater(t, len(tickets), 100)
	require.Less(t, len(tickets), 300)
	require.LessOrEqual(t, largest, maxHousehold)
	require.Greater(t, largest, 1)
}

func TestPlainAndGzippedGiveTheSame(t *testing.T) {
	data := dataFolderOf(t)
	var zipped strings.Builder
	z := gzip.NewWriter(&zipped)
	_, err := z.Write([]byte(made(50)))
	require.NoError(t, err)
	require.NoError(t, z.Close())
	a, b := newLedger(), newLedger()
	for l, file := range map[*ledger]string{a: written(t, "made.csv", made(50)), b: written(t, "made.csv.gz", zipped.String())} {
		last := Progress{}
		_, err := Run(t.Context(), Options{
			File: file, Data: data, Clock: muster.NewFakeClock(noon), Batch: 20, Progress: func(p Progress) { last = p },
		}, l, l)
		require.NoError(t, err)
		require.Equal(t, 50, last.Imported)
		require.Equal(t, last.Size, last.Bytes)
	}
	require.Equal(t, a.rows, b.rows)

	cut := written(t, "cut.csv.gz", zipped.String()[:zipped.Len()/2])
	l := newLedger()
	_, err = Run(t.Context(), Options{File: cut, Data: data, Clock: muster.NewFakeClock(noon)}, l, l)
	require.ErrorContains(t, err, "cut.csv.gz")
	require.Empty(t, l.rows, "a file that can't be read to its end is not begun")
}

func TestWhatCantBeStarted(t *testing.T) {
	file, data := written(t, "made.csv", made(3)), dataFolderOf(t)
	clock := muster.NewFakeClock(noon)
	for complaint, o := range map[string]Options{
		"none.csv":         {File: "testdata/none.csv", Data: data},
		"it is a folder":   {File: "testdata", Data: data},
		"MUSTER_DATA":      {File: file, Data: t.TempDir()},
		"name another":     {File: file, Data: data, Rejects: file},
		"can be written":   {File: file, Data: data, Rejects: filepath.Join(file, "x")},
		"no-such-map.yml":  {File: file, Data: data, Map: "no-such-map.yml"},
		"product_category": {File: written(t, "other.csv", "a,b,id\n1,2,3\n"), Data: data},
	} {
		o.Clock = clock
		l := newLedger()
		_, err := Run(t.Context(), o, l, l)
		require.ErrorContains(t, err, complaint)
		require.Empty(t, l.rows)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	l := newLedger()
	_, err := Run(ctx, Options{File: file, Data: data, Clock: clock}, l, l)
	require.ErrorIs(t, err, context.Canceled)
}

func TestCancelledInTheMiddle(t *testing.T) {
	file, data := written(t, "made.csv", made(300)), dataFolderOf(t)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	l := newLedger()
	_, err := Run(ctx, Options{
		File: file, Data: data, Clock: muster.NewFakeClock(noon), Batch: 10, Progress: func(Progress) { cancel() },
	}, l, l)
	require.ErrorIs(t, err, context.Canceled)
	require.Less(t, len(l.rows), 300)
}
