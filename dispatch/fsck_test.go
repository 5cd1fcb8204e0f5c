package dispatch_test

import (
	"context"
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/dispatch"
	"github.com/sysopssquad/muster/graph"
)

// spoil writes records as no command would: the roots are bumped, all else is as given.
func (c *company) spoil(claims, releases []muster.Claim, roots []muster.Root, parts ...muster.Record) {
	c.Helper()
	c.n++
	change := graph.Change{
		Command: muster.Command{ID: muster.CommandID(fmt.Sprintf("spoil-%d", c.n)), Name: "spoil", Fingerprint: "x", Actor: admin},
		At:      c.clock.Now(), Put: parts, Claim: claims, Release: releases,
	}
	for _, r := range roots {
		switch p := r.(type) {
		case *muster.Ticket:
			p.Rev++
		case *muster.Tour:
			p.Rev++
		}
		body, err := json.Marshal(dispatch.EventBody{Root: r})
		require.NoError(c, err)
		change.Put = append(change.Put, r)
		change.Expect = append(change.Expect, graph.At(r.RecordID(), r.Revision()-1))
		change.Events = append(change.Events, muster.Event{Aggregate: r.RecordID(), Rev: r.Revision(), Name: "spoilt", Version: 1, At: c.clock.Now(), Body: body})
	}
	out, err := c.store.Commit(c.ctx, change)
	require.NoError(c, err)
	require.NoError(c, out[0].Err())
}

// blind is a store that doesn't show some of what it has.
type blind struct {
	graph.Store
	wakes, spans, replay bool
	missing              string // record
	events               []muster.Event
}

func (b *blind) Records(ctx context.Context, cmd muster.CommandID, ids ...string) (map[string]muster.Record, error) {
	found, err := b.Store.Records(ctx, cmd, ids...)
	delete(found, b.missing)
	return found, err
}

func (b *blind) Wakes(ctx context.Context, ids ...string) (map[string]graph.Wake, error) {
	if b.wakes {
		return nil, nil
	}
	return b.Store.Wakes(ctx, ids...)
}

func (b *blind) EventSpans(ctx context.Context, ids ...string) (map[string]graph.EventSpan, error) {
	if b.spans {
		return nil, nil
	}
	spans, err := b.Store.EventSpans(ctx, ids...)
	for id, s := range spans {
		if b.replay && s.Count > 1 {
			s.Commands--
			spans[id] = s
		}
	}
	return spans, err
}

func (b *blind) EventsAfter(context.Context, int64, int) ([]muster.Event, error) {
	page := b.events
	b.events = nil
	return page, nil
}

func (b *blind) Bounds(context.Context) (int64, int64, error) {
	if len(b.events) == 0 {
		return 0, 0, nil
	}
	return 1, b.events[len(b.events)-1].Seq, nil
}

