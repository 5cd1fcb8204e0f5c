package journal

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sysopssquad/muster"
)

// watched is a disk that keeps what is synced, in order: a file by its name, a folder by its name and a slash.
type watched struct {
	disk
	synced  []string
	failing string // the sync of this fails
}

func watch() *watched {
	w := &watched{}
	w.disk = disk{
		read: os.ReadFile,
		open: func(path string) (file, error) {
			f, err := openFile(path)
			return &watchedFile{f, func() error { return w.note(filepath.Base(path), f.Sync) }}, err
		},
		rename: os.Rename,
		sync:   func(dir string) error { return w.note(filepath.Base(dir)+"/", func() error { return syncFolder(dir) }) },
	}
	return w
}

func (w *watched) note(name string, sync func() error) error {
	if w.failing != "" && strings.Contains(name, w.failing) {
		return syscall.EIO
	}
	w.synced = append(w.synced, name)
	return sync()
}

type watchedFile struct {
	file
	sync func() error
}

func (f *watchedFile) Sync() error { return f.sync() }

// A new folder is a name in its parent: if that isn't synced, a power cut takes the folder with all that was accepted.
func TestANewFolderIsSynced(t *testing.T) {
	base := filepath.Join(t.TempDir(), "base")
	require.NoError(t, os.Mkdir(base, 0o700))
	w := watch()
	j, err := openOn(w.disk, filepath.Join(base, "a", "b"))
	require.NoError(t, err)
	require.NoError(t, j.Close())
	require.Equal(t, []string{"a/", "base/", "intake-1.journal.new", "b/", "intake-1.journal.new"}, w.synced)

	w = watch()
	j, err = openOn(w.disk, filepath.Join(base, "a", "b"))
	require.NoError(t, err)
	require.NoError(t, j.Close())
	require.Equal(t, []string{"intake-1.journal.new", "b/", "intake-1.journal.new"}, w.synced, "it was there")

	w = watch()
	w.failing = "base/"
	_, err = openOn(w.disk, filepath.Join(base, "c"))
	require.Equal(t, muster.CodeUnavailable, muster.CodeOf(err))
}

// The copy of a damaged file is all that is left of what can't be read: it is on the disk before the file is written anew.
func TestDamageIsOnDiskBeforeTheFileIsWrittenAnew(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "dir")
	hurt := []byte("00000000 {}\n")
	require.NoError(t, os.Mkdir(dir, 0o700))
	path := filepath.Join(dir, "intake-1.journal")
	whole := entry(1)
	hurt = append(hurt, record{Accepted: &whole}.line()...)
	require.NoError(t, os.WriteFile(path, hurt, 0o600))

	for _, failing := range []string{".damaged-", "dir/"} {
		w := watch()
		w.failing = failing
		_, err := openOn(w.disk, dir)
		require.Equal(t, muster.CodeUnavailable, muster.CodeOf(err), failing)
		b, err := os.ReadFile(path)
		require.NoError(t, err)
		require.Equal(t, hurt, b, "it is as it was")
	}
	w := watch()
	j, err := openOn(w.disk, dir)
	require.NoError(t, err)
	require.NoError(t, j.Close())
	require.Len(t, w.synced, 5)
	require.Contains(t, w.synced[0], ".damaged-")
	require.Equal(t, []string{"dir/", "intake-1.journal.new", "dir/"}, w.synced[1:4])
}
