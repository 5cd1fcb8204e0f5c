package torture

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/sysopssquad/muster"
)

// A deadline is what somebody is held to, and what follows if they are silent.
type deadline string

// The deadlines that lie in an outage.
const (
	toLeave   deadline = "leaving" // the latest leaving time: they are asked
	toAnswer  deadline = "answer"  // who was asked before: it is put before a person
	toReplace deadline = "replace" // who is before a person already: somebody else is sent
	toArrive  deadline = "promise" // who is on the way, the end of the customer's window: the customer is told sorry
	toAccept  deadline = "offer"   // its end: others are asked
)

var deadlines = []deadline{toLeave, toAnswer, toReplace, toArrive, toAccept}

// How many people have each of these deadlines in an outage, and how many have to for the run to say anything: what a slow
// machine does too late is left out.
const (
	exposedEach  = 8
	exposedLeast = 5
)

// Figures of their time.
const (
	answerTime  = time.Minute      // that whoever is asked has: the least that a policy can give
	beforeIt    = 10 * time.Second // so long before their deadline they do what they are held to
	leadIn      = 20 * time.Second // from the last of them who is given a visit to the outage, at most
	longEnough  = 3 * time.Minute  // for all of it to lie in an outage
	nextDoor    = time.Minute      // from where the district's experts live to its customer: the least that is reckoned with
	askedWithin = 30 * time.Second // after the leaving time: two sweeps, see I3
	outlasts    = 3 * time.Hour    // so long after an outage nothing else of theirs is due: filing may take an hour
	tellAfter   = 30 * time.Second // an outage, their phones reach us: by then workers have swept, and nobody's time is over
)

// exposed is somebody with a deadline that lies in an outage.
type exposed struct {
	deadline
	ticket muster.TicketID
	expert muster.ExpertID
	phone  muster.UserID
	visit  muster.VisitID
	offer  muster.OfferID
	by     time.Time // the deadline
	did    time.Time // when they did what they are held to
}

// district is a part of the company in which nobody else works: experts, others who could be sent in their place, and a
// customer. It is where it is noon now, so that nobody's day ends and nothing waits for the morning.
type district struct {
	http  *http.Client
	clock muster.Clock // a Sleeper, or the machine's

	place    map[string]any
	customer caller
	spare    []muster.ExpertID // who have nothing to do yet
	phones   map[muster.ExpertID]muster.UserID
	people   []*exposed
}

// theirs tells whether an expert is one of the district's.
func (d *district) theirs(e muster.ExpertID) bool { return d.phones[e] != "" }

// noonAt is where it is noon about then: degrees of longitude, and a zone.
func noonAt(now time.Time) (lng float64, zone string) {
	east := 12 - now.UTC().Hour()
	return min(15*float64(east), 179), fmt.Sprintf("Etc/GMT%+d", -east) // these names count westwards
}

// found makes the district with its experts.
func (d *district) found(ctx context.Context) error {
	now := d.clock.Now()
	lng, zone := noonAt(now)
	d.place = map[string]any{
		"point": map[string]float64{"lat": -50, "lng": lng}, "precision": muster.PrecisionSet, "zone": zone,
	}
	d.phones = make(map[muster.ExpertID]muster.UserID)
	var made struct {
		ID    muster.CustomerID `json:"id"`
		Sites []muster.Site     `json:"sites"`
	}
	if err := d.ask(ctx, board, http.MethodPost, "/v1/customers", map[string]any{
		"name": "South Sea Laundry", "phone": "+1 202-555-0100", "sites": []any{map[string]any{"name": "Laundry", "place": d.place}},
	}, &made); err != nil {
		return err
	}
	d.customer = caller{made.ID, made.Sites[0].ID}
	var mu sync.Mutex
	return each(make([]struct{}, len(deadlines)*exposedEach+exposedEach), func(n int, _ struct{}) error {
		e, phone, err := d.hire(ctx, n, now)
		mu.Lock()
		defer mu.Unlock()
		d.spare, d.phones[e] = append(d.spare, e), phone
		return err
	})
}

// hire makes an expert with a phone.
func (d *district) hire(ctx context.Context, n int, now time.Time) (e muster.ExpertID, phone muster.UserID, err error) {
	var made struct {
		ID muster.ExpertID `json:"id"`
	}
	name := fmt.Sprintf("Sailor %d", n)
	skill := muster.Competence{Skill: laundry, Level: 3, Evidence: "years at sea"}
	if err := d.ask(ctx, board, http.MethodPost, "/v1/experts", map[string]any{
		"name": name, "base": d.place, "skills": []muster.Competence{skill}, "shifts": []any{},
		"extra": []muster.Window{{Start: now.Add(-time.Hour), End: now.Add(10 * time.Hour)}},
	}, &made); err != nil {
		return "", "", err
	}
	phone = muster.UserID("usr_" + strings.TrimPrefix(string(made.ID), "exp_"))
	return made.ID, phone, d.ask(ctx, keeper, http.MethodPost, "/v1/users", map[string]any{
		"id": phone, "name": name, "role": muster.RoleExpert, "expert": made.ID,
	}, nil)
}

