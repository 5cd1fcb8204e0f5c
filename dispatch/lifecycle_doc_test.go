package dispatch

import (
	"cmp"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sysopssquad/muster"
)

var update = flag.Bool("update", false, "write docs/lifecycle.md")

// TestLifecycleDocument keeps docs/lifecycle.md what the tables say.
func TestLifecycleDocument(t *testing.T) {
	path := filepath.Join("..", "docs", "lifecycle.md")
	want := lifecycleDocument()
	if *update {
		require.NoError(t, os.WriteFile(path, []byte(want), 0o644))
	}
	have, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Equal(t, want, string(have), "the tables and the document differ: go generate ./dispatch")
}

func lifecycleDocument() string {
	var b strings.Builder
	b.WriteString(`# The life of a ticket

<!-- Made from dispatch/lifecycle.go by go generate ./dispatch; don't edit. -->

A ticket is open until it is resolved or cancelled, and every open ticket carries a timer: the moment at which
somebody must look at it next. While it is scheduled people see the state of its visit. What is not in these
tables can't happen; it is refused as ` + "`wrong_state`" + `, with what can be done instead.

## Tickets
| command | if | from | to | event |
|-|-|-|-|-|
`)
	for _, row := range ticketTable {
		fmt.Fprintf(&b, "| %s | %s | %s | %s | `%s` |\n", row.verb, row.branch, names(row.from, "(new)"), row.to, row.verb.rule().event)
	}
	b.WriteString(`
## Visits
A command that has rows here and meets a scheduled ticket must find one for the visit too.

| command | if | from | to | outcome |
|-|-|-|-|-|
`)
	for _, row := range visitTable {
		fmt.Fprintf(&b, "| %s | %s | %s | %s | %s |\n", row.verb, row.branch, names(row.from, "(none)"), row.to, row.outcome)
	}
	fmt.Fprintf(&b, `
After part_needed the ticket waits for parts, %s unless the expert says until when; the parts come with the ticket,
so nobody needs to have them in the van. After no_access and refused it waits for the customer, %s unless told:
somebody must talk to them first. After other_skill_needed and second_person_needed it is queued with
corrected needs or a crew of two. After unsafe a person looks at it before anyone is sent again. The same expert is
preferred after part_needed, second_person_needed, no_access and unsafe. A device that the customer brings may
take %s until a person asks. A visit's place that has neither expert nor offer ends the visit: a crew comes whole.

`, days(partsFor), days(customerFor), days(carryInFor))
	b.WriteString(`Assignments of a visit that ends with an outcome of the expert's are done: their stops stay on the tour, marked as
ended, for the day's history and for the limits of day and week. Where it is withdrawn, or ends with the
ticket, its assignments are withdrawn, its open offers too, and their stops go.

## Who may
Customers act on tickets of their own only, experts on offers and visits of their own.

| command | roles |
|-|-|
`)
	for _, r := range rules {
		fmt.Fprintf(&b, "| %s | %s |\n", r.verb, names(r.who, ""))
	}
	b.WriteString(`
Commands that are in neither table of steps leave the states as they are; they are possible while the ticket is open.
Those about exceptions are possible afterwards too: a message that reached nobody is a call task even then.
What needs a person is an exception. One that was taken has a timer besides: it returns to the list if its owner
neither logs a contact nor settles it in time.
`)
	b.WriteString("\n## Declines\nA decline holds until the ticket changes in what it was about; then the expert may be asked again.\n\n| reason | asked again after a change of |\n|-|-|\n")
	for _, l := range lapses {
		fmt.Fprintf(&b, "| %s | %s |\n", cmp.Or(l.reason, "none given"), cmp.Or(names(l.after, ""), "nothing: the customer is blocked for them, for good"))
	}
	b.WriteString("\n## Timers\n| ticket is | timer | lane |\n|-|-|-|\n")
	for _, s := range muster.TicketStates() {
		name, open := timerOf[s]
		if !open {
			continue
		}
		if s == muster.Scheduled {
			fmt.Fprintf(&b, "| %s, visit offered | %s | %s |\n", s, muster.TimerOffer, muster.TimerOffer.Lane())
			fmt.Fprintf(&b, "| %s, visit offered, urgent | %s too | %s |\n", s, muster.TimerQueue, muster.TimerQueue.Lane())
		}
		fmt.Fprintf(&b, "| %s | %s | %s |\n", s, name, name.Lane())
	}
	return b.String()
}

func days(d time.Duration) string {
	if d == 24*time.Hour {
		return "a day"
	}
	return fmt.Sprintf("%d days", d/(24*time.Hour))
}

func names[S ~string](list []S, empty string) string {
	out := make([]string, len(list))
	for i, s := range list {
		if out[i] = string(s); s == "" {
			out[i] = empty
		}
	}
	return strings.Join(out, ", ")
}

// TestTablesAreWhole finds rows that no command could take, and states without what they need.
func TestTablesAreWhole(t *testing.T) {
	for _, row := range ticketTable {
		require.True(t, slices.ContainsFunc(rules, func(r rule) bool { return r.verb == row.verb }), "%s has no rule", row.verb)
		for _, from := range row.from {
			if from == muster.Scheduled {
				require.True(t, slices.ContainsFunc(visitTable, func(v visitStep) bool { return v.verb == row.verb && v.branch == row.branch }),
					"%s %q has no row for the visit", row.verb, row.branch)
			}
		}
		if row.to == muster.Scheduled {
			require.True(t, slices.ContainsFunc(visitTable, func(v visitStep) bool {
				return v.verb == row.verb && v.branch == row.branch && v.to != muster.VisitEnded
			}), "%s %q schedules a ticket without a visit", row.verb, row.branch)
		}
	}
	for _, row := range visitTable {
		require.True(t, slices.ContainsFunc(ticketTable, func(r ticketStep) bool { return r.verb == row.verb && r.branch == row.branch }),
			"%s %q has no row for the ticket", row.verb, row.branch)
		require.Equal(t, row.to == muster.VisitEnded, row.outcome != "", "%s %q: an end has an outcome, and only an end", row.verb, row.branch)
	}
	seen := make(map[string]bool)
	for _, r := range rules {
		require.NotEmpty(t, r.who, r.verb)
		require.False(t, seen[r.event], "%s is the event of two verbs", r.event)
		seen[r.event] = true
	}
	for _, s := range muster.TicketStates() {
		_, timed := timerOf[s]
		require.Equal(t, !s.Terminal(), timed, "%s and its timer", s)
	}
	for _, o := range muster.VisitOutcomes() {
		require.True(t, slices.ContainsFunc(visitTable, func(v visitStep) bool { return v.outcome == o }), "no visit can end %s", o)
	}
}
