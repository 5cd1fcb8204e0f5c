package web_test

import (
	"strconv"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/require"
)

// TestBrowserTeachesTheFirstSteps: one line at the foot, each part after the one before was done; it is remembered
// where one was, and that it was hidden.
func TestBrowserTeachesTheFirstSteps(t *testing.T) {
	f := newFake(t)
	f.company(20)
	b := openBoard(t, f)
	step := func(want string) {
		t.Helper()
		b.until(`($('.hints')?.dataset.hint ?? '') === '` + want + `'`)
	}
	step("t")
	require.Equal(t, "First steps 1/7 t most urgent ticket Hide hints", value[string](b, `text('.hints')`))
	b.shoot("1440-hints")
	b.press("w") // ahead of its turn: it does what it does, the line stays
	b.until(`$('muster-why') !== null || $('.hints')`)
	step("t")
	b.press("t")
	step("a")
	b.run(chromedp.Reload())
	step("a")
	b.until(`$('.row.selected')`)
	b.press("a")
	step("1")
	b.press("1")
	step("Enter")
	b.until(chosen)
	b.press("<Enter>")
	step("u")
	require.Contains(t, value[string](b, `text('.hints')`), "Four keys. This takes it back: u undo")
	b.press("u")
	step("w")
	require.Contains(t, value[string](b, `text('.hints')`), "1 ticket has no expert. See w why")
	b.sound("hints")
	b.click(".hints .do")
	b.until(`text('.tests caption').includes('T-4790')`)
	step("?")
	b.press("?")
	b.until(`$('dialog')?.open`)
	step("")
	b.run(chromedp.Reload())
	b.until(`$$('.row').length > 8`)
	step("")

	b.press("?")
	b.until(`$('dialog')?.open`)
	b.click(".hints-again")
	step("t")
	b.click(".hints .hide")
	step("")
	b.run(chromedp.Reload())
	b.until(`$$('.row').length > 8`)
	step("")
}

// TestBrowserTeachesByTouch: every step can be done by its button alone.
func TestBrowserTeachesByTouch(t *testing.T) {
	f := newFake(t)
	f.company(20)
	b := openBoard(t, f)
	b.size(390, 844)
	b.until(`$('.tabs.bottom') !== null`)
	for _, step := range []string{"t", "a", "1", "Enter"} {
		b.until(`$('.hints')?.dataset.hint === '` + step + `'`)
		if step == "1" {
			b.until(`$$('.candidate').length === 4`)
		}
		if step == "Enter" {
			b.until(chosen)
		}
		b.click(".hints .do")
	}
	b.until(`$('[data-notice=done]') && $('.hints')?.dataset.hint === 'u'`)
	require.LessOrEqual(t, value[int](b, `document.documentElement.scrollWidth - innerWidth`), 0)
	b.click(".hints .do")
	b.until(`text('.notice').includes('taken back')`)
}

// TestBrowserBriefs: what changed since one last asked, in a sentence.
func TestBrowserBriefs(t *testing.T) {
	f := newFake(t)
	f.company(20)
	b := openBoard(t, f)
	b.press("b")
	b.until(`/^Nothing changed since \d\d:\d\d\. 1 late now and 1 without an expert now$/.test(text('[data-live-region=polite]'))`)
	b.press("t", "a", "1")
	b.until(chosen)
	b.press("<Enter>")
	b.until(`$('[data-notice=done]')`)
	b.press("b")
	b.until(`/^Since \d\d:\d\d: 1 assigned(, 1 late now,)? and 1 (late|without an expert) now\.$/.test(text('[data-live-region=polite]'))`)
}

// TestBrowserSwitchesLettersOff: for whom letters are a nuisance they do nothing, also after a reload; arrows, Enter
// and buttons go on.
func TestBrowserSwitchesLettersOff(t *testing.T) {
	f := newFake(t)
	f.company(20)
	b := openBoard(t, f)
	b.press("?")
	b.until(`$('dialog')?.open`)
	b.sound("help")
	b.click(".letters")
	b.press("<Escape>")
	b.until(`$('dialog') === null`)
	b.run(chromedp.Reload())
	b.until(`$$('.row').length > 8`)
	b.click(`.row[data-id=tic_4821]`)
	b.until(`$$('.candidate').length === 4`)
	b.press("j", "a", "w", "?", "d", "2")
	b.press("<ArrowDown>")
	b.until(`$('.row.selected')?.dataset.id === 'tic_4790'`)
	b.press("<ArrowUp>", "<Enter>")
	b.until(`focus()?.getAttribute('role') === 'listbox'`)
	b.press("2", "<ArrowDown>")
	b.until(chosen)
	require.Contains(t, value[string](b, `text('.commit')`), "Ana Ruiz", "2 was heard")
	b.click(`[data-key="?"]`)
	b.until(`$('dialog')?.open`)
	b.click(".letters")
	b.press("<Escape>")
	b.until(`$('dialog') === null`)
	b.press("w")
	b.until(`$('muster-why')`)
}

// TestBrowserScalesTheDay: + and - on the day show fewer and more hours, by key and by button.
func TestBrowserScalesTheDay(t *testing.T) {
	f := newFake(t)
	f.company(120)
	b := openBoard(t, f)
	b.press("t", "d") // before anything of the day is there
	b.until(`focus()?.closest('muster-day')`)
	b.until(`$$('.candidate').length === 4 && $$('.axis .hour').length < 14`) // the scale is theirs
	hours := func() int { return value[int](b, `$$('.axis .hour').length`) }
	usual := hours()
	b.press("+")
	b.until(`$$('.axis .hour').length < ` + strconv.Itoa(usual))
	b.press("-", "-")
	b.until(`$$('.axis .hour').length > ` + strconv.Itoa(usual))
	b.click(`muster-day .bar [aria-label="Larger scale"]`)
	b.until(`$$('.axis .hour').length === ` + strconv.Itoa(usual))
}
