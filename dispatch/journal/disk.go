package journal

import (
	"io/fs"
	"os"
	"path/filepath"
)

// A disk is what a journal does to files. Nothing counts before it would outlive a power cut: the bytes of a file are
// synced by the file, its name by the folder.
type disk struct {
	read   func(path string) ([]byte, error)
	open   func(path string) (file, error) // for writing; one that isn't there is made
	rename func(from, to string) error
	sync   func(dir string) error // makes the names in a folder durable
}

// file is what a journal needs of an os.File.
type file interface {
	WriteAt(b []byte, offset int64) (int, error)
	Truncate(size int64) error
	Sync() error
	Close() error
}

var machine = disk{os.ReadFile, openFile, os.Rename, syncFolder}

func openFile(path string) (file, error) { return os.OpenFile(path, os.O_CREATE|os.O_WRONLY, 0o600) }

func syncFolder(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	err = d.Sync()
	if e := d.Close(); err == nil {
		err = e
	}
	return err
}

// folder makes a folder, and each that it lies in. Where one is new, its parent holds its name.
func (d disk) folder(dir string) error {
	var parents []string
	for at := filepath.Clean(dir); ; at = filepath.Dir(at) {
		_, err := os.Stat(at)
		if err == nil {
			break
		}
		if !os.IsNotExist(err) {
			return err
		}
		parents = append(parents, filepath.Dir(at))
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	for _, p := range parents {
		if err := d.sync(p); err != nil {
			return &fs.PathError{Op: "sync", Path: p, Err: err}
		}
	}
	return nil
}

// keep writes a file whole, and its name.
func (d disk) keep(path string, b []byte) error {
	f, err := d.fill(path, b)
	if err != nil {
		return err
	}
	if err := f.Close(); err != nil {
		return err
	}
	return d.sync(filepath.Dir(path))
}

// fill gives a file that holds just this, synced. It writes over what the file holds, so that this needs no room on the disk
// but for what is longer.
func (d disk) fill(path string, b []byte) (file, error) {
	f, err := d.open(path)
	if err != nil {
		return nil, err
	}
	if _, err = f.WriteAt(b, 0); err == nil {
		err = f.Truncate(int64(len(b)))
	}
	if err == nil {
		err = f.Sync()
	}
	if err != nil {
		_ = f.Close()
		return nil, err
	}
	return f, nil
}

// empty gives back the room of a file, and keeps its name.
func (d disk) empty(path string) error {
	f, err := d.fill(path, nil)
	if err != nil {
		return err
	}
	return f.Close()
}
