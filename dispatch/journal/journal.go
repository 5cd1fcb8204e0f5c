// Package journal keeps submissions on this machine's disk while the graph can't be reached. A submission is
// acknowledged only after it was written and synced here; it leaves once it is in the graph. A folder holds
// one file a process, intake-1.journal and so on; a lock beside it says whose it is, and what a dead process
// left is another's to file.
//
// A file is lines of text: the CRC-32C of what follows in eight hexadecimal digits, a space, a record in JSON.
// A line that doesn't fit its sum is not a record: the last one of a process that was killed while it wrote,
// which nobody was told of, or damage, which is kept in a copy for people. Beside the file lies one of the same name and
// .new: room on the disk for writing the file anew when nothing else is left.
package journal

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"github.com/sysopssquad/muster"
)

// An Entry is one submission as it was accepted.
type Entry struct {
	ID          muster.CommandID `json:"id"`
	Actor       muster.Actor     `json:"actor"`
	Fingerprint string           `json:"fingerprint"` // of the request, as muster.Command has it
	Ticket      muster.TicketID  `json:"ticket"`
	Number      int64            `json:"number"`
	At          time.Time        `json:"at"`
	Request     json.RawMessage  `json:"request"`
	Answer      json.RawMessage  `json:"answer"` // as it was given
}

// Numbers are ticket numbers in a row: from Next, up to but without End.
type Numbers struct {
	Next int64 `json:"next"`
	End  int64 `json:"end"`
}

// Status tells how a journal is doing.
type Status struct {
	File    string    `json:"file"`
	Waiting int       `json:"waiting"`          // accepted, not yet in the graph
	Oldest  time.Time `json:"oldest,omitzero"`  // when the oldest of them was accepted
	Numbers int64     `json:"numbers"`          // how many more can be accepted while the graph is away
	Trouble string    `json:"trouble,omitzero"` // why nothing can be accepted, "" if it can
	Damaged string    `json:"damaged,omitzero"` // the copy of a file in which records could not be read
}

// Journal is one file, held by this process. Its methods may be called from many goroutines at once.
type Journal struct {
	path    string
	unlock  func() error
	disk    disk // machine, but in tests
	damaged string

	writing sync.Mutex // one write and sync at a time
	file    file
	size    int64 // bytes in the file that are known to be good
	anew    bool  // what the file holds can't be known: it must be written anew before anything is added
	spared  bool  // the room for that is kept
	wanted  int64 // bytes that the last write was to add
	trouble error // of that; nil if it had none

	mu      sync.Mutex
	entries map[muster.CommandID]*kept
	order   []*kept // of entries, as they were accepted; those that have been filed since may still be among them
	bytes   int64   // of the lines of entries
	tickets map[muster.TicketID]*kept
	numbers []Numbers
	pending map[muster.CommandID]*batch
	batch   *batch // collects what the next write takes along
}

// kept is an entry that has a line in the file.
type kept struct {
	Entry
	size  int64 // of the line
	filed bool
}

// batch is what one write and one sync make durable.
type batch struct {
	lines []byte
	done  chan struct{}
	err   error
}

// Open takes the first file of a folder that no process holds, or makes one. What it holds is kept.
// CodeUnavailable: the folder can't be made or written to.
func Open(dir string) (*Journal, error) { return openOn(machine, dir) }

func openOn(d disk, dir string) (*Journal, error) {
	if err := d.folder(dir); err != nil {
		return nil, unavailable(dir, err)
	}
	for n := 1; ; n++ {
		j, err := d.take(filepath.Join(dir, fmt.Sprintf("intake-%d.journal", n)))
		if err != nil || j != nil {
			return j, err
		}
	}
}

// Left takes the files of a folder that hold submissions and belong to no living process.
func Left(dir string) ([]*Journal, error) {
	paths, err := filepath.Glob(filepath.Join(dir, "intake-*.journal"))
	if err != nil {
		return nil, unavailable(dir, err)
	}
	slices.Sort(paths)
	var left []*Journal
	for _, p := range paths {
		if info, err := os.Stat(p); err != nil || info.Size() == 0 {
			continue
		}
		j, err := machine.take(p)
		switch {
		case err != nil:
			return left, err
		case j == nil: // its process lives
		case len(j.entries) == 0:
			if err := j.Close(); err != nil {
				return left, err
			}
		default:
			left = append(left, j)
		}
	}
	return left, nil
}

