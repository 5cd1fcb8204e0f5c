package matcher

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sysopssquad/muster"
)

// Every reason tells what there is and what it would take, in JSON too: programs that read them must not have to
// know which of them leave one out.
func TestEveryReasonHasItsNumbers(t *testing.T) {
	more := []ruleCase{
		{name: "blocked, nobody knows since when", spoil: func(s *scenario) { s.job.Customer.Blocked = []muster.Block{{Expert: "exp_ana"}} }},
		{name: "an empty van", spoil: func(s *scenario) { s.ticket.Carry = []string{"Door seal"} }},
		{name: "of a division, the ticket of none", spoil: func(s *scenario) { s.expert.Division = "south" }},
		{name: "of no division, the ticket of one", spoil: func(s *scenario) { s.ticket.Division = "north" }},
		{name: "a site that is never open", start: "10:00", spoil: func(s *scenario) {
			s.policy.HorizonDays = 1
			s.job.Site.AccessHours = []muster.Hours{{Weekday: time.Wednesday, From: 60, To: 120}}
		}},
		{name: "declined without a reason", spoil: func(s *scenario) { s.ticket.Declines = []muster.Decline{{Expert: "exp_ana", At: at("06:20")}} }},
		{name: "nothing but the past", spoil: func(s *scenario) {
			s.policy.HorizonDays = 1
			s.visit("2", "08:00", "16:59", 10)
			s.w.Now = at("16:58")
		}},
	}
	told := make(map[muster.ReasonCode]bool)
	for _, c := range append(more, ruleCases...) {
		s := newScenario()
		c.spoil(s)
		var start time.Time
		if c.start != "" {
			start = at(c.start)
		}
		_, rs := s.check(start)
		require.NotEmpty(t, rs, c.name)
		for _, r := range rs {
			b, err := json.Marshal(r)
			require.NoError(t, err)
			var got struct{ Code, Have, Need, Text any }
			require.NoError(t, json.Unmarshal(b, &got))
			for field, v := range map[string]any{"code": got.Code, "have": got.Have, "need": got.Need, "text": got.Text} {
				require.NotNil(t, v, "%s: %s in %s", c.name, field, b)
				require.NotEqual(t, "", v, "%s: %s in %s", c.name, field, b)
				require.NotEqual(t, []any{}, v, "%s: %s in %s", c.name, field, b)
			}
			told[r.Code] = true
		}
	}
	require.Len(t, order, 27)
	for code := range order {
		require.True(t, told[code], "%s is told in no case", code)
	}
}

// The last resort, where no attempt has a reason of its own.
func TestNoOpeningAtAllHasItsNumbers(t *testing.T) {
	s := newScenario()
	sc := s.w.scene([]Person{s.person()})
	a := sc.question(s.job).try(sc.members[0], false)
	require.Equal(t, []muster.Reason{{
		Code: muster.NoOpening, Class: muster.Never, Have: 0, Need: 60, Unit: "min", Text: "No opening until 4 Dec.",
	}}, a.nearest())
}
