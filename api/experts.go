package api

import (
	"context"
	"net/http"
	"net/url"

	"github.com/danielgtaylor/huma/v2"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/graph"
)

// ExpertPath names an expert in a path.
type ExpertPath struct {
	ID muster.ExpertID `path:"id" example:"exp_5d2m8x0q7r1kzt4c"`
}

// ExpertBody is what can be said about an expert.
type ExpertBody struct {
	Division  string              `json:"division,omitempty" maxLength:"100"`
	Name      string              `json:"name" minLength:"1" maxLength:"200" example:"Ana Lima"`
	Skills    []muster.Competence `json:"skills" maxItems:"500" nullable:"false" doc:"Skills with level, evidence and expiry."`
	Base      PlaceBody           `json:"base" doc:"Where tours start and end; its time zone is that of the shifts."`
	City      string              `json:"city,omitempty" maxLength:"100" example:"Oakland"`
	Territory []muster.Cell       `json:"territory,omitempty" maxItems:"5000" doc:"H3 cells of any resolution. None: anywhere within the travel limit."`
	Shifts    []muster.Hours      `json:"shifts" maxItems:"100" nullable:"false" doc:"Weekly, in minutes from midnight in the base's time zone."`
	Extra     []muster.Window     `json:"extra,omitempty" maxItems:"500" doc:"Single shifts beside the weekly ones."`
	Breaks    []muster.Hours      `json:"breaks,omitempty" maxItems:"100"`
	OnCall    []muster.Window     `json:"on_call,omitempty" maxItems:"500"`
	Leave     []muster.Leave      `json:"leave,omitempty" maxItems:"500" doc:"Time off."`
	Capacity  muster.Capacity     `json:"capacity,omitzero" doc:"Limits; the policy's figures where left out."`
	Languages []string            `json:"languages,omitempty" maxItems:"50" example:"[\"en\",\"es\"]"`
	Carries   []string            `json:"carries,omitempty" maxItems:"500" doc:"Parts and tools in the van."`
	Brands    []string            `json:"brands,omitempty" maxItems:"500" doc:"Makes that this expert is authorised for."`
	PaidWeeks muster.Minutes      `json:"paid_weeks,omitempty" minimum:"0" doc:"Paid minutes of the last four weeks, for fairness."`
	Email     string              `json:"email,omitempty" maxLength:"254" example:"ana@example.com"`
	Phone     string              `json:"phone,omitempty" maxLength:"40" example:"+1 415 555 0107"`
}

// ExpertChange is an expert as GET gave it, with what is to be different.
type ExpertChange struct {
	ExpertBody
	ID      muster.ExpertID `json:"id,omitempty" doc:"As in the path, or left out."`
	Rev     int64           `json:"rev,omitempty" minimum:"0" doc:"The revision that was seen, as in If-Match."`
	Region  muster.RegionID `json:"region,omitempty" readOnly:"true" doc:"Follows from the base."`
	Removed bool            `json:"removed,omitempty"`
	Timers  muster.Timers   `json:"timers,omitempty" readOnly:"true" doc:"When what the expert has ahead is looked at."`
}

// ExpertOutcome is the answer to a command on an expert.
type ExpertOutcome struct {
	Keyed
	Status   int
	ETag     string `header:"ETag" doc:"The expert's revision after the command."`
	Location string `header:"Location" doc:"Where it is, if the command made it."`
	Body     muster.Expert
}

