package api

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sysopssquad/muster"
)

// TestARefusedPolicyNamesTheCycleOrTheMissingTimer over HTTP too: one error for each thing wrong, each with its field, its
// value and what would become of a ticket.
func TestARefusedPolicyNamesTheCycleOrTheMissingTimer(t *testing.T) {
	type wrong struct{ field, value, says string }
	for name, x := range map[string]struct {
		spoil func(*muster.Policy, map[string]any)
		wrong []wrong
	}{
		"two cycles, a rest and a step without a timer": {
			func(p *muster.Policy, _ map[string]any) {
				p.OfferMinutes, p.RoundEvery, p.QueueEvery, p.Escalation[2].After = 0, 0, 1<<30, 0
			},
			[]wrong{
				{"offer_minutes", "0", "queued, offered and queued again for ever"},
				{"round_every", "0", "a round would follow itself for ever"},
				{"queue_every", "1073741824", "a ticket would rest in the last step"},
				{"escalation[2].after", "0", "no timer is left between them"},
			},
		},
		"two contradictions beside a cycle": {
			func(p *muster.Policy, _ map[string]any) {
				p.TriageEvery, p.UndoSeconds, p.Escalation[1].TravelKm = -1, 300, 14
			},
			[]wrong{
				{"triage_every", "-1", "triage would follow itself for ever"},
				{"undo_seconds", "300", "an offer of 5 minutes would be over by then"},
				{"escalation[1].travel_km", "14", "step 2 would be narrower than step 1, which has 15"},
			},
		},
		"a clock that would never run, and one that counts by nothing": {
			func(p *muster.Policy, _ map[string]any) {
				p.SLA.Pauses[muster.SLAResponse] = []muster.PauseState{"queued"}
				p.SLA.ByPlan = map[string]string{"gold": "nights"}
			},
			[]wrong{
				{"sla.by_plan.gold", "nights", "a calendar of sla.calendars"},
				{"sla.pauses.response[0]", "queued", "would rest for ever"},
			},
		},
		"timers that are left out": {
			func(_ *muster.Policy, sent map[string]any) {
				delete(sent, "queue_every")
				delete(sent["escalation"].([]any)[0].(map[string]any), "after")
			},
			[]wrong{
				{"queue_every", "0", "the last step of escalation would follow itself for ever"},
				{"escalation[0].after", "0", "no timer is left"},
			},
		},
		"no steps": {
			func(p *muster.Policy, _ map[string]any) { p.Escalation = []muster.EscalationStep{} },
			[]wrong{{"escalation", "[]", "no next step and no timer"}},
		},
	} {
		t.Run(name, func(t *testing.T) {
			c := newRig(t)
			p, sent := muster.DefaultPolicy(), map[string]any{}
			x.spoil(&p, map[string]any{"escalation": []any{map[string]any{}}})
			b, err := json.Marshal(p)
			require.NoError(t, err)
			require.NoError(t, json.Unmarshal(b, &sent))
			if len(p.Escalation) > 0 {
				x.spoil(&p, sent)
			}
			a := into[Problem](t, http.StatusUnprocessableEntity, c.as(admin, "PUT", "/v1/policy", sent))
			require.Len(t, a.Errors, len(x.wrong), "%+v", a.Errors)
			for i, w := range x.wrong {
				e := a.Errors[i]
				require.Equal(t, [2]string{w.field, w.value}, [2]string{e.Field, e.Value})
				require.Contains(t, e.Hint, w.says)
			}
			require.Equal(t, [3]string{a.Errors[0].Field, a.Errors[0].Value, a.Errors[0].Hint}, [3]string{a.Field, a.Value, a.Hint})
		})
	}
}

// TestAFigureThatIsNoPlainNumberIsNamed: what the document lets pass and no decoder reads is refused like any other field.
func TestAFigureThatIsNoPlainNumberIsNamed(t *testing.T) {
	c := newRig(t)
	for value, wrong := range map[string]int{"1e2": 1, "99999999999999999999999999999999": 1, "100": 0} {
		for _, field := range []string{"frozen_for", "due.critical", "escalation.after"} {
			b, err := json.Marshal(muster.DefaultPolicy())
			require.NoError(t, err)
			sent := map[string]any{}
			require.NoError(t, json.Unmarshal(b, &sent))
			switch field {
			case "frozen_for":
				sent[field] = json.RawMessage(value)
			case "due.critical":
				sent["due"].(map[string]any)["critical"] = json.RawMessage(value)
			default:
				sent["escalation"].([]any)[0].(map[string]any)["after"] = json.RawMessage(value)
			}
			b, err = json.Marshal(sent)
			require.NoError(t, err)
			r := c.as(admin, "PUT", "/v1/policy", b)
			if wrong == 0 {
				require.Equal(t, http.StatusOK, r.StatusCode, "%s", r.body)
				continue
			}
			p := into[Problem](t, http.StatusUnprocessableEntity, r)
			require.Len(t, p.Errors, wrong)
			table, _, _ := strings.Cut(field, ".")
			require.Contains(t, []string{field, table}, p.Field, "of an entry of a table at least the table")
			require.Equal(t, value, p.Value)
			require.Contains(t, p.Hint, "without an exponent")
			require.NotContains(t, string(r.body), "json:")
		}
	}
}
