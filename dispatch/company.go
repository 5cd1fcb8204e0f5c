package dispatch

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/geo"
	"github.com/sysopssquad/muster/graph"
)

// SaveSkills adds skills to the tree or changes them; the answer is those of the request as they are now.
// Without an id a skill is named by its name: skl_refrigerator-repair. Where skills count for less than before, what experts
// with them have ahead is redecided.
func (d *Dispatch) SaveSkills(ctx context.Context, cmd muster.Command, req SkillRequest) ([]muster.Skill, error) {
	var less []muster.SkillID
	var rev int64
	saved, err := decide(ctx, d, cmd, "skills.save", req, func(ctx context.Context, cmd muster.Command) ([]muster.Skill, graph.Change, error) {
		if _, err := load[muster.SkillTree](ctx, d, cmd.ID, string(muster.TheSkillTree)); err != nil {
			return nil, graph.Change{}, err
		}
		before, err := d.store.Setup(ctx)
		if err != nil {
			return nil, graph.Change{}, err
		}
		if err := permit(cmd.Actor, "change the skill tree", asAdmin, ""); err != nil {
			return nil, graph.Change{}, err
		}
		if err := stale(cmd, "the skill tree", before.Tree.Rev); err != nil {
			return nil, graph.Change{}, err
		}
		skills, err := settleSkills(before.Skills, req.Skills)
		if err != nil {
			return nil, graph.Change{}, err
		}
		rev, less = before.Tree.Rev+1, narrowed(before.Skills, skills)
		if err := d.lookAnew(ctx, rev, less, muster.TimerSkills, d.clock.Now().Add(skillsLater)); err != nil {
			return nil, graph.Change{}, err
		}
		parts := make([]muster.Record, len(skills))
		for i := range skills {
			parts[i] = &skills[i]
		}
		tree := muster.SkillTree{ID: muster.TheSkillTree, Rev: before.Tree.Rev + 1}
		return one(newDraft(cmd, d.clock.Now(), nil), "skills.saved", before.Tree.Rev, skills, &tree, parts...)
	})
	if err == nil && d.lookAnew(ctx, rev, less, muster.TimerRedecide, d.clock.Now()) != nil {
		return saved, nil // it is saved all the same: the timers that were set before see to it
	}
	return saved, err
}

// deepest is how many steps a skill may be from the top of the tree.
const deepest = 32

// settleSkills checks the skills of a request against the tree that they make together with those before.
func settleSkills(before, given []muster.Skill) ([]muster.Skill, error) {
	if len(given) == 0 {
		return nil, muster.Invalid("skills", "[]", "name at least one skill")
	}
	parents := make(map[muster.SkillID]muster.SkillID, len(before)+len(given))
	for _, s := range before {
		parents[s.ID] = s.Narrows
	}
	out := slices.Clone(given)
	for i := range out {
		s := &out[i]
		at := fmt.Sprintf("skills[%d]", i)
		if s.Name = strings.TrimSpace(s.Name); s.Name == "" {
			return nil, muster.Invalid(at+".name", "", "give a name")
		}
		if s.ID == "" {
			s.ID = muster.SkillID(muster.SlugID(muster.KindSkill, s.Name))
		}
		if err := muster.CheckID(muster.KindSkill, at+".id", string(s.ID)); err != nil {
			return nil, err
		}
		s.Tree = muster.TheSkillTree
		parents[s.ID] = s.Narrows
	}
	for i, s := range out {
		at := fmt.Sprintf("skills[%d].narrows", i)
		steps := 0
		for up := s.Narrows; up != ""; up = parents[up] {
			if _, known := parents[up]; !known {
				return nil, muster.Invalid(at, string(up), "there is no such skill; add it in the same request")
			}
			if steps++; steps >= deepest {
				return nil, muster.Invalid(at, string(s.Narrows), "a skill must not narrow itself, and be at most 32 steps from the top")
			}
		}
	}
	return out, nil
}

