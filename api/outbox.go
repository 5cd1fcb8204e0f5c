package api

import (
	"bytes"
	"embed"
	"html/template"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/sysopssquad/muster"
)

//go:embed outbox
var outboxFiles embed.FS

var outboxPage = template.Must(template.ParseFS(outboxFiles, "outbox/page.html"))

// outboxRows is how many messages the page has at most.
const outboxRows = 200

// outboxPolicy is the page's Content-Security-Policy: nothing but a style sheet and an icon from here.
const outboxPolicy = "default-src 'none'; style-src 'self'; img-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

// outboxRow is a message as the page shows it.
type outboxRow struct {
	When, Machine, Ref, Whom, Kind, Address, Topic, Channel, Glyph, State, Why, Language, Text string
}

// glyphs of messages' states.
var messageGlyphs = map[muster.MessageState]string{
	muster.MessagePlanned: "◔", muster.MessageSending: "➤", muster.MessageSent: "✓", muster.MessageDropped: "✕", muster.MessageFailed: "‼",
}

// outbox answers with the page of what people are told. It is for staff: it has everybody's addresses.
func (s *server) outbox(w http.ResponseWriter, r *http.Request) {
	who := muster.UserID("")
	if c, err := r.Cookie(ActorCookie); err == nil {
		who = muster.UserID(c.Value)
	}
	user, err := s.people.find(r.Context(), who)
	if err != nil {
		http.Redirect(w, r, "/", http.StatusSeeOther) // where they say who they are
		return
	}
	sees := scopeOf(user.Actor())
	if err := staffOnly(sees, "all messages"); err != nil {
		s.refuse(w, r, err)
		return
	}
	found, err := s.Graph.Messages(r.Context(), sees, nil, outboxRows)
	if err != nil {
		s.refuse(w, r, err)
		return
	}
	rows, err := s.outboxRows(r, found)
	if err != nil {
		s.refuse(w, r, err)
		return
	}
	sunk := slices.ContainsFunc(found, func(m *muster.Message) bool {
		return slices.ContainsFunc(m.Tries, func(t muster.Try) bool { return strings.HasPrefix(t.Reference, "not sent") })
	})
	var page bytes.Buffer
	if err := outboxPage.Execute(&page, map[string]any{"Rows": rows, "More": len(found) == outboxRows, "Sunk": sunk}); err != nil {
		s.refuse(w, r, err)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Content-Security-Policy", outboxPolicy)
	w.Header().Set("Cache-Control", "no-store")
	_, _ = w.Write(page.Bytes()) // the client is gone if this fails
}

// outboxStyle answers with the page's style sheet.
func (s *server) outboxStyle(w http.ResponseWriter, _ *http.Request) {
	text, err := outboxFiles.ReadFile("outbox/page.css")
	if err != nil {
		panic("api: " + err.Error()) // it is part of the binary
	}
	w.Header().Set("Content-Type", "text/css; charset=utf-8")
	w.Header().Set("Cache-Control", "no-cache")
	_, _ = w.Write(text)
}

// outboxRows names tickets and people of messages, in one read.
func (s *server) outboxRows(r *http.Request, found []*muster.Message) ([]outboxRow, error) {
	var ids []string
	for _, m := range found {
		ids = append(ids, string(m.Ticket), string(m.Customer), string(m.Expert))
	}
	slices.Sort(ids)
	named, err := s.Graph.Records(r.Context(), "", slices.Compact(ids)...)
	if err != nil {
		return nil, err
	}
	rows := make([]outboxRow, 0, len(found))
	for _, m := range found {
		row := outboxRow{
			When: m.At.Format("2 Jan 15:04:05 UTC"), Machine: m.At.Format(time.RFC3339), Address: m.Address,
			Ref: string(m.Ticket), Topic: strings.ReplaceAll(string(m.Topic), "_", " "), Channel: string(m.Channel),
			Glyph: messageGlyphs[m.State], State: string(m.State), Why: m.Why, Language: m.Language, Text: m.Text,
		}
		if t, ok := named[string(m.Ticket)].(*muster.Ticket); ok {
			row.Ref = t.Ref()
		}
		if c, ok := named[string(m.Customer)].(*muster.Customer); ok {
			row.Kind, row.Whom = "customer", c.Name
		}
		if e, ok := named[string(m.Expert)].(*muster.Expert); ok {
			row.Kind, row.Whom = "expert", e.Name
		}
		if row.Language == "" {
			row.Language = "en"
		}
		rows = append(rows, row)
	}
	return rows, nil
}
