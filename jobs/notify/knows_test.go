package notify

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/dispatch"
	"github.com/sysopssquad/muster/graph"
)

// TestLongWhateverHappensPeopleKnowWhatIsTrue: people do anything with some tickets, in any order, and providers do anything
// with letters; when nothing more is to be sent each customer has been told last what is planned for them, or that nobody
// comes, and no expert believes in a visit that isn't theirs.
func TestLongWhateverHappensPeopleKnowWhatIsTrue(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		c := newCompany(t)
		p := newPeople(c, rapid.SliceOfN(rapid.SampledFrom(luck), 0, 40).Draw(r, "luck"))
		experts := []muster.ExpertID{c.expert("ana"), c.expert("li"), c.expert("kim")}
		tickets := []muster.TicketID{c.submit().ID, c.submit().ID}
		for range rapid.IntRange(1, 25).Draw(r, "steps") {
			c.deed(r, rapid.SampledFrom(tickets).Draw(r, "ticket"), experts)
			if rapid.Bool().Draw(r, "told at once") {
				for _, id := range tickets {
					c.hear(id)
				}
				p.work()
			}
			c.clock.Advance(time.Duration(rapid.SampledFrom([]int{0, 1, 5, 11, 60, 600}).Draw(r, "seconds")) * time.Second)
		}
		for _, id := range tickets {
			c.hear(id)
		}
		for range 90 { // in which each pause between two tries is over
			c.clock.Advance(time.Minute)
			p.work()
		}
		for _, id := range tickets {
			if wrong := p.believe(id, experts); wrong != "" {
				for _, line := range append(c.messages(id), p.story...) {
					r.Log(line)
				}
				require.Fail(r, wrong)
			}
		}
	})
}

// What becomes of a letter.
const (
	arrives  = "taken"
	busy     = "the provider takes none just now"
	noWay    = "the provider refuses it for good"
	unheard  = "it is delivered, and the answer is lost"
	vanishes = "it is lost, and so is the answer"
	dies     = "it is delivered, and the process that handed it over dies"
	died     = "the process dies before it is handed over"
)

// luck is drawn from; most letters arrive.
var luck = []string{arrives, arrives, arrives, busy, noWay, unheard, unheard, vanishes, dies, died}

// people read letters, and answer the phone when no letter has reached them. What they read or hear is what they believe.
type people struct {
	*company
	luck      []string // of the letters to come; then all arrive
	dead      bool     // the process that hands letters over
	delivered map[string]bool
	customers map[muster.TicketID]*muster.Told
	experts   map[belief]muster.Topic
	story     []string
}

// belief is whose, and about which ticket.
type belief struct {
	ticket muster.TicketID
	expert muster.ExpertID
}

func newPeople(c *company, luck []string) *people {
	p := &people{
		company: c, luck: luck, delivered: map[string]bool{},
		customers: map[muster.TicketID]*muster.Told{}, experts: map[belief]muster.Topic{},
	}
	for name, by := range map[string]*phone{"sms": c.sms, "mail": c.mail, "push": c.push} {
		by.fail = func(_ int, l Letter) error { return p.handed(name, by, l) }
	}
	c.store.commit = func(changes []graph.Change) (before, after error) {
		if p.dead && strings.HasPrefix(string(changes[0].Command.ID), Consumer) {
			return errFault, nil
		}
		return nil, nil
	}
	p.begin()
	return p
}

// begin is a process that begins to send.
func (p *people) begin() {
	p.restart()
	p.dead, p.notify.parallel = false, 1
	p.notify.call = func(_ context.Context, m *muster.Message, _, why string) error {
		p.called(m, why)
		return nil
	}
}

// work does what is due; whoever died over it is followed by another.
func (p *people) work() {
	p.Helper()
	p.company.work()
	if p.dead {
		p.begin()
	}
}

