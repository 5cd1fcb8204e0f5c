package graph

import (
	"fmt"
	"time"

	"github.com/sysopssquad/muster"
)

// Type of a column or property.
type Type int

// The types. Times are microseconds since 1970 UTC; JSON is kept as text.
const (
	Text Type = iota
	Int
	Real
	Bool
	Time
	JSON
)

// Field is one column or property of a kind.
type Field struct {
	Name    string
	Type    Type
	Derived bool                           // written for indexes, not read back
	Get     func(muster.Record) any        // string, int64, float64, bool, or nil
	Set     func(muster.Record, any) error // of what Get gave
}

// Edge is a relation of the graph that follows from a record's fields. SQLite keeps single-valued edges as
// the field's own column and Many edges as rows of a link table.
type Edge struct {
	Type    string
	To      string // label of the other end
	Reverse bool   // from the other end to this record
	Many    bool
	Merge   bool // the other end is a bare node that comes into being here: Cell, Model
	Field   string
	Props   []string // names of the edge's properties, all whole numbers
	Targets func(muster.Record) []Target
}

// Target is the other end of an edge, with the edge's properties.
type Target struct {
	ID    string
	Props map[string]any
}

// Index speeds up reads.
type Index struct {
	Fields []string
	Unique bool
}

// Spec describes a kind.
type Spec struct {
	Kind    muster.Kind
	Label   string // of nodes; tables have the kind's name
	New     func() muster.Record
	Fields  []Field
	Edges   []Edge
	Indexes []Index
	Timed   bool
	Search  string // the field whose Words are searched and have an index, "" if none has
}

// SpecOf finds a kind's description.
func SpecOf(k muster.Kind) (Spec, bool) {
	s, ok := byKind[k]
	return s, ok
}

var byKind = func() map[muster.Kind]Spec {
	m := make(map[muster.Kind]Spec, len(Schema))
	for _, s := range Schema {
		m[s.Kind] = s
	}
	return m
}()

