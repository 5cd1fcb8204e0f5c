package bench

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/dispatch"
	"github.com/sysopssquad/muster/graph"
)

// submitToOffer submits urgent tickets over HTTP to the real server processes, one at a time, and waits for each on
// the event stream until it is offered to somebody.
func submitToOffer(ctx context.Context, o Options, p place) ([]Line, error) {
	at, err := p.fresh(ctx)
	if err != nil {
		return nil, err
	}
	quiet := o
	quiet.Tickets = -1
	if err := company(ctx, quiet, p); err != nil {
		return nil, err
	}
	sites, err := customers(ctx, o, p)
	if err != nil {
		return nil, err
	}
	redis, err := p.redis()
	if err != nil {
		return nil, err
	}
	if err := p.keep(ctx, o, "before"); err != nil {
		return nil, err
	}
	took, err := timeOffers(ctx, o, at, redis, sites)
	if err != nil {
		return nil, err
	}
	if err := p.keep(ctx, o, "after"); err != nil {
		return nil, err
	}
	bare, err := p.probe(ctx, o, "before", "after", len(took), 1)
	if err != nil {
		return nil, err
	}
	first := took[0] // nothing has run on these servers before
	slices.Sort(took)
	at50, at99 := took[len(took)/2], took[len(took)*99/100]
	probe := 1000 / bare.Best.Rate
	line := func(work string, have float64) Line {
		return Line{
			Store: p.name(), Work: work, Unit: "ms", Have: have, Peer: "probe, the same rows in one commit a ticket", Probe: probe,
			Ratio: probe / have, Note: fmt.Sprintf("%d urgent tickets, %d experts, the first after %.0f ms", len(took), o.Experts, first),
		}
	}
	return []Line{line("submitted to offered, median", at50), line("submitted to offered, 99 of 100", at99)}, nil
}

// urgentSkill is what the urgent tickets need. Whoever submits lives where somebody has it.
const urgentSkill = muster.SkillID("skl_washing-machine")

// customers registers who will submit, and a dispatcher.
func customers(ctx context.Context, o Options, p place) (sites []dispatch.CustomerRequest, err error) {
	s, err := p.open(ctx)
	if err != nil {
		return nil, err
	}
	defer func() {
		if e := s.Close(ctx); err == nil {
			err = e
		}
	}()
	clock := muster.SystemClock{}
	d := dispatch.New(s, clock)
	actor := muster.System("bench")
	if _, err := d.SaveUser(ctx, muster.Command{ID: "bench/user", Actor: actor},
		muster.User{ID: "usr_bench", Name: "Bench", Role: muster.RoleDispatcher}); err != nil {
		return nil, err
	}
	experts, _, err := s.Experts(ctx, muster.Scope{Everything: true}, graph.ExpertFilter{Skill: urgentSkill}, graph.Page{Limit: min(500, o.Offers)})
	if err != nil {
		return nil, err
	}
	if len(experts) == 0 {
		return nil, fmt.Errorf("nobody of the company has %s", urgentSkill)
	}
	for n, e := range experts {
		place := e.Base
		place.Precision = muster.PrecisionStreet
		c, err := d.SaveCustomer(ctx, muster.Command{ID: muster.CommandID(fmt.Sprintf("bench/customer/%d", n)), Actor: actor},
			dispatch.CustomerRequest{
				Customer: muster.Customer{Name: "Bench"},
				Sites:    []muster.Site{{Street: "1 Main St", City: e.City, Place: place}},
			})
		if err != nil {
			return nil, err
		}
		sites = append(sites, c)
	}
	return sites, nil
}

