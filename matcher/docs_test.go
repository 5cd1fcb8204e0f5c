package matcher

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sysopssquad/muster"
)

var update = flag.Bool("update", false, "write docs/matching.md anew")

const document = "../docs/matching.md"

// The documentation of rules and weights is written from the code: go test ./matcher -run Documentation -update
func TestDocumentation(t *testing.T) {
	want := describe()
	if *update {
		require.NoError(t, os.WriteFile(document, []byte(want), 0o644))
	}
	got, err := os.ReadFile(document)
	require.NoError(t, err)
	require.Equal(t, want, string(got), "run go test ./matcher -run Documentation -update")
}

// Whoever looks for a rule or a cost finds it from the tree alone.
func TestEachRuleAndCostHasAFileOfItsOwn(t *testing.T) {
	files := map[string]string{}
	claim := func(file, what string) {
		if other, taken := files[file]; taken {
			require.Equal(t, other, what, "%s holds two", file)
		}
		files[file] = what
	}
	for _, c := range constraints {
		claim(c.file(), string(c.code))
	}
	for _, c := range costs {
		require.True(t, strings.HasPrefix(fileOf(c.minutes), "cost_"))
		claim(fileOf(c.minutes), c.name)
		var w muster.Weights
		require.NoError(t, json.Unmarshal([]byte(`{"`+c.field+`": 7}`), &w))
		require.InDelta(t, 7, c.weight(w), 0, "%s names its weight", c.name)
	}
}

func (c *constraint) file() string {
	if c.each != nil {
		return fileOf(c.each)
	}
	return fileOf(c.test)
}

func fileOf(f any) string {
	p := reflect.ValueOf(f).Pointer()
	name, _ := runtime.FuncForPC(p).FileLine(p)
	return filepath.Base(name)
}

