package journal

import (
	"io/fs"
	"os"
	"path/filepath"
)

// A disk is what a journal does to files. Nothing counts before it would outlive a power cut: the bytes of a file are
// synced by the file, its name by the folder.
type disk struct {
	open func(path string) (file, error) // a file anew, to be written from its beginning
	sync func(dir string) error          // makes the names in a folder durable
}

var machine = disk{openFile, syncFolder}

func openFile(path string) (file, error) {
	return os.OpenFile(path, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
}

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

// keep writes a file whole.
func (d disk) keep(path string, b []byte) error {
	f, err := d.open(path)
	if err != nil {
		return err
	}
	if _, err = f.Write(b); err == nil {
		err = f.Sync()
	}
	if e := f.Close(); err == nil {
		err = e
	}
	if err != nil {
		return err
	}
	return d.sync(filepath.Dir(path))
}
