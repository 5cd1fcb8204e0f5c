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

// load uses the company until ctx is done: people who answer offers and go through their visits, and submissions.
func load(ctx context.Context, o Options, hc *http.Client, users []caller, chapter int) {
	var wg sync.WaitGroup
	for n := range lives {
		wg.Go(func() {
			_ = demo.Live(ctx, demo.LiveOptions{
				URL: "http://any", Client: hc, Seed: o.Seed<<16 + int64(chapter*lives+n), Pace: 100 * time.Millisecond,
				Log: slog.New(slog.DiscardHandler),
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
	if err := get(ctx, hc, "/v1/customers?limit=100", &page); err != nil {
		return nil, err
	}
	var out []caller
	for _, c := range page.Items {
		var whole struct {
			Sites []muster.Site `json:"sites"`
		}
		if err := get(ctx, hc, "/v1/customers/"+string(c.ID), &whole); err != nil {
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

func get(ctx context.Context, hc *http.Client, path string, into any) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://any"+path, nil)
	if err != nil {
		return err
	}
	req.Header.Set("Muster-Actor", board)
	res, err := hc.Do(req)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		b, _ := io.ReadAll(res.Body)
		return fmt.Errorf("%s answered %s: %s", path, res.Status, b)
	}
	return json.NewDecoder(res.Body).Decode(into)
}

// board is the dispatcher of a demo company.
const board = "usr_dana"

func submission(r *rand.Rand, c caller) []byte {
	priority := []muster.Priority{muster.PriorityCritical, muster.PriorityHigh, muster.PriorityNormal, muster.PriorityNormal}[r.IntN(4)]
	b, err := json.Marshal(map[string]any{
		"customer": c.customer, "site": c.site, "title": "Doesn't work", "priority": priority, "duration_min": 45,
		"needs": []muster.Need{{Skill: "skl_washing-machine", Level: 1}},
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
	req.Header.Set("Muster-Actor", board)
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
