package linear

import (
	"hash/maphash"
	"slices"
	"strconv"

	"github.com/sysopssquad/muster"
)

type asked struct {
	Offer  string `json:"offer"`
	Expert int    `json:"expert"`
}

// ticket is what the model knows of one.
type ticket struct {
	shown    string
	rev      int64
	visit    string
	crew     int // who has it, -1 nobody
	offers   []asked
	past     string // ids of visits and offers that are over, each between spaces
	declined uint64 // experts
	chose    muster.UserID
	before   *ticket // as it was before the last choice on the open visit
	left     bool    // somebody has left since that choice
	sooner   int     // changes of what else its expert has, since its revision was known: each may have moved that
}

// state is the whole of a history's world. It is never altered, only replaced.
type state struct {
	tickets []ticket
	variant []int    // of experts
	blocked uint64   // experts whom the customer doesn't want
	done    []answer // of commands that are sent more than once
	key     string   // tells states apart
}

type answer struct {
	command muster.CommandID
	told    Told
}

var seed = maphash.MakeSeed()

func (t *ticket) who() (out []int) {
	if t.crew >= 0 {
		out = append(out, t.crew)
	}
	for _, a := range t.offers {
		if !slices.Contains(out, a.Expert) {
			out = append(out, a.Expert)
		}
	}
	slices.Sort(out)
	return out
}

// asks tells whether any of some experts has an open offer.
func (t *ticket) asks(experts []int) bool {
	return slices.ContainsFunc(people(t.offers), func(e int) bool { return slices.Contains(experts, e) })
}

func people(offers []asked) (out []int) {
	for _, a := range offers {
		out = append(out, a.Expert)
	}
	slices.Sort(out)
	return out
}

// chosen notes a choice on the open visit, which its maker may take back.
func (t *ticket) chosen(was *ticket, by muster.UserID) {
	b := *was
	b.before = nil
	t.before, t.chose, t.left = &b, by, false
}

// overAll ends all offers.
func (t *ticket) overAll() {
	for _, a := range t.offers {
		t.past += " " + a.Offer + " "
	}
	t.offers = nil
}

// end ends the open visit.
func (t *ticket) end() {
	t.overAll()
	t.past += " " + t.visit + " "
	t.visit, t.crew, t.before, t.chose, t.left = "", -1, nil, "", false
}

func sameOffers(a, b []asked) bool {
	if len(a) != len(b) {
		return false
	}
	for _, o := range a {
		if !slices.Contains(b, o) {
			return false
		}
	}
	return true
}

// sealed gives the state the key by which it is told apart. What is over needs no place in it but its length: which
// it is follows from the operations that led here.
func (s *state) sealed() *state {
	b := make([]byte, 0, 256)
	number := func(n int64) { b = append(strconv.AppendInt(b, n, 36), ' ') }
	text := func(t string) { b = append(append(b, t...), ' ') }
	for i := range s.tickets {
		t := &s.tickets[i]
		for p := t; p != nil; p = p.before {
			text(p.shown)
			text(p.visit)
			number(p.rev)
			number(int64(p.crew))
			for _, a := range p.offers {
				text(a.Offer)
			}
			number(int64(len(p.past)))
			number(int64(p.declined))
		}
		text(string(t.chose))
		number(int64(t.sooner))
		b = append(strconv.AppendBool(b, t.left), '|')
	}
	for _, v := range s.variant {
		number(int64(v))
	}
	number(int64(s.blocked))
	number(int64(len(s.done)))
	s.key = string(b)
	return s
}