// handed is a letter that a provider gets.
func (p *people) handed(name string, by *phone, l Letter) error {
	what := arrives
	if p.dead {
		what = died
	} else if len(p.luck) > 0 {
		what, p.luck = p.luck[0], p.luck[1:]
	}
	id, _, _ := strings.Cut(l.Key, "/")
	p.story = append(p.story, fmt.Sprintf("%s %s %q: %s", p.clock.Now().Format(time.TimeOnly), name, l.Text, what))
	if key := name + l.Key; slices.Contains([]string{arrives, unheard, dies}, what) && !(by.once && p.delivered[key]) {
		p.delivered[key] = true
		p.read(id)
	}
	switch what {
	case busy:
		return &Failure{Why: what}
	case noWay:
		return &Failure{Why: what, Final: true}
	case unheard, vanishes:
		return &Failure{Why: what, Unknown: true}
	case dies, died:
		p.dead, p.notify.insist = true, 0 // it writes nothing down any more
		return &Failure{Why: what, Unknown: true}
	}
	return nil
}

// read is a letter that reaches its reader.
func (p *people) read(id string) {
	found, err := p.store.Records(context.Background(), "", id)
	require.NoError(p, err)
	m := found[id].(*muster.Message)
	require.Equal(p, muster.MessageSending, m.State)
	switch {
	case m.Expert != "" && m.Topic != muster.TopicOffer && m.Topic != muster.TopicComing:
		p.experts[belief{m.Ticket, m.Expert}] = m.Topic
	case m.Customer != "" && m.Told != nil:
		p.customers[m.Ticket] = m.Told
	}
}

// called is somebody whom a person tells what is planned, since no letter did.
func (p *people) called(m *muster.Message, why string) {
	k, err := p.store.TicketCase(context.Background(), "", caseOf(m.Ticket))
	require.NoError(p, err)
	p.story = append(p.story, fmt.Sprintf("%s somebody calls about %s: %s", p.clock.Now().Format(time.TimeOnly), m.Topic, why))
	v := k.Ticket.Visit
	comes := v != nil && v.State != muster.VisitOffered
	switch {
	case m.Expert != "" && comes && slices.Contains(v.Experts, m.Expert):
		p.experts[belief{m.Ticket, m.Expert}] = muster.TopicAssigned
	case m.Expert != "":
		p.experts[belief{m.Ticket, m.Expert}] = muster.TopicCancelled
	case comes:
		p.customers[m.Ticket] = &muster.Told{Experts: v.Experts, Window: k.Visits[len(k.Visits)-1].Window}
	default:
		p.customers[m.Ticket] = &muster.Told{}
	}
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

// believe says what somebody believes of a ticket that isn't so, "" if nobody does.
func (p *people) believe(id muster.TicketID, experts []muster.ExpertID) string {
	k, err := p.store.TicketCase(context.Background(), "", caseOf(id))
	require.NoError(p, err)
	told := p.customers[id]
	v := k.Ticket.Visit
	comes := v != nil && v.State != muster.VisitOffered
	switch {
	case comes && (told == nil || !slices.Equal(told.Experts, v.Experts)):
		return "the customer doesn't know who comes"
	case comes && !told.Window.Start.Equal(k.Visits[len(k.Visits)-1].Window.Start):
		return "the customer doesn't know when"
	case !comes && told != nil && !none(told):
		return "the customer waits for nobody"
	}
	for _, e := range experts {
		knows, has := p.experts[belief{id, e}], comes && slices.Contains(v.Experts, e)
		took := slices.ContainsFunc(k.Assignments, func(a muster.Assignment) bool {
			return a.Expert == e && a.Offer != "" && a.State == muster.AssignmentWithdrawn
		})
		switch {
		case !has && (knows == muster.TopicAssigned || knows == muster.TopicMoved || took && knows != muster.TopicCancelled):
			return string(e) + " believes that it is theirs"
		case has && knows == muster.TopicCancelled:
			mine := k.Assignments[len(k.Assignments)-1]
			if mine.Offer == "" { // else they took it themselves
				return string(e) + " believes that it isn't theirs"
			}
		}
	}
	return ""
}
