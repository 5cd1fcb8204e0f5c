package muster

import (
	"strings"
	"time"
)

// SkillTree is an aggregate: all skills of the company. It is versioned and never guarded by an
// assignment, which records the revision that it was decided under.
type SkillTree struct {
	ID  SkillTreeID `json:"id"`
	Rev int64       `json:"rev"`
}

// TheSkillTree is the id of the one skill tree of a company.
const TheSkillTree SkillTreeID = "skt_main"

// Skill is a part of the tree: refrigerator repair narrows white goods. Whoever has the narrower
// skill counts for the broader one.
type Skill struct {
	ID       SkillID     `json:"id"`
	Tree     SkillTreeID `json:"tree"`
	Name     string      `json:"name"`
	Narrows  SkillID     `json:"narrows,omitempty"`
	Licensed bool        `json:"licensed,omitempty"` // needs a certificate: a competence without an expiry doesn't count
	Retired  bool        `json:"retired,omitempty"`
}

// Skills is the tree in memory, for decisions.
type Skills struct {
	Rev  int64
	byID map[SkillID]Skill
}

// NewSkills indexes the parts of a tree.
func NewSkills(rev int64, parts []Skill) Skills {
	m := make(map[SkillID]Skill, len(parts))
	for _, s := range parts {
		m[s.ID] = s
	}
	return Skills{Rev: rev, byID: m}
}

// Get finds a skill.
func (s Skills) Get(id SkillID) (Skill, bool) {
	k, ok := s.byID[id]
	return k, ok
}

// Name is the skill's name, its id where it is not known.
func (s Skills) Name(id SkillID) string {
	if k, ok := s.byID[id]; ok {
		return k.Name
	}
	return string(id)
}

// Satisfies tells whether having a skill counts for needing another: they are the same, or the
// first narrows the second over any number of steps. Trees are at most 32 deep.
func (s Skills) Satisfies(has, needs SkillID) bool {
	for range 32 {
		if has == needs {
			return true
		}
		k, ok := s.byID[has]
		if !ok || k.Narrows == "" {
			return false
		}
		has = k.Narrows
	}
	return false
}

// User is an aggregate: a person who signs in.
type User struct {
	ID        UserID     `json:"id"`
	Rev       int64      `json:"rev"`
	Division  string     `json:"division,omitempty"`
	Name      string     `json:"name"`
	Role      Role       `json:"role"`
	Expert    ExpertID   `json:"expert,omitempty"`
	Customer  CustomerID `json:"customer,omitempty"`
	About     string     `json:"about,omitempty"`
	Suspended bool       `json:"suspended,omitempty"`
}

// Actor is this user as the actor of a command.
func (u User) Actor() Actor {
	return Actor{ID: u.ID, Role: u.Role, Name: u.Name, Expert: u.Expert, Customer: u.Customer}
}

// Article is an aggregate: how to find and fix a fault, linked to models and skills.
type Article struct {
	ID     ArticleID `json:"id"`
	Rev    int64     `json:"rev"`
	Title  string    `json:"title"`
	Text   string    `json:"text"`
	Models []string  `json:"models,omitempty"`
	Skills []SkillID `json:"skills,omitempty"`
}

// Region is an aggregate: cells whose open tickets are planned together. Its timer starts its rounds.
type Region struct {
	ID     RegionID `json:"id"`
	Rev    int64    `json:"rev"`
	Name   string   `json:"name,omitempty"`
	Cells  []Cell   `json:"cells"`
	Timers Timers   `json:"timers"`
}

// Survey is an aggregate of its own: how a customer judged a ticket.
type Survey struct {
	ID     SurveyID  `json:"id"`
	Rev    int64     `json:"rev"`
	Ticket TicketID  `json:"ticket"`
	Fixed  string    `json:"fixed"` // yes, partly, no
	Rating int       `json:"rating,omitempty"`
	Text   string    `json:"text,omitempty"`
	At     time.Time `json:"at"`
}

// Duty is an aggregate: work that exactly one process does at a time, such as the relay, whose timer is the lease; or what a
// consumer of events has set aside, to be tried again at the timer. Without a timer there is nothing left to do.
type Duty struct {
	ID     DutyID `json:"id"`
	Rev    int64  `json:"rev"`
	Timers Timers `json:"timers"`
}

// AsideDuty is the duty by which a consumer of events has set an aggregate aside. No consumer has a dash in its name.
func AsideDuty(consumer, aggregate string) DutyID {
	return DutyID(prefixes[KindDuty] + "_" + consumer + "-" + aggregate)
}

// Aside names the consumer that has set an aggregate aside; ok is false for a duty of another purpose.
func (d DutyID) Aside() (consumer, aggregate string, ok bool) {
	return strings.Cut(strings.TrimPrefix(string(d), prefixes[KindDuty]+"_"), "-")
}
