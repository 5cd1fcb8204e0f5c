package muster_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sysopssquad/muster"
)

func TestLocation(t *testing.T) {
	require.Equal(t, "America/Chicago", muster.Location("America/Chicago").String())
	require.Same(t, muster.Location("America/Chicago"), muster.Location("America/Chicago"))
	for _, unknown := range []string{"", "Local", "Mars/Base", "../etc"} {
		require.Equal(t, time.UTC, muster.Location(unknown), "%q", unknown)
	}
	muster.Location("Asia/Kolkata")
	require.Zero(t, testing.AllocsPerRun(100, func() { muster.Location("Asia/Kolkata") }))
}

func TestHoursOnDaysOfClockChange(t *testing.T) {
	zone := muster.Location("America/New_York")
	day := func(m time.Month, d int) time.Time { return time.Date(2027, m, d, 0, 0, 0, 0, zone) }
	utc := func(m time.Month, d, h, min int) time.Time { return time.Date(2027, m, d, h, min, 0, 0, time.UTC) }
	for _, c := range []struct {
		name     string
		from, to muster.Minutes
		day      time.Time
		want     muster.Window
	}{
		{"an ordinary day", 8 * 60, 17 * 60, day(3, 13), muster.Window{Start: utc(3, 13, 13, 0), End: utc(3, 13, 22, 0)}},
		{"a night of seven hours", 22 * 60, 30 * 60, day(3, 13), muster.Window{Start: utc(3, 14, 3, 0), End: utc(3, 14, 10, 0)}},
		{"a night of nine hours", 22 * 60, 30 * 60, day(11, 6), muster.Window{Start: utc(11, 7, 2, 0), End: utc(11, 7, 11, 0)}},
		{"ends in the skipped hour", 60, 150, day(3, 14), muster.Window{Start: utc(3, 14, 6, 0), End: utc(3, 14, 7, 0)}},
		{"starts in it", 150, 240, day(3, 14), muster.Window{Start: utc(3, 14, 7, 0), End: utc(3, 14, 8, 0)}},
		{"lies in it", 130, 150, day(3, 14), muster.Window{Start: utc(3, 14, 7, 0), End: utc(3, 14, 7, 0)}},
		{"into the next day and in it", 23 * 60, 26*60 + 30, day(3, 13), muster.Window{Start: utc(3, 14, 4, 0), End: utc(3, 14, 7, 0)}},
	} {
		t.Run(c.name, func(t *testing.T) {
			require.Equal(t, c.want, muster.Hours{From: c.from, To: c.to}.On(c.day))
		})
	}
}