func describe() string {
	var b strings.Builder
	p := func(format string, a ...any) { fmt.Fprintf(&b, format+"\n", a...) }
	p("# Who may take a visit, when, and at what cost")
	p("")
	p("Written from the lists in `matcher/constraints.go` and `matcher/costs.go`; a test fails when it is not in step.")
	p("")
	p("A candidate is an expert and a start within the horizon (%d days). Every hard constraint must allow it; what it costs", muster.DefaultPolicy().HorizonDays)
	p("is a sum of expected minutes lost. Ranking, checks, crews and batches ask the same functions.")
	p("")
	p("## Hard constraints")
	p("")
	p("Everybody excluded gets every reason with the numbers compared (`have`, `need`, `unit`). Who may set one aside is its")
	p("class: a *dispatcher*, by name and with a reason that is kept; *policy*, which escalation may widen; *never*, nobody.")
	p("")
	p("| code | class | what is asked | file |")
	p("|-|-|-|-|")
	for i := range constraints {
		c := &constraints[i]
		class := string(c.code.Class())
		if c.code == muster.LevelLow {
			class += " by one, more never"
		}
		p("| `%s` | %s | %s | `%s` |", c.code, class, c.rule, c.file())
	}
	p("")
	p("How time is tested (`matcher/fits.go`):")
	p("")
	p("- The way begins where the stop before is, at the base for the first, as soon as the work there is done, and no sooner than")
	p("  now and the policy's lead. It must end by the start; the way onward by the next stop's start; the way home, for the last,")
	p("  by the end of the shift and of the overtime that the expert consented to.")
	p("- Breaks are fixed. A way may go on after a break, work may not. Ways may also go on after leave, the way home if leave ends within the shift.")
	p("- Where a tour exists its times count, cut where the shift has become shorter; a tour without a shift behind it takes nothing new.")
	p("  Otherwise tours follow from weekly shifts, single shifts and time on call in the zone of the base; the wall clock decides on days")
	p("  of a clock change. Time longer than a day is a tour a day. Of two with the same start a shift counts before time on call.")
	p("- An opening held for an offer counts like a visit until the hold is over: an instant counts if now is before it.")
	p("- Starts lie on five minutes; one that was asked for may be any. The earliest start of each opening and window is taken: what")
	p("  rises with time only rises.")
	p("- Who is beyond the travel limit is tested for time as if the site lay at the limit, so that distance isn't told twice.")
	p("- Where no start is possible the reasons are those of the nearest miss: the fewest reasons, then the fewest that nobody may set aside.")
	p("")
	p("## Costs")
	p("")
	p("Each is a weight of the policy times a quantity, in expected minutes lost; a negative one is a gain.")
	p("")
	p("| cost | weight (default) | quantity | file |")
	p("|-|-|-|-|")
	for _, c := range costs {
		p("| %s | `weights.%s` (%g) | %s | `%s` |", c.name, c.field, c.weight(muster.DefaultPolicy().Weights), c.quantity, fileOf(c.minutes))
	}
	p("")
	p("Leaving a ticket out costs what waiting and lateness would by the end of the horizon, and %d minutes of travel. That is more", farthest)
	p("than any start within it, and rises by half the rate for each day of age, so that nothing is left out for ever.")
	p("")
	p("Experts are compared with their *peers*: the mean of paid hours, the share who have a skill, the share of visits fixed at once.")
	p("A record of fewer than %d visits is mixed with that mean in proportion; without any record %.0f %% are taken to be fixed at once.", enoughVisits, 100*usualFix)
	p("")
	p("## A batch")
	p("")
	p("Of all tickets the one with the largest regret is chosen first: what its second best expert would cost more than the best, or")
	p("leaving it out where there is no second. Its visit goes onto the tour, whoever it touches is ranked again, and so on. Crews of")
	p("two are chosen whole, at the earliest start that both can keep, of the %d cheapest experts taken alone, or not at all. Equal", crewWidth)
	p("regrets are taken by ticket id, equal costs by start, then expert id: the order of the input doesn't matter.")
	p("")
	p("Then the plan is taken up again, in up to %d rounds. In each every tour gives back one of the visits that were planned on it and is", mostRounds)
	p("open for one; an exact solver gives these and the tickets that were left to the tours, so that the most pressing are left out")
	p("last (priority times age), and the total cost is least. So two visits change places where both are better off, and a chain of")
	p("moves makes room for a ticket that nobody could take. A crew, and a visit whose start was asked for, stay. A place that")
	p("a tour refuses, because of what came onto another tour of the same expert, is barred and the round solved again. Rounds end")
	p("when two in a row changed little; whoever was left and can come by then is planned too. What was accepted before is never moved.")
	p("")
	p("Each round's answer comes with prices that prove it: no other way to give **these tickets to these tours, one to each**, is")
	p("cheaper ([solver and certificate](solver.md)). It doesn't say that the plan as a whole couldn't be. An independent check looks at")
	p("the prices and at every rule on every tour; a plan that fails it is not committed.")
	p("")
	p("What is left names its main reason: that which excludes most of the experts nearest to fitting, those with the fewest reasons.")
	p("There an expert whom something excludes beside time is not tested for time; `muster why` tells everything.")
	p("")
	p("## The least change that lets somebody come")
	p("")
	p("`muster why T-4821 --relax`, and `relax=true` in the API, say of a visit what would let somebody take it who can't now: one change,")
	p("or two together, such that nothing less would do. Each constraint names its own changes, with what they are counted in:")
	p("")
	p("| constraint | what is changed | counted in | who may | size of one, in minutes | file |")
	p("|-|-|-|-|-|-|")
	for i := range constraints {
		c := &constraints[i]
		for _, e := range c.changes {
			unit := e.unit
			if unit == "" {
				unit = "done or not"
			}
			p("| `%s` | %s | %s | %s | %g | `%s` |", e.code, e.rule, unit, deciders[rankOf(e.class)], e.size, fileOf(e.make))
		}
	}
	p("")
	p("- Minutes are whole steps of five, kilometres and visits whole ones. What is shown is the least of each: five minutes or a kilometre")
	p("  less, or one of two changes alone, lets nobody come.")
	p("- First stands what escalation may widen, since that happens without anybody's time; then what a dispatcher may set aside, by name and")
	p("  with a reason; last what nobody may, which is a proposal to the administrator. The strictest of two changes counts. Within these the")
	p("  smaller comes first: the sum of the sizes; then one change before two; then the nearest expert.")
	p("- A size says how much a change troubles people, in minutes, as costs are in minutes. It orders proposals and decides nothing. What")
	p("  an expert then costs is told beside it: the same candidate, from the same ranking, as after the change.")
	p("- With each stands how many experts it opens and the %d cheapest of them. Where many could each be changed, as in training, the nearest are shown.", opened)
	p("- Nothing eases `removed`, `crew`, `break`, `overlap` and `opening`: breaks are law, and moving somebody else's visit is for the rounds.")
	p("  More overtime is asked for up to %d hours; beyond, it is another shift, between %d and %d o'clock where the expert lives, in which the", int(longestOvertime.Hours()), dayBegins, dayEnds)
	p("  visit lies whole. Overtime that is agreed, a way home that may be later and another shift are ways to the same and not mixed.")
	p("- Of a crew of two each place is looked at by itself. Those who live up to 100 km farther away than the travel limit are thought of.")
	p("")
	p("## Who is missing when")
	p("")
	p("`muster coverage` goes through the hours of the usual week: of each skill by level, and of each region, in which nobody is at work, or one")
	p("person only. Weekly shifts count, by the clock where the expert is based; an hour counts for who works all of it, breaks among it. Leave,")
	p("single shifts and time on call don't, for it is about the usual week; nor do certificates that have ended. Whoever has a narrower skill counts")
	p("for the broader one, and whoever has part of their territory in a region counts there too. Hours in which nobody at all works are told once.")
	p("")
	p("## What if")
	p("")
	p("`muster whatif FILE` carries changes out on copies: somebody absent, a skill given or taken away, an expert more or gone, tickets")
	p("more, other figures in the policy. It names the visits that their expert couldn't make any more, and what would be done about each")
	p("(the function is that of `muster sick --dry-run`), and plans the queues with and without the changes, by the function that rounds")
	p("plan by: who gains a place, who loses theirs, who would come at another time. Nothing is written. The costs of two policies")
	p("are each in their own weights. `muster help whatif` shows the file.")
	p("")
	p("## What the customer is promised")
	p("")
	p("Arrival within their own window that holds the start, of several the one that ends first. Where they named none: a window of the")
	p("policy's width (%d minutes) from the full or half hour at or before the start, local time at the site.", muster.DefaultPolicy().PromiseWidth)
	return b.String()
}
