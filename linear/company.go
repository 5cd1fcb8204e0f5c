package linear

import (
	"context"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/dispatch"
	"github.com/sysopssquad/muster/graph"
)

// began is the night before a working day in Boston: nobody is at work yet, so whatever is planned for the day fits.
var began = time.Date(2026, 11, 23, 5, 30, 0, 0, time.UTC)

var (
	boston     = muster.Point{Lat: 42.3601, Lng: -71.0589}
	admin      = muster.Actor{ID: "usr_ada", Role: muster.RoleAdministrator, Name: "Ada"}
	timekeeper = muster.System("timers")
)

const fridges muster.SkillID = "skl_refrigerators"

// ticking is a clock that moves on a little whenever it is looked at: no two decisions are made at one moment.
type ticking struct {
	at    atomic.Int64 // microseconds since 1970
	since time.Time    // when the machine's clock showed this, it began to run with that, zero: it stands between looks
	ahead time.Duration
	of    *ticking
}

// Now moves the clock on by a millisecond; one that runs to where it is by now, and by a microsecond at least.
func (c *ticking) Now() time.Time {
	if c.of != nil {
		return c.of.Now().Add(c.ahead)
	}
	if c.since.IsZero() {
		return time.UnixMicro(c.at.Add(1_000)).UTC()
	}
	for {
		was := c.at.Load()
		now := max(was+1, began.Add(muster.SystemClock{}.Now().Sub(c.since)).UnixMicro())
		if c.at.CompareAndSwap(was, now) {
			return time.UnixMicro(now).UTC()
		}
	}
}

// company is a small company on a store: experts who can do everything, and some processes that work on it.
type company struct {
	store graph.Store
	clock *ticking
	nodes []*dispatch.Dispatch // as many processes would
	late  *dispatch.Dispatch   // one whose clock is a day ahead: there every offer is over
	shops []shop
	batch int64
	n     atomic.Int64 // commands so far
}

// shop is a set of experts of one make. Single ones have room for one visit a day.
type shop struct {
	single  bool
	experts []muster.Expert
}

// variants of an expert: as they are, without the skill, at too low a level, on leave all day, without a shift. Only
// the first can take a ticket.
func variant(e muster.Expert, as int, day time.Time) muster.Expert {
	switch as {
	case 1:
		e.Skills = nil
	case 2:
		e.Skills = []muster.Competence{{Skill: fridges, Level: 1}}
	case 3:
		e.Leave = []muster.Leave{{Window: muster.Window{Start: day, End: day.Add(36 * time.Hour)}}}
	case 4:
		e.Shifts = nil
	}
	return e
}

const variantsOf = 5

// newCompany sets a company up on a store that is migrated. Batch keeps its ids and commands apart from those of
// others on the same store. The clock stands at night.
func newCompany(ctx context.Context, store graph.Store, clock *ticking, batch int64, nodes, experts int) (*company, error) {
	c := &company{store: lossy{store}, clock: clock, batch: batch}
	for range nodes {
		c.nodes = append(c.nodes, dispatch.New(c.store, c.clock))
	}
	c.late = dispatch.New(c.store, &ticking{of: c.clock, ahead: 30 * time.Hour})
	d := c.nodes[0]
	set, err := store.Setup(ctx)
	if err != nil {
		return nil, err
	}
	if set.Policy.ID == "" {
		p := muster.DefaultPolicy()
		p.UndoSeconds, p.OfferMinutes, p.UrgentOffer = 600, 20, 20 // the model knows no time: nothing may be over because the machine was slow
		for i := range p.Escalation {
			// An offer that ends by a clock that is ahead misses deadlines too: no step may give an expert more room.
			p.Escalation[i].Visits = 0
		}
		if _, err := d.SavePolicy(ctx, c.command(admin), p); err != nil {
			return nil, err
		}
		if _, err := d.SaveSkills(ctx, c.command(admin), dispatch.SkillRequest{Skills: []muster.Skill{{ID: fridges, Name: "Refrigerators"}}}); err != nil {
			return nil, err
		}
	}
	for _, single := range []bool{false, true} {
		s := shop{single: single}
		for i := range experts {
			e := muster.Expert{
				ID: muster.ExpertID(fmt.Sprintf("exp_%d-%t-%d", batch, single, i)), Name: fmt.Sprintf("%d %t %d", batch, single, i),
				Skills: []muster.Competence{{Skill: fridges, Level: 5}},
				Base:   muster.Place{Point: muster.Point{Lat: boston.Lat + 0.01, Lng: boston.Lng}},
				Capacity: muster.Capacity{
					VisitsPerTour: 40, DayMinutes: 16 * 60, WeekMinutes: 7 * 16 * 60, RestMinutes: 60,
				},
			}
			if single {
				e.Capacity.VisitsPerTour = 1
			}
			for day := range time.Weekday(7) {
				e.Shifts = append(e.Shifts, muster.Hours{Weekday: day, From: 6 * 60, To: 20 * 60})
			}
			saved, err := d.SaveExpert(ctx, c.command(admin), e)
			if err != nil {
				return nil, err
			}
			saved.Rev = 0
			s.experts = append(s.experts, saved)
		}
		c.shops = append(c.shops, s)
	}
	return c, nil
}

// command is a new command of an actor.
func (c *company) command(a muster.Actor) muster.Command {
	return muster.Command{ID: muster.CommandID(fmt.Sprintf("lin-%d-%d", c.batch, c.n.Add(1))), Actor: a}
}

// newClock stands at the night in which all begins.
func newClock() *ticking {
	c := &ticking{}
	c.at.Store(began.UnixMicro())
	return c
}

// day moves the clock to the night before the n-th day, and tells when that day begins.
func (c *company) day(n int) time.Time {
	at := began.AddDate(0, 0, n)
	c.clock.at.Store(at.UnixMicro())
	return at
}

// customer registers somebody with a site, and tickets for a day there.
func (c *company) customer(ctx context.Context, day time.Time, tickets int) (muster.Customer, []muster.Ticket, error) {
	d := c.nodes[0]
	saved, err := d.SaveCustomer(ctx, c.command(admin), dispatch.CustomerRequest{
		Customer: muster.Customer{Name: "Joan Park"},
		Sites:    []muster.Site{{Street: "9 Oak St", City: "Boston", Place: muster.Place{Point: boston}}},
	})
	if err != nil {
		return muster.Customer{}, nil, err
	}
	var out []muster.Ticket
	for range tickets {
		a, err := d.Submit(ctx, c.command(admin), dispatch.SubmitRequest{
			Customer: saved.Customer.ID, Site: saved.Sites[0].ID, Title: "Refrigerator warm",
			Needs: []muster.Need{{Skill: fridges, Level: 3}}, Duration: 20,
			Windows: []muster.Window{{Start: day.Add(6 * time.Hour), End: day.Add(19 * time.Hour)}},
		})
		if err != nil {
			return muster.Customer{}, nil, err
		}
		out = append(out, a.Ticket)
	}
	return saved.Customer, out, nil
}
