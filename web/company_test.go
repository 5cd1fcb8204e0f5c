package web_test

import (
	"fmt"
	"time"

	"github.com/sysopssquad/muster"
)

// company fills the fake with a morning's work: 40 experts with tours, and tickets in every state.
func (f *fake) company(tickets int) {
	names := []string{
		"Ana Ruiz", "Tom Becker", "Li Wei", "Jo Park", "Kim Lee", "Eva Novak", "Omar Haddad", "Nia Okafor", "Sven Lund", "Maya Patel",
		"Luis Ortega", "Ruth Cohen", "Ivan Petrov", "Aiko Tanaka", "Ben Carter", "Zoe Martin", "Raj Singh", "Mia Rossi", "Paul Weber", "Ines Costa",
	}
	at := func(h, m int) time.Time { // on the East Coast's clock, today
		zone, _ := time.LoadLocation("America/New_York")
		d := f.now.In(zone)
		return time.Date(d.Year(), d.Month(), d.Day(), h, m, 0, 0, zone).UTC()
	}
	for i := range 40 {
		e := &muster.Expert{
			ID: muster.ExpertID(fmt.Sprintf("exp_%02d", i)), Rev: 1, Name: names[i%len(names)], City: "Boston", Region: "reg_east",
			Base: muster.Place{Zone: "America/New_York"}, Capacity: muster.Capacity{VisitsPerTour: 5},
		}
		if i >= len(names) {
			e.Name += " jr"
		}
		f.experts = append(f.experts, e)
		t := &muster.Tour{ID: muster.TourOf(e.ID, at(8, 0)), Rev: 1, Expert: e.ID, Region: "reg_east", Start: at(8, 0), End: at(17, 0)}
		t.Breaks = []muster.Window{{Start: at(12, 0), End: at(12, 30)}}
		f.tours[t.ID] = t
	}
	work := []struct{ title, city string }{
		{"Refrigerator warm", "Dorchester"},
		{"Walk-in freezer", "Quincy"},
		{"Dishwasher leaks", "Revere"},
		{"Dryer cold", "Salem"},
		{"Oven door won't close", "Lynn"},
		{"Washer stops at rinse", "Cambridge"},
		{"Heat pump noisy", "Newton"},
		{"Boiler pressure drops", "Malden"},
		{"Ice maker jammed", "Brookline"},
		{"Range hood dead", "Somerville"},
		{"Garage opener stuck", "Waltham"},
		{"Television no picture", "Medford"},
	}
	priorities := []muster.Priority{muster.PriorityNormal, muster.PriorityNormal, muster.PriorityHigh, muster.PriorityLow, muster.PriorityNormal}
	first := 4000
	if tickets > 700 {
		first = 10_000 // clear of the two below
	}
	for i := range tickets {
		w := work[i%len(work)]
		f.ticket(int64(first+i), w.title, func(t *muster.Ticket) {
			t.City, t.Priority = w.city, priorities[i%len(priorities)]
			t.Text = "It began on Tuesday evening and has got worse since."
			t.DueAt = f.now.Add(time.Duration(3+i%60) * time.Hour)
			t.CreatedAt = f.now.Add(-2 * time.Hour)
			f.stage(t, i, at)
		})
	}
	f.ticket(4821, "Refrigerator warm, freezer fine", func(t *muster.Ticket) {
		t.Priority, t.City = muster.PriorityCritical, "Dorchester"
		t.CreatedAt, t.DueAt = f.now.Add(-5*time.Hour), f.now.Add(-25*time.Minute)
		t.Windows = []muster.Window{{Start: at(13, 0), End: at(15, 0)}}
		t.Text = "Milk is warm, the freezer still holds. A vaccine for the dog is in there."
		f.matches[t.ID] = f.someMatch(t, at)
	})
	f.ticket(4790, "Walk-in freezer over temperature", func(t *muster.Ticket) {
		t.Priority, t.City = muster.PriorityHigh, "Quincy"
		t.CreatedAt, t.QueuedAt, t.DueAt = f.now.Add(-6*time.Hour), f.now.Add(-6*time.Hour), f.now.Add(40*time.Minute)
		t.NoExpert = &muster.NoExpert{Since: t.QueuedAt, At: t.QueuedAt, Main: muster.LevelLow}
		m := f.someMatch(t, at)
		m.Candidates = []muster.Candidate{}
		f.matches[t.ID] = m
	})
}

