package muster

import "time"

// Channel is a way by which people are told.
type Channel string

// The channels.
const (
	ChannelSMS   Channel = "sms"
	ChannelEmail Channel = "email"
	ChannelPush  Channel = "push" // to the phones that an expert has registered
)

// Channels lists them.
func Channels() []Channel { return []Channel{ChannelSMS, ChannelEmail, ChannelPush} }

// Topic is what a message is about. Each has templates in every language.
type Topic string

// The topics: the first six are for customers, the others for experts.
const (
	TopicAccepted  Topic = "accepted"   // who comes, and when
	TopicChanged   Topic = "changed"    // somebody else comes, or at another time, or nobody
	TopicOnTheWay  Topic = "on_the_way" // the expert has left for the visit
	TopicLate      Topic = "late"       // the promised window will be missed
	TopicApology   Topic = "apology"    // it was missed
	TopicResolved  Topic = "resolved"   // with a link to the survey
	TopicOffer     Topic = "offer"      // will you take it?
	TopicAssigned  Topic = "assigned"   // it is yours
	TopicMoved     Topic = "moved"      // it is at another time, or is other work
	TopicCancelled Topic = "cancelled"  // it isn't yours any more
	TopicComing    Topic = "coming"     // you should have left: are you coming?
)

// Topics lists them.
func Topics() []Topic {
	return []Topic{
		TopicAccepted, TopicChanged, TopicOnTheWay, TopicLate, TopicApology, TopicResolved,
		TopicOffer, TopicAssigned, TopicMoved, TopicCancelled, TopicComing,
	}
}

// MessageState is where a message is.
type MessageState string

// The states. A message is sending from just before it is handed to a channel until it is known what came of that.
const (
	MessagePlanned MessageState = "planned"
	MessageSending MessageState = "sending"
	MessageSent    MessageState = "sent"
	MessageDropped MessageState = "dropped" // it was not true any more, or nobody wants to be told: Why says which
	MessageFailed  MessageState = "failed"  // no channel could deliver it; a person was asked to call
)

// MessageStates lists them.
func MessageStates() []MessageState {
	return []MessageState{MessagePlanned, MessageSending, MessageSent, MessageDropped, MessageFailed}
}

// Terminal tells whether nothing more becomes of the message.
func (s MessageState) Terminal() bool {
	return s == MessageSent || s == MessageDropped || s == MessageFailed
}

// Message is an aggregate of its own: talk never makes a decision conflict. It tells one person of one event on one topic;
// its id follows from these three, so that there is one however often the event is seen. Exactly one of Customer and
// Expert is set: whom it is for. Text and what was told are of the last try to send it.
type Message struct {
	ID       MessageID    `json:"id"`
	Rev      int64        `json:"rev"`
	Ticket   TicketID     `json:"ticket"`
	Visit    VisitID      `json:"visit,omitempty"`
	Offer    OfferID      `json:"offer,omitempty"`
	Customer CustomerID   `json:"customer,omitempty"`
	Expert   ExpertID     `json:"expert,omitempty"`
	Topic    Topic        `json:"topic"`
	State    MessageState `json:"state"`
	Why      string       `json:"why,omitempty"` // it waits, was dropped, failed or says something else than planned
	Channel  Channel      `json:"channel,omitempty"`
	Address  string       `json:"address,omitempty"`
	Language string       `json:"language,omitempty"` // of the text, BCP 47
	Subject  string       `json:"subject,omitempty"`
	Text     string       `json:"text,omitempty"`
	Told     *Told        `json:"told,omitempty"` // what the text says of the visit
	Tries    []Try        `json:"tries,omitempty"`
	Event    string       `json:"event"` // what it tells of: aggregate/rev
	At       time.Time    `json:"at"`    // of the event
	Until    time.Time    `json:"until"` // nobody is told after that
	EndedAt  time.Time    `json:"ended_at,omitzero"`
	Timers   Timers       `json:"timers,omitempty"`
}

// Told is what a message has said of a visit.
type Told struct {
	Experts  []ExpertID `json:"experts,omitempty"`
	Window   Window     `json:"window"`
	Expected time.Time  `json:"expected,omitzero"` // when they were said to be there, if a time was named
}

// Try is one attempt to send a message.
type Try struct {
	At        time.Time `json:"at"`
	Channel   Channel   `json:"channel"`
	Error     string    `json:"error,omitempty"`     // empty: it was taken, or what came of it is not known
	Final     bool      `json:"final,omitempty"`     // this channel will not take it, ever
	Reference string    `json:"reference,omitempty"` // the provider's name for it
}
