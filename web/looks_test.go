package web_test

import (
	"encoding/json"
	"fmt"
	"os"
	"testing"

	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/require"
)

// sound runs axe-core (testdata, in tests only) on what is shown and fails on every breach of WCAG 2.2 AA.
func (b *browser) sound(where string) {
	b.t.Helper()
	axe, err := os.ReadFile("testdata/axe.min.js")
	require.NoError(b.t, err)
	var found []struct {
		ID    string `json:"id"`
		Help  string `json:"help"`
		Nodes []struct {
			HTML    string `json:"html"`
			Summary string `json:"failureSummary"`
		} `json:"nodes"`
	}
	b.run(chromedp.Evaluate(string(axe)+";0", nil), chromedp.Evaluate(
		`axe.run(document, {runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa']}).then(r => r.violations)`,
		&found, func(p *runtime.EvaluateParams) *runtime.EvaluateParams { return p.WithAwaitPromise(true) }))
	for _, v := range found {
		nodes, _ := json.MarshalIndent(v.Nodes[:min(3, len(v.Nodes))], "", "  ")
		b.t.Errorf("%s: %s: %s (%d): %s", where, v.ID, v.Help, len(v.Nodes), nodes)
	}
}

// TestBrowserLooks walks through every screen in both schemes and three sizes: nothing overflows, nothing is
// out of reach for people who can't see it. With MUSTER_SHOTS it keeps pictures.
func TestBrowserLooks(t *testing.T) {
	f := newFake(t)
	f.company(400)
	b := openBrowser(t, f.URL)
	for _, scheme := range []string{"light", "dark"} {
		look := func(name string) {
			t.Helper()
			name += "-" + scheme
			b.shoot(name)
			b.sound(name)
			require.LessOrEqual(t, value[int](b, `document.documentElement.scrollWidth - innerWidth`), 0, "%s scrolls sideways", name)
		}
		b.media("prefers-color-scheme", scheme)
		b.size(1440, 900)
		b.open("/")
		b.until(`focus()?.dataset.role === 'dispatcher'`)
		look("who")
		b.open("/board")
		b.until(`$$('.row').length > 8`)
		b.press("t")
		b.until(`$('.row.selected')?.dataset.id === 'tic_4821' && $$('.candidate').length === 4`)
		look("1440-selected")
		b.press("a", "1")
		b.until(`$('.stop.ghost') !== null && $('.commit').getAttribute('aria-disabled') === 'false'`)
		look("1440-chosen")
		b.press("<ArrowRight>")
		b.until(`$$('.starts .at').length === 3`)
		look("1440-starts")
		b.press(".")
		b.until(`$('dialog')?.open`)
		look("1440-commands")
		b.press("<Escape>")
		b.until(`$('dialog') === null`)
		b.press("w")
		b.until(`$$('.tests tbody tr').length > 2`)
		look("1440-why")
		b.press("?")
		b.until(`$('dialog')?.open`)
		look("1440-help")
		b.press("<Escape>")
		b.until(`$('dialog') === null`)
		b.press("<Escape>")
		b.until(`$('muster-why') === null`)
		b.size(1024, 768)
		b.until(`$('[role=tablist]') !== null`)
		look("1024")
		b.size(390, 844)
		b.until(`$('.tabs.bottom') !== null`)
		look("390-candidates")
		b.click(".tabs.bottom [data-view=list]")
		b.until(`$$('.row').length > 4`)
		look("390-list")
		b.click(".tabs.bottom [data-view=day]")
		b.until(`$$('.lane').length > 4`)
		look("390-day")
	}
}

// TestBrowserForcedColours: states are still told apart by signs and borders, and nothing moves for those
// who asked for less motion.
func TestBrowserForcedColours(t *testing.T) {
	f := newFake(t)
	f.company(40)
	b := openBrowser(t, f.URL)
	b.media("forced-colors", "active")
	b.open("/board")
	b.until(`$$('.row').length > 8`)
	b.press("t")
	b.until(`$('.row.selected')`)
	require.Equal(t, "solid", value[string](b, `getComputedStyle($('.row.selected')).outlineStyle`))
	require.Zero(t, value[int](b, `$$('.row .state').filter(e => !e.querySelector('svg') || e.textContent.trim() === '').length`), "a state without sign or word")
	b.shoot("forced-colours")
	b.media("prefers-reduced-motion", "reduce")
	require.Equal(t, "0s", value[string](b, `getComputedStyle($('.button')).transitionDuration`))
}

// TestBrowserSpeaksSpanish: the same board in the language of the page around it.
func TestBrowserSpeaksSpanish(t *testing.T) {
	f := newFake(t)
	f.company(30)
	b := openBrowser(t, f.URL)
	b.open("/board")
	b.until(`$$('.row').length > 8`)
	b.run(chromedp.Evaluate(`document.documentElement.lang = 'es'; document.querySelector('muster-board').replaceWith(Object.assign(document.createElement('muster-board'), {page: true}))`, nil))
	b.until(`$$('.row').length > 8`)
	b.press("t")
	b.until(`text('.row.selected .state') === 'en cola' && $$('.candidate').length === 4`)
	require.Contains(t, value[string](b, `text('.counts')`), "32 abiertos")
	b.press("w")
	b.until(`text('.people tbody').includes('Tiene nivel 1; se necesita 3')`)
	for _, english := range []string{"queued", "Assign", "late", "Why"} {
		require.NotContains(t, value[string](b, `root.textContent.replace(/T-\d+ [^·]*?(?=ven|con|en cola)/g, '')`), english, fmt.Sprintf("%q is left", english))
	}
}
