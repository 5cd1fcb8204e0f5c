package dispatch

import (
	"context"
	"crypto/rand"
	"fmt"
	"hash/crc32"
	"strconv"
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
	Pending(ctx context.Context, limit int) ([]muster.Event, error)
}

// Breach is an invariant that doesn't hold for something.
type Breach struct {
	Invariant string `json:"invariant"` // I1 to I11, as the design names them
	ID        string `json:"id"`
	Text      string `json:"text"`
	Repaired  bool   `json:"repaired,omitempty"` // it stood, and has been put right
}

// FsckReport says how many aggregates and events were checked, and what is wrong.
type FsckReport struct {
	Checked   int      `json:"checked"`
	Suspects  int      `json:"suspects"` // looked wrong at first and were looked at again
	Breaches  []Breach `json:"breaches"`
	Unsettled []string `json:"unsettled,omitempty"` // looked wrong each time, but changed under each look
}

// FsckOptions say how to look. With none it is from the beginning and as fast as it can.
type FsckOptions struct {
	// Share of the time that goes into reading, at most: 0.1 reads a tenth of what the store could give. 0: all of it.
	Share float64
	// Pause waits, for Share, and to see whether what is behind gets on; nil: what is behind is judged at once.
	Pause func(context.Context, time.Duration) error
	From  *FsckPlace            // goes on where an earlier run came to
	Each  func(FsckPlace) error // is told after each page how far it has come
	// Repair what follows from other things that are there; see fsck_repair.go.
	Repair bool
}

// fsckPage is how much is read at once, so that memory stays flat however large the store is.
const fsckPage = 500

// Fsck checks on everything in the store that each submission which was acknowledged is there (I1), that open
// tickets have timers (I2) and, while workers run, that no promise is late (I3), that no place is given twice
// (I4), that experts meet what their visits ask (I5), that tours are what was assigned and can be driven, and nobody
// is on two visits at once (I6), that offers end once (I7), that each bump has one event (I8), that these are numbered
// without gaps and read (I9) and each by a command of its own (I10), and that nobody is passed over for long (I11). Others may
// be at work: what looks wrong is read again, and reported if it still stands and nothing of what it rests on moved
// meanwhile.
//
// Some can't be told from a store alone. I1: submissions whose commands have been forgotten since. I3: how late
// other timers may be, which depends on how fast workers are. I9: whether consumers had all that their cursors have
// passed, which their tests show. I10: that a repeated command is answered alike, which the stores' suite shows.
func (d *Dispatch) Fsck(ctx context.Context, store Auditor) (FsckReport, error) {
	return d.FsckWith(ctx, store, FsckOptions{})
}

// FsckWith is Fsck at a pace of its own. An error comes with what was found until then.
func (d *Dispatch) FsckWith(ctx context.Context, store Auditor, o FsckOptions) (FsckReport, error) {
	ctx = graph.Anew(ctx)
	f := &fsck{d: d, store: store, o: o, run: rand.Text(), since: d.clock.Now()}
	if o.From != nil {
		f.place = *o.From
	}
	if o.From != nil || o.Each != nil {
		identity, err := identify(ctx, store)
		if err != nil {
			return FsckReport{}, err
		}
		if o.From != nil && f.place.Store != identity {
			return FsckReport{}, muster.Invalid("resume", f.place.Store, "this is of another store; start anew without it")
		}
		f.place.Store = identity
	}
	if err := f.fresh(ctx); err != nil {
		return f.place.Report, err
	}
	passes := []func(context.Context) error{f.commands, f.tickets, f.queue, f.tours}
	for _, kind := range fsckRoots {
		check := f.checkSpans
		if kind == muster.KindExpert {
			check = f.checkExperts
		}
		passes = append(passes, func(ctx context.Context) error { return f.scan(ctx, kind, check) })
	}
	passes = append(passes, f.events, f.unread)
	for f.place.Pass < len(passes) {
		if err := passes[f.place.Pass](ctx); err != nil {
			return f.place.Report, err
		}
		f.place.Pass++
		f.place.After = ""
	}
	return f.place.Report, nil
}

// fsckRoots are the aggregates of which nothing but the events is checked, and experts' timers. Tickets and tours are, with
// their parts.
var fsckRoots = []muster.Kind{
	muster.KindCustomer, muster.KindExpert, muster.KindSkillTree, muster.KindPolicy,
	muster.KindUser, muster.KindArticle, muster.KindRegion, muster.KindMessage, muster.KindSurvey, muster.KindDuty,
}

type fsck struct {
	d      *Dispatch
	store  Auditor
	o      FsckOptions
	run    string // tells this run's commands from others'
	looks  int    // commands so far
	on     *setup
	now    time.Time
	since  time.Time // the last pause
	worked time.Time // when some process was last seen at work; zero: never
	began  time.Time // when one was at work again after none was seen to be
	idle   bool      // none was at the last look
	place  FsckPlace
	judged map[string]int64 // what a second look rests on: revisions, 0 for what isn't there; -1 moved under it
}

// fresh looks at the clock, the setup and who is at work.
func (f *fsck) fresh(ctx context.Context) (err error) {
	f.now = f.d.clock.Now()
	if f.on, err = f.d.weighing(ctx, f.now); err != nil {
		return err
	}
	return f.duties(ctx)
}

// turn is the end of a page: it says how far it has come, and lets others read.
func (f *fsck) turn(ctx context.Context, after string) error {
	f.place.After = after
	if f.o.Each != nil {
		if err := f.o.Each(f.place); err != nil {
			return err
		}
	}
	if f.o.Share > 0 {
		spent := f.d.clock.Now().Sub(f.since)
		if err := f.o.Pause(ctx, time.Duration(float64(spent)*(1/f.o.Share-1))); err != nil {
			return err
		}
		f.since = f.d.clock.Now()
	}
	return f.fresh(ctx)
}

