package graphtest

import (
	"fmt"
	"slices"
	"time"

	"pgregory.net/rapid"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/graph"
)

// A history plays among few aggregates, so that its changes meet.
const (
	customers = 3
	experts   = 3
	tickets   = 5
	theDuty   = "dut_relay"
)

var (
	regions   = []muster.RegionID{"reg_denver", "reg_boulder"}
	skillIDs  = []muster.SkillID{"skl_oven", "skl_washer", "skl_boiler"}
	drawnKeys = []muster.Key{"place/vis_a/0", "open_visit/tic_1", "email/a@b", "legacy/x/1"}
	owners    = []string{"asg_1", "asg_2", "cus_1"}
	timedIDs  = []string{theDuty, "reg_denver", "reg_boulder", id(muster.KindTicket, 1), id(muster.KindTicket, 2), id(muster.KindTicket, 3)}
)

func pick[V any](h *history, name string, from ...V) V {
	return rapid.SampledFrom(from).Draw(h.T, name)
}

func (h *history) between(name string, low, high int) int {
	return rapid.IntRange(low, high).Draw(h.T, name)
}

func (h *history) flip(name string) bool { return rapid.Bool().Draw(h.T, name) }

// drawChanges draws a batch: mostly changes that fit what the model has and each other, some that don't, some
// repetitions.
func (h *history) drawChanges() (changes []graph.Change) {
	revs := map[string]int64{} // what the aggregates will be at, if all is accepted
	for range h.between("changes", 1, 4) {
		if len(h.changes) > 0 && h.between("repeat", 0, 9) == 0 {
			again := rapid.SampledFrom(h.changes).Draw(h.T, "again")
			if h.flip("reused") {
				again.Command.Fingerprint = "another"
			}
			changes = append(changes, again)
			continue
		}
		changes = append(changes, h.drawChange(revs))
	}
	return changes
}

func (h *history) drawChange(revs map[string]int64) graph.Change {
	h.clock++
	var put []muster.Record
	for range h.between("puts", 0, 2) {
		group := h.drawAggregate(revs)
		if !slices.ContainsFunc(put, func(r muster.Record) bool { return r.RecordID() == group[0].RecordID() }) {
			put = append(put, group...)
		}
	}
	c := Change(fmt.Sprintf("cmd_%d", h.clock), put...)
	if h.clock%3 == 0 {
		c.Command.Actor = muster.System("timers")
	}
	c.At = Start.Add(time.Duration(h.clock) * time.Microsecond)
	for i := range c.Events {
		c.Events[i].At = Start.Add(time.Duration(h.between("at", 0, 5)) * minute)
	}
	for range h.between("guards", 0, 1) {
		g := h.drawGuard()
		if !slices.ContainsFunc(c.Expect, func(x graph.Guard) bool { return x.ID == g.ID }) {
			c.Expect = append(c.Expect, g)
		}
	}
	for range h.between("keys", 0, 2) {
		claim := muster.Claim{Key: pick(h, "key", drawnKeys...), Owner: pick(h, "owner", owners...)}
		twice := func(x muster.Claim) bool { return x.Key == claim.Key }
		if held := h.model.owners[claim.Key]; held != "" && h.flip("release") && !slices.ContainsFunc(c.Release, twice) {
			c.Release = append(c.Release, muster.Claim{Key: claim.Key, Owner: pick(h, "holder", held, held, claim.Owner)})
		}
		if h.flip("claim") && !slices.ContainsFunc(c.Claim, twice) {
			c.Claim = append(c.Claim, claim)
		}
	}
	return c
}

func (h *history) drawGuard() graph.Guard {
	about := pick(h, "guarded", append(timedIDs, id(muster.KindCustomer, 1), id(muster.KindExpert, 1), "exp_nobody")...)
	rev := max(1, h.revision(about))
	switch h.between("guard", 0, 3) {
	case 0:
		return graph.Absent(about)
	case 1:
		return graph.Alive(about)
	case 2:
		fence := int64(1)
		if s := h.model.state[about]; s != nil {
			fence = s.fence
		}
		return graph.Fenced(about, max(1, fence+rapid.Int64Range(-1, 1).Draw(h.T, "fence")))
	default:
		return graph.At(about, max(1, rev+rapid.Int64Range(-1, 1).Draw(h.T, "rev")))
	}
}

func (h *history) revision(id string) int64 {
	if r, ok := h.model.records[id].(muster.Root); ok {
		return r.Revision()
	}
	return 0
}

// next is the revision at which an aggregate is put: mostly the right one.
func (h *history) next(revs map[string]int64, id string) int64 {
	rev, planned := revs[id]
	if !planned {
		rev = h.revision(id)
	}
	rev++
	if h.between("stale", 0, 7) == 0 {
		return max(1, rev+rapid.Int64Range(-1, 1).Draw(h.T, "off"))
	}
	revs[id] = rev
	return rev
}

func (h *history) timers(names ...muster.TimerName) muster.Timers {
	out := muster.Timers{}
	for range h.between("timers", 1, 2) {
		out[pick(h, "timer", names...)] = Start.Add(time.Duration(h.between("due", 0, 300)) * minute)
	}
	return out
}

