package muster_test

import (
	"fmt"
	"math"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sysopssquad/muster"
)

// aPolicy is one that has an entry in every table.
func aPolicy() *muster.Policy {
	p := muster.DefaultPolicy()
	p.Travel.Overrides["85283473fffffff/8528347bfffffff"] = 30
	p.Travel.Density["85283473fffffff"] = 5000
	p.SLA.Calendars = map[string]muster.Calendar{"office": {
		Hours: []muster.Hours{{Weekday: 1, From: 9 * 60, To: 17 * 60}}, Extra: []muster.OpenDay{{Date: "2026-11-21", From: 60, To: 120}},
	}}
	return &p
}

// TestPolicyCheckBoundsEveryFigure walks all numbers of a policy, so that a new one can't be forgotten.
func TestPolicyCheckBoundsEveryFigure(t *testing.T) {
	require.NoError(t, aPolicy().Check())
	var all []figure
	figures(reflect.ValueOf(aPolicy()).Elem(), "", &all)
	require.Greater(t, len(all), 60)
	for _, f := range all {
		if f.path == "rev" {
			continue // is counted by Muster, whatever is sent
		}
		bad := []any{-1000, 1 << 40}
		if f.kind == reflect.Float64 {
			bad = []any{-1000., math.NaN(), 1e300, math.Inf(-1), math.Inf(1)}
		}
		for _, v := range bad {
			p := aPolicy()
			set(reflect.ValueOf(p).Elem(), f.path, v)
			var e *muster.Error
			require.ErrorAs(t, p.Check(), &e, "%s = %v is let through", f.path, v)
			require.Equal(t, muster.CodeInvalid, e.Code)
			require.Equal(t, f.path, e.Field, "%v", v)
			require.Equal(t, fmt.Sprint(v), e.Value, f.path)
			require.NotEmpty(t, e.Hint)
		}
	}
}

// figure is a number inside a policy, by the path of its JSON names.
type figure struct {
	path string
	kind reflect.Kind
}

func figures(v reflect.Value, path string, all *[]figure) {
	switch {
	case v.Kind() == reflect.Struct:
		for i := range v.NumField() {
			switch name := jsonName(v.Type().Field(i)); name {
			case "": // its fields are among those of the struct
				figures(v.Field(i), path, all)
			case "-":
			default:
				figures(v.Field(i), strings.TrimPrefix(path+"."+name, "."), all)
			}
		}
	case v.Kind() == reflect.Array || v.Kind() == reflect.Slice:
		for i := range v.Len() {
			figures(v.Index(i), fmt.Sprintf("%s[%d]", path, i), all)
		}
	case v.Kind() == reflect.Map:
		for _, k := range v.MapKeys() {
			figures(v.MapIndex(k), path+"."+k.String(), all)
		}
	case v.CanInt(), v.CanUint(), v.CanFloat():
		*all = append(*all, figure{path, v.Kind()})
	}
}

// set gives the number at a path another value.
func set(v reflect.Value, path string, to any) {
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			if jsonName(v.Type().Field(i)) == "" {
				set(v.Field(i), path, to)
				continue
			}
			if rest, ok := strings.CutPrefix(path, jsonName(v.Type().Field(i))); ok && (rest == "" || rest[0] == '.' || rest[0] == '[') {
				set(v.Field(i), strings.TrimPrefix(rest, "."), to)
			}
		}
	case reflect.Array, reflect.Slice:
		for i := range v.Len() {
			if rest, ok := strings.CutPrefix(path, fmt.Sprintf("[%d]", i)); ok {
				set(v.Index(i), strings.TrimPrefix(rest, "."), to)
			}
		}
	case reflect.Map:
		if v.Type().Elem().Kind() == reflect.Struct {
			key, rest, _ := strings.Cut(path, ".")
			set(v.MapIndex(reflect.ValueOf(key)), rest, to) // reaches into its lists only
			return
		}
		v.SetMapIndex(reflect.ValueOf(path).Convert(v.Type().Key()), reflect.ValueOf(to).Convert(v.Type().Elem()))
	default:
		v.Set(reflect.ValueOf(to).Convert(v.Type()))
	}
}

