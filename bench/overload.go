package bench

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"net"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/sysopssquad/muster"
)

// OverloadOptions say which server to put under too much load, and for how long.
type OverloadOptions struct {
	URL     string        // of a running muster serve or up, on loopback
	Seconds int           // of overload
	Warm    time.Duration // before
	Step    time.Duration // for which each rate is tried
	Share   float64       // of the rated load that must be accepted in overload
	Rated   float64       // submissions a second; 0: to be found
	PID     int           // of the server, to look at its memory; 0: not looked at
	Say     func(format string, args ...any)
}

// Overload is what came of it. Rated is the highest open-loop rate of submissions at which 99 % were answered within
// 250 ms; then ten times as many came, and as many reads as rated.
type Overload struct {
	Rated     float64 `json:"rated"`   // submissions a second
	Offered   float64 `json:"offered"` // in overload
	Goodput   float64 `json:"goodput"` // accepted a second, in overload
	Share     float64 `json:"share"`   // goodput of rated
	P99Ms     float64 `json:"p99_ms"`  // of those that were accepted
	Refused   int     `json:"refused"` // 429 or 503 with Retry-After
	Failed    int     `json:"failed"`  // anything else, such as a connection cut, or no Retry-After
	Unsent    int     `json:"unsent"`  // this program could not keep up
	Intake    float64 `json:"intake_share"`
	Reads     float64 `json:"reads_share"` // of reads that were answered
	MemoryMiB []int   `json:"memory_mib"`  // of the server: at rest, then each tenth of the time

	Failures map[string]int `json:"failures,omitempty"` // what those that failed got, and how many of each
}

// Missing tells what of that is not as it must be, with so much of the rated load accepted; nothing if all is. The memory is flat if
// it doesn't grow by more than a quarter in the second half.
func (o Overload) Missing(owed float64) (missing []string) {
	owe := func(fine bool, format string, args ...any) {
		if !fine {
			missing = append(missing, fmt.Sprintf(format, args...))
		}
	}
	owe(o.Share >= owed, "%.0f %% of the rated load were accepted, %.0f are owed", 100*o.Share, 100*owed)
	owe(o.Failed == 0, "%d requests failed otherwise than with 429 or 503 and Retry-After: %v", o.Failed, o.Failures)
	owe(o.P99Ms <= float64(late.Milliseconds()), "what was accepted took %.0f ms, %.0f at most are fine", o.P99Ms, float64(late.Milliseconds()))
	owe(o.Refused > 0, "nothing was refused: it was not too much")
	owe(o.Intake >= o.Reads, "submissions waited behind reads: %.3f of them were answered, of reads %.3f", o.Intake, o.Reads)
	if m := o.MemoryMiB; len(m) > 0 && m[0] > 0 {
		half := m[len(m)/2:]
		owe(slices.Max(half) <= half[0]*5/4, "the memory grew from %d MiB to %d", half[0], slices.Max(half))
	}
	return missing
}

const (
	mostInFlight = 2000
	warming      = 8 // requests at once
	within       = 250 * time.Millisecond
	late         = 2 * time.Second // is no answer that somebody waits for
	overBy       = 10
	searches     = 5   // for the rated load, at most
	submitters   = 500 // customers who submit, at most: one alone would be a queue of his own
)

// silent shows nothing of a run.
func silent(*tally) {}

// loader sends requests at a rate, whatever becomes of those before.
type loader struct {
	http     *http.Client
	url      string
	as       muster.UserID
	bodies   [][]byte // of submissions, each for another customer
	next     atomic.Int64
	wire     *wire
	headers  string // of every request
	series   string // what keys of this run begin with
	reading  []byte // a read, as it goes over the wire
	inFlight chan struct{}
}

// tally is what came of requests of one kind.
type tally struct {
	mu                                  sync.Mutex
	sent, good, refused, failed, unsent int
	took                                []time.Duration // of the good
	failures                            map[string]int
}

// outcome is what came of a span of load.
type outcome struct{ submissions, reads tally }

