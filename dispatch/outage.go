package dispatch

import (
	"context"
	"encoding/json"
	"errors"
	"sync"
	"time"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/dispatch/journal"
	"github.com/sysopssquad/muster/graph"
)

// Figures of submissions while the graph is away. Whoever submits has an answer within two seconds.
const (
	graphMay   = 800 * time.Millisecond // how long the graph may take before a submission goes to the journal
	awayFor    = time.Second            // after which one submission asks the graph again
	FileEvery  = 500 * time.Millisecond // between looks for something to file
	adoptEvery = 30 * time.Second       // between looks for what a dead process left
	remembered = 4096                   // answers, for those who ask again while the graph is away
)

// outage is how this process takes submissions in without the graph.
type outage struct {
	journal *journal.Journal
	want    int // numbers to have in stock

	mu     sync.Mutex
	since  time.Time // when the graph was last found to be away; the zero time: it is there
	recent map[muster.CommandID]muster.Outcome
	ring   []muster.CommandID // of recent, the oldest at next
	next   int
}

// KeepIn makes submissions go to a journal while the graph can't be reached, with so many ticket numbers in
// stock. Call it before anything else; RunIntake files what was accepted.
func (d *Dispatch) KeepIn(j *journal.Journal, numbers int) {
	d.outage = &outage{journal: j, want: numbers, recent: make(map[muster.CommandID]muster.Outcome)}
}

// Intake tells how the journal is doing; ok is false in a process that has none.
func (d *Dispatch) Intake() (s journal.Status, ok bool) {
	if d.outage == nil {
		return journal.Status{}, false
	}
	return d.outage.journal.Status(), true
}

// AcceptedTicket is a ticket that this process has accepted and not filed yet, by id or by number.
func (d *Dispatch) AcceptedTicket(ref TicketRef) (muster.Ticket, bool) {
	if d.outage == nil {
		return muster.Ticket{}, false
	}
	e, ok := d.outage.journal.Ticket(ref.ID, ref.Number)
	var a Answer
	if !ok || json.Unmarshal(e.Answer, &a) != nil {
		return muster.Ticket{}, false
	}
	return a.Ticket, true
}

// submitOrKeep carries a submission out, or accepts it into the journal if the graph can't be reached in time.
func (d *Dispatch) submitOrKeep(ctx context.Context, cmd muster.Command, req SubmitRequest) (Answer, error) {
	o, number := d.outage, int64(0)
	fingerprint := muster.Fingerprint(verbSubmit.String(), req)
	if e, known := o.journal.Find(cmd.ID); known {
		return acceptedAnswer(e, fingerprint)
	}
	if before, known := o.recall(cmd.ID); known {
		return replay[Answer](muster.Command{Fingerprint: fingerprint}, before)
	}
	now := d.clock.Now()
	if !o.away(now) {
		trying, cancel := context.WithTimeout(ctx, d.graphMay)
		a, err := d.submitNow(trying, cmd, req, &number)
		cancel()
		if !unreachable(ctx, err) {
			o.found(time.Time{})
			if err == nil {
				if result, err := json.Marshal(a); err == nil {
					o.remember(cmd.ID, fingerprint, result)
				}
			}
			return a, err
		}
		o.found(d.clock.Now())
	}
	if cmd.ID == "" {
		return Answer{}, noCommand()
	}
	t, err := wished(cmd, now, req)
	if err != nil {
		return Answer{}, err
	}
	stocked := number == 0
	if t.Number = number; stocked { // else as in the change that the graph may have got
		if t.Number, err = o.number(); err != nil {
			return Answer{}, err
		}
	}
	e := journal.Entry{ID: cmd.ID, Actor: cmd.Actor, Fingerprint: fingerprint, Ticket: t.ID, Number: t.Number, At: now}
	if e.Request, err = json.Marshal(req); err == nil {
		e.Answer, err = json.Marshal(Answer{Ticket: t})
	}
	if err != nil {
		return Answer{}, muster.E(muster.CodeInternal, "a submission has no JSON form", "report this").Because(err)
	}
	e, err = o.journal.Accept(e)
	if stocked && e.Number != t.Number { // refused, or accepted a moment ago
		o.journal.Unused(t.Number)
	}
	if err != nil {
		return Answer{}, err
	}
	a, err := acceptedAnswer(e, fingerprint)
	if err == nil {
		o.remember(cmd.ID, fingerprint, e.Answer)
	}
	return a, err
}

// wished is the ticket that a submission asks for, as far as the request alone tells.
func wished(cmd muster.Command, now time.Time, req SubmitRequest) (muster.Ticket, error) {
	if err := authorize(verbSubmit, cmd.Actor, req.Customer); err != nil {
		return muster.Ticket{}, err
	}
	t := asked(cmd, now, req)
	t.State = muster.Accepted
	fill(&t)
	if err := muster.CheckID(muster.KindCustomer, "customer", string(req.Customer)); err != nil {
		return t, err
	}
	if err := muster.CheckID(muster.KindSite, "site", string(req.Site)); err != nil {
		return t, err
	}
	return t, wordsFit(&t, now)
}

