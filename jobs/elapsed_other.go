//go:build !linux

package jobs

import "time"

// elapsed starts to count the time that passes.
func elapsed() func() time.Duration {
	start := time.Now()
	return func() time.Duration { return time.Since(start) }
}
