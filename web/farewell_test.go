package web_test

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// TestBrowserTakesAnExpertOff: with a reason, which survives Esc and a refusal.
func TestBrowserTakesAnExpertOff(t *testing.T) {
	f := newFake(t)
	f.company(20)
	b := openBoard(t, f)
	b.expect("409")
	b.press("t", "q")
	b.until(`text('.notice') === 'T-4821 is queued: there is no expert to take off.'`)
	b.click(`.row[data-id=tic_4012]`)
	b.until(`$('.row.selected')?.dataset.id === 'tic_4012'`)
	b.press("q")
	b.until(`focus()?.id === 'farewell-why' && text('#farewell-title') === 'Take Ivan Petrov off T-4012?'`)
	b.shoot("1440-farewell")
	b.sound("farewell")
	b.click(".farewell .main")
	b.until(`text('#farewell-no') === 'Say why: it is kept in the history.'`)
	b.press("i", "l", "l", "<Escape>")
	b.until(`$('dialog') === null`)
	b.until(`focus()?.dataset.id === 'tic_4012'`)
	b.press("q")
	b.until(`$('#farewell-why')?.value === 'ill'`)
	f.set(func() { f.refusal = map[string]any{"code": "wrong_state", "detail": "T-4012 is under way"} })
	b.click(".farewell .main")
	b.until(`text('#farewell-no') === 'T-4012 is under way.' && $('#farewell-why').value === 'ill'`)
	f.set(func() { f.refusal = nil })
	b.click(".farewell .main")
	b.until(row(4012) + `.dataset.state === 'queued' && $('dialog') === null`)
	b.until(`text('.notice').includes('Ivan Petrov is off T-4012; it is queued again.')`)
	require.Zero(t, value[int](b, `$$('[data-key=u]').length`), "there is no way back for this")
	var last map[string]any
	f.set(func() { last = f.bodies[len(f.bodies)-1] })
	require.Equal(t, map[string]any{"reason": "ill"}, last)
}

// TestBrowserCancels: a cancelled ticket leaves the list when the server has said so.
func TestBrowserCancels(t *testing.T) {
	f := newFake(t)
	f.company(20)
	b := openBoard(t, f)
	b.press("t")
	b.until(`$('.row.selected')?.dataset.id === 'tic_4821'`)
	b.press(".")
	b.until(`focus()?.getAttribute('role') === 'combobox'`)
	b.press("c", "a", "n", "c", "e", "l", "<Enter>")
	b.until(`text('#farewell-title') === 'Cancel T-4821?'`)
	hold := make(chan struct{})
	f.set(func() { f.hold = hold })
	b.press("t", "w", "i", "c", "e")
	b.click(".farewell .main")
	b.until(`text('.farewell .main') === 'Sending'`)
	require.NotNil(t, value[any](b, row(4821)+`?.dataset.id`))
	close(hold)
	b.until(`$('dialog') === null`)
	b.until(`text('.notice').includes('T-4821 cancelled.') && text('.counts .total') === '21 open'`)
	b.press("t") // gone with the next look
	b.until(row(4821) + ` === null`)
}