// drawAggregate draws the next value of an aggregate, the root first, with some of its parts.
func (h *history) drawAggregate(revs map[string]int64) []muster.Record {
	switch h.between("kind", 0, 9) {
	case 0, 1:
		c := Customer(h.between("customer", 1, customers))
		c.Rev = h.next(revs, string(c.ID))
		c.Name = pick(h, "name", "Ann Smith", "Zoë Müller", "")
		c.Removed = h.between("removed", 0, 5) == 0
		site := Site(c.ID, int(c.Phone[len(c.Phone)-1]-'0'))
		site.Street = pick(h, "street", "1 Main St", "2 Elm St")
		return []muster.Record{c, site, Device(site, int(c.Phone[len(c.Phone)-1]-'0'))}[:h.between("parts", 1, 3)]
	case 2, 3:
		e := Expert(h.between("expert", 1, experts))
		e.Rev = h.next(revs, string(e.ID))
		e.Skills = nil
		for _, skill := range skillIDs {
			if h.flip("skill") {
				e.Skills = append(e.Skills, muster.Competence{Skill: skill, Level: 3})
			}
		}
		e.Region, e.Removed = pick(h, "region", regions...), h.between("removed", 0, 5) == 0
		return []muster.Record{e}
	case 4:
		tour := Tour(Expert(h.between("expert", 1, experts)), Start.Add(time.Duration(24*h.between("day", 0, 2))*time.Hour))
		tour.Rev, tour.Removed = h.next(revs, string(tour.ID)), h.between("removed", 0, 5) == 0
		for range h.between("stops", 0, 2) {
			tour.Stops = append(tour.Stops, muster.Stop{Ticket: muster.TicketID(id(muster.KindTicket, h.between("ticket", 1, tickets+1)))})
		}
		return []muster.Record{tour}
	case 5:
		r := Region(pick(h, "region", "Denver", "Boulder"))
		r.Rev, r.Timers = h.next(revs, string(r.ID)), h.timers(muster.TimerRound)
		return []muster.Record{r}
	case 6:
		d := Duty("relay")
		d.Rev, d.Timers = h.next(revs, theDuty), h.timers(muster.TimerLease, muster.TimerRound)
		return []muster.Record{d}
	default:
		return h.drawTicket(revs)
	}
}

func (h *history) drawTicket(revs map[string]int64) []muster.Record {
	n := h.between("ticket", 1, tickets)
	site := Site(Customer(h.between("customer", 1, customers)).ID, 1)
	t := Ticket(Device(site, h.between("device", 1, customers)), n)
	t.Rev = h.next(revs, string(t.ID))
	t.State = pick(h, "state", append(muster.TicketStates(), muster.Queued, muster.Queued)...)
	t.Priority = pick(h, "priority", muster.PriorityCritical, muster.PriorityNormal, muster.PriorityLow)
	t.DueAt = Start.Add(time.Duration(h.between("due", 0, 2)) * time.Hour)
	t.CreatedAt = Start.Add(time.Duration(h.between("created", 0, 2)) * time.Hour)
	t.Region = pick(h, "region", regions...)
	if h.flip("no device") {
		t.Device = ""
	}
	t.Needs = nil
	for _, skill := range skillIDs {
		if h.flip("need") {
			t.Needs = append(t.Needs, muster.Need{Skill: skill, Level: 2})
		}
	}
	if h.flip("needs a person") {
		t.Exceptions = []muster.Exception{{
			Kind: pick(h, "kind", muster.ExceptionLate, muster.ExceptionCall), Since: Start, Owner: pick(h, "owner", muster.UserID(""), "usr_1"),
		}}
	}
	t.Timers = h.timers(muster.TimerOffer, muster.TimerQueue, muster.TimerResolve)
	if t.State == muster.Scheduled {
		t.Visit = &muster.OpenVisit{ID: "vis_x", State: pick(h, "visit", muster.VisitStates()[:5]...), Start: Start, End: Start}
	}
	out := []muster.Record{t}
	for range h.between("parts", 0, 2) {
		k := h.between("part", 1, 2)
		e := Expert(h.between("by", 1, experts+1))
		tour := Tour(e, Start.Add(time.Duration(24*h.between("on", 0, 2))*time.Hour))
		part := fmt.Sprintf("%d-%d", n, k)
		at := Start.Add(time.Duration(h.between("part at", 0, 1)) * minute)
		switch h.between("which", 0, 2) {
		case 0:
			out = append(out, &muster.Visit{ID: muster.VisitID("vis_" + part), Ticket: t.ID, N: k, State: muster.VisitEnded})
		case 1:
			out = append(out, &muster.Offer{
				ID: muster.OfferID("off_" + part), Ticket: t.ID, Expert: e.ID, Tour: tour.ID, At: at,
				State: pick(h, "offer", muster.OfferOpen, muster.OfferAccepted, muster.OfferDeclined),
			})
		default:
			out = append(out, &muster.Assignment{
				ID: muster.AssignmentID("asg_" + part), Ticket: t.ID, Expert: e.ID, Tour: tour.ID, At: at,
				State: pick(h, "assignment", muster.AssignmentActive, muster.AssignmentDone, muster.AssignmentWithdrawn),
			})
		}
	}
	return out
}
