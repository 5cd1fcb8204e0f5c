package web_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/require"

	"github.com/sysopssquad/muster"
)

// chosen says that the ghost is drawn and Enter will send.
const chosen = `$('.commit')?.getAttribute('aria-disabled') === 'false'`

func openBoard(t *testing.T, f *fake) *browser {
	t.Helper()
	b := openBrowser(t, f.URL)
	b.open("/board")
	b.until(`$('[data-live=live]') && $$('.row').length > 0`)
	return b
}

func row(number int) string { return fmt.Sprintf(`$('.row[data-id="tic_%d"]')`, number) }

func TestBrowserAsksWhoYouAre(t *testing.T) {
	f := newFake(t)
	f.company(20)
	f.set(func() { f.me = "" })
	b := openBrowser(t, f.URL)
	b.expect("401")
	b.open("/board")
	b.until(`text('.page-words').includes('Nobody is chosen yet')`)
	b.click(".page-words a")
	b.until(`focus()?.dataset.user === 'usr_dana'`)
	require.Equal(t, []string{"usr_dana", "usr_sam", "usr_pat"}, value[[]string](b, `$$('li button').map(e => e.dataset.user)`))
	b.press("<ArrowDown>", "<ArrowUp>", "<Enter>")
	b.until(`location.pathname === '/board' && $$('.row').length > 0 && text('.me').includes('Dana Kim')`)
}

// TestBrowserAssignsWithFourKeys: done means that the server said so.
func TestBrowserAssignsWithFourKeys(t *testing.T) {
	f := newFake(t)
	f.company(60)
	b := openBoard(t, f)
	hold := make(chan struct{})
	f.set(func() { f.hold = hold })

	b.press("t", "a", "1")
	b.until(chosen)
	require.Contains(t, value[string](b, `text('.commit')`), "Assign to Ana Ruiz, 13:05")
	require.Equal(t, "exp_00", value[string](b, `$('.stop.ghost').closest('.lane').dataset.expert`))
	b.press("<Enter>")
	b.until(`text('.commit') === 'Sending'`)
	require.Equal(t, "queued", value[string](b, row(4821)+`.dataset.state`), "shown as done before the server said so")
	require.NotNil(t, value[any](b, `$('.stop.ghost')?.tagName`), "the ghost is gone before the server answered")
	close(hold)

	b.until(row(4821) + `.dataset.state === 'assigned'`)
	b.until(`$('[data-notice=done]')`)
	require.Contains(t, value[string](b, `text('[data-notice=done]')`), "T-4821 assigned to Ana Ruiz.")
	require.Contains(t, value[string](b, `text('[data-live-region=polite]')`), "T-4821 assigned to Ana Ruiz.")
	b.until(`focus()?.dataset.id === 'tic_4790'`) // the next ticket: a 1 Enter goes on
	b.until(`$$('.stop[data-ticket=tic_4821]').length === 1`)

	f.set(func() { f.hold = nil })
	b.press("u")
	b.until(row(4821) + `.dataset.state === 'queued'`)
	b.until(`text('.notice').includes('taken back')`)
	commands, keys, _ := f.log()
	require.Equal(t, []string{"POST /v1/tickets/tic_4821/assign", "POST /v1/tickets/tic_4821/undo"}, commands)
	requireNoRepeat(t, keys)
}

// TestBrowserTypesAheadOfTheCandidates: 1 typed before the candidates came is kept, Enter is not.
func TestBrowserTypesAheadOfTheCandidates(t *testing.T) {
	f := newFake(t)
	f.company(10)
	b := openBoard(t, f)
	b.run(chromedp.Evaluate(fmt.Sprintf(prelude, `['t', 'a', '1', 'Enter'].forEach(key =>
		(focus() ?? document.body).dispatchEvent(new KeyboardEvent('keydown', {key, bubbles: true, composed: true, cancelable: true})))`), nil))
	b.until(chosen)
	require.Contains(t, value[string](b, `text('.candidate.chosen .name')`), "Ana Ruiz")
	commands, _, _ := f.log()
	require.Empty(t, commands, "Enter was sent before the ghost was drawn")
}