func (s *server) experts(api huma.API) {
	type add struct {
		Commanded
		Body ExpertBody
	}
	op := change(http.MethodPost, "/v1/experts", "add-expert", "experts", "Add an expert", "")
	op.DefaultStatus = http.StatusCreated
	register(s, api, op, func(ctx context.Context, in *add) (*ExpertOutcome, error) {
		return carry(ctx, &in.Commanded, in.Body.expert(), s.Dispatch.SaveExpert, expertOutcome(http.StatusCreated))
	})

	type query struct {
		Paged
		Skill  muster.SkillID  `query:"skill" doc:"Have it, or one that narrows it."`
		Region muster.RegionID `query:"region"`
		Text   string          `query:"text" maxLength:"100" doc:"Words to find: each must be the start of a word of the name, in any order, whatever the case."`
	}
	op = read("/v1/experts", "list-experts", "experts", "Experts, by id", "Those who have left are left out. Experts get themselves.")
	register(s, api, op, func(ctx context.Context, in *query) (*Page[*muster.Expert], error) {
		find := func(ctx context.Context, p graph.Page) ([]*muster.Expert, string, error) {
			accept, err := s.accepted(ctx, in.Skill)
			if err != nil {
				return nil, "", err
			}
			return s.Graph.Experts(ctx, scope(ctx), graph.ExpertFilter{Skill: in.Skill, Skills: accept, Region: in.Region, Text: in.Text}, p)
		}
		filter := url.Values{}
		for name, value := range map[string]string{"skill": string(in.Skill), "region": string(in.Region), "text": in.Text} {
			if value != "" {
				filter.Set(name, value)
			}
		}
		return page(ctx, in.Paged, "/v1/experts", filter, find, same)
	})

	type one struct {
		ExpertPath
		Conditional
	}
	op = readOne("/v1/experts/{id}", "show-expert", "experts", "One expert", "")
	register(s, api, op, func(ctx context.Context, in *one) (*Single[muster.Expert], error) {
		e, err := s.expert(ctx, in.ID)
		if err != nil {
			return nil, err
		}
		return single(in.Conditional, e.Rev, *e), nil
	})

	type edit struct {
		ExpertPath
		Commanded
		Body ExpertChange
	}
	op = change(http.MethodPut, "/v1/experts/{id}", "change-expert", "experts", "Change an expert",
		"Send what GET gave with what is to be different; what is left out is emptied.")
	register(s, api, op, func(ctx context.Context, in *edit) (*ExpertOutcome, error) {
		if err := sameID(in.ID, in.Body.ID); err != nil {
			return nil, err
		}
		if _, err := s.expert(ctx, in.ID); err != nil {
			return nil, err
		}
		e := in.Body.expert()
		e.ID, e.Rev, e.Removed = in.ID, in.Body.Rev, in.Body.Removed
		return carry(ctx, &in.Commanded, e, s.Dispatch.SaveExpert, expertOutcome(http.StatusOK))
	})

	type remove struct {
		ExpertPath
		Commanded
	}
	op = change(http.MethodDelete, "/v1/experts/{id}", "remove-expert", "experts", "Take an expert out of service", "Refused while visits are planned; the history stays.")
	register(s, api, op, func(ctx context.Context, in *remove) (*ExpertOutcome, error) {
		return carry(ctx, &in.Commanded, in.ID, s.Dispatch.RemoveExpert, expertOutcome(http.StatusOK))
	})
}

// accepted lists the skills that count for one: itself and all that narrow it.
func (s *server) accepted(ctx context.Context, skill muster.SkillID) ([]muster.SkillID, error) {
	if skill == "" {
		return nil, nil
	}
	setup, err := s.Graph.Setup(ctx)
	if err != nil {
		return nil, err
	}
	tree := muster.NewSkills(setup.Tree.Rev, setup.Skills)
	if _, known := tree.Get(skill); !known {
		return nil, muster.Invalid("skill", string(skill), "GET /v1/skills has all of them")
	}
	var out []muster.SkillID
	for _, k := range setup.Skills {
		if tree.Satisfies(k.ID, skill) {
			out = append(out, k.ID)
		}
	}
	return out, nil
}

// expert loads one, if the actor may see them.
func (s *server) expert(ctx context.Context, id muster.ExpertID) (*muster.Expert, error) {
	found, err := s.Graph.Records(ctx, "", string(id))
	if err != nil {
		return nil, err
	}
	e, ok := found[string(id)].(*muster.Expert)
	if !ok || !seesExpert(scope(ctx), id) {
		return nil, muster.NotFound(muster.KindExpert, string(id))
	}
	return e, nil
}

func (b ExpertBody) expert() muster.Expert {
	return muster.Expert{
		Division: b.Division, Name: b.Name, Skills: b.Skills, Base: b.Base.place(), City: b.City,
		Territory: b.Territory, Shifts: b.Shifts, Extra: b.Extra, Breaks: b.Breaks, OnCall: b.OnCall,
		Leave: b.Leave, PaidWeeks: b.PaidWeeks, Capacity: b.Capacity, Languages: b.Languages, Carries: b.Carries, Brands: b.Brands,
		Email: b.Email, Phone: b.Phone,
	}
}

func expertOutcome(status int) func(string, muster.Expert) *ExpertOutcome {
	return func(key string, e muster.Expert) *ExpertOutcome {
		out := &ExpertOutcome{Keyed: Keyed{key}, Status: status, ETag: etag(e.Rev), Body: e}
		if status == http.StatusCreated {
			out.Location = "/v1/experts/" + string(e.ID)
		}
		return out
	}
}
