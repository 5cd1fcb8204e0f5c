// Package roster keeps all experts in memory and finds the nearest who may take a visit, exactly, in microseconds, and
// without allocating.
//
// Experts are numbered in the order of their H3 cells, so that a cell is a range of numbers. A block is a range of 512 of
// them: one cache line of each bitmap. There is a bitmap for each skill at each level, in which a holder of a narrower
// skill counts, and for each hour, of who is at work in it and has room. A block has a ball around all positions in it. A
// search walks the blocks outward and ends when no ball that is left can hold anybody nearer than the last found: a lower
// bound by the triangle inequality, so nobody is missed.
//
// Expiries, shifts and leave are times in an entry, so nothing needs to happen when they come. A bitmap may hold somebody too
// many, never too few; where it isn't sure the entry is asked. Times count in seconds: a shift and a competence end with
// their last whole second, leave and work take up each second that they touch.
//
// A Snapshot never changes. A change copies the lines that it touches and what leads to them, and swaps one pointer:
// readers never wait.
package roster

import (
	"strconv"
	"sync"
	"sync/atomic"

	"github.com/sysopssquad/muster"
)

// Roster is the present Snapshot and who may change it. Readers call Now; it is safe for any number of them beside writers.
type Roster struct {
	now atomic.Pointer[Snapshot]

	mu     sync.Mutex // one writer at a time; guards what follows
	number map[muster.ExpertID]int32
	old    derived // of the entry that a change replaces
	next   derived // of the one that replaces it
}

// New builds a roster for a horizon. It refuses entries that are no good, naming the first.
func New(skills []muster.Skill, horizon muster.Window, entries []Entry) (*Roster, error) {
	r := &Roster{}
	return r, r.Replace(skills, horizon, entries, 0)
}

// Now gives the present state, which doesn't change any more.
func (r *Roster) Now() *Snapshot { return r.now.Load() }

// mostExperts is where the lists of blocks by distance, which grow with its square, take a hundred megabytes.
const mostExperts = 1 << 20

// Replace builds everything anew as of an event. Readers keep the old state until the new one is whole.
func (r *Roster) Replace(skills []muster.Skill, horizon muster.Window, entries []Entry, seq uint64) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	t, err := newTerms(skills, horizon)
	if err != nil {
		return err
	}
	if len(entries) > mostExperts {
		return muster.Invalid("experts", strconv.Itoa(len(entries)), "at most "+strconv.Itoa(mostExperts))
	}
	rows := make([]*row, len(entries))
	seen := make(map[muster.ExpertID]bool, len(entries))
	for i := range entries {
		e := &entries[i]
		if err := e.check(); err != nil {
			return err
		}
		if seen[e.ID] {
			return muster.Invalid("id", string(e.ID), "one entry for each expert")
		}
		seen[e.ID] = true
		if rows[i], err = t.keep(e); err != nil {
			return err
		}
	}
	s := build(t, rows)
	s.seq = seq
	r.renumber(s)
	r.now.Store(s)
	return nil
}

// Snapshot is the roster as of one event.
type Snapshot struct {
	*terms
	layout *layout
	seq    uint64
	count  int

	skills [][steps]plane   // by the number of a skill, then by level
	slots  []bitmap[line]   // by the hour of the horizon: whose shift with room shares an instant with it
	shifts [][]*[wide]brief // by the day of the horizon, then by block
	dated  bitmap[line]     // for whom it depends on the time whether a competence is valid
	blocks []block
}

// Seq is the number of the last event that is in it.
func (s *Snapshot) Seq() uint64 { return s.seq }

// Len is how many experts there are.
func (s *Snapshot) Len() int { return s.count }

// Expert tells who has a number.
func (s *Snapshot) Expert(n int32) muster.ExpertID { return s.row(n).id }

func (s *Snapshot) row(n int32) *row { return s.blocks[n/wide].rows[n%wide] }
