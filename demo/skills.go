package demo

import (
	"bytes"
	_ "embed"
	"encoding/csv"
	"sync"

	"github.com/sysopssquad/muster"
)

// skills.csv is the company's tree: eight families, each skill below the one that it narrows.
//
//go:embed skills.csv
var skillsCSV []byte

func skillID(slug string) muster.SkillID {
	return muster.SkillID(muster.SlugID(muster.KindSkill, slug))
}

var skillParts = sync.OnceValue(func() []muster.Skill {
	rows, err := csv.NewReader(bytes.NewReader(skillsCSV)).ReadAll()
	if err != nil {
		panic("demo: skills.csv: " + err.Error()) // a file of ours, read by a test
	}
	out := make([]muster.Skill, 0, len(rows))
	for _, r := range rows[1:] {
		s := muster.Skill{ID: skillID(r[0]), Tree: muster.TheSkillTree, Name: r[1], Licensed: r[3] == "yes"}
		if r[2] != "" {
			s.Narrows = skillID(r[2])
		}
		out = append(out, s)
	}
	return out
})

// tree is the skills in memory.
var tree = sync.OnceValue(func() muster.Skills { return muster.NewSkills(1, skillParts()) })
