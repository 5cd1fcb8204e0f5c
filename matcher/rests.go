package matcher

import (
	"cmp"
	"slices"
	"time"

	"github.com/sysopssquad/muster"
)

// Rests lists the other tours of a person that a booking on one rests on: those that, by what others may book
// on them before the booking is committed, could break the longest day, the longest week or the rest together
// with it. The tours of the person are as they are with the booking. A commit guards those that are listed;
// they are as few as will do, and for most people none, because their shifts leave room for everything.
func (w *World) Rests(p Person, on muster.TourID) []muster.TourID {
	if w.Apart(p) {
		return nil
	}
	return w.restsOf(p, on)
}

func (w *World) restsOf(p Person, on muster.TourID) []muster.TourID {
	sc := w.scene([]Person{p})
	m := sc.members[0]
	at := slices.IndexFunc(m.tours, func(t *tour) bool { return m.idOf(t) == on })
	if at < 0 || len(m.tours[at].stops) == 0 {
		return nil
	}
	own := m.tours[at]
	guarded := make(map[*tour]bool)
	sc.restsOnLength(m, own, sameDay, m.limits.DayMinutes, guarded)
	sc.restsOnLength(m, own, sameWeek, m.limits.WeekMinutes, guarded)
	for _, t := range m.tours {
		if t != own && sc.grows(t) && clashes(m, own, t) {
			guarded[t] = true
		}
	}
	var out []muster.TourID
	for _, t := range m.tours {
		if guarded[t] {
			out = append(out, m.idOf(t))
		}
	}
	return out
}

// restsOnLength picks tours until the others may grow as they can without breaking the limit on the sum: those
// with most room to grow first.
func (sc *scene) restsOnLength(m *member, own *tour, same func(a, b *tour) bool, limit muster.Minutes, guarded map[*tour]bool) {
	sum := own.length()
	var others []*tour
	for _, t := range m.tours {
		if t == own || !same(t, own) {
			continue
		}
		sum += t.length()
		if sc.grows(t) && !guarded[t] {
			sum += t.room()
			others = append(others, t)
		}
	}
	slices.SortStableFunc(others, func(a, b *tour) int { return cmp.Compare(b.room(), a.room()) })
	for _, t := range others {
		if sum <= limit.Duration() {
			return
		}
		guarded[t] = true
		sum -= t.room()
	}
}

// grows tells whether a tour can still take visits.
func (sc *scene) grows(t *tour) bool { return !t.closed && t.last.After(sc.Now) }

// length is the time from first departure to return, 0 without a stop.
func (t *tour) length() time.Duration { return t.home.Sub(t.begins) }

// room is how much longer a tour may get.
func (t *tour) room() time.Duration { return max(0, t.latest.Sub(t.shift.Start)-t.length()) }

// clashes tells whether a tour that grows to all of its shift leaves too little rest before or after another.
func clashes(m *member, own, t *tour) bool {
	need := m.limits.RestMinutes.Duration()
	if sameDay(own, t) {
		need = 0
	}
	from, to := t.shift.Start, t.latest
	if len(t.stops) > 0 {
		from, to = earlier(from, t.begins), later(to, t.home)
	}
	if from.After(own.begins) {
		return from.Sub(own.home) < need
	}
	return own.begins.Sub(to) < need
}

func (m *member) idOf(t *tour) muster.TourID {
	if t.record != nil {
		return t.record.ID
	}
	return muster.TourOf(m.Expert.ID, t.shift.Start)
}

// Apart tells whether a person's weekly shifts alone keep all tours within the longest day, the longest week and
// the rest, however full they get, so that one tour can be booked without a look at the others. It is quick, and
// errs on the side of no: with single shifts, time on call, or a tour that stands outside the shifts or ran late.
func (w *World) Apart(p Person) bool {
	e := p.Expert
	if len(e.Extra) > 0 || len(e.OnCall) > 0 {
		return false
	}
	limits := e.Capacity
	fill(&limits.WeekMinutes, w.Policy.Capacity.WeekMinutes)
	fill(&limits.RestMinutes, w.Policy.Capacity.RestMinutes)
	fill(&limits.OvertimeMin, w.Policy.Capacity.OvertimeMin)
	limits.OvertimeMin += w.Policy.Widened(len(w.Policy.Escalation)).Overtime
	const day, change = muster.Minutes(24 * 60), muster.Minutes(60) // what the clocks may add to a shift or take from a rest
	var byDay [7]*muster.Hours
	sum := change
	for i := range e.Shifts {
		h := &e.Shifts[i]
		if byDay[h.Weekday] != nil {
			return false
		}
		byDay[h.Weekday] = h
		sum += h.To - h.From + limits.OvertimeMin
	}
	if sum > limits.WeekMinutes {
		return false
	}
	for d, h := range byDay {
		if h == nil {
			continue
		}
		for ahead := 1; ahead <= 7; ahead++ {
			if next := byDay[(d+ahead)%7]; next != nil {
				if muster.Minutes(ahead)*day+next.From-h.To-limits.OvertimeMin-change < limits.RestMinutes {
					return false
				}
				break
			}
		}
	}
	zone := muster.Location(e.Base.Zone)
	for _, t := range p.Tours {
		if len(t.Stops) == 0 {
			continue
		}
		local := t.Start.In(zone)
		h := byDay[local.Weekday()]
		if h == nil || h.From != muster.Minutes(local.Hour()*60+local.Minute()) || t.End.Sub(t.Start) > (h.To-h.From+change).Duration() {
			return false
		}
		for i := range t.Stops {
			if s := &t.Stops[i]; s.EndedAt.After(s.End) {
				return false
			}
		}
	}
	return true
}
