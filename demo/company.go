package demo

import (
	"time"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/dispatch"
)

// Company is what Generate made.
type Company struct {
	Seed    int64
	Skills  []muster.Skill
	Policy  muster.Policy
	Experts []muster.Expert
	Tickets []dispatch.Intake
	Users   []muster.User // one of each role
	Nobody  []Nobody      // tickets that nobody can take
}

// Nobody names a ticket that nobody can take and the reason that shows it best.
type Nobody struct {
	Legacy string
	Reason muster.ReasonCode
}

// widest is the farthest that anybody drives, in km by road.
const widest = 185

// Generate makes a company.
func Generate(o Options) (*Company, error) {
	if o.Now.IsZero() {
		return nil, muster.Invalid("now", "", "give the moment around which the company is made")
	}
	o = o.filled()
	c := &Company{Seed: o.Seed, Skills: skillParts(), Policy: policy()}
	staff, err := hire(o)
	if err != nil {
		return nil, err
	}
	c.Experts = staff
	if o.Tickets > 0 {
		w := newWorld(o, staff)
		c.Tickets, c.Nobody = w.demand(o)
	}
	c.Users = people(c)
	return c, nil
}

// policy is the default one with the country's density. Experts have travel limits of their own; the
// policy's is that of those who drive farthest, so that rounds look far enough for them.
func policy() muster.Policy {
	p := muster.DefaultPolicy()
	p.Travel.Density = density()
	p.Capacity.TravelKm = widest
	return p
}

// locations keeps the zones that were loaded.
type locations map[string]*time.Location

func (l locations) of(zone string) (*time.Location, error) {
	if at, ok := l[zone]; ok {
		return at, nil
	}
	at, err := time.LoadLocation(zone)
	if err != nil {
		return nil, muster.E(muster.CodeInternal, "the time zone "+zone+" is not known here", "install tzdata").Because(err)
	}
	l[zone] = at
	return at, nil
}
