package sim

import (
	"maps"
	"slices"
	"time"
)

// Report is what came of a simulation.
type Report struct {
	Seed          int64          `json:"seed"`
	Days          int            `json:"days"`
	Experts       int            `json:"experts"`
	Tickets       int            `json:"tickets"` // that their customers were told of
	ByState       map[string]int `json:"by_state"`
	Lost          int            `json:"lost"`
	Doubled       int            `json:"doubled"`
	WrongExpert   int            `json:"wrong_expert"`
	Waits         map[string]int `json:"waits"` // open tickets by state, timer and reason
	Lateness      Lateness       `json:"lateness"`
	Interventions map[string]int `json:"interventions"` // by people, by what they did; a refusal with its code
	Calls         int            `json:"calls"`         // of the store by the processes
	Faulted       int            `json:"faulted"`       // of these
	Faults        map[Kind]int   `json:"faults"`
	Checked       int            `json:"checked"`   // by fsck: aggregates and events
	Inspected     int            `json:"inspected"` // tours that fsck looked at meanwhile, each time they had changed
	Breaches      []Breach       `json:"breaches"`
	More          int            `json:"more_breaches,omitempty"`
	Simulated     string         `json:"simulated"`         // time that has passed there
	Seconds       float64        `json:"seconds,omitempty"` // on the machine; of several at once: the sum
	Chunks        []Chunk        `json:"chunks,omitempty"`
}

// Chunk is one of the histories that a report sums up.
type Chunk struct {
	Seed    int64   `json:"seed"`
	Tickets int     `json:"tickets"`
	Seconds float64 `json:"seconds,omitempty"` // on the machine
	Clean   bool    `json:"clean"`
}

// Lateness tells how late things were. Spans are rounded up to the end of their bucket.
type Lateness struct {
	Arrivals Spread `json:"arrivals"` // behind the planned start; early ones count as on time
	Timers   Spread `json:"timers"`   // between a timer's moment and its handler, those of the whole
}

// Spread is how a lateness is spread, in seconds.
type Spread struct {
	Count   int         `json:"count"`
	Median  int         `json:"median_s"`
	P99     int         `json:"p99_s"`
	Longest int         `json:"longest_s"`
	Buckets map[int]int `json:"buckets_s"` // by the end of each, in seconds
}

// steps are the ends of the buckets, in seconds.
var steps = []int{0, 5, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 2 * 3600, 4 * 3600, 8 * 3600, 24 * 3600, 10 * 24 * 3600}

func (s *Spread) add(d time.Duration) {
	if s.Buckets == nil {
		s.Buckets = make(map[int]int)
	}
	n := max(0, int(d.Round(time.Second)/time.Second))
	s.Count++
	s.Longest = max(s.Longest, n)
	i, _ := slices.BinarySearch(steps, n)
	s.Buckets[steps[min(i, len(steps)-1)]]++
}

// settle works out the figures.
func (s *Spread) settle() {
	at := func(share float64) int {
		left := int(share * float64(s.Count))
		for _, end := range steps {
			if left -= s.Buckets[end]; left < 0 {
				return min(end, s.Longest)
			}
		}
		return s.Longest
	}
	if s.Count > 0 {
		s.Median, s.P99 = at(0.5), at(0.99)
	}
}

// lateness collects.
type lateness struct {
	arrivals, timers Spread
}

func (l *lateness) arrival(d time.Duration) { l.arrivals.add(d) }
func (l *lateness) timer(d time.Duration)   { l.timers.add(d) }

func (l *lateness) sum() Lateness {
	l.arrivals.settle()
	l.timers.settle()
	return Lateness{l.arrivals, l.timers}
}

// Clean tells whether nothing is wrong.
func (r *Report) Clean() bool {
	return r.Lost == 0 && r.Doubled == 0 && r.WrongExpert == 0 && len(r.Breaches) == 0
}

// Add sums up another report of a history with another seed.
func (r *Report) Add(o Report) {
	if r.ByState == nil {
		r.ByState, r.Waits = make(map[string]int), make(map[string]int)
		r.Interventions, r.Faults = make(map[string]int), make(map[Kind]int)
		r.Seed, r.Days, r.Simulated, r.Breaches = o.Seed, o.Days, o.Simulated, []Breach{}
	}
	r.Tickets += o.Tickets
	r.Experts += o.Experts
	r.Lost += o.Lost
	r.Doubled += o.Doubled
	r.WrongExpert += o.WrongExpert
	r.Calls += o.Calls
	r.Faulted += o.Faulted
	r.Checked += o.Checked
	r.Inspected += o.Inspected
	sum(r.ByState, o.ByState)
	sum(r.Waits, o.Waits)
	sum(r.Interventions, o.Interventions)
	sum(r.Faults, o.Faults)
	r.Lateness.Arrivals.merge(o.Lateness.Arrivals)
	r.Lateness.Timers.merge(o.Lateness.Timers)
	r.More += o.More
	for _, b := range o.Breaches {
		if len(r.Breaches) == breachesKept {
			r.More++
			continue
		}
		r.Breaches = append(r.Breaches, b)
	}
	r.Seconds += o.Seconds
	r.Chunks = append(r.Chunks, Chunk{o.Seed, o.Tickets, o.Seconds, o.Clean()})
}

func (s *Spread) merge(o Spread) {
	if s.Buckets == nil {
		s.Buckets = make(map[int]int)
	}
	sum(s.Buckets, o.Buckets)
	s.Count += o.Count
	s.Longest = max(s.Longest, o.Longest)
	s.settle()
}

func sum[K comparable](into, from map[K]int) {
	for k := range maps.Keys(from) {
		into[k] += from[k]
	}
}