// policy changes some of the figures that decisions rest on.
func (d *district) policy(ctx context.Context, change func(*muster.Policy)) error {
	var p muster.Policy
	if err := d.ask(ctx, keeper, http.MethodGet, "/v1/policy", nil, &p); err != nil {
		return err
	}
	change(&p)
	return d.ask(ctx, keeper, http.MethodPut, "/v1/policy", p, nil)
}

// expose brings people to where their deadlines lie in an outage that begins within leadIn of its return, and lasts for a
// time. It takes some three minutes.
func (d *district) expose(ctx context.Context, lasts time.Duration) error {
	var usual muster.Policy
	if err := d.policy(ctx, func(p *muster.Policy) {
		usual = *p
		brief := muster.MinutesOf(answerTime)
		p.AnswerMinutes, p.OfferMinutes, p.UrgentOffer = brief, brief, brief
		p.Lead, p.Travel.Fixed = 0, muster.MinutesOf(nextDoor)
	}); err != nil {
		return err
	}
	if err := d.found(ctx); err != nil {
		return err
	}
	replaced, err := d.assign(ctx, toReplace, lasts, func(int) time.Time { return d.clock.Now().Add(beforeIt) })
	if err != nil {
		return err
	}
	if err := d.until(ctx, replaced, func(v *muster.Visit) bool { return !v.AskedAt.IsZero() }); err != nil {
		return err
	}
	answered, err := d.assign(ctx, toAnswer, lasts, func(int) time.Time { return d.clock.Now().Add(answerTime) })
	if err != nil {
		return err
	}
	if err := d.until(ctx, replaced, func(v *muster.Visit) bool { return !v.AlarmedAt.IsZero() }); err != nil {
		return err
	}
	if err := d.until(ctx, answered, func(v *muster.Visit) bool { return !v.AskedAt.IsZero() }); err != nil {
		return err
	}
	step := (lasts - nextDoor - 2*leadIn) / exposedEach // all over the outage, the first leadIn after it has begun
	if _, err := d.assign(ctx, toLeave, lasts, d.in(2*leadIn, step)); err != nil {
		return err
	}
	if err := d.sendOff(ctx, d.in(nextDoor+2*leadIn, step)); err != nil {
		return err
	}
	if err := d.offer(ctx, lasts); err != nil {
		return err
	}
	return d.policy(ctx, func(p *muster.Policy) {
		p.Lead, p.OfferMinutes, p.UrgentOffer = usual.Lead, usual.OfferMinutes, usual.UrgentOffer
	})
}

// in gives instants from so long after now on, a step apart.
func (d *district) in(first, step time.Duration) func(n int) time.Time {
	now := d.clock.Now()
	return func(n int) time.Time { return now.Add(first + time.Duration(n)*step) }
}

// shown is a ticket, or what a command on it answers, as far as it is of use here.
type shown struct {
	Ticket muster.Ticket  `json:"ticket"`
	Visit  *muster.Visit  `json:"visit"`  // of a command
	Visits []muster.Visit `json:"visits"` // of a ticket
	Offers []muster.Offer `json:"offers"`
}

// ticket submits one with a window, for an expert who is free.
func (d *district) ticket(
	ctx context.Context, what deadline, expert muster.ExpertID, w muster.Window, work time.Duration,
) (*exposed, error) {
	var a shown
	err := d.ask(ctx, board, http.MethodPost, "/v1/tickets", map[string]any{
		"customer": d.customer.customer, "site": d.customer.site, "title": "Must not be held to be silent: " + string(what),
		"duration_min": muster.MinutesOf(work), "needs": []muster.Need{{Skill: laundry, Level: 1}}, "windows": []muster.Window{w},
	}, &a)
	x := &exposed{deadline: what, ticket: a.Ticket.ID, expert: expert, phone: d.phones[expert]}
	for tries := 0; err == nil && a.Ticket.State == muster.Accepted && tries < 60; tries++ { // on a slow machine it is filed first
		if err = muster.Sleep(ctx, d.clock, time.Second); err != nil {
			break
		}
		if err = d.ask(ctx, board, http.MethodGet, "/v1/tickets/"+string(x.ticket), nil, &a); refused(err) {
			err = nil // another server has it
		}
	}
	return x, err
}

// make gives a free expert each a ticket of their own.
func (d *district) make(what deadline, of func(n int, e muster.ExpertID) (*exposed, error)) ([]*exposed, error) {
	var mu sync.Mutex
	var out []*exposed
	err := each(d.spare[:exposedEach], func(n int, e muster.ExpertID) error {
		x, err := of(n, e)
		if err != nil {
			return fmt.Errorf("%s: %w", what, err)
		}
		mu.Lock()
		defer mu.Unlock()
		out = append(out, x)
		return nil
	})
	d.spare = d.spare[exposedEach:]
	d.people = append(d.people, out...)
	return out, err
}