func jsonName(f reflect.StructField) string {
	name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
	return name
}

func TestPolicyCheckRefusesTablesThatMeanNothing(t *testing.T) {
	for field, spoil := range map[string]func(*muster.Policy){
		"due.soon":        func(p *muster.Policy) { p.Due["soon"] = 5 },
		"buffer_min.moon": func(p *muster.Policy) { p.BufferMin["moon"] = 5 },
		"travel.dense[1]": func(p *muster.Policy) { p.Travel.Dense = [2]int{10, 9} },

		"sla.acceptance.soon":       func(p *muster.Policy) { p.SLA.Acceptance["soon"] = 5 },
		"sla.resolution.soon":       func(p *muster.Policy) { p.SLA.Resolution["soon"] = 5 },
		"sla.by_plan.gold":          func(p *muster.Policy) { p.SLA.ByPlan = map[string]string{"gold": "nights"} },
		"sla.by_priority.high":      func(p *muster.Policy) { p.SLA.ByPriority = map[muster.Priority]string{"high": "nights"} },
		"sla.by_priority.soon":      func(p *muster.Policy) { p.SLA.ByPriority = map[muster.Priority]string{"soon": "office"} },
		"sla.pauses.lunch":          func(p *muster.Policy) { p.SLA.Pauses["lunch"] = nil },
		"sla.pauses.response[0]":    func(p *muster.Policy) { p.SLA.Pauses["response"] = []muster.PauseState{"queued"} },
		"sla.calendars.always":      func(p *muster.Policy) { p.SLA.Calendars["always"] = muster.RoundTheClock() },
		"sla.calendars.never.hours": func(p *muster.Policy) { p.SLA.Calendars["never"] = muster.Calendar{Zone: "UTC"} },
		"sla.calendars.nowhere.zone": func(p *muster.Policy) {
			p.SLA.Calendars["nowhere"] = muster.Calendar{Zone: "Nowhere", Hours: muster.RoundTheClock().Hours}
		},
	} {
		p := aPolicy()
		spoil(p)
		var e *muster.Error
		require.ErrorAs(t, p.Check(), &e, field)
		require.Equal(t, field, e.Field)
	}
}

// TestCapacityOfAnExpertMayBeLeftOut: zero stands for the policy's figure there, a negative one for nothing.
func TestCapacityOfAnExpertMayBeLeftOut(t *testing.T) {
	require.NoError(t, muster.Capacity{}.Check("capacity"))
	require.NoError(t, muster.DefaultPolicy().Capacity.Check("capacity"))
	for field, c := range map[string]muster.Capacity{
		"capacity.visits_per_tour": {VisitsPerTour: -1},
		"capacity.day_minutes":     {DayMinutes: 10},
		"capacity.week_minutes":    {WeekMinutes: 1 << 40},
		"capacity.rest_minutes":    {RestMinutes: -1},
		"capacity.travel_km":       {TravelKm: math.NaN()},
		"capacity.overtime_min":    {OvertimeMin: -1000},
	} {
		var e *muster.Error
		require.ErrorAs(t, c.Check("capacity"), &e, field)
		require.Equal(t, field, e.Field)
	}
}

