package dispatch

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/graph"
)

// A change of the skill tree may leave experts without what they were chosen for: a skill that narrows another no longer, or
// that needs a certificate from now on. Their work is looked at anew, as after a change of themselves.

// skillsLater is when it is looked at a second time, whatever becomes of the command that changes the tree: its process may
// end right after, and what was planned under the tree before may be committed for two minutes more.
const skillsLater = 10 * time.Minute

// narrowed lists the skills that count for less under a changed tree than before: they satisfy fewer needs, or only with a
// certificate.
func narrowed(before, after []muster.Skill) (out []muster.SkillID) {
	was, is := muster.NewSkills(0, before), muster.NewSkills(0, slices.Concat(before, after))
	for _, s := range before {
		less := false
		for _, o := range before {
			if !was.Satisfies(s.ID, o.ID) {
				continue
			}
			now, _ := is.Get(o.ID)
			less = less || !is.Satisfies(s.ID, o.ID) || now.Licensed && !o.Licensed
		}
		if less {
			out = append(out, s.ID)
		}
	}
	return out
}

// lookAnew sets a timer of all experts who have one of some skills, in pages. It is safe to repeat.
func (d *Dispatch) lookAnew(ctx context.Context, tree int64, skills []muster.SkillID, timer muster.TimerName, at time.Time) error {
	if len(skills) == 0 {
		return nil
	}
	for page := (graph.Page{Limit: graph.MaxPage}); ; {
		experts, next, err := d.store.Experts(ctx, everything, graph.ExpertFilter{Skill: skills[0], Skills: skills}, page)
		if err != nil {
			return err
		}
		if err := d.lookAnewAt(ctx, tree, experts, timer, at); err != nil || next == "" {
			return err
		}
		page.After = next
	}
}

// lookAnewAt does so for a page of them, in batches; who is changed meanwhile is read again.
func (d *Dispatch) lookAnewAt(ctx context.Context, tree int64, experts []*muster.Expert, timer muster.TimerName, at time.Time) error {
	for range decisions {
		var again []string
		for some := range slices.Chunk(experts, changesPerCommit) {
			changes := make([]graph.Change, len(some))
			for i, old := range some {
				id := fmt.Sprintf("skills/%d/%s/%s/%d", tree, timer, old.ID, old.Rev)
				cmd := muster.Command{
					ID: muster.CommandID(id), Name: "expert.skills_narrowed", Actor: muster.System("changes"), Fingerprint: muster.Fingerprint("expert.skills_narrowed", id),
				}
				e := *old
				e.Rev, e.Timers = old.Rev+1, withTimer(old.Timers, timer, at)
				var err error
				if _, changes[i], err = one(newDraft(cmd, d.clock.Now(), nil), cmd.Name, old.Rev, e, &e); err != nil {
					return err
				}
			}
			outcomes, _, err := d.commit(ctx, changes...)
			if err != nil {
				return err
			}
			for i, o := range outcomes {
				if !o.Accepted {
					again = append(again, string(some[i].ID))
				}
			}
		}
		if len(again) == 0 {
			return nil
		}
		found, err := d.store.Records(ctx, "", again...)
		if err != nil {
			return err
		}
		experts = nil
		for _, id := range again {
			if e, ok := found[id].(*muster.Expert); ok && !e.Removed {
				experts = append(experts, e)
			}
		}
	}
	return muster.E(muster.CodeConflict, fmt.Sprintf("%d experts with the skills that count for less are changed by others all the time", len(experts)), "send it again")
}
