// Package demo makes up a repair company for an empty store: some eighty skills, two thousand experts over
// real places of the United States, customers with devices, open tickets of all kinds, and a few that nobody
// can take, so that the reasons show. What it makes follows from a seed and the moment alone. Live then keeps
// life going: through the public HTTP API, as customers and experts would.
//
// All people, addresses and makes are invented.
package demo

import (
	"context"
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"time"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/dispatch"
)

// Target is what a company is loaded into; *dispatch.Dispatch is one.
type Target interface {
	SaveSkills(ctx context.Context, cmd muster.Command, req dispatch.SkillRequest) ([]muster.Skill, error)
	SavePolicy(ctx context.Context, cmd muster.Command, p muster.Policy) (muster.Policy, error)
	SaveUser(ctx context.Context, cmd muster.Command, u muster.User) (muster.User, error)
	SaveExperts(ctx context.Context, actor muster.Actor, experts []muster.Expert) ([]dispatch.RowResult, error)
	Import(ctx context.Context, rows []dispatch.Intake) ([]dispatch.RowResult, error)
}

// Options say how large a company is.
type Options struct {
	Experts int       // 2,000 if 0
	Tickets int       // open ones, 600 if 0; none if negative
	Seed    int64     // the same seed and moment give the same company
	Now     time.Time // tickets were reported before it, windows and leave lie around it; must be set
}

func (o Options) filled() Options {
	if o.Experts == 0 {
		o.Experts = 2000
	}
	if o.Tickets == 0 {
		o.Tickets = 600
	}
	o.Now = muster.Instant(o.Now)
	return o
}

// actor of everything that is loaded.
var actor = muster.System("demo")

// Load makes a company and takes it in. Loading it again adds nothing twice.
func Load(ctx context.Context, target Target, o Options) error {
	c, err := Generate(o)
	if err != nil {
		return err
	}
	return c.Load(ctx, target)
}

// Load takes the company in. Loading it again adds nothing twice.
func (c *Company) Load(ctx context.Context, target Target) error {
	if _, err := target.SaveSkills(ctx, c.command("skills"), dispatch.SkillRequest{Skills: c.Skills}); err != nil {
		return err
	}
	if _, err := target.SavePolicy(ctx, c.command("policy"), c.Policy); err != nil {
		return err
	}
	saved, err := target.SaveExperts(ctx, actor, c.Experts)
	if err := refusal(saved, err); err != nil {
		return err
	}
	taken, err := target.Import(ctx, c.Tickets)
	if err := refusal(taken, err); err != nil {
		return err
	}
	for _, u := range c.Users {
		if _, err := target.SaveUser(ctx, c.command(string(u.ID)), u); err != nil {
			return err
		}
	}
	return nil
}

func (c *Company) command(what string) muster.Command {
	return muster.Command{ID: muster.CommandID(fmt.Sprintf("demo/%d/%s", c.Seed, what)), Actor: actor}
}

// refusal is the first row that was refused: everything here is of our own making, so none should be.
func refusal(rows []dispatch.RowResult, err error) error {
	if err != nil {
		return err
	}
	for _, r := range rows {
		if r.State == dispatch.RowRefused {
			return r.Err
		}
	}
	return nil
}

// dice gives the random numbers of one thing, so that a change to another leaves it as it is.
func (o Options) dice(what string, n int) *rand.Rand {
	h := fnv.New64a()
	fmt.Fprintf(h, "%s/%d", what, n)
	return rand.New(rand.NewPCG(uint64(o.Seed), h.Sum64()))
}

// odds tells whether something of a probability happens.
func odds(r *rand.Rand, p float64) bool { return r.Float64() < p }

// between gives a whole number from lo to hi.
func between(r *rand.Rand, lo, hi int) int { return lo + r.IntN(hi-lo+1) }

func pick[T any](r *rand.Rand, list []T) T { return list[r.IntN(len(list))] }
