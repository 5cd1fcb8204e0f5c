package torture

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"hash/fnv"
	"io"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"sync"
	"time"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/demo"
)

// lives is how many groups of people act at once.
const lives = 4

// load uses the company until ctx is done: people who answer offers and go through their visits, and submissions. Of some experts
// others take care; nil is nobody.
func load(ctx context.Context, o Options, hc *http.Client, users []caller, chapter int, others func(muster.ExpertID) bool) {
	var wg sync.WaitGroup
	for n := range lives {
		wg.Go(func() {
			_ = demo.Live(ctx, demo.LiveOptions{
				URL: "http://any", Client: hc, Seed: o.Seed<<16 + int64(chapter*lives+n), Pace: 100 * time.Millisecond,
				Log: slog.New(slog.DiscardHandler), Others: others,
			})
		})
	}
	call(ctx, o.Rate, fmt.Sprintf("torture/%d/%d", o.Seed, chapter), hc, users)
	wg.Wait()
}

// call submits at a rate that doesn't wait for what came before, until ctx is done and all have their answers. The name makes
// the keys, and what is asked for.
func call(ctx context.Context, rate float64, name string, hc *http.Client, users []caller) {
	var wg sync.WaitGroup
	defer wg.Wait()
	h := fnv.New64a()
	_, _ = h.Write([]byte(name))
	r := rand.New(rand.NewPCG(h.Sum64(), 0))
	tick := time.NewTicker(time.Duration(float64(time.Second) / rate))
	defer tick.Stop()
	for n := 0; ; n++ {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		u := users[r.IntN(len(users))]
		key := fmt.Sprintf("%s/%d", name, n)
		body := submission(r, u)
		wg.Go(func() { submit(ctx, hc, key, body) })
	}
}

// caller is a customer with a site.
type caller struct {
	customer muster.CustomerID
	site     muster.SiteID
}

// ready waits until the company answers, and gives customers who may call.
func ready(ctx context.Context, hc *http.Client) (users []caller, err error) {
	for began := time.Now(); time.Since(began) < time.Minute && ctx.Err() == nil; sleep(ctx, again) {
		if users, err = people(ctx, hc); err == nil {
			return users, nil
		}
	}
	return nil, err
}

// people gives customers who may call.
func people(ctx context.Context, hc *http.Client) ([]caller, error) {
	var page struct {
		Items []struct {
			ID muster.CustomerID `json:"id"`
		} `json:"items"`
	}
	if err := ask(ctx, hc, board, http.MethodGet, "/v1/customers?limit=100", nil, &page); err != nil {
		return nil, err
	}
	var out []caller
	for _, c := range page.Items {
		var whole struct {
			Sites []muster.Site `json:"sites"`
		}
		if err := ask(ctx, hc, board, http.MethodGet, "/v1/customers/"+string(c.ID), nil, &whole); err != nil {
			return nil, err
		}
		for _, s := range whole.Sites {
			out = append(out, caller{c.ID, s.ID})
		}
	}
	if len(out) == 0 {
		return nil, errors.New("the company has no customers")
	}
	return out, nil
}

// ask sends a request for somebody and reads what is answered, if anything is asked for.
func ask(ctx context.Context, hc *http.Client, who muster.UserID, method, path string, body, into any) error {
	var text io.Reader = http.NoBody
	if body != nil {
		b, err := json.Marshal(body)
		if err != nil {
			return err
		}
		text = bytes.NewReader(b)
	}
	req, err := http.NewRequestWithContext(ctx, method, "http://any"+path, text)
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Muster-Actor", string(who))
	res, err := hc.Do(req)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	if res.StatusCode >= http.StatusBadRequest {
		b, _ := io.ReadAll(res.Body)
		return &refusal{res.StatusCode, fmt.Sprintf("%s %s was answered %s: %s", req.Method, req.URL.Path, res.Status, b)}
	}
	if into == nil {
		return nil
	}
	return json.NewDecoder(res.Body).Decode(into)
}

// refusal is an answer that says no.
type refusal struct {
	status int
	text   string
}

func (r *refusal) Error() string { return r.text }

// refused tells whether a request was answered, and the answer was no.
func refused(err error) bool {
	no := (*refusal)(nil)
	return errors.As(err, &no) && no.status < http.StatusInternalServerError
}

// Of a demo company, the dispatcher and the administrator.
const (
	board  muster.UserID = "usr_dana"
	keeper muster.UserID = "usr_ada"
)

// laundry is what everything is about: most of the company's experts know it.
const laundry muster.SkillID = "skl_washing-machine"

func submission(r *rand.Rand, c caller) []byte {
	priority := []muster.Priority{muster.PriorityCritical, muster.PriorityHigh, muster.PriorityNormal, muster.PriorityNormal}[r.IntN(4)]
	b, err := json.Marshal(map[string]any{
		"customer": c.customer, "site": c.site, "title": "Doesn't work", "priority": priority, "duration_min": 45,
		"needs": []muster.Need{{Skill: laundry, Level: 1}},
	})
	if err != nil {
		panic(err)
	}
	return b
}

// wish is the request for a repair.
func wish(ctx context.Context, key string, body []byte) (*http.Request, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://any/v1/tickets", bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Muster-Actor", string(board))
	req.Header.Set("Idempotency-Key", key)
	return req, nil
}

// submit asks for a repair. Whatever becomes of it, the client has noted what was answered.
func submit(ctx context.Context, hc *http.Client, key string, body []byte) {
	req, err := wish(ctx, key, body)
	if err != nil {
		return
	}
	res, err := hc.Do(req)
	if err != nil {
		return
	}
	_ = res.Body.Close()
}
