package dispatch

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/sysopssquad/muster"
)

// FsckPlace is how far a run has come, with all that it needs to go on.
type FsckPlace struct {
	Store    string                              `json:"store"` // which one it is
	Pass     int                                 `json:"pass"`
	After    string                              `json:"after,omitempty"` // the last that was checked in this pass
	Report   FsckReport                          `json:"report"`
	Given    map[line][]given                    `json:"given,omitempty"`
	UnderWay map[muster.ExpertID]muster.TicketID `json:"under_way,omitempty"`
	Waiting  map[string]time.Time                `json:"waiting,omitempty"` // aggregates with an event that has had no number since
}

// fsckForm is the version of the form in which a place is written down. Another Muster may have other passes.
const fsckForm = 2

// A writtenPlace is a place with what shows that it was written whole, by this form.
type writtenPlace struct {
	Form  int             `json:"form"`
	Sum   string          `json:"sum"` // SHA-256 of the place
	Place json.RawMessage `json:"place"`
}

// Write gives a place as bytes that Read takes.
func (p FsckPlace) Write() ([]byte, error) {
	body, err := json.Marshal(p)
	if err != nil {
		return nil, muster.E(muster.CodeInternal, "how far fsck has come has no JSON form", "report this").Because(err)
	}
	return json.Marshal(writtenPlace{fsckForm, sum(body), body})
}

// ReadFsckPlace takes what Write gave. What is cut short, altered or of another form is CodeInvalid.
func ReadFsckPlace(b []byte) (FsckPlace, error) {
	var w writtenPlace
	var p FsckPlace
	err := json.Unmarshal(b, &w)
	if err == nil && (w.Form != fsckForm || w.Sum != sum(w.Place)) {
		err = fmt.Errorf("form %d, checksum %q", w.Form, w.Sum)
	}
	if err == nil {
		err = json.Unmarshal(w.Place, &p)
	}
	if err != nil {
		return FsckPlace{}, muster.Invalid("resume", fmt.Sprintf("%d bytes", len(b)), "it isn't whole, or of another Muster; start anew without it").Because(err)
	}
	return p, nil
}

func sum(b []byte) string {
	h := sha256.Sum256(b)
	return hex.EncodeToString(h[:])
}

// MarshalText makes a line a key of JSON.
func (l line) MarshalText() ([]byte, error) {
	return []byte(string(l.region) + " " + string(l.priority)), nil
}

// UnmarshalText reads it.
func (l *line) UnmarshalText(b []byte) error {
	region, priority, _ := strings.Cut(string(b), " ")
	l.region, l.priority = muster.RegionID(region), muster.Priority(priority)
	return nil
}

// identify tells a store from others: by who set up its policy and skills first, when and by which command. One that
// has neither yet is like any other empty one.
func identify(ctx context.Context, store Auditor) (string, error) {
	var first []muster.Event
	for _, id := range []string{string(muster.ThePolicy), string(muster.TheSkillTree)} {
		history, err := store.History(ctx, everything, id)
		if err != nil && muster.CodeOf(err) != muster.CodeNotFound {
			return "", err
		}
		if len(history) > 0 {
			e := history[0]
			first = append(first, muster.Event{Aggregate: e.Aggregate, At: e.At, Actor: e.Actor, Command: e.Command})
		}
	}
	return muster.Fingerprint("fsck.identify", first), nil
}
