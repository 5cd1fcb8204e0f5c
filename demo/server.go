package demo

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"time"

	"github.com/sysopssquad/muster"
)

// server is Muster as its users know it: over HTTP.
type server struct {
	url    string
	client *http.Client
}

// problem is a refusal (RFC 9457).
type problem struct {
	Status int         `json:"status"`
	Code   muster.Code `json:"code"`
	Detail string      `json:"detail"`
}

// Error tells what was refused.
func (p *problem) Error() string { return fmt.Sprintf("%d %s: %s", p.Status, p.Code, p.Detail) }

// maxAnswer bounds what is read of an answer.
const maxAnswer = 32 << 20

// get reads something for a person.
func (s server) get(ctx context.Context, who muster.UserID, path string, query url.Values, into any) error {
	if len(query) > 0 {
		path += "?" + query.Encode()
	}
	return s.send(ctx, http.MethodGet, path, who, "", nil, into)
}

// post does something for a person. Sent again with the same key it happens once.
func (s server) post(ctx context.Context, who muster.UserID, path, key string, body, into any) error {
	return s.send(ctx, http.MethodPost, path, who, key, body, into)
}

func (s server) send(ctx context.Context, method, path string, who muster.UserID, key string, body, into any) error {
	var text io.Reader
	if body != nil {
		b, err := json.Marshal(body)
		if err != nil {
			return err
		}
		text = bytes.NewReader(b)
	}
	req, err := http.NewRequestWithContext(ctx, method, s.url+path, text)
	if err != nil {
		return err
	}
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	if who != "" {
		req.Header.Set("Muster-Actor", string(who))
	}
	if key != "" {
		req.Header.Set("Idempotency-Key", key)
	}
	resp, err := s.client.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	answer := io.LimitReader(resp.Body, maxAnswer)
	if resp.StatusCode >= http.StatusBadRequest {
		p := &problem{}
		_ = json.NewDecoder(answer).Decode(p) // a proxy's page is no problem document; the status still tells
		p.Status = resp.StatusCode
		return p
	}
	if into == nil {
		_, err = io.Copy(io.Discard, answer)
		return err
	}
	return json.NewDecoder(answer).Decode(into)
}

// page is one page of a list.
type page[T any] struct {
	Items []T    `json:"items"`
	Next  string `json:"next"`
}

// ticketRow is a ticket in a list, as far as life needs it.
type ticketRow struct {
	ID        muster.TicketID   `json:"id"`
	Legacy    string            `json:"legacy"`
	CreatedAt time.Time         `json:"created_at"`
	Customer  muster.CustomerID `json:"customer"`
	Title     string            `json:"title"`
	Mode      muster.Mode       `json:"mode"`
	Shown     string            `json:"shown"`
	Needs     []muster.Need     `json:"needs"`
	Crew      int               `json:"crew"`
	Wait      muster.Wait       `json:"wait"`
	Visit     *muster.OpenVisit `json:"visit"`
}

// tickets lists those in some states, at most some pages of them.
func (s server) tickets(ctx context.Context, who muster.UserID, states string, pages int) ([]ticketRow, error) {
	var out []ticketRow
	query := url.Values{"state": {states}, "limit": {fmt.Sprint(pageSize)}}
	for range pages {
		var p page[ticketRow]
		if err := s.get(ctx, who, "/v1/tickets", query, &p); err != nil {
			return nil, err
		}
		out = append(out, p.Items...)
		if p.Next == "" {
			break
		}
		query.Set("after", p.Next)
	}
	return out, nil
}
