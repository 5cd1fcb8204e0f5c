package servertest

import (
	"os/exec"
	"testing"
)

// Chromium is the path of a browser for chromedp; without one the test fails.
func Chromium(t testing.TB) string {
	t.Helper()
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	t.Fatal("no chromium; " + remedy)
	return ""
}
