package dispatch

import (
	"slices"

	"github.com/sysopssquad/muster"
)

// What call tasks are about besides messages that reached nobody, which name their topic.
const (
	aboutPromise = "promise"      // nobody can keep what the customer was promised
	aboutTwoSent = "two_sent"     // two experts are on their way to one visit
	aboutInVain  = "sent_in_vain" // an expert went to a visit that was taken from them
	aboutBegan   = "began"        // an expert from whom a visit was taken had begun it, and keeps it
)

// needless says for each thing that somebody is called about why nobody needs to be any more: "" if they still do. What
// isn't here is over when a person says so, or the ticket is closed.
var needless = map[string]func(*desk, *muster.Exception, *muster.Errand) string{
	string(muster.TopicAccepted): either((*desk).seen, (*desk).visitGone),
	string(muster.TopicOnTheWay): either((*desk).seen, (*desk).visitGone),
	string(muster.TopicLate):     either((*desk).seen, (*desk).visitGone),
	string(muster.TopicApology):  either((*desk).seen, (*desk).workDone),
	string(muster.TopicChanged):  (*desk).seen,
	string(muster.TopicResolved): (*desk).openAgain,
	string(muster.TopicOffer):    (*desk).notAsked,
	string(muster.TopicAssigned): either((*desk).left, (*desk).notTheirs),
	string(muster.TopicMoved):    either((*desk).left, (*desk).notTheirs),

	string(muster.TopicCancelled): (*desk).theirsAgain,

	aboutPromise: either((*desk).seen, (*desk).keptAgain, (*desk).workDone),
	aboutTwoSent: either((*desk).tookPlace, (*desk).workDone, (*desk).keepsIt),
	aboutInVain:  either((*desk).tookPlace, (*desk).workDone, (*desk).keepsIt),
}

// either gives the first of several reasons that there is.
func either(all ...func(*desk, *muster.Exception, *muster.Errand) string) func(*desk, *muster.Exception, *muster.Errand) string {
	return func(k *desk, e *muster.Exception, about *muster.Errand) string {
		for _, why := range all {
			if text := why(k, e, about); text != "" {
				return text
			}
		}
		return ""
	}
}

// seen: whoever is at the customer's tells them.
func (k *desk) seen(_ *muster.Exception, about *muster.Errand) string {
	v := k.visitOf(about)
	if _, since := k.arrivedSince(about.At); since || v != nil && !v.ArrivedAt.IsZero() {
		return "somebody is at the customer's, or was since"
	}
	return ""
}

// visitGone: they were not told of a visit that doesn't take place. Who has begun to call may have told them.
func (k *desk) visitGone(e *muster.Exception, about *muster.Errand) string {
	if v := k.visitOf(about); v != nil && !v.Open() && !attended(e) {
		return "that visit is over, and they had not been told of it"
	}
	return ""
}

func (k *desk) workDone(*muster.Exception, *muster.Errand) string {
	if s := k.ticket.State; s == muster.Completed || s == muster.Resolved {
		return "the work is done"
	}
	return ""
}

// keptAgain: somebody has the visit within the promised window after all.
func (k *desk) keptAgain(_ *muster.Exception, about *muster.Errand) string {
	v, w := k.visit, about.Window
	if v != nil && v.State != muster.VisitOffered && !w.IsZero() && !v.Window.Start.Before(w.Start) && !v.Window.End.After(w.End) {
		return "somebody comes within the promised window"
	}
	return ""
}

// left: whoever is on the way knows that it is theirs.
func (k *desk) left(_ *muster.Exception, about *muster.Errand) string {
	if !k.goes(about) || k.visit.State == muster.VisitOffered || k.visit.State == muster.VisitAssigned {
		return ""
	}
	if len(k.crew) > 1 && k.visit.State == muster.VisitEnRoute && !slices.ContainsFunc(k.visit.Heard, func(h muster.Heard) bool {
		return h.Expert == about.Expert && h.Left
	}) {
		return ""
	}
	return "they have left for it"
}

