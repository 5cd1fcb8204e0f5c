package dispatch

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/graph"
	"github.com/sysopssquad/muster/matcher"
)

// ofTheExpert are the constraints that may exclude somebody from a visit of theirs because they have changed: their
// skills, hours, leave or limits. All others are about the ticket, or about how the day went.
var ofTheExpert = []muster.ReasonCode{
	muster.NoSkill, muster.LevelLow, muster.CertificateEnds, muster.OffShift, muster.OnLeave, muster.NotOnCall, muster.BreakMissed,
	muster.DayTooLong, muster.WeekTooLong, muster.RestTooShort, muster.Overtime, muster.OverCapacity, muster.OutOfTerritory,
	muster.TooFar, muster.LacksParts, muster.NotAuthorised, muster.Gone, muster.OtherDivision, muster.NotMobile,
}

// Moved says what becomes of a visit that an expert can't make any more.
type Moved struct {
	Ticket muster.TicketID   `json:"ticket"`
	Ref    string            `json:"ref"`
	Visit  muster.VisitID    `json:"visit"`
	State  muster.VisitState `json:"state"`  // before
	Window muster.Window     `json:"window"` // promised to the customer
	Start  time.Time         `json:"start"`  // before
	Zone   string            `json:"zone"`   // of the site
	Why    string            `json:"why"`    // why the expert can't make it
	Do     MoveKind          `json:"do"`
	Expert muster.ExpertID   `json:"expert,omitempty"` // who has it then
	Name   string            `json:"name,omitempty"`
	At     time.Time         `json:"at,omitzero"` // when they come, within the window
}

// MoveKind says what is done about such a visit.
type MoveKind string

// The kinds.
const (
	MoveGiven  MoveKind = "given"  // to somebody who comes within the promised window
	MoveCall   MoveKind = "call"   // nobody can: the ticket is queued, a person calls the customer
	MoveAsked  MoveKind = "asked"  // nothing was promised yet: others are asked still, or the ticket is queued again
	MoveUnder  MoveKind = "person" // a person sees to it: the expert is on the way, or it can't be written
	MoveStands MoveKind = "stands" // somebody has seen to it meanwhile
)

// Redecide looks at all work that an expert has ahead, after something about them has changed: what they can't make any
// more goes to somebody who comes within the window that the customer was promised; where nobody can, the ticket is
// queued with that window as its wish, and a person calls the customer. What they could only make from the place of a
// visit that went to somebody else is looked at again. Once all is seen to the expert's timer is taken off. A ticket over
// which this breaks is put before a person and keeps none of the others; it is the error then, and the timer stays. It is
// safe to repeat.
func (d *Dispatch) Redecide(ctx context.Context, id muster.ExpertID) ([]Moved, error) {
	now := d.clock.Now()
	on, err := d.weighing(ctx, now)
	if err != nil {
		return nil, err
	}
	var all []affected
	var failure error
	for seen := make(map[muster.VisitID]bool); ; {
		c, err := d.store.ExpertCase(ctx, "", id, now.Add(-around))
		if err != nil {
			return nil, err
		}
		out, failed, err := d.affected(ctx, on, &c)
		if err != nil {
			return nil, err
		}
		out = slices.DeleteFunc(out, func(a affected) bool { return seen[a.Visit] })
		if failure = cmp.Or(failure, failed); len(out) == 0 && failure != nil {
			return moved(all), failure
		}
		if len(out) == 0 {
			return moved(all), d.seenTo(ctx, &c.Expert)
		}
		for _, a := range out {
			cmd := muster.Command{
				ID:    muster.CommandID(fmt.Sprintf("redecide/%s/%d/%s/%d", a.Visit, a.rev, id, c.Expert.Rev)),
				Actor: muster.System("changes"),
			}
			seen[a.Visit] = true
			a.Moved, err = d.moveOne(ctx, cmd, a, id)
			switch {
			case err == nil:
				all = append(all, a)
			case ofTheTicket(ctx, err):
				failure = cmp.Or(failure, err)
			default:
				return nil, err
			}
		}
	}
}

// moveOne is moveAway. A ticket over which that breaks is put before a person, as far as it can be written at all.
func (d *Dispatch) moveOne(ctx context.Context, cmd muster.Command, a affected, from muster.ExpertID) (m Moved, err error) {
	func() {
		defer unbroken(&err, muster.CodeInternal)
		m, err = d.moveAway(ctx, cmd, a, from)
	}()
	if err != nil && ofTheTicket(ctx, err) {
		_ = d.Stuck(ctx, graph.Wake{ID: string(a.Ticket), Kind: muster.KindTicket}, 1, err) // the error itself is told as well
	}
	return m, err
}

