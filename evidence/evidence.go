// Package evidence writes down what a long run has shown, so that others can judge it and repeat it: the commit, whether
// files had been changed since, the seed, the machine, the time it took.
package evidence

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"strings"
	"time"
)

// Run is what has to be known about a run.
type Run struct {
	Commit  string    `json:"commit"`
	Dirty   bool      `json:"dirty"` // files had been changed since that commit
	Command string    `json:"command"`
	Seed    int64     `json:"seed"`
	Machine string    `json:"machine"`
	Began   time.Time `json:"began"`
	Ended   time.Time `json:"ended"`
	Seconds float64   `json:"seconds"`
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

// Write puts the run and what it has shown into a file as JSON: {"run": ..., "result": ...}.
func (r Run) Write(path string, result any) error {
	r.Ended = time.Now().UTC()
	r.Seconds = r.Ended.Sub(r.Began).Seconds()
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
	return os.WriteFile(path, append(b, '\n'), 0o644) //nolint:gosec // the same
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
