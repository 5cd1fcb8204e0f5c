package muster

import "strconv"

// Record is the root or a part of an aggregate, as a whole value.
type Record interface {
	Kind() Kind
	RecordID() string
	RootID() string // id of the aggregate that guards it; its own for a root
}

// Root is a record that has a revision.
type Root interface {
	Record
	Revision() int64
	Alive() bool // false: a tombstone, kept for its history
}

// Timed is a root with timers. Terminal says that it needs no timer any more.
type Timed interface {
	Root
	Deadlines() Timers
	Terminal() bool
}

func itoa(n int) string { return strconv.Itoa(n) }

// IsRoot tells whether records of a kind are aggregates.
func (k Kind) IsRoot() bool {
	switch k {
	case KindSite, KindDevice, KindVisit, KindOffer, KindAssignment, KindSkill, "":
		return false
	}
	_, known := prefixes[k]
	return known
}

func (c *Customer) Kind() Kind       { return KindCustomer }
func (c *Customer) RecordID() string { return string(c.ID) }
func (c *Customer) RootID() string   { return string(c.ID) }
func (c *Customer) Revision() int64  { return c.Rev }
func (c *Customer) Alive() bool      { return !c.Removed }

func (s *Site) Kind() Kind       { return KindSite }
func (s *Site) RecordID() string { return string(s.ID) }
func (s *Site) RootID() string   { return string(s.Customer) }

func (d *Device) Kind() Kind       { return KindDevice }
func (d *Device) RecordID() string { return string(d.ID) }
func (d *Device) RootID() string   { return string(d.Customer) }

func (t *Ticket) Kind() Kind        { return KindTicket }
func (t *Ticket) RecordID() string  { return string(t.ID) }
func (t *Ticket) RootID() string    { return string(t.ID) }
func (t *Ticket) Revision() int64   { return t.Rev }
func (t *Ticket) Alive() bool       { return true }
func (t *Ticket) Deadlines() Timers { return t.Timers }

// Terminal tells that nothing about the ticket is to be looked at: it is closed, and nobody has a call task of it.
func (t *Ticket) Terminal() bool {
	_, taken := t.Timers[TimerException]
	return t.State.Terminal() && !taken
}

func (v *Visit) Kind() Kind       { return KindVisit }
func (v *Visit) RecordID() string { return string(v.ID) }
func (v *Visit) RootID() string   { return string(v.Ticket) }

func (o *Offer) Kind() Kind       { return KindOffer }
func (o *Offer) RecordID() string { return string(o.ID) }
func (o *Offer) RootID() string   { return string(o.Ticket) }

func (a *Assignment) Kind() Kind       { return KindAssignment }
func (a *Assignment) RecordID() string { return string(a.ID) }
func (a *Assignment) RootID() string   { return string(a.Ticket) }

func (e *Expert) Kind() Kind        { return KindExpert }
func (e *Expert) RecordID() string  { return string(e.ID) }
func (e *Expert) RootID() string    { return string(e.ID) }
func (e *Expert) Revision() int64   { return e.Rev }
func (e *Expert) Alive() bool       { return !e.Removed }
func (e *Expert) Deadlines() Timers { return e.Timers }

// Terminal tells that nothing about the expert is to be looked at.
func (e *Expert) Terminal() bool { return len(e.Timers) == 0 }

func (t *Tour) Kind() Kind       { return KindTour }
func (t *Tour) RecordID() string { return string(t.ID) }
func (t *Tour) RootID() string   { return string(t.ID) }
func (t *Tour) Revision() int64  { return t.Rev }
func (t *Tour) Alive() bool      { return !t.Removed }

func (s *SkillTree) Kind() Kind       { return KindSkillTree }
func (s *SkillTree) RecordID() string { return string(s.ID) }
func (s *SkillTree) RootID() string   { return string(s.ID) }
func (s *SkillTree) Revision() int64  { return s.Rev }
func (s *SkillTree) Alive() bool      { return true }

func (s *Skill) Kind() Kind       { return KindSkill }
func (s *Skill) RecordID() string { return string(s.ID) }
func (s *Skill) RootID() string   { return string(s.Tree) }

func (p *Policy) Kind() Kind       { return KindPolicy }
func (p *Policy) RecordID() string { return string(p.ID) }
func (p *Policy) RootID() string   { return string(p.ID) }
func (p *Policy) Revision() int64  { return p.Rev }
func (p *Policy) Alive() bool      { return true }

func (u *User) Kind() Kind       { return KindUser }
func (u *User) RecordID() string { return string(u.ID) }
func (u *User) RootID() string   { return string(u.ID) }
func (u *User) Revision() int64  { return u.Rev }
func (u *User) Alive() bool      { return !u.Suspended }

func (a *Article) Kind() Kind       { return KindArticle }
func (a *Article) RecordID() string { return string(a.ID) }
func (a *Article) RootID() string   { return string(a.ID) }
func (a *Article) Revision() int64  { return a.Rev }
func (a *Article) Alive() bool      { return true }

func (r *Region) Kind() Kind        { return KindRegion }
func (r *Region) RecordID() string  { return string(r.ID) }
func (r *Region) RootID() string    { return string(r.ID) }
func (r *Region) Revision() int64   { return r.Rev }
func (r *Region) Alive() bool       { return true }
func (r *Region) Deadlines() Timers { return r.Timers }
func (r *Region) Terminal() bool    { return false }

func (m *Message) Kind() Kind        { return KindMessage }
func (m *Message) RecordID() string  { return string(m.ID) }
func (m *Message) RootID() string    { return string(m.ID) }
func (m *Message) Revision() int64   { return m.Rev }
func (m *Message) Alive() bool       { return true }
func (m *Message) Deadlines() Timers { return m.Timers }
func (m *Message) Terminal() bool    { return m.State.Terminal() }

func (s *Survey) Kind() Kind       { return KindSurvey }
func (s *Survey) RecordID() string { return string(s.ID) }
func (s *Survey) RootID() string   { return string(s.ID) }
func (s *Survey) Revision() int64  { return s.Rev }
func (s *Survey) Alive() bool      { return true }

func (d *Duty) Kind() Kind        { return KindDuty }
func (d *Duty) RecordID() string  { return string(d.ID) }
func (d *Duty) RootID() string    { return string(d.ID) }
func (d *Duty) Revision() int64   { return d.Rev }
func (d *Duty) Alive() bool       { return true }
func (d *Duty) Deadlines() Timers { return d.Timers }
func (d *Duty) Terminal() bool    { return len(d.Timers) == 0 }
