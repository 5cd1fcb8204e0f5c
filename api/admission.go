package api

import (
	"context"
	"net/http"
	"runtime"
	"strings"
	"sync"
	"time"

	"github.com/sysopssquad/muster"
)

// Figures of admission: so few requests run at once that each is quick, and so few wait that none waits for long.
// What is beyond that is told at once to come back, which costs next to nothing.
const (
	runningPerCore = 4  // more make a store slower than they get done: docs/decisions/0022
	runningAtLeast = 8  // on any machine
	forIntake      = 4  // one of so many places is for submissions: reads that wait for a store that hangs leave it to them
	waitingAtOnce  = 96 // of them all
	otherWaiting   = 32 // of what isn't a submission
	waitAtMost     = time.Second
)

// admission lets requests run. Submissions that wait go before everything else that waits, and none is refused while
// anything else waits: a screen that is late is better than a customer who isn't heard.
type admission struct {
	places  int
	mu      sync.Mutex
	free    int
	intake  line
	others  line
	refused int64
}

// line is those who wait, in order.
type line struct {
	waiting []chan bool // told true when it is one's turn, false when one's room is needed for a submission
}

func newAdmission() *admission {
	n := max(runningAtLeast, runningPerCore*runtime.GOMAXPROCS(0))
	return &admission{places: n, free: n}
}

// enter waits for a place to run; ok is false if there is none within the time that one may wait.
func (a *admission) enter(ctx context.Context, l *line) (ok bool) {
	a.mu.Lock()
	if a.free > a.kept(l) {
		a.free--
		a.mu.Unlock()
		return true
	}
	if !a.room(l) {
		a.refused++
		a.mu.Unlock()
		return false
	}
	turn := make(chan bool, 1)
	l.waiting = append(l.waiting, turn)
	a.mu.Unlock()
	patience := time.NewTimer(waitAtMost)
	defer patience.Stop()
	select {
	case ok := <-turn:
		return ok
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
	return <-turn // it was told at the same moment
}

// room tells whether one more may wait in a line. For a submission it sends away the newest of the others.
func (a *admission) room(l *line) bool {
	others := len(a.others.waiting)
	switch full := len(a.intake.waiting)+others >= waitingAtOnce; {
	case l == &a.others:
		return !full && others < otherWaiting
	case full && others > 0:
		a.others.waiting[others-1] <- false
		a.others.waiting = a.others.waiting[:others-1]
		a.refused++
		return true
	default:
		return !full
	}
}

// kept is how many places must stay free when one of a line runs.
func (a *admission) kept(l *line) int {
	if l == &a.others {
		return a.places / forIntake
	}
	return 0
}

// leave gives the place to whoever is next.
func (a *admission) leave() {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.free++
	for _, l := range []*line{&a.intake, &a.others} {
		if len(l.waiting) > 0 && a.free > a.kept(l) {
			l.waiting[0] <- true
			l.waiting = l.waiting[1:]
			a.free--
			return
		}
	}
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
