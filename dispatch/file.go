package dispatch

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/dispatch/journal"
	"github.com/sysopssquad/muster/geo"
	"github.com/sysopssquad/muster/graph"
)

// How many accepted submissions make a page: few at first and after a page that took long, twice as many after each that
// didn't. A graph that has just come back is slow, and others need it too.
const (
	filedAtFirst = 2
	filedAtOnce  = 64
	filedSoon    = time.Second
)

// FilingReport says what became of accepted submissions.
type FilingReport struct {
	Filed    int      `json:"filed"`     // in the graph as they were asked for
	ToPerson int      `json:"to_person"` // refused by the graph: in triage, with the reason
	Failed   []string `json:"failed"`    // tickets that could not be filed for another reason, and stay
}

// FileIntake puts what a journal has accepted into the graph, the oldest first, under the commands that it was
// accepted under: once, however often it is called and by whom. What the graph refuses becomes a ticket in triage
// under its number, so that a person sees it. The error is that the graph can't be reached, or the first of what
// failed; the rest waits.
func (d *Dispatch) FileIntake(ctx context.Context, j *journal.Journal) (FilingReport, error) {
	r := FilingReport{Failed: []string{}}
	waiting := j.Waiting(0)
	var failure error
	for atOnce := filedAtFirst; len(waiting) > 0; {
		page, began := waiting[:min(len(waiting), atOnce)], d.clock.Now()
		waiting = waiting[len(page):]
		done, errs := d.filePage(ctx, page)
		if atOnce = min(2*atOnce, filedAtOnce); d.clock.Now().Sub(began) > filedSoon {
			atOnce = filedAtFirst
		}
		var filed []muster.CommandID
		away := false
		for i, e := range page {
			switch err := errs[i]; {
			case err == nil:
				filed = append(filed, e.ID)
				d.outage.remember(e.ID, e.Fingerprint, e.Answer)
				if done[i] {
					r.Filed++
				} else {
					r.ToPerson++
				}
			default:
				r.Failed = append(r.Failed, fmt.Sprintf("T-%d: %v", e.Number, err))
				gone := ctx.Err() != nil || unreachable(ctx, err)
				if failure == nil || gone && !away {
					failure = err
				}
				away = away || gone
			}
		}
		if len(filed) > 0 {
			j.Filed(filed...)
		}
		if away {
			return r, failure
		}
	}
	return r, failure
}

// file puts one accepted submission into the graph. Done is false if it was refused and is with a person now.
func (d *Dispatch) file(ctx context.Context, e journal.Entry) (done bool, err error) {
	defer unbroken(&err, muster.CodeInternal)
	ctx, cancel := context.WithTimeout(ctx, settleFor)
	defer cancel()
	var req SubmitRequest
	var given Answer
	if err := json.Unmarshal(e.Request, &req); err != nil {
		return false, muster.E(muster.CodeInternal, "an accepted submission can't be read", "report this").Because(err)
	}
	if given, err = first[Answer](e.Answer); err != nil {
		return false, err
	}
	done = true
	answer, err := d.fileAs(ctx, e, req, given, d.asked(e, req))
	if muster.CodeOf(err) == muster.CodeConflict {
		switch before, there, failed := d.submitted(ctx, e.ID); {
		case failed != nil:
			err = failed
		case there && before.Customer == req.Customer && before.Title == req.Title:
			answer, err = Answer{Ticket: before}, nil
		case there:
			err = forgotten(before)
		}
	}
	if muster.CodeOf(err) == muster.CodeReused {
		return false, d.fileOther(ctx, e, req, err)
	}
	if refused(err) {
		done, why := false, err
		answer, err = d.fileAs(ctx, e, req, given, func(ctx context.Context, cmd muster.Command, now time.Time) (*draft, *desk, error) {
			return d.before(ctx, cmd, e, req, now, why)
		})
		return done, d.sameAnswer(ctx, e, given, answer, err)
	}
	return done, d.sameAnswer(ctx, e, given, answer, err)
}

