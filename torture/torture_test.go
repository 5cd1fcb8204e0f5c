package torture

import (
	"context"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/graph/graphtest"
	"github.com/sysopssquad/muster/graph/sqlite"
	"github.com/sysopssquad/muster/servertest"
)

func TestMain(m *testing.M) { servertest.Main(m) }

func TestTheDeckHoldsWhatIsOwedInTheOrderOfItsSeed(t *testing.T) {
	o := Options{Seed: 1, Kills: 10, Graph: 1, Wipes: 2}
	e := Evidence{Faults: map[string]int{}}
	for _, kind := range deck(o) {
		require.False(t, enough(e, o))
		e.Faults[kind]++
	}
	require.True(t, enough(e, o))
	require.Equal(t, deck(o), deck(o))
	require.NotEqual(t, deck(o), deck(Options{Seed: 2, Kills: 10, Graph: 1, Wipes: 2}))
	require.Equal(t, len(deck(o)), done(e, deck(o)), "a run that is resumed knows which it has dealt")
}

func TestTheLedgerKeepsWhatWasToldAndSeesASecondAnswer(t *testing.T) {
	dir := t.TempDir()
	l, err := openLedger(dir)
	require.NoError(t, err)
	told := line{Command: "cmd_1", Path: "/v1/tickets", Status: 201, Body: "aa", Ticket: "tic_1", Number: 7}
	require.NoError(t, l.note(told))
	require.NoError(t, l.close())
	torn, err := os.OpenFile(filepath.Join(dir, ledgerFile), os.O_WRONLY|os.O_APPEND, 0)
	require.NoError(t, err)
	_, err = torn.WriteString(`{"command":"cmd_2","pa`) // the power went
	require.NoError(t, err)
	require.NoError(t, torn.Close())

	l, err = openLedger(dir)
	require.NoError(t, err)
	require.Equal(t, []line{told}, l.told["cmd_1"])
	require.Len(t, l.told, 1)
	require.NoError(t, l.note(told))
	require.Empty(t, l.two)
	told.Body = "bb"
	require.NoError(t, l.note(told))
	require.Len(t, l.two, 1)
	require.NoError(t, l.close())
}

// Two servers accepted a submission without the graph, each under a number of its own: whoever was told either looks for it.
func TestEveryNumberThatWasToldIsLookedFor(t *testing.T) {
	dir := t.TempDir()
	l, err := openLedger(dir)
	require.NoError(t, err)
	ticket := graphtest.Ticket(graphtest.Device(graphtest.Site("cus_1", 1), 1), 7)
	first := line{Command: "cmd_1", Path: "/v1/tickets", Status: http.StatusAccepted, Body: "aa", Ticket: ticket.ID, Number: 7}
	second := first
	second.Body, second.Number = "bb", 8
	for range 2 {
		require.NoError(t, l.note(first))
		require.NoError(t, l.note(second))
	}
	require.Equal(t, 1, l.renumbered)
	require.Empty(t, l.two)
	require.NoError(t, l.close())
	l, err = openLedger(dir)
	require.NoError(t, err)
	defer l.close()
	require.Equal(t, []line{first, second}, l.told["cmd_1"])
	require.NoError(t, l.note(second))
	require.Zero(t, l.renumbered)

	s, err := sqlite.Open(t.Context(), sqlite.Memory, muster.NewFakeClock(graphtest.Start))
	require.NoError(t, err)
	defer func() { require.NoError(t, s.Close(context.Background())) }()
	require.NoError(t, s.Migrate(t.Context()))
	put := graphtest.Change("cmd_1", ticket)
	put.Claim = []muster.Claim{{Key: muster.NumberKey(7), Owner: string(ticket.ID)}}
	_, err = s.Commit(t.Context(), put)
	require.NoError(t, err)
	var e Evidence
	require.NoError(t, numbered(t.Context(), s, l.told["cmd_1"], &e))
	require.Len(t, e.Lost, 1)
	require.Contains(t, e.Lost[0], "number 8")

	later := *ticket
	later.Rev++
	put = graphtest.Change("cmd_2", &later)
	put.Claim = []muster.Claim{{Key: muster.NumberKey(8), Owner: string(ticket.ID)}}
	_, err = s.Commit(t.Context(), put)
	require.NoError(t, err)
	e = Evidence{}
	require.NoError(t, numbered(t.Context(), s, l.told["cmd_1"], &e))
	require.Empty(t, e.Lost)
}

