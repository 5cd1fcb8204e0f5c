package sim

import (
	"context"
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"os"
	"time"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/graph"
	"github.com/sysopssquad/muster/jobs/memory"
)

// life is one company from its first call to the end. It is the work of one goroutine.
type life struct {
	o         Options
	ctx       context.Context
	clock     *clock
	store     graph.Store // without faults
	watch     *watch
	queue     *memory.Queue
	stream    *memory.Stream
	agenda    agenda
	world     *world
	ledger    *ledger
	faults    *faults
	procs     []*process
	lead      *process // who hands events to people
	nested    int      // calls of the store in which others are at work just now
	until     time.Time
	said      time.Time // that answers can reach Muster
	deaf      time.Time // until when no answer reaches anybody
	seen      time.Time // progress was told
	rand      *rand.Rand
	n         int // commands so far
	tokens    int // given to those who write messages
	habits    []habit
	deeds     map[string]int // what people and chance did, by name
	inspected int            // tours that fsck looked at meanwhile
	late      lateness
	letters   *letters // nil: the company doesn't write any
	journals  string   // their folder
	broken    error    // of the simulation itself
}

func newLife(ctx context.Context, o Options, clock *clock, store graph.Store) (*life, error) {
	l := &life{
		o: o, ctx: ctx, clock: clock, store: store, queue: memory.NewQueue(clock), stream: memory.NewStream(),
		ledger: newLedger(), deeds: make(map[string]int), rand: o.dice("life", ""),
		until: begin.AddDate(0, 0, o.Days+o.After),
	}
	l.faults = newFaults(o)
	if o.Plant != nil {
		store = o.Plant(store)
	}
	l.watch = newWatch(store, clock)
	l.store = l.watch
	if err := store.Migrate(ctx); err != nil {
		return nil, err
	}
	var err error
	if l.world, err = newWorld(o); err != nil {
		return nil, err
	}
	if err := l.found(); err != nil {
		return nil, err
	}
	if o.keeps() {
		if l.journals, err = os.MkdirTemp("", "muster-sim-journals"); err != nil {
			return nil, err
		}
	}
	if o.writes() {
		l.letters = newLetters()
	}
	for n := range processes {
		l.procs = append(l.procs, &process{n: n, dead: true})
		l.start(l.procs[n])
	}
	l.habits = habits(l)
	return l, nil
}

func (l *life) close() {
	for _, p := range l.procs {
		p.stop()
		l.letGo(p)
	}
	if l.journals != "" {
		_ = os.RemoveAll(l.journals) // a temporary folder
	}
}

// live lets everything happen until the end, then lets what is under way come to rest without new faults.
func (l *life) live() error {
	for _, h := range l.habits {
		h.begin(l)
	}
	l.inspect()
	if err := l.pass(l.until); err != nil {
		return err
	}
	l.faults.rest()
	if err := l.pass(l.until.Add(quiet)); err != nil {
		return err
	}
	for _, p := range l.procs { // what happened last is told as well
		l.hand(p)
	}
	return nil
}

// quiet is how long nothing new goes wrong at the end, so that what people were told comes to rest: longer than any
// retry, lease or back-off but that of a timer that keeps failing.
const quiet = 2 * time.Hour

// pass lets everything happen that is planned until a moment.
func (l *life) pass(until time.Time) error {
	for {
		if l.broken != nil {
			return l.broken
		}
		if err := l.ctx.Err(); err != nil {
			return err
		}
		e, ok := l.agenda.next(until)
		if !ok {
			if l.clock.Now().Before(until) {
				l.clock.Set(until)
			}
			return nil
		}
		l.happen(e)
	}
}

func (l *life) happen(e entry) {
	if e.at.After(l.clock.Now()) {
		l.clock.Set(e.at)
	}
	e.do()
	if now := l.clock.Now(); l.o.Progress != nil && now.Sub(l.seen) >= time.Hour {
		l.seen = now
		l.o.Progress(Progress{now, min(1, float64(now.Sub(begin))/float64(l.until.Sub(begin))), l.ledger.accepted})
	}
}

// in plans something after a while.
func (l *life) in(d time.Duration, do func()) { l.agenda.plan(l.clock.Now().Add(d), do) }

// at plans something at a moment, now if that is over.
func (l *life) at(t time.Time, do func()) {
	if now := l.clock.Now(); t.Before(now) {
		t = now
	}
	l.agenda.plan(t, do)
}

// did counts something.
func (l *life) did(what string) { l.deeds[what]++ }

// dice gives the random numbers of one thing, so that a change to another leaves it as it is.
func (o Options) dice(what, id string) *rand.Rand {
	h := fnv.New64a()
	h.Write([]byte(what))
	h.Write([]byte{0})
	h.Write([]byte(id))
	return rand.New(rand.NewPCG(uint64(o.Seed), h.Sum64()))
}

// dice are those of an option's.
func (l *life) dice(what string, id any) *rand.Rand { return l.o.dice(what, fmt.Sprint(id)) }

func odds(r *rand.Rand, p float64) bool { return r.Float64() < p }

// between gives a moment's distance from lo to hi.
func between(r *rand.Rand, lo, hi time.Duration) time.Duration {
	return lo + time.Duration(r.Int64N(int64(hi-lo)+1))
}

func pick[T any](r *rand.Rand, list []T) T { return list[r.IntN(len(list))] }

// The people of the office.
var (
	admin      = muster.Actor{ID: "usr_sim-admin", Role: muster.RoleAdministrator, Name: "Ada"}
	helpdesk   = muster.Actor{ID: "usr_sim-desk", Role: muster.RoleHelpdesk, Name: "Pat"}
	dispatcher = muster.Actor{ID: "usr_sim-board", Role: muster.RoleDispatcher, Name: "Dana"}
)

func actorOf(e muster.ExpertID) muster.Actor {
	return muster.Actor{ID: muster.UserID("usr_" + string(e[4:])), Role: muster.RoleExpert, Name: string(e[4:]), Expert: e}
}
