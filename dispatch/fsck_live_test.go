package dispatch_test

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/dispatch"
	"github.com/sysopssquad/muster/graph"
)

// What follows from other things is repaired, by commands with events of their own; what doesn't is left to people.
func TestVolumeFsckRepairsWhatFollows(t *testing.T) { onBothStores(t, repairsWhatFollows) }

func repairsWhatFollows(c *company, raw raw) {
	li := c.expert("li", 3)
	given := func(e muster.Expert) (graph.TicketCase, *muster.Tour) {
		a := c.assign(c.submit().ID, e.ID)
		tours := c.tours()
		return c.load(a.Ticket.ID), tours[slices.IndexFunc(tours, func(t *muster.Tour) bool { return t.ID == a.Assignments[0].Tour })]
	}
	untimed := c.submit().ID
	raw(`UPDATE ticket SET next_at = NULL WHERE "id" = ?`, "MATCH (t:Ticket {id: $id}) REMOVE t._next_at", string(untimed))

	k, _ := given(li)
	k.Ticket.Visit = nil // the brief
	c.spoil(nil, nil, []muster.Root{&k.Ticket})

	k, _ = given(li)
	key := muster.Claim{Key: muster.PlaceKey(k.Visits[0].ID, 0), Owner: string(k.Assignments[0].ID)}
	c.spoil([]muster.Claim{{Key: key.Key, Owner: "asg_gone"}}, []muster.Claim{key}, []muster.Root{&k.Ticket})

	k, tour := given(li)
	left := tour.Stops[slices.IndexFunc(tour.Stops, func(s muster.Stop) bool { return s.Ticket == k.Ticket.ID })]
	_, err := c.dispatch.Unassign(c.ctx, c.as(dispatcher), dispatch.TicketRequest{Ticket: k.Ticket.ID, Reason: "because"})
	require.NoError(c, err)
	tour = c.tours()[0]
	tour.Stops = append(tour.Stops, left)
	c.spoil(nil, nil, []muster.Root{tour})

	_, tour = given(c.expert("ana", 4))
	stray := tour.Stops[0]
	stray.Visit, stray.Assignment = "vis_gone", "asg_gone" // of which no ticket knows
	tour.Stops = append(tour.Stops, stray)
	c.spoil(nil, nil, []muster.Root{tour})

	report, err := c.dispatch.FsckWith(c.ctx, c.store, dispatch.FsckOptions{Repair: true})
	require.NoError(c, err)
	seen := make(map[string]bool)
	for _, b := range report.Breaches {
		require.True(c, b.Repaired, "%+v", b)
		seen[b.Invariant] = true
	}
	require.Equal(c, map[string]bool{"I2": true, "I4": true, "I6": true}, seen, "%+v", report.Breaches)
	c.sound()
	require.NotEmpty(c, c.load(untimed).Ticket.Timers)
	history, err := c.store.History(c.ctx, muster.Scope{Everything: true}, string(untimed))
	require.NoError(c, err)
	last := history[len(history)-1]
	require.Equal(c, "ticket.repaired", last.Name)
	require.Equal(c, muster.System("fsck"), last.Actor)

	k, _ = given(li)
	twin := k.Assignments[0]
	twin.ID = "asg_second"
	c.spoil(nil, nil, []muster.Root{&k.Ticket}, &twin)
	before := c.load(k.Ticket.ID)
	report, err = c.dispatch.FsckWith(c.ctx, c.store, dispatch.FsckOptions{Repair: true})
	require.NoError(c, err)
	require.NotEmpty(c, report.Breaches)
	for _, b := range report.Breaches {
		require.False(c, b.Repaired, "which of the two is right is for people to say: %+v", b)
	}
	require.Equal(c, before, c.load(k.Ticket.ID))
}

// restless is a store in which a ticket looks wrong, and changes whenever it is looked at.
type restless struct {
	graph.Store
	c     *company
	id    muster.TicketID
	times int
}

func (r *restless) Wakes(ctx context.Context, ids ...string) (map[string]graph.Wake, error) {
	found, err := r.Store.Wakes(ctx, ids...)
	if slices.Contains(ids, string(r.id)) && r.times > 0 {
		r.times--
		delete(found, string(r.id))
		_, e := r.c.dispatch.Triage(r.c.ctx, r.c.as(helpdesk), dispatch.TriageRequest{Ticket: r.id, Needs: r.c.request().Needs})
		err = errors.Join(err, e)
	}
	return found, err
}

// What changes between the second look and its locks is looked at again, and what never stands still is no breach.
func TestFsckReportsOnlyWhatStandsUnderItsLocks(t *testing.T) {
	for name, tt := range map[string]struct{ times, unsettled int }{"settles": {4, 0}, "never settles": {1 << 30, 1}} {
		t.Run(name, func(t *testing.T) {
			c := newCompany(t)
			id := c.submit().ID
			report, err := c.dispatch.Fsck(c.ctx, &restless{Store: c.store, c: c, id: id, times: tt.times})
			require.NoError(t, err)
			require.Empty(t, report.Breaches)
			require.Equal(t, 1, report.Suspects)
			require.Len(t, report.Unsettled, tt.unsettled)
		})
	}
}

var errStopped = errors.New("stopped")