// found collects what a check finds, for one aggregate each.
type found map[string][]Breach

func (f found) add(invariant, id, format string, args ...any) {
	f[id] = append(f[id], Breach{Invariant: invariant, ID: id, Text: fmt.Sprintf(format, args...)})
}

// tickets checks all tickets with their parts.
func (f *fsck) tickets(ctx context.Context) error {
	for after := f.place.After; ; {
		page, err := f.store.TicketCases(ctx, after, fsckPage)
		if err != nil || len(page) == 0 {
			return err
		}
		after = string(page[len(page)-1].Ticket.ID)
		f.place.Report.Checked += len(page)
		f.lineUp(page)
		wrong, err := f.checkTickets(ctx, page)
		if err != nil {
			return err
		}
		if err := f.again(ctx, wrong, func(id string) (found, error) {
			c, err := f.store.TicketCase(ctx, "", graph.CaseRef{Ticket: muster.TicketID(id)})
			if err != nil {
				return nil, err
			}
			return f.checkTickets(ctx, []graph.TicketCase{c})
		}); err != nil {
			return err
		}
		if err := f.oneVisitAtATime(ctx, page); err != nil {
			return err
		}
		if err := f.turn(ctx, after); err != nil {
			return err
		}
	}
}

// scan checks all records of a kind.
func (f *fsck) scan(ctx context.Context, kind muster.Kind, check func(context.Context, []muster.Record) (found, error)) error {
	for after := f.place.After; ; {
		page, err := f.store.Scan(ctx, kind, after, fsckPage)
		if err != nil || len(page) == 0 {
			return err
		}
		after = page[len(page)-1].RecordID()
		if err := f.page(ctx, page, check); err != nil {
			return err
		}
		if err := f.turn(ctx, after); err != nil {
			return err
		}
	}
}

// page checks records, and what looks wrong once more.
func (f *fsck) page(ctx context.Context, page []muster.Record, check func(context.Context, []muster.Record) (found, error)) error {
	f.place.Report.Checked += len(page)
	wrong, err := check(ctx, page)
	if err != nil {
		return err
	}
	return f.again(ctx, wrong, func(id string) (found, error) {
		records, err := f.store.Records(ctx, "", id)
		if err != nil || records[id] == nil {
			return nil, err
		}
		return check(ctx, []muster.Record{records[id]})
	})
}

// checkSpans compares revisions with events: from 1 to the revision, each once.
func (f *fsck) checkSpans(ctx context.Context, page []muster.Record) (found, error) {
	ids := make([]string, len(page))
	for i, r := range page {
		ids[i] = r.RecordID()
		f.rests(r)
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
		s := spans[r.RecordID()]
		f.wait(r.RecordID(), s.Since)
		if s.Low != 1 || s.High != root.Revision() || s.Count != root.Revision() {
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
	shares := 1 + f.place.Report.Checked/aggregatesAtOnce
	from, _ := strconv.Atoi(f.place.After)
	for share := from; share < shares; share++ {
		if err := f.numbers(ctx, floor, head, uint32(share), uint32(shares)); err != nil {
			return err
		}
	}
	return nil
}

func (f *fsck) numbers(ctx context.Context, floor, head int64, share, shares uint32) error {
	revs := make(map[string]int64)
	for seq := floor - 1; seq < head; {
		page, from, err := f.numbered(ctx, seq)
		if err != nil {
			return err
		}
		if seq = from; len(page) == 0 {
			if share == 0 && seq < head {
				f.report(Breach{Invariant: "I9", ID: fmt.Sprint(seq + 1), Text: "no event has this number, although later ones have theirs"})
			}
			return nil
		}
		for _, e := range page {
			if e.Seq > head {
				return nil // written while we read
			}
			id := fmt.Sprintf("%s/%d", e.Aggregate, e.Rev)
			if share == 0 {
				f.place.Report.Checked++
				if e.Seq != seq+1 {
					f.report(Breach{Invariant: "I9", ID: id, Text: fmt.Sprintf("its number is %d, after %d", e.Seq, seq)})
				}
			}
			seq = e.Seq
			if shares > 1 && crc32.ChecksumIEEE([]byte(e.Aggregate))%shares != share {
				continue
			}
			if last := revs[e.Aggregate]; last != 0 && e.Rev != last+1 {
				f.report(Breach{Invariant: "I9", ID: id, Text: fmt.Sprintf("its number comes right after that of revision %d", last)})
			}
			revs[e.Aggregate] = e.Rev
		}
		if err := f.turn(ctx, fmt.Sprint(share)); err != nil {
			return err
		}
	}
	return nil
}

// numbered reads the events after a number; where one seems to be missing a second time, and from where they are
// retained by now.
func (f *fsck) numbered(ctx context.Context, seq int64) ([]muster.Event, int64, error) {
	for try := 1; ; try++ {
		page, err := f.store.EventsAfter(ctx, seq, 10*fsckPage)
		if err != nil {
			return nil, seq, err
		}
		whole := len(page) > 0
		for i, e := range page {
			whole = whole && e.Seq == seq+1+int64(i)
		}
		if whole || try == 2 {
			return page, seq, nil
		}
		floor, _, err := f.store.Bounds(ctx)
		if err != nil {
			return nil, seq, err
		}
		seq = max(seq, floor-1)
	}
}

// report notes a breach.
func (f *fsck) report(b ...Breach) { f.place.Report.Breaches = append(f.place.Report.Breaches, b...) }
