package notify

import (
	"slices"
	"strings"
	"time"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/dispatch"
)

// facts are what the templates need, in a language. Times are in the site's zone.
func (s *scene) facts(v verdict, language, survey string) facts {
	t := s.ticket
	zone := muster.Location(t.Zone)
	f := facts{Ref: t.Ref(), Title: oneLine(t.Title), City: t.City, Plan: v.plan, Survey: survey}
	if f.City == "" {
		f.City = "-"
	}
	reader := zone
	f.Name = s.reader()
	if s.expert != nil {
		reader = muster.Location(s.expert.Base.Zone)
	}
	if s.visit != nil {
		f.Time = clockText(language, s.arrival().In(zone))
	}
	if v.told != nil && !v.told.Window.IsZero() {
		f.Window = zoned(windowText(language, v.told.Window, zone), v.told.Window.Start, zone, reader)
		var who []string
		for _, e := range v.told.Experts {
			who = append(who, s.names[e])
		}
		f.Several = len(who) > 1
		f.Who = strings.Join(who, and[language])
	}
	if v.plan == planWaiting && v.told != nil && !v.told.Window.IsZero() {
		f.Until = dayText(language, v.told.Window.Start.In(zone))
	}
	if s.offer != nil {
		f.Deadline = clockText(language, s.offer.Deadline.In(reader))
	}
	return f
}

// arrival is when somebody will be there, as far as is known: as planned, as the day goes, or as they said.
func (s *scene) arrival() time.Time {
	v := s.visit
	at := later(v.Start, v.PredictedAt)
	if v.State != muster.VisitAssigned {
		return at
	}
	at = later(at, v.ExpectedAt)
	for _, h := range v.Heard { // of a crew, until all have answered
		at = later(at, h.ExpectedAt)
	}
	return at
}

// and joins two names.
var and = map[string]string{"en": " and ", "es": " y "}

// reader is the name of whom it is for.
func (s *scene) reader() string {
	if s.expert != nil {
		return s.expert.Name
	}
	return s.customer.Name
}

// language of whom it is for.
func (s *scene) language() string {
	if s.expert == nil {
		return languageOf(s.customer.Language)
	}
	if len(s.expert.Languages) > 0 {
		return languageOf(s.expert.Languages[0])
	}
	return languages[0]
}

// worksFrom is when an expert who is asked in their free time works again: their time to answer begins then. ok is false for
// all others, and for whom it would be too late.
func (s *scene) worksFrom() (at time.Time, ok bool) {
	if s.message.Topic != muster.TopicOffer || s.expert == nil {
		return time.Time{}, false
	}
	spans := dispatch.Duty(s.expert, s.now, s.message.Until)
	if len(spans) == 0 || !spans[0].Start.After(s.now) {
		return time.Time{}, false
	}
	return spans[0].Start, true
}

// restsUntil is until when a message waits because its reader is not to be disturbed; ok is false if it needn't.
func (s *scene) restsUntil() (at time.Time, ok bool) {
	p := &s.policy.Messages
	works, asleep := s.worksFrom()
	if slices.Contains(p.AnyTime, s.message.Topic) && !asleep {
		return time.Time{}, false
	}
	zone := muster.Location(s.ticket.Zone)
	if s.expert != nil {
		zone = muster.Location(s.expert.Base.Zone)
	}
	at, ok = quietUntil(s.now, zone, p.QuietFrom, p.QuietTo)
	if !ok {
		return time.Time{}, false
	}
	start := time.Time{}
	if s.visit != nil {
		start = s.visit.Start
	}
	if asleep {
		return earlier(at, works), true
	}
	if o := s.offer; o != nil && o.State == muster.OfferOpen {
		start = o.Start
	}
	if !start.IsZero() && start.After(s.now) {
		at = earlier(at, start.Add(-p.Soon.Duration()))
	}
	if !at.Before(s.message.Until) || !at.After(s.now) {
		return time.Time{}, false // else it would be too late
	}
	return at, true
}