func TestFsckFindsWhatIsWrong(t *testing.T) {
	for name, tt := range map[string]struct {
		invariant string
		spoil     func(c *company, k *graph.TicketCase, tour *muster.Tour)
	}{
		"a second open visit": {"I4", func(c *company, k *graph.TicketCase, _ *muster.Tour) {
			v := k.Visits[0]
			v.ID = "vis_second"
			c.spoil(nil, nil, []muster.Root{&k.Ticket}, &v)
		}},
		"a place given twice": {"I4", func(c *company, k *graph.TicketCase, _ *muster.Tour) {
			a := k.Assignments[0]
			a.ID = "asg_second"
			c.spoil(nil, nil, []muster.Root{&k.Ticket}, &a)
		}},
		"a key that nobody holds": {"I4", func(c *company, k *graph.TicketCase, _ *muster.Tour) {
			c.spoil(nil, []muster.Claim{{Key: muster.PlaceKey(k.Visits[0].ID, 0), Owner: string(k.Assignments[0].ID)}}, []muster.Root{&k.Ticket})
		}},
		"a brief of something else": {"I4", func(c *company, k *graph.TicketCase, _ *muster.Tour) {
			k.Ticket.Visit = nil
			c.spoil(nil, nil, []muster.Root{&k.Ticket})
		}},
		"an expert who can't": {"I5", func(c *company, k *graph.TicketCase, _ *muster.Tour) {
			k.Ticket.Needs = []muster.Need{{Skill: gas, Level: 5}}
			c.spoil(nil, nil, []muster.Root{&k.Ticket})
		}},
		"a stop that is missing": {"I6", func(c *company, _ *graph.TicketCase, tour *muster.Tour) {
			tour.Stops = tour.Stops[1:]
			c.spoil(nil, nil, []muster.Root{tour})
		}},
		"a stop of nothing": {"I6", func(c *company, _ *graph.TicketCase, tour *muster.Tour) {
			extra := tour.Stops[len(tour.Stops)-1]
			extra.Assignment, extra.Visit = "asg_none", "vis_none"
			extra.Start, extra.End = extra.Start.Add(3*time.Hour), extra.End.Add(3*time.Hour)
			tour.Stops = append(tour.Stops, extra)
			c.spoil(nil, nil, []muster.Root{tour})
		}},
		"visits that overlap": {"I6", func(c *company, k *graph.TicketCase, tour *muster.Tour) {
			a := k.Assignments[0]
			for i := range tour.Stops {
				if s := &tour.Stops[i]; s.Assignment == a.ID {
					s.End = s.End.Add(2 * time.Hour)
					a.End = s.End
				}
			}
			c.spoil(nil, nil, []muster.Root{&k.Ticket, tour}, &a)
		}},
		"an offer that ended without an end": {"I7", func(c *company, k *graph.TicketCase, tour *muster.Tour) {
			o := muster.Offer{
				ID: "off_lost", Ticket: k.Ticket.ID, Visit: k.Visits[0].ID, Expert: tour.Expert, Tour: tour.ID,
				State: muster.OfferDeclined, At: monday, Deadline: monday,
			}
			c.spoil(nil, nil, []muster.Root{&k.Ticket}, &o)
		}},
		"an offer that holds nothing": {"I7", func(c *company, k *graph.TicketCase, tour *muster.Tour) {
			o := muster.Offer{
				ID: "off_lost", Ticket: k.Ticket.ID, Visit: k.Visits[0].ID, Expert: tour.Expert, Tour: tour.ID,
				State: muster.OfferOpen, At: monday, Deadline: monday.Add(time.Hour),
			}
			c.spoil(nil, nil, []muster.Root{&k.Ticket}, &o)
		}},
		"an offer for a place that is given": {"I7", func(c *company, k *graph.TicketCase, tour *muster.Tour) {
			o := muster.Offer{
				ID: "off_late", Ticket: k.Ticket.ID, Visit: k.Visits[0].ID, Expert: "exp_kim", Tour: tour.ID,
				State: muster.OfferOpen, At: monday, Deadline: monday,
			}
			c.spoil(nil, nil, []muster.Root{&k.Ticket}, &o)
		}},
		"somebody who is asked twice": {"I7", func(c *company, k *graph.TicketCase, tour *muster.Tour) {
			o := muster.Offer{
				ID: "off_one", Ticket: k.Ticket.ID, Visit: k.Visits[0].ID, Expert: "exp_kim", Tour: tour.ID, Place: 1,
				State: muster.OfferOpen, At: monday, Deadline: monday,
			}
			again := o
			again.ID = "off_two"
			c.spoil(nil, nil, []muster.Root{&k.Ticket}, &o, &again)
		}},
	} {
		t.Run(name, func(t *testing.T) {
			c := newCompany(t)
			li := c.expert("li", 3)
			first := c.assign(c.submit().ID, li.ID)
			c.assign(c.submit().ID, li.ID)
			c.sound()
			k := c.load(first.Ticket.ID)
			tt.spoil(c, &k, c.tours()[0])
			report, err := c.dispatch.Fsck(c.ctx, c.store)
			require.NoError(t, err)
			require.NotEmpty(t, report.Breaches)
			found := false
			for _, b := range report.Breaches {
				require.NotEmpty(t, b.ID)
				require.NotEmpty(t, b.Text)
				found = found || b.Invariant == tt.invariant
			}
			require.True(t, found, "%+v", report.Breaches)
		})
	}
}

