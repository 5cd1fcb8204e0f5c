package dispatch

import (
	"context"
	"fmt"
	"hash/crc32"
	"slices"
	"time"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/graph"
)

// Auditor is what fsck reads.
type Auditor interface {
	graph.Audit
	graph.Decisions
	Tickets(ctx context.Context, s muster.Scope, f graph.TicketFilter, p graph.Page) ([]*muster.Ticket, string, error)
	Tours(ctx context.Context, s muster.Scope, experts []muster.ExpertID, span muster.Window) ([]*muster.Tour, error)
	History(ctx context.Context, s muster.Scope, aggregate string) ([]muster.Event, error)
	EventsAfter(ctx context.Context, seq int64, limit int) ([]muster.Event, error)
	Bounds(ctx context.Context) (floor, head int64, err error)
}

// Breach is an invariant that doesn't hold for something.
type Breach struct {
	Invariant string `json:"invariant"` // I1 to I11, as the design names them
	ID        string `json:"id"`
	Text      string `json:"text"`
}

// FsckReport says how many aggregates and events were checked, and what is wrong.
type FsckReport struct {
	Checked  int      `json:"checked"`
	Breaches []Breach `json:"breaches"`
}

// fsckPage is how much is read at once, so that memory stays flat however large the store is.
const fsckPage = 500

// Fsck checks on everything in the store that each submission which was acknowledged is there (I1), that open
// tickets have timers (I2) and, while workers run, that no promise is late (I3), that no place is given twice
// (I4), that experts meet what their visits ask (I5), that tours are what was assigned and can be driven
// (I6), that offers end once (I7), that each bump has one event (I8), that these are numbered without gaps (I9)
// and each by a command of its own (I10), and that nobody is passed over for long (I11). Others may be at work:
// what looks wrong is read again before it is reported.
//
// Some can't be told from a store alone. I1: submissions whose commands have been forgotten since. I3: how late
// other timers may be, which depends on how fast workers are. I9: whether durable cursors pass each number, which
// consumers' tests show. I10: that a repeated command is answered alike, which the stores' suite shows.
func (d *Dispatch) Fsck(ctx context.Context, store Auditor) (FsckReport, error) {
	on, err := d.weighing(ctx, d.clock.Now())
	if err != nil {
		return FsckReport{}, err
	}
	f := &fsck{store: store, on: on, now: d.clock.Now()}
	for _, pass := range []func(context.Context) error{f.duties, f.commands, f.tickets, f.queue, f.tours, f.roots, f.events} {
		if err := pass(ctx); err != nil {
			return FsckReport{}, err
		}
	}
	return f.report, nil
}

type fsck struct {
	store  Auditor
	on     *setup
	now    time.Time
	report FsckReport

	working bool // some process is at work
	given   map[line][]given
}

// found collects what a check finds, for one aggregate each.
type found map[string][]Breach

func (f found) add(invariant, id, format string, args ...any) {
	f[id] = append(f[id], Breach{Invariant: invariant, ID: id, Text: fmt.Sprintf(format, args...)})
}

