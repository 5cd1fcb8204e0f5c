package dispatch_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/dispatch"
	"github.com/sysopssquad/muster/graph"
	"github.com/sysopssquad/muster/graph/sqlite"
)

// TestLongHistoriesKeepTheInvariants lets a few people and jobs do anything in any order, and asks fsck
// after each history. Commands may be refused; they may not leave anything half done.
func TestLongHistoriesKeepTheInvariants(t *testing.T) {
	var done, refused int
	rapid.Check(t, func(r *rapid.T) {
		clock := muster.NewFakeClock(monday)
		store, err := sqlite.Open(t.Context(), sqlite.Memory, clock)
		require.NoError(r, err)
		defer func() { require.NoError(r, store.Close(context.Background())) }()
		c := companyOn(t, store, clock)
		p := muster.DefaultPolicy()
		p.Push = rapid.Bool().Draw(r, "push")
		p.Capacity.VisitsPerTour = rapid.SampledFrom([]int{1, 6}).Draw(r, "visits of a tour")
		_, err = c.dispatch.SavePolicy(c.ctx, c.as(admin), p)
		require.NoError(r, err)
		li, kim := c.expert("li", 3), c.expert("kim", rapid.SampledFrom([]float64{4, 52}).Draw(r, "km")) // beyond the usual limit
		tickets := []muster.TicketID{
			c.submit().ID, c.submit(func(q *dispatch.SubmitRequest) { q.Crew = 2 }).ID,
			c.submit(func(q *dispatch.SubmitRequest) { q.Needs = nil }).ID,
		}
		commands := []string{
			"accept", "accept", "decline", "expire", "depart", "arrive", "start", "wait", "wake", "queue", "triage", "offer",
			"assign", "reassign", "unassign", "undo", "complete", "cancel", "reopen", "resolve",
			"end fixed", "end part_needed", "end second_person_needed", "end no_access", "end unsafe",
			"due", "round", "prompt", "time", "crew", "leave",
			"stuck", "take", "contact", "settle", "reach", "coming", "not coming", "told late", "told late",
			"ask both", "sick", "expert due", "need part", "order part", "part there", "merge",
		}
		for range rapid.IntRange(1, 40).Draw(r, "steps") {
			ticket := rapid.SampledFrom(tickets).Draw(r, "ticket")
			command := rapid.SampledFrom(commands).Draw(r, "command")
			if rapid.IntRange(0, 3).Draw(r, "sensible") > 0 {
				k := c.load(ticket)
				sensible := append(possible(k.Ticket.Shown()), "due", "due", "round", "time", "time")
				if k.Ticket.State == muster.Scheduled {
					sensible = append(sensible, "coming", "not coming", "told late", "told late", "told late")
				}
				if k.Ticket.State == muster.Queued {
					sensible = append(sensible, "climb", "climb", "told late")
				}
				if len(k.Ticket.Exceptions) > 0 {
					sensible = append(sensible, "take", "contact", "settle")
				}
				command = rapid.SampledFrom(sensible).Draw(r, "sensible command")
			}
			experts := []muster.ExpertID{li.ID, kim.ID}
			if rapid.Bool().Draw(r, "other way") {
				experts[0], experts[1] = experts[1], experts[0]
			}
			switch command {
			case "time":
				clock.Advance(time.Duration(rapid.IntRange(1, 6*60).Draw(r, "minutes")) * time.Minute)
			case "round":
				_, err = c.dispatch.Rounds(c.ctx)
				require.NoError(r, err)
			case "prompt":
				_, err = c.dispatch.PromptRound(c.ctx, ticket)
				require.NoError(r, err)
			case "due":
				lane := rapid.SampledFrom([]muster.Lane{muster.LanePromises, muster.LaneMatching}).Draw(r, "lane")
				wakes, err := store.ClaimDue(c.ctx, lane, muster.ShardOf(string(ticket)), clock.Now(), clock.Now().Add(time.Minute), 10)
				require.NoError(r, err)
				for _, w := range wakes {
					_, err := c.dispatch.Due(c.ctx, w)
					require.NoError(r, err)
				}
			case "climb":
				if at, queued := c.load(ticket).Ticket.Timers[muster.TimerQueue]; queued {
					if at.After(clock.Now()) {
						clock.Set(at)
					}
					_, err = c.dispatch.Escalate(c.ctx, c.as(muster.System("timers")), dispatch.TicketRequest{Ticket: ticket})
				}
			case "reach":
				require.NoError(r, c.dispatch.Reachable(c.ctx))
			case "coming", "not coming":
				if k := c.load(ticket); k.Ticket.Visit != nil {
					req := dispatch.ComingRequest{Visit: k.Ticket.Visit.ID, Coming: command == "coming"}
					_, err = c.dispatch.AnswerVisit(c.ctx, c.as(actorOf(experts[0])), req)
				}
			case "told late": // of any visit that the ticket had, by somebody who has it, had it or never had it
				if k := c.load(ticket); len(k.Visits) > 0 {
					req := dispatch.VisitRequest{Visit: rapid.SampledFrom(k.Visits).Draw(r, "visit").ID}
					req.At = clock.Now().Add(-time.Duration(rapid.IntRange(1, 120).Draw(r, "minutes ago")) * time.Minute)
					by := c.as(actorOf(experts[0]))
					switch rapid.SampledFrom([]string{"depart", "arrive", "start", "start", "end"}).Draw(r, "step") {
					case "depart":
						_, err = c.dispatch.Depart(c.ctx, by, req)
					case "arrive":
						_, err = c.dispatch.Arrive(c.ctx, by, req)
					case "start":
						_, err = c.dispatch.Start(c.ctx, by, req)
					default:
						_, err = c.dispatch.End(c.ctx, by, dispatch.EndRequest{Visit: req.Visit, Outcome: muster.Fixed, At: req.At})
					}
				}
			case "stuck":
				err = c.dispatch.Stuck(c.ctx, graph.Wake{ID: string(ticket), Kind: muster.KindTicket}, 5, muster.E(muster.CodeInternal, "drawn", ""))
				require.NoError(r, err)
			case "take", "contact", "settle":
				which := dispatch.ExceptionRequest{Ticket: ticket, Kind: muster.ExceptionStuck}
				if open := c.exceptions(ticket); len(open) > 0 {
					which.Kind = rapid.SampledFrom(open).Draw(r, "exception").Kind
				}
				err = c.attend(command, which)
			case "crew":
				_, err = c.dispatch.Assign(c.ctx, c.as(dispatcher), dispatch.AssignRequest{Ticket: ticket, Expert: experts[0], Second: experts[1]})
			case "sick":
				_, err = c.dispatch.Sick(c.ctx, c.as(dispatcher), dispatch.SickRequest{Expert: experts[0], Until: clock.Now().Add(3 * time.Hour)})
			case "expert due":
				_, err = c.dispatch.Redecide(c.ctx, experts[0])
			case "need part":
				_, err = c.dispatch.NeedPart(c.ctx, c.as(dispatcher), dispatch.PartRequest{Ticket: ticket, Name: "relay"})
			case "order part":
				in := time.Duration(rapid.IntRange(1, 72).Draw(r, "hours")) * time.Hour
				_, err = c.dispatch.OrderPart(c.ctx, c.as(dispatcher), dispatch.PartRequest{Ticket: ticket, Name: "relay", ETA: clock.Now().Add(in)})
			case "part there":
				_, err = c.dispatch.PartThere(c.ctx, c.as(dispatcher), dispatch.PartRequest{Ticket: ticket, Name: "relay"})
			case "merge":
				into := rapid.SampledFrom(tickets).Draw(r, "into")
				_, err = c.dispatch.Merge(c.ctx, c.as(dispatcher), dispatch.MergeRequest{Ticket: ticket, Into: string(into)})
			case "ask both":
				_, err = c.dispatch.Offer(c.ctx, c.as(dispatcher), dispatch.OfferRequest{Ticket: ticket, Experts: experts})
			case "leave":
				from := clock.Now().Add(24 * time.Hour)
				_, err = c.dispatch.AddLeave(c.ctx, c.as(dispatcher), dispatch.LeaveRequest{
					Expert: experts[0], Leave: muster.Leave{Window: muster.Window{Start: from, End: from.Add(8 * time.Hour)}},
				})
			default:
				_, err = c.do(command, ticket, experts[0], experts[1])
			}
			if err != nil {
				refused++
				require.NotEqual(r, muster.CodeInternal, muster.CodeOf(err), "%s: %v", command, err)
			} else {
				done++
			}
		}
		report, err := c.dispatch.Fsck(c.ctx, store)
		require.NoError(r, err)
		if len(report.Breaches) > 0 {
			for _, tour := range c.tours() {
				for _, s := range tour.Stops {
					r.Logf("%s: %+v", tour.ID, s)
				}
			}
		}
		require.Empty(r, report.Breaches)
	})
	t.Logf("%d commands done, %d refused", done, refused)
	require.Greater(t, done, 200, "the histories must get somewhere")
}

// possible lists the commands that have a step in a state.
func possible(state string) []string {
	var out []string
	for command, states := range can {
		if slices.Contains(states, state) {
			out = append(out, command)
		}
	}
	slices.Sort(out)
	return out
}
