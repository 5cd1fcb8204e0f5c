package graphtest

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/graph"
)

// known lists all ids that the model has, and one that nobody has.
func (h *history) known() []string {
	return append(slices.Sorted(maps.Keys(h.model.records)), "tic_none")
}

func (h *history) scope() muster.Scope {
	return pick(h, "scope", muster.Scope{Everything: true}, muster.Scope{Everything: true}, muster.Scope{},
		muster.Scope{Customer: Customer(1).ID}, muster.Scope{Expert: Expert(1).ID}, muster.Scope{Customer: Customer(2).ID, Expert: Expert(2).ID})
}

// compareDecisions reads by drawn references on both sides.
func (h *history) compareDecisions() {
	cmd := muster.CommandID("")
	if len(h.changes) > 0 && h.between("with command", 0, 4) == 0 {
		cmd = rapid.SampledFrom(h.changes).Draw(h.T, "command").Command.ID
	}
	n := h.between("n", 1, tickets+1)
	span := muster.Window{Start: Start.Add(12 * time.Hour), End: Start.Add(40 * time.Hour)}
	h.compareCase(cmd, pick(h, "ref",
		graph.CaseRef{Ticket: Ticket(Device(Site("", 1), 1), n).ID}, graph.CaseRef{Number: int64(n)},
		graph.CaseRef{Visit: muster.VisitID(fmt.Sprintf("vis_%d-1", n))}, graph.CaseRef{Offer: muster.OfferID(fmt.Sprintf("off_%d-2", n))},
		graph.CaseRef{Ticket: Ticket(Device(Site("", 1), 1), n).ID, Experts: []muster.ExpertID{Expert(1).ID, Expert(2).ID}, Span: span}))
	customer := Customer(h.between("customer", 1, customers+1)).ID
	wantC, wantErr := h.model.CustomerCase(h.ctx, cmd, customer)
	gotC, gotErr := h.store.CustomerCase(h.ctx, cmd, customer)
	sameCase(h, "CustomerCase", wantC, wantErr, gotC, gotErr)
	expert := Expert(h.between("expert", 1, experts+1)).ID
	from := Start.Add(time.Duration(h.between("from", 0, 60)) * time.Hour)
	wantE, wantErr := h.model.ExpertCase(h.ctx, cmd, expert, from)
	gotE, gotErr := h.store.ExpertCase(h.ctx, cmd, expert, from)
	sameCase(h, "ExpertCase", wantE, wantErr, gotE, gotErr)
	ref := graph.RoundRef{
		Region: pick(h, "region", regions...), Reach: regions[:h.between("reach", 1, 2)], Span: span,
		Limit: h.between("limit", 1, 4), Skip: h.between("skip", 0, 2),
	}
	wantR, wantErr := h.model.Round(h.ctx, ref)
	gotR, gotErr := h.store.Round(h.ctx, ref)
	same(h, "Round", wantR, wantErr, gotR, gotErr)
	after := pick(h, "after", "", Expert(1).ID, Expert(2).ID)
	wantP, wantErr := h.model.Peers(h.ctx, after, ref.Limit)
	gotP, gotErr := h.store.Peers(h.ctx, after, ref.Limit)
	same(h, "Peers", wantP, wantErr, gotP, gotErr)
}

func (h *history) compareCase(cmd muster.CommandID, ref graph.CaseRef) {
	want, wantErr := h.model.TicketCase(h.ctx, cmd, ref)
	got, gotErr := h.store.TicketCase(h.ctx, cmd, ref)
	sameCase(h, fmt.Sprintf("TicketCase %+v", ref), want, wantErr, got, gotErr)
}

// sameCase is same for loads that may tell of a replay.
func sameCase[V any](h *history, what string, want V, wantErr error, got V, gotErr error) {
	h.Helper()
	var wantReplay, gotReplay *graph.Replayed
	if errors.As(wantErr, &wantReplay) {
		require.True(h, errors.As(gotErr, &gotReplay), "%s: no replay, but %v", what, gotErr)
		same(h, what, wantReplay.Outcome, nil, gotReplay.Outcome, nil)
		return
	}
	same(h, what, want, wantErr, got, gotErr)
}

