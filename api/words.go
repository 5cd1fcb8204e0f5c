package api

import (
	"reflect"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"github.com/sysopssquad/muster"
)

// describeWords tells the schemas of the root package's words that Go's kinds don't tell: which texts a
// state may be, what an id looks like, where a number ends.
func describeWords(r huma.Registry) {
	word[muster.Mode, modeWord](r)
	word[muster.ExceptionKind, exceptionKindWord](r)
	word[muster.Priority, priorityWord](r)
	word[muster.TicketState, ticketStateWord](r)
	word[muster.VisitState, visitStateWord](r)
	word[muster.VisitOutcome, outcomeWord](r)
	word[muster.OfferState, offerStateWord](r)
	word[muster.AssignmentState, assignmentStateWord](r)
	word[muster.WaitReason, waitWord](r)
	word[muster.Channel, channelWord](r)
	word[muster.Topic, topicWord](r)
	word[muster.MessageState, messageStateWord](r)
	word[muster.SLAName, slaNameWord](r)
	word[muster.PauseState, pauseStateWord](r)
	word[muster.Precision, precisionWord](r)
	word[muster.Role, roleWord](r)
	word[muster.Class, classWord](r)
	word[muster.Level, levelWord](r)
	word[muster.Cell, cellWord](r)
	word[muster.Policy, policy](r)
	word[muster.Capacity, capacity](r)
	word[muster.CustomerID, idWord[muster.CustomerID]](r)
	word[muster.SiteID, idWord[muster.SiteID]](r)
	word[muster.DeviceID, idWord[muster.DeviceID]](r)
	word[muster.TicketID, idWord[muster.TicketID]](r)
	word[muster.VisitID, idWord[muster.VisitID]](r)
	word[muster.OfferID, idWord[muster.OfferID]](r)
	word[muster.AssignmentID, idWord[muster.AssignmentID]](r)
	word[muster.ExpertID, idWord[muster.ExpertID]](r)
	word[muster.TourID, idWord[muster.TourID]](r)
	word[muster.SkillID, idWord[muster.SkillID]](r)
	word[muster.SkillTreeID, idWord[muster.SkillTreeID]](r)
	word[muster.PolicyID, idWord[muster.PolicyID]](r)
	word[muster.UserID, idWord[muster.UserID]](r)
	word[muster.RegionID, idWord[muster.RegionID]](r)
	word[muster.MessageID, idWord[muster.MessageID]](r)
}

func word[T, Schema any](r huma.Registry) {
	r.RegisterTypeAlias(reflect.TypeFor[T](), reflect.TypeFor[Schema]())
}

func texts[T ~string](about string, values ...T) *huma.Schema {
	s := &huma.Schema{Type: huma.TypeString, Description: about}
	for _, v := range values {
		s.Enum = append(s.Enum, string(v))
	}
	return s
}

type (
	modeWord            struct{}
	priorityWord        struct{}
	ticketStateWord     struct{}
	visitStateWord      struct{}
	outcomeWord         struct{}
	offerStateWord      struct{}
	assignmentStateWord struct{}
	waitWord            struct{}
	channelWord         struct{}
	topicWord           struct{}
	messageStateWord    struct{}
	precisionWord       struct{}
	slaNameWord         struct{}
	pauseStateWord      struct{}
	roleWord            struct{}
	classWord           struct{}
	levelWord           struct{}
	cellWord            struct{}
)

// Schema lists the modes.
func (modeWord) Schema(huma.Registry) *huma.Schema {
	return texts("How a ticket is worked on.", muster.ModeRemote, muster.ModeHomeVisit, muster.ModeCarryIn)
}

// Schema lists the priorities.
func (priorityWord) Schema(huma.Registry) *huma.Schema {
	return texts("How pressing a ticket is.", muster.PriorityCritical, muster.PriorityHigh, muster.PriorityNormal, muster.PriorityLow)
}

// Schema lists a ticket's states.
func (ticketStateWord) Schema(huma.Registry) *huma.Schema {
	return texts("Where a ticket is in its life; accepted: safe on disk, and in the graph as soon as that can be reached.",
		append(muster.TicketStates(), muster.Accepted)...)
}

// Schema lists a visit's states.
func (visitStateWord) Schema(huma.Registry) *huma.Schema {
	return texts("Where a visit is in its life.", muster.VisitStates()...)
}

// Schema lists how a visit can have ended.
func (outcomeWord) Schema(huma.Registry) *huma.Schema {
	return texts("How a visit ended.", append(muster.VisitOutcomes(), muster.Withdrawn, muster.OutcomeTicketDone)...)
}

// Schema lists an offer's states.
func (offerStateWord) Schema(huma.Registry) *huma.Schema {
	return texts("Where an offer is.", muster.OfferOpen, muster.OfferAccepted, muster.OfferDeclined, muster.OfferExpired, muster.OfferWithdrawn)
}

