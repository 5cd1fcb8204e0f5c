package web_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/demo"
	"github.com/sysopssquad/muster/dispatch"
	"github.com/sysopssquad/muster/graph/sqlite"
)

// TestBrowserDemoCompany shows the demo company at noon of a working day, its tours under way, and assigns
// its most urgent ticket with four keys. With MUSTER_SHOTS=../docs/img it makes the picture of the README.
func TestBrowserDemoCompany(t *testing.T) {
	morning := time.Date(2026, 11, 20, 11, 0, 0, 0, time.UTC) // 6:00 in Boston
	s := &shop{t: t, clock: muster.NewFakeClock(morning), still: true}
	company, err := demo.Generate(demo.Options{Seed: 1, Now: morning})
	require.NoError(t, err)
	company.Policy.RoundEvery = 24 * 60 // from here on people choose
	s.open(func(d *dispatch.Dispatch, store *sqlite.Store) {
		require.NoError(t, company.Load(t.Context(), d))
		report, err := d.AssignAll(t.Context())
		require.NoError(t, err)
		require.Positive(t, report.Assigned)
		s.clock.Set(morning.Add(6 * time.Hour))
		s.live(d, store)
		s.calls(d, company)
	})

	b := s.openRealBoard()
	b.until(`$$('.row').length > 8 && $$('.stop').length > 8`)
	b.press("t")
	b.until(`$$('.candidate').length > 0 && text('.row.selected').includes('Refrigerator warm') && text('.row.selected').includes('late 25m')`)
	b.press("a", "1")
	b.until(chosen)
	b.until(`$$('.lane').every(e => /\S.*\//.test(e.querySelector('.name').textContent))`)
	b.shoot("board")
	id := value[string](b, `$('.row.selected').dataset.id`)
	b.press("<Enter>")
	b.until(`$('[data-notice=done]') && $('.row[data-id="` + id + `"]')?.dataset.state === 'assigned'`)

	// Tickets that nobody can take say why, with numbers.
	b.press("f")
	b.until(`focus()?.classList.contains('search')`)
	b.press("i", "s", ":", "n", "o", "n", "e")
	b.until(`$$('.row').length > 0 && $$('.row').every(e => e.textContent.includes('no expert'))`)
	b.click(`.row`)
	b.until(`text('.nobody').includes('Nobody can take this ticket now.')`)
	require.Regexp(t, `\d+ can't: .*\d.*Nearest, `, value[string](b, `text('.against')`))
}

// calls are tickets that have just been queued; the first, a warm refrigerator, should have been seen to by now.
func (s *shop) calls(d *dispatch.Dispatch, company *demo.Company) {
	s.t.Helper()
	var rows []dispatch.Intake
	for _, x := range slices.Backward(company.Tickets) { // those that nobody can take come first
		q := x.Submit
		cold := strings.HasPrefix(q.Title, "Refrigerator warm")
		if len(q.Needs) == 0 || q.Mode != muster.ModeHomeVisit || q.Crew > 1 || len(rows) == 0 && !cold || len(rows) == 12 {
			continue
		}
		q.Windows, q.Legacy, q.Priority = nil, "", muster.PriorityHigh
		at := s.clock.Now().Add(-time.Hour)
		if len(rows) == 0 {
			q.Priority, at = muster.PriorityCritical, s.clock.Now().Add(-4*time.Hour-25*time.Minute)
		}
		rows = append(rows, dispatch.Intake{
			Command: muster.Command{ID: muster.CommandID(fmt.Sprintf("cmd_call%d", len(rows))), Actor: muster.System("test")}, Submit: q, At: at,
		})
	}
	results, err := d.Import(s.t.Context(), rows)
	require.NoError(s.t, err)
	require.Len(s.t, results, 12)
	for _, r := range results {
		require.NoError(s.t, r.Err)
	}
}

// live brings the visits of the day to where they are at the present moment.
func (s *shop) live(d *dispatch.Dispatch, store *sqlite.Store) {
	s.t.Helper()
	ctx, now := s.t.Context(), s.clock.Now()
	tours, err := store.Tours(ctx, muster.Scope{Everything: true}, nil, muster.Window{Start: now.Add(-6 * time.Hour), End: now.Add(time.Hour)})
	require.NoError(s.t, err)
	require.NotEmpty(s.t, tours)
	as := func(step string, v muster.VisitID) muster.Command {
		return muster.Command{ID: muster.CommandID("cmd_" + step + string(v)), Actor: muster.Actor{ID: "usr_dana", Role: muster.RoleDispatcher, Name: "Dana"}}
	}
	for _, tour := range tours {
		for _, stop := range slices.Clone(tour.Stops) {
			v := dispatch.VisitRequest{Visit: stop.Visit}
			if stop.Depart.After(now) {
				continue
			}
			_, err := d.Depart(ctx, as("depart", stop.Visit), v)
			require.NoError(s.t, err)
			if stop.Start.After(now) {
				continue
			}
			_, err = d.Arrive(ctx, as("arrive", stop.Visit), v)
			require.NoError(s.t, err)
			_, err = d.Start(ctx, as("start", stop.Visit), v)
			require.NoError(s.t, err)
			if stop.End.After(now) {
				continue
			}
			_, err = d.End(ctx, as("end", stop.Visit), dispatch.EndRequest{Visit: stop.Visit, Outcome: muster.Fixed})
			require.NoError(s.t, err)
		}
	}
}
