package web_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/require"

	"github.com/sysopssquad/muster"
)

// TestBrowserSwitchesLanguage: on our own pages the language is a click away, at once and for good.
func TestBrowserSwitchesLanguage(t *testing.T) {
	f := newFake(t)
	f.company(20)
	b := openBrowser(t, f.URL)
	b.open("/")
	b.until(`focus()?.dataset.user === 'usr_dana'`)
	b.click("[data-language=es]")
	b.until(`text('h1') === '¿Quién eres hoy?' && document.title.startsWith('¿Quién')`)
	require.Contains(t, value[string](b, `text('[data-user=usr_dana]')`), "despachador")
	b.sound("who in Spanish")
	b.click("[data-user=usr_dana]")
	b.until(`location.pathname === '/board' && $$('.row').length > 8`)
	require.Equal(t, "es", value[string](b, `document.documentElement.lang`))
	require.Equal(t, "Tablero - Muster", value[string](b, `document.title`))
	b.press("t", "a", "1")
	b.until(`text('.commit').includes('Asignar a Ana Ruiz, 13:05') && ` + chosen)
	b.press("<ArrowRight>")
	b.until(`$$('.starts .at').length === 3`)
	costs := value[string](b, `text('.candidate.chosen')`)
	for _, want := range []string{"empieza 13:05", "31 min perdidos", "viaje 22", "22 min hasta allí, 15 km", "A qué otra hora", "Conoce esta reparación"} {
		require.Contains(t, costs, want)
	}
	for _, english := range []string{"min lost", "on the road", "expected", "Fixed", "Level", "mean"} {
		require.NotContains(t, costs, english)
	}
	b.shoot("1440-es")
	b.sound("board in Spanish")

	b.press("?")
	b.until(`text('#help-title') === 'Teclas del tablero'`)
	b.click("dialog [data-language=en]")
	b.until(`text('#help-title') === 'Keys of the board'`)
	b.press("<Escape>")
	b.until(`text('.commit').includes('Assign to Ana Ruiz, 13:05')`) // nothing that was chosen is lost
	b.run(chromedp.Reload())
	b.until(`$$('.row').length > 8 && text('.row .state') === 'queued'`)
}

// spanish opens the board in Spanish.
func spanish(t *testing.T, f *fake) *browser {
	t.Helper()
	b := openBoard(t, f)
	b.run(chromedp.Evaluate(`document.documentElement.lang = 'es'`, nil))
	b.until(`text('.row .state') === 'en cola'`)
	return b
}

// TestBrowserRefusesInSpanish: a refusal is told by its code, with the reasons and their numbers.
func TestBrowserRefusesInSpanish(t *testing.T) {
	f := newFake(t)
	f.company(20)
	b := spanish(t, f)
	b.expect("409")
	for _, no := range []struct {
		problem map[string]any
		say     string
	}{
		{
			map[string]any{"code": "unfit", "detail": "Ana Ruiz can't take T-4821", "hint": "choose another", "reasons": []muster.Reason{
				{Code: muster.LevelLow, About: "skl_refrigerator-repair", Have: 2, Need: 3, Unit: "level", Text: "Level 2; this needs 3."},
			}},
			"No asignado: este experto no puede tomar T-4821 así. Tiene nivel 2; se necesita 3 (Refrigerator repair).",
		},
		{map[string]any{"code": "wrong_state", "detail": "T-4821 is waiting"}, "T-4821 está en cola: ese paso no es posible ahora."},
		{map[string]any{"code": "teapot", "detail": "I am a teapot"}, "Muster no lo aceptó (teapot)."},
	} {
		f.set(func() { f.refusal = no.problem })
		b.press("t", "a", "1")
		b.until(chosen)
		b.press("<Enter>")
		b.until(fmt.Sprintf(`text('[data-notice=refused]') === %q && text('.refused') === %q`, no.say, no.say))
	}
}

