package dispatch

import (
	"slices"

	"github.com/sysopssquad/muster"
)

// A verb is a command on a ticket. Commands and their fingerprints carry it as ticket.<verb>.
type verb string

const (
	verbSubmit    verb = "submit"
	verbTriage    verb = "triage"
	verbQueue     verb = "queue"
	verbOffer     verb = "offer"
	verbAssign    verb = "assign"
	verbAccept    verb = "accept"
	verbDecline   verb = "decline"
	verbExpire    verb = "expire"
	verbDepart    verb = "depart"
	verbArrive    verb = "arrive"
	verbStart     verb = "start"
	verbEnd       verb = "end"
	verbWait      verb = "wait"
	verbWake      verb = "wake"
	verbComplete  verb = "complete"
	verbResolve   verb = "resolve"
	verbCancel    verb = "cancel"
	verbReopen    verb = "reopen"
	verbReassign  verb = "reassign"
	verbUnassign  verb = "unassign"
	verbUndo      verb = "undo"
	verbTakeIn    verb = "take_in"
	verbRedecide  verb = "redecide"
	verbNeedPart  verb = "need_part"
	verbOrderPart verb = "order_part"
	verbPartThere verb = "part_there"
	verbMerge     verb = "merge"
	verbReplace   verb = "replace" // who should have left and gave no answer, by somebody else
	verbResume    verb = "resume"  // whoever it was withdrawn from and is further than the other has it again
)

// Verbs that change neither the state of a ticket nor that of its visit: they have no rows in the tables, and are
// possible while the ticket is open.
const (
	verbTake     verb = "take_exception"
	verbHandOver verb = "hand_over_exception"
	verbContact  verb = "contact"
	verbSettle   verb = "settle_exception"
	verbGiveBack verb = "give_back_exceptions"
	verbStuck    verb = "stuck"
	verbMiss     verb = "miss"
	verbWarn     verb = "warn"
	verbOverrun  verb = "overrun"
	verbChoose   verb = "choose_windows"

	verbUndelivered verb = "undelivered"
	verbEscalate    verb = "escalate"
	verbEnding      verb = "ending_offer"
)

// whenClosed are those of them that are possible afterwards: what a message didn't reach somebody about is told by a person.
var whenClosed = []verb{verbUndelivered, verbTake, verbHandOver, verbContact, verbSettle, verbGiveBack}

// verbProposal is an assignment under a name of its own, so that no key of one is taken for the other.
const verbProposal verb = "accept_proposal"

// A branch decides between rows of one verb; "" is a verb's only row. The outcomes of a visit are branches of end.
type branch string

const (
	needsVisit   branch = "home visit"             // it is known what a home visit needs
	needsCarryIn branch = "carry-in"               // the customer brings the device
	needsPerson  branch = "a person decides"       // remote work, or not known yet what it needs
	placesFilled branch = "every place is taken"   // of the visit's crew
	placesAsked  branch = "a place is still asked" // an offer is open
	placesEmpty  branch = "a place has nobody"     // neither assigned nor asked
	placesLeft   branch = "they had left for it"   // those who have every place again
)

// What an expert who was replaced reports.
const (
	whoLeft    branch = "they had left first"
	whoArrived branch = "they were there first"
	whoStarted branch = "they began first"
)

// Shorthands for the tables.
const (
	noTicket muster.TicketState = "" // before submission
	noVisit  muster.VisitState  = ""
)

var (
	whileOpen = []muster.TicketState{muster.Triage, muster.Queued, muster.Scheduled, muster.Waiting}
	whenDone  = []muster.TicketState{muster.Completed, muster.Resolved}
	visiting  = []muster.TicketState{muster.Scheduled}

	planned  = []muster.VisitState{muster.VisitOffered, muster.VisitAssigned}
	till     = []muster.VisitState{muster.VisitOffered, muster.VisitAssigned, muster.VisitEnRoute}
	manned   = []muster.VisitState{muster.VisitAssigned, muster.VisitEnRoute}
	toBegin  = []muster.VisitState{muster.VisitAssigned, muster.VisitEnRoute, muster.VisitArrived}
	atDoor   = []muster.VisitState{muster.VisitArrived, muster.VisitInProgress}
	atWork   = []muster.VisitState{muster.VisitInProgress}
	proposed = []muster.VisitState{muster.VisitOffered}
	notBegun = []muster.VisitState{noVisit, muster.VisitOffered, muster.VisitAssigned, muster.VisitEnRoute, muster.VisitArrived}
)

// A ticketStep is a row of the ticket's table: from any of these states to that one.
type ticketStep struct {
	verb   verb
	branch branch
	from   []muster.TicketState
	to     muster.TicketState
}

//go:generate go test -run TestLifecycleDocument . -update

