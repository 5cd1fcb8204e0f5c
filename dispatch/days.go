package dispatch

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/graph"
)

// DaysOptions say how long to drive and what visits find.
type DaysOptions struct {
	Days      int   // at most
	Seed      int64 // decides outcomes where the ticket doesn't foretell one
	UntilIdle bool  // stop on the first day on which nothing could be assigned and nothing is under way
	Report    func(DayReport)
}

// DayReport sums up one day.
type DayReport struct {
	Day       int                       `json:"day"`
	Date      string                    `json:"date"`
	Assigned  int                       `json:"assigned"`
	Ended     int                       `json:"ended"` // visits
	Completed int                       `json:"completed"`
	Remaining int                       `json:"remaining"` // queued home visits
	ByReason  map[muster.ReasonCode]int `json:"by_reason"`
}

// Days drives the company day by day: a round of every region that pushes, then what is planned for the next
// 24 hours takes place and the clock moves there. Waits end when their time comes, completed tickets are
// resolved, devices that customers bring are repaired within three days. All of it follows from the store's
// content and the seed. Nobody else should be at work on the store.
func (d *Dispatch) Days(ctx context.Context, store graph.Lists, clock *muster.FakeClock, o DaysOptions) ([]DayReport, error) {
	if o.Days < 1 || o.Days > 3650 {
		return nil, muster.Invalid("days", strconv.Itoa(o.Days), "from 1 to 3650")
	}
	var out []DayReport
	for day := 1; day <= o.Days; day++ {
		dr := &driver{d: d, store: store, seed: o.Seed, day: day, from: clock.Now(), to: clock.Now().Add(24 * time.Hour)}
		report, err := dr.drive(ctx)
		if err != nil {
			return out, err
		}
		clock.Set(dr.to)
		out = append(out, report)
		if o.Report != nil {
			o.Report(report)
		}
		if o.UntilIdle && dr.idle {
			break
		}
	}
	return out, nil
}

// A driver makes one day take place.
type driver struct {
	d        *Dispatch
	store    graph.Lists
	seed     int64
	day      int
	from, to time.Time
	on       *setup
	report   DayReport
	idle     bool
}

var everything = muster.Scope{Everything: true}

func (dr *driver) drive(ctx context.Context) (DayReport, error) {
	var err error
	if dr.on, err = dr.d.weighing(ctx, dr.from); err != nil {
		return DayReport{}, err
	}
	dr.report = DayReport{Day: dr.day, Date: dr.from.Format(time.DateOnly)}
	returning, err := dr.housekeeping(ctx)
	if err != nil {
		return DayReport{}, err
	}
	round, err := dr.d.AssignAll(ctx)
	if err != nil {
		return DayReport{}, err
	}
	dr.report.Assigned, dr.report.Remaining, dr.report.ByReason = round.Assigned, round.Remaining, round.ByReason
	if err := dr.visits(ctx); err != nil {
		return DayReport{}, err
	}
	if round.Assigned == 0 && returning == 0 && dr.report.Ended == 0 {
		counts, err := dr.store.TicketCounts(ctx, everything)
		if err != nil {
			return DayReport{}, err
		}
		underWay := 0
		for _, s := range muster.VisitStates() {
			underWay += counts[string(s)]
		}
		dr.idle = underWay == 0
	}
	return dr.report, nil
}

// housekeeping lets waits end, hands repaired devices back and resolves what has been completed. It tells
// how many tickets still wait for a visit.
func (dr *driver) housekeeping(ctx context.Context) (returning int, err error) {
	var line commits
	err = dr.each(ctx, []string{string(muster.Waiting), string(muster.Completed)}, func(t *muster.Ticket) error {
		v, b := verbWake, branchOf(t)
		switch {
		case t.State == muster.Completed:
			if v, b = verbResolve, ""; dr.from.Before(t.Timers[muster.TimerResolve]) {
				return nil
			}
		case b == needsCarryIn:
			if v, b = verbComplete, ""; dr.day < dr.handBack(t.ID) {
				return nil
			}
		case dr.from.Before(t.Wait.Until):
			if b == needsVisit {
				returning++
			}
			return nil
		}
		k := newDraft(dr.command(t.ID, t.Rev), dr.from, dr.on).desk(&graph.TicketCase{Ticket: *t})
		var sum tally
		if v == verbComplete {
			k.ticket.Outcome = string(dr.outcome(t, 2))
			sum.completed = 1
		}
		if err := k.proceed(v, b); err != nil {
			return err
		}
		change, err := k.change()
		if err != nil {
			return err
		}
		line.add(change, sum)
		if len(line.changes) < waveTickets {
			return nil
		}
		return line.write(ctx, dr)
	})
	if err != nil {
		return 0, err
	}
	return returning, line.write(ctx, dr)
}

// visits makes those of the day take place, in order of time.
func (dr *driver) visits(ctx context.Context) error {
	tours, err := dr.tours(ctx)
	if err != nil {
		return err
	}
	var due []call
	seen := make(map[muster.VisitID]bool)
	for _, t := range tours {
		for _, s := range t.Stops {
			if !s.Held() && s.EndedAt.IsZero() && !s.End.After(dr.to) && !seen[s.Visit] {
				seen[s.Visit] = true
				due = append(due, call{stop: s})
			}
		}
	}
	slices.SortFunc(due, func(a, b call) int {
		if c := a.stop.End.Compare(b.stop.End); c != 0 {
			return c
		}
		return strings.Compare(string(a.stop.Visit), string(b.stop.Visit))
	})
	var line commits
	for some := range slices.Chunk(due, 500) {
		if err := dr.load(ctx, some, tours); err != nil {
			return err
		}
		for i := range some {
			if err := dr.call(&some[i], tours, &line); err != nil {
				return err
			}
		}
		if err := line.write(ctx, dr); err != nil {
			return err
		}
	}
	return nil
}

// each goes through the tickets in some states.
func (dr *driver) each(ctx context.Context, states []string, work func(*muster.Ticket) error) error {
	return eachPage(ctx, dr.store, graph.TicketFilter{States: states}, func(tickets []*muster.Ticket) error {
		for _, t := range tickets {
			if err := work(t); err != nil {
				return err
			}
		}
		return nil
	})
}

// tours reads those of the day, by id: of some experts at a time, because a list of tours is bounded.
func (dr *driver) tours(ctx context.Context) (map[muster.TourID]*muster.Tour, error) {
	out := make(map[muster.TourID]*muster.Tour)
	span := muster.Window{Start: dr.from.Add(-24 * time.Hour), End: dr.to}
	page := graph.Page{Limit: graph.MaxPage}
	for {
		experts, next, err := dr.store.Experts(ctx, everything, graph.ExpertFilter{}, page)
		if err != nil {
			return nil, err
		}
		ids := make([]muster.ExpertID, len(experts))
		for i, e := range experts {
			ids[i] = e.ID
		}
		if len(ids) > 0 {
			tours, err := dr.store.Tours(ctx, everything, ids, span)
			if err != nil {
				return nil, err
			}
			for _, t := range tours {
				out[t.ID] = t
			}
		}
		if next == "" {
			return out, nil
		}
		page.After = next
	}
}

// command names what the driver does to a revision of a ticket.
func (dr *driver) command(t muster.TicketID, rev int64) muster.Command {
	id := "day/" + string(t) + "/" + strconv.FormatInt(rev, 10)
	return muster.Command{
		ID: muster.CommandID(id), Name: "day", Actor: muster.System("days"), Fingerprint: muster.Fingerprint("day", id),
	}
}
