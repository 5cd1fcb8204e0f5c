package torture

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"net/http"
	"os"
	"slices"
	"sync"
	"time"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/graph/neo4j"
)

// The outages that are tried one at a time, in quiet otherwise.
const (
	RedisDown = "redis-down" // for 30 minutes: nobody is reassigned and nobody is told sorry for it
	GraphDown = "graph-down" // for 10 minutes: submissions get their numbers all the same
	WrongTime = "wrong-time" // one replica's clock is a day ahead, another's a day behind
	DiskFull  = "disk-full"  // the graph is down and the journals' disks fill: what can't be kept is refused, until it can be
)

// Outages lists them.
func Outages() []string { return []string{RedisDown, GraphDown, WrongTime, DiskFull} }

// OutageEvidence is what one outage shows.
type OutageEvidence struct {
	Outage     string         `json:"outage"`
	Seconds    float64        `json:"seconds"`     // that it lasted
	Rate       float64        `json:"rate"`        // submissions a second that were to be sent
	During     int            `json:"during"`      // submissions sent while it lasted
	Accepted   int            `json:"accepted"`    // of these
	TurnedAway int            `json:"turned_away"` // how often one of these was told to come again
	Median     float64        `json:"median_ms"`   // from submission to number, of these
	P99        float64        `json:"p99_ms"`      //
	Slowest    float64        `json:"slowest_ms"`  //
	Reassigned int            `json:"reassigned"`  // by jobs, from the outage's begin until the end
	Apologies  int            `json:"apologies"`   // the same
	Silent     int            `json:"silent"`      // beside these: who was asked, could have told us for long enough, and didn't
	Exposed    *Exposed       `json:"exposed,omitempty"`
	Filed      float64        `json:"filed_s"` // after it, until all that had been accepted without the graph was in it
	NotReady   map[string]int `json:"not_ready,omitempty"`
	Disk       *Disk          `json:"disk,omitempty"`
	Evidence
}

// Sound tells whether the outage did no harm: what is owed of it beside what is owed of every run.
func (e OutageEvidence) Sound() bool {
	switch e.Outage {
	case RedisDown:
		return e.Evidence.Sound() && e.harmless()
	case GraphDown:
		return e.Evidence.Sound() && e.harmless() &&
			e.During > 0 && e.Accepted == e.During && e.TurnedAway == 0 && e.Slowest <= numberWithin
	case WrongTime:
		return e.Evidence.Sound() && len(e.NotReady) == 2
	case DiskFull:
		return e.Evidence.Sound() && e.Disk != nil && e.Disk.healed()
	default:
		return false
	}
}

// harmless tells whether nobody was held to be silent, among them enough people whose deadlines lay in the outage.
func (e OutageEvidence) harmless() bool {
	return e.Reassigned == 0 && e.Apologies == 0 && e.Exposed.sound(e.Outage)
}

// numberWithin is how soon a submission gets its number while the graph is away, in ms.
const numberWithin = 2_000

// settleFirst is how long the company works before an outage.
const settleFirst = 15 * time.Second

// RunOutage has one outage under load, lets all recover and looks for what people were told.
func RunOutage(ctx context.Context, o Options, outage string, lasts time.Duration) (e OutageEvidence, err error) {
	if !slices.Contains(Outages(), outage) {
		return e, muster.Invalid("-outage", outage, fmt.Sprint("one of ", Outages()))
	}
	exposing := outage == RedisDown || outage == GraphDown
	if exposing && lasts < longEnough {
		return e, muster.Invalid("-lasts", lasts.String(), longEnough.String()+" or more, so that people's deadlines can lie in it")
	}
	if o.Say == nil {
		o.Say = func(string, ...any) {}
	}
	if o.Dir == "" {
		if o.Dir, err = os.MkdirTemp("", "muster-torture-"); err != nil {
			return e, err
		}
		defer os.RemoveAll(o.Dir)
	}
	e.Outage, e.Rate = outage, o.Rate+o.Surge
	if e.Evidence, err = begin(o); err != nil {
		return e, err
	}
	p, err := build(ctx, o)
	if err != nil {
		return e, err
	}
	defer p.end()
	if err := p.found(ctx, o); err != nil {
		return e, err
	}
	if outage == DiskFull {
		unmount, err := p.smallDisks(ctx)
		defer unmount()
		if err != nil {
			return e, err
		}
	}
	if outage == WrongTime {
		p.process("serve", 0).env, p.process("work", 0).env = offset("24h"), offset("24h")
		p.process("serve", 1).env, p.process("work", 1).env = offset("-24h"), offset("-24h")
	}
	for _, run := range p.processes {
		if err := run.start(); err != nil {
			return e, err
		}
	}
	l, err := openLedger(o.Dir)
	if err != nil {
		return e, err
	}
	defer func() {
		if e := l.close(); err == nil {
			err = e
		}
	}()
	c := newClient(p.servers(), l)
	hc := &http.Client{Transport: c}
	users, err := ready(ctx, hc)
	if err != nil {
		return e, err
	}
	d := &district{http: hc, clock: muster.SystemClock{}}
	if exposing {
		o.Say("people are brought to where their deadlines lie in the outage")
		if err := d.expose(ctx, lasts); err != nil {
			return e, err
		}
	}
	loading, stop := context.WithCancel(ctx)
	var under sync.WaitGroup
	under.Go(func() { load(loading, o, hc, users, 0, d.theirs) })
	defer under.Wait()
	defer stop()
	sleep(ctx, settleFirst)

	store, err := neo4j.Open(ctx, p.direct(), muster.SystemClock{})
	if err != nil {
		return e, err
	}
	defer store.Close(context.WithoutCancel(ctx))
	_, head, err := store.Bounds(ctx)
	if err != nil {
		return e, err
	}
	began := time.Now()
	o.Say("%s for %s", outage, lasts)
	surging, calm := context.WithCancel(loading)
	defer calm()
	if o.Surge > 0 {
		under.Go(func() { call(surging, o.Surge, fmt.Sprintf("surge/%d", o.Seed), hc, users) })
	}
	over, acted := make(chan struct{}), make(chan error, 1)
	go func() { acted <- d.live(loading, outage, began, over) }()
	if outage == DiskFull {
		e.Disk, err = p.fillDisks(ctx, o, c, users, lasts)
	} else {
		err = p.suffer(ctx, outage, lasts, &e)
	}
	calm()
	if err != nil {
		return e, err
	}
	recovered := time.Now()
	e.Seconds = recovered.Sub(began).Seconds()
	close(over)
	if err := redriven(ctx, o, store, recovered, &e.Evidence); err != nil {
		return e, err
	}
	if err := <-acted; err != nil {
		return e, err
	}
	sleep(ctx, settleFirst)
	stop()
	under.Wait()
	e.times(c.submissions(began, recovered))
	e.count(c)
	if err := p.filed(ctx, o); err != nil {
		return e, err
	}
	answered := time.Now() // what was accepted brings work when it is filed
	e.Filed = answered.Sub(recovered).Seconds()
	if err := settled(ctx, o, store, answered, &e.Evidence); err != nil {
		return e, err
	}
	if exposing {
		e.Exposed = d.count(muster.Window{Start: began, End: recovered})
		if err := d.heard(ctx, store, e.Exposed); err != nil {
			return e, err
		}
	}
	if err := d.harm(ctx, store, head, outage, &e); err != nil {
		return e, err
	}
	return e, found(ctx, o, p, store, l, answered, &e.Evidence)
}

