package dispatch

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/sysopssquad/muster"
)

// A choice is what one change did about who has a visit.
type choice struct {
	by       muster.UserID
	at       time.Time
	promised *muster.Promise     // to the customer before it
	before   *muster.Visit       // nil: the change made the visit
	after    *muster.Visit       // the visit as the change left it
	gave     []muster.Assignment // that it made
	took     []muster.Assignment // that it withdrew
	asked    []muster.Offer      // that it made
	answered []muster.Offer      // that it ended: accepted or withdrawn
}

// choiceOn finds the last choice on a visit in its ticket's history. Which one was the last is a matter of revisions:
// the clocks of two servers may disagree, and a change that was decided earlier may be committed later.
func choiceOn(visit muster.VisitID, history []muster.Event) (choice, error) {
	var last choice
	var is *muster.Visit
	var promised *muster.Promise
	for _, e := range history {
		if len(e.Body) == 0 {
			continue
		}
		var body struct {
			Root struct {
				Promised *muster.Promise `json:"promised"`
			} `json:"root"`
			Parts []json.RawMessage `json:"parts"`
		}
		err := json.Unmarshal(e.Body, &body)
		c := choice{by: e.Actor.ID, at: e.At, promised: promised, before: is}
		promised = body.Root.Promised
		for _, part := range body.Parts {
			if err == nil {
				is, err = c.read(part, visit, is)
			}
		}
		if err != nil {
			return choice{}, muster.E(muster.CodeInternal, fmt.Sprintf("event %s/%d can't be read", e.Aggregate, e.Rev), "report this").Because(err)
		}
		if len(c.gave)+len(c.took)+len(c.asked)+len(c.answered) > 0 {
			last, last.after = c, is
		}
	}
	return last, nil
}

// read takes in one part of an event. It gives the visit as it is after it.
func (c *choice) read(part json.RawMessage, visit muster.VisitID, is *muster.Visit) (*muster.Visit, error) {
	var named struct {
		ID    string         `json:"id"`
		Visit muster.VisitID `json:"visit"`
	}
	if err := json.Unmarshal(part, &named); err != nil {
		return is, err
	}
	switch kind := muster.KindOf(named.ID); {
	case named.ID == string(visit):
		is = new(muster.Visit)
		return is, json.Unmarshal(part, is)
	case kind == muster.KindAssignment && named.Visit == visit:
		var a muster.Assignment
		err := json.Unmarshal(part, &a)
		if a.State == muster.AssignmentActive {
			c.gave = append(c.gave, a)
		} else {
			c.took = append(c.took, a)
		}
		return is, err
	case kind == muster.KindOffer && named.Visit == visit:
		var o muster.Offer
		err := json.Unmarshal(part, &o)
		if o.State == muster.OfferOpen {
			c.asked = append(c.asked, o)
		} else {
			c.answered = append(c.answered, o)
		}
		return is, err
	}
	return is, nil
}
