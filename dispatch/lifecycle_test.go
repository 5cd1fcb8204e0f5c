package dispatch_test

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/dispatch"
)

// can says in which states each command has a step: the walk below tries all pairs and holds the tables
// to it. It is written by hand from the design, not made from the tables.
var can = map[string][]string{
	"triage":   {"triage", "queued", "waiting"},
	"queue":    {"triage", "waiting"},
	"offer":    {"queued", "offered"},
	"assign":   {"queued", "offered"},
	"accept":   {"offered"},
	"decline":  {"offered"},
	"expire":   {"offered"},
	"depart":   {"assigned"},
	"arrive":   {"assigned", "en_route"},
	"start":    {"assigned", "en_route", "arrived"},
	"wait":     {"triage", "queued", "waiting", "offered", "assigned"},
	"wake":     {"waiting"},
	"complete": {"triage", "queued", "waiting", "offered", "assigned"},
	"resolve":  {"completed"},
	"cancel":   {"triage", "queued", "waiting", "offered", "assigned", "en_route"},
	"reopen":   {"completed", "resolved"},
	"reassign": {"assigned", "en_route"},
	"unassign": {"offered", "assigned", "en_route"},
	"undo":     {"offered", "assigned"},
	"merge":    {"triage", "queued", "waiting", "offered", "assigned"},

	"end fixed":                {"in_progress"},
	"end beyond_repair":        {"in_progress"},
	"end fault_not_found":      {"in_progress"},
	"end part_needed":          {"in_progress"},
	"end other_skill_needed":   {"in_progress"},
	"end second_person_needed": {"in_progress"},
	"end no_access":            {"arrived", "in_progress"},
	"end refused":              {"arrived", "in_progress"},
	"end unsafe":               {"arrived", "in_progress"},
}

// after is the state that a command leads to.
var after = map[string]string{
	"triage": "queued", "queue": "queued", "offer": "offered", "assign": "assigned", "accept": "assigned",
	"decline": "queued", "expire": "queued", "depart": "en_route", "arrive": "arrived", "start": "in_progress",
	"wait": "waiting", "wake": "queued", "complete": "completed", "resolve": "resolved", "cancel": "cancelled",
	"reopen": "queued", "reassign": "assigned", "unassign": "queued", "undo": "queued", "merge": "cancelled",
	"end fixed": "completed", "end beyond_repair": "completed", "end fault_not_found": "completed",
	"end part_needed": "waiting", "end other_skill_needed": "queued", "end second_person_needed": "queued",
	"end no_access": "waiting", "end refused": "waiting", "end unsafe": "triage",
}

// TestLongEveryStateMeetsEveryCommand walks all pairs. What isn't allowed is CodeState (CodeOfferGone where an offer
// is answered that is over) and changes nothing.
func TestLongEveryStateMeetsEveryCommand(t *testing.T) {
	states := []string{
		"triage", "queued", "offered", "assigned", "en_route", "arrived", "in_progress", "waiting",
		"completed", "resolved", "cancelled",
	}
	for _, state := range states {
		t.Run(state, func(t *testing.T) {
			c := newCompany(t)
			kim := c.expert("kim", 4)
			for command := range can {
				li := c.expert("li-"+strings.NewReplacer(" ", "-", "_", "-").Replace(command), 3) // of their own: an expert is on one visit at a time
				ticket := c.in(state, li.ID)
				before := c.load(ticket)
				require.Equal(t, state, before.Ticket.Shown())
				answer, err := c.do(command, ticket, li.ID, kim.ID)
				after_ := c.load(ticket)
				if slices.Contains(can[command], state) {
					require.NoError(t, err, command)
					require.Equal(t, after[command], answer.Ticket.Shown(), command)
					require.Equal(t, before.Ticket.Rev+1, after_.Ticket.Rev, command)
					require.Equal(t, after_.Ticket.State.Terminal(), len(after_.Ticket.Timers) == 0, command)
					continue
				}
				if command == "accept" || command == "decline" || command == "expire" {
					require.Contains(t, []muster.Code{muster.CodeState, muster.CodeOfferGone, muster.CodeNotFound}, muster.CodeOf(err), command)
				} else {
					require.Equal(t, muster.CodeState, muster.CodeOf(err), "%s from %s: %v", command, state, err)
					require.NotRegexp(t, `\b(resume|redecide|expire|replace)\b|it can:.*_`, err.Error(), "the hint names what people call, as they call it")
				}
				require.Equal(t, before, after_, command)
			}
			c.sound()
		})
	}
}

