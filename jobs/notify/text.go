package notify

import (
	"embed"
	"io/fs"
	"path"
	"strings"
	"text/template"

	"github.com/sysopssquad/muster"
)

//go:embed templates
var files embed.FS

// languages that there are templates in; the first is for everybody else.
var languages = []string{"en", "es"}

// templates by language/topic: each has a subject, a short text (SMS, push) and a long one (e-mail).
var templates = parse()

func parse() map[string]*template.Template {
	all := make(map[string]*template.Template)
	names, err := fs.Glob(files, "templates/*/*.txt")
	if err != nil {
		panic("notify: " + err.Error()) // a pattern of ours
	}
	for _, name := range names {
		key := strings.TrimSuffix(strings.TrimPrefix(name, "templates/"), path.Ext(name))
		all[key] = template.Must(template.New(key).ParseFS(files, name))
	}
	return all
}

// languageOf picks the templates for a BCP 47 tag: es-MX reads Spanish.
func languageOf(tag string) string {
	base, _, _ := strings.Cut(strings.ToLower(tag), "-")
	for _, l := range languages {
		if l == base {
			return l
		}
	}
	return languages[0]
}

// Plans that a visit can have: what TopicChanged tells, and TopicLate of who is in time after all.
const (
	planVisit     = "visit"
	planInTime    = "in_time"
	planCancelled = "cancelled"
	planMerged    = "merged"
	planDone      = "done"
	planWaiting   = "waiting"
	planSearching = "searching"
)

// facts are what templates speak of; times are written out already.
type facts struct {
	Name     string // of whom it is for
	Ref      string // of the ticket
	Title    string
	City     string
	Who      string // comes
	Several  bool   // more than one of them
	Window   string // promised, for experts planned
	Time     string // of arrival
	Deadline string // of an offer
	Survey   string // where it is, "" if nowhere
	Plan     string // see above
	Until    string // the day on which the parts are expected that are waited for, "" if nobody knows
}

// written is a text that is ready to be sent.
type written struct{ language, subject, short, long string }

// write fills the templates of a topic. Titles and names are cut in the short text, so that it fits one SMS where possible.
func write(language string, topic muster.Topic, f facts) (written, error) {
	t := templates[language+"/"+string(topic)]
	w := written{language: language}
	brief := f
	brief.Title, brief.City, brief.Who = clip(f.Title, 32), clip(f.City, 20), clip(f.Who, 40)
	for _, part := range []struct {
		name string
		with facts
		to   *string
	}{{"subject", brief, &w.subject}, {"short", brief, &w.short}, {"long", f, &w.long}} {
		var b strings.Builder
		if err := t.ExecuteTemplate(&b, part.name, part.with); err != nil {
			return written{}, err
		}
		*part.to = strings.TrimSpace(b.String())
	}
	w.subject = oneLine(w.subject)
	w.short = plainSMS(oneLine(w.short))
	return w, nil
}

// oneLine keeps what customers typed from adding lines, or headers of a mail.
func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }

// clip cuts a text to n signs, with three dots for the rest.
func clip(s string, n int) string {
	r := []rune(strings.TrimSpace(s))
	if len(r) <= n {
		return string(r)
	}
	return strings.TrimSpace(string(r[:n-3])) + "..."
}

// choose takes the text that fits a channel.
func (w written) choose(c muster.Channel) (subject, text string) {
	if c == muster.ChannelEmail {
		return w.subject, w.long
	}
	return w.subject, w.short
}
