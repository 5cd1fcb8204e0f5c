package sla_test

import (
	"fmt"
	"strings"
	"time"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/sla"
)

// A player plays a clock by the film. It keeps the spans in which the clock ran, and asked anything goes through all of
// them, one minute after the other: it knows nothing of due times that move, nor of what was used before.
type player struct {
	film   film
	target int64
	runs   []span // the last is under way if it has no end
	late   int64  // when it was due first, 0: never so far
	wish   *wish
}

type span struct{ from, to int64 }

// A wish is a window that the customer chose, that counts from a moment on. After the clock has run through it as much
// open time counts as was agreed.
type wish struct {
	window muster.Window
	from   int64
	after  int64
}

func (p *player) running() bool { return p.runs[len(p.runs)-1].to == 0 }

func (p *player) run(now int64) { p.runs = append(p.runs, span{from: now}) }

func (p *player) stop(now int64) { p.runs[len(p.runs)-1].to = now }

// A count is what a player finds in the film: the time used, and when the target and the wish were reached, 0: not yet.
type count struct{ used, target, wish int64 }

// until goes through the film to a moment.
func (p *player) until(now int64) (n count) {
	var rest, left int64
	if w := p.wish; w != nil {
		rest, left = w.window.End.UnixMicro()-w.from, w.after
	}
	i := 0
	for _, r := range p.runs {
		if r.to == 0 || r.to > now {
			r.to = now
		}
		for i > 0 && p.film.cells[i-1].to > r.from {
			i--
		}
		for ; i < len(p.film.cells) && p.film.cells[i].from < r.to; i++ {
			c := p.film.cells[i]
			a, b := max(c.from, r.from), min(c.to, r.to)
			if a >= b {
				continue
			}
			if c.open {
				n.used += b - a
				if n.target == 0 && n.used >= p.target {
					n.target = b - (n.used - p.target)
				}
			}
			if p.wish == nil || n.wish != 0 || b <= p.wish.from {
				continue
			}
			a = max(a, p.wish.from)
			through := min(rest, b-a)
			rest, a = rest-through, a+through
			if rest == 0 && left == 0 {
				n.wish = a
			} else if rest == 0 && c.open {
				if left -= b - a; left <= 0 {
					n.wish = b + left
				}
			}
		}
	}
	return n
}

// due is when both the target and the wish are reached, 0: not so far.
func (n count) due(p *player) int64 {
	switch {
	case p.wish == nil || n.target == 0:
		return n.target
	case n.wish == 0:
		return 0
	default:
		return max(n.target, n.wish)
	}
}

// note looks whether the clock has become late.
func (p *player) note(now int64) {
	if p.late == 0 {
		p.late = p.until(now).due(p)
	}
}

// ahead is the player as it will be at the end of the film if its clock runs on from now.
func (p player) ahead(now int64) (player, count) {
	if !p.running() {
		p.runs = append(p.runs[:len(p.runs):len(p.runs)], span{from: now})
	}
	return p, p.until(p.film.cells[len(p.film.cells)-1].to)
}

// choose is what the customer's windows mean to the player of the response, and to that of the resolution once somebody has
// come, whoever calls it after what else. As much open time counts after the window as is agreed.
func (p *player) choose(w muster.Window, after, now int64) {
	if w.End.UnixMicro() <= now {
		w = muster.Window{} // it is over
	}
	is := p.until(now)
	_, then := p.ahead(now)
	sooner := then.target == 0 || w.Start.UnixMicro() < then.target // a film that ends before has shown nothing that is later
	switch {
	case is.target == 0 && (w.IsZero() || sooner):
		p.wish = nil
	case w.IsZero():
	case p.wish != nil && p.wish.window == w:
		p.wish.after = max(0, after)
	case is.target != 0 && p.wish == nil && sooner:
	default:
		p.wish = &wish{window: w, from: max(w.Start.UnixMicro(), now), after: max(0, after)}
	}
}

// follow is what the wish of the response means to the resolution: it keeps its distance.
func (p *player) follow(response *player, now int64) {
	if response.wish == nil {
		p.wish = nil
		return
	}
	w := *response.wish
	if p.wish != nil && p.wish.window == w.window {
		w.from = p.wish.from
	} else {
		w.from = max(w.window.Start.UnixMicro(), now)
	}
	w.after = max(0, p.target-response.target)
	p.wish = &w
}

