package demo

import (
	"context"
	"net/http"
	"slices"
	"time"

	"github.com/sysopssquad/muster"
)

// look asks the server how things stand and plans what people will do about it. Deeds whose reason is gone are
// dropped.
func (l *Life) look(ctx context.Context) error {
	if err := l.meet(ctx); err != nil || l.board == "" {
		return err
	}
	keep := make(map[string]*deed, len(l.todo))
	l.tidy(l.o.Clock.Now())
	var shown map[string]int
	if err := l.server.get(ctx, l.board, "/v1/tickets/counts", nil, &shown); err != nil {
		return err
	}
	open := 0
	for _, state := range []string{"queued", "offered", "assigned", "en_route", "arrived", "in_progress"} {
		open += shown[state]
	}
	if err := l.lookAtOffers(ctx, keep); err != nil {
		return err
	}
	if err := l.lookAtVisits(ctx, keep, min(max(open/openPerVisit, 4), onTheRoad)); err != nil {
		return err
	}
	if err := l.lookAtDesk(ctx, keep); err != nil {
		return err
	}
	if err := l.lookAtQueue(ctx, keep, shown[string(muster.Queued)]); err != nil {
		return err
	}
	slower := time.Duration(max(1, open/busyCompany))
	l.plan(keep, "call", time.Second, slower*8*time.Second, func(ctx context.Context, l *Life) error { return l.call(ctx) })
	if now := l.o.Clock.Now(); keep["call"] != nil && now.Sub(l.begun) < 2*time.Second {
		keep["call"].due = now // the first call comes at once
	}
	l.todo = keep
	return nil
}

// meet finds out who can act, once. Without a dispatcher there is nobody to look for.
func (l *Life) meet(ctx context.Context) error {
	if l.board != "" {
		return nil
	}
	var users page[muster.User]
	if err := l.server.get(ctx, "", "/v1/users", nil, &users); err != nil {
		return err
	}
	for _, u := range users.Items {
		switch u.Role {
		case muster.RoleDispatcher:
			l.board = first(l.board, u.ID)
		case muster.RoleHelpdesk:
			l.desk = first(l.desk, u.ID)
		case muster.RoleAdministrator:
			l.keeper = first(l.keeper, u.ID)
		case muster.RoleExpert:
			l.people[u.Expert] = u.ID
		}
	}
	if l.board == "" {
		return &problem{Status: http.StatusServiceUnavailable, Detail: "there is no dispatcher among the people of this server"}
	}
	l.desk = first(l.desk, l.board)
	var known page[muster.Customer]
	if err := l.server.get(ctx, l.board, "/v1/customers", map[string][]string{"limit": {"200"}}, &known); err != nil {
		return err
	}
	for _, c := range known.Items {
		l.customers = append(l.customers, c.ID)
	}
	return nil
}

func first(a, b muster.UserID) muster.UserID {
	if a != "" {
		return a
	}
	return b
}

// lookAtOffers plans the answers to open offers: most of them within half a minute, a large backlog one after
// the other.
func (l *Life) lookAtOffers(ctx context.Context, keep map[string]*deed) error {
	offered, err := l.server.tickets(ctx, l.board, string(muster.VisitOffered), 2)
	if err != nil {
		return err
	}
	latest := 20*time.Second + time.Duration(len(offered))*l.o.Pace
	for _, t := range offered {
		if t.Visit == nil || l.elsewhere(t) {
			continue
		}
		for _, e := range t.Visit.Experts {
			l.plan(keep, answering+string(t.Visit.ID)+"/"+string(e), 500*time.Millisecond, latest, func(ctx context.Context, l *Life) error {
				return l.answer(ctx, t, e)
			})
		}
	}
	return nil
}

