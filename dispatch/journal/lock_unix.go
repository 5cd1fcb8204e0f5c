//go:build unix

package journal

import (
	"errors"
	"os"
	"syscall"
)

// lock holds a file for this process until unlock; held tells that another does. It ends with the process.
func lock(path string) (unlock func() error, held bool, err error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, false, err
	}
	err = syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
	if err == nil {
		return f.Close, false, nil
	}
	if e := f.Close(); e != nil {
		return nil, false, e
	}
	if errors.Is(err, syscall.EWOULDBLOCK) {
		return nil, true, nil
	}
	return nil, false, err
}