// retarget gives the player another target and calendar. What was late stays late unless it wouldn't have been by the
// new target, and is so since the new due time if that is earlier.
func (p *player) retarget(target int64, f film, now int64) {
	p.target, p.film = target, f
	is := p.until(now)
	due := is.due(p)
	switch {
	case p.late == 0:
	case is.target == 0 || p.late < is.target:
		p.late = 0
	case due != 0:
		p.late = min(p.late, due)
	}
}

// A life is a ticket's clocks as the package has them, and as they are played.
type life struct {
	*trial
	on      [2]*sla.Calendar // two calendars, between which a change of priority changes
	films   [2]film
	clocks  [3]muster.SLAClock // by SLANames: no window puts off an acceptance
	players [3]player
	chosen  muster.Window
	arrived bool // somebody has come: the resolution alone goes on
	now     int64
	story   strings.Builder
}

func (l *life) tell(format string, args ...any) {
	fmt.Fprintf(&l.story, "; "+format, args...)
}

func when(us int64) time.Time { return time.UnixMicro(us).UTC() }

func stamp(t time.Time) string { return t.Format(time.RFC3339Nano) }

// life plays a ticket's clocks with all that the production code does to them, in any order: pauses, ends that are taken
// back, that become known late or after which the clock goes on, windows, and other targets and calendars.
func (t *trial) life(on *sla.Calendar, f film, sum int64) string {
	r := t.rand
	other := t.calendar(t.cal.Zone)
	second, err := sla.Compile(other, "")
	if err != nil {
		return err.Error()
	}
	l := &life{
		trial: t, now: t.from.UnixMicro(),
		on: [2]*sla.Calendar{on, second}, films: [2]film{f, newOracle(other).watch(t.from, t.to)},
	}
	targets := l.targets(sum)
	for i, target := range targets {
		l.clocks[i] = sla.Start(muster.SLANames()[i], target, "0", on, t.from)
		l.players[i] = player{film: f, target: target.Duration().Microseconds(), runs: []span{{from: l.now}}}
	}
	fmt.Fprintf(&l.story, "clocks of %v min from %s; the other calendar is %+v", targets, t.from, other)
	span := t.to.UnixMicro() - t.from.UnixMicro()
	for range 1 + r.IntN(9) {
		before := l.now
		l.now += r.Int64N(1 + span/12)
		switch n := r.IntN(10); {
		case n < 3:
			l.toggle(before)
		case n < 5:
			l.end(before)
		case n < 7:
			l.retarget(l.targets(sum), r.IntN(2))
		default:
			l.choose(span)
		}
		for i := range l.clocks {
			if r.IntN(2) == 0 {
				sla.Miss(&l.clocks[i], when(l.now)) // looking at it changes nothing but when a breach is noted
			}
			l.players[i].note(l.now)
		}
	}
	return l.differs()
}

func (l *life) targets(sum int64) [3]muster.Minutes {
	up := func(to int64) muster.Minutes { return muster.Minutes(l.rand.Int64N(max(1, to/60_000_000))) }
	response := 1 + up(sum/2)
	return [3]muster.Minutes{1 + up(sum/2), response, response + up(sum/4)}
}

func (l *life) calendar(c *muster.SLAClock) *sla.Calendar { return l.on[c.Calendar[0]-'0'] }

// going lists the clocks that may go on.
func (l *life) going() []int {
	if l.arrived {
		return []int{2}
	}
	return []int{0, 1, 2}
}

// toggle pauses what runs, maybe as of an earlier moment, up to which nothing else has happened, and lets go on what stands
// or has ended.
func (l *life) toggle(before int64) {
	at := l.now
	if l.rand.IntN(2) == 0 {
		at -= l.rand.Int64N(1 + l.now - before)
	}
	l.tell("switched at %s, what ran as of %s", stamp(when(l.now)), stamp(when(at)))
	for _, i := range l.going() {
		c, p := &l.clocks[i], &l.players[i]
		if p.running() {
			sla.Miss(c, when(l.now)) // nobody knew of the pause until now
			p.note(at)
			p.stop(at)
			sla.Pause(c, when(at))
		} else {
			p.note(l.now)
			p.run(l.now)
			sla.Run(c, l.calendar(c), when(l.now))
		}
	}
}

