package web_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/sysopssquad/muster"
)

// tell writes an event and wakes the readers.
func (f *fake) tell(id string, rev int64, name string, root any) {
	body, err := json.Marshal(map[string]any{"root": root})
	if err != nil {
		panic(err)
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.events = append(f.events, muster.Event{
		Aggregate: id, Rev: rev, Name: name, Version: 1, At: time.Now().UTC(), Actor: muster.Actor{ID: "usr_sam", Name: "Sam Ortiz"},
		Body: body, Seq: int64(len(f.events)) + 1,
	})
	for r := range f.readers {
		select {
		case r <- struct{}{}:
		default:
		}
	}
}

// cut breaks every stream; while broken they are refused.
func (f *fake) cut(broken bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.broken = broken
	for r := range f.readers {
		delete(f.readers, r)
		close(r)
	}
}

func (f *fake) stream(w http.ResponseWriter, r *http.Request) {
	f.mu.Lock()
	if f.me == "" {
		f.mu.Unlock()
		problem(w, http.StatusUnauthorized, map[string]any{"code": "no_actor", "detail": "nobody is named who does this"})
		return
	}
	if f.broken {
		f.mu.Unlock()
		problem(w, http.StatusServiceUnavailable, map[string]any{"code": "unavailable", "detail": "the graph gave no answer in 5 s"})
		return
	}
	at := int64(len(f.events))
	last := r.Header.Get("Last-Event-ID")
	f.resumed = append(f.resumed, last)
	lost := false
	if n, err := strconv.ParseInt(last, 10, 64); err == nil {
		if lost = n < f.floor; !lost {
			at = n
		}
	}
	wake := make(chan struct{}, 1)
	f.readers[wake] = true
	mute := f.mute
	f.mu.Unlock()

	w.Header().Set("Content-Type", "text/event-stream")
	if lost {
		fmt.Fprintf(w, "id: %d\nevent: snapshot-needed\ndata: {\"seq\":%d}\n\n", at, at)
	}
	beat := func() {
		fmt.Fprintf(w, "event: heartbeat\ndata: {\"at\":%q,\"seq\":%d}\n\n", time.Now().UTC().Format(time.RFC3339Nano), at)
		w.(http.Flusher).Flush()
	}
	beat()
	beats := time.NewTicker(5 * time.Second)
	defer beats.Stop()
	for {
		f.mu.Lock()
		fresh := slices.Clone(f.events[at:])
		f.mu.Unlock()
		for _, e := range fresh {
			b, _ := json.Marshal(e)
			fmt.Fprintf(w, "id: %d\nevent: %s\ndata: %s\n\n", e.Seq, e.Name, b)
			at = e.Seq
		}
		w.(http.Flusher).Flush()
		select {
		case _, ok := <-wake:
			if !ok {
				panic(http.ErrAbortHandler)
			}
		case <-beats.C:
			if !mute {
				beat()
			}
		case <-r.Context().Done():
			f.mu.Lock()
			delete(f.readers, wake)
			f.mu.Unlock()
			return
		}
	}
}
