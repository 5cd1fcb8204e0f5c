package api

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sysopssquad/muster"
)

// journal is a log of events with its readers, in memory: what a store and a hub give together.
type journal struct {
	Graph
	mu     sync.Mutex
	floor  int64
	events []muster.Event
	more   chan struct{}
	fails  error // what readers get from now on
}

func (j *journal) Bounds(context.Context) (int64, int64, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.floor, int64(len(j.events)), nil
}

func (j *journal) EventsAfter(_ context.Context, seq int64, limit int) ([]muster.Event, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.events[min(seq, int64(len(j.events))):min(seq+int64(limit), int64(len(j.events)))], nil
}

// add numbers an event and tells those who wait.
func (j *journal) add(name, aggregate string, root any) {
	j.mu.Lock()
	defer j.mu.Unlock()
	body, err := json.Marshal(map[string]any{"root": root})
	if err != nil {
		panic(err)
	}
	j.events = append(j.events, muster.Event{Aggregate: aggregate, Rev: 1, Name: name, Version: 1, At: began, Body: body, Seq: int64(len(j.events)) + 1})
	j.wake()
}

// prune forgets all that is below a number, and makes readers that need it fail.
func (j *journal) prune(floor int64, err error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.floor, j.fails = floor, err
	j.wake()
}

func (j *journal) wake() {
	close(j.more)
	j.more = make(chan struct{})
}

type reader struct {
	of *journal
	at int64
}

func (r *reader) Next(ctx context.Context) ([]muster.Event, error) {
	for {
		r.of.mu.Lock()
		more, fails := r.of.more, r.of.fails
		var events []muster.Event
		if r.at < int64(len(r.of.events)) {
			events = r.of.events[r.at:min(r.at+5, int64(len(r.of.events)))]
		}
		r.of.mu.Unlock()
		switch {
		case fails != nil:
			return nil, fails
		case len(events) > 0:
			r.at = events[len(events)-1].Seq
			return events, nil
		}
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-more:
		}
	}
}

// broadcast is an API that serves streams on a real connection.
type broadcast struct {
	*rig
	journal *journal
	ticks   chan time.Time // each makes one stream send a heartbeat
	done    chan struct{}
	stop    context.CancelFunc
	served  chan error
	addr    string
	client  *http.Client
}

func newBroadcast(t *testing.T) *broadcast {
	t.Helper()
	b := &broadcast{
		journal: &journal{floor: 1, more: make(chan struct{})}, ticks: make(chan time.Time), done: make(chan struct{}), served: make(chan error, 1),
		client: &http.Client{Transport: &http.Transport{}},
	}
	b.rig = newRig(t, func(c *Config) {
		b.journal.Graph = c.Graph
		c.Graph, c.Done = b.journal, b.done
		c.Stream = func(after int64) Feed { return &reader{b.journal, after} }
	})
	b.server.heartbeats = func() (<-chan time.Time, func()) { return b.ticks, func() {} }
	l, err := Listen("127.0.0.1:0")
	require.NoError(t, err)
	b.addr = l.Addr().String()
	ctx, cancel := context.WithCancel(context.Background())
	b.stop = sync.OnceFunc(func() { close(b.done); cancel() })
	go func() { b.served <- Serve(ctx, l, b.handle, b.server.log) }()
	t.Cleanup(func() {
		b.client.CloseIdleConnections()
		b.stop()
		require.NoError(t, <-b.served)
	})
	return b
}

// TestHeartbeatsComeEveryFiveSeconds reads the ticks of a server as it is made, on a clock of the test's own.
func TestHeartbeatsComeEveryFiveSeconds(t *testing.T) {
	r := newRig(t)
	synctest.Test(t, func(t *testing.T) {
		ticks, stop := r.server.heartbeats()
		defer stop()
		began := time.Now()
		for n := 1; n <= 3; n++ {
			<-ticks
			require.Equal(t, time.Duration(n)*5*time.Second, time.Since(began))
		}
	})
}

