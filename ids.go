package muster

import (
	"crypto/sha256"
	"encoding/base32"
	"strconv"
	"strings"
)

// Typed ids. On the wire and in the stores each is a string of a kind's prefix, an underscore
// and 1 to 64 letters a-z, digits and dashes, such as tic_3k1v0c7m2q9xw4rd.
type (
	CustomerID   string
	SiteID       string
	DeviceID     string
	TicketID     string
	VisitID      string
	OfferID      string
	AssignmentID string
	ExpertID     string
	TourID       string
	SkillID      string
	SkillTreeID  string
	PolicyID     string
	UserID       string
	ArticleID    string
	RegionID     string
	MessageID    string
	SurveyID     string
	DutyID       string
	CommandID    string
)

// Kind names what an id or a record is.
type Kind string

// The kinds of records. Root says which of them are aggregates.
const (
	KindCustomer   Kind = "customer"
	KindSite       Kind = "site"
	KindDevice     Kind = "device"
	KindTicket     Kind = "ticket"
	KindVisit      Kind = "visit"
	KindOffer      Kind = "offer"
	KindAssignment Kind = "assignment"
	KindExpert     Kind = "expert"
	KindTour       Kind = "tour"
	KindSkillTree  Kind = "skilltree"
	KindSkill      Kind = "skill"
	KindPolicy     Kind = "policy"
	KindUser       Kind = "user"
	KindArticle    Kind = "article"
	KindRegion     Kind = "region"
	KindMessage    Kind = "message"
	KindSurvey     Kind = "survey"
	KindDuty       Kind = "duty"
)

var prefixes = map[Kind]string{
	KindCustomer: "cus", KindSite: "sit", KindDevice: "dev",
	KindTicket: "tic", KindVisit: "vis", KindOffer: "off", KindAssignment: "asg",
	KindExpert: "exp", KindTour: "tou", KindSkillTree: "skt", KindSkill: "skl",
	KindPolicy: "pol", KindUser: "usr", KindArticle: "art", KindRegion: "reg",
	KindMessage: "msg", KindSurvey: "srv", KindDuty: "dut",
}

var kindsByPrefix = func() map[string]Kind {
	m := make(map[string]Kind, len(prefixes))
	for k, p := range prefixes {
		m[p] = k
	}
	return m
}()

var idEncoding = base32.NewEncoding("0123456789abcdefghjkmnpqrstvwxyz").WithPadding(base32.NoPadding)

// NewID derives the id of the n-th thing of its kind that a command creates. Being a function
// of the command, it makes a repeated decision name the same things: replays and retries can't
// create twins. The 80 bits of a SHA-256 keep 10^8 ids apart (odds of one collision: 4 in 10^9).
func NewID(kind Kind, command CommandID, n int) string {
	h := sha256.Sum256([]byte(string(kind) + "\x00" + string(command) + "\x00" + strconv.Itoa(n)))
	return prefixes[kind] + "_" + idEncoding.EncodeToString(h[:10])
}

// SlugID makes a readable id of a kind from a name: lower case, runs of other signs become one dash.
// It is for things that people name once for a whole company: skills, regions, duties.
func SlugID(kind Kind, name string) string {
	var b strings.Builder
	dash := false
	for _, r := range strings.ToLower(name) {
		if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' {
			if dash && b.Len() > 0 {
				b.WriteByte('-')
			}
			dash = false
			b.WriteRune(r)
			continue
		}
		dash = true
	}
	return prefixes[kind] + "_" + b.String()
}

// KindOf tells the kind that an id's prefix names, "" for none.
func KindOf(id string) Kind {
	p, _, ok := strings.Cut(id, "_")
	if !ok {
		return ""
	}
	return kindsByPrefix[p]
}

// CheckID refuses text that can't be an id of that kind, naming field and value.
func CheckID(kind Kind, field, id string) error {
	if KindOf(id) != kind {
		return Invalid(field, id, "the id of every "+string(kind)+" starts with "+prefixes[kind]+"_")
	}
	rest := id[len(prefixes[kind])+1:]
	if len(rest) == 0 || len(rest) > 64 {
		return Invalid(field, id, "an id has 1 to 64 signs after its prefix")
	}
	for _, r := range rest {
		if (r < 'a' || r > 'z') && (r < '0' || r > '9') && r != '-' {
			return Invalid(field, id, "an id has only a-z, 0-9 and - after its prefix")
		}
	}
	return nil
}
