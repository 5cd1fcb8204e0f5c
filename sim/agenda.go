package sim

import (
	"container/heap"
	"time"
)

// agenda is what is going to happen, by time; of what happens at once the first planned comes first.
type agenda struct {
	entries []entry
	n       int
}

type entry struct {
	at time.Time
	n  int
	do func()
}

// Len, Less, Swap, Push and Pop are those of heap.Interface.
func (a *agenda) Len() int { return len(a.entries) }

func (a *agenda) Less(i, j int) bool {
	x, y := &a.entries[i], &a.entries[j]
	if x.at.Equal(y.at) {
		return x.n < y.n
	}
	return x.at.Before(y.at)
}

func (a *agenda) Swap(i, j int) { a.entries[i], a.entries[j] = a.entries[j], a.entries[i] }
func (a *agenda) Push(x any)    { a.entries = append(a.entries, x.(entry)) }

func (a *agenda) Pop() any {
	last := len(a.entries) - 1
	e := a.entries[last]
	a.entries[last] = entry{}
	a.entries = a.entries[:last]
	return e
}

// plan adds something.
func (a *agenda) plan(at time.Time, do func()) {
	a.n++
	heap.Push(a, entry{at, a.n, do})
}

// next takes the first entry if it is not after a moment.
func (a *agenda) next(until time.Time) (entry, bool) {
	if len(a.entries) == 0 || a.entries[0].at.After(until) {
		return entry{}, false
	}
	return heap.Pop(a).(entry), true
}
