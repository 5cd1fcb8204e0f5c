package journal

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/sysopssquad/muster"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func entry(n int) Entry {
	id := muster.CommandID(fmt.Sprintf("cmd-%d", n))
	return Entry{
		ID: id, Actor: muster.Actor{ID: "usr_pat", Role: muster.RoleHelpdesk}, Fingerprint: "f",
		Ticket: muster.TicketID(muster.NewID(muster.KindTicket, id, 0)), Number: int64(n),
		At: time.Date(2026, 11, 23, 13, 0, n, 0, time.UTC), Request: json.RawMessage(`{"title":"warm\nand wet"}`), Answer: json.RawMessage(`{}`),
	}
}

func openIn(t *testing.T, dir string) *Journal {
	t.Helper()
	j, err := Open(dir)
	require.NoError(t, err)
	t.Cleanup(func() { _ = j.Close() })
	return j
}

func accept(t *testing.T, j *Journal, ns ...int) {
	t.Helper()
	for _, n := range ns {
		e, err := j.Accept(entry(n))
		require.NoError(t, err)
		require.Equal(t, entry(n), e)
	}
}

func numbersOf(j *Journal) (out []int64) {
	for _, e := range j.Waiting(0) {
		out = append(out, e.Number)
	}
	return out
}

func TestWhatWasAcceptedIsThereAgain(t *testing.T) {
	dir := t.TempDir()
	j := openIn(t, dir)
	require.NoError(t, j.Grant(1, 3))
	require.NoError(t, j.Grant(10, 2))
	for _, want := range []int64{1, 2} {
		n, ok := j.Number()
		require.True(t, ok)
		require.Equal(t, want, n)
		accept(t, j, int(n))
	}
	accept(t, j, 99)
	j.Filed("cmd-1")
	require.NoError(t, j.Close())

	j = openIn(t, dir)
	require.Equal(t, []int64{2, 99}, numbersOf(j))
	require.Equal(t, entry(2), j.Waiting(1)[0])
	require.Equal(t, Status{File: filepath.Join(dir, "intake-1.journal"), Waiting: 2, Oldest: entry(2).At, Numbers: 3}, j.Status())
	e, ok := j.Ticket(entry(99).Ticket, 0)
	require.True(t, ok)
	require.Equal(t, entry(99), e)
	_, ok = j.Ticket("", 1)
	require.False(t, ok)
	for _, want := range []int64{3, 10, 11} {
		n, ok := j.Number()
		require.True(t, ok)
		require.Equal(t, want, n)
	}
	_, ok = j.Number()
	require.False(t, ok)
}

func TestTheFirstAcceptanceOfACommandHolds(t *testing.T) {
	j := openIn(t, t.TempDir())
	accept(t, j, 1)
	twin := entry(1)
	twin.Number = 2
	e, err := j.Accept(twin)
	require.NoError(t, err)
	require.Equal(t, int64(1), e.Number)
}

func TestOneProcessAFile(t *testing.T) {
	dir := t.TempDir()
	first, second := openIn(t, dir), openIn(t, dir)
	require.NotEqual(t, first.path, second.path)
	accept(t, second, 7)
	left, err := Left(dir)
	require.NoError(t, err)
	require.Empty(t, left)
	require.NoError(t, second.Close())
	left, err = Left(dir)
	require.NoError(t, err)
	require.Len(t, left, 1)
	require.Equal(t, []int64{7}, numbersOf(left[0]))
	left[0].Filed("cmd-7")
	require.NoError(t, left[0].Close())
	left, err = Left(dir)
	require.NoError(t, err)
	require.Empty(t, left)
}

func TestManyShareASync(t *testing.T) {
	const many = 500
	dir := t.TempDir()
	j := openIn(t, dir)
	counted := &faulty{file: j.file}
	j.file = counted
	var g sync.WaitGroup
	for n := 1; n <= many; n++ {
		g.Go(func() {
			if _, err := j.Accept(entry((n + 1) / 2)); err != nil { // each with a twin
				t.Error(err)
			}
		})
	}
	g.Wait()
	require.Len(t, j.Waiting(0), many/2)
	require.LessOrEqual(t, int(counted.syncs.Load()), many/2)
	require.NoError(t, j.Close())
	require.ElementsMatch(t, numbersOf(j), numbersOf(openIn(t, dir)))
}

// faulty is a file whose disk is full, or fails.
type faulty struct {
	file
	room    atomic.Int64 // bytes that still fit, if full
	full    atomic.Bool
	failing atomic.Bool // syncs fail
	syncs   atomic.Int64
}

func (f *faulty) WriteAt(b []byte, at int64) (int, error) {
	if !f.full.Load() {
		return f.file.WriteAt(b, at)
	}
	n, err := f.file.WriteAt(b[:min(int64(len(b)), f.room.Load())], at)
	if err == nil {
		err = syscall.ENOSPC
	}
	return n, err
}

func (f *faulty) Sync() error {
	f.syncs.Add(1)
	if f.failing.Load() {
		return syscall.EIO
	}
	return f.file.Sync()
}

