package journal

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sysopssquad/muster"
)

// drive is a disk in memory of a size, whose power fails after some operations.
type drive struct {
	room    int // bytes that still fit
	power   int // operations until it fails; below 0: it doesn't
	syncs   int // that still succeed; below 0: all
	files   map[string]*content
	durable map[string]*content // the names that outlive that
}

// content is what is in a file, and what of it outlives a power cut.
type content struct {
	now, durable []byte
	same         int // bytes from the beginning in which they are the same
}

// handle is an open file of a drive.
type handle struct {
	*content
	drive *drive
}

var errPower = errors.New("the power has failed")

func newDrive(room int) *drive {
	return &drive{room: room, power: -1, syncs: -1, files: make(map[string]*content), durable: make(map[string]*content)}
}

func (d *drive) disk() disk { return disk{d.read, d.open, d.rename, d.sync} }

// step uses power for one operation.
func (d *drive) step() error {
	if d.power == 0 {
		return errPower
	}
	d.power--
	return nil
}

// synced uses power for a sync.
func (d *drive) synced() error {
	if err := d.step(); err != nil {
		return err
	}
	if d.syncs == 0 {
		return syscall.EIO
	}
	d.syncs--
	return nil
}

func (d *drive) read(path string) ([]byte, error) {
	if c := d.files[path]; c != nil {
		return slices.Clone(c.now), nil
	}
	return nil, os.ErrNotExist
}

func (d *drive) open(path string) (file, error) {
	if err := d.step(); err != nil {
		return nil, err
	}
	if d.files[path] == nil {
		d.files[path] = &content{}
	}
	return &handle{d.files[path], d}, nil
}

func (d *drive) rename(from, to string) error {
	if err := d.step(); err != nil {
		return err
	}
	if old := d.files[to]; old != nil {
		d.room += len(old.now)
	}
	d.files[to] = d.files[from]
	delete(d.files, from)
	return nil
}

func (d *drive) sync(string) error {
	if err := d.synced(); err != nil {
		return err
	}
	d.durable = maps.Clone(d.files)
	return nil
}

func (h *handle) WriteAt(b []byte, at int64) (n int, err error) {
	if err = h.drive.step(); err != nil {
		b = b[:len(b)/2]
	}
	if n = len(h.now) + h.drive.room - int(at); n < len(b) {
		b, err = b[:n], syscall.ENOSPC
	}
	if more := int(at) + len(b) - len(h.now); more > 0 {
		h.drive.room -= more
		h.now = append(h.now, make([]byte, more)...)
	}
	copy(h.now[at:], b)
	h.same = min(h.same, int(at))
	return len(b), err
}

func (h *handle) Truncate(size int64) error {
	if err := h.drive.step(); err != nil {
		return err
	}
	h.drive.room += len(h.now) - int(size)
	h.now = append(h.now, make([]byte, max(0, int(size)-len(h.now)))...)[:size]
	h.same = min(h.same, int(size))
	return nil
}

func (h *handle) Sync() error {
	if err := h.drive.synced(); err != nil {
		return err
	}
	h.durable = append(h.durable[:h.same], h.now[h.same:]...)
	h.same = len(h.now)
	return nil
}

func (h *handle) Close() error { return nil }

// after is the drive when there is power again. Of what wasn't synced names and contents may be there or not.
func (d *drive) after(names, contents bool) *drive {
	again := newDrive(d.room)
	from := d.durable
	if names {
		from = d.files
	}
	for path, c := range from {
		b := c.durable
		if contents {
			b = c.now
		}
		again.room += len(c.now) - len(b)
		again.files[path] = &content{slices.Clone(b), slices.Clone(b), len(b)}
	}
	again.durable = maps.Clone(again.files)
	return again
}

func openDrive(t *testing.T, d *drive, dir string) *Journal {
	t.Helper()
	j, err := openOn(d.disk(), dir)
	require.NoError(t, err)
	t.Cleanup(func() { _ = j.unlock() })
	return j
}

// fill accepts until nothing fits any more.
func fill(t *testing.T, j *Journal, from int) (ids []muster.CommandID) {
	t.Helper()
	for n := from; ; n++ {
		e, err := j.Accept(entry(n))
		if err != nil {
			require.Equal(t, muster.CodeUnavailable, muster.CodeOf(err))
			require.ErrorContains(t, err, "free space on that disk")
			return ids
		}
		ids = append(ids, e.ID)
	}
}

