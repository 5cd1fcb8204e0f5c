package dispatch

import (
	"context"
	"encoding/json"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/dispatch/journal"
	"github.com/sysopssquad/muster/graph"
)

// sideBySide is how many submissions of a page are decided on at once, before one commit takes them all, or filed alone.
const sideBySide = 8

// filePage files some accepted submissions: those that are as usual in one commit, the others each by itself. Done and errs
// are what became of each, as file tells it.
func (d *Dispatch) filePage(ctx context.Context, page []journal.Entry) (done []bool, errs []error) {
	done, errs = make([]bool, len(page)), make([]error, len(page))
	all := func(err error) ([]bool, []error) {
		for i := range errs {
			errs[i] = err
		}
		return done, errs
	}
	page, err := d.named(ctx, page)
	if err != nil { // history would lack their names for good
		return all(err)
	}
	if err := d.fileTogether(ctx, page, done); err != nil && unreachable(ctx, err) {
		return all(err)
	}
	var g errgroup.Group
	g.SetLimit(d.together)
	for i, e := range page {
		if done[i] {
			continue
		}
		g.Go(func() error {
			done[i], errs[i] = d.file(ctx, e)
			return nil
		})
	}
	_ = g.Wait()
	return done, errs
}

// named gives a page with the names of who submitted: what was accepted from what is kept of people has none.
func (d *Dispatch) named(ctx context.Context, page []journal.Entry) ([]journal.Entry, error) {
	var ids []string
	for _, e := range page {
		if e.Actor.Name == "" {
			ids = append(ids, string(e.Actor.ID))
		}
	}
	if len(ids) == 0 {
		return page, nil
	}
	found, err := d.store.Records(ctx, "", ids...)
	if err != nil {
		return page, err
	}
	out := make([]journal.Entry, len(page))
	for i, e := range page {
		if u, ok := found[string(e.Actor.ID)].(*muster.User); ok && e.Actor.Name == "" {
			e.Actor.Name = u.Name
		}
		out[i] = e
	}
	return out, nil
}

// fileTogether notes which submissions of a page one commit has filed. The others have something about them: they were
// carried out before, or must be refused, or somebody was faster.
func (d *Dispatch) fileTogether(ctx context.Context, page []journal.Entry, done []bool) error {
	if len(page) == 1 {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, settleFor)
	defer cancel()
	began := d.clock.Now()
	decided := make([]*graph.Change, len(page))
	errs := make([]error, len(page))
	var g errgroup.Group
	g.SetLimit(d.together)
	for i, e := range page {
		g.Go(func() error {
			decided[i], errs[i] = d.asUsual(ctx, e)
			return nil
		})
	}
	_ = g.Wait()
	var changes []graph.Change
	var of []int
	for i, c := range decided {
		if errs[i] != nil && unreachable(ctx, errs[i]) {
			return errs[i]
		}
		if errs[i] == nil && torn(*c) == "" {
			changes, of = append(changes, *c), append(of, i)
		}
	}
	if len(changes) == 0 || d.clock.Now().Sub(began) > decisionLife {
		return nil
	}
	outcomes, _, err := d.commit(ctx, changes...)
	for n, o := range outcomes {
		done[of[n]] = o.Accepted && !o.Replayed
	}
	return err
}

// asUsual is the change that files a submission as it was asked for.
func (d *Dispatch) asUsual(ctx context.Context, e journal.Entry) (_ *graph.Change, err error) {
	defer unbroken(&err, muster.CodeInternal)
	var req SubmitRequest
	if err := json.Unmarshal(e.Request, &req); err != nil {
		return nil, err
	}
	given, err := first[Answer](e.Answer)
	if err != nil {
		return nil, err
	}
	cmd := muster.Command{ID: e.ID, Actor: e.Actor, Name: verbSubmit.String(), Fingerprint: muster.Fingerprint(verbSubmit.String(), req)}
	_, change, err := d.filed(ctx, cmd, e, given, d.asked(e, req))
	if err == nil {
		change.Result, err = json.Marshal(given)
	}
	return &change, err
}

// asked decides on a submission as it was asked for.
func (d *Dispatch) asked(e journal.Entry, req SubmitRequest) filing {
	return func(ctx context.Context, cmd muster.Command, now time.Time) (_ *draft, _ *desk, err error) {
		defer unbroken(&err, muster.CodeInvalid) // for a person
		return d.submission(ctx, cmd, req, now, reported(e, now))
	}
}

// filing makes of a submission what it is in the graph.
type filing func(ctx context.Context, cmd muster.Command, now time.Time) (*draft, *desk, error)

// filed is the change that puts an accepted submission into the graph, under its number, with the answer that was given.
func (d *Dispatch) filed(ctx context.Context, cmd muster.Command, e journal.Entry, given Answer, decides filing) (Answer, graph.Change, error) {
	draft, k, err := decides(ctx, cmd, d.clock.Now())
	if err != nil {
		return Answer{}, graph.Change{}, err
	}
	k.ticket.Number = e.Number
	change, err := draft.change()
	return given, change, err
}