func moved(affected []affected) []Moved {
	out := make([]Moved, len(affected))
	for i, a := range affected {
		out[i] = a.Moved
	}
	return out
}

// seenTo takes the timer off an expert as they were loaded. Somebody who has changed them since has set it anew.
func (d *Dispatch) seenTo(ctx context.Context, e *muster.Expert) error {
	_, due := e.Timers[muster.TimerRedecide]
	skills, waits := e.Timers[muster.TimerSkills]
	again := waits && !d.clock.Now().Before(skills)
	if !due && !again {
		return nil
	}
	cmd := muster.Command{ID: muster.CommandID(fmt.Sprintf("redecided/%s/%d", e.ID, e.Rev)), Actor: muster.System("changes")}
	_, err := decide(ctx, d, cmd, "expert.redecided", e.ID, func(ctx context.Context, cmd muster.Command) (muster.Expert, graph.Change, error) {
		return d.onExpert(ctx, cmd, e.ID, func(_ *draft, now muster.Expert) (muster.Expert, string, error) {
			if now.Rev != e.Rev {
				return now, "", errStands
			}
			now.Timers = withTimer(now.Timers, muster.TimerRedecide, time.Time{})
			if again {
				now.Timers = withTimer(now.Timers, muster.TimerSkills, time.Time{})
			}
			return now, "expert.redecided", nil
		})
	})
	if errors.Is(err, errStands) {
		return nil
	}
	return err
}

// withTimer sets a timer, or takes it off.
func withTimer(all muster.Timers, name muster.TimerName, at time.Time) muster.Timers {
	out := make(muster.Timers, len(all)+1)
	for n, t := range all {
		if n != name {
			out[n] = t
		}
	}
	if !at.IsZero() {
		out[name] = at
	}
	if len(out) == 0 {
		return nil
	}
	return out
}

// affected is a visit that its expert can't make any more.
type affected struct {
	Moved
	from  muster.ExpertID
	rev   int64 // of the ticket
	whole *graph.TicketCase
}

// affected lists the visits of an expert, as they are in the case, that they can't make any more, by start. What is at
// the customer's already is left alone. Failed is the first error of a ticket over which this breaks; the others are listed.
func (d *Dispatch) affected(ctx context.Context, on *setup, c *graph.ExpertCase) (out []affected, failed, err error) {
	now := d.clock.Now()
	p := matcher.Person{Expert: &c.Expert}
	for i := range c.Tours {
		p.Tours = append(p.Tours, &c.Tours[i])
	}
	one := func(t muster.TicketID) (err error) {
		defer unbroken(&err, muster.CodeInternal)
		tc, err := d.store.TicketCase(ctx, "", graph.CaseRef{Ticket: t, Latest: lastVisits})
		if err != nil {
			return err
		}
		k := newDraft(muster.Command{}, now, on).desk(&tc)
		if why := k.outOf(p); why != "" {
			out = append(out, affected{from: c.Expert.ID, rev: k.base, whole: &tc, Moved: Moved{
				Ticket: k.ticket.ID, Ref: k.ticket.Ref(), Visit: k.visit.ID, State: k.visit.State, Window: k.visit.Window,
				Start: k.visit.Start, Zone: k.ticket.Zone, Why: why,
			}})
		}
		return nil
	}
	world := on.world(now)
	for _, t := range c.Tours {
		for _, s := range t.Stops {
			if !s.EndedAt.IsZero() || world.Over(&s) {
				continue
			}
			switch err := one(s.Ticket); {
			case err == nil:
			case ofTheTicket(ctx, err):
				failed = cmp.Or(failed, err)
			default:
				return nil, nil, err
			}
		}
	}
	slices.SortStableFunc(out, func(a, b affected) int { return a.Start.Compare(b.Start) })
	return out, failed, nil
}