// A journal that has filled its disk gets out of that without anybody's help: by what is filed. One that can't be keeps it
// from nothing.
func TestAFullDiskHealsByFiling(t *testing.T) {
	for name, room := range map[string]int{"room for a second file is kept": 2 * reserve, "it could not be": reserve / 2} {
		for _, stuck := range []int{0, 3} {
			if stuck > 0 && room < reserve {
				continue // that needs room for two
			}
			t.Run(fmt.Sprintf("%s, %d stay", name, stuck), func(t *testing.T) {
				dir := t.TempDir()
				d := newDrive(room)
				j := openDrive(t, d, dir)
				require.NoError(t, j.Grant(1, 5))
				ids := fill(t, j, 100)
				require.Greater(t, len(ids), 100)
				require.ErrorContains(t, j.Mend(), "can't be written", "it isn't over because something smaller fits")
				require.Contains(t, j.Status().Trouble, "can't be written")
				d.room = 0 // what is left is less than a block
				for _, id := range ids[stuck:] {
					j.Filed(id)
				}
				require.Empty(t, j.Status().Trouble, "it is over as soon as it can be")
				again := fill(t, j, 10_000)
				require.Greater(t, len(again), len(ids)/2)
				require.NoError(t, j.Close())
				require.Equal(t, stuck+len(again), openDrive(t, d.after(false, false), dir).Status().Waiting)
			})
		}
	}
}

// There is room again on a disk that others had filled.
func TestAFullDiskHealsByRoom(t *testing.T) {
	dir := t.TempDir()
	d := newDrive(reserve / 2)
	j := openDrive(t, d, dir)
	ids := fill(t, j, 1)
	d.room += reserve * 2
	require.NoError(t, j.Mend())
	require.Empty(t, j.Status().Trouble)
	accept(t, j, 1000)
	j.Filed(ids[0])
	require.NoError(t, j.Close())
	require.Equal(t, reserve, len(d.files[j.path+spareSuffix].now), "it is kept as soon as there is room")
	require.Equal(t, len(ids), openDrive(t, d.after(false, true), dir).Status().Waiting)
}

// A journal of a process that is started while its disk is full: it goes on where the file ends, and files what it finds.
func TestAFullDiskAtTheStart(t *testing.T) {
	dir := t.TempDir()
	d := newDrive(4 * reserve)
	j := openDrive(t, d, dir)
	ids := fill(t, j, 1)
	require.Greater(t, len(ids)*200, reserve, "more than can be written anew")
	require.NoError(t, j.Close())
	d.files[j.path].now = append(d.files[j.path].now, "torn"...)
	d.room = 0
	j = openDrive(t, d, dir)
	require.Equal(t, len(ids), j.Status().Waiting)
	_, err := j.Accept(entry(9_999))
	require.Equal(t, muster.CodeUnavailable, muster.CodeOf(err))
	d.room = 1000
	accept(t, j, 10_000)
	for _, id := range ids {
		j.Filed(id)
	}
	require.NotEmpty(t, fill(t, j, 20_000))
	require.NoError(t, j.Close())
	require.Equal(t, int64(10_000), openDrive(t, d.after(false, false), dir).Waiting(1)[0].Number)
}

// The same on a real one, where this process may make it.
func TestARealFullDiskHeals(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "small")
	require.NoError(t, os.Mkdir(dir, 0o700))
	if out, err := exec.Command("mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", dir).CombinedOutput(); err != nil {
		t.Logf("this process may not mount: the test is of the folder that is there (%s)", strings.TrimSpace(string(out)))
	} else {
		t.Cleanup(func() { _ = exec.Command("umount", "-l", dir).Run() })
	}
	ballast := filepath.Join(dir, "ballast")
	for round := range 3 {
		j := openIn(t, dir)
		var ids []muster.CommandID
		for n := range 5000 { // what fits, or some
			e, err := j.Accept(entry(10_000*round + n))
			if err != nil {
				break
			}
			ids = append(ids, e.ID)
		}
		require.Greater(t, len(ids), 1000)
		j.Filed(ids...)
		accept(t, j, 10_000*round+9_000)
		require.NoError(t, j.Close())
		j = openIn(t, dir)
		require.Equal(t, []int64{int64(10_000*round + 9_000)}, numbersOf(j))
		j.Filed(j.Waiting(1)[0].ID)
		require.NoError(t, j.Close())
		require.NoError(t, os.WriteFile(ballast, make([]byte, 10<<10), 0o600), "it has given its room back")
	}
}

