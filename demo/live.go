package demo

import (
	"context"
	"errors"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/sysopssquad/muster"
)

// LiveOptions say which server's company is to be kept alive, and how fast.
type LiveOptions struct {
	URL    string        // of the server, such as http://127.0.0.1:8080
	Client *http.Client  // nil: one with a time limit of 10 s
	Clock  muster.Clock  // nil: the machine's
	Seed   int64         // decides who does what
	Pace   time.Duration // between two deeds, 250 ms if 0: a few a second at most
	Log    *slog.Logger  // nil: silence

	Others func(muster.ExpertID) bool // of whom somebody else takes care; nil: of nobody

	wait func(context.Context, time.Duration) error // tests let time pass themselves
}

// Life is a company being kept alive. It knows nothing but what the server tells: it can be stopped and begun
// anew at any moment, on another machine too.
type Life struct {
	o      LiveOptions
	server server
	r      *rand.Rand
	paused atomic.Bool

	people    map[muster.ExpertID]muster.UserID // phones that are registered
	desk      muster.UserID                     // of the helpdesk
	board     muster.UserID                     // of a dispatcher
	keeper    muster.UserID                     // of an administrator
	customers []muster.CustomerID               // some who may call again
	todo      map[string]*deed
	done      map[string]time.Time // deeds that the lists may not know of yet, or that failed: not again before
	busy      map[muster.ExpertID]bool
	looked    time.Time
	begun     time.Time
	calls     int // of customers
	turn      int // whose it is, see next
	trouble   int // failures to reach the server in a row
}

// Demo time. Visits lie hours or days ahead; nobody would watch that long. Phones therefore go through their
// visits on a schedule of seconds, the earliest planned ones first, one at a time and never more than a few
// people on the road at once. What they do carries the real time, so that a visit planned for the afternoon may
// be over by noon. The first ones leave some seconds after they were assigned, so that an assignment made at the
// board can still be taken back.
const (
	lookEvery  = 2 * time.Second
	onTheRoad  = 14               // people at once, if there is work for them
	forget     = 6 * time.Second  // by then a list shows what was done
	afterError = 45 * time.Second // till a deed that was refused is tried again
	pageSize   = 500
	answering  = "answer/" // keys of deeds that answer offers

	// The company stays at some hundred open visits: the more there are the more people are on the road, and the
	// fewer customers call.
	openPerVisit = 50
	busyCompany  = 350
	longQueue    = 60
	patience     = 30 * time.Minute
)