// outOf says why an expert can't make the open visit, that they have or are asked for, any more: "" if they can, or are
// at it.
func (k *desk) outOf(p matcher.Person) string {
	if k.visit == nil {
		return ""
	}
	switch k.visit.State {
	case muster.VisitOffered, muster.VisitAssigned, muster.VisitEnRoute:
	default:
		return ""
	}
	job, start := k.had(0), time.Time{}
	for _, a := range k.crew {
		if a.Expert == p.Expert.ID {
			job, start = k.had(a.Place), a.Start
			allowed, wider := k.on.setAside(a.Decided)
			job.Allowed, job.Wider = allowed, job.Wider.And(wider)
		}
	}
	for _, o := range k.offers {
		if o.Expert == p.Expert.ID {
			job, start = k.had(o.Place), o.Start
		}
	}
	if start.IsZero() {
		return ""
	}
	job.Since = k.firstPlanned(k.visit.ID, p.Expert.ID, start)
	_, reasons := k.on.world(k.now).Check(job, p, start)
	var why []string
	for _, r := range reasons {
		if slices.Contains(ofTheExpert, r.Code) || r.Code == muster.IsBlocked && unwanted(&k.loaded.Customer, p.Expert.ID) {
			why = append(why, r.Text)
		}
	}
	if len(why) == 0 && k.visit.State == muster.VisitAssigned && start.Before(k.now) {
		why = k.away(job, p)
	}
	return strings.Join(why, " ")
}

// away tells of the leave of an expert who should have left for a visit, and hasn't: if they are on leave now, and by the end
// of it can't come within the window any more. Who is only late keeps the visit: that is no change of theirs, and nobody is
// replaced for silence.
func (k *desk) away(job matcher.Job, p matcher.Person) (why []string) {
	t := *job.Ticket
	t.Windows = []muster.Window{k.visit.Window}
	job.Ticket, job.Since = &t, k.now
	world := k.on.world(k.now)
	if _, none := world.Check(job, p, time.Time{}); len(none) == 0 {
		return nil
	}
	_, reasons := world.Check(job, p, k.now)
	for _, r := range reasons {
		if r.Code == muster.OnLeave {
			why = append(why, r.Text)
		}
	}
	return why
}

// errStands says that a visit needs no other expert any more.
var errStands = errors.New("nothing to redecide")

// substitutes is how many are tried in turn for a visit, the cheapest first.
const substitutes = 5

// moveAway gives one affected visit to somebody else, or puts it before a person. It is one command on the ticket.
func (d *Dispatch) moveAway(ctx context.Context, cmd muster.Command, a affected, from muster.ExpertID) (Moved, error) {
	ref := graph.CaseRef{Ticket: a.Ticket, Experts: []muster.ExpertID{from}}
	m := a.Moved
	if a.State == muster.VisitAssigned {
		found, err := d.substitutes(ctx, a.whole, from)
		if err != nil {
			return m, err
		}
		for _, c := range found {
			if c.Expert != from {
				ref.Experts = append(ref.Experts, c.Expert)
			}
		}
	}
	req := redecision{Ticket: a.Ticket, Expert: from, Visit: a.Visit}
	done, err := d.onTicket(ctx, cmd, verbRedecide, req, ref, func(k *desk) error { return redecide(k, req, ref.Experts) })
	if errors.Is(err, errStands) {
		m.Do = MoveStands
		return m, nil
	}
	if err != nil {
		return m, err
	}
	m.tell(&done, from)
	for _, x := range done.Assignments {
		if x.State == muster.AssignmentActive {
			m.Name, err = d.nameOf(ctx, x.Expert)
		}
	}
	return m, err
}

// redecision is what a redeciding command is about.
type redecision struct {
	Ticket muster.TicketID `json:"ticket"`
	Visit  muster.VisitID  `json:"visit"`
	Expert muster.ExpertID `json:"expert"`
}

// tell says what an answer did.
func (m *Moved) tell(done *Answer, from muster.ExpertID) {
	switch {
	case done.Ticket.State == muster.Queued && m.State == muster.VisitAssigned:
		m.Do = MoveCall
	case m.State == muster.VisitEnRoute:
		m.Do = MoveUnder
	case m.State == muster.VisitOffered:
		m.Do = MoveAsked
	default:
		m.Do = MoveGiven
		for _, x := range done.Assignments {
			if x.State == muster.AssignmentActive {
				m.Expert, m.At = x.Expert, x.Start
			}
		}
	}
}

func (d *Dispatch) nameOf(ctx context.Context, id muster.ExpertID) (string, error) {
	e, err := load[muster.Expert](ctx, d, "", string(id))
	return e.Name, err
}

