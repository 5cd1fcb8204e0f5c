package dispatch_test

import (
	"context"
	"encoding/json"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"math/rand/v2"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/dispatch"
	"github.com/sysopssquad/muster/evidence"
	"github.com/sysopssquad/muster/graph"
)

// unsure is a store in which nobody learns at once what became of a commit: the reply is lost after it was written, or
// the request before, once or more often, and the store may be away for a while after that.
type unsure struct {
	graph.Store
	mu    sync.Mutex
	n     int // outcomes that were unknown so far, repetitions left out
	lost  map[string]*loss
	sites map[string]int // how many of them at which command
	told  map[string]int // and of which event
}

// loss is what becomes of one write.
type loss struct {
	left, away int // how many more times it is lost, and how often the store can't be reached after that
	write      bool
}

func newUnsure(s graph.Store, sites map[string]int) *unsure {
	return &unsure{Store: s, lost: make(map[string]*loss), sites: sites, told: make(map[string]int)}
}

func (u *unsure) Commit(ctx context.Context, changes ...graph.Change) ([]graph.Outcome, error) {
	return doubted(u, string(changes[0].Command.ID), func() { u.noted(changes) },
		func() ([]graph.Outcome, error) { return u.Store.Commit(ctx, changes...) })
}

// noted counts what an outcome is unknown of. The caller holds mu.
func (u *unsure) noted(changes []graph.Change) {
	for _, c := range changes {
		u.sites[c.Command.Name]++
		for _, e := range c.Events {
			u.told[e.Name]++
		}
	}
}

// doubted does a write, by the name of which its repetitions are known, or loses it; the first time that is noted.
func doubted[T any](u *unsure, name string, note func(), write func() (T, error)) (none T, _ error) {
	u.mu.Lock()
	l := u.lost[name]
	if l == nil {
		l = &loss{left: 1 + u.n%2, away: u.n / 2 % 2, write: u.n%3 > 0}
		u.n++
		note()
		u.lost[name] = l
	}
	lose, away := l.left > 0, l.left == 0 && l.away > 0
	if lose {
		l.left--
	} else if away {
		l.away--
	} else {
		delete(u.lost, name)
	}
	u.mu.Unlock()
	switch {
	case away:
		return none, muster.E(muster.CodeUnavailable, "the store is away", "try again")
	case !lose || l.write:
		if v, err := write(); err != nil || !lose {
			return v, err
		}
	}
	return none, muster.E(muster.CodeUnknown, "the reply was lost", "send the same again")
}

// campaign is the command that repeats this run. A full one has 10000.
func campaign(t *testing.T) string {
	t.Helper()
	n := unknownOutcomes(t)
	return fmt.Sprintf("UNKNOWN_OUTCOMES=%d EVIDENCE=$PWD/docs/evidence go test ./dispatch -run UnknownOutcomes -timeout 2h", n)
}

// unknownOutcomes is how many are had.
func unknownOutcomes(t *testing.T) int {
	if text := os.Getenv("UNKNOWN_OUTCOMES"); text != "" {
		n, err := strconv.Atoi(text)
		require.NoError(t, err)
		return n
	}
	return 200
}