// compareLists reads lists with drawn scopes, filters and pages on both sides.
func (h *history) compareLists() {
	scope := h.scope()
	page := graph.Page{Limit: h.between("limit", 1, 3)}
	f := graph.TicketFilter{
		States: pick(h, "states", nil, []string{"open"}, []string{"queued", "assigned"}, []string{"scheduled"}, []string{"resolved"}),
	}
	switch h.between("filter", 0, 7) {
	case 0:
		f.Customer = Customer(1).ID
	case 1:
		f.Expert = Expert(1).ID
	case 2:
		f.Region = regions[0]
	case 3:
		f.Priority = muster.PriorityNormal
	case 4:
		f.Since = Start.Add(time.Hour)
	case 5:
		f.Exceptions = graph.ExceptionFilter{Any: true}
	case 6:
		f.Region, f.Exceptions = regions[0], graph.ExceptionFilter{Kind: muster.ExceptionLate, Free: true}
	}
	for more := true; more; {
		want, wantNext, wantErr := h.model.Tickets(h.ctx, scope, f, page)
		got, gotNext, gotErr := h.store.Tickets(h.ctx, scope, f, page)
		same(h, "Tickets", want, wantErr, got, gotErr)
		require.Equal(h, wantNext, gotNext, "Tickets")
		page.After, more = wantNext, wantNext != ""
	}
	counts, wantErr := h.model.TicketCounts(h.ctx, scope)
	gotCounts, gotErr := h.store.TicketCounts(h.ctx, scope)
	same(h, "TicketCounts", counts, wantErr, gotCounts, gotErr)
	text := pick(h, "text", "", "smi", "mü", "zoë m", "m zo", "nobody", "c1@ex")
	want, wantNext, wantErr := h.model.Customers(h.ctx, scope, text, page)
	got, gotNext, gotErr := h.store.Customers(h.ctx, scope, text, page)
	same(h, "Customers", want, wantErr, got, gotErr)
	require.Equal(h, wantNext, gotNext, "Customers")
	ef := pick(h, "experts", graph.ExpertFilter{}, graph.ExpertFilter{Skill: skillIDs[0]},
		graph.ExpertFilter{Skill: skillIDs[0], Skills: skillIDs[:2]}, graph.ExpertFilter{Region: regions[1], Text: "exp"})
	wantX, wantNext, wantErr := h.model.Experts(h.ctx, scope, ef, page)
	gotX, gotNext, gotErr := h.store.Experts(h.ctx, scope, ef, page)
	same(h, "Experts", wantX, wantErr, gotX, gotErr)
	require.Equal(h, wantNext, gotNext, "Experts")
	span := muster.Window{Start: Start, End: Start.Add(time.Duration(h.between("hours", 1, 70)) * time.Hour)}
	by := pick(h, "by", nil, []muster.ExpertID{Expert(1).ID})
	wantT, wantErr := h.model.Tours(h.ctx, scope, by, span)
	gotT, gotErr := h.store.Tours(h.ctx, scope, by, span)
	same(h, "Tours", wantT, wantErr, gotT, gotErr)
	h.compareHistory(scope, rapid.SampledFrom(h.known()).Draw(h.T, "aggregate"))
}

func (h *history) compareHistory(scope muster.Scope, id string) {
	want, wantErr := h.model.History(h.ctx, scope, id)
	got, gotErr := h.store.History(h.ctx, scope, id)
	same(h, "History of "+id, want, wantErr, got, gotErr)
}

func (h *history) compareTimers() {
	now := h.moment().Add(time.Duration(h.between("ahead", 0, 120)) * minute)
	for _, lane := range muster.Lanes() {
		want, wantErr := h.model.DueShards(h.ctx, lane, now)
		got, gotErr := h.store.DueShards(h.ctx, lane, now)
		same(h, "DueShards", want, wantErr, got, gotErr)
	}
	want, wantErr := h.model.Backlog(h.ctx, now)
	got, gotErr := h.store.Backlog(h.ctx, now)
	same(h, "Backlog", want, wantErr, got, gotErr)
	limit := h.between("limit", 1, 5)
	wantF, wantErr := h.model.Failing(h.ctx, limit)
	gotF, gotErr := h.store.Failing(h.ctx, limit)
	same(h, "Failing", wantF, wantErr, gotF, gotErr)
	wantW, wantErr := h.model.Wakes(h.ctx, h.known()...)
	gotW, gotErr := h.store.Wakes(h.ctx, h.known()...)
	same(h, "Wakes", wantW, wantErr, gotW, gotErr)
}

