package journal

import (
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"hash/crc32"

	"github.com/sysopssquad/muster"
)

// record is one line: exactly one of these.
type record struct {
	Accepted *Entry             `json:"accepted,omitempty"`
	Filed    []muster.CommandID `json:"filed,omitempty"`
	Numbers  *[]Numbers         `json:"numbers,omitempty"` // all that are left

	size int64 // of its line, once it was parsed
}

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

const sumDigits = 8

// line is the record as it is written.
func (r record) line() []byte {
	b, err := json.Marshal(r)
	if err != nil {
		panic("journal: a record has no JSON form: " + err.Error()) // a type error of ours, never input
	}
	return append(append(append(sum(b), ' '), b...), '\n')
}

func sum(b []byte) []byte {
	var raw [4]byte
	binary.BigEndian.PutUint32(raw[:], crc32.Checksum(b, castagnoli))
	return hex.AppendEncode(nil, raw[:])
}

// parse reads the records of a file, which end at end. Damaged tells that something before that was none.
func parse(b []byte) (records []record, end int64, damaged bool) {
	bad, at := false, int64(0)
	for len(b) > 0 {
		line, rest, whole := bytes.Cut(b, []byte{'\n'})
		at += int64(len(b) - len(rest))
		b = rest
		r := record{size: int64(len(line)) + 1}
		good := whole && len(line) > sumDigits+1 && line[sumDigits] == ' ' &&
			bytes.Equal(sum(line[sumDigits+1:]), line[:sumDigits]) && json.Unmarshal(line[sumDigits+1:], &r) == nil
		if !good {
			bad = true
			continue
		}
		damaged = damaged || bad // something good follows: it was not the end that was torn
		records, end = append(records, r), at
	}
	return records, end, damaged
}
