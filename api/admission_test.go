package api

import (
	"log/slog"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
)

// crowd is an admission with a handler that ends when it is told to.
type crowd struct {
	s     *server
	h     http.Handler
	order chan string
	free  chan struct{}
}

func newCrowd() *crowd {
	c := &crowd{s: &server{admission: newAdmission()}, order: make(chan string, 10_000), free: make(chan struct{})}
	c.h = c.s.admitted(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		c.order <- r.Method + " " + r.URL.Path
		if r.URL.Path != "/readyz" {
			<-c.free
		}
	}))
	return c
}

// send sends a request and tells its status when it has ended.
func (c *crowd) send(method, path string) <-chan *httptest.ResponseRecorder {
	out := make(chan *httptest.ResponseRecorder, 1)
	go func() {
		w := httptest.NewRecorder()
		c.h.ServeHTTP(w, httptest.NewRequest(method, path, nil))
		out <- w
	}()
	return out
}

func TestSubmissionsGoFirstAndTheRestComesBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCrowd()
		c.s.log = slog.New(slog.DiscardHandler)
		free := sync.OnceFunc(func() { close(c.free) })
		defer free() // or a failure would look like a deadlock
		var all []<-chan *httptest.ResponseRecorder
		places, others := c.s.admission.places, c.s.admission.places*3/4
		for range others {
			all = append(all, c.send("GET", "/v1/tickets"))
		}
		synctest.Wait()
		over := c.send("GET", "/v1/tickets")
		synctest.Wait()
		require.Len(t, c.order, others, "reads leave places for submissions")
		<-time.After(waitAtMost) // of the bubble
		require.Equal(t, http.StatusTooManyRequests, (<-over).Code)
		for range places - others {
			all = append(all, c.send("POST", "/v1/tickets"))
		}
		synctest.Wait()
		require.Len(t, c.order, c.s.admission.places)
		for range c.s.admission.places {
			<-c.order
		}
		read := c.send("GET", "/v1/experts")
		synctest.Wait()
		intake := c.send("POST", "/v1/tickets")
		synctest.Wait()
		require.Empty(t, c.order, "all places are taken")
		health := c.send("GET", "/readyz")
		synctest.Wait()
		require.Equal(t, "GET /readyz", <-c.order, "health is always told")

		for range otherWaiting - 1 {
			all = append(all, c.send("GET", "/v1/experts"))
		}
		synctest.Wait()
		began := time.Now()
		require.Equal(t, http.StatusTooManyRequests, (<-c.send("GET", "/v1/experts")).Code, "so few wait that none waits for long")
		for range waitingAtOnce - otherWaiting - 1 {
			all = append(all, c.send("POST", "/v1/tickets"))
		}
		synctest.Wait()
		require.Len(t, c.s.admission.others.waiting, otherWaiting)
		for range otherWaiting - 1 {
			all = append(all, c.send("POST", "/v1/tickets"))
		}
		synctest.Wait()
		require.Len(t, c.s.admission.others.waiting, 1, "no submission is refused while anything else waits")
		require.Empty(t, read, "the newest goes first")
		all = append(all, c.send("POST", "/v1/tickets"))
		require.Equal(t, http.StatusTooManyRequests, (<-read).Code, "its room was needed")
		synctest.Wait()
		require.Len(t, c.s.admission.intake.waiting, waitingAtOnce)
		last := <-c.send("POST", "/v1/tickets")
		require.Equal(t, http.StatusTooManyRequests, last.Code)
		require.Equal(t, "1", last.Header().Get("Retry-After"))
		require.Zero(t, time.Since(began), "it is told at once")

		for range 2 {
			c.free <- struct{}{}
			synctest.Wait()
			require.Equal(t, "POST /v1/tickets", <-c.order)
		}
		first := c.send("GET", "/v1/experts")
		synctest.Wait()
		second := c.send("POST", "/v1/tickets")
		synctest.Wait()
		require.Empty(t, first)
		require.Len(t, c.s.admission.others.waiting, 1)
		for range waitingAtOnce - 1 {
			c.free <- struct{}{}
			synctest.Wait()
			require.Equal(t, "POST /v1/tickets", <-c.order, "although the read came before the last of them")
		}
		require.Empty(t, second)
		<-time.After(waitAtMost) // of the bubble
		require.Equal(t, http.StatusTooManyRequests, (<-first).Code, "nobody waits for longer")
		free()
		<-second
		require.Equal(t, http.StatusOK, (<-intake).Code)
		require.Equal(t, http.StatusOK, (<-health).Code)
		for _, a := range all {
			<-a
		}
		synctest.Wait()
		require.Equal(t, c.s.admission.places, c.s.admission.free, "every place was given back")
		require.Empty(t, c.s.admission.intake.waiting)
		require.Empty(t, c.s.admission.others.waiting)
	})
}
