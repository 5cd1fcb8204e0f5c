package dispatch_test

import (
	"context"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"log/slog"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/dispatch"
	"github.com/sysopssquad/muster/dispatch/journal"
	"github.com/sysopssquad/muster/evidence"
	"github.com/sysopssquad/muster/graph"
	"github.com/sysopssquad/muster/graph/graphtest"
	"github.com/sysopssquad/muster/jobs"
	"github.com/sysopssquad/muster/jobs/memory"
	"github.com/sysopssquad/muster/jobs/notify"
)

// doubtful is a store in which nobody learns at once what became of any write, whatever method it is by. It notes to which
// functions that happened.
type doubtful struct {
	*unsure
	calls map[string]int // how many outcomes were unknown to which functions
	turns map[string]int // of writes, by function
}

func newDoubtful(s graph.Store) doubtful {
	return doubtful{newUnsure(s, make(map[string]int)), make(map[string]int), make(map[string]int)}
}

func (u doubtful) Commit(ctx context.Context, changes ...graph.Change) ([]graph.Outcome, error) {
	return doubted(u.unsure, string(changes[0].Command.ID), func() {
		u.noted(changes)
		u.note(callers("Commit"))
	}, func() ([]graph.Outcome, error) { return u.Store.Commit(ctx, changes...) })
}

func (u doubtful) ClaimDue(ctx context.Context, lane muster.Lane, shard int, now, until time.Time, limit int) ([]graph.Wake, error) {
	return by(u, "ClaimDue", func() ([]graph.Wake, error) { return u.Store.ClaimDue(ctx, lane, shard, now, until, limit) })
}

func (u doubtful) Claim(ctx context.Context, id string, now, until time.Time) (w graph.Wake, ok bool, err error) {
	w, err = by(u, "Claim", func() (w graph.Wake, err error) { w, ok, err = u.Store.Claim(ctx, id, now, until); return w, err })
	return w, ok && err == nil, err
}

func (u doubtful) Settle(ctx context.Context, settled ...graph.Settled) ([]string, error) {
	return by(u, "Settle", func() ([]string, error) { return u.Store.Settle(ctx, settled...) })
}

func (u doubtful) Number(ctx context.Context, duty string, fence, first int64, events []muster.Event) error {
	_, err := by(u, "Number", func() (any, error) { return nil, u.Store.Number(ctx, duty, fence, first, events) })
	return err
}

func (u doubtful) Advance(ctx context.Context, consumer string, seq int64) error {
	_, err := by(u, "Advance", func() (any, error) { return nil, u.Store.Advance(ctx, consumer, seq) })
	return err
}

func (u doubtful) Reserve(ctx context.Context, n int) (int64, error) {
	return by(u, "Reserve", func() (int64, error) { return u.Store.Reserve(ctx, n) })
}

func (u doubtful) Prune(ctx context.Context, before time.Time, limit int) (int, error) {
	return by(u, "Prune", func() (int, error) { return u.Store.Prune(ctx, before, limit) })
}

func (u doubtful) PruneJobs(ctx context.Context, before time.Time, limit int) (int, error) {
	return by(u, "PruneJobs", func() (int, error) { return u.Store.PruneJobs(ctx, before, limit) })
}

// forgotten is how many events aren't retained any more when those come who follow them.
const forgotten = 1

func (u doubtful) EventsAfter(ctx context.Context, seq int64, limit int) ([]muster.Event, error) {
	return u.Store.EventsAfter(ctx, max(seq, forgotten), limit)
}

// by does a write, or loses it: of seven by one function one after it was written and one before, and the store is away for
// one more. So whoever waits for a lease or the next look comes to it within minutes.
func by[T any](u doubtful, method string, write func() (T, error)) (none T, _ error) {
	u.mu.Lock()
	sites := callers(method)
	next, known := u.turns[sites[0]]
	if !known {
		next = len(u.turns) % 2 * 3 // of the functions that write only once half begin with the one, half with the other
	}
	turn := next % 7
	u.turns[sites[0]] = next + 1
	if turn == 0 || turn == 3 {
		u.n++
		u.sites[method]++
		u.note(sites)
	}
	u.mu.Unlock()
	unknown := muster.E(muster.CodeUnknown, "the reply was lost", "send the same again")
	switch turn {
	case 3:
		return none, unknown
	case 4:
		return none, muster.E(muster.CodeUnavailable, "the store is away", "try again")
	}
	v, err := write()
	if turn == 0 && err == nil {
		return none, unknown
	}
	return v, err
}

