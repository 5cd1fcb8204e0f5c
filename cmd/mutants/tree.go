package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// tree is a copy of the sources, as they are here: what is committed and what is not.
type tree struct{ dir string }

// copyTree makes it at a place that stays the same, so that the next run finds what this one has compiled.
func copyTree(ctx context.Context) (*tree, error) {
	t := &tree{filepath.Join(os.TempDir(), "muster-mutants")}
	if err := os.Mkdir(t.dir, 0o700); errors.Is(err, fs.ErrExist) {
		return nil, fmt.Errorf("%s is there: wait for the other run, or remove what a killed one has left", t.dir)
	} else if err != nil {
		return nil, err
	}
	list, err := exec.CommandContext(ctx, "git", "ls-files", "-co", "--exclude-standard", "-z").Output()
	for _, name := range strings.Split(strings.TrimRight(string(list), "\x00"), "\x00") {
		if err == nil {
			err = copyFile(name, filepath.Join(t.src(), name))
		}
	}
	if err == nil { // so that git looks at no folder above
		err = t.command(ctx, "git", "init", "-q").Run()
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("copying the sources: %w", err), t.remove())
	}
	return t, nil
}

func (t *tree) src() string   { return filepath.Join(t.dir, "src") }
func (t *tree) remove() error { return os.RemoveAll(t.dir) }

// command is one that runs in the copy.
func (t *tree) command(ctx context.Context, name string, args ...string) *exec.Cmd {
	c := exec.CommandContext(ctx, name, args...)
	c.Dir = t.src()
	return c
}

// output runs a command in the copy; what it says is the error if it fails.
func (t *tree) output(ctx context.Context, name string, args ...string) (string, error) {
	c := t.command(ctx, name, args...)
	var out, says bytes.Buffer
	c.Stdout, c.Stderr = &out, &says
	err := c.Run()
	if ctx.Err() != nil {
		return "", ctx.Err()
	}
	if err != nil {
		return "", fmt.Errorf("%s: %w: %s", name, err, strings.TrimSpace(says.String()))
	}
	return out.String(), nil
}

// tests builds the test binary of a package, under the name that the go command gives it, in a folder of its own.
func (t *tree) tests(ctx context.Context, folder, pkg string) (bin string, err error) {
	abs, err := filepath.Abs(filepath.Join(t.src(), pkg))
	if err != nil {
		return "", err
	}
	bin = filepath.Join(t.dir, folder, filepath.Base(abs)+".test")
	if err := os.MkdirAll(filepath.Dir(bin), 0o700); err != nil {
		return "", err
	}
	_, err = t.output(ctx, "go", "test", "-c", "-ldflags=-s -w", "-o", bin, pkg)
	return bin, err
}

// apply puts a patch into the copy; an empty one changes nothing.
func (t *tree) apply(ctx context.Context, p patch, more ...string) error {
	if len(p.changes) == 0 {
		return nil
	}
	_, err := t.output(ctx, "git", append(append([]string{"apply"}, more...), p.path)...)
	return err
}

func copyFile(from, to string) (err error) {
	info, err := os.Lstat(from)
	if errors.Is(err, fs.ErrNotExist) { // removed, and that is not committed
		return nil
	}
	if err != nil || !info.Mode().IsRegular() {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(to), 0o700); err != nil {
		return err
	}
	r, err := os.Open(from)
	if err != nil {
		return err
	}
	defer r.Close()
	w, err := os.OpenFile(to, os.O_CREATE|os.O_EXCL|os.O_WRONLY, info.Mode().Perm())
	if err != nil {
		return err
	}
	_, err = io.Copy(w, r)
	return errors.Join(err, w.Close())
}