func TestFsckFindsTimersAndEventsMissing(t *testing.T) {
	c := newCompany(t)
	ticket := c.submit()
	report, err := c.dispatch.Fsck(c.ctx, &blind{Store: c.store, wakes: true})
	require.NoError(t, err)
	require.Equal(t, []dispatch.Breach{{Invariant: "I2", ID: string(ticket.ID), Text: ticket.Ref() + " is queued and nothing will look at it again"}}, report.Breaches)

	report, err = c.dispatch.Fsck(c.ctx, &blind{Store: c.store, spans: true})
	require.NoError(t, err)
	require.Greater(t, len(report.Breaches), 3)
	for _, b := range report.Breaches {
		require.Equal(t, "I8", b.Invariant)
	}

	event := func(seq int64, aggregate string, rev int64) muster.Event {
		return muster.Event{Aggregate: aggregate, Rev: rev, Seq: seq}
	}
	for _, events := range [][]muster.Event{
		{event(1, "tic_a", 1), event(3, "tic_b", 1)},
		{event(1, "tic_a", 2), event(2, "tic_a", 1)},
		{event(2, "tic_a", 1)},
	} {
		report, err = c.dispatch.Fsck(c.ctx, &blind{Store: c.store, events: events})
		require.NoError(t, err)
		require.Len(t, report.Breaches, 1)
		require.Equal(t, "I9", report.Breaches[0].Invariant)
	}
}

// What is there at the second look, by the commit that has to agree, isn't reported as gone.
func TestFsckDoesNotReportWhatItsLocksContradict(t *testing.T) {
	c := newCompany(t)
	submitted := c.submit()
	report, err := c.dispatch.Fsck(c.ctx, &blind{Store: c.store, missing: string(submitted.ID)})
	require.NoError(t, err)
	require.Empty(t, report.Breaches)
	require.Equal(t, 1, report.Suspects)
	require.Equal(t, []string{string(submitted.ID)}, report.Unsettled)
}

func TestFsckFindsACommandThatWasAppliedTwice(t *testing.T) {
	c := newCompany(t)
	ticket := c.submit()
	_, err := c.dispatch.Triage(c.ctx, c.as(helpdesk), dispatch.TriageRequest{Ticket: ticket.ID, Needs: c.request().Needs})
	require.NoError(t, err)
	report, err := c.dispatch.Fsck(c.ctx, &blind{Store: c.store, replay: true})
	require.NoError(t, err)
	require.Equal(t, []dispatch.Breach{{
		Invariant: "I10", ID: string(ticket.ID), Text: "2 changes are by 1 commands: one has had its effect twice",
	}}, report.Breaches)
}

