package jobs

import (
	"time"

	"golang.org/x/sys/unix"
)

// elapsed starts to count the time that passes, also while the machine sleeps, which Go's own clock leaves out.
func elapsed() func() time.Duration {
	start, before := time.Now(), asleep()
	return func() time.Duration { return time.Since(start) + asleep() - before }
}

// asleep is for how long the machine has slept since it was started.
func asleep() time.Duration { return kernel(unix.CLOCK_BOOTTIME) - kernel(unix.CLOCK_MONOTONIC) }

func kernel(clock int32) time.Duration {
	var t unix.Timespec
	if err := unix.ClockGettime(clock, &t); err != nil {
		panic("jobs: this kernel lacks a clock that Linux has had since 2.6.39: " + err.Error())
	}
	return time.Duration(t.Nano())
}