// assign gives people visits for which they have to leave at some instants. Others can come within the customer's windows still
// when the outage is over.
func (d *district) assign(
	ctx context.Context, what deadline, lasts time.Duration, leave func(n int) time.Time,
) ([]*exposed, error) {
	return d.make(what, func(n int, e muster.ExpertID) (*exposed, error) {
		now := d.clock.Now()
		x, err := d.ticket(ctx, what, e, muster.Window{Start: now, End: now.Add(lasts + outlasts)}, outlasts)
		if err != nil {
			return nil, err
		}
		a, err := d.give(ctx, x, leave(n).Add(nextDoor))
		if err == nil {
			x.by = a.Ticket.Timers[muster.TimerDepart]
		}
		return x, err
	})
}

// give assigns an expert their ticket. A round may just have offered them another one, for which their time is held.
func (d *district) give(ctx context.Context, x *exposed, start time.Time) (a shown, err error) {
	if err = d.ask(ctx, board, http.MethodPost, "/v1/tickets/"+string(x.ticket)+"/assign", map[string]any{
		"expert": x.expert, "start": muster.Instant(start),
		"overrides": []muster.ReasonCode{muster.HeldByOther}, "why": "the other one goes to somebody else",
	}, &a); err == nil {
		x.visit = a.Visit.ID
	}
	return a, err
}

// sendOff sets people on the way to customers whose windows end at some instants.
func (d *district) sendOff(ctx context.Context, end func(n int) time.Time) error {
	_, err := d.make(toArrive, func(n int, e muster.ExpertID) (*exposed, error) {
		now := d.clock.Now()
		w := muster.Window{Start: now, End: muster.Instant(end(n))}
		x, err := d.ticket(ctx, toArrive, e, w, outlasts)
		if err != nil {
			return nil, err
		}
		a, err := d.give(ctx, x, d.clock.Now().Add(nextDoor+beforeIt))
		if err != nil {
			return nil, err
		}
		x.by = a.Ticket.Promised.End
		return x, d.step(ctx, x, "depart", time.Time{})
	})
	return err
}

// offer asks people about visits that they need not leave for before all is over. Whom a round has just asked about something
// else at that time is asked about a later one.
func (d *district) offer(ctx context.Context, lasts time.Duration) error {
	_, err := d.make(toAccept, func(_ int, e muster.ExpertID) (x *exposed, err error) {
		start := d.clock.Now().Add(lasts + outlasts)
		for ; ; start = start.Add(time.Hour) {
			if x, err = d.ticket(ctx, toAccept, e, muster.Window{Start: start, End: start.Add(time.Hour)}, time.Hour); err != nil {
				return nil, err
			}
			var a shown
			err = d.ask(ctx, board, http.MethodPost, "/v1/tickets/"+string(x.ticket)+"/offer", map[string]any{
				"expert": e, "start": muster.Instant(start),
			}, &a)
			if err == nil {
				at := slices.IndexFunc(a.Offers, func(o muster.Offer) bool { return o.Expert == e })
				x.offer, x.visit, x.by = a.Offers[at].ID, a.Offers[at].Visit, a.Offers[at].Deadline
				return x, nil
			}
			if !refused(err) || start.Sub(d.clock.Now()) > lasts+2*outlasts {
				return nil, err
			}
		}
	})
	return err
}

// until waits until the visits of some have come so far, and notes what their experts are held to by then.
func (d *district) until(ctx context.Context, some []*exposed, so func(*muster.Visit) bool) error {
	for _, x := range some {
		for began := d.clock.Now(); ; {
			var a shown
			if err := d.ask(ctx, board, http.MethodGet, "/v1/tickets/"+string(x.ticket), nil, &a); err != nil {
				return err
			}
			v := &a.Visits[len(a.Visits)-1]
			if so(v) {
				if x.by = v.AskedAt.Add(answerTime); !v.AlarmedAt.IsZero() {
					x.by = v.AlarmedAt.Add(answerTime)
				}
				break
			}
			if d.clock.Now().Sub(began) > 4*answerTime {
				return fmt.Errorf("nothing is done about %s, for which %s should have left", x.ticket, x.expert)
			}
			if err := muster.Sleep(ctx, d.clock, time.Second); err != nil {
				return err
			}
		}
	}
	return nil
}

// ask sends a request for somebody.
func (d *district) ask(ctx context.Context, who muster.UserID, method, path string, body, into any) error {
	return ask(ctx, d.http, who, method, path, body, into)
}

// each does something for all of a list, some at a time.
func each[T any](list []T, do func(n int, of T) error) error {
	const atOnce = 4
	var under sync.WaitGroup
	errs := make([]error, atOnce)
	for first := range atOnce {
		under.Go(func() {
			for n := first; n < len(list) && errs[first] == nil; n += atOnce {
				errs[first] = do(n, list[n])
			}
		})
	}
	under.Wait()
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}
