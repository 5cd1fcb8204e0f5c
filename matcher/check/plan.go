package check

import (
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/matcher"
)

// Plan carries out what a batch proposes, on copies, and finds every rule that the tours then break and did not break
// before (a visit that runs late is no fault of the plan's); also a ticket chosen twice, a crew that is not whole, and a job
// that is neither chosen nor left.
func Plan(w *matcher.World, jobs []matcher.Job, people []matcher.Person, plan muster.Plan) []Breach {
	var out []Breach
	asked := map[muster.TicketID]matcher.Job{}
	for _, j := range jobs {
		if _, ok := asked[j.Ticket.ID]; !ok {
			asked[j.Ticket.ID] = j
		}
	}
	crews := map[muster.TicketID][]muster.Choice{}
	for _, c := range plan.Choices {
		crews[c.Ticket] = append(crews[c.Ticket], c)
	}
	left := map[muster.TicketID]bool{}
	for _, l := range plan.Left {
		left[l.Ticket] = true
	}
	for id, j := range asked {
		if problem := crew(j, crews[id], left[id]); problem != "" {
			out = append(out, Breach{Code: muster.CrewClash, Text: fmt.Sprintf("%s: %s", id, problem)})
		}
	}
	of := map[muster.ExpertID][]muster.Choice{}
	for _, c := range plan.Choices {
		of[c.Candidate.Expert] = append(of[c.Candidate.Expert], c)
	}
	for _, p := range people {
		if own := of[p.Expert.ID]; len(own) > 0 {
			out = append(out, person(w, asked, p, own)...)
		}
		delete(of, p.Expert.ID)
	}
	for e := range of {
		out = append(out, Breach{Code: muster.Gone, Text: fmt.Sprintf("%s is chosen, who was not asked about", e)})
	}
	return out
}

func crew(j matcher.Job, cs []muster.Choice, left bool) string {
	want := max(1, min(j.Ticket.Crew, 2)-len(j.Crew))
	switch {
	case left && len(cs) > 0:
		return "both chosen and left"
	case !left && len(cs) != want:
		return fmt.Sprintf("%d chosen for %d places", len(cs), want)
	}
	for i, c := range cs {
		for _, o := range cs[:i] {
			if o.Place == c.Place || o.Candidate.Expert == c.Candidate.Expert || !o.Candidate.Start.Equal(c.Candidate.Start) {
				return "the crew shares an expert or a place, or starts apart"
			}
		}
	}
	return ""
}

// person puts all choices of one expert on copies of the tours and checks these.
func person(w *matcher.World, asked map[muster.TicketID]matcher.Job, p matcher.Person, choices []muster.Choice) []Breach {
	tours := map[muster.TourID]*muster.Tour{}
	after := matcher.Person{Expert: p.Expert}
	for _, t := range p.Tours {
		own := *t
		own.Stops = slices.Clone(t.Stops)
		tours[t.ID] = &own
		after.Tours = append(after.Tours, &own)
	}
	jobs := map[muster.VisitID]matcher.Job{}
	fresh := map[muster.VisitID]bool{}
	touched := map[muster.TourID]bool{}
	for _, c := range choices {
		job := asked[c.Ticket]
		x := c.Candidate
		t := tours[x.Tour]
		if t == nil {
			t = &muster.Tour{ID: x.Tour, Expert: x.Expert, Start: x.Shift.Start, End: x.Shift.End, OnCall: x.OnCall, Breaks: x.Breaks}
			tours[x.Tour] = t
			after.Tours = append(after.Tours, t)
		}
		v := muster.VisitID(string(c.Ticket) + "/" + strconv.Itoa(c.Place))
		jobs[v], fresh[v], touched[x.Tour] = job, true, true
		for _, t := range after.Tours {
			t.Stops = slices.DeleteFunc(t.Stops, func(s muster.Stop) bool { return job.Ignore != "" && s.Visit == job.Ignore })
		}
		t.Stops = append(t.Stops, muster.Stop{
			Visit: v, Ticket: c.Ticket, Assignment: "planned", Place: job.Site.Place, Start: x.Start, End: x.End,
		})
		if x.End.Sub(x.Start) != job.Ticket.Duration.Duration() {
			return []Breach{{muster.NoOpening, t.ID, v, "is not as long as the ticket says"}}
		}
	}
	var out []Breach
	for _, t := range after.Tours {
		slices.SortStableFunc(t.Stops, func(a, b muster.Stop) int { return a.Start.Compare(b.Start) })
		for i := range t.Stops {
			t.Stops[i].Depart = time.Time{} // a plan says nothing about the ways onward
		}
	}
	for _, t := range after.Tours {
		if !touched[t.ID] {
			continue
		}
		found := Tour(Case{World: w, Person: after, Tour: t, Jobs: jobs, Fresh: fresh})
		out = append(out, slices.DeleteFunc(found, func(b Breach) bool { return !fresh[b.Visit] && stood(w, p, b) })...)
	}
	return out
}

// stood tells whether a rule was broken at the same place before the plan.
func stood(w *matcher.World, p matcher.Person, b Breach) bool {
	at := slices.IndexFunc(p.Tours, func(t *muster.Tour) bool { return t.ID == b.Tour })
	return at >= 0 && slices.ContainsFunc(Tour(Case{World: w, Person: p, Tour: p.Tours[at]}), func(o Breach) bool {
		return o.Code == b.Code && o.Visit == b.Visit
	})
}
