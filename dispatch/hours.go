package dispatch

import (
	"sync"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/sla"
)

// hours keeps a policy's calendars ready to count. Each is made ready once for a zone of sites.
type hours struct {
	of   map[string]muster.Calendar
	mu   sync.Mutex
	made map[hoursKey]*sla.Calendar
}

type hoursKey struct{ name, zone string }

var always = func() *sla.Calendar {
	c, err := sla.Compile(muster.RoundTheClock(), "")
	if err != nil {
		panic("dispatch: all the time is no calendar: " + err.Error())
	}
	return c
}()

// calendar gives the one of a name for a site's zone. One that the policy has no more counts all the time: what was
// promised under it is due earlier rather than never.
func (h *hours) calendar(name, zone string) *sla.Calendar {
	c, known := h.of[name]
	if !known {
		return always
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	key := hoursKey{name, zone}
	if made := h.made[key]; made != nil {
		return made
	}
	made, err := sla.Compile(c, zone)
	if err != nil { // saved before there were such calendars
		made = always
	}
	if h.made == nil {
		h.made = make(map[hoursKey]*sla.Calendar)
	}
	h.made[key] = made
	return made
}