func TestBrowserOffersInstead(t *testing.T) {
	f := newFake(t)
	f.company(10)
	b := openBoard(t, f)
	b.press("t", "o", "2")
	b.until(chosen)
	require.Contains(t, value[string](b, `text('.commit')`), "Offer to Tom Becker, 13:35")
	b.click(".commit")
	b.until(row(4821) + `.dataset.state === 'offered'`)
	require.Regexp(t, `\d:\d\d left`, value[string](b, row(4821)+`.textContent`))
}

// TestBrowserRefusalMovesNothing: the server's sentence is shown, nobody is chosen, a second Enter does nothing.
func TestBrowserRefusalMovesNothing(t *testing.T) {
	f := newFake(t)
	f.company(10)
	b := openBoard(t, f)
	b.expect("409")
	f.set(func() {
		f.refusal = map[string]any{
			"code": "unfit", "detail": "Ana Ruiz can't take T-4821 any more", "hint": "choose another expert",
			"reasons": []muster.Reason{{Code: muster.LevelLow, Text: "Level 2; this needs 3 (Refrigerator repair)."}},
		}
	})
	b.press("t", "a", "1")
	b.until(chosen)
	b.press("<Enter>")
	b.until(`$('[data-notice=refused]')`)
	for _, where := range []string{"[data-notice=refused]", ".refused", "[data-live-region=assertive]"} {
		require.Contains(t, value[string](b, fmt.Sprintf(`text(%q)`, where)), "Ana Ruiz can't take T-4821 any more. Level 2; this needs 3")
	}
	b.press("<Enter>", "<Enter>")
	b.until(`text('.commit') === 'Choose whom to assign'`)
	require.Equal(t, "queued", value[string](b, row(4821)+`.dataset.state`))
	require.Zero(t, value[int](b, `$$('.candidate.chosen, .stop.ghost').length`))
	commands, _, _ := f.log()
	require.Len(t, commands, 1)
}

// TestBrowserNamesWhoWasFirst: a choice that rests on an old revision is not saved, and says whose is.
func TestBrowserNamesWhoWasFirst(t *testing.T) {
	f := newFake(t)
	f.company(10)
	b := openBoard(t, f)
	b.expect("409")
	b.press("t", "a", "1")
	b.until(chosen)
	f.set(func() { f.refusal = map[string]any{"code": "stale", "detail": "tic_4821 is at revision 2, not 1"} })
	theirs := *f.tickets["tic_4821"]
	theirs.Rev, theirs.State = 2, muster.Waiting
	f.put(&theirs, "ticket.waiting")
	b.until(row(4821) + `.dataset.state === 'waiting'`)
	b.press("<Enter>")
	b.until(`$('[data-notice=refused]')`)
	require.Regexp(t, `Sam Ortiz changed T-4821 at \d\d:\d\d:\d\d; it is waiting now\. Yours was not saved\.`, value[string](b, `text('[data-notice=refused]')`))
}

// TestBrowserSendsTheSameAgain: when the reply is lost the same command goes out again, and is done once.
func TestBrowserSendsTheSameAgain(t *testing.T) {
	f := newFake(t)
	f.company(10)
	b := openBoard(t, f)
	b.expect("net::ERR_")
	f.set(func() { f.drop = 1000 }) // Chromium itself sends again once or twice
	b.press("t", "a", "1")
	b.until(chosen)
	b.press("<Enter>")
	b.until(`text('.notice').includes('Sending the same again')`)
	f.set(func() { f.drop = 0 })
	b.until(`$('[data-notice=done]')`)
	_, keys, _ := f.log()
	require.Greater(t, len(keys), 1)
	for _, k := range keys {
		require.Equal(t, keys[0], k)
	}
	require.Equal(t, "2", value[string](b, row(4821)+`.dataset.rev`), "done twice")
}