func TestTheClientTriesTheNextServerUnderTheSameKey(t *testing.T) {
	var keys []string
	dead := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		keys = append(keys, r.Header.Get("Idempotency-Key"))
		w.WriteHeader(http.StatusServiceUnavailable)
	}))
	defer dead.Close()
	well := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		keys = append(keys, r.Header.Get("Idempotency-Key"))
		w.WriteHeader(http.StatusCreated)
		_, _ = w.Write([]byte(`{"ticket":{"id":"tic_1","number":7}}`))
	}))
	defer well.Close()
	l, err := openLedger(t.TempDir())
	require.NoError(t, err)
	c := newClient([]string{strings.TrimPrefix(well.URL, "http://"), strings.TrimPrefix(dead.URL, "http://")}, l)
	defer c.send.(*http.Transport).CloseIdleConnections()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://any/v1/tickets", strings.NewReader(`{}`))
	require.NoError(t, err)
	req.Header.Set("Muster-Actor", "usr_dana")
	res, err := c.RoundTrip(req)
	require.NoError(t, err)
	require.NoError(t, res.Body.Close())
	require.Equal(t, http.StatusCreated, res.StatusCode)
	require.GreaterOrEqual(t, len(keys), 2)
	require.Equal(t, keys[0], keys[1])
	require.NotEmpty(t, keys[0])
	require.Equal(t, int64(7), l.told[commandOf("usr_dana", keys[0])][0].Number)
	require.NoError(t, l.close())
}

// The slice of make torture: real servers, real processes. The volume tests run without the race detector.
func TestVolumeTorture(t *testing.T) {
	bin := filepath.Join(t.TempDir(), "muster")
	out, err := exec.Command("go", "build", "-ldflags=-s -w", "-o", bin, "../cmd/muster").CombinedOutput()
	require.NoError(t, err, "%s", out)
	e, err := Run(t.Context(), Options{
		Muster: bin, Dir: t.TempDir(), Seed: 1, Kills: 10, Graph: 1, Wipes: 2, Every: time.Second, Rate: 4, Experts: 200,
		Chapter: 5 * time.Minute, Say: t.Logf,
	}, Evidence{})
	require.NoError(t, err)
	require.Empty(t, e.Lost)
	require.Empty(t, e.Doubled)
	require.Empty(t, e.Breaches)
	require.Positive(t, e.Tickets)
	require.True(t, e.Sound(), "%+v", e)
	atPoints := 0
	for point, n := range e.Points {
		require.Contains(t, points, point)
		atPoints += n
	}
	require.Equal(t, e.Faults[crashed], atPoints)
}

// A folder in which people were told things is gone on with, or left alone: another run would take its tickets for its own.
func TestAFolderThatHoldsARunIsNotBegunAnew(t *testing.T) {
	dir := t.TempDir()
	_, err := begin(Options{Dir: dir})
	require.NoError(t, err)
	l, err := openLedger(dir)
	require.NoError(t, err)
	require.NoError(t, l.close())
	_, err = begin(Options{Dir: dir})
	require.ErrorContains(t, err, "RESUME=1")
}

// What was lost is found: an answer in the ledger that the graph knows nothing of.
func TestAnAnswerWithoutATraceIsLost(t *testing.T) {
	e := Evidence{Lost: []string{"cmd_1"}}
	require.False(t, e.Sound())
	require.False(t, Evidence{Redriven: []float64{61}}.Sound())
	require.True(t, Evidence{Redriven: []float64{59}}.Sound())
}

