package web_test

import (
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/stretchr/testify/require"
)

// TestBrowserFitsAPhone: one column, from the list to an assignment.
func TestBrowserFitsAPhone(t *testing.T) {
	f := newFake(t)
	f.company(30)
	b := openBoard(t, f)
	b.size(390, 844)
	b.until(`$('.tabs.bottom') !== null`)
	b.click(`.tabs.bottom [data-view=list]`)
	b.until(`$$('.row').length > 4`)
	b.click(`.row[data-id=tic_4821]`)
	b.until(`$$('.candidate').length === 4 && $('muster-tickets')?.offsetHeight === 0`)
	b.click(`.candidate`)
	b.until(chosen)
	b.click(`.commit`)
	b.until(`$('[data-notice=done]')`)
}

// TestBrowserFitsFingers: on a touch screen every target is 44 by 44 pixels, and none is without a sign.
func TestBrowserFitsFingers(t *testing.T) {
	f := newFake(t)
	f.company(30)
	b := openBrowser(t, f.URL)
	b.run(emulation.SetTouchEmulationEnabled(true), emulation.SetDeviceMetricsOverride(390, 844, 2, true))
	b.open("/board")
	b.until(`$('.tabs.bottom') !== null && $$('.row').length > 4`)
	require.True(t, value[bool](b, `matchMedia('(pointer: coarse)').matches`))
	fits := func() {
		t.Helper()
		require.Empty(t, value[[]string](b, `$$('button, a.button, input:not([type=checkbox]), .candidate, .candidate .unfold, .candidate .at, .row').filter(e => e.offsetParent !== null && e.offsetWidth > 1)
			.map(e => ({e, r: e.getBoundingClientRect()}))
			.filter(({e, r}) => r.height < 43.5 || r.width < 43.5 || (e.innerText.trim() === '' && e.tagName !== 'INPUT'))
			.map(({e, r}) => e.outerHTML.slice(0, 80) + ' ' + Math.round(r.width) + 'x' + Math.round(r.height))`))
	}
	fits()
	b.shoot("390-touch-list")
	b.tap(`.row[data-id=tic_4821]`)
	b.until(`$$('.candidate').length === 4`)
	b.tap(`#cand-0 .unfold`)
	b.until(`$$('.starts .at').length === 3`)
	fits()
	b.shoot("390-touch-candidates")
	b.tap(`.tabs.bottom [data-view=day]`)
	b.until(`$$('.lane').length > 4`)
	fits()
	b.shoot("390-touch-day")
	require.LessOrEqual(t, value[int](b, `document.documentElement.scrollWidth - innerWidth`), 0)
}
