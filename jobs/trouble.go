package jobs

import (
	"sync"
	"time"
)

// ownTrouble is how long one aggregate may be refused by a store that works for others before a person is told. A store that is
// in trouble for all is nobody's failure, however long that lasts.
const ownTrouble = time.Hour

// trouble tells an aggregate that is always refused from a store that is in trouble. Each process knows of those that it had
// handled itself; what it knows goes with it.
type trouble struct {
	mu    sync.Mutex
	well  int            // handlers that the store has answered
	began int            // rows of refusals that have begun
	rows  map[string]row // under way, by aggregate
}

// row is an aggregate's refusals, one after the other.
type row struct {
	since, last time.Time
	tries       int
	well, began int // of others, when it began
}

// answered notes that the store has answered somebody.
func (t *trouble) answered(id string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.well++
	delete(t.rows, id)
}

// refused notes that it has refused an aggregate, for the first time in a row or again. It gives how often it has, if for so
// long that a person is to be told, else 0. As long as it answers nobody else, or refuses more than one for two that it answers,
// the time begins anew.
func (t *trouble) refused(id string, first bool, now time.Time) (tries int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	r, known := t.rows[id]
	begins := first || !known
	if begins {
		t.began++
	}
	if begins || t.well-r.well <= 2*(t.began-r.began) {
		r = row{since: now, well: t.well, began: t.began}
	}
	r.last = now
	r.tries++
	if t.rows == nil {
		t.rows = make(map[string]row)
	}
	t.rows[id] = r
	if now.Sub(r.since) < ownTrouble {
		return 0
	}
	return r.tries
}

// forget drops the rows that others have gone on with.
func (t *trouble) forget(now time.Time) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for id, r := range t.rows {
		if now.Sub(r.last) > ownTrouble {
			delete(t.rows, id)
		}
	}
}
