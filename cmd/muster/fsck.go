package main

import (
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/dispatch"
	"github.com/sysopssquad/muster/graph"
)

func (a *app) fsckCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "fsck",
		Short: "Look for breaches of the invariants in the whole store",
		Long: `Reads the whole store and looks for what must never be: an open ticket without a timer, a visit place given to
two, a tour that can't be driven, an offer that ended twice, a change without its event. Each suspect is read again
before it is reported. Exit code 1 if there is a breach.`,
		Example: "  muster fsck --graph sqlite:./data/muster.db --json",
		Args:    args(0, 0),
		RunE: func(c *cobra.Command, _ []string) error {
			clock := muster.SystemClock{}
			return a.existing(c.Context(), clock, func(s graph.Store) error {
				r, err := dispatch.New(s, clock).Fsck(c.Context(), s)
				if err != nil {
					return err
				}
				if r.Breaches == nil {
					r.Breaches = []dispatch.Breach{}
				}
				if err := a.answer(r, func(w io.Writer) {
					fmt.Fprintf(w, "%d checked, %d breaches\n", r.Checked, len(r.Breaches))
					for _, b := range r.Breaches {
						fmt.Fprintf(w, "  %s  %s  %s\n", b.Invariant, b.ID, b.Text)
					}
				}); err != nil {
					return err
				}
				if len(r.Breaches) > 0 {
					return findings{}
				}
				return nil
			})
		},
	}
}