// acceptedAnswer is the answer to a submission that is in the journal.
func acceptedAnswer(e journal.Entry, fingerprint string) (Answer, error) {
	return replay[Answer](muster.Command{Fingerprint: fingerprint}, muster.Outcome{Fingerprint: e.Fingerprint, Result: e.Answer})
}

// unreachable tells whether an error means that the graph didn't answer, and not that the caller gave up.
func unreachable(caller context.Context, err error) bool {
	switch muster.CodeOf(err) {
	case muster.CodeUnavailable, muster.CodeUnknown:
		return caller.Err() == nil
	}
	return errors.Is(err, context.DeadlineExceeded) && caller.Err() == nil
}

// away tells whether the graph was found to be away a moment ago. After that one caller is let through to look.
func (o *outage) away(now time.Time) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.since.IsZero() {
		return false
	}
	if age := now.Sub(o.since); age >= 0 && age < awayFor {
		return true
	}
	o.since = now // the others go on without, until this one knows
	return false
}

func (o *outage) found(away time.Time) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.since = away
}

// remember keeps an answer for a while: whoever repeats a request while the graph is away, after what was accepted
// has been filed, must not get another one.
func (o *outage) remember(id muster.CommandID, fingerprint string, answer json.RawMessage) {
	if o == nil {
		return
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	if _, known := o.recent[id]; known {
		return
	}
	o.recent[id] = muster.Outcome{ID: id, Fingerprint: fingerprint, Result: answer}
	if len(o.ring) < remembered {
		o.ring = append(o.ring, id)
		return
	}
	delete(o.recent, o.ring[o.next])
	o.ring[o.next] = id
	o.next = (o.next + 1) % remembered
}

func (o *outage) recall(id muster.CommandID) (muster.Outcome, bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	before, known := o.recent[id]
	return before, known
}

func (o *outage) number() (int64, error) {
	n, ok := o.journal.Number()
	if !ok {
		return 0, muster.E(muster.CodeUnavailable, "the graph can't be reached, and no ticket numbers are left for without it",
			"send the same request again once it is back; to have more in stock: muster serve --numbers")
	}
	return n, nil
}

// RunIntake tends the intake at every tick until ctx is done; in the folder, "" for none, it looks from time to time
// for what a dead process left. Say is told of trouble once.
func (d *Dispatch) RunIntake(ctx context.Context, folder string, tick <-chan time.Time, say func(error)) error {
	said := ""
	for n := 0; ; n++ {
		look := ""
		if n%int(adoptEvery/FileEvery) == 0 {
			look = folder
		}
		switch err := d.TendIntake(ctx, look); {
		case err == nil:
			said = ""
		case ctx.Err() == nil && err.Error() != said:
			said = err.Error()
			say(err)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-tick:
		}
	}
}

// TendIntake files what the journal has accepted, keeps numbers in stock, and files what dead processes left in a
// folder, "" for none. One submission that can't be filed keeps nothing else from being done, nor does a disk that is full,
// which is told; a graph that is away does.
func (d *Dispatch) TendIntake(ctx context.Context, folder string) error {
	_, failure := d.FileIntake(ctx, d.outage.journal)
	if failure != nil && (ctx.Err() != nil || unreachable(ctx, failure)) {
		return failure
	}
	err := d.outage.journal.Mend()
	if err == nil { // else the numbers would be lost
		err = d.stock(ctx)
	}
	if failure = errors.Join(failure, err); folder == "" {
		return failure
	}
	left, err := journal.Left(folder)
	failure = errors.Join(failure, err)
	for _, j := range left {
		if _, err := d.FileIntake(ctx, j); err != nil {
			failure = errors.Join(failure, err)
		}
		failure = errors.Join(failure, j.Close())
	}
	return failure
}

// stock reserves numbers when more than a tenth of what is wanted is missing.
func (d *Dispatch) stock(ctx context.Context) error {
	o := d.outage
	left := int(o.journal.Status().Numbers)
	if o.want-left <= o.want/10 {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, settleFor)
	defer cancel()
	first, err := d.store.Reserve(ctx, o.want-left)
	if err != nil {
		return err
	}
	return o.journal.Grant(first, o.want-left)
}

// accepted gives the answer that was first given to a submission which another process had accepted, if so.
func (d *Dispatch) accepted(ctx context.Context, cmd muster.CommandID) (Answer, bool, error) {
	_, err := d.store.Records(ctx, acceptedID(cmd))
	before := (*graph.Replayed)(nil)
	if !errors.As(err, &before) {
		return Answer{}, false, err
	}
	a, err := first[Answer](before.Outcome.Result)
	return a, err == nil, err
}

func acceptedID(cmd muster.CommandID) muster.CommandID { return cmd + "/accepted" }
