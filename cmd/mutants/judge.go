package main

import (
	"bufio"
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"
)

// judge tells what the tests say of a patch.
type judge struct {
	tree   *tree
	limit  time.Duration
	clean  map[string]string // test binaries without any patch, by package
	reach  map[string][]string
	events string // the program that makes events of what a test binary says
}

// tries is how often a package's tests run before a failure that doesn't come back is put down to chance.
const tries = 3

// Volume, data and browser tests take minutes, or files that are not part of the sources.
const apart = `^Test(Volume|Data|Browser)`

// verdict puts a patch in, runs the tests, and takes it out again.
func (j *judge) verdict(ctx context.Context, p patch) (v verdict, err error) {
	v = verdict{Name: p.Name, What: p.What, Harmless: p.Harmless, Digest: p.digest}
	began := time.Now()
	defer func() { v.Seconds = time.Since(began).Round(100 * time.Millisecond).Seconds() }()
	invalid := func(err error) (verdict, error) {
		if ctx.Err() != nil {
			return v, ctx.Err()
		}
		v.Verdict, v.Why = Invalid, firstLines(err.Error())
		return v, nil
	}
	before, err := j.tree.outlines(p)
	if err != nil {
		return invalid(err)
	}
	if err := j.tree.apply(ctx, p); err != nil {
		return invalid(err)
	}
	defer func() {
		err = errors.Join(err, j.tree.apply(context.WithoutCancel(ctx), p, "-R"))
	}()
	// What other packages are built from are declarations: they build if these are as they were.
	if after, err := j.tree.outlines(p); err != nil {
		return invalid(err)
	} else if after != before {
		if _, err := j.tree.output(ctx, "go", "build", "./..."); err != nil {
			return invalid(err)
		}
	}
	if at := packagesOf(p.changes); len(at) > 0 {
		if _, err := j.tree.output(ctx, "go", append([]string{"vet"}, at...)...); err != nil {
			return invalid(err)
		}
	}
	v.Verdict = Survived
	tests := p.Tests
	if len(tests) == 0 {
		if tests, err = j.reaching(ctx, packagesOf(p.changes)); err != nil {
			return v, err
		}
	}
	for _, pkg := range tests {
		if err := j.run(ctx, p, pkg, &v); err != nil || v.Verdict == Caught {
			return v, err
		}
	}
	return v, nil
}

// run tries a patch on the tests of a package. It is caught if a test fails by assertion, again when it runs alone, and
// not at all without the patch. A panic, a hang and a leak are no assertion: they are noted.
func (j *judge) run(ctx context.Context, p patch, pkg string, v *verdict) error {
	bin, err := j.tree.tests(ctx, "mutant", pkg)
	if err != nil {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		v.Verdict, v.Why = Invalid, firstLines(err.Error())
		return nil
	}
	skip := apart
	for range tries {
		got, err := j.test(ctx, bin, pkg, "-test.failfast", "-test.skip="+skip)
		if err != nil || got.passed {
			return err
		}
		if got.failed == "" {
			v.note("%s: %s", pkg, got.otherwise)
			if got.broke == "" {
				return nil
			}
			skip += "|^" + regexp.QuoteMeta(got.broke) + "$" // so that the others have their say
			continue
		}
		top, _, _ := strings.Cut(got.failed, "/") // it may rest on those beside it
		for _, only := range slices.Compact([]string{got.failed, top}) {
			says, err := j.confirm(ctx, p, bin, pkg, got.failed, "-test.run="+exactly(only))
			if err != nil {
				return err
			}
			if says != "" {
				v.Verdict, v.Test, v.Package, v.Says, v.Why = Caught, got.failed, pkg, says, ""
				return nil
			}
		}
		v.Chance = append(v.Chance, fmt.Sprintf("%s of %s failed, but not again, or without the patch too: %s", got.failed, pkg, got.says))
	}
	return nil
}

// confirm runs a test that has failed once more, and then without the patch. It gives what the test says if it fails now
// and not then, "" if that is not so.
func (j *judge) confirm(ctx context.Context, p patch, bin, pkg, test, alone string) (says string, err error) {
	again, err := j.test(ctx, bin, pkg, alone)
	if err != nil || again.failed != test {
		return "", err
	}
	if bin, err = j.without(ctx, p, pkg); err != nil {
		return "", err
	}
	pure, err := j.test(ctx, bin, pkg, alone)
	if err != nil || !pure.passed && (pure.failed == test || pure.failed == "") {
		return "", err // one around it may fail: it may look at the end whether all below it has run
	}
	return cmp.Or(again.says, "it fails"), nil
}

