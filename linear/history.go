package linear

import (
	"context"
	"encoding/json"
	"errors"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/anishathalye/porcupine"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/dispatch"
	"github.com/sysopssquad/muster/graph"
)

// scene is a kind of quarrel.
type scene struct {
	name             string
	tickets, experts int
	single           bool // experts have room for one visit a day
	callers, each    int  // goroutines, and how many operations each has at least
	asked            int  // experts asked at once before it begins
	verbs            []string
}

// scenes are the quarrels that are had. A verb that is named twice is asked twice as often.
var scenes = []scene{
	{
		name: "one ticket", tickets: 1, experts: 4, callers: 16, each: 5,
		verbs: strings.Split("offer,offer,assign,accept,accept,decline,expire,depart,arrive,start,reassign,unassign,undo,undo,"+
			"wait,wake,triage,complete,reopen,reopen,end fixed,end no_access,end unsafe,look,look", ","),
	},
	{
		name: "last opening", tickets: 8, experts: 1, single: true, callers: 16, each: 5,
		verbs: strings.Split("assign,assign,assign,offer,offer,accept,accept,decline,expire,unassign,unassign,undo,wait,wake,look,look", ","),
	},
	{
		name: "revocation", tickets: 2, experts: 2, callers: 12, each: 6,
		verbs: strings.Split("assign,assign,reassign,reassign,offer,offer,accept,accept,unassign,undo,edit,edit,edit,block,look", ","),
	},
	{
		name: "acceptance", tickets: 1, experts: 50, callers: 50, each: 1, asked: 50,
		verbs: strings.Split("accept,accept,accept,accept,accept,accept,decline,look", ","),
	},
}

// Names lists the kinds of quarrels.
func Names() (out []string) {
	for _, s := range scenes {
		out = append(out, s.name)
	}
	return out
}

// history is one quarrel in progress.
type history struct {
	scene
	c        *company
	customer muster.Customer
	tickets  []muster.Ticket
	experts  []muster.Expert
	number   map[muster.ExpertID]int
	day      time.Time
	troubled float64 // share of commits whose outcome the caller doesn't learn

	tick atomic.Int64
	mu   sync.Mutex
	ops  []porcupine.Operation
	seen []Told // what was last told of each ticket
	err  error  // a defect of this program
	hits int

	settled map[muster.CommandID]*Told // commands whose outcome somebody didn't learn; nil: it never was carried out
}

// newHistory prepares a quarrel for a day.
func newHistory(ctx context.Context, c *company, s scene, day time.Time, troubled float64) (*history, error) {
	h := &history{scene: s, c: c, day: day, number: make(map[muster.ExpertID]int), troubled: troubled}
	var err error
	if h.customer, h.tickets, err = c.customer(ctx, h.day, s.tickets); err != nil {
		return nil, err
	}
	for _, shop := range c.shops {
		if shop.single == s.single {
			h.experts = shop.experts[:s.experts]
		}
	}
	for i, e := range h.experts {
		h.number[e.ID] = i
	}
	h.seen = make([]Told, s.tickets)
	for i, t := range h.tickets {
		h.seen[i] = Told{Rev: t.Rev, Shown: t.Shown()}
	}
	return h, nil
}

// run has the quarrel, and looks at all tickets when it is over.
func (h *history) run(ctx context.Context, seed uint64) error {
	caller := func(n int) *rand.Rand { return rand.New(rand.NewPCG(seed, uint64(n))) }
	first := caller(-1)
	if h.asked > 0 {
		h.do(ctx, first, Call{Verb: "offer", Experts: first.Perm(h.asked), By: "usr_first", Command: h.c.command(admin).ID}, 0)
	}
	var all sync.WaitGroup
	for n := range h.callers {
		all.Go(func() {
			r := caller(n)
			for range h.each {
				h.do(ctx, r, h.choose(r, n), n)
			}
		})
	}
	all.Wait()
	for i := range h.tickets {
		h.do(ctx, first, Call{Verb: "look", Ticket: i}, 0)
	}
	if err := h.settle(ctx); err != nil {
		return err
	}
	if err := h.windUp(ctx); err != nil {
		return err
	}
	if h.single || h.scene.name == "revocation" { // as they were, for the next day
		for _, e := range h.experts {
			if _, err := h.c.nodes[0].SaveExpert(ctx, h.c.command(admin), e); err != nil {
				return err
			}
		}
	}
	return h.err
}