// message is one of a stream.
type message struct{ id, event, data string }

// listener reads one stream.
type listener struct {
	testing.TB
	in  *bufio.Reader
	end io.Closer
}

// listen opens a stream; headers are name, value, name, value.
func (b *broadcast) listen(who muster.UserID, query string, headers ...string) *listener {
	b.Helper()
	req, err := http.NewRequestWithContext(b.Context(), http.MethodGet, "http://"+b.addr+"/v1/events"+query, nil)
	require.NoError(b, err)
	req.Header.Set(ActorHeader, string(who))
	req.Header.Set("Accept", "text/event-stream")
	for i := 0; i < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	res, err := b.client.Do(req) //nolint:bodyclose // the listener has it, and ends with the test
	require.NoError(b, err)
	require.Equal(b, http.StatusOK, res.StatusCode)
	require.Equal(b, "text/event-stream", res.Header.Get("Content-Type"))
	require.Empty(b, res.Header.Get("Content-Encoding"))
	l := &listener{b.TB, bufio.NewReader(res.Body), res.Body}
	b.Cleanup(func() { _ = l.end.Close() })
	return l
}

// next is the next message; ok is false at the end of the stream.
func (l *listener) next() (m message, ok bool) {
	l.Helper()
	for {
		line, err := l.in.ReadString('\n')
		if errors.Is(err, io.EOF) {
			return m, false
		}
		require.NoError(l, err)
		name, value, _ := strings.Cut(strings.TrimSuffix(line, "\n"), ": ")
		switch name {
		case "id":
			m.id = value
		case "event":
			m.event = value
		case "data":
			m.data = value
		case "":
			return m, true
		default:
			require.Failf(l, "a line that browsers don't know", "%q", line)
		}
	}
}

func (l *listener) expect(id, event string) message {
	l.Helper()
	m, ok := l.next()
	require.True(l, ok, "the stream ended")
	require.Equal(l, [2]string{id, event}, [2]string{m.id, m.event}, m.data)
	return m
}

func TestStreamBeginsNow(t *testing.T) {
	b := newBroadcast(t)
	first := b.listen(dana, "")
	first.expect("", "heartbeat") // the log is empty: there is no number yet
	b.journal.add("ticket.submitted", "tic_1", map[string]any{"id": "tic_1"})
	m := first.expect("1", "ticket.submitted")
	var e muster.Event
	require.NoError(t, json.Unmarshal([]byte(m.data), &e))
	require.Equal(t, int64(1), e.Seq)
	require.JSONEq(t, `{"root":{"id":"tic_1"}}`, string(e.Body))

	later := b.listen(dana, "", "Accept-Encoding", "gzip")
	later.expect("1", "heartbeat") // and nothing of before
	b.journal.add("ticket.queued", "tic_1", nil)
	later.expect("2", "ticket.queued")
	first.expect("2", "ticket.queued")
}

func TestStreamResumes(t *testing.T) {
	b := newBroadcast(t)
	for range 12 {
		b.journal.add("ticket.changed", "tic_1", nil)
	}
	for _, l := range []*listener{b.listen(dana, "", "Last-Event-ID", "4"), b.listen(dana, "?after=4"), b.listen(dana, "?after=9", "Last-Event-ID", "4")} {
		l.expect("4", "heartbeat")
		for seq := 5; seq <= 12; seq++ {
			l.expect(strconv.Itoa(seq), "ticket.changed")
		}
	}
	all := b.listen(dana, "?after=0")
	all.expect("", "heartbeat")
	for seq := 1; seq <= 12; seq++ {
		all.expect(strconv.Itoa(seq), "ticket.changed")
	}
}

