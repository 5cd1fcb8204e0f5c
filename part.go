package muster

import "time"

// PartState is where a part is that a repair needs.
type PartState string

// The states.
const (
	PartMissing PartState = "needed"  // nobody has ordered it
	PartOrdered PartState = "ordered" // comes at its ETA
	PartThere   PartState = "there"
)

// PartNeed is a part that a ticket's repair needs. Its name is unique in the ticket, whatever the case; it is empty while
// nobody has said which part it is.
type PartNeed struct {
	Name  string    `json:"name"`
	State PartState `json:"state"`
	ETA   time.Time `json:"eta,omitzero"` // of an ordered one
	At    time.Time `json:"at"`           // since when it is so
}

// MergedTicket is what a ticket keeps of a duplicate that was merged into it.
type MergedTicket struct {
	Ticket    TicketID   `json:"ticket"`
	Number    int64      `json:"number"`
	Title     string     `json:"title"`
	Text      string     `json:"text,omitempty"`
	Windows   []Window   `json:"windows,omitempty"`
	Parts     []PartNeed `json:"parts,omitempty"`
	CreatedAt time.Time  `json:"created_at"`
	At        time.Time  `json:"at"` // when it was merged
}
