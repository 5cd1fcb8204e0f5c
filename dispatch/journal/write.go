package journal

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"time"
)

const (
	compactAt = 1 << 20   // bytes from which a file is written anew once little of it is still to be filed
	reserve   = 256 << 10 // bytes that are kept for this on the disk: as much is little
)

// load reads the file and writes it anew with what is still to be filed. If there is no room for that it goes on in the file
// that is there, behind its last whole line. If that can't be synced either nothing is accepted until it can.
func (j *Journal) load() error {
	b, err := j.disk.read(j.path)
	if err != nil && !os.IsNotExist(err) {
		return unavailable(j.path, err)
	}
	records, end, damaged := parse(b)
	if damaged {
		j.damaged = fmt.Sprintf("%s.damaged-%d", j.path, time.Now().UnixNano())
		if err := j.disk.keep(j.damaged, b); err != nil {
			return unavailable(j.damaged, err)
		}
	}
	for _, r := range records {
		j.apply(r)
	}
	if j.rewrite() != nil && !j.anew {
		f, err := j.disk.fill(j.path, b[:end])
		if err == nil {
			j.settle(f, end)
		}
	}
	return nil // trouble says why nothing is accepted
}

// write adds lines to the file, or none of them. The caller holds writing.
func (j *Journal) write(lines []byte, sync bool) error {
	j.wanted = int64(len(lines))
	if j.anew || j.file == nil {
		if err := j.rewrite(); err != nil {
			return err
		}
	}
	_, err := j.file.WriteAt(lines, j.size)
	if err == nil && sync {
		err = j.file.Sync()
		j.anew = err != nil // nobody knows what a sync that fails has left behind
	}
	if err != nil {
		if j.file.Truncate(j.size) != nil { // what is refused must not come back
			j.anew = true
		}
		return j.failed(err)
	}
	j.size += j.wanted
	j.trouble = nil
	return nil
}

func (j *Journal) failed(err error) error {
	j.trouble = unavailable(j.path, err)
	return j.trouble
}

// rewrite puts what is still to be filed into a new file in the place of the old one. The caller holds writing, or nobody
// else knows the journal yet.
//
// A journal that has filled its disk must get out of that by itself, with the room that it has: the new file's is kept from
// before. Where it could not be, and nothing is left to be filed, the old file gives its own: all that is lost by a
// crash then is numbers, which are gaps.
func (j *Journal) rewrite() error {
	j.mu.Lock()
	lines := record{Numbers: &j.numbers}.line()
	for _, k := range j.order {
		if !k.filed {
			lines = append(lines, record{Accepted: &k.Entry}.line()...)
		}
	}
	none := len(j.entries) == 0
	j.mu.Unlock()
	f, err := j.replace(lines)
	if err != nil && none {
		j.anew = true
		if e := j.disk.empty(j.path); e != nil {
			return j.failed(errors.Join(err, e))
		}
		f, err = j.replace(lines)
	}
	if err != nil {
		return j.failed(err)
	}
	j.settle(f, int64(len(lines)))
	j.spare()
	return nil
}

// replace gives a file with these lines that has taken the place of the one before.
func (j *Journal) replace(lines []byte) (file, error) {
	fresh := j.path + spareSuffix
	j.spared = false
	f, err := j.disk.fill(fresh, lines)
	if err != nil {
		j.spare() // what fitted may have taken all the room that there was
		return nil, err
	}
	j.anew = true // until its name is durable nobody knows which of the two would be there after a power cut
	if err = j.disk.rename(fresh, j.path); err == nil {
		err = j.disk.sync(filepath.Dir(j.path))
	}
	if err != nil {
		_ = f.Close()
		return nil, err
	}
	return f, nil
}

// settle goes on in a file of which so many bytes are known to be good.
func (j *Journal) settle(f file, size int64) {
	if j.file != nil {
		_ = j.file.Close() // nothing in it counts any more
	}
	j.file, j.size, j.anew, j.trouble = f, size, false, nil
}

// spareSuffix is behind the name of what takes a file's place.
const spareSuffix = ".new"

// spare keeps the room for writing the file anew, unless the disk has none for that.
func (j *Journal) spare() {
	path := j.path + spareSuffix
	f, err := j.disk.fill(path, slices.Repeat([]byte{'\n'}, reserve))
	if err == nil {
		err = f.Close()
	} else {
		_ = j.disk.empty(path)
	}
	j.spared = err == nil
}
