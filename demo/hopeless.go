package demo

import (
	"time"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/dispatch"
	"github.com/sysopssquad/muster/geo"
)

// liftTown is where the only licence for stair lifts has run out.
const liftTown = "Boise"

// hopelessCase is a ticket that nobody can take, with the reason that shows it best.
type hopelessCase struct {
	reason muster.ReasonCode
	town   string
	place  muster.Point // instead of the town, where nobody is near
	job    job
	night  bool // only at night
	block  bool // the customer wants none of those who could
}

var hopelessCases = []hopelessCase{
	{reason: muster.LevelLow, town: "New York City", job: job{
		category: "Television", title: "Recalibrate a studio reference panel", minutes: 120,
		text: "It must match the other three to a tenth. Your people said that they can't.", needs: needs("oled-panel", 5),
	}},
	{reason: muster.TooFar, town: "Coldfoot, AK", place: muster.Point{Lat: 67.25, Lng: -150.17}, job: job{
		category: "Washing machine", title: "Washing machine doesn't spin", minutes: 75,
		text: "We are on the road to the oil fields; the truck stop has rooms.", needs: needs("washing-machine", 2),
	}},
	{reason: muster.CertificateEnds, town: liftTown, job: job{
		category: "Stair lift", title: "Stair lift stops halfway", minutes: 90,
		text: "My mother can't get down from the first floor.", needs: needs("stair-lift", 2),
	}},
	{reason: muster.OffShift, town: "Ely", night: true, job: job{
		category: "Refrigerator", title: "Refrigerator of the night bar is warm", minutes: 60,
		text: "We close at one and open at five; nobody may see it open.", needs: needs("refrigerator", 2),
	}},
	{reason: muster.IsBlocked, town: "Burns", block: true, job: job{
		category: "Dishwasher", title: "Dishwasher doesn't start", minutes: 60,
		text: "Send somebody new, not those who were here.", needs: needs("dishwasher", 2),
	}},
	{reason: muster.LacksParts, town: "Chicago", job: job{
		category: "Refrigerator", title: "Walk-in cooler must be lifted out", minutes: 180,
		text: "It only leaves through the roof.", needs: needs("refrigerator", 3), carry: []string{"crane"},
	}},
	{reason: muster.TooFar, town: "Tok, AK", place: muster.Point{Lat: 63.34, Lng: -142.99}, job: job{
		category: "Network", title: "No network at the clinic", minutes: 120,
		text: "The doctor in Fairbanks can't see the pictures.", needs: needs("network", 2),
	}},
}

func needs(slug string, level muster.Level) []muster.Need {
	return []muster.Need{{Skill: skillID(slug), Level: level}}
}

// hopeless makes the tickets that nobody can take.
func (w *world) hopeless(o Options) ([]dispatch.Intake, []Nobody) {
	var out []dispatch.Intake
	var nobody []Nobody
	names := newNames()
	for n, c := range hopelessCases {
		r := o.dice("hopeless", n)
		t := townNamed(c.town)
		h := w.household(o, r, n, max(t, 0), names)
		h.customer.Preferred, h.customer.Blocked = nil, nil
		if t < 0 {
			h.site.City, h.site.State = c.town[:len(c.town)-4], c.town[len(c.town)-2:]
			h.site.Place = muster.Place{Point: c.place, Precision: muster.PrecisionStreet, Zone: "America/Anchorage"}
			h.site.Place.Cell, _ = geo.CellOf(c.place, geo.ResSite)
		}
		j := c.job
		j.mode, j.crew = muster.ModeHomeVisit, 1
		if c.block {
			h.customer.Blocked = w.blockAll(t, &j, o.Now)
		}
		in := h.intake(o, n, &j)
		in.At = muster.Instant(o.Now.Add(-time.Duration(between(r, 120, 60*40)) * time.Minute))
		if c.night {
			in.Submit.Windows = w.nightOf(h, o.Now)
		}
		out = append(out, in)
		nobody = append(nobody, Nobody{Legacy: in.Submit.Legacy, Reason: c.reason})
	}
	return out, nobody
}

func townNamed(name string) int {
	for i := range towns() {
		if towns()[i].name == name {
			return i
		}
	}
	return -1
}

// blockAll lists everyone who could come, and those a little farther too.
func (w *world) blockAll(t int, j *job, now time.Time) []muster.Block {
	var out []muster.Block
	for i := range w.staff {
		e := &w.staff[i]
		able := geo.Km(e.Base.Point, towns()[t].point)*1.2-60 < e.Capacity.TravelKm
		for _, n := range j.needs {
			able = able && w.knows(e, n)
		}
		if able {
			out = append(out, muster.Block{Expert: e.ID, Since: muster.Instant(now.AddDate(0, -1, 0)), Why: "Was here before."})
		}
	}
	return out
}

// nightOf is from two to four on a Sunday night ahead, local time.
func (w *world) nightOf(h *household, now time.Time) []muster.Window {
	zone, err := w.zones.of(h.site.Place.Zone)
	if err != nil {
		return nil
	}
	day := now.In(zone).AddDate(0, 0, 2)
	for day.Weekday() != time.Sunday {
		day = day.AddDate(0, 0, 1)
	}
	from := time.Date(day.Year(), day.Month(), day.Day(), 2, 0, 0, 0, zone).UTC()
	return []muster.Window{{Start: from, End: from.Add(2 * time.Hour)}}
}