// choose picks what a caller asks next: mostly something that the ticket's last known state has a step for.
func (h *history) choose(r *rand.Rand, caller int) Call {
	if r.IntN(12) == 0 {
		if c, ok := h.again(r); ok {
			return c
		}
	}
	c := Call{Ticket: r.IntN(h.scene.tickets), By: muster.UserID("usr_" + string(rune('a'+caller%3))), Command: h.c.command(admin).ID}
	h.mu.Lock()
	last := h.seen[c.Ticket]
	h.mu.Unlock()
	for try := 0; ; try++ {
		c.Verb = h.verbs[r.IntN(len(h.verbs))]
		row, bound := steps[c.Verb]
		if !bound || slices.Contains(row.from, last.Shown) || try > 0 && r.IntN(5) == 0 {
			break
		}
	}
	if r.IntN(40) == 0 && h.scene.name == "one ticket" {
		c.Verb = []string{"cancel", "resolve"}[r.IntN(2)]
	}
	switch c.Verb {
	case "offer":
		c.Experts = r.Perm(h.scene.experts)[:1+r.IntN(min(3, h.scene.experts))]
	case "assign", "reassign":
		c.Experts = []int{r.IntN(h.scene.experts)}
	case "edit":
		c.Experts = []int{r.IntN(h.scene.experts)}
		if r.IntN(2) == 0 {
			c.As = 1 + r.IntN(variantsOf-1)
		}
	case "block":
		c.Experts, c.As = []int{r.IntN(h.scene.experts)}, r.IntN(2)
	case "accept", "decline", "expire":
		if c.Part = "off_none"; len(last.Offers) > 0 {
			c.Part = last.Offers[r.IntN(len(last.Offers))].Offer
		}
		if c.Verb == "decline" && r.IntN(2) == 0 && h.scene.name == "revocation" {
			c.Reason = "not_this_customer"
		}
	case "depart", "arrive", "start", "end fixed", "end no_access", "end unsafe":
		if c.Part = last.Visit; c.Part == "" {
			c.Part = "vis_none"
		}
	}
	if _, bound := steps[c.Verb]; bound && r.IntN(10) == 0 {
		c.Seen = last.Rev
	}
	return c
}

// again picks a command that was sent before.
func (h *history) again(r *rand.Rand) (Call, bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if len(h.ops) == 0 {
		return Call{}, false
	}
	i := r.IntN(len(h.ops))
	c := h.ops[i].Input.(Call)
	if _, bound := steps[c.Verb]; !bound {
		return Call{}, false
	}
	return c, true
}