// RunOverload finds the rated load and then exceeds it tenfold.
func RunOverload(ctx context.Context, o OverloadOptions) (Overload, error) {
	l := &loader{
		url: strings.TrimSuffix(o.URL, "/"), inFlight: make(chan struct{}, mostInFlight), http: &http.Client{Timeout: answerIn},
		series: rand.Text(),
	}
	defer l.http.CloseIdleConnections()
	if o.PID != 0 && memory(o.PID) == 0 {
		return Overload{}, muster.Invalid("PID", strconv.Itoa(o.PID), "the id of the server's process, whose memory can be read")
	}
	if err := l.prepare(ctx); err != nil {
		return Overload{}, err
	}
	defer l.wire.close()
	o.Say("warming for %s", o.Warm)
	l.warm(ctx, o.Warm)
	var r Overload
	r.MemoryMiB = append(r.MemoryMiB, memory(o.PID))
	r.Rated = o.Rated
	for n := 0; n < searches && o.Rated == 0; n++ { // each warms the server for the next
		found := l.search(ctx, o)
		more := found > 1.1*r.Rated
		if r.Rated = max(r.Rated, found); !more {
			break
		}
	}
	if r.Rated == 0 {
		return r, muster.E(muster.CodeUnavailable, "the server answers no rate in time", "let it rest, or give it a faster machine")
	}
	began := time.Now()
	all := l.run(ctx, overBy*r.Rated, r.Rated, time.Duration(o.Seconds)*time.Second, func(t *tally) {
		r.MemoryMiB = append(r.MemoryMiB, memory(o.PID))
		o.Say("%s: %d accepted, %d refused", time.Since(began).Round(time.Second), t.good, t.refused)
	})
	seconds := time.Since(began).Seconds()
	in, read := &all.submissions, &all.reads
	r.Offered, r.Goodput = float64(in.sent+in.unsent)/seconds, float64(in.good)/seconds
	r.Share, r.P99Ms = r.Goodput/r.Rated, float64(in.p99().Milliseconds())
	r.Refused, r.Failed, r.Unsent = in.refused+read.refused, in.failed+read.failed, in.unsent+read.unsent
	r.Intake, r.Reads = share(in.good, in.sent), share(read.good, read.sent)
	r.Failures = in.failures
	if r.Failures == nil {
		r.Failures = read.failures
	}
	return r, ctx.Err()
}

// warm has a few requests under way all the time: connections, plans, a virtual machine that compiles. What is cold isn't
// the server's rate.
func (l *loader) warm(ctx context.Context, span time.Duration) {
	ctx, stop := context.WithTimeout(ctx, span)
	defer stop()
	var g sync.WaitGroup
	for range warming {
		g.Go(func() {
			for ctx.Err() == nil {
				if _, err := l.wire.do(l.submission()); err != nil {
					return // the search will meet it again
				}
			}
		})
	}
	g.Wait()
}

// search finds the highest rate at which all is well.
func (l *loader) search(ctx context.Context, o OverloadOptions) float64 {
	for low, high := 0.0, math.Inf(1); ; {
		rate := 2 * max(low, 12.5)
		if !math.IsInf(high, 1) {
			rate = (low + high) / 2
		}
		if high-low < 0.1*high || rate > 5000 || ctx.Err() != nil {
			return low
		}
		t := &l.run(ctx, rate, 0, o.Step, silent).submissions
		if !t.fine() { // a rate is too much if it is so twice: others use this machine too
			t = &l.run(ctx, rate, 0, o.Step, silent).submissions
		}
		if t.fine() {
			low = rate
		} else {
			high = rate
		}
		o.Say("%6.0f a second: p99 %s, %d refused", rate, t.p99().Round(time.Millisecond), t.refused)
	}
}

// prepare finds somebody who submits, and for whom.
func (l *loader) prepare(ctx context.Context) error {
	var users, customers struct {
		Items []struct {
			ID   string
			Role muster.Role
		}
	}
	if err := l.get(ctx, "/v1/users", &users); err != nil {
		return err
	}
	for _, u := range users.Items {
		if u.Role == muster.RoleDispatcher {
			l.as = muster.UserID(u.ID)
		}
	}
	if err := l.get(ctx, "/v1/customers?limit="+strconv.Itoa(submitters), &customers); err != nil {
		return err
	}
	if len(customers.Items) == 0 {
		return muster.E(muster.CodeNotFound, "there is no customer to submit for", "fill the store: muster demo")
	}
	for _, item := range customers.Items {
		var c struct {
			ID    string
			Sites []struct{ ID string }
		}
		if err := l.get(ctx, "/v1/customers/"+item.ID, &c); err != nil {
			return err
		}
		if len(c.Sites) == 0 {
			continue
		}
		body, err := json.Marshal(map[string]any{"customer": c.ID, "site": c.Sites[0].ID, "title": "Refrigerator warm"})
		if err != nil {
			return err
		}
		l.bodies = append(l.bodies, body)
	}
	at, err := url.Parse(l.url)
	if err != nil || at.Scheme != "http" {
		return muster.Invalid("URL", l.url, "that of a server on loopback, such as http://127.0.0.1:8080")
	}
	l.wire, l.headers = &wire{host: at.Host}, "Muster-Actor: "+string(l.as)+"\r\n"
	l.reading = l.wire.written(http.MethodGet, "/v1/tickets?limit=5", l.headers, nil)
	if len(l.bodies) == 0 {
		return muster.E(muster.CodeNotFound, "no customer has a site", "fill the store: muster demo")
	}
	return nil
}