func TestStreamSaysWhenASnapshotIsNeeded(t *testing.T) {
	b := newBroadcast(t)
	for range 12 {
		b.journal.add("ticket.changed", "tic_1", nil)
	}
	b.journal.prune(8, nil)
	for _, at := range []string{"0", "6", "13", "4711"} { // below the floor, or of another store
		l := b.listen(dana, "", "Last-Event-ID", at)
		l.expect("12", "snapshot-needed")
		l.expect("12", "heartbeat")
		b.journal.mu.Lock()
		b.journal.events = b.journal.events[:12]
		b.journal.mu.Unlock()
	}
	l := b.listen(dana, "", "Last-Event-ID", "7")
	l.expect("7", "heartbeat")
	l.expect("8", "ticket.changed")
}

func TestStreamLosesItsPlace(t *testing.T) {
	b := newBroadcast(t)
	b.journal.add("ticket.changed", "tic_1", nil)
	l := b.listen(dana, "?after=0")
	l.expect("", "heartbeat")
	l.expect("1", "ticket.changed")
	for range 8 {
		b.journal.mu.Lock()
		b.journal.events = append(b.journal.events, muster.Event{Seq: int64(len(b.journal.events)) + 1})
		b.journal.mu.Unlock()
	}
	b.journal.prune(5, errors.New("2 is not retained any more"))
	l.expect("9", "snapshot-needed")
	_, more := l.next()
	require.False(t, more, "the reader comes back by itself")
}

func TestStreamEndsWhenTheStoreIsAway(t *testing.T) {
	b := newBroadcast(t)
	l := b.listen(dana, "")
	l.expect("", "heartbeat")
	b.journal.prune(1, errors.New("connection refused"))
	_, more := l.next()
	require.False(t, more)
}

func TestStreamHeartbeats(t *testing.T) {
	b := newBroadcast(t)
	l := b.listen(otto, "?after=0")
	l.expect("", "heartbeat")
	b.journal.add("ticket.submitted", "tic_1", map[string]any{"customer": "cus_ruth"})
	b.journal.add("ticket.submitted", "tic_2", map[string]any{"customer": "cus_otto"})
	l.expect("2", "ticket.submitted") // the first was another's
	b.journal.add("ticket.changed", "tic_1", map[string]any{"customer": "cus_ruth"})
	for id := "2"; id != "3"; { // a heartbeat says when the stream has gone past it
		b.ticks <- began
		m, ok := l.next()
		require.True(t, ok)
		require.Equal(t, "heartbeat", m.event)
		id = m.id
	}
}

// TestStreamOutlivesTheRequestsDeadlines: those of the server are for requests that end.
func TestStreamOutlivesTheRequestsDeadlines(t *testing.T) {
	b := newBroadcast(t)
	const deadline = 50 * time.Millisecond
	srv := httptest.NewUnstartedServer(b.handle)
	srv.Config.ReadTimeout, srv.Config.WriteTimeout = deadline, deadline
	srv.Start()
	t.Cleanup(srv.Close)
	t.Cleanup(srv.CloseClientConnections)
	b.addr = srv.Listener.Addr().String()
	l := b.listen(dana, "")
	l.expect("", "heartbeat")
	for start := time.Now(); time.Since(start) < 3*deadline; {
		b.ticks <- began
		l.expect("", "heartbeat")
	}
}

func TestHeadOfAStreamEnds(t *testing.T) {
	b := newBroadcast(t)
	a := b.as(dana, "HEAD", "/v1/events", nil, "Accept", "text/event-stream")
	require.Equal(t, http.StatusOK, a.StatusCode)
	require.Equal(t, "text/event-stream", a.Header.Get("Content-Type"))
	require.Equal(t, http.StatusOK, b.as("", "HEAD", "/healthz", nil).StatusCode)
}

func TestStreamEndsAtShutdown(t *testing.T) {
	b := newBroadcast(t)
	l := b.listen(dana, "")
	l.expect("", "heartbeat")
	b.stop()
	_, more := l.next()
	require.False(t, more)
}

