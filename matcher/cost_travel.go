package matcher

import (
	"fmt"
	"math"
)

// travelAdded is what the visit adds to the tour's way.
func travelAdded(a *attempt) float64 {
	return a.q.Policy.Weights.Travel * float64(max(a.added, 0))
}

func whyTravel(a *attempt) string {
	return fmt.Sprintf("%d min there, %.0f km; %d min more on the road in all.", a.way.Travel, math.Ceil(a.way.Km), max(a.added, 0))
}
