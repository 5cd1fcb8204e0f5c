package main

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// A patch is a file with a diff. Before it stands in plain words what bug it puts in, and after "Tests:" which packages
// have the tests that are to notice, the likeliest first; without that line these are all that can tell.
type patch struct {
	Name     string
	What     string
	Tests    []string // packages, as ./dispatch
	Harmless bool     // no bug: nothing may notice
	path     string
	digest   string
	changes  []string // files
}

var changed = regexp.MustCompile(`(?m)^\+\+\+ b/(\S+)`)

// patches reads those of a folder and of its folder harmless, by name.
func patches(dir string) ([]patch, error) {
	var all []patch
	for _, below := range []string{"", "harmless"} {
		paths, err := filepath.Glob(filepath.Join(dir, below, "*.patch"))
		if err != nil {
			return nil, err
		}
		slices.Sort(paths)
		for _, path := range paths {
			p, err := readPatch(path)
			if err != nil {
				return nil, err
			}
			p.Harmless = below != ""
			all = append(all, p)
		}
	}
	if len(all) == 0 {
		return nil, fmt.Errorf("%s has no patches: name a folder of *.patch files with -dir", dir)
	}
	return all, nil
}

func readPatch(path string) (patch, error) {
	path, err := filepath.Abs(path)
	if err != nil {
		return patch{}, err
	}
	b, err := os.ReadFile(path)
	if err != nil {
		return patch{}, err
	}
	p := patch{Name: strings.TrimSuffix(filepath.Base(path), ".patch"), path: path}
	text, diff, _ := strings.Cut(string(b), "diff --git ")
	h := sha256.New() // of what is changed, wherever that stands by now
	for line := range strings.Lines(diff) {
		if strings.HasPrefix(line, "+") || strings.HasPrefix(line, "-") {
			h.Write([]byte(line))
		}
	}
	p.digest = hex.EncodeToString(h.Sum(nil)[:8])
	var what []string
	for line := range strings.Lines(text) {
		if tests, ok := strings.CutPrefix(line, "Tests:"); ok {
			p.Tests = strings.Fields(tests)
		} else {
			what = append(what, strings.Fields(line)...)
		}
	}
	p.What = strings.Join(what, " ")
	for _, m := range changed.FindAllStringSubmatch(diff, -1) {
		p.changes = append(p.changes, m[1])
	}
	return p, nil
}

// sliceOf takes n bugs that are far from each other in the list, and one harmless patch. Seeds that follow each other
// take others, until all had their turn.
func sliceOf(all []patch, n int, seed uint64) []patch {
	at := slices.IndexFunc(all, func(p patch) bool { return p.Harmless })
	if at < 0 {
		at = len(all)
	}
	bugs, harmless := all[:at], all[at:]
	var out []patch
	if n > len(bugs) {
		n = len(bugs)
	}
	for i := range n {
		from, to := i*len(bugs)/n, (i+1)*len(bugs)/n
		out = append(out, bugs[from+int(seed%uint64(to-from))])
	}
	if len(harmless) > 0 {
		out = append(out, harmless[seed%uint64(len(harmless))])
	}
	return out
}