const module = "github.com/sysopssquad/muster/"

var closure = regexp.MustCompile(`(\.func\d+|\.gowrap\d+|\[\.\.\.\]|\.\d+|-range\d+)*$`)

// callers are the functions of the product that are on the way to a write, the nearest first.
func callers(method string) (sites []string) {
	var at [64]uintptr
	frames := runtime.CallersFrames(at[:runtime.Callers(2, at[:])])
	for {
		f, more := frames.Next()
		name, ours := strings.CutPrefix(f.Function, module)
		site := closure.ReplaceAllString(name, "") + " " + method
		if ours && !strings.HasSuffix(f.File, "_test.go") && !slices.Contains(sites, site) {
			sites = append(sites, site)
		}
		if !more {
			return sites
		}
	}
}

// note counts an outcome that functions don't know. The caller holds mu.
func (u doubtful) note(sites []string) {
	for _, site := range sites {
		u.calls[site]++
	}
}

// still is a clock in which nobody waits: its owner moves it.
type still struct{ *muster.FakeClock }

func (still) Sleep(ctx context.Context, _ time.Duration) error { return ctx.Err() }

// firm is a company with all that works by itself: worker, rounds, relay, consumers, messages, and a server with a journal.
type firm struct {
	*company
	clock   still
	queue   *memory.Queue
	other   func() *jobs.Relay // of another process
	steps   *jobs.Steps
	writer  *notify.Steps
	picky   *jobs.Reader
	desk    *dispatch.Dispatch // the server's
	link    *remote            // its way to the store
	spoilt  map[string]bool    // tickets over whose events picky breaks
	heard   map[string]int     // by picky: how often, by event
	letters map[string]int     // how often they were delivered, by key
	told    []string           // what was
}

// newFirm has everything of a company's process go through a store.
func newFirm(c *company, store graph.Store) *firm {
	c.Helper()
	f := &firm{
		company: c, clock: still{c.clock}, queue: memory.NewQueue(c.clock), spoilt: make(map[string]bool), heard: make(map[string]int),
		letters: make(map[string]int),
	}
	quietly := slog.New(slog.DiscardHandler)
	stream := memory.NewStream()
	run := jobs.New(jobs.Config{
		Store: store, Queue: f.queue, Stream: stream, Clock: c.clock, Log: quietly, Seed: 1,
		Stuck: func(ctx context.Context, w graph.Wake, failures int, cause error) {
			f.mind(f.dispatch.Stuck(ctx, w, failures, cause))
		},
	})
	require.NoError(c, run.ReadClock(c.ctx))
	c.dispatch = dispatch.New(run.Store(), f.clock).InTurn(1)
	writer := notify.New(notify.Config{
		Store: run.Store(), Stream: stream, Clock: f.clock, Log: quietly, Call: notify.CallTask(c.dispatch),
		Channels: notify.Channels{muster.ChannelSMS: post{f, true}, muster.ChannelEmail: post{f, false}, muster.ChannelPush: post{f, true}},
	})
	run.Handle(muster.KindMessage, writer.Take)
	run.Retry(notify.Consumer, writer.Retry)
	tokens := 0
	f.writer = writer.Steps(func() string { tokens++; return strconv.Itoa(tokens) })
	picky := jobs.NewConsumer("picky", run.Store(), stream, quietly, f.listen).SettingAside(run.Store(), f.clock)
	run.Retry("picky", picky.Retry)
	f.picky = picky.Reader()
	f.other = func() *jobs.Relay {
		clock := jobs.NewStoreClock(store, c.clock)
		require.NoError(c, clock.Read(c.ctx))
		return jobs.NewRelay(store, stream, clock, quietly)
	}
	f.steps = run.Steps(jobs.Work{
		Due: f.dispatch.Due,
		Prompt: func(ctx context.Context, t muster.TicketID) error {
			_, err := f.dispatch.PromptRound(ctx, t)
			return err
		},
	})
	j, err := journal.Open(c.TempDir())
	require.NoError(c, err)
	c.Cleanup(func() { require.NoError(c, j.Close()) })
	f.link = &remote{Store: run.Store()}
	f.desk = dispatch.New(f.link, f.clock).InTurn(1)
	f.desk.KeepIn(j, 20)
	return f
}

