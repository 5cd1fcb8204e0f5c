package api

import (
	"net/http"
	"sync"
	"time"

	"github.com/sysopssquad/muster"
)

// twins lets of several requests under one key only one run at a time in this process: the others wait for it and
// then get its answer. Between processes the store sees to that.
type twins struct {
	mu      sync.Mutex
	running map[string]*running
}

// running is a request that runs under a key.
type running struct {
	ended   chan struct{} // closed then
	waiting int           // others under its key
}

// twinsWaiting is how many may wait for the one that runs under their key: each holds a place among all that run at once,
// and one key must not take them all.
const twinsWaiting = 4

// oneAtATime holds a request up while another under its key runs, for at most as long as one may take.
func (s *server) oneAtATime(next http.Handler) http.Handler {
	t := &twins{running: make(map[string]*running)}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		key := r.Header.Get("Idempotency-Key")
		if key == "" {
			next.ServeHTTP(w, r)
			return
		}
		who := r.Header.Get(ActorHeader)
		if c, err := r.Cookie(ActorCookie); who == "" && err == nil {
			who = c.Value
		}
		done, ok := t.enter(r, who+"\x00"+key)
		if !ok {
			s.refuse(w, r, &muster.Error{
				Code: muster.CodeConflict, Message: "a request with this Idempotency-Key is still under way",
				Hint: "send the same again in a moment", Field: "Idempotency-Key", Value: shown(key),
			})
			return
		}
		defer done()
		next.ServeHTTP(w, r)
	})
}

// enter waits until no other request runs under a key; ok is false if that took too long, or too many wait already.
func (t *twins) enter(r *http.Request, key string) (done func(), ok bool) {
	patience := time.NewTimer(requestTime)
	defer patience.Stop()
	for {
		t.mu.Lock()
		before, busy := t.running[key]
		if !busy {
			mine := &running{ended: make(chan struct{})}
			t.running[key] = mine
			t.mu.Unlock()
			return func() {
				t.mu.Lock()
				delete(t.running, key)
				t.mu.Unlock()
				close(mine.ended)
			}, true
		}
		if before.waiting == twinsWaiting {
			t.mu.Unlock()
			return nil, false
		}
		before.waiting++
		t.mu.Unlock()
		ended := false
		select {
		case <-before.ended:
			ended = true
		case <-r.Context().Done():
		case <-patience.C:
		}
		if !ended {
			t.mu.Lock()
			before.waiting-- // its place is for the next
			t.mu.Unlock()
			return nil, false
		}
	}
}
