package web_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sysopssquad/muster"
)

// TestBrowserAssignsAtAnotherStart: to the right are a candidate's costs, then the next start; what Enter sends is
// the start that was chosen.
func TestBrowserAssignsAtAnotherStart(t *testing.T) {
	f := newFake(t)
	f.company(20)
	b := openBoard(t, f)
	b.press("t", "a", "1")
	b.until(chosen)
	b.press("<ArrowRight>")
	b.until(`$$('.candidate.chosen .starts .at').length === 3`)
	require.Contains(t, value[string](b, `text('.candidate.chosen .costs')`), "22 min on the road more than without this visit.")
	require.Equal(t, "13:05", value[string](b, `text('.starts .at.on span')`), "the cheapest comes first")

	b.press("<ArrowRight>")
	b.until(`text('.commit').includes('Assign to Ana Ruiz, 15:05') && ` + chosen)
	require.Equal(t, "44 min lost", value[string](b, `text('.candidate.chosen .cost')`))
	require.Equal(t, "Ana Ruiz: starts 15:05, 44 min lost.", value[string](b, `text('[data-live-region=polite]')`))
	require.Equal(t, 1, value[int](b, `$$('.stop.ghost').length`))
	require.Contains(t, value[string](b, `$('.stop.ghost').getAttribute('aria-label')`), "15:05")
	b.shoot("1440-starts")
	b.sound("starts")

	b.press("<ArrowRight>")
	b.until(`/Assign to Ana Ruiz, \w\w\w 13:05/.test(text('.commit'))`) // tomorrow
	b.press("<ArrowRight>", "<ArrowLeft>")
	b.until(`text('.commit').includes('Assign to Ana Ruiz, 15:05') && ` + chosen)
	b.press("<Enter>")
	b.until(`$('[data-notice=done]')`)
	var c muster.Candidate
	var sent map[string]any
	f.set(func() { c, sent = f.matches["tic_4821"].Candidates[0], f.bodies[0] })
	require.Equal(t, "exp_00", sent["expert"])
	require.Equal(t, c.Start.Add(2*time.Hour).Format(time.RFC3339), sent["start"])
}

// TestBrowserChoosesAStartByClick: the same without a keyboard; the way back is the cheapest start.
func TestBrowserChoosesAStartByClick(t *testing.T) {
	f := newFake(t)
	f.company(20)
	b := openBoard(t, f)
	b.press("t")
	b.until(`$$('.candidate').length === 4`)
	b.click(`#cand-1 .unfold`)
	b.until(`$$('#cand-1 .starts .at').length === 3`)
	require.Zero(t, value[int](b, `$$('.candidate.chosen').length`), "to look is not to choose")
	b.click(`#cand-1 .at:nth-child(2)`)
	b.until(`text('.commit').includes('Assign to Tom Becker, 15:35') && ` + chosen)
	b.press("<Escape>")
	b.until(`$$('.candidate.chosen').length === 0 && text('#cand-1 .start').includes('13:35')`)
	b.click(`#cand-1 .unfold`)
	b.until(`$('.starts') === null`)
}

// TestBrowserBringsACrewTogether: both start together, at the later one's start; where the other can't, the reason is
// shown and the server looks for their first common start.
func TestBrowserBringsACrewTogether(t *testing.T) {
	f := newFake(t)
	f.company(20)
	f.set(func() { f.tickets["tic_4821"].Crew = 2 })
	b := openBoard(t, f)
	b.press("t", "a", "1")
	b.until(`text('.commit') === 'With Ana Ruiz: choose the second of the crew'`)
	b.press("<Enter>", "2")
	b.until(`text('.commit').includes('Assign to Ana Ruiz and Tom Becker, 13:35') && ` + chosen)
	require.Equal(t, 2, value[int](b, `$$('.stop.ghost').length`), "each has a ghost")
	require.Contains(t, value[string](b, `text('#cand-0 .start')`), "13:35", "Ana waits for Tom")
	b.shoot("1440-crew")

	f.set(func() {
		f.apart["exp_01"] = muster.Reason{Code: muster.OffShift, Text: "Shift ends 12:30; the work would end 14:05."}
	})
	b.press("2", "<Escape>", "2")
	b.until(`text('.commit').startsWith('With Tom Becker')`)
	b.press("1", "<ArrowRight>")
	b.until(`$$('#cand-0 .at').length === 3`)
	b.press("<ArrowRight>")
	b.until(`text('.apart') === "Tom Becker can't start with the other then. Shift ends 12:30; the work would end 14:05."`)
	require.Contains(t, value[string](b, `text('.commit')`), "Assign to Tom Becker and Ana Ruiz, at their first common start")
	b.until(chosen)
	b.press("<Enter>")
	b.until(row(4821) + `.dataset.state === 'assigned'`)
	var sent []map[string]any
	f.set(func() { sent = f.bodies })
	require.Equal(t, []map[string]any{{"expert": "exp_01", "second": "exp_00"}}, sent)
}