// post is a channel: nobody is at a number that ends with two zeros.
type post struct {
	f    *firm
	once bool
}

func (p post) Once() bool { return p.once }

func (p post) Deliver(_ context.Context, l notify.Letter) (string, error) {
	if strings.HasSuffix(l.To, "00") {
		return "", &notify.Failure{Why: "no such number", Final: true}
	}
	p.f.letters[l.Key]++
	p.f.told = append(p.f.told, l.To+": "+moments.ReplaceAllString(l.Text, "#"))
	return "taken", nil
}

var moments = regexp.MustCompile(`\d[\d:]*( [AP]M)?`)

// listen hears all events, but for those over which it breaks.
func (f *firm) listen(_ context.Context, events []muster.Event) error {
	for _, e := range events {
		if f.spoilt[e.Aggregate] {
			return muster.E(muster.CodeInternal, "a handler that breaks over "+e.Aggregate, "")
		}
	}
	for _, e := range events {
		f.heard[fmt.Sprintf("%s/%d", e.Aggregate, e.Rev)]++
	}
	return nil
}

// mind asks of an error that it passes by itself.
func (f *firm) mind(err error) {
	f.Helper()
	switch muster.CodeOf(err) {
	case "", muster.CodeUnknown, muster.CodeUnavailable, muster.CodeConflict:
	default:
		require.NoError(f, err)
	}
}

// tend does what a process does by itself when it looks.
func (f *firm) tend() {
	f.Helper()
	for range 4 { // more often than all else
		err := f.dispatch.Reachable(f.ctx)
		if f.mind(err); err == nil {
			break
		}
	}
	f.mind(f.desk.TendIntake(f.ctx, ""))
	f.mind(f.steps.Schedule(f.ctx))
	f.queue.RunDue(f.ctx, f.steps.Handlers)
	_, err := f.steps.Sweep(f.ctx)
	f.mind(err)
	for more := true; more; {
		more, err = f.steps.Relay(f.ctx)
		f.mind(err)
	}
	for _, read := range []func(context.Context) (int, error){f.steps.Prompt, f.picky.Step, f.writer.Follow, f.writer.Send} {
		for n := 1; n > 0; {
			n, err = read(f.ctx)
			if f.mind(err); err != nil {
				break
			}
		}
	}
	f.queue.RunDue(f.ctx, f.steps.Handlers)
}

// look lets some time go by, and looks: every 45 s, as a process may that sweeps every 15.
func (f *firm) look() {
	f.Helper()
	f.clock.Advance(45 * time.Second)
	f.tend()
}

// workUntil lets time go by to a moment in which the process is at work.
func (f *firm) workUntil(at time.Time) {
	f.Helper()
	for f.clock.Now().Before(at) {
		f.look()
	}
}

// handOver has another process be the relay for a moment, and end.
func (f *firm) handOver() {
	f.Helper()
	r := f.other()
	f.clock.Advance(45 * time.Second)
	for try := 0; try < 10 && !r.Status().Holding; try++ {
		f.clock.Advance(time.Second)
		_, err := r.Step(f.ctx)
		f.mind(err)
	}
	require.True(f, r.Status().Holding)
	ended, stop := context.WithCancel(f.ctx)
	stop()
	require.NoError(f, r.Run(ended, nil))
}