// ticketTable is the life of a ticket. What is not here can't happen.
var ticketTable = []ticketStep{
	{verbSubmit, needsVisit, []muster.TicketState{noTicket}, muster.Queued},
	{verbSubmit, needsCarryIn, []muster.TicketState{noTicket}, muster.Waiting},
	{verbSubmit, needsPerson, []muster.TicketState{noTicket}, muster.Triage},

	{verbTakeIn, "", []muster.TicketState{noTicket}, muster.Resolved}, // another system closed it

	{verbTriage, needsVisit, []muster.TicketState{muster.Triage, muster.Queued, muster.Waiting}, muster.Queued},
	{verbTriage, needsCarryIn, []muster.TicketState{muster.Triage, muster.Queued, muster.Waiting}, muster.Waiting},
	{verbTriage, needsPerson, []muster.TicketState{muster.Triage, muster.Queued, muster.Waiting}, muster.Triage},
	{verbQueue, needsVisit, []muster.TicketState{muster.Triage, muster.Waiting}, muster.Queued},

	{verbOffer, "", []muster.TicketState{muster.Queued, muster.Scheduled}, muster.Scheduled}, // others may be asked too
	{verbAssign, "", []muster.TicketState{muster.Queued, muster.Scheduled}, muster.Scheduled},
	{verbAccept, placesFilled, visiting, muster.Scheduled},
	{verbAccept, placesAsked, visiting, muster.Scheduled},
	{verbDecline, placesAsked, visiting, muster.Scheduled},
	{verbDecline, placesEmpty, visiting, muster.Queued},
	{verbExpire, placesAsked, visiting, muster.Scheduled},
	{verbExpire, placesEmpty, visiting, muster.Queued},
	{verbReassign, "", visiting, muster.Scheduled},
	{verbReplace, "", visiting, muster.Scheduled},
	{verbResume, whoLeft, visiting, muster.Scheduled},
	{verbResume, whoArrived, visiting, muster.Scheduled},
	{verbResume, whoStarted, []muster.TicketState{muster.Queued, muster.Scheduled}, muster.Scheduled},
	{verbUnassign, "", visiting, muster.Queued},
	{verbUnassign, placesAsked, visiting, muster.Scheduled},  // an opening that was held went to another ticket
	{verbRedecide, placesFilled, visiting, muster.Scheduled}, // somebody else comes, within the promised window
	{verbRedecide, placesAsked, visiting, muster.Scheduled},
	{verbRedecide, placesEmpty, visiting, muster.Queued}, // nobody can: a person calls the customer
	{verbUndo, placesEmpty, visiting, muster.Queued},
	{verbUndo, placesAsked, visiting, muster.Scheduled},  // those who were asked are asked again
	{verbUndo, placesFilled, visiting, muster.Scheduled}, // those who had it have it again
	{verbUndo, placesLeft, visiting, muster.Scheduled},

	{verbDepart, "", visiting, muster.Scheduled},
	{verbArrive, "", visiting, muster.Scheduled},
	{verbStart, "", visiting, muster.Scheduled},
	{verbEnd, branch(muster.Fixed), visiting, muster.Completed},
	{verbEnd, branch(muster.BeyondRepair), visiting, muster.Completed},
	{verbEnd, branch(muster.FaultNotFound), visiting, muster.Completed},
	{verbEnd, branch(muster.PartNeeded), visiting, muster.Waiting},      // for parts
	{verbEnd, branch(muster.OtherSkillNeeded), visiting, muster.Queued}, // with corrected needs
	{verbEnd, branch(muster.SecondNeeded), visiting, muster.Queued},     // for a crew of two
	{verbEnd, branch(muster.NoAccess), visiting, muster.Waiting},        // for the customer to be reached
	{verbEnd, branch(muster.Refused), visiting, muster.Waiting},         // for the customer to say what then
	{verbEnd, branch(muster.Unsafe), visiting, muster.Triage},           // a person looks before anyone goes again

	{verbChoose, needsVisit, []muster.TicketState{muster.Queued, muster.Scheduled, muster.Waiting}, muster.Queued},
	{verbChoose, needsPerson, []muster.TicketState{muster.Triage, muster.Waiting}, muster.Triage},
	{verbWait, "", whileOpen, muster.Waiting},
	{verbNeedPart, "", whileOpen, muster.Waiting},                                    // for parts; while it waits for something else, or somebody is there, it is only noted
	{verbOrderPart, "", whileOpen, muster.Waiting},                                   // the same; a visit that starts after the part comes stands
	{verbPartThere, needsVisit, []muster.TicketState{muster.Waiting}, muster.Queued}, // the last part that it waited for
	{verbPartThere, needsCarryIn, []muster.TicketState{muster.Waiting}, muster.Triage},
	{verbPartThere, needsPerson, []muster.TicketState{muster.Waiting}, muster.Triage},
	{verbMerge, "", whileOpen, muster.Cancelled}, // a duplicate: it points to the ticket that stays
	{verbWake, needsVisit, []muster.TicketState{muster.Waiting}, muster.Queued},
	{verbWake, needsCarryIn, []muster.TicketState{muster.Waiting}, muster.Triage}, // it was not brought: a person asks
	{verbWake, needsPerson, []muster.TicketState{muster.Waiting}, muster.Triage},
	{verbComplete, "", whileOpen, muster.Completed},
	{verbResolve, "", []muster.TicketState{muster.Completed}, muster.Resolved},
	{verbCancel, "", whileOpen, muster.Cancelled},
	{verbReopen, needsVisit, whenDone, muster.Queued},
	{verbReopen, needsCarryIn, whenDone, muster.Triage},
	{verbReopen, needsPerson, whenDone, muster.Triage},
}

