// Package journal keeps submissions on this machine's disk while the graph can't be reached. A submission is
// acknowledged only after it was written and synced here; it leaves once it is in the graph. A folder holds
// one file a process, intake-1.journal and so on; a lock beside it says whose it is, and what a dead process
// left is another's to file.
//
// A file is lines of text: the CRC-32C of what follows in eight hexadecimal digits, a space, a record in JSON.
// A line that doesn't fit its sum is not a record: the last one of a process that was killed while it wrote,
// which nobody was told of, or damage, which is kept in a copy for people.
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
	trouble error // the file must be written anew before anything is added

	mu      sync.Mutex
	entries map[muster.CommandID]Entry
	order   []muster.CommandID // of entries, as they were accepted
	tickets map[muster.TicketID]muster.CommandID
	numbers []Numbers
	pending map[muster.CommandID]*batch
	batch   *batch // collects what the next write takes along
}

// file is what a journal needs of an os.File.
type file interface {
	Write(b []byte) (int, error)
	Sync() error
	Close() error
}

// batch is what one write and one sync make durable.
type batch struct {
	lines []byte
	done  chan struct{}
	err   error
}

// compactAt is the size in bytes from which a file without entries is written anew.
const compactAt = 1 << 20

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
		case len(j.order) == 0:
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

// load reads the file and writes it anew with what is still to be filed, so that nothing is added behind a torn line. If it
// can't be written it is left as it was, and nothing is accepted until it can.
func (j *Journal) load() error {
	b, err := os.ReadFile(j.path)
	if err != nil && !os.IsNotExist(err) {
		return unavailable(j.path, err)
	}
	records, damaged := parse(b)
	if damaged {
		j.damaged = fmt.Sprintf("%s.damaged-%d", j.path, time.Now().UnixNano())
		if err := j.disk.keep(j.damaged, b); err != nil {
			return unavailable(j.damaged, err)
		}
	}
	for _, r := range records {
		j.apply(r)
	}
	_ = j.rewrite() // trouble says why not
	return nil
}

// apply brings what is in memory up to date with a record.
func (j *Journal) apply(r record) {
	switch {
	case r.Accepted != nil:
		e := *r.Accepted
		if _, known := j.entries[e.ID]; !known {
			j.order = append(j.order, e.ID)
		}
		j.entries[e.ID], j.tickets[e.Ticket] = e, e.ID
		j.spent(e.Number)
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
		delete(j.tickets, j.entries[id].Ticket)
		delete(j.entries, id)
	}
	j.order = slices.DeleteFunc(j.order, func(id muster.CommandID) bool { _, there := j.entries[id]; return !there })
}

// Accept makes a submission durable. It gives back what is there if its command was accepted before, whatever
// the request was. CodeUnavailable: nothing was accepted; the disk is full or broken.
func (j *Journal) Accept(e Entry) (Entry, error) {
	j.mu.Lock()
	if before, known := j.entries[e.ID]; known {
		j.mu.Unlock()
		return before, nil
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
		records, _ := parse(b.lines)
		j.mu.Lock()
		for _, r := range records {
			j.apply(r)
		}
		j.mu.Unlock()
	}
	close(b.done)
}

// write adds lines to the file. After trouble the file is written anew first: what a failed sync left behind
// can't be known. The caller holds writing.
func (j *Journal) write(lines []byte, sync bool) error {
	if j.trouble != nil {
		if err := j.rewrite(); err != nil {
			return err
		}
	}
	_, err := j.file.Write(lines)
	if err == nil && sync {
		err = j.file.Sync()
	}
	if err != nil {
		j.trouble = unavailable(j.path, err)
		return j.trouble
	}
	j.size += int64(len(lines))
	return nil
}

// rewrite puts what is known to be accepted into a new file in the place of the old one. The caller holds writing,
// or nobody else knows the journal yet.
func (j *Journal) rewrite() error {
	j.mu.Lock()
	lines := record{Numbers: &j.numbers}.line()
	for _, id := range j.order {
		e := j.entries[id]
		lines = append(lines, record{Accepted: &e}.line()...)
	}
	j.mu.Unlock()
	fresh := j.path + ".new"
	f, err := j.disk.open(fresh)
	if err == nil {
		if _, err = f.Write(lines); err == nil {
			err = f.Sync()
		}
		if err == nil {
			err = os.Rename(fresh, j.path)
		}
		if err == nil {
			err = j.disk.sync(filepath.Dir(j.path))
		}
		if err != nil {
			_ = f.Close()
		}
	}
	if err != nil {
		j.trouble = unavailable(j.path, err)
		return j.trouble
	}
	if j.file != nil {
		_ = j.file.Close() // nothing in it counts any more
	}
	j.file, j.size, j.trouble = f, int64(len(lines)), nil
	return nil
}

// Filed takes submissions out that are in the graph now. It is not synced: one that comes back after a crash
// is filed again under its command, to no effect.
func (j *Journal) Filed(ids ...muster.CommandID) error {
	j.writing.Lock()
	defer j.writing.Unlock()
	j.mu.Lock()
	j.leave(ids)
	empty := len(j.order) == 0
	j.mu.Unlock()
	if empty && j.size >= compactAt {
		return j.rewrite()
	}
	return j.write(record{Filed: ids}.line(), false)
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

// Find gives what was accepted under a command and is not in the graph yet.
func (j *Journal) Find(id muster.CommandID) (Entry, bool) {
	j.mu.Lock()
	defer j.mu.Unlock()
	e, ok := j.entries[id]
	return e, ok
}

// Ticket gives what was accepted as a ticket, by id or by number, and is not in the graph yet.
func (j *Journal) Ticket(id muster.TicketID, number int64) (Entry, bool) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if id != "" {
		e, ok := j.entries[j.tickets[id]]
		return e, ok
	}
	for _, e := range j.entries {
		if e.Number == number {
			return e, true
		}
	}
	return Entry{}, false
}

// Waiting gives up to limit submissions that are to be filed, the oldest first; all for 0.
func (j *Journal) Waiting(limit int) []Entry {
	j.mu.Lock()
	defer j.mu.Unlock()
	n := len(j.order)
	if limit > 0 {
		n = min(n, limit)
	}
	out := make([]Entry, n)
	for i, id := range j.order[:n] {
		out[i] = j.entries[id]
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
	j.mu.Lock()
	defer j.mu.Unlock()
	s.Waiting = len(j.order)
	if s.Waiting > 0 {
		s.Oldest = j.entries[j.order[0]].At
	}
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
		records, _ := parse(b)
		for _, r := range records {
			j.apply(r)
		}
		all = append(all, j.Status())
	}
	return all, nil
}

func blank(path string) *Journal {
	return &Journal{
		path: path, disk: machine, entries: make(map[muster.CommandID]Entry),
		tickets: make(map[muster.TicketID]muster.CommandID), pending: make(map[muster.CommandID]*batch),
	}
}
