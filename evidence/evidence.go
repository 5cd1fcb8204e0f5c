// Package evidence writes down what a long run has shown, so that others can judge it and repeat it: the commit, whether
// files had been changed since, the seed, the machine, the time it took, and that for each part of a run that was resumed.
package evidence

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"
	"time"
)

// Run is what has to be known about a run.
type Run struct {
	Commit  string    `json:"commit"` // of its last part
	Dirty   bool      `json:"dirty"`  // files had been changed since the commit of any part
	Command string    `json:"command"`
	Seed    int64     `json:"seed"`
	Machine string    `json:"machine"`
	Began   time.Time `json:"began"`
	Ended   time.Time `json:"ended"`
	Seconds float64   `json:"seconds"` // of all parts
	Parts   []Part    `json:"parts"`   // one, of a run that was never resumed

	did map[string]int
}

// Part is what was done at one go.
type Part struct {
	Commit  string         `json:"commit"`
	Dirty   bool           `json:"dirty"`
	Began   time.Time      `json:"began"`
	Ended   time.Time      `json:"ended"`
	Seconds float64        `json:"seconds"`
	Did     map[string]int `json:"did,omitempty"`
}

// Begin notes the start of a run. Command is what repeats it.
func Begin(command string, seed int64) Run {
	r := Run{
		Command: command, Seed: seed, Began: time.Now().UTC(),
		Machine: fmt.Sprintf("%d cores, %s, %s/%s, %s", runtime.NumCPU(), processor(), runtime.GOOS, runtime.GOARCH, runtime.Version()),
	}
	r.Commit, r.Dirty = built()
	return r
}

// Resuming tells whether a run that was stopped is to be gone on with: RESUME is set.
func Resuming() bool { return os.Getenv("RESUME") != "" }

// GoOn makes this run go on with the one that was written to a file: its parts come before, and result becomes what
// it had shown. Nothing of both happens if there is no such file.
func (r *Run) GoOn(path string, result any) error {
	b, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	before := struct {
		Run    Run `json:"run"`
		Result any `json:"result"`
	}{Result: result}
	if err == nil {
		err = json.Unmarshal(b, &before)
	}
	if err != nil {
		return fmt.Errorf("%s can't be gone on with: %w", path, err)
	}
	if r.Parts = before.Run.Parts; len(r.Parts) == 0 { // of a time when only the last part was named
		b := before.Run
		r.Parts = []Part{{b.Commit, b.Dirty, b.Began, b.Ended, b.Seconds, nil}}
	}
	return nil
}

// Did notes how much of what counts this part has done so far.
func (r *Run) Did(counts map[string]int) { r.did = counts }

// Write puts the run and what it has shown into a file as JSON: {"run": ..., "result": ...}.
func (r Run) Write(path string, result any) error {
	r.Ended = time.Now().UTC()
	r.Parts = append(slices.Clone(r.Parts), Part{r.Commit, r.Dirty, r.Began, r.Ended, r.Ended.Sub(r.Began).Seconds(), r.did})
	r.Began = r.Parts[0].Began
	for _, p := range r.Parts {
		r.Seconds += p.Seconds
		r.Dirty = r.Dirty || p.Dirty
	}
	b, err := json.MarshalIndent(struct {
		Run    Run `json:"run"`
		Result any `json:"result"`
	}{r, result}, "", "  ")
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil { //nolint:gosec // it is for everybody
		return err
	}
	half := path + ".part"
	if err := os.WriteFile(half, append(b, '\n'), 0o644); err != nil { //nolint:gosec // the same
		return err
	}
	return os.Rename(half, path)
}

// built is what this program was built from: as it was stamped, or, as of tests, as the source tree says.
func built() (commit string, dirty bool) {
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, s := range info.Settings {
			switch s.Key {
			case "vcs.revision":
				commit = s.Value
			case "vcs.modified":
				dirty = s.Value == "true"
			}
		}
	}
	if commit != "" {
		return commit, dirty
	}
	head, err := exec.Command("git", "rev-parse", "HEAD").Output()
	if err != nil {
		return "unknown", true
	}
	changed, err := exec.Command("git", "status", "--porcelain").Output()
	return strings.TrimSpace(string(head)), err != nil || len(changed) > 0
}

// processor is the model that the kernel names, if it names one.
func processor() string {
	b, _ := os.ReadFile("/proc/cpuinfo")
	for line := range strings.Lines(string(b)) {
		if name, value, ok := strings.Cut(line, ":"); ok && strings.TrimSpace(name) == "model name" {
			return strings.TrimSpace(value)
		}
	}
	return "unknown processor"
}
