package dispatch

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/graph"
)

// decisions is how often a command is decided on before it gives up to others that are faster.
const decisions = 3

// decisionLife is how old a decision may be when it is committed. Time itself is something that it rests on, which no
// revision tells of: whoever was held up for longer decides again on what is there then.
const decisionLife = 2 * time.Minute

// settleFor bounds how long a commit whose outcome is unknown is repeated, if the caller has no deadline.
const settleFor = 30 * time.Second

// A decision loads what it rests on and gives the answer with the change that makes it true. It gets the
// command id to load with, so that a command that was carried out before comes back as *graph.Replayed.
type decision[T any] func(ctx context.Context, cmd muster.Command) (T, graph.Change, error)

// decide carries out one command: load, decide, commit. Verb and fingerprint of the command follow from
// name and request. If something that the decision rested on has changed it is decided again on what is
// there now. A command that was carried out before gets its first answer, under another request CodeReused.
func decide[T any](ctx context.Context, d *Dispatch, cmd muster.Command, name string, request any, choose decision[T]) (T, error) {
	var none T
	if cmd.ID == "" {
		return none, noCommand()
	}
	cmd.Name, cmd.Fingerprint = name, muster.Fingerprint(name, request)
	for try := 1; ; try++ {
		began := d.clock.Now()
		answer, change, err := choose(ctx, cmd)
		if before := (*graph.Replayed)(nil); errors.As(err, &before) {
			return replay[T](cmd, before.Outcome)
		}
		if err != nil {
			return none, err
		}
		if d.clock.Now().Sub(began) > decisionLife {
			if try == decisions {
				return none, tooSlow(cmd.Name)
			}
			continue
		}
		if id := torn(change); id != "" {
			if try == decisions {
				return none, muster.E(muster.CodeConflict, id+" changed while it was read", "send it again")
			}
			continue
		}
		if change.Result, err = json.Marshal(answer); err != nil {
			return none, muster.E(muster.CodeInternal, "an answer has no JSON form", "report this").Because(err)
		}
		outcomes, _, err := d.commit(ctx, change)
		if err != nil {
			return none, err
		}
		switch o := outcomes[0]; {
		case o.Replayed:
			return first[T](o.Result)
		case o.Accepted:
			return answer, nil
		case len(o.Failed) == 0 || try == decisions:
			return none, o.Err()
		}
		d.forget() // the setup may be what was out of date
	}
}

// torn names an aggregate that a decision rests on at two revisions: it was read twice, and somebody changed it in
// between. No commit could accept that.
func torn(c graph.Change) string {
	revs := make(map[string]int64, len(c.Expect))
	for _, g := range c.Expect {
		if before, twice := revs[g.ID]; g.Rev > 0 && twice && before != g.Rev {
			return g.ID
		}
		if g.Rev > 0 {
			revs[g.ID] = g.Rev
		}
	}
	return ""
}

func tooSlow(what string) error {
	return muster.E(muster.CodeConflict, fmt.Sprintf("%s took longer than %s to decide", what, decisionLife), "send it again")
}

func noCommand() error {
	return muster.Invalid("command id", "", "every command needs an id of its own, such as a random UUID")
}

// replay gives the first answer of a command that was carried out before.
func replay[T any](cmd muster.Command, o muster.Outcome) (T, error) {
	if o.Fingerprint != cmd.Fingerprint {
		var none T
		return none, graph.Outcome{Reused: true}.Err()
	}
	return first[T](o.Result)
}

func first[T any](result json.RawMessage) (T, error) {
	var answer T
	if len(result) == 0 {
		return answer, nil
	}
	if err := json.Unmarshal(result, &answer); err != nil {
		return answer, muster.E(muster.CodeInternal, "the stored answer can't be read", "report this").Because(err)
	}
	return answer, nil
}

// commit writes changes. Where the outcome is unknown it commits the same again, under the same ids, until
// it is known or the context ends: asking would not do, the first try may still be in flight. Settled tells
// that this was so, and that a replayed outcome is most likely of the first try.
func (d *Dispatch) commit(ctx context.Context, changes ...graph.Change) (outcomes []graph.Outcome, settled bool, err error) {
	if slices.ContainsFunc(changes, altersSetup) {
		defer d.forget()
	}
	if slices.ContainsFunc(changes, altersPeers) {
		defer d.forgetPeers()
	}
	outcomes, err = d.store.Commit(ctx, changes...)
	if muster.CodeOf(err) != muster.CodeUnknown {
		return outcomes, false, err
	}
	ctx, cancel := context.WithTimeout(ctx, settleFor)
	defer cancel()
	unknown := err
	for pause := 5 * time.Millisecond; ; pause = min(2*pause, time.Second) {
		if muster.Sleep(ctx, d.clock, pause) != nil {
			return nil, false, unknown
		}
		outcomes, err = d.store.Commit(ctx, changes...)
		switch muster.CodeOf(err) {
		case muster.CodeUnknown, muster.CodeUnavailable: // what the first try did is as unknown as before
			continue
		case "":
			return outcomes, true, nil
		default:
			return nil, false, fmt.Errorf("%w, then: %w", unknown, err)
		}
	}
}

// altersSetup tells whether a change puts something that all decisions share.
func altersSetup(c graph.Change) bool {
	return slices.ContainsFunc(c.Put, func(r muster.Record) bool {
		switch r.Kind() {
		case muster.KindRegion, muster.KindPolicy, muster.KindSkillTree:
			return true
		default:
			return false
		}
	})
}

// altersPeers tells whether a change puts an expert.
func altersPeers(c graph.Change) bool {
	return slices.ContainsFunc(c.Put, func(r muster.Record) bool { return r.Kind() == muster.KindExpert })
}

// stale refuses a command whose caller decided on another revision than the one that is there.
func stale(cmd muster.Command, id string, rev int64) error {
	if cmd.Seen == nil || *cmd.Seen == rev {
		return nil
	}
	return outdated("seen", id, rev, *cmd.Seen)
}

// outdated says which field of a request names another revision than the one that is there.
func outdated(field, id string, rev, given int64) error {
	return &muster.Error{
		Code: muster.CodeStale, Message: fmt.Sprintf("%s is at revision %d, not %d", id, rev, given),
		Hint: "load it again and decide on what it says now", Field: field, Value: strconv.FormatInt(given, 10),
	}
}