// TestBrowserNothingMovesUnderTheHand: while focus or pointer is in the list, new rows wait.
func TestBrowserNothingMovesUnderTheHand(t *testing.T) {
	f := newFake(t)
	f.company(40)
	b := openBoard(t, f)
	order := func() []string { return value[[]string](b, `$$('.row').map(e => e.dataset.id).slice(0, 8)`) }
	urgent := func(number int64) {
		t := *f.ticket(number, "Gas smell", func(t *muster.Ticket) {
			t.Priority, t.DueAt = muster.PriorityCritical, f.now.Add(-time.Hour)
		})
		f.put(&t, "ticket.submitted")
	}

	b.run(chromedp.MouseEvent("mouseMoved", 200, 400)) // the pointer is in the list
	before := order()
	urgent(6001)
	b.until(`text('.fresh').startsWith('1 new')`)
	require.Equal(t, before, order())
	b.run(chromedp.MouseEvent("mouseMoved", 700, 20))
	b.until(`$$('.row')[0].dataset.id === 'tic_6001'`)

	b.press("t")
	b.until(`focus()?.dataset.id === 'tic_6001'`)
	b.press("j", "<ArrowDown>")
	b.until(`focus()?.getAttribute('aria-rowindex') === '3'`)
	before = order()
	urgent(6002)
	urgent(6003)
	b.until(`text('.fresh').startsWith('2 new')`)
	require.Equal(t, before, order())
	require.Equal(t, "3", value[string](b, `focus().getAttribute('aria-rowindex')`))
	b.press("t")
	b.until(`focus()?.dataset.id === 'tic_6001' && $$('.row')[1].dataset.id === 'tic_6002' && $('.fresh') === null`)

	b.press("a") // also while the hand is in the candidates
	b.until(`focus()?.closest('muster-candidates')`)
	urgent(6004)
	b.until(`text('.fresh').startsWith('1 new')`)
}

// TestBrowserSaysWhyNot: counted by reason, each with its numbers, one expert by name.
func TestBrowserSaysWhyNot(t *testing.T) {
	f := newFake(t)
	f.company(10)
	b := openBoard(t, f)
	b.press("t", "w")
	b.until(`text('.tests caption') === 'Why 36 of 40 can\'t take T-4821'`)
	counted := value[map[string][]string](b, `Object.fromEntries($$('.tests tbody tr').map(e => [e.dataset.code, [...e.querySelectorAll('td')].slice(0, 2).map(c => c.textContent)]))`)
	var m muster.Match
	f.set(func() { m = *f.matches["tic_4821"] })
	for code, n := range m.Counts {
		require.Equal(t, fmt.Sprint(n), counted[string(code)][0], code)
	}
	only := 0
	for _, x := range m.Excluded {
		if len(x.Reasons) == 1 && x.Reasons[0].Code == muster.LevelLow {
			only++
		}
	}
	require.Equal(t, fmt.Sprint(only), counted["level"][1])
	require.Contains(t, value[string](b, `text('.tests tr[data-code=level]')`), "Level 2; this needs 3", "the nearest miss is the one with the higher level")

	b.click(`.tests tr[data-code=overlap] button`)
	b.until(`$$('.people tbody tr').length === ` + fmt.Sprint(m.Counts[muster.Overlaps]))
	b.click(`.tests tr[data-code=overlap] button`)
	b.click(`muster-why input`)
	b.press("s", "v", "e", "n", " ", "l")
	b.until(`$$('.people tbody tr').length === 2`)
	require.Contains(t, value[string](b, `text('.people tr[data-expert=exp_08]')`), "Has another visit 13:00-14:10; this would be 13:35-14:45.")
	b.press("<Escape>")
	b.until(`$('muster-why') === null && $('muster-day') !== null`)
}

// Where nobody is to be chosen any more nothing is compared, and that is said instead of waiting for it.
func TestBrowserSaysWhyNobodyIsChosen(t *testing.T) {
	f := newFake(t)
	f.company(10)
	f.set(func() {
		c := f.tickets["tic_4821"]
		c.State, c.Visit = muster.Scheduled, &muster.OpenVisit{ID: "vis_1", State: muster.VisitArrived, Start: f.now, End: f.now.Add(time.Hour)}
	})
	b := openBoard(t, f)
	b.click(`.row[data-id=tic_4821]`)
	b.until(`$('.row.selected')?.dataset.id === 'tic_4821'`)
	b.press("w")
	b.until(`text('muster-why .empty').includes('arrived') && text('muster-why .empty') === text('muster-candidates .empty')`)
}