// take locks and reads a file; nil if another process holds it.
func (d disk) take(path string) (*Journal, error) {
	unlock, held, err := lock(path + ".lock")
	if err != nil {
		return nil, unavailable(path, err)
	}
	if held {
		return nil, nil
	}
	j := blank(path)
	j.disk, j.unlock = d, unlock
	if err := j.load(); err != nil {
		_ = unlock()
		return nil, err
	}
	return j, nil
}

// apply brings what is in memory up to date with a record.
func (j *Journal) apply(r record) {
	switch {
	case r.Accepted != nil:
		if _, known := j.entries[r.Accepted.ID]; known {
			return
		}
		k := &kept{Entry: *r.Accepted, size: r.size}
		j.entries[k.ID], j.tickets[k.Ticket] = k, k
		j.order = append(j.order, k)
		j.bytes += k.size
		j.spent(k.Number)
	case r.Numbers != nil:
		j.numbers = slices.Clone(*r.Numbers)
	default:
		j.leave(r.Filed)
	}
}

// spent takes a number, and those before it in its row, from what is left.
func (j *Journal) spent(number int64) {
	for i := range j.numbers {
		if n := &j.numbers[i]; n.Next <= number && number < n.End {
			n.Next = number + 1
		}
	}
	j.numbers = slices.DeleteFunc(j.numbers, func(n Numbers) bool { return n.Next >= n.End })
}

func (j *Journal) leave(ids []muster.CommandID) {
	for _, id := range ids {
		k, there := j.entries[id]
		if !there {
			continue
		}
		k.filed = true
		j.bytes -= k.size
		delete(j.tickets, k.Ticket)
		delete(j.entries, id)
	}
	if len(j.order) >= 2*len(j.entries) {
		j.order = slices.DeleteFunc(j.order, func(k *kept) bool { return k.filed })
	}
}

// Accept makes a submission durable. It gives back what is there if its command was accepted before, whatever
// the request was. CodeUnavailable: nothing was accepted; the disk is full or broken.
func (j *Journal) Accept(e Entry) (Entry, error) {
	j.mu.Lock()
	if before, known := j.entries[e.ID]; known {
		j.mu.Unlock()
		return before.Entry, nil
	}
	if b, twin := j.pending[e.ID]; twin {
		j.mu.Unlock()
		<-b.done
		if b.err != nil {
			return Entry{}, b.err
		}
		return j.Accept(e)
	}
	b, leads := j.join(record{Accepted: &e})
	j.pending[e.ID] = b
	j.mu.Unlock()
	if leads {
		j.flush(b)
	}
	<-b.done
	j.mu.Lock()
	defer j.mu.Unlock()
	delete(j.pending, e.ID)
	if b.err != nil {
		return Entry{}, b.err
	}
	return e, nil
}

// join adds a record to the next write. The first to do so leads: it has to flush. The caller holds mu.
func (j *Journal) join(r record) (b *batch, leads bool) {
	leads = j.batch == nil
	if leads {
		j.batch = &batch{done: make(chan struct{})}
	}
	j.batch.lines = append(j.batch.lines, r.line()...)
	return j.batch, leads
}

// flush writes a batch and syncs it, after the one before: all that came meanwhile share one sync.
func (j *Journal) flush(b *batch) {
	j.writing.Lock()
	defer j.writing.Unlock()
	j.mu.Lock()
	j.batch = nil
	j.mu.Unlock()
	b.err = j.write(b.lines, true)
	if b.err == nil {
		records, _, _ := parse(b.lines)
		j.mu.Lock()
		for _, r := range records {
			j.apply(r)
		}
		j.mu.Unlock()
	}
	close(b.done)
}

// Filed takes submissions out that are in the graph now. It is not synced, and may fail: one that comes back after a crash
// is filed again under its command, to no effect. Once little is left the file is written anew without the rest.
func (j *Journal) Filed(ids ...muster.CommandID) {
	j.writing.Lock()
	defer j.writing.Unlock()
	j.mu.Lock()
	j.leave(ids)
	little := j.bytes <= reserve
	j.mu.Unlock()
	switch {
	case little && (j.trouble != nil || j.size >= compactAt):
		_ = j.rewrite()
	case !j.anew:
		_ = j.write(record{Filed: ids}.line(), false)
	}
	if j.trouble == nil && !j.spared {
		j.spare()
	}
}