// without is the test binary of a package in which there is no patch, made when it is first asked for.
func (j *judge) without(ctx context.Context, p patch, pkg string) (bin string, err error) {
	if bin, ok := j.clean[pkg]; ok {
		return bin, nil
	}
	if err := j.tree.apply(ctx, p, "-R"); err != nil {
		return "", err
	}
	bin, err = j.tree.tests(ctx, fmt.Sprintf("clean-%d", len(j.clean)), pkg)
	if err := errors.Join(err, j.tree.apply(context.WithoutCancel(ctx), p)); err != nil {
		return "", err
	}
	if j.clean == nil {
		j.clean = make(map[string]string)
	}
	j.clean[pkg] = bin
	return bin, nil
}

// result is what a run of a test binary came to.
type result struct {
	passed    bool
	failed    string // the innermost test that failed by assertion, "" if none did
	says      string // what it said, the beginning
	otherwise string // how it ended else
	broke     string // in which test
}

// ended matches what the Go runtime, the testing package and rapid say when a program breaks instead of judging.
var ended = regexp.MustCompile(`^(panic: |fatal error: |SIG[A-Z]+: |\s*(\S+\.go:\d+: )?\[rapid\] panic )`)

// test runs a test binary in the folder of its package.
func (j *judge) test(ctx context.Context, bin, pkg string, flags ...string) (result, error) {
	if _, err := os.Stat(bin); err != nil {
		return result{passed: true}, nil //nolint:nilerr // a package without tests has no binary
	}
	if j.events == "" {
		path, err := j.tree.output(ctx, "go", "tool", "-n", "test2json")
		if err != nil {
			return result{}, err
		}
		j.events = strings.TrimSpace(path)
	}
	args := append([]string{bin, "-test.v=test2json", "-test.timeout=" + j.limit.String()}, flags...)
	ctx, cancel := context.WithTimeout(ctx, j.limit+time.Minute) // it ends by itself, unless it can't
	defer cancel()
	c := exec.CommandContext(ctx, j.events, args...)
	c.Dir = filepath.Join(j.tree.src(), pkg)
	out, err := c.Output()
	if errors.Is(ctx.Err(), context.Canceled) {
		return result{}, ctx.Err()
	}
	if err == nil {
		return result{passed: true}, nil
	}
	for _, folder := range []string{j.tree.src(), os.TempDir()} { // a report is read on other machines
		out = bytes.ReplaceAll(out, []byte(folder+"/"), nil)
	}
	return readResult(out), nil
}

// readResult reads the output of test2json of a run that didn't pass.
func readResult(out []byte) result {
	r := result{otherwise: "the tests ended without a verdict"}
	says := make(map[string]*strings.Builder)
	var failed []string
	lines := bufio.NewScanner(bytes.NewReader(out))
	lines.Buffer(nil, 64<<20)
	for lines.Scan() {
		var e struct{ Action, Test, Output string }
		if json.Unmarshal(lines.Bytes(), &e) != nil {
			continue
		}
		switch e.Action {
		case "output":
			if ended.MatchString(e.Output) {
				top, _, _ := strings.Cut(e.Test, "/")
				return result{otherwise: e.Test + ": " + strings.TrimSpace(e.Output), broke: top}
			}
			if says[e.Test] == nil {
				says[e.Test] = &strings.Builder{}
			}
			if !strings.HasPrefix(strings.TrimSpace(e.Output), "=== ") {
				says[e.Test].WriteString(e.Output)
			}
		case "fail":
			if e.Test != "" {
				failed = append(failed, e.Test)
			} else if t := says[""]; t != nil {
				r.otherwise = firstLines(t.String())
			}
		}
	}
	if len(failed) > 0 { // the innermost is reported before those around it
		r.failed = failed[0]
		if t := says[r.failed]; t != nil {
			r.says = firstLines(t.String())
		}
	}
	return r
}

// exactly is the pattern that selects one test, or one below it.
func exactly(test string) string {
	parts := strings.Split(test, "/")
	for i, p := range parts {
		parts[i] = "^" + regexp.QuoteMeta(p) + "$"
	}
	return strings.Join(parts, "/")
}

// firstLines is the beginning of a text, for a report, without the calls in a trace that are none of ours.
func firstLines(text string) string {
	var out []string
	for line := range strings.Lines(text) {
		if line = strings.TrimSpace(line); line != "" && !strings.HasPrefix(line, "/") && len(out) < 12 {
			out = append(out, line)
		}
	}
	if s := strings.Join(out, "\n"); len(s) <= 1000 {
		return s
	} else {
		return s[:1000]
	}
}
