package matcher

import "fmt"

// fairness prefers those who were paid fewer hours than their peers.
func fairness(a *attempt) float64 {
	return a.q.Policy.Weights.Fairness * a.abovePeers()
}

func (a *attempt) abovePeers() float64 {
	return float64(a.m.Expert.PaidWeeks)/60 - a.q.peers.paid
}

func whyFairness(a *attempt) string {
	return fmt.Sprintf("Paid %.0f h in four weeks; the mean is %.0f.", float64(a.m.Expert.PaidWeeks)/60, a.q.peers.paid)
}