// insist has a person send a command until it is answered.
func insist[T any](f *firm, do func() (T, error)) T {
	f.Helper()
	first := f.n
	for try := 1; ; try++ {
		a, err := do()
		if err == nil {
			return a
		}
		require.Contains(f, []muster.Code{muster.CodeUnknown, muster.CodeUnavailable}, muster.CodeOf(err), "%v", err)
		require.Less(f, try, 10, "%v", err)
		f.n = first // under the same id
	}
}

// Skills of one expert each, so that it doesn't matter which ticket a round comes to first.
var alone = []muster.SkillID{"skl_ovens", "skl_dryers", "skl_mixers"}

// people are experts, and a customer whom no message reaches.
func (f *firm) people() dispatch.CustomerRequest {
	f.Helper()
	p := muster.DefaultPolicy()
	p.OfferMinutes, p.UrgentOffer = 30, 30 // a minute sooner or later must not matter
	_, err := f.dispatch.SavePolicy(f.ctx, f.as(admin), p)
	require.NoError(f, err)
	f.expert("li", 3)
	f.expert("ana", 4)
	var skills []muster.Skill
	for _, id := range alone {
		skills = append(skills, muster.Skill{ID: id, Name: string(id[4:])})
	}
	_, err = f.dispatch.SaveSkills(f.ctx, f.as(admin), dispatch.SkillRequest{Skills: skills})
	require.NoError(f, err)
	for _, id := range alone {
		f.expert("of-"+string(id[4:]), 5, muster.Competence{Skill: id, Level: 3})
	}
	mute, err := f.dispatch.SaveCustomer(f.ctx, f.as(helpdesk), dispatch.CustomerRequest{
		Customer: muster.Customer{Name: "Ray Ode", Phone: "+1 617 555 0100"},
		Sites:    []muster.Site{{Street: "11 Oak St", City: "Boston", Place: muster.Place{Point: boston}}},
	})
	require.NoError(f, err)
	return mute
}

