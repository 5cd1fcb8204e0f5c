package bench

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"strconv"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/matcher/solve"
)

// LeftOut is what leaving any ticket of a reference instance out costs.
const LeftOut = 10_000_000

// Instance is a reference instance of assignment. As a file it is little-endian int32: tickets, openings, how many
// tickets each opening takes, arcs, then for each arc ticket, opening, cost; plain or gzipped.
type Instance struct {
	Tickets, Openings int
	Capacity          int32
	Arcs              []solve.Arc
}

// ReadInstance reads a whole file. What is wrong with it is named with its place; nothing is believed to be there, and no
// memory taken for it, before it has been read.
func ReadInstance(r io.Reader) (*Instance, error) {
	b := bufio.NewReaderSize(r, 1<<20)
	if magic, _ := b.Peek(2); bytes.Equal(magic, []byte{0x1f, 0x8b}) {
		z, err := gzip.NewReader(b)
		if err != nil {
			return nil, unreadable("the gzip header", err)
		}
		b = bufio.NewReaderSize(z, 1<<20)
	}
	var raw [16]byte
	if _, err := io.ReadFull(b, raw[:]); err != nil {
		return nil, unreadable("the header of four numbers", err)
	}
	word := func(i int) int32 { return int32(binary.LittleEndian.Uint32(raw[4*i:])) }
	for i, name := range []string{"tickets", "openings", "capacity", "arcs"} {
		if word(i) < 0 {
			return nil, refused(name, int(word(i)), "0 or more")
		}
	}
	// So many vertices take memory without a single arc in the file.
	const vertices = 1 << 23
	if word(0) > vertices || word(1) > vertices {
		return nil, refused("tickets and openings", int(max(word(0), word(1))), "at most "+strconv.Itoa(vertices))
	}
	in := &Instance{Tickets: int(word(0)), Openings: int(word(1)), Capacity: word(2)}
	arcs := int(word(3))
	in.Arcs = make([]solve.Arc, 0, min(arcs, 1<<20))
	for i := range arcs {
		if _, err := io.ReadFull(b, raw[:12]); err != nil {
			return nil, unreadable(fmt.Sprintf("arc %d of %d", i, arcs), err)
		}
		a := solve.Arc{Ticket: word(0), Opening: word(1), Cost: word(2)}
		switch where := fmt.Sprintf("arc %d", i); {
		case a.Ticket < 0 || int(a.Ticket) >= in.Tickets:
			return nil, refused(where+", ticket", int(a.Ticket), fmt.Sprintf("from 0, below %d", in.Tickets))
		case a.Opening < 0 || int(a.Opening) >= in.Openings:
			return nil, refused(where+", opening", int(a.Opening), fmt.Sprintf("from 0, below %d", in.Openings))
		case a.Cost < 0:
			return nil, refused(where+", cost", int(a.Cost), "0 or more")
		}
		in.Arcs = append(in.Arcs, a)
	}
	if _, err := b.ReadByte(); !errors.Is(err, io.EOF) {
		if err != nil {
			return nil, unreadable("what comes after the last arc", err)
		}
		return nil, refused("arcs", arcs, "as many as there are: the file goes on after the last")
	}
	return in, nil
}

func refused(what string, have int, want string) error {
	return muster.Invalid("instance: "+what, strconv.Itoa(have), want)
}

func unreadable(where string, err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return muster.Invalid("instance", "ends in "+where, "a whole file").Because(err)
	}
	return muster.Invalid("instance", where+" can't be read", "a file of the format that muster bench generate writes").Because(err)
}

// Write writes the instance as a file, gzipped.
func (in *Instance) Write(w io.Writer) error {
	z := gzip.NewWriter(w)
	if err := in.write(z); err != nil {
		return err
	}
	return z.Close()
}

// write writes it plain.
func (in *Instance) write(w io.Writer) error {
	b := bufio.NewWriterSize(w, 1<<20)
	words := func(n ...int32) {
		for _, n := range n {
			var raw [4]byte
			binary.LittleEndian.PutUint32(raw[:], uint32(n))
			_, _ = b.Write(raw[:]) // Flush tells of errors
		}
	}
	words(int32(in.Tickets), int32(in.Openings), in.Capacity, int32(len(in.Arcs)))
	for _, a := range in.Arcs {
		words(a.Ticket, a.Opening, a.Cost)
	}
	return b.Flush()
}

// Shuffle brings the arcs into a random order, the same for the same seed.
func (in *Instance) Shuffle(seed uint64) {
	rand.New(rand.NewPCG(seed, 5)).Shuffle(len(in.Arcs), func(i, j int) { in.Arcs[i], in.Arcs[j] = in.Arcs[j], in.Arcs[i] })
}

// Problem is the instance as the solver takes it.
func (in *Instance) Problem() *solve.Problem {
	p := &solve.Problem{Arcs: in.Arcs, LeaveOut: make([]int64, in.Tickets), Capacity: make([]int32, in.Openings)}
	for t := range p.LeaveOut {
		p.LeaveOut[t] = LeftOut
	}
	for e := range p.Capacity {
		p.Capacity[e] = in.Capacity
	}
	return p
}