// Schema lists an assignment's states.
func (assignmentStateWord) Schema(huma.Registry) *huma.Schema {
	return texts("Where an assignment is.", muster.AssignmentActive, muster.AssignmentDone, muster.AssignmentWithdrawn)
}

// Schema lists what a ticket can wait for.
func (waitWord) Schema(huma.Registry) *huma.Schema {
	return texts("What a ticket waits for.", muster.WaitParts, muster.WaitCustomer, muster.WaitApproval, muster.WaitDate)
}

// Schema lists the clocks.
func (slaNameWord) Schema(huma.Registry) *huma.Schema {
	return texts("A clock of a ticket.", muster.SLANames()...)
}

// Schema lists the states in which a clock may stand. The policy's check refuses others, and says what would become of a ticket.
func (pauseStateWord) Schema(huma.Registry) *huma.Schema {
	s := texts[muster.PauseState]("A state of a ticket in which a clock may stand.")
	s.Extensions = map[string]any{"enum": muster.PauseStates()}
	return s
}

// Schema lists the channels.
func (channelWord) Schema(huma.Registry) *huma.Schema {
	return texts("A way by which people are told.", muster.Channels()...)
}

// Schema lists what messages are about.
func (topicWord) Schema(huma.Registry) *huma.Schema {
	return texts("What a message is about.", muster.Topics()...)
}

// Schema lists a message's states.
func (messageStateWord) Schema(huma.Registry) *huma.Schema {
	return texts("Where a message is.", muster.MessageStates()...)
}

// Schema lists how well a point can be known.
func (precisionWord) Schema(huma.Registry) *huma.Schema {
	return texts("How well a point is known; travel adds a buffer for it.",
		muster.PrecisionSet, muster.PrecisionRooftop, muster.PrecisionStreet, muster.PrecisionZIP)
}

// Schema lists the roles.
func (roleWord) Schema(huma.Registry) *huma.Schema {
	return texts("What somebody is when they act.", muster.Roles()...)
}

// Schema lists who may set a constraint aside.
func (classWord) Schema(huma.Registry) *huma.Schema {
	return texts("Who may set a constraint aside.", muster.ByDispatcher, muster.ByPolicy, muster.Never)
}

// Schema bounds a level.
func (levelWord) Schema(huma.Registry) *huma.Schema {
	lo, hi := 1.0, 5.0
	return &huma.Schema{
		Type: huma.TypeInteger, Minimum: &lo, Maximum: &hi,
		Description: "How well a skill is known: 1 helps, 5 teaches.",
	}
}

// Schema shows an H3 cell.
func (cellWord) Schema(huma.Registry) *huma.Schema {
	return &huma.Schema{
		Type: huma.TypeString, Pattern: "^([0-9a-f]{15,16})?$", PatternDescription: "an H3 cell: 15 hexadecimal digits",
		Description: "An H3 cell, as hexadecimal digits.",
	}
}

// idWord describes the ids of T.
type idWord[T any] struct{}

// Schema shows the prefix of the kind. Empty text is none, as in Go.
func (idWord[T]) Schema(huma.Registry) *huma.Schema {
	kind := ids[reflect.TypeFor[T]()]
	prefix, _, _ := strings.Cut(muster.SlugID(kind, ""), "_")
	return &huma.Schema{
		Type: huma.TypeString, Pattern: "^(" + prefix + "_[a-z0-9-]{1,64})?$",
		PatternDescription: "the id of " + article(kind) + ", which starts with " + prefix + "_",
		Description:        "The id of " + article(kind) + ".",
	}
}

// ids are the types of ids, each with the kind that it names.
var ids = map[reflect.Type]muster.Kind{
	reflect.TypeFor[muster.CustomerID]():   muster.KindCustomer,
	reflect.TypeFor[muster.SiteID]():       muster.KindSite,
	reflect.TypeFor[muster.DeviceID]():     muster.KindDevice,
	reflect.TypeFor[muster.TicketID]():     muster.KindTicket,
	reflect.TypeFor[muster.VisitID]():      muster.KindVisit,
	reflect.TypeFor[muster.OfferID]():      muster.KindOffer,
	reflect.TypeFor[muster.AssignmentID](): muster.KindAssignment,
	reflect.TypeFor[muster.ExpertID]():     muster.KindExpert,
	reflect.TypeFor[muster.TourID]():       muster.KindTour,
	reflect.TypeFor[muster.SkillID]():      muster.KindSkill,
	reflect.TypeFor[muster.SkillTreeID]():  muster.KindSkillTree,
	reflect.TypeFor[muster.PolicyID]():     muster.KindPolicy,
	reflect.TypeFor[muster.UserID]():       muster.KindUser,
	reflect.TypeFor[muster.RegionID]():     muster.KindRegion,
	reflect.TypeFor[muster.MessageID]():    muster.KindMessage,
}

func article(k muster.Kind) string {
	if strings.ContainsRune("aeio", rune(k[0])) {
		return "an " + string(k)
	}
	return "a " + string(k)
}