// stage puts the i-th ticket at a step of its life; a scheduled one onto a tour.
func (f *fake) stage(t *muster.Ticket, i int, at func(h, m int) time.Time) {
	states := []muster.VisitState{
		"", muster.VisitAssigned, muster.VisitOffered, muster.VisitAssigned, muster.VisitInProgress, "", muster.VisitEnRoute, muster.VisitArrived, muster.VisitAssigned,
	}
	s := states[i%len(states)]
	if i >= 160 {
		s = ""
	}
	switch {
	case i%31 == 30:
		t.State, t.Wait = muster.Waiting, muster.Wait{For: muster.WaitParts, Until: f.now.Add(80 * time.Hour)}
		return
	case i%37 == 36:
		t.State, t.Needs = muster.Triage, nil
		return
	case s == "":
		return
	}
	e := f.experts[i%len(f.experts)]
	tour := f.tours[muster.TourOf(e.ID, at(8, 0))]
	slot := len(tour.Stops)
	start := at(8, 30+slot*125)
	visit := muster.VisitID(fmt.Sprintf("vis_%d", t.Number))
	t.State = muster.Scheduled
	t.Visit = &muster.OpenVisit{ID: visit, State: s, Experts: []muster.ExpertID{e.ID}, Start: start, End: start.Add(70 * time.Minute)}
	stop := muster.Stop{Visit: visit, Ticket: t.ID, Assignment: "asg_1", Start: start, End: t.Visit.End, Travel: muster.Minutes(12 + i%20)}
	if s == muster.VisitOffered {
		t.Visit.Deadline = f.now.Add(4*time.Minute + 10*time.Second)
		stop.Assignment, stop.Offer = "", "off_1"
	}
	tour.Stops = append(tour.Stops, stop)
}

// someMatch has four candidates and 36 others who can't, each with reasons and numbers.
func (f *fake) someMatch(t *muster.Ticket, at func(h, m int) time.Time) *muster.Match {
	m := &muster.Match{Ticket: t.ID, Rev: t.Rev, At: f.now, Counts: map[muster.ReasonCode]int{}}
	for i, start := range []time.Time{at(13, 5), at(13, 35), at(13, 10), at(14, 20).AddDate(0, 0, 1)} {
		e := f.experts[i]
		terms := []muster.Term{
			{Name: "travel", Minutes: 22 + float64(3*i), Why: "22 min on the road more than without this visit."},
			{Name: "scarcity", Minutes: 4, Why: "Level 4 where 3 would do."},
			{Name: "fairness", Minutes: 3, Why: "12 paid hours above the mean of four weeks."},
			{Name: "first_fix", Minutes: 12, Why: "0.2 second visits expected."},
			{Name: "continuity", Minutes: -10 + float64(i)*4, Why: "Fixed this device 2 times."},
		}
		if i > 2 {
			terms = terms[:4]
		}
		c := muster.Candidate{
			Expert: e.ID, Name: e.Name, Start: start, End: start.Add(t.Duration.Duration()), Depart: start.Add(-22 * time.Minute), Travel: 22, Km: 14.2,
			Terms: terms, Shift: muster.Window{Start: at(8, 0), End: at(17, 0)},
		}
		for _, x := range terms {
			c.Cost += x.Minutes
		}
		m.Candidates = append(m.Candidates, c)
	}
	for i, e := range f.experts[4:] {
		x := muster.Exclusion{Expert: e.ID, Name: e.Name}
		add := func(r muster.Reason) { r.Class = r.Code.Class(); x.Reasons = append(x.Reasons, r); m.Counts[r.Code]++ }
		if i%3 == 0 {
			add(muster.Reason{Code: muster.LevelLow, About: "skl_refrigerator-repair", Have: 1 + i%2, Need: 3, Unit: "level", Text: fmt.Sprintf("Level %d; this needs 3 (Refrigerator repair).", 1+i%2)})
		}
		if i%4 == 1 {
			add(muster.Reason{Code: muster.TooFar, Have: 78.0 + float64(i), Need: 60.0, Unit: "km", Text: fmt.Sprintf("%d km from the base; the limit is 60.", 78+i)})
		}
		if i%5 == 2 {
			add(muster.Reason{Code: muster.OffShift, Have: at(12, 30), Need: at(14, 5), Text: "Shift ends 12:30; the work would end 14:05."})
		}
		if len(x.Reasons) == 0 {
			add(muster.Reason{
				Code: muster.Overlaps, Have: muster.Window{Start: at(13, 0), End: at(14, 10)}, Need: muster.Window{Start: at(13, 35), End: at(14, 45)},
				Text: "Has another visit 13:00-14:10; this would be 13:35-14:45.",
			})
		}
		m.Excluded = append(m.Excluded, x)
	}
	return m
}

// crowd adds experts who each have a tour with four stops today and another tomorrow.
func (f *fake) crowd(experts int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	day := f.now.Truncate(24 * time.Hour)
	for i := range experts {
		id := muster.ExpertID(fmt.Sprintf("exp_x%04d", i))
		f.experts = append(f.experts, &muster.Expert{ID: id, Rev: 1, Name: fmt.Sprintf("Expert %d", i), Base: muster.Place{Zone: "America/New_York"}})
		for n := range 2 {
			start := day.Add(time.Duration(24*n+13) * time.Hour)
			t := &muster.Tour{ID: muster.TourOf(id, start), Rev: 1, Expert: id, Region: "reg_west", Start: start, End: start.Add(8 * time.Hour)}
			for k := range 4 {
				at := start.Add(time.Duration(30+110*k) * time.Minute)
				t.Stops = append(t.Stops, muster.Stop{
					Visit: muster.VisitID(fmt.Sprintf("vis_x%d_%d_%d", i, n, k)), Ticket: "tic_gone", Assignment: "asg_1",
					Start: at, End: at.Add(70 * time.Minute), Depart: at.Add(-20 * time.Minute), Travel: 20, Km: 12,
				})
			}
			f.tours[t.ID] = t
		}
	}
}