// suffer is the outage itself.
func (p *plant) suffer(ctx context.Context, outage string, lasts time.Duration, e *OutageEvidence) error {
	switch outage {
	case RedisDown:
		if err := p.redis.Kill(); err != nil {
			return err
		}
		sleep(ctx, lasts)
		return p.redis.Start()
	case WrongTime:
		e.NotReady = make(map[string]int)
		for n := range replicas {
			addr := p.process("serve", n).addr
			res, err := http.Get("http://" + addr + "/readyz")
			if err != nil {
				return err
			}
			_ = res.Body.Close()
			if res.StatusCode != http.StatusOK {
				e.NotReady[fmt.Sprintf("serve-%d", n)] = res.StatusCode
			}
		}
		sleep(ctx, lasts)
		return nil
	default:
		if err := p.neo4j.Kill(); err != nil {
			return err
		}
		sleep(ctx, lasts)
		return p.neo4j.Start()
	}
}

// filed waits until nothing that was accepted without the graph waits to be put into it, or for as long as it gets less.
func (p *plant) filed(ctx context.Context, o Options) error {
	least, since := math.MaxInt, time.Now()
	for said := time.Now(); ctx.Err() == nil; sleep(ctx, time.Second) {
		waiting := 0
		for _, server := range p.servers() {
			n, err := waitingAt(ctx, server)
			if err != nil {
				return err
			}
			waiting += n
		}
		if waiting < least {
			least, since = waiting, time.Now()
		}
		if waiting == 0 || time.Since(since) > redriveWithin {
			return nil // what is left will be missed
		}
		if time.Since(said) >= sayLate {
			said = time.Now()
			o.Say("%d accepted submissions wait to be filed", waiting)
		}
	}
	return ctx.Err()
}

// waitingAt asks a server how much it has to file.
func waitingAt(ctx context.Context, server string) (waiting int, err error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+server+"/readyz", nil)
	if err != nil {
		return 0, err
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return 0, err
	}
	defer res.Body.Close()
	var ready struct {
		Checks []struct{ Name, Figures string }
	}
	if err := json.NewDecoder(res.Body).Decode(&ready); err != nil {
		return 0, err
	}
	for _, c := range ready.Checks {
		if c.Name == "journal" {
			_, err := fmt.Sscanf(c.Figures, "%d accepted", &waiting)
			return waiting, err
		}
	}
	return 0, fmt.Errorf("%s doesn't say what waits in its journal", server)
}

// times sums up how long submissions waited for their numbers.
func (e *OutageEvidence) times(sent []submitted) {
	var took []float64
	for _, s := range sent {
		e.During++
		e.TurnedAway += s.turnedAway
		if s.accepted {
			e.Accepted++
			took = append(took, float64(s.took.Microseconds())/1000)
		}
	}
	if len(took) == 0 {
		return
	}
	slices.Sort(took)
	at := func(q float64) float64 { return took[int(math.Ceil(q*float64(len(took))))-1] }
	e.Median, e.P99, e.Slowest = at(0.5), at(0.99), took[len(took)-1]
}

// offset is what sets a process's clock wrong.
func offset(by string) []string { return []string{"MUSTER_TESTING=1", "MUSTER_CLOCK_OFFSET=" + by} }
