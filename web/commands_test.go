package web_test

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// TestBrowserDoesByName: everything can be found by name: what concerns the chosen ticket first, then tickets.
func TestBrowserDoesByName(t *testing.T) {
	f := newFake(t)
	f.company(60)
	b := openBoard(t, f)
	b.press("t")
	b.until(`$$('.candidate').length === 4`)
	b.press(".")
	b.until(`focus()?.getAttribute('role') === 'combobox'`)
	require.Equal(t, "choose the best: Ana Ruiza 1", value[string](b, `text('.command.on')`))
	require.Equal(t, "For T-4821 Refrigerator warm, freezer fine", value[string](b, `text('.commands h3')`))
	b.shoot("1440-commands")
	b.sound("commands")
	b.press("<Enter>")
	b.until(`text('.commit').includes('Ana Ruiz') && $('dialog') === null`)

	b.press(".")
	b.until(`focus()?.getAttribute('role') === 'combobox'`)
	b.press("o", "t", "h", "e", "r", "s")
	b.until(`$$('.command').length === 1`)
	b.press("<Enter>")
	b.until(`$('muster-why')`)
	b.press("<Escape>")

	b.click(`[data-key="."]`)
	b.until(`focus()?.getAttribute('role') === 'combobox'`)
	b.press("d", "r", "y", "e", "r")
	b.until(`$$('.command').length > 2 && $$('.command .words').every(e => /dryer/i.test(e.textContent))`)
	b.press("<ArrowDown>", "<ArrowDown>", "<ArrowUp>")
	second := value[string](b, `$$('.command')[1].id.replace('command-', '')`)
	b.until(`$$('.command')[1].classList.contains('on')`)
	b.press("<Enter>")
	b.until(`focus()?.dataset.id === '` + second + `'`)

	b.press(".")
	b.until(`focus()?.getAttribute('role') === 'combobox'`)
	b.press("x", "q")
	b.until(`text('.commands .empty') === 'Nothing called "xq".'`)
	b.press("<Escape>")
	b.until(`$('dialog') === null`)
	commands, _, _ := f.log()
	require.Empty(t, commands)
}
