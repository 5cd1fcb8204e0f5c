package sim

import (
	"math/rand/v2"
	"slices"
	"strings"

	"github.com/sysopssquad/muster"
)

// Kind names one kind of fault.
type Kind string

// The kinds.
const (
	readFails   Kind = "read_fails"
	writeFails  Kind = "write_fails"
	unknown     Kind = "outcome_unknown"
	conflict    Kind = "conflict"
	listStale   Kind = "list_stale"
	slow        Kind = "slow"
	stopBefore  Kind = "stop_before"
	stopAfter   Kind = "stop_after"
	taskLost    Kind = "task_lost"
	taskTwice   Kind = "task_twice"
	taskLate    Kind = "task_late"
	queueDown   Kind = "queue_down"
	streamDown  Kind = "stream_down"
	streamWiped Kind = "stream_wiped"
	tidingLost  Kind = "message_lost"
	tidingTwice Kind = "message_twice"
	tidingLate  Kind = "message_late"
	replyLost   Kind = "reply_lost"
	unreachable Kind = "unreachable"
	clockJumps  Kind = "clock_jumps"

	providerFails  Kind = "provider_fails"
	providerUnsure Kind = "provider_unsure"
)

// class says what a fault can befall.
type class int

const (
	reads class = 1 << iota
	lists
	writes  // timers, numbers, cursors
	commits // of changes
	tasks   // of the queue
	streams
	tidings   // to people's phones
	replies   // to people's commands
	providers // of messages, in companies that write any
	company   // as a whole, in its own time
	calls     = reads | lists | writes | commits
)

// A fault is a row of the table: how often it strikes among those that can befall a call, and what it is.
type fault struct {
	kind   Kind
	on     class
	weight float64
	text   string
}

var table = []fault{
	{readFails, reads | lists, 30, "a read of the store fails"},
	{writeFails, writes | commits, 30, "a write fails, and nothing was written"},
	{unknown, writes | commits, 30, "a write took effect, and its caller isn't told"},
	{conflict, commits, 40, "somebody else's commit comes in between, up to four times in a row"},
	{listStale, lists, 200, "a list says what was true some time ago"},
	{slow, calls, 4, "a call takes from seconds to over a minute, in which all others are at work: leases run out"},
	{stopBefore, calls, 0.25, "a process stops before a call, in the middle of what it was doing"},
	{stopAfter, calls, 0.25, "a process stops after a call took effect"},
	{taskLost, tasks, 10, "a task of the queue is lost"},
	{taskTwice, tasks, 10, "a task of the queue comes twice"},
	{taskLate, tasks, 10, "a task of the queue comes up to 20 minutes late, after younger ones"},
	{queueDown, tasks, 10, "the queue can't be reached"},
	{streamDown, streams, 10, "the event stream can't be read or written"},
	{streamWiped, streams, 1, "the event stream is emptied"},
	{tidingLost, tidings, 10, "a message to a phone is lost; the phone finds out when it looks by itself"},
	{tidingTwice, tidings, 10, "a message to a phone comes twice"},
	{tidingLate, tidings, 10, "a message to a phone comes up to 10 minutes late, after younger ones"},
	{replyLost, replies, 10, "a command was carried out and its answer is lost on the way; it is sent again"},
	{providerFails, providers, 10, "a provider of messages takes none just now"},
	{providerUnsure, providers, 10, "a provider delivers a message, and for up to eight hours no answer about that address comes back"},
	{unreachable, company, 1, "for 10 to 40 minutes no answer of anybody reaches Muster"},
	{clockJumps, company, 1, "a machine's clock jumps a day ahead or back, for up to 40 minutes"},
}

// rate is the share of calls that are struck where some kind can befall them.
const rate = 0.065

// Kinds lists all kinds of faults.
func Kinds() []Kind {
	out := make([]Kind, len(table))
	for i, f := range table {
		out[i] = f.kind
	}
	return out
}

// About says what a kind of fault is.
func (k Kind) About() string {
	for _, f := range table {
		if f.kind == k {
			return f.text
		}
	}
	return ""
}

func (k Kind) known() bool { return k.About() != "" }

func kindNames() string {
	var names []string
	for _, k := range Kinds() {
		names = append(names, string(k))
	}
	return strings.Join(names, ", ")
}

// ParseFaults reads all, none, or kinds with commas between.
func ParseFaults(text string) ([]Kind, error) {
	switch text {
	case "all":
		return Kinds(), nil
	case "none", "":
		return nil, nil
	}
	var out []Kind
	for _, name := range strings.Split(text, ",") {
		k := Kind(strings.TrimSpace(name))
		if !k.known() {
			return nil, muster.Invalid("faults", name, "all, none, or some of "+kindNames())
		}
		out = append(out, k)
	}
	return out, nil
}

// faults decides which calls are struck, by what, and counts.
type faults struct {
	rand    *rand.Rand
	on      map[class][]fault
	weights map[class]float64
	resting bool
	calls   int // of the store
	struck  int
	count   map[Kind]int
}

func newFaults(o Options) *faults {
	f := &faults{
		rand: o.dice("faults", ""), on: make(map[class][]fault), weights: make(map[class]float64), count: make(map[Kind]int),
	}
	for _, row := range table {
		if !slices.Contains(o.Faults, row.kind) {
			continue
		}
		for c := reads; c <= company; c <<= 1 {
			if row.on&c != 0 {
				f.on[c] = append(f.on[c], row)
				f.weights[c] += row.weight
			}
		}
	}
	return f
}

// rest ends all faults.
func (f *faults) rest() { f.resting = true }

// draw decides what befalls a call, "" for nothing. Whoever finds that it can't be says so by spare.
func (f *faults) draw(c class) Kind {
	if c&calls != 0 {
		f.calls++
	}
	rows := f.on[c]
	if f.resting || len(rows) == 0 || f.rand.Float64() >= rate {
		return ""
	}
	at := f.rand.Float64() * f.weights[c]
	row := rows[len(rows)-1]
	for _, r := range rows {
		if at -= r.weight; at < 0 {
			row = r
			break
		}
	}
	f.strike(row.kind, c)
	return row.kind
}

func (f *faults) strike(k Kind, c class) {
	f.count[k]++
	if c&calls != 0 {
		f.struck++
	}
}

// spare takes back a fault of a call that couldn't be.
func (f *faults) spare(k Kind) {
	f.count[k]--
	f.struck--
}

// strikes tells whether one certain fault befalls something.
func (f *faults) strikes(k Kind) bool {
	if f.resting || f.rand.Float64() >= rate {
		return false
	}
	return f.befalls(k)
}

// befalls is a fault that has its own time: it strikes, unless there is no such fault.
func (f *faults) befalls(k Kind) bool {
	if f.resting {
		return false
	}
	for _, rows := range f.on {
		for _, r := range rows {
			if r.kind == k {
				f.count[k]++
				return true
			}
		}
	}
	return false
}
