// Package graph holds the ports to the store: the one way to write (Commit), the reads named for
// the caller's need, timers and events. The rules of a commit that don't depend on a store live
// here too (Change.Check, Judge, Merge), so that both stores decide alike. The stores are
// graph/sqlite and graph/neo4j; graph/graphtest is the suite that both pass.
package graph

import (
	"cmp"
	"context"
	"time"

	"github.com/sysopssquad/muster"
)

// Store is everything that a store offers. Callers ask for the role that they need.
type Store interface {
	Committer
	Decisions
	Lists
	Timers
	EventLog
	Audit
	Admin
}

// Committer writes.
type Committer interface {
	// Commit applies each change whole or not at all, in order, each judged against what those before
	// it left; outcomes are by position. The error is for all: nothing is known to be written. If its
	// code is CodeUnknown the changes may have been written: commit the same again under the same ids.
	Commit(ctx context.Context, changes ...Change) ([]Outcome, error)
}

// Decisions are the reads that decisions rest on; they see every commit that was acknowledged. Those
// that take a command id return *Replayed if that command has been carried out already.
type Decisions interface {
	// Setup loads the policy, the skill tree and the regions.
	Setup(ctx context.Context) (Setup, error)
	// Records loads single records by id, of any kind; absent ones are absent from the map.
	Records(ctx context.Context, cmd muster.CommandID, ids ...string) (map[string]muster.Record, error)
	// CustomerCase loads a customer with sites and devices.
	CustomerCase(ctx context.Context, cmd muster.CommandID, id muster.CustomerID) (CustomerCase, error)
	// OpenTickets lists a customer's tickets that are not terminal, at the sites named or at all, most urgent
	// first.
	OpenTickets(ctx context.Context, id muster.CustomerID, sites []muster.SiteID, limit int) ([]muster.Ticket, error)
	// TicketCase loads a ticket with all its parts, its customer, site and device, the experts and tours
	// of its open offers and active assignments, and those that ref asks for.
	TicketCase(ctx context.Context, cmd muster.CommandID, ref CaseRef) (TicketCase, error)
	// ExpertCase loads an expert, the tours that end after from, and the tickets that these tours visit.
	ExpertCase(ctx context.Context, cmd muster.CommandID, id muster.ExpertID, from time.Time) (ExpertCase, error)
	// Round loads what a region's round rests on.
	Round(ctx context.Context, ref RoundRef) (Round, error)
	// Peers pages by id through those who work here, for what costs compare people with and how far they
	// travel: of each only id, region, skills, capacity and paid time are filled in.
	Peers(ctx context.Context, after muster.ExpertID, limit int) ([]muster.Expert, error)
}

// Lists are the reads of screens and lists; each is bound by a scope. They may lag behind. A scope that names
// a customer lets through that customer, their tickets and users; one that names an expert lets through that
// expert, their tours and users, the tickets that are assigned or offered to them or were done by them, and
// these tickets' customers; one that names both, what both let through. What is removed or suspended is in
// no list.
type Lists interface {
	// Tickets pages through tickets, most urgent first (priority, due, id).
	Tickets(ctx context.Context, s muster.Scope, f TicketFilter, p Page) ([]*muster.Ticket, string, error)
	// TicketCounts counts open tickets by what is shown of them.
	TicketCounts(ctx context.Context, s muster.Scope) (map[string]int, error)
	// Customers pages through customers by id, those that a text finds (Search) by name, e-mail and phone.
	Customers(ctx context.Context, s muster.Scope, text string, p Page) ([]*muster.Customer, string, error)
	// Experts pages through experts by id, removed ones left out.
	Experts(ctx context.Context, s muster.Scope, f ExpertFilter, p Page) ([]*muster.Expert, string, error)
	// Tours lists the tours that overlap a span, of the experts named or of all, by start and id; at most MaxTours.
	Tours(ctx context.Context, s muster.Scope, experts []muster.ExpertID, span muster.Window) ([]*muster.Tour, error)
	// Users lists the people who can sign in.
	Users(ctx context.Context, s muster.Scope) ([]*muster.User, error)
	// Messages lists messages, the newest first (at, id), those about the tickets named or all; at most limit, which
	// is at most MaxMessages. Customers and experts see those that are for them.
	Messages(ctx context.Context, s muster.Scope, tickets []muster.TicketID, limit int) ([]*muster.Message, error)
	// History lists an aggregate's events by revision; CodeNotFound if there are none, or out of scope.
	History(ctx context.Context, s muster.Scope, aggregate string) ([]muster.Event, error)
}