// TestBrowserReasonsInSpanish: each constraint with each kind of figures that the matcher compares reads as a sentence
// of its own, nothing of the server's English and no empty place in it.
func TestBrowserReasonsInSpanish(t *testing.T) {
	f := newFake(t)
	f.company(20)
	at := func(h int) time.Time { return f.now.Add(time.Duration(h) * time.Hour) }
	span := func(h int) muster.Window { return muster.Window{Start: at(h), End: at(h + 1)} }
	reasons := []muster.Reason{
		{Code: muster.NoSkill, About: "skl_refrigerator-repair", Have: 0, Need: 3, Unit: "level"},
		{Code: muster.LevelLow, About: "skl_refrigerator-repair", Have: 1, Need: 3, Unit: "level"},
		{Code: muster.CertificateEnds, About: "skl_refrigerator-repair", Have: at(-48), Need: at(3)},
		{Code: muster.CertificateEnds, About: "skl_refrigerator-repair", Need: at(3)},
		{Code: muster.OffShift, Have: at(5), Need: at(4)},
		{Code: muster.OffShift, Need: span(4)},
		{Code: muster.OffShift, Have: []muster.Window{span(1), span(9)}, Need: span(4)},
		{Code: muster.OnLeave, Have: span(1), Need: span(2)},
		{Code: muster.NotOnCall, Have: muster.PriorityNormal, Need: "urgent"},
		{Code: muster.AfterWindow, Have: at(5), Need: span(2), Unit: "min"},
		{Code: muster.BreakMissed, Have: span(2), Need: span(2)},
		{Code: muster.DayTooLong, Have: 620, Need: 600, Unit: "min"},
		{Code: muster.WeekTooLong, Have: 2500, Need: 2400, Unit: "min"},
		{Code: muster.RestTooShort, Have: 500, Need: 660, Unit: "min"},
		{Code: muster.Overtime, Have: 30, Need: 15, Unit: "min"},
		{Code: muster.OverCapacity, Have: 5, Need: 5, Unit: "visits"},
		{Code: muster.OutOfTerritory},
		{Code: muster.TooFar, Have: 78.4, Need: 60.0, Unit: "km"},
		{Code: muster.LacksParts, About: "meter", Have: []string{"pump"}, Need: []string{"meter"}},
		{Code: muster.CrewClash, Have: 1, Need: 2, Unit: "experts"},
		{Code: muster.CrewClash, Have: at(2), Need: at(3)},
		{Code: muster.IsBlocked, About: "cus_1"},
		{Code: muster.IsBlocked, About: "cus_1", Have: at(-2000)},
		{Code: muster.HasDeclined, About: "too_far", Have: at(-1)},
		{Code: muster.HasDeclined, About: "not_then", Have: span(1), Need: span(1)},
		{Code: muster.NotAuthorised, About: "Brix", Have: []string{"Alto"}, Need: "Brix"},
		{Code: muster.NotAuthorised, About: "Brix", Have: []string{}, Need: "Brix"},
		{Code: muster.SiteClosed, Have: span(2), Need: span(6)},
		{Code: muster.SiteClosed, Have: span(2)},
		{Code: muster.NoOpening, Have: 40, Need: 70, Unit: "min"},
		{Code: muster.NoOpening, Have: at(2), Need: at(3)},
		{Code: muster.NoOpening},
		{Code: muster.Overlaps, About: "vis_1", Have: span(2), Need: span(2)},
		{Code: muster.HeldByOther, About: "vis_1", Have: span(2), Need: span(2)},
		{Code: muster.HeldByOther, About: "vis_1", Have: span(26), Need: span(26)}, // on another day, which is named
		{Code: muster.LacksParts, About: "meter", Have: at(26), Need: at(50)},
		{Code: muster.Gone},
		{Code: muster.OtherDivision, Have: "north", Need: "south"},
		{Code: muster.OtherDivision, Have: "", Need: "south"},
		{Code: muster.NotMobile},
	}
	told := map[muster.ReasonCode]bool{}
	f.set(func() {
		m := f.matches["tic_4821"]
		m.Excluded = nil
		for i, r := range reasons {
			told[r.Code] = true
			r.Text = "The English of it."
			m.Excluded = append(m.Excluded, muster.Exclusion{Expert: muster.ExpertID(fmt.Sprintf("exp_%02d", 10+i)), Name: fmt.Sprintf("Nombre %d", i), Reasons: []muster.Reason{r}})
		}
	})
	require.Len(t, told, 27, "a constraint is missing here")
	b := spanish(t, f)
	b.press("t", "w")
	b.until(fmt.Sprintf(`$$('.people tbody tr').length === %d`, len(reasons)))
	said := value[[]string](b, `$$('.people tbody li').map(e => e.textContent.replace(e.querySelector('.code').textContent, '').replace(/\s+/g, ' ').trim())`)
	require.Len(t, said, len(reasons))
	for i, s := range said {
		require.NotContains(t, s, "English", "%+v", reasons[i])
		require.Regexp(t, `^[A-ZÁÉÍÓÚÑ0-9].*[^ ]\.$`, s, "%+v", reasons[i])
		require.NotRegexp(t, `undefined|NaN|Invalid|[{}]| [;:,.]|\(\)|T\d\d:`, s, "%+v", reasons[i])
	}
	require.Contains(t, strings.Join(said, " "), "Sin hueco: hay 40 min y hacen falta 70 min.")
	require.NotRegexp(t, `[a-z]+_[a-z]+`, value[string](b, `text('.tests tbody')`), "a code instead of a word")
}