// What a failed sync has left behind nobody knows: nothing is added to it, and what was refused doesn't come back.
func TestNothingIsAddedBehindAFailedSync(t *testing.T) {
	dir := t.TempDir()
	d := newDrive(2 * reserve)
	j := openDrive(t, d, dir)
	accept(t, j, 1)
	before := d.files[j.path]
	d.syncs = 0
	for range 2 {
		_, err := j.Accept(entry(2))
		require.Equal(t, muster.CodeUnavailable, muster.CodeOf(err))
	}
	require.NotContains(t, string(before.now), "cmd-2")
	d.syncs = -1
	accept(t, j, 3)
	require.NotSame(t, before, d.files[j.path])
	require.NoError(t, j.Close())
	require.Equal(t, []int64{1, 3}, numbersOf(openDrive(t, d.after(true, false), dir)))
}

// A file whose new name may not outlive a power cut, and whose old one may not either, takes nothing up.
func TestNothingIsAddedToAFileWhoseNameMayBeGone(t *testing.T) {
	for _, names := range []bool{false, true} {
		dir := t.TempDir()
		d := newDrive(8 * compactAt)
		j := openDrive(t, d, dir)
		accept(t, j, 1)
		big := entry(2)
		big.Request = json.RawMessage(`"` + strings.Repeat("x", compactAt) + `"`)
		_, err := j.Accept(big)
		require.NoError(t, err)
		d.syncs = 1 // of the file that takes the place, not of its name
		j.Filed(big.ID)
		require.NotEmpty(t, j.Status().Trouble)
		d.syncs = -1
		accept(t, j, 3)
		require.NoError(t, j.Close())
		require.Equal(t, []int64{1, 3}, numbersOf(openDrive(t, d.after(names, false), dir)))
	}
}

// Whenever the power fails, or the process is killed: what was acknowledged is there, no number of it is given again, and
// nothing else was made of it.
func TestNothingAcknowledgedIsLostWhenThePowerFails(t *testing.T) {
	big := json.RawMessage(`"` + strings.Repeat("x", compactAt/3) + `"`)
	// life is what a journal goes through: it is written anew for its size, and because its disk is full.
	life := func(j *Journal, acked, filed map[muster.CommandID]int64) (asked map[muster.CommandID]bool) {
		asked = make(map[muster.CommandID]bool)
		file := func(ids ...muster.CommandID) {
			for _, id := range ids {
				filed[id] = 0
			}
			j.Filed(ids...)
		}
		put := func(n int, request json.RawMessage) bool {
			number, ok := j.Number()
			if !ok {
				return false
			}
			e := entry(n)
			e.Number = number
			if request != nil {
				e.Request = request
			}
			asked[e.ID] = true
			if _, err := j.Accept(e); err != nil {
				j.Unused(number)
				return false
			}
			acked[e.ID] = number
			return true
		}
		if j.Grant(1, 40) != nil {
			return asked
		}
		put(1, nil)
		put(2, nil)
		file("cmd-1")
		for n := 10; n < 14 && put(n, big); n++ {
		}
		for id := range maps.Clone(acked) {
			if id != "cmd-2" {
				file(id)
			}
		}
		put(3, nil)
		put(4, nil)
		file("cmd-3")
		return asked
	}
	for _, room := range []int{compactAt + reserve, 4 * compactAt} { // full on the way, and never
		for steps, whole := 0, false; !whole; steps++ {
			dir := t.TempDir()
			d := newDrive(room)
			d.power = steps
			acked, filed := make(map[muster.CommandID]int64), make(map[muster.CommandID]int64)
			j, err := openOn(d.disk(), dir)
			if err != nil {
				continue // it never began
			}
			asked := life(j, acked, filed)
			whole = d.power > 0
			require.NoError(t, j.unlock())
			for _, left := range [][2]bool{{false, false}, {false, true}, {true, false}, {true, true}} {
				at := fmt.Sprintf("room %d, %d steps, left %v", room, steps, left)
				j = openDrive(t, d.after(left[0], left[1]), dir)
				require.Empty(t, j.damaged, at)
				found := make(map[muster.CommandID]bool)
				for _, e := range j.Waiting(0) {
					found[e.ID] = true
					require.True(t, asked[e.ID], at)
				}
				for id := range acked {
					_, gone := filed[id]
					require.True(t, found[id] || gone, "%s: %s is lost", at, id)
				}
				given := make(map[int64]bool)
				for _, number := range acked {
					given[number] = true
				}
				for number, ok := j.Number(); ok; number, ok = j.Number() {
					require.False(t, given[number], "%s: number %d is given again", at, number)
				}
				accept(t, j, 5)
				require.NoError(t, j.Close())
			}
		}
	}
}