func TestNothingIsAcceptedThatIsNotOnDisk(t *testing.T) {
	for name, fail := range map[string]func(*faulty){
		"full at once":       func(f *faulty) { f.full.Store(true) },
		"full within a line": func(f *faulty) { f.full.Store(true); f.room.Store(40) },
		"sync fails":         func(f *faulty) { f.failing.Store(true) },
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			j := openIn(t, dir)
			accept(t, j, 1)
			bad := &faulty{file: j.file}
			j.file = bad
			fail(bad)
			j.disk.open = func(string) (file, error) { return nil, syscall.ENOSPC }
			for range 2 {
				_, err := j.Accept(entry(2))
				require.Equal(t, muster.CodeUnavailable, muster.CodeOf(err), "%v", err)
				_, there := j.Find("cmd-2")
				require.False(t, there)
			}
			require.Contains(t, j.Status().Trouble, "can't be written")
			require.Error(t, j.Grant(5, 5))
			bad.full.Store(false) // there is room again
			j.disk.open = openFile
			accept(t, j, 3)
			require.Empty(t, j.Status().Trouble)
			require.NoError(t, j.Close())
			require.Equal(t, []int64{1, 3}, numbersOf(openIn(t, dir)), "what was refused has not come back")
		})
	}
}

// What takes the file's place must be on the disk before, or a machine that stops then has neither.
func TestAFileWrittenAnewIsSyncedBeforeItCounts(t *testing.T) {
	j := openIn(t, t.TempDir())
	accept(t, j, 1)
	failing := func(f file) file {
		bad := &faulty{file: f}
		bad.failing.Store(true)
		return bad
	}
	before, err := os.Stat(j.path)
	require.NoError(t, err)
	j.file = failing(j.file)
	j.disk.open = func(path string) (file, error) {
		f, err := openFile(path)
		return failing(f), err
	}
	for range 2 { // in the file that is there, then in one in its place
		_, err = j.Accept(entry(2))
		require.Equal(t, muster.CodeUnavailable, muster.CodeOf(err), "%v", err)
	}
	after, err := os.Stat(j.path)
	require.NoError(t, err)
	require.True(t, os.SameFile(before, after), "the one that could not be synced took its place")
}

func TestAFolderThatCantBeWrittenToIsSaid(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	require.NoError(t, os.WriteFile(file, nil, 0o600))
	_, err := Open(filepath.Join(file, "sub"))
	require.Equal(t, muster.CodeUnavailable, muster.CodeOf(err))
}

func TestDamageIsKeptForPeople(t *testing.T) {
	dir := t.TempDir()
	j := openIn(t, dir)
	accept(t, j, 1, 2, 3)
	require.NoError(t, j.Close())
	b, err := os.ReadFile(j.path)
	require.NoError(t, err)
	hurt := bytes.Replace(b, []byte("cmd-2"), []byte("cmd-9"), 1)
	require.NoError(t, os.WriteFile(j.path, hurt, 0o600))
	j = openIn(t, dir)
	require.Equal(t, []int64{1, 3}, numbersOf(j))
	kept, err := os.ReadFile(j.Status().Damaged)
	require.NoError(t, err)
	require.Equal(t, hurt, kept)
}

// FuzzTornEnds cuts a journal anywhere and puts anything behind the cut: all whole lines before it are read, and
// what is added afterwards too.
func FuzzTornEnds(f *testing.F) {
	var whole []byte
	ends := []int{0}
	for n := 1; n <= 5; n++ {
		e := entry(n)
		whole = append(whole, record{Accepted: &e}.line()...)
		ends = append(ends, len(whole))
	}
	f.Add(uint(0), []byte(nil))
	f.Add(uint(len(whole)), []byte("rest"))
	f.Add(uint(ends[2]+17), []byte{0, 0, 0, '\n'})
	f.Fuzz(func(t *testing.T, at uint, rest []byte) {
		cut := int(at % uint(len(whole)+1))
		dir := t.TempDir()
		path := filepath.Join(dir, "intake-1.journal")
		require.NoError(t, os.WriteFile(path, append(bytes.Clone(whole[:cut]), rest...), 0o600))
		var want []int64
		for n, end := range ends[1:] {
			if end <= cut {
				want = append(want, int64(n+1))
			}
		}
		j, err := Open(dir)
		require.NoError(t, err)
		got := numbersOf(j)
		require.GreaterOrEqual(t, len(got), len(want))
		require.Equal(t, want, got[:len(want):len(want)])
		_, err = j.Accept(entry(77))
		require.NoError(t, err)
		require.NoError(t, j.Close())
		j, err = Open(dir)
		require.NoError(t, err)
		require.Equal(t, append(got, 77), numbersOf(j))
		require.NoError(t, j.Close())
	})
}

func TestWritingAnewShrinksTheFile(t *testing.T) {
	j := openIn(t, t.TempDir())
	big := entry(1)
	big.Request = json.RawMessage(`"` + string(bytes.Repeat([]byte("x"), compactAt)) + `"`)
	_, err := j.Accept(big)
	require.NoError(t, err)
	j.Filed(big.ID)
	info, err := os.Stat(j.path)
	require.NoError(t, err)
	require.Less(t, info.Size(), int64(1000))
	accept(t, j, 2)
}

// A disk that refuses for an hour must not use up the numbers.
func TestANumberThatNobodyWasToldIsGivenAgain(t *testing.T) {
	j := openIn(t, t.TempDir())
	require.NoError(t, j.Grant(1, 3))
	for range 10 {
		first, ok := j.Number()
		require.True(t, ok)
		second, ok := j.Number()
		require.True(t, ok)
		require.Equal(t, []int64{1, 2}, []int64{min(first, second), max(first, second)})
		j.Unused(first)
		j.Unused(second)
		require.Equal(t, int64(3), j.Status().Numbers)
	}
}