// fileOther puts before a person what was accepted under a key that had been used for another request, which nobody could know
// without the graph: a ticket of its own, under the number that was given.
func (d *Dispatch) fileOther(ctx context.Context, e journal.Entry, req SubmitRequest, why error) error {
	cmd := muster.Command{ID: e.ID + muster.CommandID(fmt.Sprintf("/other/%d", e.Number)), Actor: e.Actor}
	_, err := decide(ctx, d, cmd, verbSubmit.String(), req, func(ctx context.Context, cmd muster.Command) (Answer, graph.Change, error) {
		draft, k, err := d.before(ctx, cmd, e, req, d.clock.Now(), why)
		if err != nil {
			return Answer{}, graph.Change{}, err
		}
		k.ticket.Number = e.Number
		change, err := draft.change()
		return Answer{Ticket: k.ticket}, change, err
	})
	return err
}

// unbroken makes a panic over a submission an error: it is not to end the process, again at each start.
func unbroken(err *error, code muster.Code) {
	if p := recover(); p != nil {
		*err = muster.E(code, fmt.Sprintf("Muster broke over it: %v", p), "report this")
	}
}

// fileAs commits what decides makes of an accepted submission, under its command, number and answer.
func (d *Dispatch) fileAs(ctx context.Context, e journal.Entry, req SubmitRequest, given Answer, decides filing) (Answer, error) {
	cmd := muster.Command{ID: e.ID, Actor: e.Actor}
	return decide(ctx, d, cmd, verbSubmit.String(), req, func(ctx context.Context, cmd muster.Command) (Answer, graph.Change, error) {
		return d.filed(ctx, cmd, e, given, decides)
	})
}

// sameAnswer sees to it that a submission that was carried out elsewhere too keeps the number that was given here when
// it was accepted, and the answer if it is the first that was.
func (d *Dispatch) sameAnswer(ctx context.Context, e journal.Entry, given, stored Answer, err error) error {
	if err != nil {
		return err
	}
	own := func(id muster.CommandID) graph.Change {
		return graph.Change{
			Command: muster.Command{ID: id, Name: "ticket.accepted", Actor: e.Actor, Fingerprint: muster.Fingerprint("ticket.accepted", e.Number)},
			At:      d.clock.Now(), Expect: []graph.Guard{graph.Alive(string(e.Ticket))},
		}
	}
	var changes []graph.Change
	if stored.Ticket.Number != given.Ticket.Number {
		c := own(acceptedID(e.ID) + muster.CommandID(fmt.Sprintf("/%d", e.Number)))
		c.Claim = []muster.Claim{{Key: muster.NumberKey(e.Number), Owner: string(e.Ticket)}}
		changes = append(changes, c)
	}
	if stored.Ticket.State != muster.Accepted {
		c := own(acceptedID(e.ID))
		c.Result = e.Answer
		changes = append(changes, c)
	}
	if len(changes) == 0 {
		return nil
	}
	outcomes, _, err := d.commit(ctx, changes...)
	if err != nil {
		return err
	}
	for _, o := range outcomes {
		if err := o.Err(); err != nil && muster.CodeOf(err) != muster.CodeReused { // reused: another process's answer was the first
			return err
		}
	}
	return nil
}

// reported is when the submission was accepted; a clock that was ahead must not make it refused.
func reported(e journal.Entry, now time.Time) time.Time {
	if e.At.After(now) {
		return now
	}
	return e.At
}

// refused tells whether a submission as it is will never get in.
func refused(err error) bool {
	switch muster.CodeOf(err) {
	case muster.CodeInvalid, muster.CodeNotFound, muster.CodeForbidden, muster.CodeTaken, muster.CodeState, muster.CodeUnfit, muster.CodeTooLarge:
		return true
	default:
		return false
	}
}

// The customer and site of submissions whose own are not there: a person finds out whose they are.
const (
	lostCustomer muster.CustomerID = "cus_accepted"
	lostSite     muster.SiteID     = "sit_accepted"
)

