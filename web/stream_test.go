package web_test

import (
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/require"

	"github.com/sysopssquad/muster"
)

// TestBrowserIsLive: what others do is seen without a reload, and an older revision is not.
func TestBrowserIsLive(t *testing.T) {
	f := newFake(t)
	f.company(10)
	b := openBoard(t, f)
	b.run(chromedp.Evaluate(`window.notReloaded = true`, nil))
	t1 := *f.ticket(5001, "Boiler cold", nil)
	f.set(func() { delete(f.tickets, t1.ID) })
	f.put(&t1, "ticket.submitted")
	b.until(row(5001) + `?.dataset.state === 'queued'`)
	t2 := t1
	t2.Rev, t2.State = 2, muster.Scheduled
	t2.Visit = &muster.OpenVisit{ID: "vis_5001", State: muster.VisitOffered, Experts: []muster.ExpertID{"exp_07"}, Start: f.now, End: f.now.Add(time.Hour), Deadline: f.now.Add(10 * time.Minute)}
	f.put(&t2, "ticket.offered")
	b.until(row(5001) + `?.dataset.state === 'offered'`)
	b.until(row(5001) + `.textContent.includes('Nia Okafor')`)
	t3 := t2
	t3.Rev, t3.Visit = 3, &muster.OpenVisit{ID: "vis_5001", State: muster.VisitAssigned, Experts: t2.Visit.Experts, Start: f.now, End: f.now.Add(time.Hour)}
	f.put(&t3, "ticket.accepted")
	f.put(&t2, "ticket.offered") // comes late
	b.until(row(5001) + `?.dataset.state === 'assigned' && ` + row(5001) + `.dataset.rev === '3'`)
	t4 := t3
	t4.Rev, t4.State, t4.Visit = 4, muster.Resolved, nil
	f.put(&t4, "ticket.resolved")
	b.until(row(5001) + ` === null`)
	require.True(t, value[bool](b, `window.notReloaded`))
}

// TestBrowserResumes: after a cut the stream goes on behind the last number; where that is gone, a snapshot
// makes up for it.
func TestBrowserResumes(t *testing.T) {
	f := newFake(t)
	f.company(10)
	b := openBoard(t, f)
	b.expect("net::ERR_")
	b.expect("503")
	first := *f.ticket(5001, "Boiler cold", nil)
	f.put(&first, "ticket.submitted")
	b.until(row(5001))

	f.cut(true)
	b.until(`$('[data-live=stale]')`)
	require.Regexp(t, `Live stopped at \d\d:\d\d:\d\d\. This is the board as it was\. Next try in \d+ s\.`, value[string](b, `text('.notice.stale')`))
	missed := *f.ticket(5002, "Boiler loud", nil)
	f.put(&missed, "ticket.submitted")
	f.cut(false)
	b.click(".notice.stale button")
	b.until(`$('[data-live=live]') && ` + row(5002))
	_, _, resumed := f.log()
	require.Equal(t, "1", resumed[len(resumed)-1])

	f.cut(true)
	b.until(`$('[data-live=stale]')`)
	gone := missed
	gone.Rev, gone.State = 2, muster.Cancelled
	f.put(&gone, "ticket.cancelled")
	f.set(func() { f.floor = 100 })
	f.cut(false)
	b.until(`$('[data-live=live]') && ` + row(5002) + ` === null && ` + row(5001))
}

// TestBrowserKnowsSilenceFromQuiet: without a heartbeat for twelve seconds the board says that it may be old.
func TestBrowserKnowsSilenceFromQuiet(t *testing.T) {
	f := newFake(t)
	f.company(10)
	f.set(func() { f.mute = true })
	b := openBoard(t, f)
	b.expect("503")
	f.set(func() { f.broken = true })
	b.until(`$('[data-live=stale]')`)
}

// TestBrowserKeepsATicketThatMovesWhileTheListIsRead: a list is read page by page, and a ticket that changes its place
// meanwhile may be on none of the pages. What an event told while they were read outweighs that they lack it.
func TestBrowserKeepsATicketThatMovesWhileTheListIsRead(t *testing.T) {
	f := newFake(t)
	f.company(10)
	moved, closed := *f.ticket(5001, "Boiler cold", nil), *f.ticket(5002, "Boiler loud", nil)
	b := openBoard(t, f)
	b.expect("net::ERR_")
	b.expect("503")
	f.put(&moved, "ticket.submitted") // an event, so that the board has a number to resume from
	b.until(`document.querySelector('muster-board').hub.last === '1' && ` + row(5001) + ` && ` + row(5002))

	f.cut(true)
	b.until(`$('[data-live=stale]')`)
	read := make(chan struct{})
	f.set(func() {
		f.floor = 100 // the events since are gone: the list is read anew
		f.lists = read
		f.unread = moved.ID
		delete(f.tickets, closed.ID)
	})
	f.cut(false)
	b.click(".notice.stale button")
	b.until(`document.querySelector('muster-board').hub.store.swapping`)
	moved.Rev, moved.Priority = 2, muster.PriorityCritical
	f.put(&moved, "ticket.changed")
	b.until(row(5001) + `?.dataset.rev === '2'`)
	close(read)
	b.until(`$('[data-live=live]') && ` + row(5002) + ` === null`)
	b.until(row(5001) + `?.dataset.rev === '2'`)
}