// day is a day's work with tickets of all sorts, whose ids it gives.
func (f *firm) day(n int, mute dispatch.CustomerRequest) (ids []muster.TicketID) {
	f.Helper()
	begin := monday.AddDate(0, 0, 7*n)
	at := func(minute int) time.Time { return begin.Add(time.Duration(minute) * time.Minute) }
	li, ana := muster.ExpertID("exp_li"), muster.ExpertID("exp_ana")
	submit := func(to *dispatch.Dispatch, edit ...func(*dispatch.SubmitRequest)) muster.TicketID {
		f.Helper()
		req := f.request()
		for _, e := range edit {
			e(&req)
		}
		id := insist(f, func() (dispatch.Answer, error) { return to.Submit(f.ctx, f.as(helpdesk), req) }).Ticket.ID
		ids = append(ids, id)
		return id
	}
	assign := func(id muster.TicketID, e muster.ExpertID, minute int) muster.VisitID {
		f.Helper()
		return insist(f, func() (dispatch.Answer, error) {
			return f.dispatch.Assign(f.ctx, f.as(dispatcher), dispatch.AssignRequest{Ticket: id, Expert: e, Start: at(minute)})
		}).Visit.ID
	}
	cancel := func(all ...muster.TicketID) {
		f.Helper()
		for _, id := range all {
			insist(f, func() (dispatch.Answer, error) {
				return f.dispatch.Cancel(f.ctx, f.as(dispatcher), dispatch.TicketRequest{Ticket: id, Reason: "because"})
			})
		}
	}

	f.clock.Set(begin)
	f.workUntil(at(3))
	done := submit(f.dispatch) // an expert comes and mends it
	visit := assign(done, li, 120)
	unreached := submit(f.dispatch, func(r *dispatch.SubmitRequest) { r.Customer, r.Site, r.Device = mute.Customer.ID, mute.Sites[0].ID, "" })
	assign(unreached, ana, 120)
	spoilt := submit(f.dispatch) // a consumer breaks over it
	f.spoilt[string(spoilt)] = true
	assign(spoilt, ana, 240)
	brief := submit(f.dispatch)
	assign(brief, ana, 360)
	cancel(brief) // at once: nobody need hear of it
	needs := func(n int) func(*dispatch.SubmitRequest) {
		return func(r *dispatch.SubmitRequest) { r.Needs = []muster.Need{{Skill: alone[n], Level: 2}} }
	}
	urgent := submit(f.dispatch, needs(0), func(r *dispatch.SubmitRequest) { r.Priority = muster.PriorityCritical })
	parked := submit(f.dispatch, needs(1))
	insist(f, func() (dispatch.Answer, error) {
		return f.dispatch.Wait(f.ctx, f.as(dispatcher), dispatch.WaitRequest{Ticket: parked, For: muster.WaitDate, Until: at(30)})
	})
	f.link.state.Store(refuses)
	accepted := submit(f.desk, needs(2)) // without the graph
	f.link.state.Store(there)

	f.workUntil(at(12))
	for _, id := range []muster.TicketID{urgent, accepted} {
		offers := f.load(id).Offers
		open := slices.IndexFunc(offers, func(o muster.Offer) bool { return o.State == muster.OfferOpen })
		require.GreaterOrEqual(f, open, 0, "nobody is asked about %s", id)
		insist(f, func() (dispatch.Answer, error) {
			return f.dispatch.Accept(f.ctx, f.as(actorOf(offers[open].Expert)), dispatch.AnswerRequest{Offer: offers[open].ID})
		})
	}
	f.workUntil(at(25))
	cancel(spoilt) // more that the consumer can't handle
	f.workUntil(at(27))
	f.spoilt = make(map[string]bool)
	f.handOver()
	f.workUntil(at(38))
	cancel(unreached, urgent, accepted, parked)
	f.clock.Set(at(100))
	for n, step := range []func(context.Context, muster.Command, dispatch.VisitRequest) (dispatch.Answer, error){
		f.dispatch.Depart, f.dispatch.Arrive, f.dispatch.Start,
	} {
		insist(f, func() (dispatch.Answer, error) {
			return step(f.ctx, f.as(actorOf(li)), dispatch.VisitRequest{Visit: visit})
		})
		f.workUntil(at(105 + 5*n))
	}
	insist(f, func() (dispatch.Answer, error) {
		return f.dispatch.End(f.ctx, f.as(actorOf(li)), dispatch.EndRequest{Visit: visit, Outcome: muster.Fixed})
	})
	f.workUntil(at(120))
	f.clock.Advance(24 * time.Hour) // after which it is resolved, and the customer is asked
	f.workUntil(at(24*60 + 128))
	return ids
}

// story is what has happened to a ticket, and of what its people were told, without the moments.
func (f *firm) story(id muster.TicketID) (lines []string) {
	f.Helper()
	events, err := f.store.History(f.ctx, muster.Scope{Everything: true}, string(id))
	require.NoError(f, err)
	for _, e := range events {
		lines = append(lines, e.Name)
	}
	found, err := f.store.Messages(f.ctx, muster.Scope{Everything: true}, []muster.TicketID{id}, 500)
	require.NoError(f, err)
	var messages []string
	for _, m := range found {
		messages = append(messages, fmt.Sprintf("%s to %s%s: %s", m.Topic, m.Customer, m.Expert, m.State))
	}
	slices.Sort(messages)
	k := f.load(id)
	return append(append(lines, messages...), k.Ticket.Shown(), fmt.Sprint(len(k.Visits), len(k.Offers), len(k.Assignments)))
}

