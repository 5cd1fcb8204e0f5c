package torture

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
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

// load uses the company until ctx is done: people who answer offers and go through their visits, and submissions at a
// rate that doesn't wait for what came before.
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
	r := rand.New(rand.NewPCG(uint64(o.Seed), uint64(chapter)))
	tick := time.NewTicker(time.Duration(float64(time.Second) / o.Rate))
	defer tick.Stop()
	for n := 0; ; n++ {
		select {
		case <-ctx.Done():
			wg.Wait()
			return
		case <-tick.C:
		}
		u := users[r.IntN(len(users))]
		key := fmt.Sprintf("torture/%d/%d/%d", o.Seed, chapter, n)
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

// submit asks for a repair. Whatever becomes of it, the client has noted what was answered.
func submit(ctx context.Context, hc *http.Client, key string, body []byte) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://any/v1/tickets", bytes.NewReader(body))
	if err != nil {
		return
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Muster-Actor", board)
	req.Header.Set("Idempotency-Key", key)
	res, err := hc.Do(req)
	if err != nil {
		return
	}
	_ = res.Body.Close()
}
