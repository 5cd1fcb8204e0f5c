package jobs

import (
	"time"

	"golang.org/x/sys/unix"
)

// elapsed starts to count the time that passes, also while the machine sleeps, which Go's own clock leaves out.
func elapsed() func() time.Duration {
	start := booted()
	return func() time.Duration { return booted() - start }
}

func booted() time.Duration {
	var t unix.Timespec
	if err := unix.ClockGettime(unix.CLOCK_BOOTTIME, &t); err != nil {
		panic("jobs: this kernel has no CLOCK_BOOTTIME: " + err.Error()) // Linux has it since 2.6.39
	}
	return time.Duration(t.Nano())
}
