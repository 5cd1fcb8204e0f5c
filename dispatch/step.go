package dispatch

import (
	"fmt"
	"slices"
	"strings"

	"github.com/sysopssquad/muster"
)

// A step is what the tables say about one verb on one ticket.
type step struct {
	verb   verb
	ticket muster.TicketState
	visit  *visitStep // nil: the verb doesn't touch the visit
}

func (v verb) String() string { return "ticket." + string(v) }

func (v verb) rule() rule {
	return rules[slices.IndexFunc(rules, func(r rule) bool { return r.verb == v })]
}

// next finds a verb's row for a ticket, and for its open visit if it has one. The error is CodeState and
// names what can be done instead.
func next(v verb, b branch, t *muster.Ticket, visit *muster.Visit) (step, error) {
	at := noVisit
	if visit != nil {
		at = visit.State
	}
	for _, row := range ticketTable {
		if row.verb != v || row.branch != b || !slices.Contains(row.from, t.State) {
			continue
		}
		vs := visitRow(v, b, at)
		if vs == nil && at != noVisit {
			break
		}
		return step{verb: v, ticket: row.to, visit: vs}, nil
	}
	return step{}, wrongState(v, t, at)
}

// possible refuses a verb that has no row for a ticket under any branch.
func possible(v verb, t *muster.Ticket, visit *muster.Visit) error {
	at := noVisit
	if visit != nil {
		at = visit.State
	}
	if !v.moves() && (!t.State.Terminal() || slices.Contains(whenClosed, v)) || slices.Contains(verbsFrom(t.State, at), v) {
		return nil
	}
	return wrongState(v, t, at)
}

// moves tells whether the verb has rows in the tables.
func (v verb) moves() bool {
	return slices.ContainsFunc(ticketTable, func(row ticketStep) bool { return row.verb == v })
}

func visitRow(v verb, b branch, at muster.VisitState) *visitStep {
	for i, row := range visitTable {
		if row.verb == v && row.branch == b && slices.Contains(row.from, at) {
			return &visitTable[i]
		}
	}
	return nil
}

// verbsFrom lists what can be done in a state, in the order of the rules.
func verbsFrom(t muster.TicketState, at muster.VisitState) []verb {
	var out []verb
	for _, r := range rules {
		if slices.ContainsFunc(ticketTable, func(row ticketStep) bool {
			return row.verb == r.verb && slices.Contains(row.from, t) &&
				(at == noVisit || visitRow(row.verb, row.branch, at) != nil)
		}) {
			out = append(out, r.verb)
		}
	}
	return out
}

// called tells whether people call the verb by its name. The others happen by themselves, or are what came of another.
func (v verb) called() bool {
	return v != verbResume && v != verbRedecide && !slices.Equal(v.rule().who, itself)
}

// wrongState names what people can do instead by the last part of its path: need-part.
func wrongState(v verb, t *muster.Ticket, at muster.VisitState) error {
	shown, what := string(t.State), t.Ref()
	if at != noVisit {
		shown = string(at)
	}
	var can []string
	for _, o := range verbsFrom(t.State, at) {
		if o.called() {
			can = append(can, strings.ReplaceAll(string(o), "_", "-"))
		}
	}
	hint := "nothing more can be done with it"
	if len(can) > 0 {
		hint = "from there it can: " + strings.Join(can, ", ")
	}
	return muster.E(muster.CodeState, fmt.Sprintf("%s is %s: there is no step %q from there", what, shown, v), hint)
}

// authorize refuses an actor whose role may not use a verb, and customers and experts on what is not theirs.
// Theirs names the experts whose offer or visit it is about.
func authorize(v verb, a muster.Actor, owner muster.CustomerID, theirs ...muster.ExpertID) error {
	r := v.rule()
	if !slices.Contains(r.who, a.Role) {
		return muster.E(muster.CodeForbidden, fmt.Sprintf("%s may not use %s", roleName(a.Role), v), "ask "+oneOf(r.who))
	}
	switch a.Role {
	case muster.RoleCustomer:
		if a.Customer == "" || a.Customer != owner {
			return muster.E(muster.CodeForbidden, "this ticket is another customer's", "sign in as its customer")
		}
	case muster.RoleExpert:
		if a.Expert == "" || !slices.Contains(theirs, a.Expert) {
			return muster.E(muster.CodeForbidden, "this is another expert's", "only the expert concerned, or a dispatcher for them, can do it")
		}
	}
	return nil
}

func roleName(r muster.Role) string {
	if r == "" {
		return "an actor without a role"
	}
	if strings.ContainsRune("aeiou", rune(r[0])) {
		return "an " + string(r)
	}
	return "a " + string(r)
}

// branchOf decides where a ticket without a visit belongs.
func branchOf(t *muster.Ticket) branch {
	switch {
	case t.Mode == muster.ModeCarryIn:
		return needsCarryIn
	case t.Mode == muster.ModeHomeVisit && len(t.Needs) > 0:
		return needsVisit
	default:
		return needsPerson
	}
}