// TestVolumeUnknownOutcomesLeaveNoTrace carries out the same commands on two companies. In one of them nobody learns at
// once what became of any commit: all answers are the same there, what the store has in the end is the same, and a
// command that is sent once more is answered as before.
func TestVolumeUnknownOutcomesLeaveNoTrace(t *testing.T) {
	onBothStores(t, func(troubled *company, _ raw) {
		began := evidence.Begin(campaign(t), 1)
		u := newUnsure(troubled.store, make(map[string]int))
		troubled.dispatch = dispatch.New(u, still{troubled.clock})
		calm := newCompany(troubled.T)
		pair := []*company{calm, troubled}
		r := rand.New(rand.NewPCG(1, 2))
		answers, refusals, replays := 0, 0, 0
		// both has a command carried out on each, and gives the answer that both must give; then on the troubled one again.
		both := func(do func(c *company) (any, error)) {
			var texts [2]string
			var cmd [2]int
			for i, c := range pair {
				cmd[i] = c.n
				a, err := do(c)
				b, e := json.Marshal(a)
				require.NoError(t, e)
				if texts[i] = string(b); err != nil {
					texts[i] = string(muster.CodeOf(err))
					refusals++
				}
			}
			require.Equal(t, texts[0], texts[1])
			answers++
			if !strings.HasPrefix(texts[1], "{") {
				return
			}
			after := troubled.n
			troubled.n = cmd[1]
			a, err := do(troubled)
			require.NoError(t, err)
			b, err := json.Marshal(a)
			require.NoError(t, err)
			require.JSONEq(t, texts[1], string(b), "sent again")
			require.Equal(t, after, troubled.n)
			replays++
		}
		step := 0
		for u.n < unknownOutcomes(t) {
			step++
			name := strconv.Itoa(step)
			for _, c := range pair { // a Monday of its own for each round of this
				c.clock.Set(monday.AddDate(0, 0, 7*step))
			}
			both(func(c *company) (any, error) {
				e := muster.Expert{
					ID: muster.ExpertID("exp_li-" + name), Name: "Li " + name, Skills: []muster.Competence{{Skill: fridges, Level: 3}},
					Base: muster.Place{Point: muster.Point{Lat: boston.Lat + 0.03, Lng: boston.Lng}}, Shifts: weekdays(),
				}
				return c.dispatch.SaveExpert(c.ctx, c.as(admin), e)
			})
			both(func(c *company) (any, error) {
				return c.dispatch.AddLeave(c.ctx, c.as(admin), dispatch.LeaveRequest{
					Expert: muster.ExpertID("exp_li-" + name), Leave: muster.Leave{Window: muster.Window{Start: c.clock.Now().AddDate(0, 0, 2), End: c.clock.Now().AddDate(0, 0, 3)}},
				})
			})
			both(func(c *company) (any, error) {
				return c.dispatch.SaveShifts(c.ctx, c.as(admin), dispatch.ShiftsRequest{Expert: muster.ExpertID("exp_li-" + name), Shifts: weekdays()})
			})
			both(func(c *company) (any, error) {
				return c.dispatch.SaveCustomer(c.ctx, c.as(helpdesk), dispatch.CustomerRequest{Customer: muster.Customer{Name: "Customer " + name}})
			})
			both(func(c *company) (any, error) {
				return c.dispatch.SaveUser(c.ctx, c.as(admin), muster.User{Name: "User " + name, Role: muster.RoleHelpdesk})
			})
			both(func(c *company) (any, error) {
				return c.dispatch.SaveSite(c.ctx, c.as(helpdesk), dispatch.SiteRequest{Customer: c.customer.ID, Site: muster.Site{Street: name, City: "Boston", Place: muster.Place{Point: boston}}})
			})
			var id muster.TicketID
			both(func(c *company) (any, error) {
				a, err := c.dispatch.Submit(c.ctx, c.as(helpdesk), c.request())
				id = a.Ticket.ID
				return a, err
			})
			li := muster.ExpertID("exp_li-" + name)
			for range 12 {
				k := calm.load(id)
				commands := possible(k.Ticket.Shown())
				if len(commands) == 0 {
					break
				}
				command := commands[r.IntN(len(commands))]
				if command == "queue" && k.Ticket.State == muster.Triage {
					command = "triage" // which is what it takes
				}
				if command == "accept" || command == "decline" || command == "expire" {
					if !slices.ContainsFunc(k.Offers, func(o muster.Offer) bool { return o.State == muster.OfferOpen }) {
						continue
					}
				}
				for _, c := range pair {
					c.clock.Advance(time.Second)
				}
				both(func(c *company) (any, error) { return c.do(command, id, li, li) })
			}
			require.Equal(t, calm.load(id), troubled.load(id))
			if step%5 == 0 { // rounds answer with what they did, and a second one has nothing to do
				for _, c := range pair {
					c.submit()
					_, err := c.dispatch.Rounds(c.ctx)
					require.NoError(t, err)
				}
				require.Equal(t, calm.tours(), troubled.tours())
			}
		}
		calm.sound()
		troubled.dispatch = dispatch.New(troubled.store, troubled.clock)
		troubled.sound()
		t.Logf("%d commits of unknown outcome, %d commands, %d refused, %d sent again: %v", u.n, answers, refusals/2, replays, u.sites)
		if dir := os.Getenv("EVIDENCE"); dir != "" {
			require.NoError(t, began.Write(dir+"/unknown-outcomes-"+strings.ToLower(path.Base(troubled.Name()))+".json", map[string]any{
				"unknown_outcomes": u.n, "commands": answers, "refused": refusals / 2, "sent_again": replays, "write_sites": u.sites, "duplicates": 0, "other_answers": 0,
			}))
		}
	})
}