func TestBrowserShowsThatNobodyCan(t *testing.T) {
	f := newFake(t)
	f.company(10)
	b := openBoard(t, f)
	b.press("t", "j")
	b.until(`text('.nobody').includes('Nobody can take this ticket now.')`)
	require.Contains(t, value[string](b, row(4790)+`.textContent`), "no expert")
	require.Regexp(t, `no expert since \w*\.? ?\d\d:\d\d: level`, value[string](b, `text('header.ticket .signs')`))
	require.Contains(t, value[string](b, `text('.against')`), "36 can't: overlap 14, level 12, travel limit 9, and shift 7. Nearest,")
}

// TestBrowserCountsWhomRoundsFoundNobodyFor: the sign is the server's, of tickets that nobody has opened here; it goes
// with the next revision that lacks it, and gives way to what was just compared.
func TestBrowserCountsWhomRoundsFoundNobodyFor(t *testing.T) {
	f := newFake(t)
	f.company(10)
	b := openBoard(t, f)
	require.Equal(t, "1", value[string](b, `text('[data-token="is:none"] b')`))
	old := *f.ticket(5001, "Boiler cold", func(t *muster.Ticket) { t.QueuedAt = f.now.Add(-9 * time.Hour) })
	f.put(&old, "ticket.submitted")
	b.until(row(5001))
	require.NotContains(t, value[string](b, row(5001)+`.textContent`), "no expert", "a long wait alone says nothing")
	none := old
	none.Rev, none.NoExpert = 2, &muster.NoExpert{Since: f.now, At: f.now, Main: muster.NoSkill}
	f.put(&none, "ticket.no_expert")
	b.until(row(5001) + `.textContent.includes('no expert') && text('[data-token="is:none"] b') === '2'`)
	found := none
	found.Rev, found.NoExpert = 3, nil
	f.put(&found, "ticket.changed")
	b.until(`!` + row(5001) + `.textContent.includes('no expert') && text('[data-token="is:none"] b') === '1'`)
}

// TestBrowserLetsOthersLook: who is no dispatcher sees everything, is told why not, and sends nothing.
func TestBrowserLetsOthersLook(t *testing.T) {
	f := newFake(t)
	f.company(10)
	f.set(func() { f.me = "usr_pat" })
	b := openBoard(t, f)
	b.until(`text('.banner') === 'The board is for dispatchers; you are Pat Moore, helpdesk.'`)
	b.press("t", "a", "1")
	b.until(`text('.commit').includes('Ana Ruiz')`)
	require.Equal(t, "true", value[string](b, `$('.commit').getAttribute('aria-disabled')`))
	b.press("<Enter>")
	b.click(".commit")
	commands, _, _ := f.log()
	require.Empty(t, commands)
}

// TestBrowserKeepsItsPlace: filter and selection are in the address, and there again after a reload.
func TestBrowserKeepsItsPlace(t *testing.T) {
	f := newFake(t)
	f.company(120)
	b := openBoard(t, f)
	b.press("f")
	b.until(`focus()?.classList.contains('search')`)
	b.press("f", "r", "e", "e", "z", "e", "r")
	b.until(`$('.search').value === 'freezer' && $$('.row').length > 8 && $$('.row').every(e => /freezer/i.test(e.textContent))`)
	b.press("<Escape>")
	b.until(`$('.search').value === ''`)
	b.click(`[data-token="is:none"]`)
	b.click(`.states [data-token="state:queued"]`)
	b.until(`$('.search').value === 'is:none state:queued'`)
	b.until(`$$('.row').length === 1`)
	b.press("t")
	b.until(`location.search === '?q=is:none+state:queued&sel=T-4790'`)
	b.run(chromedp.Reload())
	b.until(`$$('.row').length === 1 && $('.row.selected')?.dataset.id === 'tic_4790' && $('.search').value === 'is:none state:queued'`)
	b.press("f")
	b.until(`focus()?.classList.contains('search')`)
	b.press("x", "x", "x")
	b.until(`text('.list .empty').includes('No open ticket matches.')`)
	b.click(".list .empty button")
	b.until(`$$('.row').length > 8 && $('.search').value === ''`)
}

