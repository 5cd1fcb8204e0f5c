package linear

import (
	"fmt"

	"github.com/anishathalye/porcupine"

	"github.com/sysopssquad/muster"
)

// reduced leaves out what can't make a difference, and narrows what is left, so that porcupine has less to try, whose
// time grows with the number of sets of operations that go on at once. Left out is
//   - what is right in every state and changes none: conflicts, and histories that lag behind;
//   - what changes nothing and was asked and answered alike by another that took place within its time: wherever the
//     inner one is right, so is the outer one.
//
// What is done to a ticket raises its revision by one, and says so: of two such operations it is known which was first,
// and so are a look's neighbours. Each therefore took place after the calls of those before it, and before those after
// it had their answers.
func reduced(ops []porcupine.Operation) []porcupine.Operation {
	same := make(map[string][]porcupine.Operation)
	var out []porcupine.Operation
	for _, o := range ops {
		c, told := o.Input.(Call), o.Output.(Told)
		switch {
		case told.Code == muster.CodeConflict || told.Code == muster.CodeUnavailable:
		case told.Code == muster.CodeUnknown || told.Code == "" && c.Verb != "look":
			out = append(out, o)
		default:
			who := c.By
			if c.Verb != "undo" {
				who = ""
			}
			key := fmt.Sprint(c.Verb, c.Ticket, c.Experts, c.Part, c.Seen, who, told)
			same[key] = append(same[key], o)
		}
	}
	for _, alike := range same {
		for i, o := range alike {
			inside := false // another
			for j, p := range alike {
				inside = inside || i != j && o.Call <= p.Call && p.Return <= o.Return
			}
			if !inside {
				out = append(out, o)
			}
		}
	}
	narrow(out)
	return out
}

// scale makes room between two ticks, for what comes after one and before the other.
const scale = 1 << 10

// narrow brings the times of operations of which the revision is known closer to each other, and scales all times.
func narrow(ops []porcupine.Operation) {
	type at struct {
		ticket int
		rev    int64
	}
	done, looks := make(map[at][]int), make(map[at][]int)
	last := make(map[int]int64) // by ticket
	for i := range ops {
		ops[i].Call, ops[i].Return = ops[i].Call*scale, ops[i].Return*scale
		c, told := ops[i].Input.(Call), ops[i].Output.(Told)
		switch here := (at{c.Ticket, told.Rev}); {
		case told.Code != "" || told.Rev == 0:
			continue
		case c.Verb == "look":
			looks[here] = append(looks[here], i)
		default:
			done[here] = append(done[here], i) // several: one has done it, and the others were answered as before after that
		}
		last[c.Ticket] = max(last[c.Ticket], told.Rev)
	}
	for ticket, revs := range last {
		var latest int64 // call of anything up to here
		after := func(i int) { ops[i].Call = max(ops[i].Call, latest+1) }
		for rev := int64(1); rev <= revs; rev++ {
			here := at{ticket, rev}
			least := int64(1) << 62
			for _, i := range done[here] {
				after(i)
				least = min(least, ops[i].Call)
			}
			if len(done[here]) > 0 {
				latest = max(latest, least)
			}
			most := latest
			for _, i := range looks[here] {
				after(i)
				most = max(most, ops[i].Call)
			}
			latest = most
		}
		first := int64(1) << 62 // answer of anything from here on
		before := func(i int) { ops[i].Return = min(ops[i].Return, first-1) }
		for rev := revs; rev > 0; rev-- {
			here := at{ticket, rev}
			least := first
			for _, i := range looks[here] {
				before(i)
				least = min(least, ops[i].Return)
			}
			first = least
			if len(done[here]) == 1 {
				before(done[here][0])
			}
			for _, i := range done[here] {
				first = min(first, ops[i].Return)
			}
		}
	}
}