// TestASlowReaderHoldsUpNobody: one who doesn't read keeps only its own Write waiting, and later misses nothing.
func TestASlowReaderHoldsUpNobody(t *testing.T) {
	b := newBroadcast(t)
	slow, quick := b.listen(dana, "?after=0"), b.listen(dana, "?after=0")
	quick.expect("", "heartbeat")
	const events, size = 60, 1 << 18 // 15 MB: more than the buffers of a connection hold
	filler := strings.Repeat("x", size)
	for seq := 1; seq <= events; seq++ {
		b.journal.add("ticket.changed", "tic_1", map[string]any{"text": filler})
		quick.expect(strconv.Itoa(seq), "ticket.changed")
	}
	slow.expect("", "heartbeat")
	for seq := 1; seq <= events; seq++ {
		slow.expect(strconv.Itoa(seq), "ticket.changed")
	}
}

func TestEventsPageByPage(t *testing.T) {
	b := newBroadcast(t)
	for i := range 5 {
		b.journal.add("ticket.changed", fmt.Sprintf("tic_%d", i), map[string]any{"customer": []string{"cus_ruth", "cus_otto"}[i%2]})
	}
	read := func(who muster.UserID, query string, headers ...string) EventPage {
		return into[EventPage](t, http.StatusOK, b.as(who, "GET", "/v1/events"+query, nil, append(headers, "Accept", "application/json")...))
	}
	p := read(dana, "?after=0&limit=2")
	require.Len(t, p.Items, 2)
	require.Equal(t, int64(2), p.Next)
	require.Equal(t, int64(5), p.Head)
	p = read(dana, "?limit=2&after="+strconv.FormatInt(p.Next, 10))
	require.Equal(t, int64(3), p.Items[0].Seq)
	require.Empty(t, read(dana, "?after=5").Items)
	require.Equal(t, EventPage{Items: []muster.Event{}, Next: 5, Head: 5}, read(dana, ""), "without a place it begins now")

	p = read(ruth, "?after=0")
	require.Len(t, p.Items, 3, "hers alone")
	require.Equal(t, int64(5), p.Next)

	b.journal.prune(3, nil)
	p = read(dana, "?after=1")
	require.True(t, p.SnapshotNeeded)
	require.Empty(t, p.Items)
	require.Equal(t, int64(5), p.Next)
	require.False(t, read(dana, "?after=2").SnapshotNeeded)
}

func TestSeesEvent(t *testing.T) {
	event := func(aggregate, body string) muster.Event {
		return muster.Event{Aggregate: aggregate, Body: json.RawMessage(body)}
	}
	her, him := muster.Scope{Expert: "exp_ana"}, muster.Scope{Customer: "cus_otto"}
	for _, k := range []struct {
		e        muster.Event
		her, him bool
	}{
		{event("tic_1", `{"root":{"customer":"cus_otto"}}`), false, true},
		{event("tic_1", `{"root":{"customer":"cus_ruth","visit":{"experts":["exp_li","exp_ana"]}}}`), true, false},
		{event("tic_1", `{"root":{"customer":"cus_ruth"},"parts":[{"id":"off_1","expert":"exp_ana"}]}`), true, false},
		{event("tic_1", `{"root":{"customer":"cus_ruth"},"parts":[{"id":"off_1","expert":"exp_li"}]}`), false, false},
		{event("tou_1", `{"root":{"expert":"exp_ana"}}`), true, false},
		{event("exp_ana", `{"root":{"id":"exp_ana"}}`), true, false},
		{event("exp_li", `{"root":{"id":"exp_li"}}`), false, false},
		{event("cus_otto", `{"root":{"id":"cus_otto"}}`), false, true},
		{event("pol_main", `{"root":{}}`), false, false},
		{event("tic_1", `not JSON`), false, false},
		{event("tic_1", ``), false, false},
	} {
		require.Equal(t, k.her, seesEvent(her, k.e), "%s %s", k.e.Aggregate, k.e.Body)
		require.Equal(t, k.him, seesEvent(him, k.e), "%s %s", k.e.Aggregate, k.e.Body)
		require.True(t, seesEvent(muster.Scope{Everything: true}, k.e))
		require.False(t, seesEvent(muster.Scope{}, k.e))
	}
}