// NewLife prepares a life. Nothing happens before Run.
func NewLife(o LiveOptions) *Life {
	if o.Client == nil {
		o.Client = &http.Client{Timeout: 10 * time.Second}
	}
	if o.Clock == nil {
		o.Clock = muster.SystemClock{}
	}
	if o.Pace <= 0 {
		o.Pace = 250 * time.Millisecond
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Others == nil {
		o.Others = func(muster.ExpertID) bool { return false }
	}
	if o.wait == nil {
		o.wait = muster.SystemClock{}.Sleep
	}
	return &Life{
		o: o, server: server{url: strings.TrimSuffix(o.URL, "/"), client: o.Client},
		people: map[muster.ExpertID]muster.UserID{}, todo: map[string]*deed{}, done: map[string]time.Time{},
		busy: map[muster.ExpertID]bool{},
	}
}

// Live keeps a company alive until ctx is done, which is no error. A server that is not there yet, or goes away
// for a while, is waited for.
func Live(ctx context.Context, o LiveOptions) error { return NewLife(o).Run(ctx) }

// Pause lets nothing happen until Resume.
func (l *Life) Pause() { l.paused.Store(true) }

// Resume goes on after Pause.
func (l *Life) Resume() { l.paused.Store(false) }

// Run keeps the company alive until ctx is done, which is no error.
func (l *Life) Run(ctx context.Context) error {
	l.begun = l.o.Clock.Now()
	l.r = rand.New(rand.NewPCG(uint64(l.o.Seed), uint64(l.begun.UnixNano())))
	for {
		pause := l.o.Pace
		if !l.paused.Load() {
			if err := l.step(ctx); err != nil {
				pause = l.away(ctx, err)
			}
		}
		if err := l.o.wait(ctx, pause); err != nil {
			return nil //nolint:nilerr // being stopped is how a life ends
		}
	}
}

// step looks around if it is time, and does the one deed that is due longest. Only trouble with the server is
// an error: a deed that is refused is somebody else's being faster.
func (l *Life) step(ctx context.Context) error {
	now := l.o.Clock.Now()
	if now.Sub(l.looked) >= lookEvery || now.Before(l.looked) {
		if err := l.look(ctx); err != nil {
			return err
		}
		l.looked = now
	}
	d := l.next(now)
	if d == nil {
		return nil
	}
	delete(l.todo, d.key)
	l.done[d.key] = now.Add(forget)
	err := d.do(ctx, l)
	if p := (*problem)(nil); errors.As(err, &p) && p.Status < http.StatusInternalServerError {
		l.o.Log.Debug("a deed was refused", "deed", d.key, "code", p.Code, "detail", p.Detail)
		l.done[d.key] = now.Add(afterError)
		l.trouble = 0
		return nil
	}
	if err != nil {
		delete(l.done, d.key)
		return err
	}
	l.trouble = 0
	return nil
}

// next is a deed that is due, nil if there is none: in turn the answer to an offer and anything else that is due
// longest, so that hundreds of offers don't bring the road to a halt.
func (l *Life) next(now time.Time) *deed {
	var longest [2]*deed
	for _, d := range l.todo {
		kind := 0
		if d.answers {
			kind = 1
		}
		if first := longest[kind]; !d.due.After(now) && (first == nil || d.due.Before(first.due) || d.due.Equal(first.due) && d.key < first.key) {
			longest[kind] = d
		}
	}
	l.turn = 1 - l.turn
	if d := longest[l.turn]; d != nil {
		return d
	}
	return longest[1-l.turn]
}

// away says for how long to leave a server alone that can't be reached or is in trouble: a second, then twice
// as long each time, at most 15 s.
func (l *Life) away(ctx context.Context, err error) time.Duration {
	if ctx.Err() != nil {
		return 0
	}
	if l.trouble == 0 {
		l.o.Log.Info("the demo waits for the server", "url", l.server.url, "error", err)
	}
	pause := time.Second << min(l.trouble, 4)
	l.trouble++
	l.looked = time.Time{}
	return min(pause, 15*time.Second)
}

// plan adds a deed if it is new, to be done after a delay of lo to hi.
func (l *Life) plan(keep map[string]*deed, key string, lo, hi time.Duration, do func(context.Context, *Life) error) {
	now := l.o.Clock.Now()
	if until, ok := l.done[key]; ok && now.Before(until) {
		return
	}
	if d, ok := l.todo[key]; ok {
		d.do = do
		keep[key] = d
		return
	}
	delay := lo + time.Duration(l.r.Int64N(int64(hi-lo)+1))
	keep[key] = &deed{key: key, due: now.Add(delay), answers: strings.HasPrefix(key, answering), do: do}
}

// deed is something that somebody is going to do.
type deed struct {
	key     string
	due     time.Time
	answers bool // an offer
	do      func(context.Context, *Life) error
}

// tidy drops what is no longer worth remembering.
func (l *Life) tidy(now time.Time) {
	for key, until := range l.done {
		if now.After(until) {
			delete(l.done, key)
		}
	}
}

// sortedByStart orders tickets by when their visit is planned.
func sortedByStart(ts []ticketRow) {
	slices.SortFunc(ts, func(a, b ticketRow) int {
		if c := a.Visit.Start.Compare(b.Visit.Start); c != 0 {
			return c
		}
		return strings.Compare(string(a.ID), string(b.ID))
	})
}