// whole asks of what is left behind: each event has one number, without gaps, and was heard of; nobody was told anything
// twice, no ticket has another's number, nothing keeps failing, and all invariants hold.
func (f *firm) whole() (events int64) {
	f.Helper()
	for range 10 { // what has failed last is made up for
		f.look()
	}
	f.dispatch = dispatch.New(f.store, f.clock)
	pending, err := f.store.Pending(f.ctx, 1)
	require.NoError(f, err)
	require.Empty(f, pending)
	_, head, err := f.store.Bounds(f.ctx)
	require.NoError(f, err)
	seen := make(map[string]bool)
	for at := int64(0); at < head; {
		some, err := f.store.EventsAfter(f.ctx, at, 500)
		require.NoError(f, err)
		require.NotEmpty(f, some)
		for _, e := range some {
			at++
			require.Equal(f, at, e.Seq)
			id := fmt.Sprintf("%s/%d", e.Aggregate, e.Rev)
			require.False(f, seen[id], "%s has two numbers", id)
			require.Equal(f, at > forgotten, f.heard[id] > 0, "who heard of %s", id)
			seen[id] = true
		}
	}
	cursors, err := f.store.Cursors(f.ctx)
	require.NoError(f, err)
	for _, name := range []string{"prompt", notify.Consumer, "picky"} {
		require.NotZero(f, cursors[name], name)
		require.LessOrEqual(f, cursors[name], head, name) // the next event takes it on
	}
	failing, err := f.store.Failing(f.ctx, 1)
	require.NoError(f, err)
	require.Empty(f, failing)
	for key, n := range f.letters {
		require.Equal(f, 1, n, key)
	}
	numbers := make(map[int64]bool)
	for after := ""; ; {
		page, err := f.store.Scan(f.ctx, muster.KindTicket, after, 500)
		require.NoError(f, err)
		if len(page) == 0 {
			break
		}
		for _, r := range page {
			n := r.(*muster.Ticket).Number
			require.False(f, numbers[n], "two tickets have the number %d", n)
			numbers[n], after = true, r.RecordID()
		}
	}
	f.sound()
	return head
}

// TestVolumeUnknownOutcomesOfWorkLeaveNoTrace has two companies do the same work by themselves. In one of them nobody learns
// at once what became of any write: the same happens to all tickets there, and people are told the same, once. All functions
// that write come by it, and all commands of jobs.
func TestVolumeUnknownOutcomesOfWorkLeaveNoTrace(t *testing.T) {
	onBothStores(t, func(c *company, _ raw) {
		t := c.T
		began := evidence.Begin(campaign(t), 1)
		calm := newCompany(t)
		u := newDoubtful(c.store)
		pair := []*firm{newFirm(calm, calm.store), newFirm(c, u)}
		var mute dispatch.CustomerRequest
		for _, f := range pair {
			mute = f.people()
		}
		require.NoError(t, c.store.Advance(c.ctx, "picky", forgotten))
		days, tickets := 0, 0
		for ; u.n < unknownOutcomes(t); days++ {
			var ids [2][]muster.TicketID
			for i, f := range pair {
				f.told = nil
				ids[i] = f.day(days, mute)
				slices.Sort(f.told)
			}
			require.Equal(t, ids[0], ids[1])
			for _, id := range ids[0] {
				require.Equal(t, pair[0].story(id), pair[1].story(id))
			}
			require.Equal(t, pair[0].told, pair[1].told)
			tickets += len(ids[0])
		}
		events := pair[1].whole()
		functions := make(map[string]int)
		for _, site := range writeSites(t) {
			assert.Positive(t, u.calls[site], "no outcome was unknown to %s: have it called here", site)
			functions[site] = u.calls[site]
		}
		for _, name := range jobCommands(t) {
			assert.Positive(t, u.sites[name], "no outcome of %s was unknown: have it carried out here", name)
		}
		t.Logf("%d writes of unknown outcome in %d days with %d tickets, %d letters and %d events: %v, %v",
			u.n, days, tickets, len(pair[1].letters), events, u.sites, functions)
		if dir := os.Getenv("EVIDENCE"); dir != "" {
			store := strings.ToLower(filepath.Base(t.Name()))
			require.NoError(t, began.Write(filepath.Join(dir, "unknown-outcomes-work-"+store+".json"), map[string]any{
				"unknown_outcomes": u.n, "days": days, "tickets": tickets, "letters": len(pair[1].letters), "events": events,
				"write_sites": u.sites, "functions": functions, "duplicates": 0, "other_effects": 0,
			}))
		}
	})
}