// end ends the clocks, maybe as of an earlier moment, up to which nothing else has happened. Half the ends are taken
// back a while later; after the others the clock may go on. A third of the first ones is somebody's arrival: it is for
// good, and the resolution goes on.
func (l *life) end(before int64) {
	at := l.now
	if l.players[2].running() && l.rand.IntN(2) == 0 {
		at -= l.rand.Int64N(1 + l.now - before)
	}
	back, taken := l.rand.IntN(2) == 0, l.now+l.rand.Int64N(1+(l.now-before)/2)
	going := l.going()
	if !l.arrived && l.clocks[1].EndedAt.IsZero() && l.rand.IntN(3) == 0 {
		l.arrived, back, going = true, false, going[:2]
	}
	l.tell("%v ended at %s as of %s", going, stamp(when(l.now)), stamp(when(at)))
	for _, i := range going {
		c, p := &l.clocks[i], &l.players[i]
		sla.Miss(c, when(l.now)) // nobody knew of the end until now
		if !c.EndedAt.IsZero() {
			continue
		}
		ran := p.running()
		if p.note(at); ran {
			p.stop(at)
		}
		sla.End(c, when(at))
		if back {
			sla.TakeBack(c)
		}
		if back && ran {
			p.runs[len(p.runs)-1].to = 0
		}
	}
	if back {
		l.now = taken
		l.tell("taken back at %s", stamp(when(l.now)))
	}
}

func (l *life) retarget(targets [3]muster.Minutes, calendar int) {
	l.tell("at %s other targets: %v by calendar %d", stamp(when(l.now)), targets, calendar)
	l.note()
	for i, target := range targets {
		if i > 0 && !l.clocks[i].EndedAt.IsZero() {
			continue // it doesn't go on
		}
		sla.Retarget(&l.clocks[i], target, fmt.Sprint(calendar), l.on[calendar])
		l.players[i].retarget(target.Duration().Microseconds(), l.films[calendar], l.now)
	}
	l.follow()
}

func (l *life) choose(span int64) {
	r := l.rand
	l.chosen = muster.Window{}
	if r.IntN(4) > 0 {
		start := l.now + r.Int64N(1+span/4) - span/40
		l.chosen = muster.Window{Start: when(start), End: when(max(start, l.now) + 1 + r.Int64N(1+span/16))}
	}
	l.tell("at %s chosen %s to %s", stamp(when(l.now)), stamp(l.chosen.Start), stamp(l.chosen.End))
	l.note()
	l.follow()
	if c, r := &l.clocks[1], &l.clocks[2]; l.arrived && r.EndedAt.IsZero() {
		sla.Choose(r, l.chosen, r.Target-c.Target, l.calendar(r), when(l.now))
		l.players[2].choose(l.chosen, l.players[2].target-l.players[1].target, l.now)
	}
}

// note notes what is late, as the production code does before it moves what is due.
func (l *life) note() {
	for i := range l.clocks {
		sla.Miss(&l.clocks[i], when(l.now))
		l.players[i].note(l.now)
	}
}

// follow lets the windows that were chosen last count, as the production code does after every choice and change of
// priority.
func (l *life) follow() {
	c, r := &l.clocks[1], &l.clocks[2]
	switch {
	case !r.EndedAt.IsZero():
		return
	case !l.arrived:
		sla.Choose(c, l.chosen, 0, l.calendar(c), when(l.now))
		l.players[1].choose(l.chosen, 0, l.now)
		l.players[2].follow(&l.players[1], l.now)
	case l.players[2].wish != nil:
		l.players[2].wish.after = max(0, l.players[2].target-l.players[1].target)
	}
	by := c.Deferred.Window
	if l.arrived {
		by = r.Deferred.Window
	}
	if by.IsZero() {
		sla.Undefer(r)
	} else {
		sla.Defer(r, by, r.Target-c.Target, l.calendar(r), when(l.now))
	}
}

// differs says where the clocks are not as they were played.
func (l *life) differs() string {
	for i := range l.clocks {
		c, p := &l.clocks[i], &l.players[i]
		story, on := l.story.String(), l.calendar(c)
		if used := sla.Used(c, on, when(l.now)).Microseconds(); used != p.until(l.now).used {
			return fmt.Sprintf("%s: %s has used %d us, by the oracle %d", story, c.Name, used, p.until(l.now).used)
		}
		sla.Run(c, on, when(l.now))
		sla.Miss(c, when(l.now))
		if late := !c.BreachedAt.IsZero(); late != (p.late != 0) || late && c.BreachedAt.UnixMicro() != p.late {
			return fmt.Sprintf("%s: %s is late since %s, by the oracle %s", story, c.Name, c.BreachedAt, when(p.late))
		}
		then, found := p.ahead(l.now)
		if due := found.due(&then); due != 0 && p.late == 0 && c.Due.UnixMicro() != due {
			return fmt.Sprintf("%s: %s is due %s, by the oracle %s", story, c.Name, c.Due, when(due))
		}
	}
	return ""
}
