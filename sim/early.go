package sim

import (
	"time"
)

// Some experts don't keep to their plan's times.
const (
	offEarly  = 0.08          // of visits, for which they set off long before their time
	earliest  = 5 * time.Hour // before the time
	firstHour = 6             // of the day in their town: nobody leaves before
)

// setOff is when an expert means to leave for a visit: five minutes ahead of what the plan says, or hours early, when
// the visit before it hasn't begun perhaps. So they come to take their visits in another order than their tour has.
func (p *phones) setOff(l *life, e *errand) time.Time {
	at := e.start.Add(-(e.travel + 5).Duration())
	r := l.dice("early", e.visit)
	if !odds(r, offEarly) {
		return at
	}
	sooner := laterOf(l.clock.Now(), at.Add(-between(r, 15*time.Minute, earliest)))
	if h := l.world.local(l.world.byID[e.expert].town, sooner); h < firstHour || !sooner.Before(at) {
		return at
	}
	l.did("set off early")
	return sooner
}