// A visitStep is a row of the visit's table. An ended visit has the row's outcome, or the expert's where
// the row is of an outcome.
type visitStep struct {
	verb    verb
	branch  branch
	from    []muster.VisitState
	to      muster.VisitState
	outcome muster.VisitOutcome
}

// visitTable is the life of a visit. A verb that has rows here and meets a scheduled ticket must find one.
var visitTable = []visitStep{
	{verbOffer, "", []muster.VisitState{noVisit, muster.VisitOffered}, muster.VisitOffered, ""},
	{verbAssign, "", []muster.VisitState{noVisit, muster.VisitOffered}, muster.VisitAssigned, ""},
	{verbAccept, placesFilled, proposed, muster.VisitAssigned, ""},
	{verbAccept, placesAsked, proposed, muster.VisitOffered, ""},
	{verbDecline, placesAsked, proposed, muster.VisitOffered, ""},
	{verbDecline, placesEmpty, proposed, muster.VisitEnded, muster.Withdrawn},
	{verbExpire, placesAsked, proposed, muster.VisitOffered, ""},
	{verbExpire, placesEmpty, proposed, muster.VisitEnded, muster.Withdrawn},
	{verbReassign, "", manned, muster.VisitAssigned, ""},
	{verbReplace, "", []muster.VisitState{muster.VisitAssigned}, muster.VisitAssigned, ""},
	{verbResume, whoLeft, []muster.VisitState{muster.VisitAssigned}, muster.VisitEnRoute, ""},
	{verbResume, whoArrived, manned, muster.VisitArrived, ""},
	{verbResume, whoStarted, notBegun, muster.VisitInProgress, ""},
	{verbUnassign, "", till, muster.VisitEnded, muster.Withdrawn},
	{verbUnassign, placesAsked, proposed, muster.VisitOffered, ""},
	{verbRedecide, placesFilled, []muster.VisitState{muster.VisitAssigned}, muster.VisitAssigned, ""},
	{verbRedecide, placesAsked, proposed, muster.VisitOffered, ""},
	{verbRedecide, placesEmpty, planned, muster.VisitEnded, muster.Withdrawn},
	{verbUndo, placesEmpty, planned, muster.VisitEnded, muster.Withdrawn},
	{verbUndo, placesAsked, planned, muster.VisitOffered, ""},
	{verbUndo, placesFilled, till, muster.VisitAssigned, ""},
	{verbUndo, placesLeft, []muster.VisitState{muster.VisitAssigned}, muster.VisitEnRoute, ""},

	{verbDepart, "", []muster.VisitState{muster.VisitAssigned}, muster.VisitEnRoute, ""},
	{verbArrive, "", manned, muster.VisitArrived, ""}, // who forgot to say that they left has left
	{verbStart, "", toBegin, muster.VisitInProgress, ""},
	{verbEnd, branch(muster.Fixed), atWork, muster.VisitEnded, muster.Fixed},
	{verbEnd, branch(muster.BeyondRepair), atWork, muster.VisitEnded, muster.BeyondRepair},
	{verbEnd, branch(muster.FaultNotFound), atWork, muster.VisitEnded, muster.FaultNotFound},
	{verbEnd, branch(muster.PartNeeded), atWork, muster.VisitEnded, muster.PartNeeded},
	{verbEnd, branch(muster.OtherSkillNeeded), atWork, muster.VisitEnded, muster.OtherSkillNeeded},
	{verbEnd, branch(muster.SecondNeeded), atWork, muster.VisitEnded, muster.SecondNeeded},
	{verbEnd, branch(muster.NoAccess), atDoor, muster.VisitEnded, muster.NoAccess},
	{verbEnd, branch(muster.Refused), atDoor, muster.VisitEnded, muster.Refused},
	{verbEnd, branch(muster.Unsafe), atDoor, muster.VisitEnded, muster.Unsafe},

	{verbChoose, needsVisit, planned, muster.VisitEnded, muster.Withdrawn},
	{verbWait, "", planned, muster.VisitEnded, muster.Withdrawn},
	{verbNeedPart, "", planned, muster.VisitEnded, muster.Withdrawn},
	{verbOrderPart, "", planned, muster.VisitEnded, muster.Withdrawn},
	{verbMerge, "", planned, muster.VisitEnded, muster.OutcomeTicketDone},
	{verbComplete, "", planned, muster.VisitEnded, muster.OutcomeTicketDone},
	{verbCancel, "", till, muster.VisitEnded, muster.OutcomeTicketDone},
}

