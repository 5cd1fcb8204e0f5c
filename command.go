package muster

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"time"
)

// Role is what an actor is when it acts.
type Role string

// The roles of people, and system for jobs.
const (
	RoleCustomer      Role = "customer"
	RoleExpert        Role = "expert"
	RoleHelpdesk      Role = "helpdesk"
	RoleDispatcher    Role = "dispatcher"
	RoleManager       Role = "manager"
	RoleAccountant    Role = "accountant"
	RoleAdministrator Role = "administrator"
	RoleSystem        Role = "system"
)

// Roles lists all roles.
func Roles() []Role {
	return []Role{
		RoleCustomer, RoleExpert, RoleHelpdesk, RoleDispatcher,
		RoleManager, RoleAccountant, RoleAdministrator, RoleSystem,
	}
}

// Actor is who acts: a user, or a job. Expert and Customer say whose side a user of these roles is.
type Actor struct {
	ID       UserID     `json:"id"`
	Role     Role       `json:"role"`
	Name     string     `json:"name,omitempty"`
	Expert   ExpertID   `json:"expert,omitempty"`
	Customer CustomerID `json:"customer,omitempty"`
}

// System is the actor of a job.
func System(job string) Actor {
	return Actor{ID: UserID(SlugID(KindUser, job)), Role: RoleSystem, Name: job}
}

// Intake is the job that puts before a person what a customer submitted and the graph refused.
const Intake = "intake"

// Job tells whether nobody waits for an answer to what the actor does: a job, but for the intake, which acts under the
// command of whoever submitted.
func (a Actor) Job() bool { return a.Role == RoleSystem && a.ID != System(Intake).ID }

// Command is one request to change something. Its id makes it happen at most once: the same id
// with the same fingerprint gets the first answer again, with another it is refused (CodeReused).
type Command struct {
	ID          CommandID
	Name        string // the verb, such as ticket.assign
	Actor       Actor
	Fingerprint string // hash of the request, see Fingerprint
	Seen        *int64 // the revision that the caller decided on, nil if any will do
}

// Fingerprint hashes a request: its verb and its JSON form.
func Fingerprint(name string, request any) string {
	b, err := json.Marshal(request)
	if err != nil {
		panic("muster: a request has no JSON form: " + err.Error()) // a type error of ours, never input
	}
	h := sha256.New()
	h.Write([]byte(name))
	h.Write([]byte{0})
	h.Write(b)
	return hex.EncodeToString(h.Sum(nil)[:16])
}

// Outcome of a command as it is stored with its effects, for replay.
type Outcome struct {
	ID          CommandID       `json:"id"`
	Name        string          `json:"name"`
	Actor       Actor           `json:"actor"`
	Fingerprint string          `json:"fingerprint"`
	At          time.Time       `json:"at"`
	Result      json.RawMessage `json:"result,omitempty"`
}

// Event is one bump of one aggregate: history and outbox are the same record. Its id is
// aggregate/rev. Seq is 0 until the relay has numbered it; numbers have no gaps and rise
// with Rev inside an aggregate.
type Event struct {
	Aggregate string          `json:"aggregate"`
	Rev       int64           `json:"rev"`
	Name      string          `json:"name"`
	Version   int             `json:"version"`
	At        time.Time       `json:"at"`
	Actor     Actor           `json:"actor"`
	Command   CommandID       `json:"command,omitempty"`
	Body      json.RawMessage `json:"body"` // the aggregate's root after the change, and the parts that it changed
	Seq       int64           `json:"seq,omitempty"`
}

// Scope says what a reader may see; stores bind it as parameters. The zero Scope sees nothing
// and is refused, so that a forgotten scope fails instead of leaking.
type Scope struct {
	Everything bool
	Customer   CustomerID // only what is this customer's
	Expert     ExpertID   // only what is assigned or offered to this expert
}

// Check refuses the zero scope.
func (s Scope) Check() error {
	if s == (Scope{}) {
		return E(CodeForbidden, "a read without a scope", "derive the scope from the actor before reading")
	}
	return nil
}