// What is owed of an outage beside what is owed of every run: each figure alone makes it unsound.
func TestWhatAnOutageOwes(t *testing.T) {
	heard := Exposed{
		Leaving: exposedLeast, Answer: exposedLeast, Replace: exposedLeast, Promise: exposedLeast, Offer: exposedLeast,
		People: 40, Heard: 40, Asked: exposedLeast, AskedBy: 30,
	}
	down := OutageEvidence{Outage: GraphDown, During: 100, Accepted: 100, Slowest: 1999, Exposed: &heard}
	redis := OutageEvidence{Outage: RedisDown, Exposed: &heard}
	people := func(change func(*Exposed)) func(*OutageEvidence) {
		return func(e *OutageEvidence) {
			x := *e.Exposed
			change(&x)
			e.Exposed = &x
		}
	}
	full := OutageEvidence{Outage: DiskFull, Disk: &Disk{Full: 2 * replicas, ByFiling: replicas, ByRoom: replicas, Slowest: 1999}}
	disk := func(change func(*Disk)) func(*OutageEvidence) {
		return func(e *OutageEvidence) {
			d := *e.Disk
			change(&d)
			e.Disk = &d
		}
	}
	for what, harm := range map[string]struct {
		of   OutageEvidence
		does func(*OutageEvidence)
	}{
		"nobody asked":                       {down, func(e *OutageEvidence) { e.During, e.Accepted = 0, 0 }},
		"one was not accepted":               {down, func(e *OutageEvidence) { e.Accepted-- }},
		"one was told to come again":         {down, func(e *OutageEvidence) { e.TurnedAway++ }},
		"one waited for too long":            {down, func(e *OutageEvidence) { e.Slowest = 2001 }},
		"one was lost":                       {down, func(e *OutageEvidence) { e.Lost = []string{"tic_1"} }},
		"nobody had a deadline":              {down, func(e *OutageEvidence) { e.Exposed = nil }},
		"too few should have left":           {redis, people(func(x *Exposed) { x.Leaving-- })},
		"too few should have answered":       {down, people(func(x *Exposed) { x.Answer-- })},
		"too few were to be replaced":        {down, people(func(x *Exposed) { x.Replace-- })},
		"too few promises":                   {redis, people(func(x *Exposed) { x.Promise-- })},
		"too few offers":                     {redis, people(func(x *Exposed) { x.Offer-- })},
		"one was not heard":                  {down, people(func(x *Exposed) { x.Heard-- })},
		"one was held to be silent":          {redis, people(func(x *Exposed) { x.Wronged = []string{"exp_1"} })},
		"one was not asked":                  {redis, people(func(x *Exposed) { x.Asked-- })},
		"one was asked late":                 {redis, people(func(x *Exposed) { x.AskedBy++ })},
		"one was reassigned":                 {redis, func(e *OutageEvidence) { e.Reassigned++ }},
		"one was reassigned, the graph away": {down, func(e *OutageEvidence) { e.Reassigned++ }},
		"one was told sorry":                 {redis, func(e *OutageEvidence) { e.Apologies++ }},
		"one was told sorry, the graph away": {down, func(e *OutageEvidence) { e.Apologies++ }},
		"no disk was looked at":              {full, func(e *OutageEvidence) { e.Disk = nil }},
		"a disk was never full":              {full, disk(func(d *Disk) { d.Full-- })},
		"one didn't heal by filing":          {full, disk(func(d *Disk) { d.ByFiling-- })},
		"one didn't heal by room":            {full, disk(func(d *Disk) { d.ByRoom-- })},
		"one healed, and took its time":      {full, disk(func(d *Disk) { d.Slowest = 2001 })},
		"one was lost on a full disk":        {full, func(e *OutageEvidence) { e.Lost = []string{"tic_1"} }},
		"an outage that nobody knows of":     {down, func(e *OutageEvidence) { e.Outage = "rain" }},
	} {
		require.True(t, harm.of.Sound(), what)
		harm.does(&harm.of)
		require.False(t, harm.of.Sound(), what)
	}
}
