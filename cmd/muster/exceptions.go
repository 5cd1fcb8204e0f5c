package main

import (
	"cmp"
	"fmt"
	"io"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/graph"
)

// exceptionEntry is one exception with its ticket.
type exceptionEntry struct {
	Ticket   muster.TicketID `json:"ticket"`
	Ref      string          `json:"ref"`
	Title    string          `json:"title"`
	Shown    string          `json:"shown"`
	Region   muster.RegionID `json:"region"`
	Priority muster.Priority `json:"priority"`
	DueAt    time.Time       `json:"due_at"`
	muster.Exception
	OwnerName string `json:"owner_name,omitempty"`
}

// exceptionList is what needs a person, and how much there is of each kind.
type exceptionList struct {
	Items  []exceptionEntry             `json:"items"`
	Counts map[muster.ExceptionKind]int `json:"counts"`
}

func (a *app) exceptionsCommand() *cobra.Command {
	var kind, owner, region string
	var free bool
	c := &cobra.Command{
		Use:   "exceptions",
		Short: "List what needs a person",
		Long: `Lists the tickets that need a person, the most urgent first: what about, since when, the next step, who has taken it
and how often somebody was contacted.`,
		Example: "  muster exceptions\n  muster exceptions --kind call --free --json",
		Args:    args(0, 0),
		RunE: func(c *cobra.Command, _ []string) error {
			if owner != "" {
				if err := muster.CheckID(muster.KindUser, "--owner", owner); err != nil {
					return err
				}
			}
			if region != "" {
				if err := muster.CheckID(muster.KindRegion, "--region", region); err != nil {
					return err
				}
			}
			f := graph.TicketFilter{
				Region:     muster.RegionID(region),
				Exceptions: graph.ExceptionFilter{Any: true, Kind: muster.ExceptionKind(kind), Owner: muster.UserID(owner), Free: free},
			}
			return a.existing(c.Context(), muster.SystemClock{}, func(s graph.Store) error {
				users, err := s.Users(c.Context(), muster.Scope{Everything: true})
				if err != nil {
					return err
				}
				names := make(map[muster.UserID]string, len(users))
				for _, u := range users {
					names[u.ID] = u.Name
				}
				list := exceptionList{Items: []exceptionEntry{}, Counts: map[muster.ExceptionKind]int{}}
				for after, more := "", true; more; more = after != "" {
					page, next, err := s.Tickets(c.Context(), muster.Scope{Everything: true}, f, graph.Page{After: after, Limit: graph.MaxPage})
					if err != nil {
						return err
					}
					for _, t := range page {
						list.add(t, f.Exceptions, names)
					}
					after = next
				}
				if err := a.answer(list, list.print); err != nil {
					return err
				}
				if len(list.Items) > 0 {
					return findings{}
				}
				return nil
			})
		},
	}
	flags := c.Flags()
	flags.StringVar(&kind, "kind", "", "only these, such as late, call or no_expert")
	flags.StringVar(&owner, "owner", "", "only those that this user has taken, such as usr_dana")
	flags.BoolVar(&free, "free", false, "only those that nobody has taken")
	flags.StringVar(&region, "region", "", "only those of this region, as tickets name it (muster exceptions --json)")
	return c
}

func (l *exceptionList) add(t *muster.Ticket, f graph.ExceptionFilter, names map[muster.UserID]string) {
	for _, e := range t.Exceptions {
		if !f.Pass(e) {
			continue
		}
		l.Counts[e.Kind]++
		l.Items = append(l.Items, exceptionEntry{
			Ticket: t.ID, Ref: t.Ref(), Title: t.Title, Shown: t.Shown(), Region: t.Region, Priority: t.Priority, DueAt: t.DueAt, Exception: e,
			OwnerName: names[e.Owner],
		})
	}
}

// print shows the list to people.
func (l *exceptionList) print(w io.Writer) {
	fmt.Fprintf(w, "%d need a person\n", len(l.Items))
	for _, k := range muster.ExceptionKinds() {
		if n := l.Counts[k]; n > 0 {
			fmt.Fprintf(w, "  %s: %d\n", k, n)
		}
	}
	t := tabwriter.NewWriter(w, 0, 8, 2, ' ', 0)
	for _, e := range l.Items {
		owner := "nobody"
		if e.Owner != "" {
			owner = fmt.Sprintf("%s (%s)", cmp.Or(e.OwnerName, "somebody who has left"), e.Owner)
		}
		next := e.Next
		if n := len(e.Contacts); n > 0 {
			next += fmt.Sprintf(" (tried: %d)", n)
		}
		fmt.Fprintf(t, "%s\t%s\t%s\tsince %s\t%s\t%s\n", e.Ref, e.Kind, e.Shown, e.Since.UTC().Format("2006-01-02 15:04Z"), owner, next)
	}
	t.Flush()
}