// Who may act. Customers act on tickets of their own only, experts on visits and offers of their own.
var (
	staff  = []muster.Role{muster.RoleHelpdesk, muster.RoleDispatcher, muster.RoleManager, muster.RoleAdministrator}
	board  = []muster.Role{muster.RoleDispatcher, muster.RoleManager, muster.RoleAdministrator}
	field  = slices.Concat(board, []muster.Role{muster.RoleExpert})
	anyone = slices.Concat(staff, []muster.Role{muster.RoleCustomer})
	itself = []muster.Role{muster.RoleSystem}
)

// A rule says who may use a verb, and the name of the event that tells of it.
type rule struct {
	verb  verb
	event string
	who   []muster.Role
}

var rules = []rule{
	{verbSubmit, "ticket.submitted", slices.Concat(anyone, itself)},
	{verbTakeIn, "ticket.taken_in", slices.Concat(staff, itself)},
	{verbTriage, "ticket.triaged", staff},
	{verbQueue, "ticket.queued", slices.Concat(staff, itself)},
	{verbOffer, "ticket.offered", slices.Concat(board, itself)},
	{verbAssign, "ticket.assigned", slices.Concat(board, itself)},
	{verbAccept, "ticket.accepted", field},
	{verbDecline, "ticket.declined", field},
	{verbExpire, "ticket.offer_expired", itself},
	{verbDepart, "ticket.departed", field},
	{verbArrive, "ticket.arrived", field},
	{verbStart, "ticket.started", field},
	{verbEnd, "ticket.visit_ended", field},
	{verbAsk, "ticket.expert_asked", itself},
	{verbAnswer, "ticket.expert_answered", field},
	{verbAlarm, "ticket.late_to_leave", itself},
	{verbLostSight, "ticket.lost_sight", itself},
	{verbReplace, "ticket.replaced", itself},
	{verbResume, "ticket.resumed", field},
	{verbWait, "ticket.waiting", staff},
	{verbWake, "ticket.woken", slices.Concat(anyone, itself)},
	{verbComplete, "ticket.completed", slices.Concat(staff, itself)},
	{verbResolve, "ticket.resolved", slices.Concat(anyone, itself)},
	{verbCancel, "ticket.cancelled", anyone},
	{verbReopen, "ticket.reopened", anyone},
	{verbReassign, "ticket.reassigned", board},
	{verbUnassign, "ticket.unassigned", board},
	{verbUndo, "ticket.undone", field},
	{verbRedecide, "ticket.redecided", slices.Concat(board, itself)},
	{verbNeedPart, "ticket.part_needed", slices.Concat(staff, []muster.Role{muster.RoleExpert})},
	{verbOrderPart, "ticket.part_ordered", staff},
	{verbPartThere, "ticket.part_there", staff},
	{verbMerge, "ticket.merged", staff},

	{verbTake, "ticket.exception_taken", staff},
	{verbHandOver, "ticket.exception_handed_over", staff},
	{verbContact, "ticket.contacted", staff},
	{verbSettle, "ticket.exception_settled", staff},
	{verbGiveBack, "ticket.exceptions_given_back", itself},
	{verbStuck, "ticket.stuck", itself},
	{verbMiss, "ticket.deadline_missed", itself},
	{verbWarn, "visit.predicted_late", itself},
	{verbOverrun, "ticket.overrun", itself},
	{verbChoose, "ticket.windows_chosen", anyone},
	{verbUndelivered, "ticket.undelivered", itself},
	{verbEscalate, "ticket.escalated", itself},
	{verbEnding, "ticket.offer_ending", itself},
}

// timerOf says which timer an open ticket carries in a state; timers.go says when it is due. While its
// visit is offered a scheduled ticket carries the offers' deadline instead, and an urgent one its next step of escalation.
var timerOf = map[muster.TicketState]muster.TimerName{
	muster.Triage:    muster.TimerTriage,
	muster.Queued:    muster.TimerQueue,
	muster.Scheduled: muster.TimerVisit,
	muster.Waiting:   muster.TimerWake,
	muster.Completed: muster.TimerResolve,
}