// do has a caller ask something, and writes down what it was and when.
func (h *history) do(ctx context.Context, r *rand.Rand, c Call, caller int) {
	t := &trouble{rand: r}
	if r.Float64() < h.troubled {
		t.fate, t.settles = fate(1+r.IntN(2)), r.IntN(2) == 0 || c.Verb == "undo"
	}
	asking, cancel := context.WithCancel(context.WithValue(ctx, troubleKey{}, t))
	defer cancel()
	t.giveUp = cancel
	call := h.tick.Add(1)
	told, err := h.ask(asking, c, h.c.nodes[caller%len(h.c.nodes)])
	back := h.tick.Add(1)
	if told.Code = muster.CodeOf(err); ctx.Err() != nil {
		return
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if t.hit {
		h.hits++
	}
	if told.Code == "" && told.Shown != "" && told.Rev > h.seen[c.Ticket].Rev {
		known := h.seen[c.Ticket].Offers
		h.seen[c.Ticket] = told
		if c.Verb != "look" && c.Verb != "undo" && len(told.Offers) == 0 { // callers go on asking for offers that are over
			h.seen[c.Ticket].Offers = known
		}
	}
	h.ops = append(h.ops, porcupine.Operation{ClientId: caller, Input: c, Output: told, Call: call, Return: back})
}

// ask puts a question to dispatch.
func (h *history) ask(ctx context.Context, c Call, d *dispatch.Dispatch) (Told, error) {
	id := h.tickets[c.Ticket].ID
	cmd := muster.Command{ID: c.Command, Actor: muster.Actor{ID: c.By, Role: muster.RoleDispatcher, Name: string(c.By)}}
	if c.Seen != 0 {
		cmd.Seen = &c.Seen
	}
	ticket := dispatch.TicketRequest{Ticket: id, Reason: "because"}
	visit := dispatch.VisitRequest{Visit: muster.VisitID(c.Part)}
	offer := dispatch.AnswerRequest{Offer: muster.OfferID(c.Part), Reason: c.Reason}
	var a dispatch.Answer
	var err error
	if outcome, ok := strings.CutPrefix(c.Verb, "end "); ok {
		a, err = d.End(ctx, cmd, dispatch.EndRequest{Visit: visit.Visit, Outcome: muster.VisitOutcome(outcome), Until: h.day.AddDate(0, 0, 3)})
		return h.told(a, err)
	}
	switch c.Verb {
	case "look":
		return h.look(ctx, id)
	case "edit":
		cmd.Actor = admin
		_, err = d.SaveExpert(ctx, cmd, variant(h.experts[c.Experts[0]], c.As, h.day))
		return Told{}, err
	case "block":
		cmd.Actor = admin
		return Told{}, h.block(ctx, d, cmd, c)
	case "offer":
		a, err = d.Offer(ctx, cmd, dispatch.OfferRequest{Ticket: id, Experts: h.named(c.Experts)})
	case "assign":
		a, err = d.Assign(ctx, cmd, dispatch.AssignRequest{Ticket: id, Expert: h.experts[c.Experts[0]].ID})
	case "reassign":
		a, err = d.Reassign(ctx, cmd, dispatch.AssignRequest{Ticket: id, Expert: h.experts[c.Experts[0]].ID})
	case "accept":
		a, err = d.Accept(ctx, cmd, offer)
	case "decline":
		a, err = d.Decline(ctx, cmd, offer)
	case "expire":
		cmd.Actor = timekeeper
		a, err = h.c.late.Expire(ctx, cmd, offer)
	case "depart":
		a, err = d.Depart(ctx, cmd, visit)
	case "arrive":
		a, err = d.Arrive(ctx, cmd, visit)
	case "start":
		a, err = d.Start(ctx, cmd, visit)
	case "wait":
		a, err = d.Wait(ctx, cmd, dispatch.WaitRequest{Ticket: id, For: muster.WaitDate, Until: h.day.AddDate(0, 0, 3)})
	case "wake":
		a, err = d.Wake(ctx, cmd, ticket)
	case "triage":
		a, err = d.Triage(ctx, cmd, dispatch.TriageRequest{Ticket: id, Needs: h.tickets[c.Ticket].Needs})
	case "complete":
		a, err = d.Complete(ctx, cmd, dispatch.CompleteRequest{Ticket: id, Outcome: muster.Fixed})
	case "resolve":
		a, err = d.Resolve(ctx, cmd, ticket)
	case "cancel":
		a, err = d.Cancel(ctx, cmd, ticket)
	case "reopen":
		a, err = d.Reopen(ctx, cmd, ticket)
	case "unassign":
		a, err = d.Unassign(ctx, cmd, ticket)
	case "undo":
		a, err = d.Undo(ctx, cmd, ticket)
	default:
		panic("linear: no such verb: " + c.Verb)
	}
	return h.told(a, err)
}

func (h *history) named(experts []int) (out []muster.ExpertID) {
	for _, e := range experts {
		out = append(out, h.experts[e].ID)
	}
	return out
}

// block has the customer want an expert no more, or again; whom else they block stays. Two who do so at once are told
// that it is stale, and the second looks again.
func (h *history) block(ctx context.Context, d *dispatch.Dispatch, cmd muster.Command, c Call) error {
	e := h.experts[c.Experts[0]].ID
	for {
		found, err := h.c.store.CustomerCase(ctx, "", h.customer.ID)
		if err != nil {
			return err
		}
		next := found.Customer
		next.Blocked = slices.DeleteFunc(slices.Clone(next.Blocked), func(b muster.Block) bool { return b.Expert == e })
		if c.As == 1 {
			next.Blocked = append(next.Blocked, muster.Block{Expert: e, Since: h.c.clock.Now(), Why: "because"})
		}
		_, err = d.SaveCustomer(ctx, cmd, dispatch.CustomerRequest{Customer: next})
		if muster.CodeOf(err) != muster.CodeStale {
			return err
		}
	}
}

func (h *history) told(a dispatch.Answer, err error) (Told, error) {
	if err != nil {
		return Told{}, err
	}
	t := Told{Rev: a.Ticket.Rev, Shown: a.Ticket.Shown()}
	if v := a.Ticket.Visit; v != nil {
		t.Visit = string(v.ID)
		for _, e := range v.Experts {
			t.Experts = append(t.Experts, h.number[e])
		}
		slices.Sort(t.Experts)
	}
	for _, o := range a.Offers {
		if o.State == muster.OfferOpen {
			t.Offers = append(t.Offers, asked{string(o.ID), h.number[o.Expert]})
		}
	}
	return t, nil
}

// look reads a ticket with its parts, as a decision would.
func (h *history) look(ctx context.Context, id muster.TicketID) (Told, error) {
	k, err := h.c.store.TicketCase(ctx, "", graph.CaseRef{Ticket: id})
	if err != nil {
		return Told{}, err
	}
	t, _ := h.told(dispatch.Answer{Ticket: k.Ticket, Offers: k.Offers}, nil)
	for _, a := range k.Assignments {
		if a.State == muster.AssignmentActive {
			t.Active++
		}
	}
	return t, nil
}

// windUp ends what is open, so that nobody is still under way on the next day.
func (h *history) windUp(ctx context.Context) error {
	d := h.c.nodes[0]
	for _, t := range h.tickets {
		k, err := h.c.store.TicketCase(ctx, "", graph.CaseRef{Ticket: t.ID})
		if err != nil {
			return err
		}
		switch v := k.Ticket.Visit; {
		case v == nil:
		case v.State == muster.VisitArrived || v.State == muster.VisitInProgress:
			_, err = d.End(ctx, h.c.command(admin), dispatch.EndRequest{Visit: v.ID, Outcome: muster.Unsafe})
		default:
			_, err = d.Cancel(ctx, h.c.command(admin), dispatch.TicketRequest{Ticket: t.ID})
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// settle finds out what became of commands whose outcome somebody didn't learn: the store knows them or doesn't.
func (h *history) settle(ctx context.Context) error {
	h.settled = make(map[muster.CommandID]*Told)
	for _, o := range h.ops {
		c := o.Input.(Call)
		if o.Output.(Told).Code != muster.CodeUnknown {
			continue
		}
		h.settled[c.Command] = nil
		_, err := h.c.store.Records(ctx, c.Command, string(h.customer.ID))
		if known := (*graph.Replayed)(nil); errors.As(err, &known) {
			var a dispatch.Answer
			told := Told{}
			if _, bound := steps[c.Verb]; bound {
				if err := json.Unmarshal(known.Outcome.Result, &a); err != nil {
					return err
				}
				told, _ = h.told(a, nil)
			}
			h.settled[c.Command] = &told
		} else if err != nil {
			return err
		}
	}
	return nil
}

// known is the history with what the store told in the end of outcomes that weren't learnt: what was carried out was so
// at some time after it was asked, what wasn't changed nothing.
func (h *history) known(ops []porcupine.Operation) (out []porcupine.Operation) {
	for _, o := range ops {
		if o.Output.(Told).Code == muster.CodeUnknown {
			told := h.settled[o.Input.(Call).Command]
			if told == nil {
				continue
			}
			o.Output, o.Return = *told, max(o.Return, h.tick.Load())
		}
		out = append(out, o)
	}
	return out
}

// rules is what the model must know of the quarrel.
func (h *history) rules() rules {
	return rules{tickets: h.scene.tickets, experts: h.scene.experts, single: h.single}
}

// recorded is the history as it happened, with those commands marked that were sent more than once.
func (h *history) recorded() []porcupine.Operation {
	times := make(map[muster.CommandID]int)
	for _, o := range h.ops {
		times[o.Input.(Call).Command]++
	}
	out := slices.Clone(h.ops)
	for i := range out {
		c := out[i].Input.(Call)
		c.Repeated = c.Command != "" && times[c.Command] > 1
		out[i].Input = c
	}
	return out
}