// TestBrowserGivesACrewOfTwo: a ticket for two is assigned by keyboard, for real: both get the visit on their tours at
// one start.
func TestBrowserGivesACrewOfTwo(t *testing.T) {
	s := openShop(t)
	var a struct{ ID muster.TicketID }
	s.as("usr_dana", "POST", "/v1/tickets", map[string]any{
		"customer": s.ruth, "site": s.site, "title": "Walk-in freezer to lift", "duration_min": 60, "crew": 2,
		"needs": []muster.Need{{Skill: "skl_refrigerator-repair", Level: 3}},
	}, http.StatusCreated, &a)
	b := s.openRealBoard()
	b.until(rowOf(a.ID) + `?.dataset.state === 'queued'`)
	b.press("t", "a", "1")
	b.until(`text('.commit').includes('choose the second of the crew')`)
	b.press("2")
	b.until(chosen)
	require.Equal(t, 2, value[int](b, `$$('.stop.ghost').length`))
	require.Regexp(t, `Assign to (Ana Ruiz and Tom Becker|Tom Becker and Ana Ruiz), `, value[string](b, `text('.commit')`))
	b.press("<Enter>")
	b.until(rowOf(a.ID) + `?.dataset.state === 'assigned'`)
	b.until(rowOf(a.ID) + `.textContent.includes('Ana Ruiz') && ` + rowOf(a.ID) + `.textContent.includes('Tom Becker')`)
	b.until(`$$('.stop[data-ticket="` + string(a.ID) + `"]').length === 2`)
	var given struct{ Items []muster.Assignment }
	s.as("usr_dana", "GET", "/v1/tickets/"+string(a.ID)+"/assignments", nil, http.StatusOK, &given)
	require.Len(t, given.Items, 2)
	require.Equal(t, given.Items[0].Start, given.Items[1].Start)
	require.NotEqual(t, given.Items[0].Expert, given.Items[1].Expert)

	b.press("u") // and both are free again
	b.until(rowOf(a.ID) + `?.dataset.state === 'queued'`)
	b.until(`$$('.stop[data-ticket="` + string(a.ID) + `"]').length === 0`)
}

// TestBrowserAssignsAtAnotherStartForReal: the starts are the server's, and it takes each of them.
func TestBrowserAssignsAtAnotherStartForReal(t *testing.T) {
	s := openShop(t)
	id := s.submit("Freezer warm", "skl_refrigerator-repair", muster.PriorityNormal)
	b := s.openRealBoard()
	b.until(rowOf(id) + `?.dataset.state === 'queued'`)
	b.press("t", "a", "1")
	b.until(chosen)
	b.press("<ArrowRight>")
	b.until(`$$('.candidate.chosen .starts .at').length > 2`)
	b.press("<ArrowRight>", "<ArrowRight>")
	b.until(chosen + ` && $$('.starts .at').findIndex(e => e.classList.contains('on')) === 2`)
	start := value[string](b, `$('.starts .at.on').dataset.start`)
	b.press("<Enter>")
	b.until(rowOf(id) + `?.dataset.state === 'assigned'`)
	var answer struct {
		Ticket struct{ Visit struct{ Start string } }
	}
	s.as("usr_dana", "GET", "/v1/tickets/"+string(id), nil, http.StatusOK, &answer)
	require.Equal(t, start, answer.Ticket.Visit.Start)

	// Ana is ill: she is taken off, and as nobody is needed any more the ticket is cancelled.
	b.click(rowSelector(id))
	b.until(`$('.row.selected')?.dataset.id === '` + string(id) + `'`)
	b.press("q")
	b.until(`focus()?.id === 'farewell-why'`)
	b.press("i", "l", "l")
	b.click(".farewell .main")
	b.until(`$('dialog') === null && ` + rowOf(id) + `?.dataset.state === 'queued'`)
	b.press("x")
	b.until(`focus()?.id === 'farewell-why'`)
	b.press("s", "o", "l", "d")
	b.click(".farewell .main")
	b.until(`$('dialog') === null && text('.counts .total') === '0 open'`)
	var history struct {
		Items []struct {
			Name  string
			Actor muster.Actor
		}
	}
	s.as("usr_dana", "GET", "/v1/tickets/"+string(id)+"/history", nil, http.StatusOK, &history)
	last := history.Items[len(history.Items)-1]
	require.Equal(t, "ticket.cancelled", last.Name)
	require.Equal(t, "Dana Kim", last.Actor.Name)
}