// jobCommands are the names of commands that the sources of jobs have in place. What they call tickets and visits by are names
// of others' events.
func jobCommands(t *testing.T) (names []string) {
	t.Helper()
	isName := regexp.MustCompile(`^"[a-z]+\.[a-z_]+"$`)
	others := regexp.MustCompile(`^"(ticket|visit|task)\.`)
	for _, dir := range []string{"../jobs", "../jobs/notify"} {
		files, err := filepath.Glob(dir + "/*.go")
		require.NoError(t, err)
		for _, file := range files {
			if strings.HasSuffix(file, "_test.go") {
				continue
			}
			parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
			require.NoError(t, err)
			ast.Inspect(parsed, func(n ast.Node) bool {
				switch n := n.(type) {
				case *ast.CompositeLit: // an event has a name, too
					list, ok := n.Type.(*ast.ArrayType)
					if !ok {
						return true
					}
					of, ok := list.Elt.(*ast.SelectorExpr)
					return !ok || of.Sel.Name != "Event"
				case *ast.BasicLit:
					if isName.MatchString(n.Value) && !others.MatchString(n.Value) {
						names = append(names, strings.Trim(n.Value, `"`))
					}
				}
				return true
			})
		}
	}
	require.NotEmpty(t, names)
	return names
}

// writeSites are the functions of the product that call a method of the store's port that writes, as the sources have them.
func writeSites(t *testing.T) (sites []string) {
	t.Helper()
	arguments := make(map[string]reflect.Type)
	port := reflect.TypeFor[graph.Store]()
	for _, name := range graphtest.Writes() {
		m, _ := port.MethodByName(name)
		arguments[name] = m.Type
	}
	fits := func(name string, given int) bool {
		of := arguments[name]
		return of != nil && (given == of.NumIn() || of.IsVariadic() && given >= of.NumIn()-1)
	}
	// The stores themselves, what tries Muster, and who wires it.
	others := regexp.MustCompile(`^\.\./(graph|sim|linear|torture|bench|servertest|cmd|web|testdata|\.)`)
	require.NoError(t, filepath.WalkDir("..", func(file string, d os.DirEntry, err error) error {
		if err != nil || others.MatchString(file) || !strings.HasSuffix(file, ".go") || strings.HasSuffix(file, "_test.go") {
			return err
		}
		parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
		if err != nil {
			return err
		}
		for _, d := range parsed.Decls {
			fn, ok := d.(*ast.FuncDecl)
			if !ok || fn.Body == nil {
				continue
			}
			called := make(map[ast.Expr]int)
			ast.Inspect(fn, func(n ast.Node) bool {
				switch n := n.(type) {
				case *ast.CallExpr:
					called[n.Fun] = len(n.Args)
				case *ast.SelectorExpr:
					given, call := called[n]
					if call && fits(n.Sel.Name, given) || !call && arguments[n.Sel.Name] != nil && isStore(n.X) {
						sites = append(sites, strings.TrimPrefix(filepath.Dir(file), "../")+"."+receiver(fn)+fn.Name.Name+" "+n.Sel.Name)
					}
				}
				return true
			})
		}
		return nil
	}))
	slices.Sort(sites)
	return slices.Compact(sites)
}

// isStore tells whether something is most likely a store, by its name: what is a field of others is a method there.
func isStore(e ast.Expr) bool {
	switch e := e.(type) {
	case *ast.SelectorExpr:
		return isStore(e.Sel)
	case *ast.Ident:
		return slices.Contains([]string{"store", "graph", "timers"}, strings.ToLower(e.Name))
	}
	return false
}

// receiver is how the name of a method begins where the runtime tells it.
func receiver(fn *ast.FuncDecl) string {
	if fn.Recv == nil {
		return ""
	}
	switch of := fn.Recv.List[0].Type.(type) {
	case *ast.StarExpr:
		return "(*" + of.X.(*ast.Ident).Name + ")."
	case *ast.Ident:
		return of.Name + "."
	}
	return ""
}