func (l *loader) get(ctx context.Context, path string, into any) error {
	res, err := l.send(ctx, http.MethodGet, path)
	if err != nil {
		return muster.E(muster.CodeUnavailable, l.url+" doesn't answer", "start it: muster up --still").Because(err)
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		return muster.E(muster.CodeUnavailable, fmt.Sprintf("%s%s answers %s", l.url, path, res.Status), "look at its log")
	}
	return json.NewDecoder(res.Body).Decode(into)
}

func (l *loader) send(ctx context.Context, method, path string) (*http.Response, error) {
	req, err := http.NewRequestWithContext(ctx, method, l.url+path, nil)
	if err != nil {
		return nil, err
	}
	if l.as != "" {
		req.Header.Set("Muster-Actor", string(l.as))
	}
	return l.http.Do(req)
}

// run sends submissions and reads at rates for a while, and waits for their answers. Each tenth of the time it shows
// what came of it so far; show must not keep it.
func (l *loader) run(ctx context.Context, rate, reads float64, span time.Duration, show func(submissions *tally)) *outcome {
	r := &outcome{}
	var g sync.WaitGroup
	began := time.Now()
	submitted, read, shown := 0, 0, 0
	tick := time.NewTicker(2 * time.Millisecond)
	defer tick.Stop()
	for ctx.Err() == nil {
		past := min(time.Since(began), span)
		for ; submitted < int(rate*past.Seconds()); submitted++ {
			l.one(&g, &r.submissions, l.submission)
		}
		for ; read < int(reads*past.Seconds()); read++ {
			l.one(&g, &r.reads, l.read)
		}
		if tenth := int(10 * past / span); tenth > shown {
			shown = tenth
			r.submissions.mu.Lock()
			show(&r.submissions)
			r.submissions.mu.Unlock()
		}
		if past == span {
			break
		}
		<-tick.C
	}
	g.Wait()
	return r
}

// one sends a request and counts what came of it; t.unsent if too many are under way.
func (l *loader) one(g *sync.WaitGroup, t *tally, request func() []byte) {
	select {
	case l.inFlight <- struct{}{}:
	default:
		t.mu.Lock()
		t.unsent++
		t.mu.Unlock()
		return
	}
	g.Go(func() {
		defer func() { <-l.inFlight }()
		r := request()
		began := time.Now()
		a, err := l.wire.do(r)
		got := strconv.Itoa(a.status) + " " + a.text
		if err != nil {
			got = err.Error()
			if at := (*net.OpError)(nil); errors.As(err, &at) {
				got = at.Err.Error() // without the address
			}
		}
		t.count(a, got, time.Since(began))
	})
}

// submission is the next one, under a key of its own.
func (l *loader) submission() []byte {
	n := l.next.Add(1)
	headers := fmt.Sprintf("%sContent-Type: application/json\r\nIdempotency-Key: %s-%d\r\n", l.headers, l.series, n)
	return l.wire.written(http.MethodPost, "/v1/tickets", headers, l.bodies[int(n)%len(l.bodies)])
}

func (l *loader) read() []byte { return l.reading }

func (t *tally) count(a answer, got string, took time.Duration) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.sent++
	switch refused := a.status == http.StatusTooManyRequests || a.status == http.StatusServiceUnavailable; {
	case a.status >= 200 && a.status < 300:
		t.good++
		t.took = append(t.took, took)
	case a.later && refused:
		t.refused++
	default:
		t.failed++
		if t.failures == nil {
			t.failures = make(map[string]int)
		}
		if _, known := t.failures[got]; known || len(t.failures) < 20 {
			t.failures[got]++
		}
	}
}

func (t *tally) p99() time.Duration {
	if len(t.took) == 0 {
		return 0
	}
	slices.Sort(t.took)
	return t.took[len(t.took)*99/100]
}

func (t *tally) fine() bool {
	return t.sent > 0 && t.refused+t.failed+t.unsent == 0 && t.p99() < within
}

func share(part, whole int) float64 {
	if whole == 0 {
		return 0
	}
	return float64(part) / float64(whole)
}

// memory is what a process holds in RAM, in MiB; 0 if that can't be told.
func memory(pid int) int {
	b, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/status")
	if err != nil {
		return 0
	}
	for line := range strings.Lines(string(b)) {
		if f := strings.Fields(line); len(f) == 3 && f[0] == "VmRSS:" {
			kib, _ := strconv.Atoi(f[1])
			return kib >> 10
		}
	}
	return 0
}
