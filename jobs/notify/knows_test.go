package notify

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/dispatch"
)

// TestLongWhateverHappensPeopleKnowWhatIsTrue: people do anything with some tickets, in any order; when nothing more is to be
// sent each customer has been told last what is planned for them, or that nobody comes, and no expert believes in a visit
// that isn't theirs.
func TestLongWhateverHappensPeopleKnowWhatIsTrue(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		c := newCompany(t)
		experts := []muster.ExpertID{c.expert("ana"), c.expert("li"), c.expert("kim")}
		tickets := []muster.TicketID{c.submit().ID, c.submit().ID}
		for range rapid.IntRange(1, 25).Draw(r, "steps") {
			c.deed(r, rapid.SampledFrom(tickets).Draw(r, "ticket"), experts)
			if rapid.Bool().Draw(r, "told at once") {
				for _, id := range tickets {
					c.hear(id)
				}
				c.work()
			}
			c.clock.Advance(time.Duration(rapid.SampledFrom([]int{0, 1, 5, 11, 60, 600}).Draw(r, "seconds")) * time.Second)
		}
		for _, id := range tickets {
			c.hear(id)
		}
		for range 50 {
			c.after(time.Minute)
		}
		for _, id := range tickets {
			if wrong := c.believes(id, experts); wrong != "" {
				for _, line := range c.messages(id) {
					r.Log(line)
				}
				require.Fail(r, wrong)
			}
		}
	})
}

// deed is something that somebody does to a ticket; it may be refused.
func (c *company) deed(r *rapid.T, id muster.TicketID, experts []muster.ExpertID) {
	k, err := c.store.TicketCase(c.ctx, "", caseOf(id))
	require.NoError(r, err)
	e, d, ctx := rapid.SampledFrom(experts).Draw(r, "expert"), c.dispatch, c.ctx
	by := rapid.SampledFrom([]muster.Actor{dana, rounds, lou}).Draw(r, "by")
	start := monday.Add(time.Duration(rapid.IntRange(3, 30).Draw(r, "hours")) * time.Hour)
	ticket := dispatch.TicketRequest{Ticket: id, Reason: "drawn"}
	switch rapid.SampledFrom([]string{
		"assign", "assign", "reassign", "unassign", "offer", "offer", "accept", "accept", "decline", "cancel", "wait", "wake", "choose",
		"complete", "undo", "depart", "sick", "order", "reopen", "merge", "there",
	}).Draw(r, "deed") {
	case "assign":
		_, err = d.Assign(ctx, c.as(by), dispatch.AssignRequest{Ticket: id, Expert: e, Start: start})
	case "reassign":
		_, err = d.Reassign(ctx, c.as(dana), dispatch.AssignRequest{Ticket: id, Expert: e, Start: start})
	case "unassign":
		_, err = d.Unassign(ctx, c.as(dana), ticket)
	case "offer":
		_, err = d.Offer(ctx, c.as(by), dispatch.OfferRequest{Ticket: id, Experts: experts[:rapid.IntRange(1, 3).Draw(r, "asked")], Start: start})
	case "accept", "decline":
		for _, o := range k.Offers {
			if o.State == muster.OfferOpen {
				do := d.Accept
				if rapid.IntRange(0, 2).Draw(r, "no") == 0 {
					do = d.Decline
				}
				_, err = do(ctx, c.as(self(o.Expert)), dispatch.AnswerRequest{Offer: o.ID})
				break
			}
		}
	case "cancel":
		if rapid.IntRange(0, 3).Draw(r, "really") == 0 {
			_, err = d.Cancel(ctx, c.as(dana), ticket)
		}
	case "wait":
		_, err = d.Wait(ctx, c.as(dana), dispatch.WaitRequest{Ticket: id, For: muster.WaitCustomer, Until: monday.Add(48 * time.Hour)})
	case "wake":
		_, err = d.Wake(ctx, c.as(dana), ticket)
	case "choose":
		_, err = d.ChooseWindows(ctx, c.as(dana), dispatch.WindowsRequest{Ticket: id, Windows: []muster.Window{{Start: start, End: start.Add(4 * time.Hour)}}})
	case "complete":
		if rapid.IntRange(0, 3).Draw(r, "really") == 0 {
			_, err = d.Complete(ctx, c.as(dana), dispatch.CompleteRequest{Ticket: id, Outcome: muster.Fixed})
		}
	case "undo":
		_, err = d.Undo(ctx, c.as(by), ticket)
	case "depart":
		if v := k.Ticket.Visit; v != nil && v.State == muster.VisitAssigned {
			_, err = d.Depart(ctx, c.as(self(v.Experts[0])), dispatch.VisitRequest{Visit: v.ID})
		}
	case "sick":
		_, err = d.Sick(ctx, c.as(dana), dispatch.SickRequest{Expert: e})
	case "order":
		_, err = d.OrderPart(ctx, c.as(dana), dispatch.PartRequest{Ticket: id, Name: "relay", ETA: start})
	case "there":
		_, err = d.PartThere(ctx, c.as(dana), dispatch.PartRequest{Ticket: id, Name: "relay"})
	case "reopen":
		_, err = d.Reopen(ctx, c.as(dana), ticket)
	case "merge":
		if rapid.IntRange(0, 3).Draw(r, "really") == 0 {
			_, err = d.Merge(ctx, c.as(dana), dispatch.MergeRequest{Ticket: id, Into: string(c.submit().ID)})
		}
	}
	require.NotEqual(r, muster.CodeInternal, muster.CodeOf(err), "%v", err)
}

// believes says what somebody believes of a ticket that isn't so, "" if nobody does.
func (c *company) believes(id muster.TicketID, experts []muster.ExpertID) string {
	k, err := c.store.TicketCase(context.Background(), "", caseOf(id))
	require.NoError(c, err)
	found, err := c.store.Messages(c.ctx, every, []muster.TicketID{id}, 500)
	require.NoError(c, err)
	slices.SortStableFunc(found, func(a, b *muster.Message) int { return a.EndedAt.Compare(b.EndedAt) })
	var told *muster.Told
	knows := map[muster.ExpertID]string{}
	for _, m := range found {
		switch {
		case m.State != muster.MessageSent:
		case m.Expert != "" && m.Topic != muster.TopicOffer && m.Topic != muster.TopicComing:
			knows[m.Expert] = string(m.Topic)
		case m.Customer != "" && m.Told != nil:
			told = m.Told
		}
	}
	v := k.Ticket.Visit
	comes := v != nil && v.State != muster.VisitOffered
	switch {
	case comes && (told == nil || !slices.Equal(told.Experts, v.Experts)):
		return "the customer doesn't know who comes"
	case comes && !told.Window.Start.Equal(k.Visits[len(k.Visits)-1].Window.Start):
		return "the customer doesn't know when"
	case !comes && told != nil && !none(told):
		return "the customer waits for nobody, " + strings.Join(c.messages(id), "; ")
	}
	for _, e := range experts {
		has := comes && slices.Contains(v.Experts, e)
		took := slices.ContainsFunc(k.Assignments, func(a muster.Assignment) bool {
			return a.Expert == e && a.Offer != "" && a.State == muster.AssignmentWithdrawn
		})
		switch {
		case !has && (knows[e] == "assigned" || knows[e] == "moved" || took && knows[e] != "cancelled"):
			return string(e) + " believes that it is theirs"
		case has && knows[e] == "cancelled":
			mine := k.Assignments[len(k.Assignments)-1]
			if mine.Offer == "" { // else they took it themselves
				return string(e) + " believes that it isn't theirs"
			}
		}
	}
	return ""
}