// Grant adds ticket numbers, first and those that follow, for when the graph can't be asked.
func (j *Journal) Grant(first int64, n int) error {
	j.writing.Lock()
	defer j.writing.Unlock()
	j.mu.Lock()
	all := append(slices.Clone(j.numbers), Numbers{first, first + int64(n)})
	j.mu.Unlock()
	if err := j.write(record{Numbers: &all}.line(), true); err != nil {
		return err
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	j.numbers = append(j.numbers, Numbers{first, first + int64(n)})
	return nil
}

// Mend looks whether what the last write ran into is over: whether as much fits now. The error says why nothing can be
// accepted.
func (j *Journal) Mend() error {
	j.writing.Lock()
	defer j.writing.Unlock()
	if j.trouble == nil {
		return nil
	}
	before := j.wanted
	if err := j.write(make([]byte, before), true); err != nil {
		return err
	}
	j.size -= before
	j.anew = j.file.Truncate(j.size) != nil
	return nil
}

// Number takes the next number; ok is false if none are left.
func (j *Journal) Number() (number int64, ok bool) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if len(j.numbers) == 0 {
		return 0, false
	}
	number = j.numbers[0].Next
	j.spent(number)
	return number, true
}

// Unused takes a number back that nobody was told.
func (j *Journal) Unused(number int64) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if len(j.numbers) > 0 && j.numbers[0].Next == number+1 {
		j.numbers[0].Next = number
		return
	}
	j.numbers = slices.Insert(j.numbers, 0, Numbers{number, number + 1})
}

// Find gives what was accepted under a command and is not in the graph yet.
func (j *Journal) Find(id muster.CommandID) (Entry, bool) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if k, ok := j.entries[id]; ok {
		return k.Entry, true
	}
	return Entry{}, false
}

// Ticket gives what was accepted as a ticket, by id or by number, and is not in the graph yet.
func (j *Journal) Ticket(id muster.TicketID, number int64) (Entry, bool) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if k, ok := j.tickets[id]; ok {
		return k.Entry, true
	}
	for _, k := range j.entries {
		if id == "" && k.Number == number {
			return k.Entry, true
		}
	}
	return Entry{}, false
}

// Waiting gives up to limit submissions that are to be filed, the oldest first; all for 0.
func (j *Journal) Waiting(limit int) []Entry {
	j.mu.Lock()
	defer j.mu.Unlock()
	n := len(j.entries)
	if limit > 0 {
		n = min(n, limit)
	}
	out := make([]Entry, 0, n)
	for _, k := range j.order {
		if len(out) == n {
			break
		}
		if !k.filed {
			out = append(out, k.Entry)
		}
	}
	return out
}

// Status tells how the journal is doing.
func (j *Journal) Status() Status {
	s := Status{File: j.path, Damaged: j.damaged}
	j.writing.Lock()
	if j.trouble != nil {
		s.Trouble = j.trouble.Error()
	}
	j.writing.Unlock()
	if oldest := j.Waiting(1); len(oldest) > 0 {
		s.Oldest = oldest[0].At
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	s.Waiting = len(j.entries)
	for _, n := range j.numbers {
		s.Numbers += n.End - n.Next
	}
	return s
}

// Close gives the file to whoever comes next. Call it once, when nothing else is called any more.
func (j *Journal) Close() error {
	j.writing.Lock()
	defer j.writing.Unlock()
	var err error
	if j.file != nil {
		err = j.file.Close()
	}
	if e := j.unlock(); err == nil {
		err = e
	}
	return err
}

func unavailable(path string, err error) error {
	return muster.E(muster.CodeUnavailable, "the intake journal at "+path+" can't be written",
		"free space on that disk, or name another folder with --journal").Because(err)
}

// Look tells what is in the files of a folder, also in those that other processes hold, as far as they are written.
func Look(dir string) ([]Status, error) {
	paths, err := filepath.Glob(filepath.Join(dir, "intake-*.journal"))
	if err != nil {
		return nil, unavailable(dir, err)
	}
	slices.Sort(paths)
	all := []Status{}
	for _, p := range paths {
		b, err := os.ReadFile(p)
		if err != nil {
			return nil, unavailable(p, err)
		}
		j := blank(p)
		records, _, _ := parse(b)
		for _, r := range records {
			j.apply(r)
		}
		all = append(all, j.Status())
	}
	return all, nil
}

func blank(path string) *Journal {
	return &Journal{
		path: path, disk: machine, entries: make(map[muster.CommandID]*kept),
		tickets: make(map[muster.TicketID]*kept), pending: make(map[muster.CommandID]*batch),
	}
}
