package demo

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/dispatch"
)

// demand makes the open tickets: those that nobody can take first, then such as the company would take. Every
// fifth is of a customer who has one already.
func (w *world) demand(o Options) ([]dispatch.Intake, []Nobody) {
	out, nobody := w.hopeless(o)
	if len(out) > o.Tickets {
		out, nobody = out[:o.Tickets], nobody[:o.Tickets]
	}
	draw := byWeight(towns(), func(t town) float64 { return math.Pow(float64(t.people), 0.7) })
	kinds := byWeight(jobs(), func(j job) float64 { return j.weight })
	names := newNames()
	var last *household
	for n := len(out); n < o.Tickets; n++ {
		r := o.dice("ticket", n)
		h := last
		if h == nil || !odds(r, 0.2) {
			h = w.household(o, r, n, draw(r), names)
			last = h
		}
		j, able := w.jobFor(r, h.town, kinds)
		out = append(out, w.ticket(o, r, n, h, j, able))
	}
	return out, nobody
}

// household is a customer with an address.
type household struct {
	town     int
	customer muster.Customer
	site     muster.Site
	known    bool // taken in with an earlier ticket
}

// phoneNumber is one that nobody has: 555-0100 to 555-0199 are kept for fiction.
func phoneNumber(r *rand.Rand) string {
	return fmt.Sprintf("+1 %d-555-%04d", between(r, 201, 989), between(r, 100, 199))
}

func (w *world) household(o Options, r *rand.Rand, n, t int, names *names) *household {
	cmd := muster.CommandID(fmt.Sprintf("demo/%d/customer", o.Seed))
	at := &towns()[t]
	h := &household{town: t}
	h.customer = muster.Customer{
		ID: muster.CustomerID(muster.NewID(muster.KindCustomer, cmd, n)), Name: names.next(r),
		Phone: phoneNumber(r), Language: languages(r)[0],
		CreatedAt: muster.Instant(o.Now.AddDate(0, 0, -between(r, 10, 900))),
		Plan:      muster.SupportPlan{Name: pick(r, []string{"Basic", "Basic", "Plus", "Complete"}), Until: muster.Instant(o.Now.Truncate(24*time.Hour).AddDate(0, between(r, 1, 24), 0))},
	}
	h.site = muster.Site{
		ID: muster.SiteID(muster.NewID(muster.KindSite, cmd, n)), Customer: h.customer.ID, Name: "Home",
		Street: fmt.Sprintf("%d %s %s", between(r, 1, 2400), pick(r, roads), pick(r, roadKinds)),
		City:   at.name, State: at.state, Place: at.place(at.somewhere(r, 1), precision(r)),
	}
	if odds(r, 0.15) {
		h.site.AccessNotes = pick(r, []string{"Ring twice.", "Gate code from the neighbour.", "Dog in the yard.", "Park behind the house.", "Third floor, no elevator."})
	}
	if near := w.reachable(t); len(near) > 0 {
		if odds(r, 0.12) {
			h.customer.Preferred = []muster.ExpertID{w.staff[pick(r, near)].ID}
		}
		if odds(r, 0.05) {
			h.customer.Blocked = []muster.Block{{
				Expert: w.staff[pick(r, near)].ID, Since: muster.Instant(o.Now.AddDate(0, 0, -between(r, 5, 200))),
				Why: pick(r, []string{"They don't get along.", "Broke a vase.", "Was two hours late, twice."}),
			}}
		}
	}
	return h
}

func precision(r *rand.Rand) muster.Precision {
	switch x := r.Float64(); {
	case x < 0.6:
		return muster.PrecisionRooftop
	case x < 0.9:
		return muster.PrecisionStreet
	default:
		return muster.PrecisionZIP
	}
}

// jobFor draws a job that somebody near the town can do, for a crew of two that three can.
func (w *world) jobFor(r *rand.Rand, town int, kinds func(*rand.Rand) int) (*job, []int) {
	var j *job
	for range 20 {
		j = &jobs()[kinds(r)]
		if j.mode != muster.ModeHomeVisit {
			return j, nil
		}
		if able := w.able(town, j, ""); len(able) >= 2*j.crew-1 {
			return j, able
		}
	}
	return &jobs()[0], w.able(town, &jobs()[0], "")
}