// lookAtVisits plans the next step of those on the road, and who leaves next.
func (l *Life) lookAtVisits(ctx context.Context, keep map[string]*deed, atOnce int) error {
	under, err := l.server.tickets(ctx, l.board, "en_route,arrived,in_progress", 1)
	if err != nil {
		return err
	}
	under = slices.DeleteFunc(under, l.elsewhere)
	clear(l.busy)
	for _, t := range under {
		if t.Visit == nil || len(t.Visit.Experts) == 0 {
			continue
		}
		for _, e := range t.Visit.Experts {
			l.busy[e] = true
		}
		id := string(t.Visit.ID)
		switch t.Visit.State {
		case muster.VisitEnRoute:
			l.plan(keep, "arrive/"+id, 5*time.Second, 20*time.Second, func(ctx context.Context, l *Life) error { return l.advance(ctx, t, "arrive") })
		case muster.VisitArrived:
			l.plan(keep, "start/"+id, 2*time.Second, 9*time.Second, (knock{t}).do)
		case muster.VisitInProgress:
			l.plan(keep, "end/"+id, 8*time.Second, 40*time.Second, (work{t}).do)
		}
	}
	assigned, err := l.server.tickets(ctx, l.board, string(muster.VisitAssigned), 3)
	if err != nil {
		return err
	}
	assigned = slices.DeleteFunc(assigned, l.elsewhere)
	sortedByStart(assigned)
	free := atOnce - len(under)
	gone := make(map[muster.ExpertID]bool)
	for _, t := range assigned {
		if free <= 0 {
			break
		}
		if t.Visit == nil || len(t.Visit.Experts) == 0 || l.taken(t, gone) {
			continue
		}
		l.plan(keep, "depart/"+string(t.Visit.ID), 12*time.Second, 30*time.Second, func(ctx context.Context, l *Life) error { return l.advance(ctx, t, "depart") })
		free--
	}
	return nil
}

// elsewhere tells whether somebody else takes care of a visit's experts.
func (l *Life) elsewhere(t ticketRow) bool {
	return t.Visit != nil && slices.ContainsFunc(t.Visit.Experts, l.o.Others)
}

// taken tells whether any of a visit's experts has another one first.
func (l *Life) taken(t ticketRow, gone map[muster.ExpertID]bool) bool {
	taken := false
	for _, e := range t.Visit.Experts {
		taken = taken || l.busy[e] || gone[e]
	}
	for _, e := range t.Visit.Experts {
		gone[e] = true
	}
	return taken
}

// lookAtDesk plans what the helpdesk does: it triages, hands carry-ins back, hears that parts have come and that
// customers are content. One of each at a time.
func (l *Life) lookAtDesk(ctx context.Context, keep map[string]*deed) error {
	waiting, err := l.server.tickets(ctx, l.desk, "triage,waiting,completed", 1)
	if err != nil {
		return err
	}
	planned := make(map[string]bool)
	for _, t := range waiting {
		what, lo, hi, do := l.deskWork(t)
		if do == nil || planned[what] {
			continue
		}
		if _, resting := l.done[what+"/"+string(t.ID)]; resting {
			continue
		}
		planned[what] = true
		l.plan(keep, what+"/"+string(t.ID), lo, hi, do)
	}
	return nil
}

// lookAtQueue lets a customer give up now and then when many wait, so that what nobody can take doesn't pile up.
// Only calls that came in during this life are given up.
func (l *Life) lookAtQueue(ctx context.Context, keep map[string]*deed, queued int) error {
	if queued < longQueue {
		return nil
	}
	waiting, err := l.server.tickets(ctx, l.desk, string(muster.Queued), 1)
	if err != nil {
		return err
	}
	now := l.o.Clock.Now()
	for _, t := range waiting {
		if t.Legacy != "" || now.Sub(t.CreatedAt) < patience {
			continue
		}
		if _, resting := l.done["give up/"+string(t.ID)]; resting {
			continue
		}
		l.plan(keep, "give up/"+string(t.ID), 4*time.Second, 20*time.Second, func(ctx context.Context, l *Life) error {
			return l.server.post(ctx, l.desk, "/v1/tickets/"+string(t.ID)+"/cancel", l.key("cancel", t.ID), map[string]string{"reason": "They bought a new one."}, nil)
		})
		return nil
	}
	return nil
}

func (l *Life) deskWork(t ticketRow) (what string, lo, hi time.Duration, do func(context.Context, *Life) error) {
	switch {
	case t.Shown == string(muster.Triage) && t.Mode != muster.ModeRemote:
		return "triage", 8 * time.Second, 25 * time.Second, func(ctx context.Context, l *Life) error { return l.triage(ctx, t) }
	case t.Shown == string(muster.Triage):
		return "advise", 15 * time.Second, 40 * time.Second, func(ctx context.Context, l *Life) error { return l.complete(ctx, t) }
	case t.Shown == string(muster.Completed):
		return "resolve", 3 * time.Second, 12 * time.Second, func(ctx context.Context, l *Life) error { return l.verb(ctx, t, "resolve") }
	case t.Mode == muster.ModeCarryIn:
		return "hand back", 15 * time.Second, 40 * time.Second, func(ctx context.Context, l *Life) error { return l.complete(ctx, t) }
	case t.Wait.For == muster.WaitParts || t.Wait.For == muster.WaitCustomer:
		return "wake", 20 * time.Second, 60 * time.Second, func(ctx context.Context, l *Life) error { return l.verb(ctx, t, "wake") }
	}
	return "", 0, 0, nil
}
