package demo

import (
	"bytes"
	_ "embed"
	"encoding/csv"
	"strings"
	"sync"

	"github.com/sysopssquad/muster"
)

// jobs.csv lists what breaks: how often, what the customer says, and what the repair takes. Jobs without
// needs are those about which a person must decide first.
//
//go:embed jobs.csv
var jobsCSV []byte

type job struct {
	weight                float64
	category, title, text string
	mode                  muster.Mode
	minutes               muster.Minutes
	needs                 []muster.Need
	carry                 []string
	crew                  int
}

var jobs = sync.OnceValue(func() []job {
	rows, err := csv.NewReader(bytes.NewReader(jobsCSV)).ReadAll()
	if err != nil {
		panic("demo: jobs.csv: " + err.Error()) // a file of ours, read by a test
	}
	out := make([]job, 0, len(rows))
	for _, r := range rows[1:] {
		j := job{
			weight: float64(number(r[0])), category: r[1], title: r[2], text: r[3],
			mode: muster.Mode(r[4]), minutes: muster.Minutes(number(r[5])), crew: max(1, number(r[8])),
		}
		for _, f := range strings.Fields(r[6]) {
			slug, level, _ := strings.Cut(f, ":")
			j.needs = append(j.needs, muster.Need{Skill: skillID(slug), Level: muster.Level(number(level))})
		}
		if r[7] != "" {
			j.carry = []string{r[7]}
		}
		out = append(out, j)
	}
	return out
})
