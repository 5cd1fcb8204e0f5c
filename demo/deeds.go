package demo

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"sync"

	"github.com/sysopssquad/muster"
)

// key names a deed for good: begun anew, life does nothing twice.
func (l *Life) key(what string, id any) string { return fmt.Sprintf("life/%s/%v", what, id) }

// phone gives the user of an expert; who has none yet is registered.
func (l *Life) phone(ctx context.Context, e muster.ExpertID) (muster.UserID, error) {
	if u, ok := l.people[e]; ok {
		return u, nil
	}
	var who muster.Expert
	if err := l.server.get(ctx, l.board, "/v1/experts/"+string(e), nil, &who); err != nil {
		return "", err
	}
	if l.keeper == "" {
		return "", &problem{Status: http.StatusForbidden, Detail: "nobody may register a phone"}
	}
	body := phone(&who)
	if err := l.server.post(ctx, l.keeper, "/v1/users", l.key("phone", e), map[string]any{
		"id": body.ID, "name": body.Name, "role": body.Role, "expert": body.Expert, "about": body.About,
	}, nil); err != nil {
		return "", err
	}
	l.people[e] = body.ID
	return body.ID, nil
}

// answer takes or declines an offer, as the expert who was asked.
func (l *Life) answer(ctx context.Context, t ticketRow, e muster.ExpertID) error {
	who, err := l.phone(ctx, e)
	if err != nil {
		return err
	}
	var offers page[muster.Offer]
	if err := l.server.get(ctx, who, "/v1/tickets/"+string(t.ID)+"/offers", nil, &offers); err != nil {
		return err
	}
	for _, o := range offers.Items {
		if o.State != muster.OfferOpen || o.Expert != e {
			continue
		}
		path := "/v1/offers/" + string(o.ID)
		if odds(l.r, 0.88) {
			return l.server.post(ctx, who, path+"/accept", l.key("accept", o.ID), nil, nil)
		}
		reason := pick(l.r, []string{"not_then", "not_then", "too_far", "not_this_customer", "other"})
		return l.server.post(ctx, who, path+"/decline", l.key("decline", o.ID), map[string]string{"reason": reason}, nil)
	}
	return nil
}

// advance takes a visit one step on its way, as its first expert.
func (l *Life) advance(ctx context.Context, t ticketRow, step string) error {
	who, err := l.phone(ctx, t.Visit.Experts[0])
	if err != nil {
		return err
	}
	return l.server.post(ctx, who, "/v1/visits/"+string(t.Visit.ID)+"/"+step, l.key(step, t.Visit.ID), nil, nil)
}

// knock is an expert at the door: mostly somebody opens, and work begins.
type knock struct{ ticketRow }

func (k knock) do(ctx context.Context, l *Life) error {
	switch x := l.r.Float64(); {
	case x < 0.035:
		return l.end(ctx, k.ticketRow, muster.NoAccess, "Nobody opened.", nil)
	case x < 0.045:
		return l.end(ctx, k.ticketRow, muster.Refused, "They want somebody else's opinion first.", nil)
	case x < 0.055:
		return l.end(ctx, k.ticketRow, muster.Unsafe, "Water around live wires; the power must be off first.", nil)
	}
	return l.advance(ctx, k.ticketRow, "start")
}

// work is an expert at work, with what comes of it.
type work struct{ ticketRow }

func (w work) do(ctx context.Context, l *Life) error {
	switch x := l.r.Float64(); {
	case x < 0.73:
		return l.end(ctx, w.ticketRow, muster.Fixed, pick(l.r, []string{"Works again.", "Replaced a worn part.", "Cleaned and adjusted.", "A loose contact.", "Tested with the customer."}), nil)
	case x < 0.79:
		return l.end(ctx, w.ticketRow, muster.BeyondRepair, "Not worth it: the main board is gone.", nil)
	case x < 0.85:
		return l.end(ctx, w.ticketRow, muster.FaultNotFound, "Ran it for half an hour without a fault.", nil)
	case x < 0.93:
		return l.end(ctx, w.ticketRow, muster.PartNeeded, "A part is ordered.", map[string]any{"carry": []string{"ordered part"}})
	case x < 0.97 || w.Crew > 1:
		j := pick(l.r, commonJobs())
		return l.end(ctx, w.ticketRow, muster.OtherSkillNeeded, "It is something else: "+j.title+".", map[string]any{"needs": j.needs})
	default:
		return l.end(ctx, w.ticketRow, muster.SecondNeeded, "Too heavy for one.", nil)
	}
}

// end ends a visit with an outcome.
func (l *Life) end(ctx context.Context, t ticketRow, outcome muster.VisitOutcome, note string, more map[string]any) error {
	who, err := l.phone(ctx, t.Visit.Experts[0])
	if err != nil {
		return err
	}
	body := map[string]any{"outcome": outcome, "note": note}
	for k, v := range more {
		body[k] = v
	}
	return l.server.post(ctx, who, "/v1/visits/"+string(t.Visit.ID)+"/end", l.key("end", t.Visit.ID), body, nil)
}

