//go:build !unix

package journal

import "errors"

// lock needs flock(2): without it two processes could write one file.
func lock(string) (unlock func() error, held bool, err error) {
	return nil, false, errors.New("this system has no file locks that end with their process")
}