// notTheirs: who was not told of a visit needn't hear that it is somebody else's. Who has begun to call may have told them.
func (k *desk) notTheirs(e *muster.Exception, about *muster.Errand) string {
	if about.Expert != "" && about.Visit != "" && !k.goes(about) && !attended(e) {
		return "it isn't theirs any more, and they had not been told of it"
	}
	return ""
}

func (k *desk) theirsAgain(_ *muster.Exception, about *muster.Errand) string {
	if k.goes(about) {
		return "it is theirs again"
	}
	return ""
}

// notAsked: whoever could not know that they are asked needn't any more.
func (k *desk) notAsked(_ *muster.Exception, about *muster.Errand) string {
	if slices.ContainsFunc(k.offers, func(o *muster.Offer) bool { return o.Expert == about.Expert && o.Visit == about.Visit }) {
		return ""
	}
	return "they are asked no more, or have answered"
}

// openAgain: that the ticket is resolved is nothing to tell of one that isn't.
func (k *desk) openAgain(*muster.Exception, *muster.Errand) string {
	if k.ticket.State != muster.Resolved {
		return "the ticket is open again"
	}
	return ""
}

// keepsIt: whoever was sent for nothing has been given the ticket's visit since. If they had it by then nobody has noticed so far
// that they are on the way.
func (k *desk) keepsIt(_ *muster.Exception, about *muster.Errand) string {
	if slices.ContainsFunc(k.crew, func(a *muster.Assignment) bool { return a.Expert == about.Expert && !a.At.Before(about.At) }) {
		return "it is theirs again"
	}
	return ""
}

// tookPlace: the visit that was in question, or another since, has ended with somebody there.
func (k *desk) tookPlace(_ *muster.Exception, about *muster.Errand) string {
	for _, v := range k.visits() {
		if !v.Open() && !v.ArrivedAt.IsZero() && !v.KnownAt().Before(about.At) {
			return "the visit is over"
		}
	}
	return ""
}

// goes tells whether the open visit is the one that an expert is called about, and theirs.
func (k *desk) goes(about *muster.Errand) bool {
	return k.visit != nil && k.visit.ID == about.Visit && slices.Contains(k.given(), about.Expert)
}

// attended tells whether somebody looks after a call task, or did.
func attended(e *muster.Exception) bool { return e.Owner != "" || len(e.Contacts) > 0 }

// visits are those of the ticket, as the decision has left them.
func (k *desk) visits() (out []*muster.Visit) {
	for i := range k.loaded.Visits {
		v := &k.loaded.Visits[i]
		if (k.visit == nil || k.visit.ID != v.ID) && (k.ended == nil || k.ended.ID != v.ID) {
			out = append(out, v)
		}
	}
	for _, v := range []*muster.Visit{k.ended, k.visit} {
		if v != nil {
			out = append(out, v)
		}
	}
	return out
}

// visitOf is the visit that somebody is called about, nil if it is about none.
func (k *desk) visitOf(about *muster.Errand) *muster.Visit {
	for _, v := range k.visits() {
		if v.ID == about.Visit {
			return v
		}
	}
	return nil
}

// call makes a call task of the open visit's, or adds to the one that is there: all of it is to be said.
func (k *desk) call(about muster.Errand) {
	var visit muster.VisitID
	if k.visit != nil {
		visit = k.visit.ID
	}
	k.callFor(visit, about)
}

func (k *desk) callFor(visit muster.VisitID, about muster.Errand) {
	about.At = k.now
	k.ticket.Exceptions = slices.Clone(k.ticket.Exceptions)
	i := slices.IndexFunc(k.ticket.Exceptions, func(e muster.Exception) bool { return e.Kind == muster.ExceptionCall && e.Visit == visit })
	if i < 0 {
		i = len(k.ticket.Exceptions)
		k.ticket.Exceptions = append(k.ticket.Exceptions, muster.Exception{Kind: muster.ExceptionCall, Visit: visit, Since: k.now})
	}
	e := &k.ticket.Exceptions[i]
	e.Errands = addErrand(errandsOf(e), about)
	tellErrands(e)
}