// triage finds out on the phone what a ticket needs.
func (l *Life) triage(ctx context.Context, t ticketRow) error {
	j := pick(l.r, commonJobs())
	return l.server.post(ctx, l.desk, "/v1/tickets/"+string(t.ID)+"/triage", "", map[string]any{
		"mode": muster.ModeHomeVisit, "needs": j.needs, "duration_min": j.minutes,
	}, nil)
}

// complete closes a ticket without a visit: handed back, or solved on the phone.
func (l *Life) complete(ctx context.Context, t ticketRow) error {
	outcome := muster.Fixed
	if odds(l.r, 0.15) {
		outcome = muster.BeyondRepair
	}
	return l.server.post(ctx, l.desk, "/v1/tickets/"+string(t.ID)+"/complete", l.key("complete", t.ID), map[string]any{
		"outcome": outcome, "note": "Handed back.",
	}, nil)
}

// verb does something to a ticket that needs no more than its name.
func (l *Life) verb(ctx context.Context, t ticketRow, verb string) error {
	return l.server.post(ctx, l.desk, "/v1/tickets/"+string(t.ID)+"/"+verb, "", nil, nil)
}

// call is a customer, known or new, with something that is broken.
func (l *Life) call(ctx context.Context) error {
	j := pick(l.r, jobs())
	if l.calls == 0 || odds(l.r, 0.9) {
		j = pick(l.r, commonJobs())
	}
	priority := pick(l.r, []string{"critical", "high", "high", "normal", "normal", "normal", "normal", "normal", "low", "low"})
	if l.calls == 0 { // so that a prompt round is seen at once
		priority = "critical"
	}
	l.calls++
	n := l.r.Uint64()
	customer, site, device, err := l.caller(ctx, n, j)
	if err != nil {
		return err
	}
	body := map[string]any{
		"customer": customer, "site": site, "title": j.title, "text": j.text, "duration_min": j.minutes, "crew": j.crew,
		"priority": priority,
	}
	if device != "" {
		body["device"] = device
	}
	if j.category != "" {
		body["category"] = j.category
	}
	if j.mode != "" {
		body["mode"] = j.mode
	}
	if len(j.needs) > 0 {
		body["needs"] = j.needs
	}
	if len(j.carry) > 0 {
		body["carry"] = j.carry
	}
	return l.server.post(ctx, l.desk, "/v1/tickets", l.key("call", n), body, nil)
}

// caller gives a customer with a site, and with the device in question if they are new.
func (l *Life) caller(ctx context.Context, n uint64, j job) (muster.CustomerID, muster.SiteID, muster.DeviceID, error) {
	type whole struct {
		ID      muster.CustomerID `json:"id"`
		Sites   []muster.Site     `json:"sites"`
		Devices []muster.Device   `json:"devices"`
	}
	var c whole
	if len(l.customers) > 0 && odds(l.r, 0.6) {
		if err := l.server.get(ctx, l.desk, "/v1/customers/"+string(pick(l.r, l.customers)), nil, &c); err != nil {
			return "", "", "", err
		}
		if len(c.Sites) > 0 {
			return c.ID, c.Sites[0].ID, "", nil
		}
	}
	ts := towns()
	at := &ts[min(l.r.IntN(len(ts)), l.r.IntN(len(ts)))] // the larger ones more often
	p := at.somewhere(l.r, 1)
	site := map[string]any{
		"name": "Home", "city": at.name, "state": at.state,
		"street": fmt.Sprintf("%d %s %s", between(l.r, 1, 2400), pick(l.r, roads), pick(l.r, roadKinds)),
		"place":  map[string]any{"point": p, "precision": muster.PrecisionStreet, "zone": at.zone},
	}
	if j.category != "" {
		site["devices"] = []map[string]any{{"category": j.category}}
	}
	body := map[string]any{
		"name": pick(l.r, given) + " " + pick(l.r, family), "phone": phoneNumber(l.r), "language": "en", "sites": []any{site},
	}
	if err := l.server.post(ctx, l.desk, "/v1/customers", l.key("customer", n), body, &c); err != nil {
		return "", "", "", err
	}
	if len(l.customers) < 2*pageSize {
		l.customers = append(l.customers, c.ID)
	}
	var device muster.DeviceID
	if len(c.Devices) > 0 {
		device = c.Devices[0].ID
	}
	if len(c.Sites) == 0 {
		return "", "", "", &problem{Status: http.StatusUnprocessableEntity, Detail: "the new customer has no site"}
	}
	return c.ID, c.Sites[0].ID, device, nil
}

// commonJobs are those that the two technicians of every town can do.
var commonJobs = sync.OnceValue(func() []job {
	able := func(n muster.Need) bool {
		return slices.ContainsFunc(slices.Concat(homeTechnician.crafts(), electronicsTechnician.crafts()), func(c craft) bool {
			return c.odds == 1 && muster.Level(c.lo) >= n.Level && tree().Satisfies(c.skill, n.Skill)
		})
	}
	var out []job
	for _, j := range jobs() {
		if j.mode == muster.ModeHomeVisit && j.crew == 1 && len(j.carry) == 0 && !slices.ContainsFunc(j.needs, func(n muster.Need) bool { return !able(n) }) {
			out = append(out, j)
		}
	}
	return out
})
