package main

import (
	"context"
	"fmt"
	"os"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/graph"
)

// crashing kills this process at a point of its work: MUSTER_CRASH=commit.after:3 does at the end of the third commit, as a
// power cut would. It is for tests, and refused without MUSTER_TESTING.
type crashing struct {
	graph.Store
	point string
	left  atomic.Int64
}

// crash wraps a store if MUSTER_CRASH says so.
func crash(s graph.Store) (graph.Store, error) {
	at := os.Getenv("MUSTER_CRASH")
	if at == "" {
		return s, nil
	}
	point, times, _ := strings.Cut(at, ":")
	n, err := strconv.Atoi(times)
	if err != nil || n < 1 {
		return nil, muster.Invalid("MUSTER_CRASH", at, "a point and how often it is passed before, such as commit.after:3")
	}
	if os.Getenv("MUSTER_TESTING") == "" {
		return nil, muster.Invalid("MUSTER_CRASH", at, "it kills this process; set MUSTER_TESTING=1 if that is what you want")
	}
	c := &crashing{Store: s, point: point}
	c.left.Store(int64(n))
	return c, nil
}

// pass ends the process if this is the point and its time has come.
func (c *crashing) pass(point string) {
	if point == c.point && c.left.Add(-1) == 0 {
		fmt.Fprintln(os.Stderr, "killed at", point)
		if self, err := os.FindProcess(os.Getpid()); err == nil {
			_ = self.Kill()
		}
		select {}
	}
}

func (c *crashing) Commit(ctx context.Context, changes ...graph.Change) ([]graph.Outcome, error) {
	c.pass("commit.before")
	out, err := c.Store.Commit(ctx, changes...)
	c.pass("commit.after")
	return out, err
}

func (c *crashing) ClaimDue(ctx context.Context, lane muster.Lane, shard int, now, until time.Time, limit int) ([]graph.Wake, error) {
	wakes, err := c.Store.ClaimDue(ctx, lane, shard, now, until, limit)
	if len(wakes) > 0 {
		c.pass("claim.after")
	}
	return wakes, err
}

func (c *crashing) Settle(ctx context.Context, settled ...graph.Settled) ([]string, error) {
	c.pass("settle.before")
	lost, err := c.Store.Settle(ctx, settled...)
	c.pass("settle.after")
	return lost, err
}

func (c *crashing) Number(ctx context.Context, duty string, fence, first int64, events []muster.Event) error {
	c.pass("number.before")
	err := c.Store.Number(ctx, duty, fence, first, events)
	c.pass("number.after")
	return err
}

func (c *crashing) Advance(ctx context.Context, consumer string, seq int64) error {
	c.pass("advance.before")
	return c.Store.Advance(ctx, consumer, seq)
}

func (c *crashing) Reserve(ctx context.Context, n int) (int64, error) {
	first, err := c.Store.Reserve(ctx, n)
	c.pass("reserve.after")
	return first, err
}
