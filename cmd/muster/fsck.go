package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"

	"github.com/spf13/cobra"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/dispatch"
	"github.com/sysopssquad/muster/graph"
)

// beside is the share of the store's reads that fsck takes while others work.
const beside = 0.1

// fsckAnswer is the report, and whether it is of the whole store.
type fsckAnswer struct {
	dispatch.FsckReport
	Incomplete string `json:"incomplete,omitempty"` // why it isn't
}

func (a *app) fsckCommand() *cobra.Command {
	var resume string
	var full, repair bool
	c := &cobra.Command{
		Use:   "fsck",
		Short: "Look for breaches of the invariants in the whole store",
		Long: `Reads the whole store and looks for what must never be: an open ticket without a timer, a visit place given to
two, a tour that can't be driven, an offer that ended twice, a change without its event. Others may work on the store
meanwhile: each suspect is read again under the locks of all that it rests on, and at most a tenth of the time goes into
reading. Exit code 0: all is well; 1: there is a breach; 3: the store can't be opened; 4: it could not be finished, or
something never stood still. What has no number or no reader yet is watched for a minute.`,
		Example: "  muster fsck --graph sqlite:./data/muster.db --json\n  muster fsck --resume fsck.place",
		Args:    args(0, 0),
		RunE: func(c *cobra.Command, _ []string) error {
			o := dispatch.FsckOptions{Share: beside, Pause: pause, Repair: repair}
			if full {
				o.Share = 0
			}
			if resume != "" {
				from, err := placeIn(resume)
				if err != nil {
					return err
				}
				o.From = from
				o.Each = func(p dispatch.FsckPlace) error { return keepPlace(resume, p) }
			}
			began := false
			err := a.deciding(c.Context(), func(s graph.Store, clock muster.Clock) error {
				began = true
				r, err := dispatch.New(s, clock).FsckWith(c.Context(), s, o)
				if muster.CodeOf(err) == muster.CodeInvalid {
					return err
				}
				return a.fsckEnds(fsckAnswer{FsckReport: r}, err, resume)
			})
			if err != nil && !began && c.Context().Err() != nil { // stopped while the store was opened
				return a.fsckEnds(fsckAnswer{}, err, resume)
			}
			return err
		},
	}
	c.Flags().BoolVar(&full, "full-speed", false, "read as fast as the store can: for when nobody works on it")
	c.Flags().StringVar(&resume, "resume", "", "a file that keeps how far it came: if it is there, go on from it; it goes when all is checked")
	c.Flags().BoolVar(&repair, "repair", false, "put right what follows from other things: timers, briefs and keys of visits, stops of what is over")
	return c
}

// fsckEnds tells what was found, and how it ended.
func (a *app) fsckEnds(r fsckAnswer, err error, resume string) error {
	if r.Breaches == nil {
		r.Breaches = []dispatch.Breach{}
	}
	switch {
	case err != nil:
		r.Incomplete = err.Error()
	case len(r.Unsettled) > 0:
		r.Incomplete = fmt.Sprintf("%d never stood still", len(r.Unsettled))
	}
	standing := 0
	for _, b := range r.Breaches {
		if !b.Repaired {
			standing++
		}
	}
	if err := a.answer(r, func(w io.Writer) {
		fmt.Fprintf(w, "%d checked, %d looked at twice, %d breaches\n", r.Checked, r.Suspects, len(r.Breaches))
		for _, b := range r.Breaches {
			repaired := ""
			if b.Repaired {
				repaired = "  (repaired)"
			}
			fmt.Fprintf(w, "  %s  %s  %s%s\n", b.Invariant, b.ID, b.Text, repaired)
		}
		if r.Incomplete != "" {
			fmt.Fprintf(w, "not finished: %s\n", r.Incomplete)
		}
	}); err != nil {
		return err
	}
	if err == nil && resume != "" {
		if err := os.Remove(resume); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return muster.E(muster.CodeUnavailable, "the file "+resume+" can't be removed", "remove it: all has been checked").Because(err)
		}
	}
	switch {
	case standing > 0:
		return findings{}
	case r.Incomplete != "":
		return incomplete{}
	}
	return nil
}

// pause waits, or until there is no more time. Tests stop there.
var pause = muster.SystemClock{}.Sleep

// placeIn reads how far an earlier run came, nil if there was none.
func placeIn(path string) (*dispatch.FsckPlace, error) {
	b, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, muster.Invalid("--resume", path, "it can't be read").Because(err)
	}
	p, err := dispatch.ReadFsckPlace(b)
	if err != nil {
		return nil, muster.Invalid("--resume", path, "it isn't whole, or of another Muster; remove it to start anew").Because(err)
	}
	return &p, nil
}

// keepPlace writes how far it has come: beside the file first, so that there is always a whole one.
func keepPlace(path string, p dispatch.FsckPlace) error {
	b, err := p.Write()
	if err != nil {
		return err
	}
	if err = os.WriteFile(path+".new", b, 0o600); err == nil {
		err = os.Rename(path+".new", path)
	}
	if err != nil {
		return muster.E(muster.CodeUnavailable, "how far it came can't be written to "+path, "choose another file for --resume").Because(err)
	}
	return nil
}