func (h *history) compareEvents() {
	want, wantErr := h.model.Pending(h.ctx, 1000)
	got, gotErr := h.store.Pending(h.ctx, 1000)
	same(h, "Pending", want, wantErr, got, gotErr)
	seq, limit := rapid.Int64Range(0, 20).Draw(h.T, "seq"), h.between("limit", 1, 20)
	want, wantErr = h.model.EventsAfter(h.ctx, seq, limit)
	got, gotErr = h.store.EventsAfter(h.ctx, seq, limit)
	same(h, "EventsAfter", want, wantErr, got, gotErr)
	wantFloor, wantHead, wantErr := h.model.Bounds(h.ctx)
	gotFloor, gotHead, gotErr := h.store.Bounds(h.ctx)
	same(h, "Bounds", [2]int64{wantFloor, wantHead}, wantErr, [2]int64{gotFloor, gotHead}, gotErr)
	for _, consumer := range []string{"stream", "mail", "nobody"} {
		want, wantErr := h.model.Cursor(h.ctx, consumer)
		got, gotErr := h.store.Cursor(h.ctx, consumer)
		same(h, "Cursor", want, wantErr, got, gotErr)
	}
	wantC, wantErr := h.model.Cursors(h.ctx)
	gotC, gotErr := h.store.Cursors(h.ctx)
	same(h, "Cursors", wantC, wantErr, gotC, gotErr)
}

// compareAll reads everything on both sides.
func (h *history) compareAll() {
	want, wantErr := h.model.Setup(h.ctx)
	got, gotErr := h.store.Setup(h.ctx)
	same(h, "Setup", want, wantErr, got, gotErr)
	for _, spec := range graph.Schema {
		want, wantErr := h.model.Scan(h.ctx, spec.Kind, "", 100)
		got, gotErr := h.store.Scan(h.ctx, spec.Kind, "", 100)
		same(h, "Scan of "+string(spec.Kind), want, wantErr, got, gotErr)
	}
	wantT, wantErr := h.model.TicketCases(h.ctx, "", 100)
	gotT, gotErr := h.store.TicketCases(h.ctx, "", 100)
	same(h, "TicketCases", wantT, wantErr, gotT, gotErr)
	wantR, wantErr := h.model.Records(h.ctx, "", h.known()...)
	gotR, gotErr := h.store.Records(h.ctx, "", h.known()...)
	same(h, "Records", wantR, wantErr, gotR, gotErr)
	wantW, wantErr := h.model.Wakes(h.ctx, h.known()...)
	gotW, gotErr := h.store.Wakes(h.ctx, h.known()...)
	same(h, "Wakes", wantW, wantErr, gotW, gotErr)
	wantS, wantErr := h.model.EventSpans(h.ctx, h.known()...)
	gotS, gotErr := h.store.EventSpans(h.ctx, h.known()...)
	same(h, "EventSpans", wantS, wantErr, gotS, gotErr)
	wantK, wantErr := h.model.Commands(h.ctx, "", 1_000)
	gotK, gotErr := h.store.Commands(h.ctx, "", 1_000)
	same(h, "Commands", wantK, wantErr, gotK, gotErr)
	wantO, wantErr := h.model.Owners(h.ctx, drawnKeys...)
	gotO, gotErr := h.store.Owners(h.ctx, drawnKeys...)
	same(h, "Owners", wantO, wantErr, gotO, gotErr)
	for _, id := range h.known() {
		h.compareHistory(muster.Scope{Everything: true}, id)
	}
	for n := 1; n <= tickets; n++ {
		h.compareCase("", graph.CaseRef{Number: int64(n)})
	}
	h.compareEventsWhole()
}

func (h *history) compareEventsWhole() {
	want, wantErr := h.model.EventsAfter(h.ctx, 0, 10_000)
	got, gotErr := h.store.EventsAfter(h.ctx, 0, 10_000)
	same(h, "EventsAfter", want, wantErr, got, gotErr)
	want, wantErr = h.model.Pending(h.ctx, 10_000)
	got, gotErr = h.store.Pending(h.ctx, 10_000)
	same(h, "Pending", want, wantErr, got, gotErr)
}