// Schema is the one table of kinds; both stores are driven by it.
var Schema = []Spec{
	of[muster.Customer]("Customer").fields(
		text("id", func(c *muster.Customer) *muster.CustomerID { return &c.ID }),
		integer("rev", func(c *muster.Customer) *int64 { return &c.Rev }),
		text("division", func(c *muster.Customer) *string { return &c.Division }),
		text("name", func(c *muster.Customer) *string { return &c.Name }),
		text("email", func(c *muster.Customer) *string { return &c.Email }),
		text("phone", func(c *muster.Customer) *string { return &c.Phone }),
		text("language", func(c *muster.Customer) *string { return &c.Language }),
		document("plan", func(c *muster.Customer) *muster.SupportPlan { return &c.Plan }),
		document("preferred", func(c *muster.Customer) *[]muster.ExpertID { return &c.Preferred }),
		document("blocked", func(c *muster.Customer) *[]muster.Block { return &c.Blocked }),
		instant("created_at", func(c *muster.Customer) *time.Time { return &c.CreatedAt }),
		derived("words", Text, func(c *muster.Customer) any { return Words(c.Name, c.Email, c.Phone) }),
		boolean("removed", func(c *muster.Customer) *bool { return &c.Removed }),
		document("opt_out", func(c *muster.Customer) *[]muster.Channel { return &c.OptOut }), // since 4
	).search("words").spec(),

	of[muster.Site]("Site").fields(
		text("id", func(s *muster.Site) *muster.SiteID { return &s.ID }),
		text("customer", func(s *muster.Site) *muster.CustomerID { return &s.Customer }),
		text("name", func(s *muster.Site) *string { return &s.Name }),
		text("street", func(s *muster.Site) *string { return &s.Street }),
		text("city", func(s *muster.Site) *string { return &s.City }),
		text("state", func(s *muster.Site) *string { return &s.State }),
		text("zip", func(s *muster.Site) *string { return &s.ZIP }),
		document("place", func(s *muster.Site) *muster.Place { return &s.Place }),
		derived("cell", Text, func(s *muster.Site) any { return cellText(s.Place.Cell) }),
		text("access_notes", func(s *muster.Site) *string { return &s.AccessNotes }),
		document("access_hours", func(s *muster.Site) *[]muster.Hours { return &s.AccessHours }),
		boolean("removed", func(s *muster.Site) *bool { return &s.Removed }),
	).edges(
		one("HAS_SITE", "Customer", "customer", true, func(s *muster.Site) string { return string(s.Customer) }),
		merged("IN", "Cell", "cell", func(s *muster.Site) string { return cellID(s.Place.Cell) }),
	).index("customer").spec(),

	of[muster.Device]("Device").fields(
		text("id", func(d *muster.Device) *muster.DeviceID { return &d.ID }),
		text("customer", func(d *muster.Device) *muster.CustomerID { return &d.Customer }),
		text("site", func(d *muster.Device) *muster.SiteID { return &d.Site }),
		text("category", func(d *muster.Device) *string { return &d.Category }),
		text("brand", func(d *muster.Device) *string { return &d.Brand }),
		text("model", func(d *muster.Device) *string { return &d.Model }),
		integer("year", func(d *muster.Device) *int { return &d.Year }),
		text("serial", func(d *muster.Device) *string { return &d.Serial }),
		boolean("removed", func(d *muster.Device) *bool { return &d.Removed }),
	).edges(
		one("OWNS", "Customer", "customer", true, func(d *muster.Device) string { return string(d.Customer) }),
		one("AT", "Site", "site", false, func(d *muster.Device) string { return string(d.Site) }),
		merged("IS", "Model", "model", func(d *muster.Device) string { return modelID(d.Brand, d.Model) }),
	).index("customer").spec(),

	of[muster.Ticket]("Ticket").fields(
		text("id", func(t *muster.Ticket) *muster.TicketID { return &t.ID }),
		integer("rev", func(t *muster.Ticket) *int64 { return &t.Rev }),
		integer("number", func(t *muster.Ticket) *int64 { return &t.Number }),
		text("division", func(t *muster.Ticket) *string { return &t.Division }),
		text("customer", func(t *muster.Ticket) *muster.CustomerID { return &t.Customer }),
		text("site", func(t *muster.Ticket) *muster.SiteID { return &t.Site }),
		text("device", func(t *muster.Ticket) *muster.DeviceID { return &t.Device }),
		text("title", func(t *muster.Ticket) *string { return &t.Title }),
		text("text", func(t *muster.Ticket) *string { return &t.Text }),
		text("category", func(t *muster.Ticket) *string { return &t.Category }),
		text("symptom", func(t *muster.Ticket) *string { return &t.Symptom }),
		text("brand", func(t *muster.Ticket) *string { return &t.Brand }),
		text("mode", func(t *muster.Ticket) *muster.Mode { return &t.Mode }),
		document("needs", func(t *muster.Ticket) *[]muster.Need { return &t.Needs }),
		integer("duration_min", func(t *muster.Ticket) *muster.Minutes { return &t.Duration }),
		document("windows", func(t *muster.Ticket) *[]muster.Window { return &t.Windows }),
		document("carry", func(t *muster.Ticket) *[]string { return &t.Carry }),
		integer("crew", func(t *muster.Ticket) *int { return &t.Crew }),
		text("priority", func(t *muster.Ticket) *muster.Priority { return &t.Priority }),
		derived("priority_rank", Int, func(t *muster.Ticket) any { return int64(t.Priority.Rank()) }),
		text("state", func(t *muster.Ticket) *muster.TicketState { return &t.State }),
		derived("shown", Text, func(t *muster.Ticket) any { return t.Shown() }),
		derived("open", Bool, func(t *muster.Ticket) any { return !t.State.Terminal() }),
		document("wait", func(t *muster.Ticket) *muster.Wait { return &t.Wait }),
		text("prefer", func(t *muster.Ticket) *muster.ExpertID { return &t.Prefer }),
		document("declines", func(t *muster.Ticket) *[]muster.Decline { return &t.Declines }),
		document("visit", func(t *muster.Ticket) **muster.OpenVisit { return &t.Visit }),
		integer("visits", func(t *muster.Ticket) *int { return &t.Visits }),
		text("region", func(t *muster.Ticket) *muster.RegionID { return &t.Region }),
		text("city", func(t *muster.Ticket) *string { return &t.City }),
		text("zone", func(t *muster.Ticket) *string { return &t.Zone }),
		instant("due_at", func(t *muster.Ticket) *time.Time { return &t.DueAt }),
		instant("created_at", func(t *muster.Ticket) *time.Time { return &t.CreatedAt }),
		instant("queued_at", func(t *muster.Ticket) *time.Time { return &t.QueuedAt }),
		instant("completed_at", func(t *muster.Ticket) *time.Time { return &t.CompletedAt }),
		instant("closed_at", func(t *muster.Ticket) *time.Time { return &t.ClosedAt }),
		text("outcome", func(t *muster.Ticket) *string { return &t.Outcome }),
		text("legacy", func(t *muster.Ticket) *string { return &t.Legacy }),
		text("expected", func(t *muster.Ticket) *muster.VisitOutcome { return &t.Expected }),
		document("timers", func(t *muster.Ticket) *muster.Timers { return &t.Timers }),
		document("no_expert", func(t *muster.Ticket) **muster.NoExpert { return &t.NoExpert }),      // since 2
		document("exceptions", func(t *muster.Ticket) *[]muster.Exception { return &t.Exceptions }), // since 4
		derived("needs_person", Bool, func(t *muster.Ticket) any { return len(t.Exceptions) > 0 }),  // since 4
		derived("exception_marks", Text, func(t *muster.Ticket) any { return marks(t) }),            // since 4
		document("clocks", func(t *muster.Ticket) *[]muster.SLAClock { return &t.Clocks }),          // since 4
		document("promised", func(t *muster.Ticket) **muster.Promise { return &t.Promised }),        // since 4
		document("parts", func(t *muster.Ticket) *[]muster.PartNeed { return &t.Parts }),            // since 4
		instant("reopened_at", func(t *muster.Ticket) *time.Time { return &t.ReopenedAt }),          // since 4
		boolean("warranty", func(t *muster.Ticket) *bool { return &t.Warranty }),                    // since 4
		text("merged_into", func(t *muster.Ticket) *muster.TicketID { return &t.MergedInto }),       // since 4
		document("merged", func(t *muster.Ticket) *[]muster.MergedTicket { return &t.Merged }),      // since 4
		integer("step", func(t *muster.Ticket) *int { return &t.Step }),                             // since 4
		instant("step_since", func(t *muster.Ticket) *time.Time { return &t.StepSince }),            // since 4
		document("kept", func(t *muster.Ticket) **muster.Window { return &t.Kept }),                 // since 4
	).edges(
		one("FROM", "Customer", "customer", false, func(t *muster.Ticket) string { return string(t.Customer) }),
		one("AT", "Site", "site", false, func(t *muster.Ticket) string { return string(t.Site) }),
		one("ABOUT", "Device", "device", false, func(t *muster.Ticket) string { return string(t.Device) }),
		many("NEEDS", "Skill", "needs", []string{"level"}, func(t *muster.Ticket) []Target {
			out := make([]Target, 0, len(t.Needs))
			for _, n := range t.Needs {
				out = append(out, Target{ID: string(n.Skill), Props: map[string]any{"level": int64(n.Level)}})
			}
			return out
		}),
	).unique("number").index("customer").index("region", "state", "priority_rank", "due_at", "id").
		index("open", "priority_rank", "due_at", "id").index("shown", "priority_rank", "due_at", "id").
		index("needs_person", "priority_rank", "due_at", "id").spec(),

	of[muster.Visit]("Visit").fields(
		text("id", func(v *muster.Visit) *muster.VisitID { return &v.ID }),
		text("ticket", func(v *muster.Visit) *muster.TicketID { return &v.Ticket }),
		integer("n", func(v *muster.Visit) *int { return &v.N }),
		text("state", func(v *muster.Visit) *muster.VisitState { return &v.State }),
		document("window", func(v *muster.Visit) *muster.Window { return &v.Window }),
		instant("start", func(v *muster.Visit) *time.Time { return &v.Start }),
		instant("end", func(v *muster.Visit) *time.Time { return &v.End }),
		integer("crew", func(v *muster.Visit) *int { return &v.Crew }),
		text("outcome", func(v *muster.Visit) *muster.VisitOutcome { return &v.Outcome }),
		text("note", func(v *muster.Visit) *string { return &v.Note }),
		instant("departed_at", func(v *muster.Visit) *time.Time { return &v.DepartedAt }),
		instant("arrived_at", func(v *muster.Visit) *time.Time { return &v.ArrivedAt }),
		instant("started_at", func(v *muster.Visit) *time.Time { return &v.StartedAt }),
		instant("ended_at", func(v *muster.Visit) *time.Time { return &v.EndedAt }),
		document("told", func(v *muster.Visit) *muster.Window { return &v.Told }),           // since 4
		instant("broken_at", func(v *muster.Visit) *time.Time { return &v.BrokenAt }),       // since 4
		instant("asked_at", func(v *muster.Visit) *time.Time { return &v.AskedAt }),         // since 4
		instant("answered_at", func(v *muster.Visit) *time.Time { return &v.AnsweredAt }),   // since 4
		instant("expected_at", func(v *muster.Visit) *time.Time { return &v.ExpectedAt }),   // since 4
		instant("alarmed_at", func(v *muster.Visit) *time.Time { return &v.AlarmedAt }),     // since 4
		document("reports", func(v *muster.Visit) *[]muster.Report { return &v.Reports }),   // since 4
		instant("predicted_at", func(v *muster.Visit) *time.Time { return &v.PredictedAt }), // since 4
		document("heard", func(v *muster.Visit) *[]muster.Heard { return &v.Heard }),        // since 4
	).edges(
		one("OF", "Ticket", "ticket", false, func(v *muster.Visit) string { return string(v.Ticket) }),
	).index("ticket").spec(),

	of[muster.Offer]("Offer").fields(
		text("id", func(o *muster.Offer) *muster.OfferID { return &o.ID }),
		text("ticket", func(o *muster.Offer) *muster.TicketID { return &o.Ticket }),
		text("visit", func(o *muster.Offer) *muster.VisitID { return &o.Visit }),
		text("expert", func(o *muster.Offer) *muster.ExpertID { return &o.Expert }),
		text("tour", func(o *muster.Offer) *muster.TourID { return &o.Tour }),
		integer("place", func(o *muster.Offer) *int { return &o.Place }),
		instant("start", func(o *muster.Offer) *time.Time { return &o.Start }),
		instant("end", func(o *muster.Offer) *time.Time { return &o.End }),
		integer("travel", func(o *muster.Offer) *muster.Minutes { return &o.Travel }),
		real("km", func(o *muster.Offer) *float64 { return &o.Km }),
		text("state", func(o *muster.Offer) *muster.OfferState { return &o.State }),
		instant("at", func(o *muster.Offer) *time.Time { return &o.At }),
		instant("deadline", func(o *muster.Offer) *time.Time { return &o.Deadline }),
		instant("ended_at", func(o *muster.Offer) *time.Time { return &o.EndedAt }),
		text("reason", func(o *muster.Offer) *string { return &o.Reason }),
		document("decided", func(o *muster.Offer) *muster.Decided { return &o.Decided }),
	).edges(
		one("FOR", "Visit", "visit", false, func(o *muster.Offer) string { return string(o.Visit) }),
	).index("ticket").index("expert", "state").spec(),

	of[muster.Assignment]("Assignment").fields(
		text("id", func(a *muster.Assignment) *muster.AssignmentID { return &a.ID }),
		text("ticket", func(a *muster.Assignment) *muster.TicketID { return &a.Ticket }),
		text("visit", func(a *muster.Assignment) *muster.VisitID { return &a.Visit }),
		integer("place", func(a *muster.Assignment) *int { return &a.Place }),
		text("expert", func(a *muster.Assignment) *muster.ExpertID { return &a.Expert }),
		text("tour", func(a *muster.Assignment) *muster.TourID { return &a.Tour }),
		text("offer", func(a *muster.Assignment) *muster.OfferID { return &a.Offer }),
		instant("start", func(a *muster.Assignment) *time.Time { return &a.Start }),
		instant("end", func(a *muster.Assignment) *time.Time { return &a.End }),
		integer("travel", func(a *muster.Assignment) *muster.Minutes { return &a.Travel }),
		real("km", func(a *muster.Assignment) *float64 { return &a.Km }),
		text("state", func(a *muster.Assignment) *muster.AssignmentState { return &a.State }),
		instant("at", func(a *muster.Assignment) *time.Time { return &a.At }),
		instant("ended_at", func(a *muster.Assignment) *time.Time { return &a.EndedAt }),
		text("reason", func(a *muster.Assignment) *string { return &a.Reason }),
		document("decided", func(a *muster.Assignment) *muster.Decided { return &a.Decided }),
	).edges(
		one("FOR", "Visit", "visit", false, func(a *muster.Assignment) string { return string(a.Visit) }),
		one("ON", "Tour", "tour", false, func(a *muster.Assignment) string { return string(a.Tour) }),
	).index("ticket").index("expert", "state").index("tour").spec(),

	of[muster.Expert]("Expert").fields(
		text("id", func(e *muster.Expert) *muster.ExpertID { return &e.ID }),
		integer("rev", func(e *muster.Expert) *int64 { return &e.Rev }),
		text("division", func(e *muster.Expert) *string { return &e.Division }),
		text("name", func(e *muster.Expert) *string { return &e.Name }),
		derived("words", Text, func(e *muster.Expert) any { return Words(e.Name) }),
		document("skills", func(e *muster.Expert) *[]muster.Competence { return &e.Skills }),
		document("base", func(e *muster.Expert) *muster.Place { return &e.Base }),
		text("city", func(e *muster.Expert) *string { return &e.City }),
		text("region", func(e *muster.Expert) *muster.RegionID { return &e.Region }),
		document("territory", func(e *muster.Expert) *[]muster.Cell { return &e.Territory }),
		document("shifts", func(e *muster.Expert) *[]muster.Hours { return &e.Shifts }),
		document("extra", func(e *muster.Expert) *[]muster.Window { return &e.Extra }),
		document("breaks", func(e *muster.Expert) *[]muster.Hours { return &e.Breaks }),
		document("leave", func(e *muster.Expert) *[]muster.Leave { return &e.Leave }),
		document("on_call", func(e *muster.Expert) *[]muster.Window { return &e.OnCall }),
		document("capacity", func(e *muster.Expert) *muster.Capacity { return &e.Capacity }),
		document("languages", func(e *muster.Expert) *[]string { return &e.Languages }),
		document("carries", func(e *muster.Expert) *[]string { return &e.Carries }),
		document("brands", func(e *muster.Expert) *[]string { return &e.Brands }),
		integer("paid_weeks", func(e *muster.Expert) *muster.Minutes { return &e.PaidWeeks }),
		boolean("removed", func(e *muster.Expert) *bool { return &e.Removed }),
		text("email", func(e *muster.Expert) *string { return &e.Email }),              // since 4
		text("phone", func(e *muster.Expert) *string { return &e.Phone }),              // since 4
		document("timers", func(e *muster.Expert) *muster.Timers { return &e.Timers }), // since 4
	).edges(
		many("HAS", "Skill", "skills", []string{"level", "expires"}, func(e *muster.Expert) []Target {
			out := make([]Target, 0, len(e.Skills))
			for _, c := range e.Skills {
				p := map[string]any{"level": int64(c.Level), "expires": micros(c.Expires)}
				out = append(out, Target{ID: string(c.Skill), Props: p})
			}
			return out
		}),
		merged("BASED_IN", "Cell", "base", func(e *muster.Expert) string { return cellID(e.Base.Cell) }),
	).index("region").spec(),

	of[muster.Tour]("Tour").fields(
		text("id", func(t *muster.Tour) *muster.TourID { return &t.ID }),
		integer("rev", func(t *muster.Tour) *int64 { return &t.Rev }),
		text("expert", func(t *muster.Tour) *muster.ExpertID { return &t.Expert }),
		text("region", func(t *muster.Tour) *muster.RegionID { return &t.Region }),
		instant("start", func(t *muster.Tour) *time.Time { return &t.Start }),
		instant("end", func(t *muster.Tour) *time.Time { return &t.End }),
		boolean("on_call", func(t *muster.Tour) *bool { return &t.OnCall }),
		document("breaks", func(t *muster.Tour) *[]muster.Window { return &t.Breaks }),
		document("stops", func(t *muster.Tour) *[]muster.Stop { return &t.Stops }),
		boolean("removed", func(t *muster.Tour) *bool { return &t.Removed }),
	).edges(
		one("BY", "Expert", "expert", false, func(t *muster.Tour) string { return string(t.Expert) }),
	).index("expert", "end").index("end").spec(),

	of[muster.SkillTree]("SkillTree").fields(
		text("id", func(s *muster.SkillTree) *muster.SkillTreeID { return &s.ID }),
		integer("rev", func(s *muster.SkillTree) *int64 { return &s.Rev }),
	).spec(),

	of[muster.Skill]("Skill").fields(
		text("id", func(s *muster.Skill) *muster.SkillID { return &s.ID }),
		text("tree", func(s *muster.Skill) *muster.SkillTreeID { return &s.Tree }),
		text("name", func(s *muster.Skill) *string { return &s.Name }),
		text("narrows", func(s *muster.Skill) *muster.SkillID { return &s.Narrows }),
		boolean("licensed", func(s *muster.Skill) *bool { return &s.Licensed }),
		boolean("retired", func(s *muster.Skill) *bool { return &s.Retired }),
	).edges(
		one("NARROWS", "Skill", "narrows", false, func(s *muster.Skill) string { return string(s.Narrows) }),
	).spec(),

	whole[muster.Policy]("Policy", func(p *muster.Policy) (*muster.PolicyID, *int64) { return &p.ID, &p.Rev }),
	whole[muster.User]("User", func(u *muster.User) (*muster.UserID, *int64) { return &u.ID, &u.Rev }),
	whole[muster.Article]("Article", func(a *muster.Article) (*muster.ArticleID, *int64) { return &a.ID, &a.Rev }),
	whole[muster.Survey]("Survey", func(s *muster.Survey) (*muster.SurveyID, *int64) { return &s.ID, &s.Rev }),

	of[muster.Message]("Message").fields(
		text("id", func(m *muster.Message) *muster.MessageID { return &m.ID }),
		integer("rev", func(m *muster.Message) *int64 { return &m.Rev }),
		text("ticket", func(m *muster.Message) *muster.TicketID { return &m.Ticket }),
		text("visit", func(m *muster.Message) *muster.VisitID { return &m.Visit }),
		text("offer", func(m *muster.Message) *muster.OfferID { return &m.Offer }),
		text("customer", func(m *muster.Message) *muster.CustomerID { return &m.Customer }),
		text("expert", func(m *muster.Message) *muster.ExpertID { return &m.Expert }),
		text("topic", func(m *muster.Message) *muster.Topic { return &m.Topic }),
		text("state", func(m *muster.Message) *muster.MessageState { return &m.State }),
		text("why", func(m *muster.Message) *string { return &m.Why }),
		text("channel", func(m *muster.Message) *muster.Channel { return &m.Channel }),
		text("address", func(m *muster.Message) *string { return &m.Address }),
		text("language", func(m *muster.Message) *string { return &m.Language }),
		text("subject", func(m *muster.Message) *string { return &m.Subject }),
		text("text", func(m *muster.Message) *string { return &m.Text }),
		document("told", func(m *muster.Message) **muster.Told { return &m.Told }),
		document("tries", func(m *muster.Message) *[]muster.Try { return &m.Tries }),
		text("event", func(m *muster.Message) *string { return &m.Event }),
		instant("at", func(m *muster.Message) *time.Time { return &m.At }),
		instant("until", func(m *muster.Message) *time.Time { return &m.Until }),
		instant("ended_at", func(m *muster.Message) *time.Time { return &m.EndedAt }),
		document("timers", func(m *muster.Message) *muster.Timers { return &m.Timers }),
	).index("ticket").index("at", "id").spec(),

	of[muster.Region]("Region").fields(
		text("id", func(r *muster.Region) *muster.RegionID { return &r.ID }),
		integer("rev", func(r *muster.Region) *int64 { return &r.Rev }),
		text("name", func(r *muster.Region) *string { return &r.Name }),
		document("cells", func(r *muster.Region) *[]muster.Cell { return &r.Cells }),
		document("timers", func(r *muster.Region) *muster.Timers { return &r.Timers }),
	).spec(),

	of[muster.Duty]("Duty").fields(
		text("id", func(d *muster.Duty) *muster.DutyID { return &d.ID }),
		integer("rev", func(d *muster.Duty) *int64 { return &d.Rev }),
		document("timers", func(d *muster.Duty) *muster.Timers { return &d.Timers }),
	).spec(),
}