// errandsOf are a call task's; one from before they were kept apart is one.
func errandsOf(e *muster.Exception) []muster.Errand {
	if len(e.Errands) == 0 && e.Next != "" {
		return []muster.Errand{{At: e.Since, Next: e.Next, Note: e.Note, Visit: e.Visit, Message: e.Message}}
	}
	return e.Errands
}

// maxErrands is how many things a call task keeps, the last ones: more than the 50 who may be asked at once.
const maxErrands = 60

// addErrand adds a thing that is to be said, unless it is there.
func addErrand(all []muster.Errand, about muster.Errand) []muster.Errand {
	for i, o := range all {
		if o.Next == about.Next && o.Note == about.Note && o.About == about.About {
			all = slices.Clone(all)
			all[i] = about
			return all
		}
	}
	return append(slices.Clone(all[max(0, len(all)+1-maxErrands):]), about)
}

// tellErrands brings a call task's next step and note up to date with what is to be said.
func tellErrands(e *muster.Exception) {
	e.Next, e.Note, e.Message = "", "", ""
	for _, o := range e.Errands {
		e.Next, e.Note = both(e.Next, o.Next), longer(e.Note, o.Note)
		if o.Message != "" {
			e.Message = o.Message
		}
	}
}

// dropErrands takes off call tasks what nobody needs to be told any more, and those tasks of which nothing is left.
func (k *desk) dropErrands(needless func(*muster.Exception, *muster.Errand) string) {
	kept := slices.Clone(k.ticket.Exceptions)
	for i := range kept {
		e := &kept[i]
		left := slices.DeleteFunc(slices.Clone(e.Errands), func(o muster.Errand) bool {
			why := needless(e, &o)
			if why != "" {
				k.because(o, why)
			}
			return why != ""
		})
		if len(left) < len(e.Errands) {
			e.Errands = left
			tellErrands(e)
		}
	}
	k.ticket.Exceptions = kept
	k.keepExceptions(func(e muster.Exception) bool { return e.Kind != muster.ExceptionCall || e.Next != "" })
}

// over closes what call tasks are about that is over by what has happened.
func (k *desk) over() {
	k.dropErrands(func(e *muster.Exception, about *muster.Errand) string {
		if why, known := needless[about.About]; known {
			return why(k, e, about)
		}
		return ""
	})
}

// A told is one thing that a call task is about, as people see it.
type told struct{ about, next, note string }

func toldOf(o muster.Errand) told { return told{o.About, o.Next, o.Note} }

// because notes why nobody needs to be told something any more.
func (k *desk) because(o muster.Errand, why string) {
	if k.why == nil {
		k.why = make(map[told]string, 1)
	}
	k.why[toldOf(o)] = why
}

// closed lists what the decision has taken off the list, for the event that tells of it: who and what did is that event's
// actor and name.
func (k *desk) closed() (out []ClosedException) {
	for i := range k.loaded.Ticket.Exceptions {
		was := &k.loaded.Ticket.Exceptions[i]
		var is muster.Exception
		if at := slices.IndexFunc(k.ticket.Exceptions, func(e muster.Exception) bool { return e.Kind == was.Kind && e.Visit == was.Visit }); at >= 0 {
			is = k.ticket.Exceptions[at]
		}
		gone := ClosedException{Kind: was.Kind, Visit: was.Visit, Since: was.Since, Owner: was.Owner, Next: was.Next}
		if was.Kind != muster.ExceptionCall {
			if is.Kind == "" {
				out = append(out, gone)
			}
			continue
		}
		for _, o := range errandsOf(was) {
			if !slices.ContainsFunc(errandsOf(&is), func(l muster.Errand) bool { return toldOf(l) == toldOf(o) }) {
				gone.Since, gone.Next, gone.Why = o.At, o.Next, k.why[toldOf(o)]
				out = append(out, gone)
			}
		}
	}
	return out
}
