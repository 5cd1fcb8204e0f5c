package graphtest

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/graph"
)

// Start is the instant at which fixtures are made: a Monday morning.
var Start = time.Date(2026, 3, 2, 8, 0, 0, 0, time.UTC)

// Dispatcher is the actor of fixtures' commands.
var Dispatcher = muster.Actor{ID: "usr_dana", Role: muster.RoleDispatcher, Name: "Dana"}

// Downtown is a place in Denver, at resolution 8.
var Downtown = muster.Place{
	Point: muster.Point{Lat: 39.7392, Lng: -104.9903}, Cell: 0x8826d3a4b1fffff, Precision: muster.PrecisionRooftop, Zone: "America/Denver",
}

// Change makes the change of a command that puts records: each root is guarded by the revision before its
// own (absence for the first) and told of in one event whose body is the root.
func Change(command string, put ...muster.Record) graph.Change {
	c := graph.Change{
		Command: muster.Command{
			ID: muster.CommandID(command), Name: "test.put", Actor: Dispatcher, Fingerprint: "f-" + command,
		},
		At:     Start,
		Result: json.RawMessage(`{"command":"` + command + `"}`),
		Put:    put,
	}
	for _, r := range put {
		root, ok := r.(muster.Root)
		if !ok {
			continue
		}
		guard := graph.At(root.RecordID(), root.Revision()-1)
		if root.Revision() == 1 {
			guard = graph.Absent(root.RecordID())
		}
		body, err := json.Marshal(root)
		if err != nil {
			panic("graphtest: " + err.Error()) // a type error of ours
		}
		c.Expect = append(c.Expect, guard)
		c.Events = append(c.Events, muster.Event{
			Aggregate: root.RecordID(), Rev: root.Revision(), Name: string(root.Kind()) + ".put", Version: 1,
			At: Start, Actor: Dispatcher, Body: body,
		})
	}
	return c
}

// Customer makes the n-th customer at its first revision.
func Customer(n int) *muster.Customer {
	return &muster.Customer{
		ID: muster.CustomerID(id(muster.KindCustomer, n)), Rev: 1, Name: fmt.Sprintf("Customer %d", n),
		Email: fmt.Sprintf("c%d@example.com", n), Phone: fmt.Sprintf("+1 303 555 %04d", n%10000), Language: "en",
		Plan: muster.SupportPlan{Name: "home", Until: Start.AddDate(1, 0, 0)}, CreatedAt: Start,
	}
}

// Site makes the n-th site, a customer's.
func Site(of muster.CustomerID, n int) *muster.Site {
	return &muster.Site{
		ID: muster.SiteID(id(muster.KindSite, n)), Customer: of, Street: fmt.Sprintf("%d Main St", n),
		City: "Denver", State: "CO", ZIP: "80202", Place: Downtown,
	}
}

// Device makes the n-th device, at a site.
func Device(at *muster.Site, n int) *muster.Device {
	return &muster.Device{
		ID: muster.DeviceID(id(muster.KindDevice, n)), Customer: at.Customer, Site: at.ID,
		Category: "refrigerator", Brand: "Boreal", Model: "RF-20", Year: 2021, Serial: fmt.Sprintf("S%06d", n),
	}
}

// Ticket makes the n-th ticket about a device, queued with its timer; number is n.
func Ticket(about *muster.Device, n int) *muster.Ticket {
	return &muster.Ticket{
		ID: muster.TicketID(id(muster.KindTicket, n)), Rev: 1, Number: int64(n),
		Customer: about.Customer, Site: about.Site, Device: about.ID,
		Title: "Does not cool", Text: "Since yesterday it is warm inside.", Category: about.Category, Brand: about.Brand,
		Mode: muster.ModeHomeVisit, Needs: []muster.Need{{Skill: "skl_refrigerator", Level: 3}}, Duration: 60, Crew: 1,
		Priority: muster.PriorityNormal, State: muster.Queued, Region: "reg_denver", City: "Denver", Zone: "America/Denver",
		DueAt: Start.Add(72 * time.Hour), CreatedAt: Start, QueuedAt: Start,
		Timers: muster.Timers{muster.TimerQueue: Start.Add(time.Hour)},
	}
}