// Offers whose deadline nobody has looked at are a breach only while somebody should have.
func TestFsckFindsPromisesThatAreLate(t *testing.T) {
	c := newCompany(t)
	li := c.expert("li", 3)
	ticket := c.submit()
	offer := c.offer(ticket.ID, li.ID).Offers[0]
	lease := &muster.Duty{ID: "dut_relay", Rev: 1, Timers: muster.Timers{muster.TimerLease: offer.Deadline.Add(45 * time.Second)}}
	body, err := json.Marshal(dispatch.EventBody{Root: lease})
	require.NoError(t, err)
	out, err := c.store.Commit(c.ctx, graph.Change{
		Command: muster.Command{ID: "duty", Name: "duty.create", Fingerprint: "x", Actor: muster.System("relay")}, At: c.clock.Now(),
		Put: []muster.Record{lease}, Expect: []graph.Guard{graph.Absent(string(lease.ID))},
		Events: []muster.Event{{Aggregate: string(lease.ID), Rev: 1, Name: "duty.created", Version: 1, At: c.clock.Now(), Body: body}},
	})
	require.NoError(t, err)
	require.NoError(t, out[0].Err())
	c.number(string(lease.ID))

	c.clock.Set(offer.Deadline.Add(30 * time.Second))
	c.sound()
	c.clock.Advance(5 * time.Second)
	report, err := c.dispatch.Fsck(c.ctx, c.store)
	require.NoError(t, err)
	require.Equal(t, []dispatch.Breach{{
		Invariant: "I3", ID: string(ticket.ID), Text: ticket.Ref() + " is 35s late to be looked at for its timer offer",
	}}, report.Breaches)
	c.clock.Set(offer.Deadline.Add(time.Minute))
	c.sound() // the lease has ended: nobody is at work
}

// While fsck reads for hours, workers are stopped and started: nothing is late because nobody was there.
func TestFsckBlamesNobodyWhoWasNotAtWork(t *testing.T) {
	for name, started := range map[string]bool{"stopped": false, "started": true} {
		t.Run(name, func(t *testing.T) {
			c := newCompany(t)
			li := c.expert("li", 3)
			deadline := c.offer(c.submit().ID, li.ID).Offers[0].Deadline
			duty := c.duty(deadline.Add(-time.Minute))
			c.number(duty)
			c.clock.Set(deadline.Add(-2 * time.Minute))
			if started {
				c.clock.Set(deadline.Add(time.Minute))
			}
			pages := &turning{Store: c.store, turn: func() {
				now := deadline.Add(time.Minute)
				c.clock.Set(now)
				if !started {
					return
				}
				_, ok, err := c.store.Claim(c.ctx, duty, now, now.Add(time.Hour))
				require.NoError(t, err)
				require.True(t, ok)
			}}
			report, err := c.dispatch.Fsck(c.ctx, pages)
			require.NoError(t, err)
			require.Nil(t, pages.turn)
			require.Empty(t, report.Breaches)
		})
	}
}

// turning is a store on which something happens once after the first page of commands.
type turning struct {
	graph.Store
	turn func()
}

func (s *turning) Commands(ctx context.Context, after muster.CommandID, limit int) ([]muster.Outcome, error) {
	page, err := s.Store.Commands(ctx, after, limit)
	if turn := s.turn; turn != nil {
		s.turn = nil
		turn()
	}
	return page, err
}

// A ticket is passed over if a much younger one has a place that it could have.
func TestFsckFindsWhoIsPassedOver(t *testing.T) {
	c := newCompany(t)
	c.pushing()
	c.expert("li", 3)
	old := c.submit(func(r *dispatch.SubmitRequest) { r.Needs[0].Level = 5 }) // nobody, for now
	c.clock.Advance(2*24*time.Hour + time.Minute)
	young := c.submit()
	_, err := c.dispatch.AssignAll(c.ctx)
	require.NoError(t, err)
	c.sound()

	k := c.load(old.ID)
	k.Ticket.Needs = c.request().Needs // as if rounds had left it out
	c.spoil(nil, nil, []muster.Root{&k.Ticket})
	report, err := c.dispatch.Fsck(c.ctx, c.store)
	require.NoError(t, err)
	require.Len(t, report.Breaches, 1)
	require.Equal(t, "I11", report.Breaches[0].Invariant)
	require.Equal(t, string(old.ID), report.Breaches[0].ID)
	require.Contains(t, report.Breaches[0].Text, string(young.ID))

	report, err = c.dispatch.Fsck(c.ctx, c.store)
	require.NoError(t, err)
	require.Len(t, report.Breaches, 1)
	_, err = c.dispatch.AssignAll(c.ctx)
	require.NoError(t, err)
	c.sound()
}
