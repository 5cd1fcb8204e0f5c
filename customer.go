package muster

import "time"

// Customer is an aggregate: who holds a support plan, with sites and devices as parts.
type Customer struct {
	ID        CustomerID  `json:"id"`
	Rev       int64       `json:"rev"`
	Division  string      `json:"division,omitempty"`
	Name      string      `json:"name"`
	Email     string      `json:"email,omitempty"`
	Phone     string      `json:"phone,omitempty"`
	Language  string      `json:"language,omitempty"` // BCP 47
	Plan      SupportPlan `json:"plan"`
	Preferred []ExpertID  `json:"preferred,omitempty"`
	Blocked   []Block     `json:"blocked,omitempty"`
	CreatedAt time.Time   `json:"created_at"`
	Removed   bool        `json:"removed,omitempty"`
	OptOut    []Channel   `json:"opt_out,omitempty"` // channels by which they don't want to be told; none: all that have an address
}

// SupportPlan is what a customer bought: the entitlement.
type SupportPlan struct {
	Name  string    `json:"name,omitempty"`
	Until time.Time `json:"until,omitzero"`
}

// Block keeps an expert away from a customer, for good.
type Block struct {
	Expert   ExpertID  `json:"expert"`
	Since    time.Time `json:"since"`
	Why      string    `json:"why,omitempty"`
	Declined TicketID  `json:"declined,omitempty"` // where the expert asked for it, by declining this ticket
}

// Site is a customer's address: where visits go.
type Site struct {
	ID          SiteID     `json:"id"`
	Customer    CustomerID `json:"customer"`
	Name        string     `json:"name,omitempty"`
	Street      string     `json:"street,omitempty"`
	City        string     `json:"city,omitempty"`
	State       string     `json:"state,omitempty"`
	ZIP         string     `json:"zip,omitempty"`
	Place       Place      `json:"place"`
	AccessNotes string     `json:"access_notes,omitempty"`
	AccessHours []Hours    `json:"access_hours,omitempty"` // none: at any time
	Removed     bool       `json:"removed,omitempty"`
}

// Device is a thing to repair, at a site.
type Device struct {
	ID       DeviceID   `json:"id"`
	Customer CustomerID `json:"customer"`
	Site     SiteID     `json:"site"`
	Category string     `json:"category"`
	Brand    string     `json:"brand,omitempty"`
	Model    string     `json:"model,omitempty"`
	Year     int        `json:"year,omitempty"` // of manufacture, 0 if not known
	Serial   string     `json:"serial,omitempty"`
	Removed  bool       `json:"removed,omitempty"`
}

// Hours is a weekly span in the local time of its owner's zone: minutes from midnight, 0 <= From < To <= 2880,
// so that a shift may run past midnight into the next day.
type Hours struct {
	Weekday time.Weekday `json:"weekday"` // 0 is Sunday
	From    Minutes      `json:"from"`
	To      Minutes      `json:"to"`
}

// On gives the span of these hours that starts on a local day (midnight in its location). The wall clock
// decides: on a day of a clock change the span is an hour shorter or longer. A time that the clock skips stands
// for the instant of the change, so that a span which lies wholly in the skipped hour is empty.
func (h Hours) On(day time.Time) Window {
	at := func(m Minutes) time.Time {
		t := time.Date(day.Year(), day.Month(), day.Day(), 0, int(m), 0, 0, day.Location())
		if Minutes(t.Hour()*60+t.Minute()) == m%(24*60) {
			return t.UTC()
		}
		before, after := t.ZoneBounds()
		if after.Sub(t) < t.Sub(before) || before.IsZero() {
			return after.UTC()
		}
		return before.UTC()
	}
	return Window{Start: at(h.From), End: at(h.To)}
}
