package main

import (
	"os"
	"time"

	"github.com/sysopssquad/muster"
)

// shifted is the machine's clock set wrong.
type shifted struct {
	by    time.Duration
	start time.Time
}

// Now is the wrong time.
func (s shifted) Now() time.Time { return muster.SystemClock{}.Now().Add(s.by) }

// Elapsed is how much time has passed: a wrong clock still runs.
func (s shifted) Elapsed() time.Duration { return time.Since(s.start) }

// wallClock is this process's own clock: the machine's, or as far from it as MUSTER_CLOCK_OFFSET says, such as -24h.
// That is for tests, and refused without MUSTER_TESTING=1. The store has its own.
func wallClock() (muster.Clock, error) {
	text := os.Getenv("MUSTER_CLOCK_OFFSET")
	if text == "" {
		return muster.SystemClock{}, nil
	}
	by, err := time.ParseDuration(text)
	if err != nil {
		return nil, muster.Invalid("MUSTER_CLOCK_OFFSET", text, "a length of time, such as 24h or -24h")
	}
	if os.Getenv("MUSTER_TESTING") != "1" {
		return nil, muster.Invalid("MUSTER_CLOCK_OFFSET", text, "it sets this process's clock wrong; set MUSTER_TESTING=1 if that is what you want")
	}
	return shifted{by: by, start: time.Now()}, nil
}