// Tests that together have every command carried out.
var everyCommand = map[string]func(*testing.T){
	"held up":       TestAHandlerThatWasHeldUpChangesNothing,
	"imported":      TestImportAgainAfterASiteWasRemoved,
	"undelivered":   TestACallTaskIsOverWithWhatItWasAbout,
	"parts":         TestWhoIsSentWithoutAPartIsPutBeforeAPerson,
	"parts ordered": TestAPartThatComesLaterThanOneOfSeveralStarts,
	"nobody there":  TestNobodyIsPassedOverByWhatHappensMeanwhile,
	"sick":          TestSickInTheNight,
	"handed over":   TestExceptionsAreHandedOverToPeopleThatThereAre,
	"shifts":        TestAnUrgentTicketDoesNotRestOnTomorrowsShift,
	"stuck":         TestATicketWhoseHandlerKeepsFailingIsPutBeforeAPersonOnce,
	"customers":     TestCustomersAreSavedWithTheirParts,
	"experts":       TestManyExpertsAreSavedOnce,
	"undone":        TestUndoDoesNotAskPastTheDeadline,
	"merged":        TestNothingIsMergedIntoWhatIsDone,
	"days":          TestDaysReportWhatHappened,
	"proposed":      TestAProposalOutlivesItsMinute,
	"carried in":    TestCarryInAndRemoteNeedNoVisit,
	"accepted":      TestAllNumbersThatWereGivenLeadToTheTicket,
	"kept":          TestARemovalThatIsTakenBackBringsNothingElseBack,
	"resumed":       TestWhoHasBegunWhatWasWithdrawn,
	"predicted":     TestAnOverrunIsSeenComing,
	"taken in":      TestImportOfWhatIsDone,
	"repaired":      func(t *testing.T) { onSQLite(t, repairsWhatFollows) },
	"queued": func(t *testing.T) {
		c := newCompany(t)
		id := c.submit().ID
		for _, command := range []string{"wait", "queue"} {
			_, err := c.do(command, id, "", "")
			require.NoError(t, err)
		}
		require.Equal(t, muster.Queued, c.load(id).Ticket.State)
		c.sound()
	},
}

// steps have rows among the commands of tickets, and none of their own: they are in the changes of others. By their event
// one sees that they were there.
var steps = map[string]string{
	"ticket.resume":  "ticket.resumed",       // in what experts report
	"ticket.warn":    "visit.predicted_late", // in what makes a tour late
	"ticket.take_in": "ticket.taken_in",      // in what submits
}

// TestLongEveryCommandOutlivesAnUnknownOutcome has each command carried out by tests of their own in companies in which nobody
// learns at once what became of any commit: they find what they find in others.
func TestLongEveryCommandOutlivesAnUnknownOutcome(t *testing.T) {
	tried, told := make(map[string]int), make(map[string]int)
	defer func(before func(graph.Store) graph.Store) { between = before }(between)
	between = func(s graph.Store) graph.Store {
		u := newUnsure(s, tried)
		u.told = told
		return u
	}
	for name, test := range everyCommand {
		t.Run(name, test)
	}
	for _, name := range append(dispatch.TicketCommands(), otherCommands(t)...) {
		if event, step := steps[name]; step {
			assert.Zero(t, tried[name], "%s is a command of its own", name)
			assert.Positive(t, told[event], "no outcome of a change with %s was unknown: add a test that has it happen", event)
			continue
		}
		assert.Positive(t, tried[name], "no outcome of %s was unknown: add a test that has it carried out", name)
	}
}

// otherCommands are the names of commands that the sources name in place: in calls, and in the commands of jobs.
func otherCommands(t *testing.T) (names []string) {
	t.Helper()
	files, err := filepath.Glob("*.go")
	require.NoError(t, err)
	isName := regexp.MustCompile(`^"[a-z]+\.[a-z_.]+"$`)
	note := func(e ast.Expr) {
		if l, ok := e.(*ast.BasicLit); ok && isName.MatchString(l.Value) {
			names = append(names, strings.Trim(l.Value, `"`))
		}
	}
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		f, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
		require.NoError(t, err)
		ast.Inspect(f, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.CallExpr:
				called := ""
				switch f := n.Fun.(type) {
				case *ast.Ident:
					called = f.Name
				case *ast.SelectorExpr:
					called = f.Sel.Name
				}
				if called == "decide" || called == "onCustomer" {
					for _, a := range n.Args {
						note(a)
					}
				}
			case *ast.KeyValueExpr:
				if key, ok := n.Key.(*ast.Ident); ok && key.Name == "Name" {
					note(n.Value)
				}
			}
			return true
		})
	}
	require.NotEmpty(t, names)
	return names
}

// weekdays are shifts from 8 to 16:30, Monday to Friday.
func weekdays() (out []muster.Hours) {
	for day := time.Monday; day <= time.Friday; day++ {
		out = append(out, muster.Hours{Weekday: day, From: 8 * 60, To: 16*60 + 30})
	}
	return out
}