// Timers find and claim what is due. A claim bumps the aggregate's fence, not its revision, and so does
// every commit that puts the aggregate, which also sets the timer to what the record says and forgets the
// failures; settling leaves both numbers. A timer is due if its moment is not after now. An aggregate that
// is terminal has none.
type Timers interface {
	// Now is the store's clock.
	Now(ctx context.Context) (time.Time, error)
	// DueShards lists the shards of a lane in which something is due at now, by number, with the time since when.
	DueShards(ctx context.Context, lane muster.Lane, now time.Time) ([]DueShard, error)
	// ClaimDue takes up to limit aggregates of a shard that are due, oldest first, and moves each timer to until.
	ClaimDue(ctx context.Context, lane muster.Lane, shard int, now, until time.Time, limit int) ([]Wake, error)
	// Claim takes one aggregate's timer if it is due; ok is false if it isn't, or there is no such aggregate.
	Claim(ctx context.Context, id string, now, until time.Time) (w Wake, ok bool, err error)
	// Settle moves claimed timers on to their next moment if their fence still holds; lost ones are
	// reported by id. The fence stays valid.
	Settle(ctx context.Context, settled ...Settled) (lost []string, err error)
	// Backlog tells what is due and how late, by lane.
	Backlog(ctx context.Context, now time.Time) (map[muster.Lane]Backlog, error)
	// Failing gives up to limit aggregates whose timer has failed, by failures in a row, the most first, and id.
	Failing(ctx context.Context, limit int) ([]Wake, error)
}

// EventLog is what the relay and consumers need.
type EventLog interface {
	// Pending reads events without a number as the relay must: pending ones in any order, then in a second
	// statement all pending of those aggregates; those whose predecessor is neither numbered nor among
	// them are held back. Ordered by (at, aggregate, rev), a predecessor always before its successor.
	Pending(ctx context.Context, limit int) ([]muster.Event, error)
	// Number writes the numbers first, first+1, ... to events, if the duty's fence still holds and first is
	// the head plus one; else CodeConflict and nothing is written.
	Number(ctx context.Context, duty string, fence int64, first int64, events []muster.Event) error
	// EventsAfter reads numbered events by number: those that follow seq without a gap, or, if these aren't
	// retained any more, the lowest that are.
	EventsAfter(ctx context.Context, seq int64, limit int) ([]muster.Event, error)
	// Bounds gives the lowest number that is retained and the highest that was given, 0 and 0 if none.
	Bounds(ctx context.Context) (floor, head int64, err error)
	// Cursor is how far a consumer has come, 0 for a new one.
	Cursor(ctx context.Context, consumer string) (int64, error)
	// Advance moves a consumer's cursor; it never goes back.
	Advance(ctx context.Context, consumer string, seq int64) error
}

// Audit is what fsck reads.
type Audit interface {
	// Scan pages through all records of a kind by id.
	Scan(ctx context.Context, kind muster.Kind, after string, limit int) ([]muster.Record, error)
	// TicketCases pages through tickets by id, each with its parts; customers, sites, experts and tours are left out.
	TicketCases(ctx context.Context, after string, limit int) ([]TicketCase, error)
	// Wakes gives the stored timers of aggregates.
	Wakes(ctx context.Context, ids ...string) (map[string]Wake, error)
	// EventSpans gives for aggregates the lowest, highest and number of their events, of the commands behind them, and since
	// when one of them has waited for its number.
	EventSpans(ctx context.Context, ids ...string) (map[string]EventSpan, error)
	// Commands pages by id through the commands that are still known.
	Commands(ctx context.Context, after muster.CommandID, limit int) ([]muster.Outcome, error)
	// Owners gives who holds keys; free ones are absent.
	Owners(ctx context.Context, keys ...muster.Key) (map[muster.Key]string, error)
	// Cursors gives how far each consumer has come, and the instants that are kept as cursors are.
	Cursors(ctx context.Context) (map[string]int64, error)
}

// Admin sets up and takes down.
type Admin interface {
	// Migrate brings the schema to this version; a newer one is CodeNewerSchema. It is safe to repeat.
	Migrate(ctx context.Context) error
	// Version is the schema's version in the store, 0 for an empty one.
	Version(ctx context.Context) (int, error)
	// Reserve takes n ticket numbers and returns the first. Numbers never repeat; gaps are fine.
	Reserve(ctx context.Context, n int) (int64, error)
	// Analyze refreshes the planner's statistics; call it after a bulk load.
	Analyze(ctx context.Context) error
	// Prune forgets commands that ended before an instant, at most limit of them, the oldest first, and tells
	// how many. What else nobody has needed since then goes with them, all of it.
	Prune(ctx context.Context, before time.Time, limit int) (int, error)
	// PruneJobs does the same to the commands of jobs (muster.Actor.Job) alone.
	PruneJobs(ctx context.Context, before time.Time, limit int) (int, error)
	Close(ctx context.Context) error
}

// Replayed is the error of a load for a command that has been carried out already.
type Replayed struct{ Outcome muster.Outcome }