// again runs a check once more on each aggregate that it found something wrong with, and reports what is
// still wrong: in between the store may have been read in the middle of somebody's work.
func (f *fsck) again(first found, check func(id string) (found, error)) error {
	ids := make([]string, 0, len(first))
	for id := range first {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	for _, id := range ids {
		second, err := check(id)
		if err != nil {
			if muster.CodeOf(err) == muster.CodeNotFound {
				continue
			}
			return err
		}
		f.report.Breaches = append(f.report.Breaches, second[id]...)
	}
	return nil
}

// tickets checks all tickets with their parts.
func (f *fsck) tickets(ctx context.Context) error {
	for after := ""; ; {
		page, err := f.store.TicketCases(ctx, after, fsckPage)
		if err != nil || len(page) == 0 {
			return err
		}
		after = string(page[len(page)-1].Ticket.ID)
		f.report.Checked += len(page)
		f.lineUp(page)
		wrong, err := f.checkTickets(ctx, page)
		if err != nil {
			return err
		}
		err = f.again(wrong, func(id string) (found, error) {
			c, err := f.store.TicketCase(ctx, "", graph.CaseRef{Ticket: muster.TicketID(id)})
			if err != nil {
				return nil, err
			}
			return f.checkTickets(ctx, []graph.TicketCase{c})
		})
		if err != nil {
			return err
		}
	}
}

// roots checks the events of all aggregates but tickets and tours, which have been checked with their parts.
func (f *fsck) roots(ctx context.Context) error {
	for _, kind := range []muster.Kind{
		muster.KindCustomer, muster.KindExpert, muster.KindSkillTree, muster.KindPolicy,
		muster.KindUser, muster.KindArticle, muster.KindRegion, muster.KindMessage, muster.KindSurvey, muster.KindDuty,
	} {
		if err := f.scan(ctx, kind, f.checkSpans); err != nil {
			return err
		}
	}
	return nil
}

// scan checks all records of a kind.
func (f *fsck) scan(ctx context.Context, kind muster.Kind, check func(context.Context, []muster.Record) (found, error)) error {
	for after := ""; ; {
		page, err := f.store.Scan(ctx, kind, after, fsckPage)
		if err != nil || len(page) == 0 {
			return err
		}
		after = page[len(page)-1].RecordID()
		f.report.Checked += len(page)
		wrong, err := check(ctx, page)
		if err != nil {
			return err
		}
		err = f.again(wrong, func(id string) (found, error) {
			records, err := f.store.Records(ctx, "", id)
			if err != nil || records[id] == nil {
				return nil, err
			}
			return check(ctx, []muster.Record{records[id]})
		})
		if err != nil {
			return err
		}
	}
}

// checkSpans compares revisions with events: from 1 to the revision, each once.
func (f *fsck) checkSpans(ctx context.Context, page []muster.Record) (found, error) {
	ids := make([]string, len(page))
	for i, r := range page {
		ids[i] = r.RecordID()
	}
	spans, err := f.store.EventSpans(ctx, ids...)
	if err != nil {
		return nil, err
	}
	wrong := make(found)
	for _, r := range page {
		root, ok := r.(muster.Root)
		if !ok {
			continue
		}
		if s := spans[r.RecordID()]; s.Low != 1 || s.High != root.Revision() || s.Count != root.Revision() {
			wrong.add("I8", r.RecordID(), "revision %d has %d events, from %d to %d", root.Revision(), s.Count, s.Low, s.High)
		} else if s.Commands != s.Count {
			wrong.add("I10", r.RecordID(), "%d changes are by %d commands: one has had its effect twice", s.Count, s.Commands)
		}
	}
	return wrong, nil
}

// aggregatesAtOnce is of how many aggregates the numbers are compared at once, so that memory stays flat here too.
const aggregatesAtOnce = 2_000_000

// events checks that numbers have no gaps and rise with the revision inside an aggregate. It reads all events once
// for each share of the aggregates.
func (f *fsck) events(ctx context.Context) error {
	floor, head, err := f.store.Bounds(ctx)
	if err != nil || head == 0 {
		return err
	}
	shares := 1 + f.report.Checked/aggregatesAtOnce
	for share := range shares {
		if err := f.numbers(ctx, floor, head, uint32(share), uint32(shares)); err != nil {
			return err
		}
	}
	return nil
}

func (f *fsck) numbers(ctx context.Context, floor, head int64, share, shares uint32) error {
	revs := make(map[string]int64)
	for seq := floor - 1; seq < head; {
		page, err := f.store.EventsAfter(ctx, seq, 10*fsckPage)
		if err != nil {
			return err
		}
		if len(page) == 0 {
			if share == 0 {
				f.report.Breaches = append(f.report.Breaches, Breach{"I9", fmt.Sprint(seq + 1), "no event has this number, although later ones have theirs"})
			}
			return nil
		}
		for _, e := range page {
			if e.Seq > head {
				return nil // written while we read
			}
			id := fmt.Sprintf("%s/%d", e.Aggregate, e.Rev)
			if share == 0 {
				f.report.Checked++
				if e.Seq != seq+1 {
					f.report.Breaches = append(f.report.Breaches, Breach{"I9", id, fmt.Sprintf("its number is %d, after %d", e.Seq, seq)})
				}
			}
			seq = e.Seq
			if shares > 1 && crc32.ChecksumIEEE([]byte(e.Aggregate))%shares != share {
				continue
			}
			if last := revs[e.Aggregate]; last != 0 && e.Rev != last+1 {
				f.report.Breaches = append(f.report.Breaches, Breach{"I9", id, fmt.Sprintf("its number comes right after that of revision %d", last)})
			}
			revs[e.Aggregate] = e.Rev
		}
	}
	return nil
}
