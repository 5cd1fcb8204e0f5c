package api

import (
	"context"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/sysopssquad/muster"
)

// Figures of admission: so few requests run at once that each is quick, and so few wait that none waits for long.
// What is beyond that is told at once to come back, which costs next to nothing.
const (
	runningAtOnce = 32
	intakeWaiting = 64 // submissions
	otherWaiting  = 32 // all else
	waitAtMost    = time.Second
)

// admission lets requests run. Submissions that wait go before everything else that waits: a screen that is late is
// better than a customer who isn't heard.
type admission struct {
	mu      sync.Mutex
	free    int
	intake  line
	others  line
	refused int64
}

// line is those who wait, in order.
type line struct {
	room    int
	waiting []chan struct{} // closed when it is one's turn
}

func newAdmission() *admission {
	return &admission{free: runningAtOnce, intake: line{room: intakeWaiting}, others: line{room: otherWaiting}}
}

// enter waits for a place to run; ok is false if there is none within the time that one may wait.
func (a *admission) enter(ctx context.Context, l *line) (ok bool) {
	a.mu.Lock()
	if a.free > 0 {
		a.free--
		a.mu.Unlock()
		return true
	}
	if len(l.waiting) >= l.room {
		a.refused++
		a.mu.Unlock()
		return false
	}
	turn := make(chan struct{})
	l.waiting = append(l.waiting, turn)
	a.mu.Unlock()
	patience := time.NewTimer(waitAtMost)
	defer patience.Stop()
	select {
	case <-turn:
		return true
	case <-ctx.Done():
	case <-patience.C:
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	for i, w := range l.waiting {
		if w == turn {
			l.waiting = append(l.waiting[:i:i], l.waiting[i+1:]...)
			a.refused++
			return false
		}
	}
	return true // it was given the place at the same moment
}

// leave gives the place to whoever is next.
func (a *admission) leave() {
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, l := range []*line{&a.intake, &a.others} {
		if len(l.waiting) > 0 {
			close(l.waiting[0])
			l.waiting = l.waiting[1:]
			return
		}
	}
	a.free++
}

// lineOf is where a request waits; nil for those that always run: health, and streams, which take no place for long.
func (a *admission) lineOf(r *http.Request) *line {
	switch path := strings.TrimSuffix(r.URL.Path, "/"); {
	case path == "/healthz", path == "/readyz", path == "/v1/events", path == "/openapi.json":
		return nil
	case r.Method == http.MethodPost && path == "/v1/tickets":
		return &a.intake
	default:
		return &a.others
	}
}

// admitted lets requests through as admission says, and refuses the others with 429.
func (s *server) admitted(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		l := s.admission.lineOf(r)
		if l == nil {
			next.ServeHTTP(w, r)
			return
		}
		if !s.admission.enter(r.Context(), l) {
			s.refuse(w, r, muster.E(codeBusy, "more requests than can be carried out", "send the same again, with the same Idempotency-Key, after Retry-After seconds"))
			return
		}
		defer s.admission.leave()
		next.ServeHTTP(w, r)
	})
}
