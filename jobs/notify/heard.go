package notify

import (
	"slices"
	"time"

	"github.com/sysopssquad/muster"
)

// heard lists the messages that have told the reader something of the ticket's visits, or may have, the latest first. The
// message itself is among them if it was tried before and nobody knows what came of that.
func (s *scene) heard() (out []*muster.Message) {
	for _, o := range append(slices.Clone(s.told), s.message) {
		if (s.others(o) || o == s.message) && o.Told != nil && perhapsTold(o) {
			out = append(out, o)
		}
	}
	slices.SortStableFunc(out, func(a, b *muster.Message) int { return toldAt(b).Compare(toldAt(a)) })
	return out
}

// believed lists of these what the reader may hold to be true: what they were told last, and what they have perhaps been
// told since. There is none if they know of no visit for sure.
func (s *scene) believed() []*muster.Message {
	all := s.heard()
	if i := slices.IndexFunc(all, surelyTold); i >= 0 {
		return all[:i+1]
	}
	return all
}

// knows tells whether they hold something to be true, for sure.
func (s *scene) knows(is func(*muster.Told) bool) bool {
	b := s.believed()
	return len(b) > 0 && surelyTold(b[0]) && is(b[0].Told)
}

// mayBelieve tells whether they perhaps hold something to be true.
func (s *scene) mayBelieve(is func(*muster.Told) bool) bool {
	return slices.ContainsFunc(s.believed(), func(m *muster.Message) bool { return is(m.Told) })
}

// awaited is the visit for which they wait, as far as they were told last, "" for none.
func (s *scene) awaited() muster.VisitID {
	for _, m := range s.believed() {
		if some(m.Told) {
			return m.Visit
		}
	}
	return ""
}

// others tells whether a message is another one for the same reader.
func (s *scene) others(o *muster.Message) bool {
	m := s.message
	return o.ID != m.ID && o.Customer == m.Customer && o.Expert == m.Expert
}

// surelyTold tells whether a message has reached its reader.
func surelyTold(m *muster.Message) bool { return m.State == muster.MessageSent }

// perhapsTold tells whether its reader may know what a message says: it was delivered or is being, nobody knows what came of
// a try, or a person was asked to tell them.
func perhapsTold(m *muster.Message) bool {
	switch m.State {
	case muster.MessageSent, muster.MessageSending:
		return true
	case muster.MessageFailed:
		return calls[m.Topic] != "" || slices.ContainsFunc(m.Tries, unknown)
	}
	return slices.ContainsFunc(m.Tries, unknown)
}

// unknown tells whether nobody knows what came of a try, or it was taken.
func unknown(t muster.Try) bool { return t.Error == unknownOutcome && !t.Final }

// toldAt is when a message was told last, as far as it may have been.
func toldAt(m *muster.Message) time.Time {
	if m.State == muster.MessageFailed { // by a person, from then on
		return m.EndedAt
	}
	for _, t := range slices.Backward(m.Tries) {
		if unknown(t) {
			return t.At
		}
	}
	return m.EndedAt
}

func equal(a, b *muster.Told) bool {
	return a.Window.Start.Equal(b.Window.Start) && a.Window.End.Equal(b.Window.End) &&
		slices.Equal(slices.Sorted(slices.Values(a.Experts)), slices.Sorted(slices.Values(b.Experts))) // a crew is in no order
}

// none tells whether it was told that nobody comes.
func none(t *muster.Told) bool { return len(t.Experts) == 0 }

// some tells whether it was told that somebody does.
func some(t *muster.Told) bool { return !none(t) }
