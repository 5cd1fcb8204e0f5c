package matcher

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/sysopssquad/muster"
)

// However long a time on call is, only the days around the horizon are looked at; these are what they would be if
// the whole were cut.
func TestLongSpansAreCutAroundTheHorizonAlone(t *testing.T) {
	zone := muster.Location("America/New_York")
	day := func(year, day, minute int) time.Time { return time.Date(year, 1, day, 0, minute, 0, 0, zone).UTC() }
	rapid.Check(t, func(r *rapid.T) {
		minute := rapid.IntRange(0, 24*60-1).Draw(r, "minute")
		whole := muster.Window{Start: day(2024, rapid.IntRange(1, 800).Draw(r, "first"), minute)}
		whole.End = whole.Start.Add(time.Duration(rapid.IntRange(1, 800*24*60).Draw(r, "length")) * time.Minute)
		around := muster.Window{Start: day(2025, rapid.IntRange(1, 365).Draw(r, "now"), minute/2)}
		around.End = around.Start.AddDate(0, 0, rapid.IntRange(1, 60).Draw(r, "horizon"))

		var want []muster.Window
		for k := 0; ; k++ {
			from := whole.Start.In(zone).AddDate(0, 0, k).UTC()
			piece := muster.Window{Start: from, End: whole.Start.In(zone).AddDate(0, 0, k+1).UTC()}
			if last := whole.End.Sub(from) <= 25*time.Hour; last {
				piece.End = whole.End
			}
			if piece.Overlaps(around) {
				want = append(want, piece)
			}
			if piece.End.Equal(whole.End) {
				break
			}
		}
		var have []muster.Window
		eachDay(whole, zone, around, func(w muster.Window) {
			if w.Overlaps(around) {
				have = append(have, w)
			}
		})
		require.Equal(r, want, have)
	})
	for _, end := range []int{2027, 9999} {
		all := muster.Window{Start: day(2020, 1, 600), End: day(end, 1, 600)}
		around := muster.Window{Start: day(2026, 100, 0), End: day(2026, 114, 0)}
		looked := 0
		eachDay(all, zone, around, func(muster.Window) { looked++ })
		require.Less(t, looked, 20)
	}
}
