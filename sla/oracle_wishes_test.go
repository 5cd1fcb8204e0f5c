package sla_test

import (
	"fmt"
	"sort"
	"time"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/sla"
)

// A player plays a clock by the film: it counts the instants in which the clock runs, one minute after the other, and
// knows neither of due times that move nor of the order in which pauses and windows came.
type player struct {
	target  int64
	running bool
	used    int64
	late    int64 // when it was due first, 0: never so far
	wish    *wish
}

// A wish is a window that the customer chose, and how much of it the clock has run through. After it as much open time
// counts as was agreed.
type wish struct {
	window     muster.Window
	start      int64
	rest, left int64
}

func wishOf(w muster.Window, after, now int64) *wish {
	start, end := w.Start.UnixMicro(), w.End.UnixMicro()
	return &wish{window: w, start: start, rest: end - max(start, now), left: after}
}

// play lets time pass, all of it with or without the clock.
func (p *player) play(f film, from, to int64) {
	i := sort.Search(len(f.cells), func(i int) bool { return f.cells[i].to > from })
	for ; p.running && i < len(f.cells) && f.cells[i].from < to; i++ {
		a, b := max(f.cells[i].from, from), min(f.cells[i].to, to)
		met := a // when all was used, within this minute
		if f.cells[i].open {
			met = max(met, a+p.target-p.used)
			p.used += b - a
		}
		if w := p.wish; w != nil {
			met = max(met, w.play(a, b, f.cells[i].open))
		}
		if done := p.used >= p.target && (p.wish == nil || p.wish.rest <= 0 && p.wish.left <= 0); done && p.late == 0 {
			p.late = met
		}
	}
}

// play gives when the wish was over, if that was from a to b.
func (w *wish) play(a, b int64, open bool) (met int64) {
	met = a
	if s := max(a, w.start); w.rest > 0 && b > s {
		met = s + w.rest
		w.rest -= b - s
		a = max(s, min(met, b))
	}
	if open && w.rest <= 0 && w.left > 0 {
		met = a + w.left
		w.left -= b - a
	}
	return met
}

// due is when the clock would be late if it ran on, 0: not in this film.
func (p player) due(f film, now int64) int64 {
	if p.wish != nil {
		w := *p.wish
		p.wish = &w
	}
	p.running = true
	p.play(f, now, f.cells[len(f.cells)-1].to)
	return p.late
}

// windows plays two clocks, those of the response and the resolution, with pauses and windows in any order.
func (t *trial) windows(on *sla.Calendar, f film, sum int64) string {
	r := t.rand
	target := muster.Minutes(1 + r.Int64N(max(1, sum/60_000_000/2)))
	targets := []muster.Minutes{target, target + muster.Minutes(r.Int64N(1+sum/60_000_000/4))}
	var clocks [2]muster.SLAClock
	var players [2]player
	for i, target := range targets {
		clocks[i] = sla.Start(muster.SLANames()[i+1], target, "c", on, t.from)
		players[i] = player{target: target.Duration().Microseconds(), running: true}
	}
	now, span := t.from.UnixMicro(), t.to.UnixMicro()-t.from.UnixMicro()
	story := fmt.Sprintf("clocks of %v min from %s", targets, t.from)
	for range 1 + r.IntN(9) {
		next := now + r.Int64N(1+span/8)
		for i := range players {
			players[i].play(f, now, next)
		}
		now = next
		at := time.UnixMicro(now).UTC()
		if r.IntN(2) == 0 {
			story += ", switched at " + at.Format(time.RFC3339Nano)
			for i := range clocks {
				if players[i].running = !players[i].running; players[i].running {
					sla.Run(&clocks[i], on, at)
				} else {
					sla.Pause(&clocks[i], on, at)
				}
			}
			continue
		}
		var w muster.Window
		if r.IntN(4) > 0 {
			start := now + r.Int64N(1+span/4) - span/40
			w = muster.Window{Start: time.UnixMicro(start).UTC(), End: time.UnixMicro(max(start, now) + 1 + r.Int64N(1+span/16)).UTC()}
		}
		story += fmt.Sprintf(", at %s chosen %s to %s", at.Format(time.RFC3339Nano), w.Start.Format(time.RFC3339Nano), w.End.Format(time.RFC3339Nano))
		for i := range clocks {
			sla.Miss(&clocks[i], at) // as whoever chooses does first
		}
		t.choose(&clocks, &players, f, w, on, now)
	}
	for i, c := range clocks {
		p := players[i]
		if used := sla.Used(&c, on, time.UnixMicro(now)).Microseconds(); used != p.used {
			return fmt.Sprintf("%s: %s has used %d us, by the oracle %d", story, c.Name, used, p.used)
		}
		sla.Run(&c, on, time.UnixMicro(now))
		sla.Miss(&c, time.UnixMicro(now))
		if late := !c.BreachedAt.IsZero(); late != (p.late != 0) || late && c.BreachedAt.UnixMicro() != p.late {
			return fmt.Sprintf("%s: %s is late since %s, by the oracle %s", story, c.Name, c.BreachedAt, time.UnixMicro(p.late).UTC())
		}
		if due := p.due(f, now); due != 0 && p.late == 0 && c.Due.UnixMicro() != due {
			return fmt.Sprintf("%s: %s is due %s, by the oracle %s", story, c.Name, c.Due, time.UnixMicro(due).UTC())
		}
	}
	return ""
}

// choose tells both sides of a choice. The oracle looks into the future for when the response would be due without it.
func (t *trial) choose(clocks *[2]muster.SLAClock, players *[2]player, f film, w muster.Window, on *sla.Calendar, now int64) {
	c, r := &clocks[0], &clocks[1]
	sla.Choose(c, w, on, time.UnixMicro(now))
	if c.Deferred.Window.IsZero() {
		sla.Undefer(r)
	} else {
		sla.Defer(r, c.Deferred.Window, r.Target-c.Target, on, time.UnixMicro(now))
	}

	without := player{target: players[0].target, used: players[0].used}
	ahead, sooner := without.used < without.target, false
	if ahead {
		due := without.due(f, now)
		sooner = due == 0 || w.Start.UnixMicro() < due
	}
	switch p := &players[0]; {
	case ahead && (w.IsZero() || sooner):
		p.wish, players[1].wish = nil, nil
	case w.IsZero() || p.wish != nil && p.wish.window == w:
	default:
		p.wish, players[1].wish = wishOf(w, 0, now), wishOf(w, players[1].target-p.target, now)
	}
}