// Error names the command.
func (r *Replayed) Error() string {
	return "command " + string(r.Outcome.ID) + " has been carried out already"
}

// Setup is what all decisions share.
type Setup struct {
	Policy  muster.Policy // the zero Policy if there is none yet
	Tree    muster.SkillTree
	Skills  []muster.Skill
	Regions []muster.Region
}

// CustomerCase is a customer with parts.
type CustomerCase struct {
	Customer muster.Customer
	Sites    []muster.Site
	Devices  []muster.Device
}

// CaseRef says which ticket, by one of its ids, and what to bring along.
type CaseRef struct {
	Ticket  muster.TicketID
	Number  int64 // that it has, or for which it holds the NumberKey
	Visit   muster.VisitID
	Offer   muster.OfferID
	Experts []muster.ExpertID // these too, with their tours that overlap Span
	Span    muster.Window
	Latest  int // only the last so many visits, those for which somebody came, and the one that is asked for; 0: all
}

// TicketCase is a ticket with all that a decision on it rests on. Where only the latest visits were asked for, offers and
// assignments are theirs.
type TicketCase struct {
	Ticket      muster.Ticket
	Customer    muster.Customer
	Site        muster.Site
	Device      *muster.Device
	Visits      []muster.Visit      // by N
	Offers      []muster.Offer      // by At, id
	Assignments []muster.Assignment // by At, id
	Experts     map[muster.ExpertID]muster.Expert
	Tours       map[muster.TourID]muster.Tour
	Served      []muster.Served
}

// ExpertCase is an expert with work ahead.
type ExpertCase struct {
	Expert  muster.Expert
	Tours   []muster.Tour
	Tickets []muster.Ticket
}

// RoundRef says what a round looks at.
type RoundRef struct {
	Region muster.RegionID
	Reach  []muster.RegionID // regions whose experts may come, the region itself among them
	Span   muster.Window     // tours that overlap it
	Limit  int               // of tickets: the most urgent (priority, due, id)
	Skip   int               // of these as many as are passed over
}

// Round is what a region's round rests on. Tickets are in order of urgency; each case has ticket, customer,
// site, device and Served, not the history of parts. Experts are those who work here; tours are by start and
// id, removed ones too, for their ids are those of the tours to come.
type Round struct {
	Tickets []TicketCase
	Experts []muster.Expert // by id
	Tours   []muster.Tour   // of these experts
}

// Page asks for one page of a list.
type Page struct {
	After string // cursor of the page before, "" for the first
	Limit int    // 1 to 500
}

// TicketFilter narrows a list of tickets; zero fields don't.
type TicketFilter struct {
	States   []string // ticket states or visit states, as Shown gives them; "open" is all that are not terminal
	Customer muster.CustomerID
	Expert   muster.ExpertID // assigned or offered to
	Region   muster.RegionID
	Priority muster.Priority
	Since    time.Time // created at or after

	Exceptions ExceptionFilter
}

// ExceptionFilter narrows a list of tickets to those with an exception that passes; the zero value doesn't.
type ExceptionFilter struct {
	Any   bool // whatever it is
	Kind  muster.ExceptionKind
	Owner muster.UserID // who has taken it
	Free  bool          // nobody has
}

// ExpertFilter narrows a list of experts.
type ExpertFilter struct {
	Skill  muster.SkillID // has it or a narrower one (Skills lists those to accept)
	Skills []muster.SkillID
	Region muster.RegionID
	Text   string // finds them (Search) by name
}

// Wake is a claimed or stored timer.
type Wake struct {
	ID       string
	Kind     muster.Kind
	Rev      int64
	At       time.Time // when it was due, or is
	Fence    int64
	Failures int
	Why      string // the last of the failures, in words
}

// MostFailures orders wakes by failures in a row, the most first, and id.
func MostFailures(a, b Wake) int { return cmp.Or(b.Failures-a.Failures, cmp.Compare(a.ID, b.ID)) }

// Settled says when to look at a claimed aggregate again, and how often it has failed, none after a success. A put
// forgets that.
type Settled struct {
	Wake     Wake
	Next     time.Time
	Failures int    // in a row
	Why      string // the last of them, in words; kept with them
}

// Backlog is how much of a lane is due.
// DueShard is a shard of a lane in which something is due.
type DueShard struct {
	Shard int
	Since time.Time // when the oldest of it came due
}

type Backlog struct {
	Due    int           `json:"due"`
	Oldest time.Duration `json:"oldest"`
	Failed int           `json:"failed"` // with failures in a row, due or not
}

// EventSpan sums up an aggregate's events.
type EventSpan struct {
	Low, High, Count int64     // revisions, and how many events
	Commands         int64     // how many different commands they are by
	Since            time.Time // when the oldest was written that has no number yet; zero: all have one
}