// in brings a new ticket to a state.
func (c *company) in(state string, li muster.ExpertID) muster.TicketID {
	c.Helper()
	if state == "triage" {
		id := c.submit(func(r *dispatch.SubmitRequest) { r.Needs = nil }).ID
		return id
	}
	id := c.submit().ID
	ticket := dispatch.TicketRequest{Ticket: id}
	var err error
	switch state {
	case "queued":
	case "offered":
		c.offer(id, li)
	case "waiting":
		_, err = c.dispatch.Wait(c.ctx, c.as(helpdesk), dispatch.WaitRequest{Ticket: id, For: muster.WaitDate, Until: c.clock.Now().Add(time.Hour)})
	case "cancelled":
		_, err = c.dispatch.Cancel(c.ctx, c.as(helpdesk), ticket)
	case "completed", "resolved":
		_, err = c.dispatch.Complete(c.ctx, c.as(helpdesk), dispatch.CompleteRequest{Ticket: id, Outcome: muster.Fixed})
		require.NoError(c, err)
		if state == "resolved" {
			_, err = c.dispatch.Resolve(c.ctx, c.as(helpdesk), ticket)
		}
	default:
		a := c.assign(id, li)
		if state != "assigned" {
			c.under(a.Visit.ID, li, muster.VisitState(state))
		}
	}
	require.NoError(c, err)
	return id
}

// do gives a command that would be right in a state where it is possible. Expiry needs the deadline to pass.
func (c *company) do(command string, id muster.TicketID, li, kim muster.ExpertID) (dispatch.Answer, error) {
	c.Helper()
	k := c.load(id)
	ticket := dispatch.TicketRequest{Ticket: id, Reason: "because"}
	visit := dispatch.VisitRequest{Visit: "vis_none"}
	if len(k.Visits) > 0 {
		visit.Visit = k.Visits[len(k.Visits)-1].ID
	}
	offer := dispatch.AnswerRequest{Offer: "off_none"}
	if len(k.Offers) > 0 {
		offer.Offer = k.Offers[len(k.Offers)-1].ID
	}
	d, by := c.dispatch, c.as(dispatcher)
	if outcome, isEnd := strings.CutPrefix(command, "end "); isEnd {
		req := dispatch.EndRequest{Visit: visit.Visit, Outcome: muster.VisitOutcome(outcome)}
		if req.Outcome == muster.OtherSkillNeeded {
			req.Needs = []muster.Need{{Skill: gas, Level: 3}}
		}
		if visit.Visit == "vis_none" {
			return dispatch.Answer{}, muster.E(muster.CodeState, "there is no visit to end", "")
		}
		return d.End(c.ctx, by, req)
	}
	steps := map[string]func(context.Context, muster.Command, dispatch.VisitRequest) (dispatch.Answer, error){
		"depart": d.Depart, "arrive": d.Arrive, "start": d.Start,
	}
	if step, ok := steps[command]; ok {
		if visit.Visit == "vis_none" {
			return dispatch.Answer{}, muster.E(muster.CodeState, "there is no visit", "")
		}
		return step(c.ctx, by, visit)
	}
	switch command {
	case "triage":
		return d.Triage(c.ctx, by, dispatch.TriageRequest{Ticket: id, Needs: c.request().Needs})
	case "queue":
		if k.Ticket.State == muster.Triage { // it must be known what it needs first
			return d.Triage(c.ctx, by, dispatch.TriageRequest{Ticket: id, Needs: c.request().Needs})
		}
		return d.Queue(c.ctx, by, ticket)
	case "offer":
		if k.Ticket.State == muster.Scheduled {
			li = kim // another
		}
		return d.Offer(c.ctx, by, dispatch.OfferRequest{Ticket: id, Expert: li})
	case "assign":
		return d.Assign(c.ctx, by, dispatch.AssignRequest{Ticket: id, Expert: kim})
	case "reassign":
		return d.Reassign(c.ctx, by, dispatch.AssignRequest{Ticket: id, Expert: kim})
	case "accept":
		return d.Accept(c.ctx, by, offer)
	case "decline":
		return d.Decline(c.ctx, by, offer)
	case "expire":
		by.Actor = muster.System("timers")
		now := c.clock.Now()
		defer c.clock.Set(now)
		c.clock.Advance(15 * time.Minute)
		return d.Expire(c.ctx, by, offer)
	case "wait":
		return d.Wait(c.ctx, by, dispatch.WaitRequest{Ticket: id, For: muster.WaitParts, Until: c.clock.Now().Add(time.Hour)})
	case "wake":
		return d.Wake(c.ctx, by, ticket)
	case "complete":
		return d.Complete(c.ctx, by, dispatch.CompleteRequest{Ticket: id, Outcome: muster.Fixed})
	case "resolve":
		return d.Resolve(c.ctx, by, ticket)
	case "cancel":
		return d.Cancel(c.ctx, by, ticket)
	case "reopen":
		return d.Reopen(c.ctx, by, ticket)
	case "merge":
		return d.Merge(c.ctx, by, dispatch.MergeRequest{Ticket: id, Into: string(c.submit().ID)})
	case "unassign":
		return d.Unassign(c.ctx, by, ticket)
	default:
		return d.Undo(c.ctx, by, ticket)
	}
}