// substitutes ranks who can come within the promised window of a ticket's visit, the expert themself among them: they may
// be able to later.
func (d *Dispatch) substitutes(ctx context.Context, c *graph.TicketCase, from muster.ExpertID) ([]muster.Candidate, error) {
	now := d.clock.Now()
	on, err := d.weighing(ctx, now)
	if err != nil {
		return nil, err
	}
	reach, err := on.reach(c.Ticket.Region, on.policy.Widened(c.Ticket.Step).TravelKm)
	if err != nil {
		return nil, err
	}
	near, err := d.store.Round(ctx, graph.RoundRef{Region: c.Ticket.Region, Reach: reach.regions, Span: on.span(now)})
	if err != nil {
		return nil, err
	}
	everyone := newPeople()
	everyone.add(near)
	k := newDraft(muster.Command{}, now, on).desk(c)
	job, ok := k.promisedJob(from)
	if !ok {
		return nil, nil
	}
	return on.world(now).Shortlist(job, everyone.near(reach), substitutes), nil
}

// promisedJob describes an expert's place of the open visit as one that has to be filled within the promised window.
func (k *desk) promisedJob(from muster.ExpertID) (matcher.Job, bool) {
	i := slices.IndexFunc(k.crew, func(a *muster.Assignment) bool { return a.Expert == from })
	if i < 0 {
		return matcher.Job{}, false
	}
	job := k.job(k.crew[i].Place)
	t := k.ticket
	t.Windows = []muster.Window{k.visit.Window}
	job.Ticket = &t
	if k.visit.Crew > 1 {
		job.Start = k.visit.Start
		for _, a := range k.crew {
			if a.Expert != from {
				job.Crew = append(job.Crew, a.Expert)
			}
		}
	}
	return job, true
}

func redecide(k *desk, req redecision, among []muster.ExpertID) error {
	if err := authorize(verbRedecide, k.cmd.Actor, k.ticket.Customer, req.Expert); err != nil {
		return err
	}
	if k.visit == nil || k.visit.ID != req.Visit {
		return errStands
	}
	p, err := k.person(req.Expert)
	if err != nil {
		return err
	}
	why := k.outOf(p)
	if why == "" {
		return errStands
	}
	k.reason = p.Expert.Name + " can't make it: " + why
	if k.visit.State == muster.VisitEnRoute {
		next := "ask " + p.Expert.Name + ", who is on the way, whether they can make the visit"
		if k.follows(p.Expert.ID) { // the other of the crew has left, they haven't
			next = "find somebody in the place of " + p.Expert.Name + ", or call back who is on the way: a crew comes whole"
		}
		if k.asks(muster.ExceptionUnknown, next) {
			return errStands
		}
		k.raise(muster.ExceptionUnknown, next, k.reason)
		k.event = verbRedecide.rule().event
		return nil
	}
	for _, o := range slices.Clone(k.offers) {
		if o.Expert == req.Expert {
			k.answered(o, muster.OfferWithdrawn, k.reason)
		}
	}
	job, has := k.promisedJob(req.Expert)
	if !has {
		return k.proceed(verbRedecide, k.places())
	}
	if k.visit.State == muster.VisitOffered { // a crew that isn't complete has promised nothing: the next round finds a whole one
		return k.proceed(verbRedecide, placesEmpty)
	}
	for _, id := range among {
		s, err := k.person(id)
		if err != nil {
			continue
		}
		c, _, err := k.fit(job, s, job.Start, AssignRequest{})
		if err != nil {
			continue
		}
		old := k.crew[slices.IndexFunc(k.crew, func(a *muster.Assignment) bool { return a.Expert == req.Expert })]
		place, agreed := old.Place, k.agreed()
		k.relieve(old, muster.AssignmentWithdrawn)
		if k.visit.Crew == 1 {
			k.at(c)
		}
		k.give(c, s.Expert, place, nil, k.decided(c, 0, agreed))
		return k.proceed(verbRedecide, k.places())
	}
	return k.callAbout(why)
}

// callAbout withdraws a visit whose promise nobody can keep: the promised window becomes a wish, and a person calls.
func (k *desk) callAbout(why string) error {
	v := k.visit
	zone := muster.Location(k.ticket.Zone)
	told := v.Window.Start.In(zone).Format("Mon Jan 2, 15:04") + " to " + v.Window.End.In(zone).Format("15:04")
	k.call(muster.Errand{
		About: aboutPromise, Next: "call the customer: agree on another time, or find somebody for the promised one",
		Note: fmt.Sprintf("Promised %s; %s Nobody else can come then.", told, why), Window: v.Window,
	})
	if !slices.Contains(k.ticket.Windows, v.Window) {
		k.ticket.Windows, k.ticket.Kept = append([]muster.Window{v.Window}, k.ticket.Windows...), &v.Window
	}
	return k.proceed(verbRedecide, placesEmpty)
}
