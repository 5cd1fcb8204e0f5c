package linear

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/anishathalye/porcupine"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/dispatch"
	"github.com/sysopssquad/muster/graph"
)

// Options say how much to quarrel, and about what.
type Options struct {
	Ops      int      // operations in all, at least
	Seed     uint64   //
	Scenes   []string // of Names; none: all
	Troubled float64  // share of commits whose outcome the caller doesn't learn at once, 0 to 1
	Days     int      // histories of a batch: each batch has experts, and where it can be a store, of its own; 0: 100
	// Open gives the store of a batch, and what to do with it when the batch is over.
	Open func(ctx context.Context) (graph.Store, func() error, error)
	Fsck bool               // after each batch, of its whole store
	Each func(Report) error // called after each batch: what there is so far, to be kept and gone on from
}

// Report says what was tried, and what is wrong.
type Report struct {
	Seed      uint64         `json:"seed"`
	Scenes    []string       `json:"scenes"`
	Batches   int            `json:"batches"`
	Histories int            `json:"histories"`
	Ops       int            `json:"ops"`
	Shortest  int            `json:"shortest_history"` // operations
	ByVerb    map[string]int `json:"by_verb"`
	ByCode    map[string]int `json:"by_code"`            // "done" or why not
	Unknown   int            `json:"unknown_outcomes"`   // commits whose reply or request was lost
	Replays   int            `json:"replays"`            // commands that were sent again
	Races     int            `json:"revocations_raced"`  // changes of an expert or block while somebody was giving them a ticket
	Doubled   int            `json:"doubled"`            // looks that showed more active assignments than one
	Illegal   int            `json:"not_linearizable"`   // histories in which no order makes every answer right
	Undecided int            `json:"undecided"`          // histories that porcupine didn't decide in a minute
	Breaches  int            `json:"breaches"`           // of fsck
	Seconds   float64        `json:"seconds"`            //
	Examples  []Example      `json:"examples,omitempty"` // the first few that are wrong
	Reported  []string       `json:"fsck,omitempty"`     // the first few breaches
}

// Example is a history in which no order makes every answer right.
type Example struct {
	Scene   string   `json:"scene"`
	Batch   int      `json:"batch"`
	History int      `json:"history"`
	Ops     []string `json:"ops"`   // all, by their calls
	Least   []string `json:"least"` // without those that changed nothing and aren't needed to show it
}

// Clean tells whether nothing is wrong.
func (r *Report) Clean() bool { return r.Doubled+r.Illegal+r.Undecided+r.Breaches == 0 }

// judging is how long porcupine may take for one history.
const judging = time.Minute

// Run quarrels until there are enough operations, going on from a report of before. The same seed brings the same
// questions; who is faster is up to the machine.
func Run(ctx context.Context, o Options, r Report) (Report, error) {
	var picked []scene
	for _, s := range scenes {
		if len(o.Scenes) == 0 || slices.Contains(o.Scenes, s.name) {
			picked = append(picked, s)
		}
	}
	if len(picked) == 0 || len(o.Scenes) > len(picked) {
		return r, muster.Invalid("--scenes", fmt.Sprint(o.Scenes), fmt.Sprintf("some of %q", Names()))
	}
	if o.Days == 0 {
		o.Days = 100
	}
	r.Seed, r.Scenes = o.Seed, nil
	for _, s := range picked {
		r.Scenes = append(r.Scenes, s.name)
	}
	if r.ByVerb == nil {
		r.ByVerb, r.ByCode = make(map[string]int), make(map[string]int)
	}
	for r.Ops < o.Ops {
		began := muster.SystemClock{}.Now()
		if err := r.batch(ctx, o, picked); err != nil {
			return r, err
		}
		r.Batches++
		r.Seconds += muster.SystemClock{}.Now().Sub(began).Seconds()
		if o.Each != nil {
			if err := o.Each(r); err != nil {
				return r, err
			}
		}
	}
	return r, nil
}

