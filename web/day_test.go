package web_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sysopssquad/muster"
)

// TestBrowserDrawsVisitsAsTheyTookPlace: one that ended early makes room for the next, and is not drawn into it; one
// that ended before it was to begin lies where it ended.
func TestBrowserDrawsVisitsAsTheyTookPlace(t *testing.T) {
	f := newFake(t)
	f.company(10)
	f.set(func() {
		for _, tour := range f.tours {
			if tour.Expert != "exp_11" {
				continue
			}
			at := func(minutes int) time.Time { return tour.Start.Add(time.Duration(minutes) * time.Minute) }
			tour.Stops = []muster.Stop{
				{Visit: "vis_a", Ticket: "tic_a", Assignment: "asg_a", Start: at(60), End: at(120), EndedAt: at(80)},
				{Visit: "vis_b", Ticket: "tic_b", Assignment: "asg_b", Start: at(85), End: at(145), EndedAt: at(160)},
				{Visit: "vis_c", Ticket: "tic_c", Assignment: "asg_c", Start: at(300), End: at(360), EndedAt: at(240)},
			}
		}
	})
	b := openBoard(t, f)
	bars := func(of string) []float64 {
		return value[[]float64](b, fmt.Sprintf(`(() => { const r = $('[data-stop="exp_11/%s"]').getBoundingClientRect(); return [r.left, r.right] })()`, of))
	}
	b.until(`$('[data-stop="exp_11/vis_c"]')`)
	first, second, third := bars("vis_a"), bars("vis_b"), bars("vis_c")
	hour := third[1] - third[0]
	require.InDelta(t, hour*20/60, first[1]-first[0], 2, "twenty minutes, not the hour that was planned")
	require.InDelta(t, hour*75/60, second[1]-second[0], 2, "longer than planned")
	require.LessOrEqual(t, first[1], second[0])
	require.InDelta(t, first[0]+2*hour, third[0], 2, "the hour before it ended")
}
