package muster

import "time"

// Level is how well a skill is known, 1 (helps) to 5 (teaches).
type Level int

// Check refuses a level outside 1 to 5.
func (l Level) Check(field string) error {
	if l < 1 || l > 5 {
		return Invalid(field, itoa(int(l)), "a level is a whole number from 1 to 5")
	}
	return nil
}

// Need is a skill that a visit requires, at a level or above.
type Need struct {
	Skill SkillID `json:"skill"`
	Level Level   `json:"level"`
}

// Expert is an aggregate: who repairs, what they know, where they start and when they work.
type Expert struct {
	ID        ExpertID     `json:"id"`
	Rev       int64        `json:"rev"`
	Division  string       `json:"division,omitempty"`
	Name      string       `json:"name"`
	Skills    []Competence `json:"skills"`
	Base      Place        `json:"base"` // where the first trip of a tour starts; its zone is that of the shifts
	City      string       `json:"city,omitempty"`
	Region    RegionID     `json:"region"`              // geo.RegionOf(Base), for rounds
	Territory []Cell       `json:"territory,omitempty"` // cells of any resolution; none: anywhere within the travel limit
	Shifts    []Hours      `json:"shifts"`
	Extra     []Window     `json:"extra,omitempty"` // single shifts beside the weekly ones
	Breaks    []Hours      `json:"breaks,omitempty"`
	Leave     []Leave      `json:"leave,omitempty"`
	OnCall    []Window     `json:"on_call,omitempty"`
	Capacity  Capacity     `json:"capacity"`
	Languages []string     `json:"languages,omitempty"`
	Carries   []string     `json:"carries,omitempty"`    // parts and tools in the van
	Brands    []string     `json:"brands,omitempty"`     // device makes that this expert is authorised for
	PaidWeeks Minutes      `json:"paid_weeks,omitempty"` // paid minutes of the last four weeks, for fairness
	Removed   bool         `json:"removed,omitempty"`
	Email     string       `json:"email,omitempty"`
	Phone     string       `json:"phone,omitempty"`
	Timers    Timers       `json:"timers,omitempty"` // what they have ahead is looked at anew; they leave
}

// Competence is a skill that an expert has, at a level, shown by evidence, until it expires.
type Competence struct {
	Skill    SkillID   `json:"skill"`
	Level    Level     `json:"level"`
	Evidence string    `json:"evidence,omitempty"`
	Expires  time.Time `json:"expires,omitzero"` // zero: never
	Visits   int       `json:"visits,omitempty"` // ended with this skill, and of these fixed at the first visit:
	Fixed    int       `json:"fixed,omitempty"`
}

// Leave is time off.
type Leave struct {
	Window
	Kind string `json:"kind,omitempty"` // holiday, sick, training
}

// Capacity limits an expert's work. Zero means the policy's figure.
type Capacity struct {
	VisitsPerTour int     `json:"visits_per_tour,omitempty"` // most visits of a tour
	DayMinutes    Minutes `json:"day_minutes,omitempty"`     // longest tour, breaks included
	WeekMinutes   Minutes `json:"week_minutes,omitempty"`    // all tours from Monday to Sunday, in the base's zone
	RestMinutes   Minutes `json:"rest_minutes,omitempty"`    // least rest between the tours of two days
	TravelKm      float64 `json:"travel_km,omitempty"`       // how far by road a site may lie from the base
	OvertimeMin   Minutes `json:"overtime_min,omitempty"`    // agreed, past the end of a shift
	Relocates     bool    `json:"relocates,omitempty"`       // may take visits outside the territory
	CarryInOnly   bool    `json:"carry_in_only,omitempty"`   // works at the shop, visits nobody
}

// Tour is an aggregate: one expert's one shift, with its visits in order. It comes into being with
// the first visit; until then a guard on its absence stands for it.
type Tour struct {
	ID      TourID    `json:"id"`
	Rev     int64     `json:"rev"`
	Expert  ExpertID  `json:"expert"`
	Region  RegionID  `json:"region"` // of the expert's base
	Start   time.Time `json:"start"`  // of the shift
	End     time.Time `json:"end"`    // of the shift, without overtime
	OnCall  bool      `json:"on_call,omitempty"`
	Breaks  []Window  `json:"breaks,omitempty"`
	Stops   []Stop    `json:"stops"` // ordered by Start
	Removed bool      `json:"removed,omitempty"`
}

// Stop is one visit on a tour, or an opening held for one (Offer set, until HeldUntil).
type Stop struct {
	Visit      VisitID      `json:"visit"`
	Ticket     TicketID     `json:"ticket"`
	Assignment AssignmentID `json:"assignment,omitempty"`
	Offer      OfferID      `json:"offer,omitempty"`
	HeldUntil  time.Time    `json:"held_until,omitzero"`
	Place      Place        `json:"place"`
	Window     Window       `json:"window"` // what was promised: arrival is within
	Depart     time.Time    `json:"depart"` // latest leaving time from the stop before
	Start      time.Time    `json:"start"`  // planned arrival and start of work
	End        time.Time    `json:"end"`
	Travel     Minutes      `json:"travel"` // from the stop before, the base for the first
	Km         float64      `json:"km"`
	EndedAt    time.Time    `json:"ended_at,omitzero"` // the visit took place: kept for the day's history and limits

	LeftAt    time.Time `json:"left_at,omitzero"`    // the expert set off for it
	ArrivedAt time.Time `json:"arrived_at,omitzero"` //
	Expected  time.Time `json:"expected,omitzero"`   // when they are expected there, as things go; zero: as planned
	Until     time.Time `json:"until,omitzero"`      // when the work is expected to end; zero: as planned
	Told      time.Time `json:"told,omitzero"`       // the expected arrival of which dispatcher and customer were told
}

// Held tells whether the stop is only an opening kept for an offer.
func (s Stop) Held() bool { return s.Assignment == "" }

// TourOf gives the id of an expert's tour by the start of its shift.
func TourOf(e ExpertID, start time.Time) TourID {
	return TourID(prefixes[KindTour] + "_" + string(e[len(prefixes[KindExpert])+1:]) + "-" + start.UTC().Format("20060102t1504"))
}