// ticket makes one open ticket of a household.
func (w *world) ticket(o Options, r *rand.Rand, n int, h *household, j *job, able []int) dispatch.Intake {
	in := h.intake(o, n, j)
	in.At = muster.Instant(o.Now.Add(-time.Duration(between(r, 3, 60*40)) * time.Minute))
	s := &in.Submit
	switch x := r.Float64(); {
	case x < 0.03:
		s.Priority = muster.PriorityCritical
	case x < 0.18:
		s.Priority = muster.PriorityHigh
	case x < 0.80:
		s.Priority = muster.PriorityNormal
	default:
		s.Priority = muster.PriorityLow
	}
	if odds(r, 0.7) && len(in.Devices) > 0 {
		in.Devices[0].Brand = pick(r, makes)
		in.Devices[0].Year = o.Now.Year() - between(r, 1, 16)
		in.Devices[0].Model = fmt.Sprintf("%c%d", 'A'+rune(r.IntN(20)), between(r, 100, 990))
		if j.mode == muster.ModeHomeVisit && len(w.able(h.town, j, in.Devices[0].Brand)) < 2*j.crew-1 {
			in.Devices[0].Brand, in.Devices[0].Model = "", ""
		}
	}
	if j.mode == muster.ModeHomeVisit && s.Priority != muster.PriorityCritical && odds(r, 0.45) {
		s.Windows = w.windows(r, h, j, able)
	}
	return in
}

// intake is a household's ticket about a job; the household itself comes along with its first one.
func (h *household) intake(o Options, n int, j *job) dispatch.Intake {
	cmd := muster.CommandID(fmt.Sprintf("demo/%d/ticket/%d", o.Seed, n))
	in := dispatch.Intake{
		Command: muster.Command{ID: cmd, Actor: actor},
		Submit: dispatch.SubmitRequest{
			Customer: h.customer.ID, Site: h.site.ID, Title: j.title, Text: j.text, Category: j.category,
			Mode: j.mode, Needs: j.needs, Duration: j.minutes, Carry: j.carry, Crew: j.crew,
			Legacy: fmt.Sprintf("demo/%d-%04d", o.Seed, n),
		},
	}
	if !h.known {
		customer := h.customer
		in.Customer, in.Sites = &customer, []muster.Site{h.site}
		h.known = true
	}
	if j.category != "" {
		in.Devices = []muster.Device{{
			ID: muster.DeviceID(muster.NewID(muster.KindDevice, cmd, 0)), Customer: h.customer.ID, Site: h.site.ID, Category: j.category,
		}}
		in.Submit.Device = in.Devices[0].ID
	}
	return in
}

// windows gives one to three wishes in the coming days, mornings or afternoons, the first of which somebody works
// through. None if that is hard to find.
func (w *world) windows(r *rand.Rand, h *household, j *job, able []int) []muster.Window {
	zone, err := w.zones.of(h.site.Place.Zone)
	if err != nil {
		return nil
	}
	wish := func() muster.Window {
		local := w.now.In(zone)
		at := func(hour int) time.Time {
			return time.Date(local.Year(), local.Month(), local.Day()+between(r, 1, 6), hour, 0, 0, 0, zone).UTC()
		}
		from := at(pick(r, []int{8, 9, 10, 12, 13, 14}))
		return muster.Window{Start: from, End: from.Add(4 * time.Hour)}
	}
	for range 8 {
		first := wish()
		if !w.served(first, j, able) {
			continue
		}
		out := []muster.Window{first}
		for range r.IntN(3) {
			if more := wish(); !slices.ContainsFunc(out, more.Overlaps) {
				out = append(out, more)
			}
		}
		slices.SortFunc(out, func(a, b muster.Window) int { return a.Start.Compare(b.Start) })
		return out
	}
	return nil
}

// served tells whether enough experts work through some start in a window.
func (w *world) served(wish muster.Window, j *job, able []int) bool {
	for start := wish.Start; start.Before(wish.End); start = start.Add(time.Hour) {
		span := muster.Window{Start: start, End: start.Add(j.minutes.Duration())}
		free := 0
		for _, i := range able {
			if w.onShift(i, span) {
				free++
			}
		}
		if free >= 2*j.crew-1 {
			return true
		}
	}
	return false
}
