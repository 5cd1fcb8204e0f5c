package torture

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	mathrand "math/rand/v2"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/sysopssquad/muster"
)

// client sends requests as a careful program would: a command under a key of its own, again under the same key to the next
// server if there was no answer, and the answer into the ledger. It is an http.RoundTripper.
type client struct {
	servers  []string
	ledger   *ledger
	send     http.RoundTripper
	next     atomic.Int64
	sent     atomic.Int64
	repeated atomic.Int64
	refused  atomic.Int64
	unknown  atomic.Int64

	mu    sync.Mutex
	asked []submitted
}

// submitted is one submission: when it was sent, how long its number took, and how often it was turned away before.
type submitted struct {
	at         time.Time
	took       time.Duration
	turnedAway int
	accepted   bool
}

// submissions gives those that were sent in a span.
func (c *client) submissions(from, to time.Time) (out []submitted) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, s := range c.asked {
		if !s.at.Before(from) && s.at.Before(to) {
			out = append(out, s)
		}
	}
	return out
}

func (c *client) timed(began time.Time, turnedAway int, req *http.Request, res *http.Response) {
	if req.Method != http.MethodPost || req.URL.Path != "/v1/tickets" {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.asked = append(c.asked, submitted{began, time.Since(began), turnedAway, res != nil && res.StatusCode < http.StatusBadRequest})
}

// How long a request is sent again, and how long one try may take.
const (
	patience = 90 * time.Second
	oneTry   = 8 * time.Second
	again    = 100 * time.Millisecond

	readTries = 5 // of what can simply be asked again later
)

func newClient(servers []string, l *ledger) *client {
	return &client{servers: servers, ledger: l, send: &http.Transport{MaxIdleConnsPerHost: 64, DisableKeepAlives: false}}
}

// RoundTrip implements http.RoundTripper.
func (c *client) RoundTrip(req *http.Request) (*http.Response, error) {
	var body []byte
	if req.Body != nil {
		b, err := io.ReadAll(req.Body)
		req.Body.Close()
		if err != nil {
			return nil, err
		}
		body = b
	}
	command := req.Method != http.MethodGet
	actor, key := req.Header.Get("Muster-Actor"), req.Header.Get("Idempotency-Key")
	if command && key == "" {
		key = rand.Text()
		req = req.Clone(req.Context())
		req.Header.Set("Idempotency-Key", key)
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(req.Context()), patience)
	defer cancel()
	c.sent.Add(1)
	began, turnedAway := time.Now(), 0
	for try := 0; ; try++ {
		res, answer, err := c.one(ctx, req, body)
		settled := err == nil && !busy(res)
		if err == nil && !settled {
			turnedAway++
		}
		if settled || err == nil && !command && try >= readTries {
			if command {
				c.timed(began, turnedAway, req, res)
				if err := c.told(commandOf(actor, key), req.URL.Path, res.StatusCode, answer); err != nil {
					return nil, err
				}
				if mathrand.IntN(20) == 0 && res.StatusCode < http.StatusBadRequest { // somebody presses the button twice
					c.twice(ctx, req, body, commandOf(actor, key))
				}
			}
			return res, nil
		}
		if ctx.Err() != nil || req.Context().Err() != nil && !command {
			c.unknown.Add(1)
			c.timed(began, turnedAway, req, nil)
			return nil, fmt.Errorf("given up: %w", errors.Join(err, ctx.Err()))
		}
		c.repeated.Add(1)
		select {
		case <-ctx.Done():
		case <-time.After(again << min(try, 4)):
		}
	}
}

// busy tells whether an answer says that the same request may be carried out later.
func busy(res *http.Response) bool {
	return res.StatusCode >= http.StatusInternalServerError || res.StatusCode == http.StatusTooManyRequests
}

// one sends a request once, to the server whose turn it is.
func (c *client) one(ctx context.Context, req *http.Request, body []byte) (*http.Response, []byte, error) {
	return c.to(ctx, c.servers[int(c.next.Add(1))%len(c.servers)], req, body)
}

// to sends a request once, to one server.
func (c *client) to(ctx context.Context, server string, req *http.Request, body []byte) (*http.Response, []byte, error) {
	ctx, cancel := context.WithTimeout(ctx, oneTry)
	defer cancel()
	r := req.Clone(ctx)
	r.URL.Host = server
	r.Host = r.URL.Host
	if body != nil {
		r.Body, r.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
	}
	res, err := c.send.RoundTrip(r)
	if err != nil {
		return nil, nil, err
	}
	defer res.Body.Close()
	answer, err := io.ReadAll(res.Body)
	if err != nil {
		return nil, nil, err // an answer that breaks off is none
	}
	res.Body = io.NopCloser(bytes.NewReader(answer))
	return res, answer, nil
}

// twice sends a request that was answered once more: the answer must be the same, byte for byte.
func (c *client) twice(ctx context.Context, req *http.Request, body []byte, id muster.CommandID) {
	res, answer, err := c.one(ctx, req, body)
	if err != nil || busy(res) {
		return
	}
	_ = c.told(id, req.URL.Path, res.StatusCode, answer)
}

// told notes an answer. A refusal is kept too if it is final: nothing is promised by it, and nothing may have happened.
func (c *client) told(id muster.CommandID, path string, status int, answer []byte) error {
	if status >= http.StatusBadRequest {
		c.refused.Add(1)
		return nil
	}
	l := line{Command: id, Path: path, Status: status, Body: hashOf(answer)}
	if path == "/v1/tickets" {
		var a struct {
			Ticket struct {
				ID     muster.TicketID `json:"id"`
				Number int64           `json:"number"`
			} `json:"ticket"`
		}
		if err := json.Unmarshal(answer, &a); err != nil {
			return fmt.Errorf("a submission's answer can't be read: %w", err)
		}
		l.Ticket, l.Number = a.Ticket.ID, a.Ticket.Number
	}
	return c.ledger.note(l)
}
