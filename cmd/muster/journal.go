package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/dispatch"
	"github.com/sysopssquad/muster/dispatch/journal"
	"github.com/sysopssquad/muster/graph"
)

// keeping is where a process accepts submissions while the store is away, and how many numbers it has for them.
type keeping struct {
	folder  string
	numbers int
}

// keep gives a process a journal. Tend runs until its context is done; end gives the journal back after that.
func (n *node) keep(k keeping) (tend func(context.Context) error, end func(), err error) {
	if k.folder == "" {
		return func(context.Context) error { return nil }, func() {}, nil
	}
	if k.numbers < 1 {
		return nil, nil, muster.Invalid("--numbers", fmt.Sprint(k.numbers), "at least 1")
	}
	j, err := journal.Open(k.folder)
	if err != nil {
		return nil, nil, err
	}
	n.dispatch.KeepIn(j, k.numbers)
	n.folder = k.folder
	return func(ctx context.Context) error {
			tick := time.NewTicker(dispatch.FileEvery)
			defer tick.Stop()
			return n.dispatch.RunIntake(ctx, k.folder, tick.C, func(err error) {
				n.log.Warn("the intake journal waits", "waiting", j.Status().Waiting, "err", err)
			})
		}, func() {
			if err := j.Close(); err != nil {
				n.log.Warn("the intake journal could not be closed", "err", err)
			}
		}, nil
}

// lookIntake tells how the journal of this process is doing. One that can't be written makes the process unready
// only if the store is away too, which another check says.
func (n *node) lookIntake(context.Context) (string, error) {
	s, ok := n.dispatch.Intake()
	if !ok {
		return "none", nil
	}
	figures := fmt.Sprintf("%d accepted wait to be filed, numbers for %d more", s.Waiting, s.Numbers)
	if s.Damaged != "" {
		figures += "; damaged records are kept in " + s.Damaged
	}
	if s.Trouble != "" {
		figures += "; " + s.Trouble
	}
	return figures, nil
}

// journalReport is what a folder holds, and what was done about it.
type journalReport struct {
	Files   []journal.Status       `json:"files"` // of processes that are gone
	Waiting []waiting              `json:"waiting"`
	Filing  *dispatch.FilingReport `json:"filing,omitempty"`
}

// waiting is an accepted submission that is not in the graph.
type waiting struct {
	Ref    string          `json:"ref"`
	Ticket muster.TicketID `json:"ticket"`
	At     time.Time       `json:"at"`
	By     muster.UserID   `json:"by"`
}

func (a *app) journalCommand() *cobra.Command {
	c := &cobra.Command{
		Use:     "journal",
		Short:   "Look at what was accepted while the store was away, and file it",
		Example: "  muster journal list ./data/journal\n  muster journal replay ./data/journal",
	}
	c.AddCommand(
		&cobra.Command{
			Use:   "list DIR",
			Short: "List what waits in the journals of processes that are gone",
			Long: `Lists the submissions in the journals of a folder that belong to no running process. Those of running processes are
shown by muster queue. Exit code 1 if there are any.`,
			Example: "  muster journal list ./data/journal --json",
			Args:    args(1, 1),
			RunE:    func(_ *cobra.Command, args []string) error { return a.journals(args[0], nil) },
		},
		&cobra.Command{
			Use:   "replay DIR",
			Short: "File what waits in the journals of processes that are gone",
			Long: `Puts what the journals of a folder hold into the store, each submission once, however often it is called. What the
store refuses becomes a ticket in triage. Exit code 1 if something could not be filed and still waits.`,
			Example: "  muster journal replay ./data/journal --graph neo4j://neo4j:secret@localhost",
			Args:    args(1, 1),
			RunE: func(c *cobra.Command, args []string) error {
				return a.deciding(c.Context(), func(s graph.Store, clock muster.Clock) error {
					d := dispatch.New(s, clock)
					return a.journals(args[0], func(j *journal.Journal) (dispatch.FilingReport, error) { return d.FileIntake(c.Context(), j) })
				})
			},
		})
	return c
}

// journals reports on a folder's journals, filing them if file is given.
func (a *app) journals(folder string, file func(*journal.Journal) (dispatch.FilingReport, error)) (err error) {
	if info, err := os.Stat(folder); err != nil || !info.IsDir() {
		return muster.Invalid("DIR", folder, "there is no such folder; give the one that muster serve --journal names, of muster up journal in its data folder")
	}
	left, err := journal.Left(folder)
	defer func() {
		for _, j := range left {
			err = errors.Join(err, j.Close())
		}
	}()
	if err != nil {
		return err
	}
	r := journalReport{Files: []journal.Status{}, Waiting: []waiting{}}
	for _, j := range left {
		if file != nil {
			f, err := file(j)
			if r.Filing == nil {
				r.Filing = &dispatch.FilingReport{Failed: []string{}}
			}
			r.Filing.Filed += f.Filed
			r.Filing.ToPerson += f.ToPerson
			r.Filing.Failed = append(r.Filing.Failed, f.Failed...)
			if err != nil && (len(f.Failed) == 0 || exitCode(err) == exitUnreachable) {
				return err
			}
		}
		r.Files = append(r.Files, j.Status())
		for _, e := range j.Waiting(0) {
			r.Waiting = append(r.Waiting, waiting{fmt.Sprintf("T-%d", e.Number), e.Ticket, e.At, e.Actor.ID})
		}
	}
	if err := a.answer(r, func(w io.Writer) {
		if r.Filing != nil {
			fmt.Fprintf(w, "%d filed, %d before a person in triage\n", r.Filing.Filed, r.Filing.ToPerson)
			for _, f := range r.Filing.Failed {
				fmt.Fprintln(w, "  not filed:", f)
			}
		}
		fmt.Fprintf(w, "%d wait in %s\n", len(r.Waiting), filepath.Clean(folder))
		for _, e := range r.Waiting {
			fmt.Fprintf(w, "  %-10s %s  %s  by %s\n", e.Ref, e.Ticket, e.At.Format(time.RFC3339), e.By)
		}
	}); err != nil {
		return err
	}
	if len(r.Waiting) > 0 {
		return findings{}
	}
	return nil
}
