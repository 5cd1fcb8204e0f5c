package api

import (
	"cmp"
	"context"
	"net/http"
	"slices"

	"github.com/danielgtaylor/huma/v2"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/dispatch"
)

// SkillBody is a skill of the tree.
type SkillBody struct {
	ID       muster.SkillID `json:"id,omitempty" example:"skl_refrigerator-repair" doc:"Made from the name if left out."`
	Name     string         `json:"name" minLength:"1" maxLength:"100" example:"Refrigerator repair"`
	Narrows  muster.SkillID `json:"narrows,omitempty" example:"skl_white-goods" doc:"The broader skill that this one counts for."`
	Licensed bool           `json:"licensed,omitempty" doc:"Needs a certificate with an expiry."`
	Retired  bool           `json:"retired,omitempty" doc:"New tickets can't need it."`
}

// SkillsBody adds or changes skills.
type SkillsBody struct {
	Skills []SkillBody `json:"skills" minItems:"1" maxItems:"1000" nullable:"false"`
}

func (s *server) skills(api huma.API) {
	type input struct {
		Conditional
		Retired bool `query:"retired" doc:"Those that are retired too."`
	}
	op := readOne("/v1/skills", "list-skills", "company", "The tree of skills", "All in one, by id; the ETag is the tree's revision.")
	register(s, api, op, func(ctx context.Context, in *input) (*Single[List[muster.Skill]], error) {
		setup, err := s.Graph.Setup(ctx)
		if err != nil {
			return nil, err
		}
		skills := slices.DeleteFunc(slices.Clone(setup.Skills), func(k muster.Skill) bool { return k.Retired && !in.Retired })
		slices.SortFunc(skills, func(a, b muster.Skill) int { return cmp.Compare(a.ID, b.ID) })
		return single(in.Conditional, setup.Tree.Rev, List[muster.Skill]{Items: filled(skills)}), nil
	})

	type save struct {
		Commanded
		Body SkillsBody
	}
	type saved struct {
		Keyed
		Body List[muster.Skill]
	}
	op = change(http.MethodPut, "/v1/skills", "save-skills", "company", "Add or change skills",
		"Those that are not named stay as they are. A circle is refused with its path.")
	register(s, api, op, func(ctx context.Context, in *save) (*saved, error) {
		req := dispatch.SkillRequest{Skills: make([]muster.Skill, len(in.Body.Skills))}
		for i, b := range in.Body.Skills {
			req.Skills[i] = muster.Skill{ID: b.ID, Tree: muster.TheSkillTree, Name: b.Name, Narrows: b.Narrows, Licensed: b.Licensed, Retired: b.Retired}
		}
		return carry(ctx, &in.Commanded, req, s.Dispatch.SaveSkills, func(key string, skills []muster.Skill) *saved {
			return &saved{Keyed: Keyed{key}, Body: List[muster.Skill]{Items: filled(skills)}}
		})
	})
}
