package matcher_test

import (
	"testing"
	"time"

	"github.com/sysopssquad/muster"
)

// BenchmarkRelax asks for the least changes for tickets that nobody can take: too far away, outside all shifts, or of a
// level that nobody has.
func BenchmarkRelax(b *testing.B) {
	c := found(b, figures{seed: 3, experts: 100_000, tickets: 50, towns: 100, spreadKm: 20, needs: 80})
	for name, spoil := range map[string]func(*muster.Ticket){
		"level": func(t *muster.Ticket) { t.Needs[0].Level = 5 },
		"sunday": func(t *muster.Ticket) {
			day := time.Date(2026, 11, 22, 15, 0, 0, 0, time.UTC)
			t.Windows = []muster.Window{{Start: day, End: day.Add(2 * time.Hour)}}
		},
		"both skills": func(t *muster.Ticket) {
			t.Needs = append(t.Needs, muster.Need{Skill: "skl_4-4", Level: 5})
		},
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			i := 0
			for b.Loop() {
				job := c.jobs[i%len(c.jobs)]
				t := *job.Ticket
				t.Crew = 1
				spoil(&t)
				job.Ticket = &t
				start := time.Now()
				r := c.world.Relax(job, c.people, 10)
				b.ReportMetric(float64(len(r)), "shown")
				if d := time.Since(start); d > 2*time.Second {
					b.Logf("%s: %d shown in %s", t.ID, len(r), d)
				}
				i++
			}
		})
	}
}