// TestBrowserHoldsManyTickets: of ten thousand rows at most sixty are in the page.
func TestBrowserHoldsManyTickets(t *testing.T) {
	f := newFake(t)
	f.company(10_000)
	b := openBoard(t, f)
	b.until(`text('.counts .total') === '10,002 open'`)
	b.press("t", "<End>")
	b.until(`focus()?.getAttribute('aria-rowindex') === '10002'`)
	require.LessOrEqual(t, value[int](b, `$$('.row').length`), 62)
	b.press("<Home>")
	b.until(`focus()?.getAttribute('aria-rowindex') === '1'`)
	require.Equal(t, "10002", value[string](b, `$('[role=grid]').getAttribute('aria-rowcount')`))
	require.Equal(t, 1, value[int](b, `$$('muster-tickets [tabindex="0"]').length`), "one Tab stop")
}

// TestBrowserSaysWhatFailed: a board that can't load says so in the server's words, and tries again on demand.
func TestBrowserSaysWhatFailed(t *testing.T) {
	f := newFake(t)
	f.company(10)
	f.set(func() { f.broken = true })
	b := openBrowser(t, f.URL)
	b.expect(fmt.Sprint(http.StatusServiceUnavailable))
	b.open("/board")
	b.until(`text('[role=alert]').startsWith('Muster The board did not load: The graph gave no answer in 5 s. Nothing was changed.')`)
	f.set(func() { f.broken = false })
	b.click("[role=alert] button")
	b.until(`$$('.row').length > 8`)
}

// TestBrowserReadsTheDay: stops are read out in words, reached by arrows, and open their ticket.
func TestBrowserReadsTheDay(t *testing.T) {
	f := newFake(t)
	f.company(120)
	b := openBoard(t, f)
	b.press("t")
	b.until(`$$('.candidate').length === 4`)
	require.Equal(t, []string{"exp_00", "exp_01", "exp_02", "exp_03"}, value[[]string](b, `$$('.lane.can').map(e => e.dataset.expert)`), "candidates first, in their order")
	b.press("d")
	b.until(`focus()?.getAttribute('aria-label') === 'Ana Ruiz, ' + $$('.lane')[0].querySelectorAll('.stop').length + ' visits, candidate 1'`)
	b.press("<ArrowRight>")
	b.until(`focus()?.classList.contains('stop')`)
	label := value[string](b, `focus().getAttribute('aria-label')`)
	require.Regexp(t, `^T-\d+, [a-z ]+, \d\d:\d\d-\d\d:\d\d, travel \d+ min$`, label)
	b.press("<Enter>")
	number, _, _ := strings.Cut(strings.TrimPrefix(label, "T-"), ",")
	b.until(`$('.row.selected')?.dataset.id === 'tic_` + number + `'`)
}

// TestBrowserHitsWhatWasAimedAt: while two hundred tickets change a second, every click chooses the row that
// was under the pointer.
func TestBrowserHitsWhatWasAimedAt(t *testing.T) {
	f := newFake(t)
	f.company(300)
	b := openBoard(t, f)
	b.run(chromedp.MouseEvent("mouseMoved", 200, 400))
	stop, stopped := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(stopped)
		tick := time.NewTicker(5 * time.Millisecond)
		defer tick.Stop()
		for n := 0; ; n++ {
			select {
			case <-stop:
				return
			case <-tick.C:
			}
			f.mu.Lock()
			ticket := *f.tickets[muster.TicketID(fmt.Sprintf("tic_%d", 4000+n%300))]
			f.mu.Unlock()
			ticket.Rev++
			ticket.Priority = []muster.Priority{muster.PriorityCritical, muster.PriorityHigh, muster.PriorityLow}[n%3]
			f.put(&ticket, "ticket.changed")
		}
	}()
	for n := range 40 {
		y := 300 + float64(n*137%500)
		aimed := value[string](b, fmt.Sprintf(`root.elementFromPoint(200, %f).closest('.row').dataset.id`, y))
		b.run(chromedp.MouseClickXY(200, y))
		require.Equal(t, aimed, value[string](b, `focus()?.dataset.id`), "click %d", n)
	}
	close(stop)
	<-stopped
}