// A run that is stopped after any page goes on there, and finds what a whole run finds.
func TestFsckGoesOnWhereItWasStopped(t *testing.T) {
	c := newCompany(t)
	li := c.expert("li", 3)
	one, two := c.assign(c.submit().ID, li.ID), c.assign(c.submit().ID, li.ID)
	for _, a := range []dispatch.Answer{one, two} {
		k := c.load(a.Ticket.ID)
		v := k.Visits[0]
		v.State, k.Ticket.Visit.State = muster.VisitEnRoute, muster.VisitEnRoute
		c.spoil(nil, nil, []muster.Root{&k.Ticket}, &v)
	}
	store := &narrow{Store: c.store}
	whole, err := c.dispatch.Fsck(c.ctx, store)
	require.NoError(t, err)
	require.NotEmpty(t, whole.Breaches)
	var place *dispatch.FsckPlace
	runs := 0
	for {
		runs++
		pages := 0
		var written []byte
		report, err := c.dispatch.FsckWith(c.ctx, store, dispatch.FsckOptions{From: place, Each: func(p dispatch.FsckPlace) error {
			if pages++; pages < 2 {
				return nil
			}
			var err error
			written, err = p.Write()
			require.NoError(t, err)
			return errStopped
		}})
		if err == nil {
			require.Equal(t, whole.Checked, report.Checked)
			require.Equal(t, whole.Breaches, report.Breaches)
			break
		}
		require.ErrorIs(t, err, errStopped)
		p, err := dispatch.ReadFsckPlace(written)
		require.NoError(t, err)
		require.Equal(t, report, p.Report)
		place = &p
		_, err = dispatch.ReadFsckPlace(written[:len(written)-9])
		require.Equal(t, muster.CodeInvalid, muster.CodeOf(err), "cut short")
		_, err = dispatch.ReadFsckPlace([]byte(string(slices.Concat(written[:len(written)-20], []byte("9"), written[len(written)-19:]))))
		require.Equal(t, muster.CodeInvalid, muster.CodeOf(err), "altered")
	}
	require.Greater(t, runs, 3)
	other := newCompany(t)
	other.clock.Advance(time.Second)
	_, err = other.dispatch.SavePolicy(other.ctx, other.as(admin), muster.DefaultPolicy())
	require.NoError(t, err)
	place.Store = "another"
	_, err = other.dispatch.FsckWith(other.ctx, other.store, dispatch.FsckOptions{From: place})
	require.Equal(t, muster.CodeInvalid, muster.CodeOf(err), "of another store")
}

// slow is a store whose pages take a second each.
type slow struct {
	graph.Store
	clock *muster.FakeClock
}

func (s *slow) Scan(ctx context.Context, kind muster.Kind, after string, limit int) ([]muster.Record, error) {
	s.clock.Advance(time.Second)
	return s.Store.Scan(ctx, kind, after, limit)
}

// A tenth of the time goes into reading: after a second of it there is a pause of nine.
func TestFsckReadsATenthOfTheTime(t *testing.T) {
	c := newCompany(t)
	c.expert("li", 3)
	c.assign(c.submit().ID, "exp_li")
	began := c.clock.Now()
	var paused time.Duration
	_, err := c.dispatch.FsckWith(c.ctx, &slow{c.store, c.clock}, dispatch.FsckOptions{Share: 0.1, Pause: func(_ context.Context, d time.Duration) error {
		paused += d
		c.clock.Advance(d)
		return nil
	}})
	require.NoError(t, err)
	require.Greater(t, paused, 30*time.Second)
	share := 1 - paused.Seconds()/c.clock.Now().Sub(began).Seconds()
	require.InDelta(t, 0.1, share, 0.06) // the last pages of each kind have no pause of their own
	_, err = c.dispatch.FsckWith(c.ctx, c.store, dispatch.FsckOptions{Share: 0.1, Pause: func(context.Context, time.Duration) error { return errStopped }})
	require.ErrorIs(t, err, errStopped)
}

// A promise that nobody keeps because looking at it fails is broken, though its worker has put the look off.
func TestFsckFindsAPromiseOverWhichWorkersFail(t *testing.T) {
	c := newCompany(t)
	li := c.expert("li", 3)
	ticket := c.submit()
	deadline := c.offer(ticket.ID, li.ID).Offers[0].Deadline
	c.number(c.duty(deadline.Add(3 * time.Hour)))
	for at := deadline; at.Before(deadline.Add(time.Hour)); {
		c.clock.Set(at)
		w, ok, err := c.store.Claim(c.ctx, string(ticket.ID), at, at.Add(40*time.Second))
		require.NoError(t, err)
		require.True(t, ok)
		next := at.Add(5 * time.Second << min(w.Failures, 10))
		_, err = c.store.Settle(c.ctx, graph.Settled{Wake: w, Next: next, Failures: w.Failures + 1, Why: "planted"})
		require.NoError(t, err)
		at = next
	}
	c.clock.Advance(time.Minute)
	report, err := c.dispatch.Fsck(c.ctx, c.store)
	require.NoError(t, err)
	require.Len(t, report.Breaches, 1)
	require.Equal(t, "I3", report.Breaches[0].Invariant)
}
