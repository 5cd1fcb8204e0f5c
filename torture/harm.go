package torture

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/graph"
)

// Exposed is how many people had a deadline while an outage lasted, and what became of them.
type Exposed struct {
	Leaving int      `json:"leaving"` // their latest leaving time
	Answer  int      `json:"answer"`  // they had been asked: the end of their time to answer
	Replace int      `json:"replace"` // they were before a person: the moment at which somebody else is sent
	Promise int      `json:"promise"` // they were on the way: the end of the customer's window
	Offer   int      `json:"offer"`   // the end of their time to accept
	People  int      `json:"people"`  // all of them, also those whose deadline lay beside it
	Heard   int      `json:"heard"`   // of these: what they told counts
	Wronged []string `json:"wronged"` // what befell them as if they had been silent
	Asked   int      `json:"asked"`   // of those who should have left: whose phones were asked, in an outage in which they can be
	AskedBy float64  `json:"asked_s"` // after the leaving time, the last of these
}

// sound tells whether there were enough of them, and nobody was held to be silent. Where phones can be asked, they were.
func (x *Exposed) sound(outage string) bool {
	if x == nil || min(x.Leaving, x.Answer, x.Replace, x.Promise, x.Offer) < exposedLeast {
		return false
	}
	asked := outage != RedisDown || x.Asked >= x.Leaving && x.AskedBy <= askedWithin.Seconds()
	return asked && x.Heard == x.People && len(x.Wronged) == 0
}

// count says whose deadlines lay in an outage.
func (d *district) count(outage muster.Window) *Exposed {
	x := &Exposed{People: len(d.people), Wronged: []string{}}
	n := map[deadline]*int{toLeave: &x.Leaving, toAnswer: &x.Answer, toReplace: &x.Replace, toArrive: &x.Promise, toAccept: &x.Offer}
	for _, p := range d.people {
		if outage.Contains(p.by) {
			*n[p.deadline]++
		}
	}
	return x
}

// whatSilenceBrings are the events of a ticket that rest on somebody's silence.
var whatSilenceBrings = map[string]bool{
	"ticket.expert_asked": true, "ticket.late_to_leave": true, "ticket.replaced": true, "ticket.reassigned": true,
	"ticket.offer_expired": true, "ticket.deadline_missed": true, "ticket.overrun": true, "ticket.lost_sight": true,
	"visit.predicted_late": true,
}

// harm looks for what jobs did to people since an outage began: visits that were given to others, apologies, and whatever
// befell those of the district as if they had been silent. Whoever else was asked in that time, could have told us and didn't is
// counted apart: that they are replaced is no fault.
func (d *district) harm(ctx context.Context, store graph.EventLog, since int64, outage string, e *OutageEvidence) error {
	of := make(map[string]*exposed)
	for _, p := range d.people {
		of[string(p.ticket)] = p
	}
	asked := make(map[string]time.Time)
	for at := since; ; {
		events, err := store.EventsAfter(ctx, at, page)
		if err != nil || len(events) == 0 {
			return err
		}
		for _, ev := range events {
			if ev.Actor.Role != muster.RoleSystem {
				continue
			}
			switch ev.Name {
			case "ticket.expert_asked":
				asked[ev.Aggregate] = ev.At
			case "ticket.replaced", "ticket.reassigned":
				if first, known := asked[ev.Aggregate]; known && of[ev.Aggregate] == nil && ev.At.Sub(first) >= 2*answerTime {
					e.Silent++
				} else {
					e.Reassigned++
				}
			}
			if sorry, err := apology(&ev); err != nil {
				return err
			} else if sorry {
				e.Apologies++
			}
			p := of[ev.Aggregate]
			switch {
			case p == nil || !whatSilenceBrings[ev.Name]:
			case ev.Name == "ticket.offer_expired" && !bytes.Contains(ev.Body, []byte(p.offer)): // another's
			case ev.Name == "ticket.expert_asked" && p.deadline == toLeave && outage == RedisDown: // so it should be
				e.Exposed.Asked++
				e.Exposed.AskedBy = max(e.Exposed.AskedBy, ev.At.Sub(p.by).Seconds())
			default:
				e.Exposed.Wronged = append(e.Exposed.Wronged,
					fmt.Sprintf("%s of %s, whose deadline was %s (%s): %s", p.expert, p.ticket, p.by.Format(time.TimeOnly), p.deadline, ev.Name))
			}
		}
		at = events[len(events)-1].Seq
	}
}

// apology tells whether an event is the first of a message that tells somebody sorry.
func apology(ev *muster.Event) (bool, error) {
	if muster.KindOf(ev.Aggregate) != muster.KindMessage || ev.Rev != 1 {
		return false, nil
	}
	var body struct {
		Root muster.Message `json:"root"`
	}
	err := json.Unmarshal(ev.Body, &body)
	return body.Root.Topic == muster.TopicApology, err
}

// heard counts those whose word counts: the visit is theirs, and as far as they said, at the time at which they did it.
func (d *district) heard(ctx context.Context, store graph.Decisions, e *Exposed) error {
	for _, p := range d.people {
		found, err := store.Records(ctx, "", string(p.ticket), string(p.visit))
		if err != nil {
			return err
		}
		t, _ := found[string(p.ticket)].(*muster.Ticket)
		v, _ := found[string(p.visit)].(*muster.Visit)
		if t == nil || v == nil || t.Visit == nil || t.Visit.ID != p.visit || !slices.Equal(t.Visit.Experts, []muster.ExpertID{p.expert}) {
			continue
		}
		late := func(at time.Time) time.Duration { return at.Sub(p.did) }
		switch p.deadline {
		case toAccept:
			if v.State == muster.VisitAssigned {
				e.Heard++
			}
		case toArrive:
			if v.State == muster.VisitArrived && late(v.ArrivedAt) < beforeIt && v.BrokenAt.IsZero() {
				e.Heard++
			}
		default:
			if v.State == muster.VisitEnRoute && late(v.DepartedAt) < beforeIt {
				e.Heard++
			}
		}
	}
	return nil
}
