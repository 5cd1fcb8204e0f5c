package main

import (
	"fmt"
	"io"
	"time"

	"github.com/schollz/progressbar/v3"
	"github.com/spf13/cobra"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/dispatch"
	"github.com/sysopssquad/muster/graph"
	"github.com/sysopssquad/muster/importer"
)

func (a *app) importCommand() *cobra.Command {
	c := &cobra.Command{
		Use:     "import",
		Short:   "Take records of other systems in",
		Example: "  muster import tickets openrepair.csv.gz --rejects rejects.csv\n  muster help import tickets",
		Args:    args(0, 0),
		RunE:    func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	c.AddCommand(a.importTickets())
	return c
}

func (a *app) importTickets() *cobra.Command {
	var o importer.Options
	c := &cobra.Command{
		Use:   "tickets FILE",
		Short: "Import repair records from a CSV file, plain or gzipped",
		Long: `Imports repair records from a CSV file, plain or gzipped, as new tickets with customers, sites and devices. A mapping
file says what each category needs. Rows that can't be used go to the rejects file with line and reason (exit code 1).
Running it again, also after it was killed, adds nothing twice.

` + importer.Notice,
		Example: "  muster import tickets openrepair.csv.gz --map importer/openrepair.yaml --rejects rejects.csv --json",
		Args:    args(1, 1),
		RunE: func(c *cobra.Command, args []string) error {
			o.File, o.Data = args[0], dataFiles()
			clock := muster.SystemClock{}
			o.Clock = clock
			return a.open(c.Context(), clock, func(s graph.Store) error {
				done := a.follow(&o)
				r, err := importer.Run(c.Context(), o, dispatch.New(s, clock), s)
				done()
				if err != nil {
					return err
				}
				if err := s.Analyze(c.Context()); err != nil {
					return err
				}
				if err := a.answer(r, func(w io.Writer) {
					fmt.Fprintf(w, "%d rows: %d imported, %d there already, %d rejected, %.1f s\n",
						r.Rows, r.Imported, r.Repeated, r.Rejected, r.Seconds)
				}); err != nil {
					return err
				}
				if r.Rejected > 0 {
					return findings{}
				}
				return nil
			})
		},
	}
	c.Flags().StringVar(&o.Map, "map", "", "mapping file (default: the built-in importer/openrepair.yaml)")
	c.Flags().StringVar(&o.Rejects, "rejects", "", "CSV file for the rows that could not be used")
	return c
}

// follow shows how far an import has come: a bar for people, a line every few seconds elsewhere.
func (a *app) follow(o *importer.Options) (done func()) {
	if !a.onTerminal() {
		next := time.Now()
		o.Progress = func(p importer.Progress) {
			if now := time.Now(); now.After(next) {
				next = now.Add(5 * time.Second)
				a.say("%3.0f %%  %d rows", 100*float64(p.Bytes)/float64(max(p.Size, 1)), p.Rows)
			}
		}
		return func() {}
	}
	bar := progressbar.NewOptions64(1, progressbar.OptionSetWriter(a.io.err), progressbar.OptionSetDescription("Importing"),
		progressbar.OptionShowBytes(true), progressbar.OptionClearOnFinish(), progressbar.OptionThrottle(100*time.Millisecond))
	o.Progress = func(p importer.Progress) {
		bar.ChangeMax64(p.Size)
		bar.Describe(fmt.Sprintf("Importing, %d rows", p.Rows))
		_ = bar.Set64(p.Bytes)
	}
	return func() { _ = bar.Finish() }
}
