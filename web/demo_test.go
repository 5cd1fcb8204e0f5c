package web_test

import (
	"net/http"
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
	s := &shop{t: t, clock: muster.NewFakeClock(morning)}
	company, err := demo.Generate(demo.Options{Seed: 1, Now: morning})
	require.NoError(t, err)
	s.open(func(d *dispatch.Dispatch, store *sqlite.Store) {
		require.NoError(t, company.Load(t.Context(), d))
		report, err := d.AssignAll(t.Context())
		require.NoError(t, err)
		require.Positive(t, report.Assigned)
		s.clock.Set(morning.Add(6 * time.Hour))
		s.live(d, store)
	})
	last := muster.TicketID("")
	for _, x := range company.Tickets { // the last hour's calls
		if len(x.Submit.Needs) > 0 && x.Customer != nil && x.Submit.Crew < 2 && x.Submit.Priority == muster.PriorityNormal {
			var a struct{ ID muster.TicketID }
			s.as("usr_hollis", "POST", "/v1/tickets", map[string]any{
				"customer": x.Submit.Customer, "site": x.Submit.Site, "title": x.Submit.Title, "text": x.Submit.Text,
				"needs": x.Submit.Needs, "duration_min": x.Submit.Duration, "priority": muster.PriorityHigh,
			}, http.StatusCreated, &a)
			if last = a.ID; strings.Contains(x.Submit.Title, "Refrigerator") {
				break
			}
		}
	}

	b := s.openRealBoard()
	b.until(`$$('.row').length > 8 && $$('.stop').length > 8`)
	b.press("t")
	b.until(`$$('.candidate').length > 0 && $('.row.selected')?.dataset.state === 'queued'`)
	b.press("a", "1")
	b.until(chosen)
	b.shoot("board")
	id := value[string](b, `$('.row.selected').dataset.id`)
	b.press("<Enter>")
	b.until(`$('[data-notice=done]') && $('.row[data-id="` + id + `"]')?.dataset.state === 'assigned'`)
	require.NotEmpty(t, last)

	// Tickets that nobody can take say why, with numbers.
	b.press("f", "i", "s", ":", "n", "o", "n", "e")
	b.click(`muster-tickets .row`)
	b.until(`text('.nobody').includes('Nobody can take this ticket now.')`)
	require.Regexp(t, `\d+ can't: .*\d.*Nearest, `, value[string](b, `text('.against')`))
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