func timeOffers(ctx context.Context, o Options, at, redis string, sites []dispatch.CustomerRequest) (took []float64, err error) {
	addr, err := freeAddr()
	if err != nil {
		return nil, err
	}
	journal, err := os.MkdirTemp("", "muster-bench-journal-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(journal) // after the server has ended
	for _, args := range [][]string{{"serve", "--addr", addr, "--journal", journal}, {"work"}} {
		stop, err := background(ctx, o.Muster, append(args, "--graph", at, "--redis", redis)...)
		if err != nil {
			return nil, err
		}
		defer func() {
			if e := stop(); err == nil {
				err = e
			}
		}()
	}
	offered := make(chan string, 1024)
	watching, cancel := context.WithCancel(ctx)
	defer cancel()
	if err := watch(watching, "http://"+addr, offered); err != nil {
		return nil, err
	}
	for _, site := range sites {
		began := time.Now()
		id, err := submit(ctx, "http://"+addr, site)
		if err != nil {
			return nil, err
		}
		limit := time.After(20 * time.Second)
	wait:
		for {
			select {
			case ticket := <-offered:
				if ticket == id {
					took = append(took, float64(time.Since(began).Microseconds())/1000)
					break wait
				}
			case <-limit:
				return nil, fmt.Errorf("ticket %s was not offered within 20 s", id)
			case <-ctx.Done():
				return nil, ctx.Err()
			}
		}
	}
	return took, nil
}

// submit asks for a critical repair and gives the ticket's id.
func submit(ctx context.Context, url string, c dispatch.CustomerRequest) (string, error) {
	body, err := json.Marshal(map[string]any{
		"customer": c.Customer.ID, "site": c.Sites[0].ID, "title": "Doesn't work", "priority": muster.PriorityCritical,
		"duration_min": 60, "needs": []muster.Need{{Skill: urgentSkill, Level: 1}},
	})
	if err != nil {
		return "", err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, url+"/v1/tickets", bytes.NewReader(body))
	if err != nil {
		return "", err
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Muster-Actor", "usr_bench")
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return "", err
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		return "", err
	}
	if res.StatusCode != http.StatusCreated && res.StatusCode != http.StatusAccepted { // the first may take the graph too long
		return "", fmt.Errorf("submission answered %s: %s", res.Status, b)
	}
	var a dispatch.Answer
	if err := json.Unmarshal(b, &a); err != nil {
		return "", err
	}
	return string(a.Ticket.ID), nil
}

// watch follows the event stream and tells of tickets that are offered.
func watch(ctx context.Context, url string, offered chan<- string) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url+"/v1/events", nil)
	if err != nil {
		return err
	}
	req.Header.Set("Accept", "text/event-stream")
	req.Header.Set("Muster-Actor", "usr_bench")
	var res *http.Response
	for began := time.Now(); ; { // until the server listens
		if res, err = http.DefaultClient.Do(req); err == nil && res.StatusCode == http.StatusOK { //nolint:bodyclose // below
			break
		}
		if err == nil {
			res.Body.Close()
			err = fmt.Errorf("events answered %s", res.Status)
		}
		if time.Since(began) > 30*time.Second || ctx.Err() != nil {
			return err
		}
		select {
		case <-ctx.Done():
		case <-time.After(50 * time.Millisecond):
		}
	}
	first := make(chan struct{})
	go func() {
		defer res.Body.Close()
		in := bufio.NewScanner(res.Body)
		in.Buffer(nil, 4<<20)
		began := false
		for in.Scan() {
			data, ok := strings.CutPrefix(in.Text(), "data: ")
			if !ok {
				continue
			}
			if !began {
				began = true
				close(first)
			}
			var e muster.Event
			if json.Unmarshal([]byte(data), &e) != nil || muster.KindOf(e.Aggregate) != muster.KindTicket {
				continue
			}
			var body struct {
				Root muster.Ticket `json:"root"`
			}
			if json.Unmarshal(e.Body, &body) == nil && body.Root.Shown() == string(muster.VisitOffered) {
				select {
				case offered <- e.Aggregate:
				case <-ctx.Done():
					return
				}
			}
		}
	}()
	select {
	case <-first: // the stream has begun
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func freeAddr() (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	return l.Addr().String(), l.Close()
}

// background starts a program and gives what stops it.
func background(ctx context.Context, name string, args ...string) (stop func() error, err error) {
	c := exec.CommandContext(ctx, name, args...)
	var trouble bytes.Buffer
	c.Stderr = &trouble
	if err := c.Start(); err != nil {
		return nil, err
	}
	return func() error {
		if err := c.Process.Signal(syscall.SIGTERM); err != nil {
			return fmt.Errorf("muster %s ended early: %s", args[0], trouble.String())
		}
		if err := c.Wait(); err != nil {
			return fmt.Errorf("muster %s: %w: %s", args[0], err, trouble.String())
		}
		return nil
	}, nil
}