// before puts a refused submission before a person: a ticket in triage that says what was asked for and why it
// was refused, of the customer it names if there is such a one.
func (d *Dispatch) before(ctx context.Context, cmd muster.Command, e journal.Entry, req SubmitRequest, now time.Time, why error) (*draft, *desk, error) {
	on, err := d.setup(ctx, now)
	if err != nil {
		return nil, nil, err
	}
	c, err := d.store.CustomerCase(ctx, cmd.ID, req.Customer)
	if err != nil && (muster.CodeOf(err) != muster.CodeNotFound || replayed(err)) {
		return nil, nil, err
	}
	cmd.Actor = muster.System(muster.Intake) // a role that may no longer submit is no reason to lose what it did
	draft := newDraft(cmd, now, on)
	site := placeFor(&c, req.Site)
	if err != nil || c.Customer.Removed || site == "" {
		if c, err = d.lost(ctx, draft, cmd.ID); err != nil {
			return nil, nil, err
		}
		site = lostSite
	}
	asIs := SubmitRequest{
		Customer: c.Customer.ID, Site: site, Title: cut(req.Title, maxTitle), Text: refusal(e, req, why), Priority: req.Priority,
	}
	if _, known := on.policy.Due[asIs.Priority]; !known {
		asIs.Priority = ""
	}
	draft.restAlive(string(c.Customer.ID))
	k, err := newTicket(draft, &c, asIs, reported(e, now))
	if err == nil {
		err = k.submitted()
	}
	return draft, k, err
}

// placeFor is the site that was asked for, or another of the customer's, "" if there is none.
func placeFor(c *graph.CustomerCase, asked muster.SiteID) muster.SiteID {
	var any muster.SiteID
	for _, s := range c.Sites {
		if s.Removed {
			continue
		}
		if s.ID == asked {
			return asked
		}
		if any == "" {
			any = s.ID
		}
	}
	return any
}

// lost loads or makes the customer of submissions whose own is not there.
func (d *Dispatch) lost(ctx context.Context, draft *draft, cmd muster.CommandID) (graph.CustomerCase, error) {
	c, err := d.store.CustomerCase(ctx, cmd, lostCustomer)
	if err == nil || muster.CodeOf(err) != muster.CodeNotFound || replayed(err) {
		return c, err
	}
	regions := make([]muster.RegionID, 0, len(draft.on.regions))
	for id := range draft.on.regions {
		regions = append(regions, id)
	}
	at := muster.Point{}
	if len(regions) > 0 { // somewhere in the company, so that a region's people see it
		cell, err := geo.RegionCell(slices.Min(regions))
		if err == nil {
			at, err = geo.Center(cell)
		}
		if err != nil {
			return c, err
		}
	}
	after, err := saveCustomer(draft, graph.CustomerCase{}, CustomerRequest{
		Customer: muster.Customer{ID: lostCustomer, Name: "Accepted, customer not found"},
		Sites: []muster.Site{{
			ID: lostSite, Name: "Find out whose these are",
			Place: muster.Place{Point: at, Precision: muster.PrecisionZIP, Zone: "UTC"},
		}},
	})
	return graph.CustomerCase{Customer: after.Customer, Sites: after.Sites}, err
}

// refusal tells a person what was asked for and why it could not be filed like that.
func refusal(e journal.Entry, req SubmitRequest, why error) string {
	var b strings.Builder
	fmt.Fprintf(&b, "Accepted on %s while the graph was away, and refused when it was filed: %v\n\n", e.At.Format(time.RFC3339), why)
	fmt.Fprintf(&b, "By: %s %s (%s)\nCustomer: %s\nSite: %s\n", e.Actor.Name, e.Actor.ID, e.Actor.Role, req.Customer, req.Site)
	for _, f := range [][2]string{
		{"Device", string(req.Device)}, {"Category", req.Category}, {"Symptom", req.Symptom}, {"Mode", string(req.Mode)},
		{"Priority", string(req.Priority)}, {"Division", req.Division}, {"Other system", req.Legacy},
	} {
		if f[1] != "" {
			fmt.Fprintf(&b, "%s: %s\n", f[0], f[1])
		}
	}
	for _, n := range req.Needs {
		fmt.Fprintf(&b, "Needs: %s at level %d\n", n.Skill, n.Level)
	}
	for _, w := range req.Windows {
		fmt.Fprintf(&b, "At home: %s to %s\n", w.Start.Format(time.RFC3339), w.End.Format(time.RFC3339))
	}
	fmt.Fprintf(&b, "\n%s\n%s", req.Title, req.Text)
	return cutBytes(b.String(), graph.MaxTextBytes)
}

// cut shortens a text to so many letters, cutBytes to so many bytes.
func cut(text string, letters int) string {
	r := []rune(text)
	return string(r[:min(len(r), letters)])
}

func cutBytes(text string, n int) string {
	return strings.ToValidUTF8(text[:min(len(text), n)], "")
}