// Expert makes the n-th expert, with one skill and a shift on weekdays.
func Expert(n int) *muster.Expert {
	e := &muster.Expert{
		ID: muster.ExpertID(id(muster.KindExpert, n)), Rev: 1, Name: fmt.Sprintf("Expert %d", n),
		Skills: []muster.Competence{{Skill: "skl_refrigerator", Level: 4, Evidence: "certificate", Expires: Start.AddDate(2, 0, 0)}},
		Base:   Downtown, City: "Denver", Region: "reg_denver", Languages: []string{"en"},
	}
	for d := time.Monday; d <= time.Friday; d++ {
		e.Shifts = append(e.Shifts, muster.Hours{Weekday: d, From: 8 * 60, To: 17 * 60})
	}
	return e
}

// Tour makes an expert's empty tour of nine hours.
func Tour(by *muster.Expert, start time.Time) *muster.Tour {
	return &muster.Tour{
		ID: muster.TourOf(by.ID, start), Rev: 1, Expert: by.ID, Region: by.Region, Start: start, End: start.Add(9 * time.Hour),
	}
}

// Region makes a region with a timer for its rounds.
func Region(name string) *muster.Region {
	return &muster.Region{
		ID: muster.RegionID(muster.SlugID(muster.KindRegion, name)), Rev: 1, Name: name, Cells: []muster.Cell{Downtown.Cell},
		Timers: muster.Timers{muster.TimerRound: Start.Add(time.Minute)},
	}
}

// Duty makes a duty whose lease is over.
func Duty(name string) *muster.Duty {
	return &muster.Duty{
		ID: muster.DutyID(muster.SlugID(muster.KindDuty, name)), Rev: 1, Timers: muster.Timers{muster.TimerLease: Start},
	}
}

// Assigned gives a ticket's next revision with its first visit in the hands of an expert, the parts and the
// tour with the stop; the tour is given at its next revision.
func Assigned(t *muster.Ticket, tour *muster.Tour) (*muster.Ticket, *muster.Visit, *muster.Assignment, *muster.Tour) {
	after, on := *t, *tour
	after.Rev++
	on.Rev++
	start := tour.Start.Add(time.Duration(len(tour.Stops)) * 90 * time.Minute)
	v := &muster.Visit{
		ID: muster.VisitID(partID(muster.KindVisit, string(t.ID), t.Visits+1)), Ticket: t.ID, N: t.Visits + 1, State: muster.VisitAssigned,
		Window: muster.Window{Start: start, End: start.Add(2 * time.Hour)}, Start: start, End: start.Add(t.Duration.Duration()), Crew: 1,
	}
	a := &muster.Assignment{
		ID: muster.AssignmentID(partID(muster.KindAssignment, string(t.ID), t.Visits+1)), Ticket: t.ID, Visit: v.ID, Expert: tour.Expert,
		Tour: tour.ID, Start: v.Start, End: v.End, Travel: 20, Km: 12.5, State: muster.AssignmentActive, At: Start,
		Decided: muster.Decided{By: Dispatcher, Policy: 1, Skills: 1, Cost: 31.5, Rank: 1, Terms: []muster.Term{{Name: "travel", Minutes: 20}}},
	}
	after.State, after.QueuedAt, after.Visits = muster.Scheduled, time.Time{}, t.Visits+1
	after.Visit = &muster.OpenVisit{ID: v.ID, State: v.State, Experts: []muster.ExpertID{tour.Expert}, Start: v.Start, End: v.End}
	after.Timers = muster.Timers{muster.TimerVisit: v.Start}
	on.Stops = append(on.Stops[:len(on.Stops):len(on.Stops)], muster.Stop{
		Visit: v.ID, Ticket: t.ID, Assignment: a.ID, Place: Downtown, Window: v.Window,
		Depart: start.Add(-20 * time.Minute), Start: v.Start, End: v.End, Travel: 20, Km: 12.5,
	})
	return &after, v, a, &on
}

// id is a readable id of a kind that sorts by n.
func id(k muster.Kind, n int) string { return muster.SlugID(k, fmt.Sprintf("%08d", n)) }

func partID(k muster.Kind, of string, n int) string { return muster.NewID(k, muster.CommandID(of), n) }