// Encode gives a record's values in the order of its fields.
func (s Spec) Encode(r muster.Record) []any {
	out := make([]any, len(s.Fields))
	for i, f := range s.Fields {
		out[i] = f.Get(r)
	}
	return out
}

// Decode builds a record from values in the order of its fields.
func (s Spec) Decode(values []any) (muster.Record, error) {
	r := s.New()
	for i, f := range s.Fields {
		if f.Derived || values[i] == nil {
			continue
		}
		if err := f.Set(r, values[i]); err != nil {
			return nil, fmt.Errorf("%s.%s: %w", s.Kind, f.Name, err)
		}
	}
	return r, nil
}

// Micros and FromMicros convert instants; nil stands for the zero time.
func Micros(t time.Time) any { return micros(t) }

// FromMicros is the inverse of Micros.
func FromMicros(us int64) time.Time { return time.UnixMicro(us).UTC() }

func micros(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return t.UnixMicro()
}

func cellText(c muster.Cell) any {
	if c == 0 {
		return nil
	}
	return c.String()
}

func cellID(c muster.Cell) string {
	if c == 0 {
		return ""
	}
	return "cell_" + c.String()
}

func modelID(brand, model string) string {
	if brand == "" || model == "" {
		return ""
	}
	return "model_" + brand + "/" + model
}