// TestPolicyCheckRefusesWhatContradictsItself: each figure is within its bounds, and the answer names what would become of
// a ticket.
func TestPolicyCheckRefusesWhatContradictsItself(t *testing.T) {
	for _, x := range []struct {
		field, says string
		spoil       func(*muster.Policy)
	}{
		{"escalation[2].after", "step 3 would begin as the one before it does: no timer is left between them", func(p *muster.Policy) { p.Escalation[2].After = 0 }},
		{"escalation[2].after", "a queued ticket would rest before step 3", func(p *muster.Policy) { p.Escalation[2].After = 1 << 30 }},
		{"escalation[1].travel_km", "step 2 would be narrower than step 1, which has 15", func(p *muster.Policy) { p.Escalation[1].TravelKm = 14 }},
		{"escalation[2].visits", "step 3 would be narrower than step 2, which has 1", func(p *muster.Policy) { p.Escalation[2].Visits = 0 }},
		{"escalation[2].on_call", "step 3 would be narrower", func(p *muster.Policy) { p.Escalation[2].OnCall = false }},
		{"escalation[1].overtime_min", "step 2 would be narrower", func(p *muster.Policy) { p.Escalation[0].Overtime = 1 }},
		{"escalation[2].propose", "step 3 would be narrower", func(p *muster.Policy) { p.Escalation[2].Propose = false }},
		{"escalation", "no next step and no timer", func(p *muster.Policy) { p.Escalation = []muster.EscalationStep{} }},
		{"escalation", "at most 20", func(p *muster.Policy) { p.Escalation = slices.Repeat(p.Escalation[:1], 21) }},
		{"queue_every", "the last step of escalation would follow itself for ever", func(p *muster.Policy) { p.QueueEvery = 0 }},
		{"queue_every", "a ticket would rest in the last step", func(p *muster.Policy) { p.QueueEvery = 1 << 30 }},
		{"triage_every", "triage would follow itself for ever", func(p *muster.Policy) { p.TriageEvery = 0 }},
		{"triage_every", "a ticket would rest in triage", func(p *muster.Policy) { p.TriageEvery = 1 << 30 }},
		{"offer_minutes", "queued, offered and queued again for ever", func(p *muster.Policy) { p.OfferMinutes = 0 }},
		{"urgent_offer", "queued, offered and queued again for ever", func(p *muster.Policy) { p.UrgentOffer = -1 }},
		{"offer_minutes", "rest with whoever is asked", func(p *muster.Policy) { p.OfferMinutes = 1 << 30 }},
		{"offer_minutes", "one offer could outlast the 240 minutes in which a high ticket is to be accepted", func(p *muster.Policy) { p.OfferMinutes = 241 }},
		{"urgent_offer", "one offer could outlast the 30 minutes in which a critical ticket", func(p *muster.Policy) { p.OfferMinutes, p.UrgentOffer = 60, 31 }},
		{"urgent_offer", "longer than others", func(p *muster.Policy) { p.UrgentOffer = 11 }},
		{"undo_seconds", "an offer of 5 minutes would be over by then", func(p *muster.Policy) { p.UndoSeconds = 300 }},
		{"answer_minutes", "the promised window of 120 minutes would be over", func(p *muster.Policy) { p.AnswerMinutes = 60 }},
		{"resolve_after", "before the customer can say no", func(p *muster.Policy) { p.ResolveAfter = 0 }},
		{"resolve_after", "would rest", func(p *muster.Policy) { p.ResolveAfter = 1 << 30 }},
		{"round_every", "a round would follow itself for ever", func(p *muster.Policy) { p.RoundEvery = 0 }},
		{"exception_minutes", "as it is taken", func(p *muster.Policy) { p.ExceptionMinutes = 0 }},
		{"lead", "no ticket would ever be assigned", func(p *muster.Policy) { p.Lead, p.HorizonDays = 24*60, 1 }},
		{"lead", "somebody is to be there within 240 minutes, and nobody could", func(p *muster.Policy) { p.Lead = 241 }},
		{"capacity.day_minutes", "the longest week, 300 minutes, is shorter", func(p *muster.Policy) { p.Capacity.WeekMinutes = 300 }},
		{"messages.quiet_to", "wait for their end for ever", func(p *muster.Policy) { p.Messages.QuietFrom, p.Messages.QuietTo = 0, 24*60 }},
		{"sla.acceptance.low", "before anybody need be assigned", func(p *muster.Policy) { p.SLA.Acceptance["low"] = 8 * 24 * 60 }},
		{"sla.resolution.low", "before anybody need be there", func(p *muster.Policy) { p.SLA.Resolution["low"] = 60 }},
	} {
		p := aPolicy()
		x.spoil(p)
		var e *muster.Error
		require.ErrorAs(t, p.Check(), &e, "%s: %s", x.field, x.says)
		require.Equal(t, x.field, e.Field)
		require.Contains(t, e.Hint, x.says)
	}
	p := aPolicy()
	p.Escalation = nil // as a policy from before there were steps is
	require.NoError(t, p.Check())
	require.NotEmpty(t, p.Filled().Escalation)
}