// SavePolicy sets the company's figures. Assignments of before keep the revision that they were made under.
func (d *Dispatch) SavePolicy(ctx context.Context, cmd muster.Command, p muster.Policy) (muster.Policy, error) {
	return decide(ctx, d, cmd, "policy.save", p, func(ctx context.Context, cmd muster.Command) (muster.Policy, graph.Change, error) {
		old, err := load[muster.Policy](ctx, d, cmd.ID, string(muster.ThePolicy))
		if err != nil {
			return p, graph.Change{}, err
		}
		if err := permit(cmd.Actor, "change the policy", asAdmin, ""); err != nil {
			return p, graph.Change{}, err
		}
		if err := stale(cmd, "the policy", old.Rev); err != nil {
			return p, graph.Change{}, err
		}
		if err := p.Check(); err != nil {
			return p, graph.Change{}, err
		}
		if _, err := geo.NewTravel(p.Travel, p.BufferMin); err != nil {
			return p, graph.Change{}, err
		}
		saved := p
		saved.ID, saved.Rev = muster.ThePolicy, old.Rev+1
		return one(newDraft(cmd, d.clock.Now(), nil), "policy.saved", old.Rev, saved, &saved)
	})
}

// SaveUser adds a person who signs in, or changes one. Without an id the person is named by their name.
func (d *Dispatch) SaveUser(ctx context.Context, cmd muster.Command, u muster.User) (muster.User, error) {
	return decide(ctx, d, cmd, "user.save", u, func(ctx context.Context, cmd muster.Command) (muster.User, graph.Change, error) {
		if u.ID == "" {
			u.ID = muster.UserID(muster.NewID(muster.KindUser, cmd.ID, 0))
		}
		old, err := load[muster.User](ctx, d, cmd.ID, string(u.ID))
		if err != nil {
			return u, graph.Change{}, err
		}
		if err := permit(cmd.Actor, "save users", asAdmin, ""); err != nil {
			return u, graph.Change{}, err
		}
		if err := sameRevision(cmd, string(u.ID), old.Rev, u.Rev); err != nil {
			return u, graph.Change{}, err
		}
		if err := userKnown(&u); err != nil {
			return u, graph.Change{}, err
		}
		if err := d.there(ctx, standsFor(u, old)); err != nil {
			return u, graph.Change{}, err
		}
		saved := u
		saved.Rev = old.Rev + 1
		return one(newDraft(cmd, d.clock.Now(), nil), "user.saved", old.Rev, saved, &saved)
	})
}

func userKnown(u *muster.User) error {
	if err := muster.CheckID(muster.KindUser, "id", string(u.ID)); err != nil {
		return err
	}
	if u.Name = strings.TrimSpace(u.Name); u.Name == "" {
		return muster.Invalid("name", "", "give a name")
	}
	if !slices.Contains(muster.Roles(), u.Role) || u.Role == muster.RoleSystem {
		return muster.Invalid("role", string(u.Role), "a role of people, such as dispatcher")
	}
	if u.Role == muster.RoleExpert && u.Expert == "" {
		return muster.Invalid("expert", "", "say which expert this user is")
	}
	if u.Role == muster.RoleCustomer && u.Customer == "" {
		return muster.Invalid("customer", "", "say which customer this user acts for")
	}
	return textFits("name", u.Name)
}

// standsFor lists whom a user stands for now and didn't before.
func standsFor(u, old muster.User) []mention {
	var out []mention
	if u.Expert != "" && u.Expert != old.Expert {
		out = append(out, mention{"expert", muster.KindExpert, string(u.Expert)})
	}
	if u.Customer != "" && u.Customer != old.Customer {
		out = append(out, mention{"customer", muster.KindCustomer, string(u.Customer)})
	}
	return out
}

// one is the answer and change of a decision that puts a single root, with parts.
func one[T any](d *draft, event string, before int64, answer T, root muster.Root, parts ...muster.Record) (T, graph.Change, error) {
	if err := d.write(event, before, root, parts...); err != nil {
		return answer, graph.Change{}, err
	}
	change, err := d.change()
	return answer, change, err
}
