package dispatch

import (
	"context"
	"slices"
	"time"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/graph"
)

// Intake is one row of another system: a ticket with the customer, sites and devices that it needs. These
// have ids of the caller's choosing, so that rows may share them; what exists already is left as it is.
type Intake struct {
	Command  muster.Command   // only ID and Actor; derive the ID from the row, so that a repeated row is known
	Customer *muster.Customer // nil: exists already
	Sites    []muster.Site    // place complete (geo.PlaceAt)
	Devices  []muster.Device  //
	Submit   SubmitRequest    // names one of these
	At       time.Time        // when it was reported; due times count from the day it is taken in, if that is later; zero: now
	Ended    *EndedVisit      // the work was done already
}

// EndedVisit is a visit of the past: the ticket is taken in as resolved.
type EndedVisit struct {
	Window  muster.Window
	Outcome muster.VisitOutcome // fixed, beyond_repair or fault_not_found
	Note    string
}

// RowResult says what became of one row.
type RowResult struct {
	State RowState
	ID    string // of the ticket or expert
	Err   error  // refused: why
}

// RowState is new, repeated or refused.
type RowState string

// The states of a row.
const (
	RowNew      RowState = "new"
	RowRepeated RowState = "repeated" // was taken in before: by its command or its legacy id
	RowRefused  RowState = "refused"
)

// rowsPerCommit is how many rows go into one commit: enough to share the cost of a sync, few enough that two
// imports side by side don't wait long for each other.
const rowsPerCommit = 500

// Import takes rows in, a few hundred a commit; results are by position. The error is for all: call again
// with the same rows, those that got in are reported as repeated. Rows are decided one after the other;
// several imports may run side by side.
func (d *Dispatch) Import(ctx context.Context, rows []Intake) ([]RowResult, error) {
	results := make([]RowResult, len(rows))
	for from := 0; from < len(rows); from += rowsPerCommit {
		to := min(from+rowsPerCommit, len(rows))
		if err := d.takeIn(ctx, rows[from:to], results[from:to]); err != nil {
			return nil, err
		}
	}
	return results, nil
}

// takeIn decides on rows and commits them, again on what is there now if others were faster.
func (d *Dispatch) takeIn(ctx context.Context, rows []Intake, results []RowResult) error {
	open := make([]int, len(rows)) // positions that are not settled
	for i := range rows {
		open[i] = i
	}
	for try := 1; len(open) > 0; try++ {
		b, err := d.batch(ctx, rows, open)
		if err != nil {
			return err
		}
		var changes []graph.Change
		var of []int // row of each change, -1 for a region
		for _, r := range b.opened {
			changes, of = append(changes, r), append(of, -1)
		}
		for _, i := range open {
			change, result := b.row(&rows[i])
			results[i] = result
			if change != nil {
				changes, of = append(changes, *change), append(of, i)
			}
		}
		if len(changes) == 0 {
			return nil
		}
		outcomes, settled, err := d.commit(ctx, changes...)
		if err != nil {
			return err
		}
		open = open[:0]
		for n, o := range outcomes {
			i := of[n]
			switch {
			case i < 0 || o.Accepted && (settled || !o.Replayed):
			case o.Replayed, slices.ContainsFunc(o.Taken, func(t graph.Taken) bool { return t.Claim.Key == b.legacy(&rows[i]) }):
				results[i].State = RowRepeated
			case len(o.Failed) > 0 && (try < decisions || restsOnRow(o)):
				open = append(open, i)
			default:
				results[i] = RowResult{State: RowRefused, ID: results[i].ID, Err: o.Err()}
			}
		}
		if len(open) > 0 {
			d.forget()
		}
	}
	return nil
}

// restsOnRow tells whether a row was refused because one before it was, which is settled by now or was tried as
// often as can be: so the row is tried once more.
func restsOnRow(o graph.Outcome) bool {
	return slices.ContainsFunc(o.Failed, func(f graph.Failed) bool { return muster.KindOf(f.Guard.ID) == muster.KindTicket && f.Guard.Alive })
}
