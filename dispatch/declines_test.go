package dispatch

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sysopssquad/muster"
)

// TestLongListsOfDeclinesStayFew: a ticket that is offered and declined ever again keeps what rules need, and no more: whom
// they keep away from which time ahead is the same as by the list of all.
func TestLongListsOfDeclinesStayFew(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	begin := time.Date(2026, 11, 23, 13, 0, 0, 0, time.UTC)
	keepsAway := func(all []muster.Decline, e muster.ExpertID, span muster.Window) bool {
		for _, d := range all {
			if d.Expert == e && (d.Reason != "not_then" || d.Window.Overlaps(span)) {
				return true
			}
		}
		return false
	}
	reasons := []string{"not_then", "not_then", "not_then", "not_then", "too_far", "other", ""}
	var all, few []muster.Decline
	experts := []muster.ExpertID{"exp_a", "exp_b", "exp_c"}
	most := 0
	for n := range 5_000 {
		now := begin.Add(time.Duration(n) * 10 * time.Minute)
		span := func() muster.Window {
			start := now.Add(time.Duration(r.IntN(14*24*4)) * 15 * time.Minute)
			return muster.Window{Start: start, End: start.Add(time.Hour)}
		}
		no := muster.Decline{Expert: experts[r.IntN(2+r.IntN(2))], At: now, Reason: reasons[r.IntN(4)]}
		if n > 4_000 {
			no.Reason = reasons[r.IntN(len(reasons))]
		}
		if no.Reason == "not_then" {
			no.Window = span()
		}
		all, few = append(all, no), withDecline(few, no)
		most = max(most, len(few))
		for range 5 {
			e, s := experts[r.IntN(len(experts))], span()
			require.Equal(t, keepsAway(all, e, s), keepsAway(few, e, s), fmt.Sprintf("%d: %s at %s", n, e, s.Start))
		}
	}
	require.Less(t, most, len(experts)*(14*24+4), "hours of the horizon, and a reason each")
}