// batch has some histories on one store.
func (r *Report) batch(ctx context.Context, o Options, picked []scene) (err error) {
	store, end, err := o.Open(ctx)
	if err != nil {
		return err
	}
	defer func() {
		if e := end(); err == nil {
			err = e
		}
	}()
	experts := 0
	for _, s := range picked {
		experts = max(experts, s.experts)
	}
	c, err := newCompany(ctx, store, newClock(), int64(o.Seed)<<32+int64(r.Batches), 4, experts)
	if err != nil {
		return err
	}
	for day := 0; day < o.Days && r.Ops < o.Ops; day++ {
		s := picked[(r.Batches+day)%len(picked)]
		h, err := newHistory(ctx, c, s, c.day(day), o.Troubled)
		if err != nil {
			return err
		}
		if err := h.run(ctx, o.Seed+uint64(r.Batches)<<20+uint64(day)<<8); err != nil {
			return err
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		r.judge(h, day)
	}
	if !o.Fsck {
		return nil
	}
	return r.fsck(ctx, store, c.clock)
}

// Fsck checks the store that the last batch was on, whole. It is for stores that batches share.
func (r *Report) Fsck(ctx context.Context, o Options) (err error) {
	store, end, err := o.Open(ctx)
	if err != nil {
		return err
	}
	defer func() {
		if e := end(); err == nil {
			err = e
		}
	}()
	return r.fsck(ctx, store, newClock())
}

func (r *Report) fsck(ctx context.Context, store graph.Store, clock muster.Clock) error {
	found, err := dispatch.New(store, clock).Fsck(ctx, store)
	if err != nil {
		return err
	}
	r.Breaches += len(found.Breaches)
	for _, b := range found.Breaches[:min(len(found.Breaches), 10-min(10, len(r.Reported)))] {
		r.Reported = append(r.Reported, fmt.Sprintf("%s %s %s", b.Invariant, b.ID, b.Text))
	}
	return nil
}

// judge counts a history and has it checked.
func (r *Report) judge(h *history, day int) {
	ops := h.recorded()
	r.Histories++
	r.Ops += len(ops)
	r.Unknown += h.hits
	if r.Shortest == 0 || len(ops) < r.Shortest {
		r.Shortest = len(ops)
	}
	sent := make(map[muster.CommandID]bool)
	for _, op := range ops {
		c, told := op.Input.(Call), op.Output.(Told)
		r.ByVerb[c.Verb]++
		code := string(told.Code)
		if code == "" {
			code = "done"
		}
		r.ByCode[code]++
		if told.Active > 1 {
			r.Doubled++
		}
		if c.Repeated && sent[c.Command] {
			r.Replays++
		}
		sent[c.Command] = true
		if raced(ops, op) {
			r.Races++
		}
	}
	if alone := unexplained(ops); alone != "" {
		r.Illegal++
		if len(r.Examples) < 3 {
			e := example(h, ops, r.Batches, day)
			e.Least = []string{alone}
			r.Examples = append(r.Examples, e)
		}
		return
	}
	ops = h.known(ops)
	switch h.check(ops) {
	case porcupine.Ok:
		return
	case porcupine.Unknown:
		r.Undecided++
		r.Reported = append(r.Reported, fmt.Sprintf("undecided: %s, batch %d, history %d", h.name, r.Batches, day))
		return
	case porcupine.Illegal:
		r.Illegal++
	}
	if len(r.Examples) < 3 {
		r.Examples = append(r.Examples, example(h, ops, r.Batches, day))
	}
}

// unexplained names an operation that gave up to others, who were none: it is decided again each time that somebody else
// was faster, and gives up when that has happened as often as it decides. To the model of one operation after the other
// every such answer is right, because nothing happened; this sees who was at work meanwhile.
func unexplained(ops []porcupine.Operation) string {
	for _, op := range ops {
		if op.Output.(Told).Code != muster.CodeConflict {
			continue
		}
		faster := 0
		for _, o := range ops {
			c, told := o.Input.(Call), o.Output.(Told)
			if o.Call < op.Return && op.Call < o.Return && o.Call != op.Call && c.Verb != "look" &&
				(told.Code == "" || told.Code == muster.CodeUnknown) {
				faster++
			}
		}
		if faster < leastFaster {
			return fmt.Sprintf("%+v gave up to others, of whom %d were at work", op.Input, faster)
		}
	}
	return ""
}

// leastFaster is how many others there must have been: one for each decision.
const leastFaster = 3

// raced tells whether an operation takes something from an expert while another gives them a ticket.
func raced(ops []porcupine.Operation, op porcupine.Operation) bool {
	c := op.Input.(Call)
	if c.As == 0 || c.Verb != "edit" && c.Verb != "block" {
		return false
	}
	return slices.ContainsFunc(ops, func(o porcupine.Operation) bool {
		switch o.Input.(Call).Verb {
		case "assign", "reassign", "offer", "accept", "undo":
			return o.Call < op.Return && op.Call < o.Return
		}
		return false
	})
}

// example describes a history that is wrong, without the operations that changed nothing and aren't needed to show it.
func example(h *history, ops []porcupine.Operation, batch, day int) Example {
	e := Example{Scene: h.name, Batch: batch, History: day}
	slices.SortFunc(ops, func(a, b porcupine.Operation) int { return int(a.Call - b.Call) })
	text := func(o porcupine.Operation) string {
		return fmt.Sprintf("[%d-%d] caller %d %+v -> %+v", o.Call, o.Return, o.ClientId, o.Input, o.Output)
	}
	for _, o := range ops {
		e.Ops = append(e.Ops, text(o))
	}
	least := slices.Clone(ops)
	for i := 0; i < len(least); {
		c, told := least[i].Input.(Call), least[i].Output.(Told)
		fewer := slices.Delete(slices.Clone(least), i, i+1)
		if (told.Code != "" && told.Code != muster.CodeUnknown || c.Verb == "look") && h.check(fewer) == porcupine.Illegal {
			least = fewer
		} else {
			i++
		}
	}
	for _, o := range least {
		e.Least = append(e.Least, text(o))
	}
	return e
}

// check asks porcupine.
func (h *history) check(ops []porcupine.Operation) porcupine.CheckResult {
	ops = reduced(ops)
	for _, o := range ops {
		if o.Call > o.Return { // there was no moment for it between what came before and after
			return porcupine.Illegal
		}
	}
	return porcupine.CheckOperationsTimeout(h.rules().model(), ops, judging)
}
