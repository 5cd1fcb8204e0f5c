package linear

import (
	"slices"

	"github.com/sysopssquad/muster"
)

// What is changed of a tour may let its expert leave sooner for another visit of theirs. That visit's ticket gets its timer
// anew in the same commit, which moves its revision by one and nothing else that people see. Whether it does depends on ways
// and times, of which the model knows nothing: each change allows for it once, until the revision is known again.

// neighbours notes a change of a ticket with the tickets that its experts have beside it.
func (s *state) neighbours(changed int, experts []int) {
	for i := range s.tickets {
		if t := &s.tickets[i]; i != changed && t.shown == "assigned" && slices.Contains(experts, t.crew) {
			t.sooner++
		}
	}
}

// known is the state after somebody was told a ticket's revision.
func (s *state) known(ticket int) *state {
	if s.tickets[ticket].sooner == 0 {
		return s
	}
	n := *s
	n.tickets = slices.Clone(s.tickets)
	n.tickets[ticket].sooner = 0
	return n.sealed()
}

// leavesSooner is the state in which a ticket's revision has moved as an answer tells, nil if it can't have, or the answer
// doesn't tell of it.
func (s *state) leavesSooner(c Call, told Told) *state {
	if c.Verb == "edit" || c.Verb == "block" {
		return nil
	}
	t := s.tickets[c.Ticket]
	moved := int64(0)
	switch {
	case told.Code == "" && c.Verb == "look":
		moved = told.Rev - t.rev
	case told.Code == "":
		moved = told.Rev - 1 - t.rev
	case told.Code == muster.CodeStale && c.Seen == t.rev:
		moved = 1
	}
	if t.shown != "assigned" || moved < 1 || moved > int64(t.sooner) {
		return nil
	}
	t.rev, t.sooner = t.rev+moved, t.sooner-int(moved)
	n := *s
	n.tickets = slices.Clone(s.tickets)
	n.tickets[c.Ticket] = t
	return n.sealed()
}
