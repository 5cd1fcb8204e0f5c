package muster

import (
	"sync"
	"sync/atomic"
	"time"
	_ "time/tzdata" // so that a machine without a zone database plans the same days as all others
)

var (
	zones    atomic.Pointer[map[string]*time.Location]
	zonesOne sync.Mutex
)

// Location gives the time zone of an IANA name, such as America/Chicago. Each is loaded once and then
// shared; finding it again takes no lock and no memory. A name that is not known gives UTC: places are
// checked when they come in, and a plan in UTC is better than none.
func Location(zone string) *time.Location {
	if m := zones.Load(); m != nil {
		if l, ok := (*m)[zone]; ok {
			return l
		}
	}
	if zone == "" || zone == "Local" { // the machine's own zone must never decide anything
		return time.UTC
	}
	l, err := time.LoadLocation(zone)
	if err != nil {
		return time.UTC
	}
	zonesOne.Lock()
	defer zonesOne.Unlock()
	next := map[string]*time.Location{zone: l}
	if m := zones.Load(); m != nil {
		for name, known := range *m {
			next[name] = known
		}
	}
	zones.Store(&next)
	return next[zone]
}
