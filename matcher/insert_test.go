package matcher_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/matcher"
)

// A visit that was over before its planned start keeps its place in the order: one that is planned for the same moment, at the
// same place and so without a way, comes after it. Fits reckoned with that.
func TestWhatIsInsertedComesAfterWhatWasOverBefore(t *testing.T) {
	start := time.Date(2026, 11, 23, 12, 5, 0, 0, time.UTC)
	tour := &muster.Tour{Stops: []muster.Stop{
		{Visit: "vis_over", Assignment: "asg_over", Start: start, End: start.Add(time.Hour), EndedAt: start.Add(-time.Hour)},
		{Visit: "vis_later", Assignment: "asg_later", Start: start.Add(2 * time.Hour), End: start.Add(3 * time.Hour)},
	}}
	c := muster.Candidate{Start: start, End: start.Add(time.Hour)}
	matcher.Insert(tour, c, muster.Stop{Visit: "vis_new", Offer: "off_new"})
	var order []muster.VisitID
	for _, s := range tour.Stops {
		order = append(order, s.Visit)
	}
	require.Equal(t, []muster.VisitID{"vis_over", "vis_new", "vis_later"}, order)
}
