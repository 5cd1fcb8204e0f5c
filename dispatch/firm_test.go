package dispatch_test

import (
	"context"
	"fmt"
	"log/slog"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/dispatch"
	"github.com/sysopssquad/muster/dispatch/journal"
	"github.com/sysopssquad/muster/graph"
	"github.com/sysopssquad/muster/jobs"
	"github.com/sysopssquad/muster/jobs/memory"
	"github.com/sysopssquad/muster/jobs/notify"
)

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
		Channels: notify.Channels{
			muster.ChannelSMS: post{f, true}, muster.ChannelEmail: post{f, false}, muster.ChannelPush: post{f, true},
		},
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
	p.OfferMinutes, p.UrgentOffer = 60, 30 // a few minutes must not matter
	_, err := f.dispatch.SavePolicy(f.ctx, f.as(admin), p)
	require.NoError(f, err)
	f.expert("li", 3)
	f.expert("ana", 4)
	f.expert("kim", 5)
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
	unreached := submit(f.dispatch, func(r *dispatch.SubmitRequest) {
		r.Customer, r.Site, r.Device = mute.Customer.ID, mute.Sites[0].ID, ""
	})
	assign(unreached, ana, 120)
	spoilt := submit(f.dispatch) // a consumer breaks over it
	f.spoilt[string(spoilt)] = true
	assign(spoilt, ana, 240)
	brief := submit(f.dispatch)
	assign(brief, ana, 360)
	cancel(brief) // at once: nobody need hear of it
	needs := func(n int) func(*dispatch.SubmitRequest) {
		return func(r *dispatch.SubmitRequest) {
			r.Needs = []muster.Need{{Skill: alone[n], Level: 2}}
			r.Windows = []muster.Window{{Start: at(240), End: at(360)}} // there is time to answer
		}
	}
	urgent := submit(f.dispatch, needs(0), func(r *dispatch.SubmitRequest) { r.Priority = muster.PriorityCritical })
	parked := submit(f.dispatch, needs(1))
	insist(f, func() (dispatch.Answer, error) {
		return f.dispatch.Wait(f.ctx, f.as(dispatcher), dispatch.WaitRequest{Ticket: parked, For: muster.WaitDate, Until: at(30)})
	})
	f.link.state.Store(refuses)
	accepted := submit(f.desk, needs(2)) // without the graph
	f.link.state.Store(there)
	unmoved := submit(f.dispatch) // nobody leaves for it
	assign(unmoved, muster.ExpertID("exp_kim"), 45)

	for _, id := range []muster.TicketID{urgent, accepted} {
		f.workFor(id, "offer to .*: sent")
		offer := f.load(id).Offers[0]
		insist(f, func() (dispatch.Answer, error) {
			return f.dispatch.Accept(f.ctx, f.as(actorOf(offer.Expert)), dispatch.AnswerRequest{Offer: offer.ID})
		})
	}
	f.workFor(spoilt, "ticket.stuck", "accepted to .*: sent", "assigned to .*: sent")
	cancel(spoilt) // more that the consumer can't handle
	f.look()
	f.spoilt = make(map[string]bool)
	f.handOver()
	f.workFor(unmoved, "ticket.late_to_leave", "coming to .*: sent", "accepted to .*: sent", "assigned to .*: sent")
	f.workFor(unreached, "accepted to .*: failed", "assigned to .*: sent")
	f.workFor(urgent, "accepted to .*: sent")
	f.workFor(accepted, "accepted to .*: sent")
	f.workFor(parked, "ticket.woken", "offer to .*: sent")
	cancel(unmoved, unreached, urgent, accepted, parked)
	var queue []muster.TicketID // nobody can take these, and a round looks at two of them
	for range 5 {
		queue = append(queue, submit(f.dispatch, func(r *dispatch.SubmitRequest) { r.Needs = []muster.Need{{Skill: alone[0], Level: 5}} }))
	}
	f.dispatch.LookingAt(2)
	region := f.region()
	for range 2 * len(queue) { // the turn goes through it and begins anew
		insist(f, func() (dispatch.RoundReport, error) { return f.dispatch.Round(f.ctx, region) })
	}
	f.dispatch.LookingAt(5_000)
	cancel(queue...)
	f.workFor(done, "accepted to .*: sent", "assigned to .*: sent")
	f.rest(ids)
	require.True(f, f.clock.Now().Before(at(100)))

	f.clock.Set(at(100))
	act := func(step func(context.Context, muster.Command, dispatch.VisitRequest) (dispatch.Answer, error)) {
		f.Helper()
		insist(f, func() (dispatch.Answer, error) {
			return step(f.ctx, f.as(actorOf(li)), dispatch.VisitRequest{Visit: visit})
		})
		f.look()
	}
	act(f.dispatch.Depart)
	f.workFor(done, "on_the_way to .*: sent")
	act(f.dispatch.Arrive)
	act(f.dispatch.Start)
	insist(f, func() (dispatch.Answer, error) {
		return f.dispatch.End(f.ctx, f.as(actorOf(li)), dispatch.EndRequest{Visit: visit, Outcome: muster.Fixed})
	})
	f.look()
	f.clock.Advance(24 * time.Hour) // after which it is resolved, and the customer is asked
	f.workFor(done, "resolved to .*: sent")
	f.rest(ids)
	return ids
}

// longest is how often a process looks at most until something has happened.
const longest = 100

// workFor lets the process work until all of some lines, as patterns, are in a ticket's story.
func (f *firm) workFor(id muster.TicketID, lines ...string) {
	f.Helper()
	for n := 0; ; n++ {
		story := strings.Join(f.story(id), "\n")
		if !slices.ContainsFunc(lines, func(l string) bool { return !regexp.MustCompile("(?m)^" + l + "$").MatchString(story) }) {
			return
		}
		require.Less(f, n, longest, "%v of %s:\n%s", lines, id, story)
		f.look()
	}
}

// rest lets the process work until nothing is to be told of tickets.
func (f *firm) rest(ids []muster.TicketID) {
	f.Helper()
	for n := 0; ; n++ {
		f.look() // what has just happened is planned
		f.look()
		found, err := f.store.Messages(f.ctx, muster.Scope{Everything: true}, ids, 500)
		require.NoError(f, err)
		events, err := f.store.Pending(f.ctx, 1)
		require.NoError(f, err)
		if len(events) == 0 && !slices.ContainsFunc(found, func(m *muster.Message) bool { return !m.State.Terminal() }) {
			return
		}
		require.Less(f, n, longest)
	}
}
