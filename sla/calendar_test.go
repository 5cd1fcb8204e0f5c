package sla_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/sla"
)

func at(t *testing.T, text string) time.Time {
	t.Helper()
	v, err := time.Parse(time.RFC3339, text)
	require.NoError(t, err)
	return v
}

// office is Monday to Friday, 9:00 to 17:00.
func office(zone string) muster.Calendar {
	c := muster.Calendar{Zone: zone}
	for d := time.Monday; d <= time.Friday; d++ {
		c.Hours = append(c.Hours, muster.Hours{Weekday: d, From: 9 * 60, To: 17 * 60})
	}
	return c
}

// everyDay is open from one hour of each day to another.
func everyDay(zone string, from, to muster.Minutes) muster.Calendar {
	c := muster.Calendar{Zone: zone}
	for d := time.Sunday; d <= time.Saturday; d++ {
		c.Hours = append(c.Hours, muster.Hours{Weekday: d, From: from, To: to})
	}
	return c
}

// TestWorkedExamples are cases that a person can check with a paper calendar.
func TestWorkedExamples(t *testing.T) {
	christmas := office("America/New_York")
	christmas.Holidays = []muster.Date{"2026-12-25"}
	saturday := office("America/New_York")
	saturday.Extra = []muster.OpenDay{{Date: "2026-11-21", From: 10 * 60, To: 12 * 60}}
	for _, c := range []struct {
		name    string
		cal     muster.Calendar
		from    string
		minutes muster.Minutes
		due     string
	}{
		{"to the end of the day, not to the next morning", office("UTC"), "2026-11-20T16:00:00Z", 60, "2026-11-20T17:00:00Z"},
		{"over the weekend", office("UTC"), "2026-11-20T16:00:00Z", 61, "2026-11-23T09:01:00Z"},
		{"from a closed hour", office("UTC"), "2026-11-21T03:00:00Z", 1, "2026-11-23T09:01:00Z"},
		{"nothing", office("UTC"), "2026-11-21T03:00:00Z", 0, "2026-11-21T03:00:00Z"},
		{"over Christmas", christmas, "2026-12-24T16:00:00-05:00", 120, "2026-12-28T10:00:00-05:00"},
		{"an open Saturday", saturday, "2026-11-20T16:00:00-05:00", 120, "2026-11-21T11:00:00-05:00"},
		{"a leap day", everyDay("UTC", 9*60, 10*60), "2028-02-28T09:30:00Z", 90, "2028-02-29T10:00:00Z"},
		{"half a year from a leap year's last day", everyDay("America/New_York", 12*60, 13*60), "2040-12-31T12:00:00-05:00", 182 * 60, "2041-06-30T13:00:00-04:00"},
		{"New York: 2:00 to 3:00 is left out on 8 March", everyDay("America/New_York", 60, 4*60), "2026-03-08T01:00:00-05:00", 120, "2026-03-08T04:00:00-04:00"},
		{"and 1:00 to 2:00 comes twice on 1 November", everyDay("America/New_York", 60, 4*60), "2026-11-01T01:00:00-04:00", 240, "2026-11-01T04:00:00-05:00"},
		{"Lord Howe: half an hour", everyDay("Australia/Lord_Howe", 60, 4*60), "2026-10-04T01:00:00+10:30", 150, "2026-10-04T04:00:00+11:00"},
		{"Beirut: the day begins at 1:00", everyDay("Asia/Beirut", 0, 3*60), "2026-03-28T22:00:00Z", 120, "2026-03-29T00:00:00Z"},
		{"Cairo: 23:00 to 24:00 comes twice", everyDay("Africa/Cairo", 22*60, 24*60), "2026-10-29T22:00:00+03:00", 180, "2026-10-29T22:00:00Z"},
		{"Apia had no Friday 30 December 2011", office("Pacific/Apia"), "2011-12-29T16:00:00-10:00", 120, "2012-01-02T10:00:00+14:00"},
		{"all the time", muster.RoundTheClock(), "2026-11-01T05:00:00Z", 24 * 60, "2026-11-02T05:00:00Z"},
	} {
		t.Run(c.name, func(t *testing.T) {
			on, err := sla.Compile(c.cal, "")
			require.NoError(t, err)
			from, due := at(t, c.from), at(t, c.due)
			require.Equal(t, due.UTC(), on.Add(from, c.minutes.Duration()))
			require.Equal(t, c.minutes.Duration(), on.Between(from, due))
		})
	}
}

func TestACalendarWithoutAZoneTakesThatOfTheSite(t *testing.T) {
	on, err := sla.Compile(office(""), "America/Los_Angeles")
	require.NoError(t, err)
	require.Equal(t, at(t, "2026-11-20T18:00:00Z"), on.Add(at(t, "2026-11-20T00:00:00Z"), 2*time.Hour)) // an hour before 17:00 there, one after 9:00
}

// TestFarAheadIsExact: years are no loop, and the due time is the first instant by which enough has counted.
func TestFarAheadIsExact(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := places[rapid.IntRange(0, len(places)-1).Draw(t, "place")]
		c := muster.Calendar{Zone: p.zone, Hours: []muster.Hours{{
			Weekday: time.Weekday(rapid.IntRange(0, 6).Draw(t, "weekday")), From: 9 * 60, To: muster.Minutes(rapid.IntRange(10*60, 48*60).Draw(t, "to")),
		}}}
		on, err := sla.Compile(c, "")
		if err != nil {
			t.Fatal(err)
		}
		from := time.Date(2026, 1, 1, 0, 0, rapid.IntRange(0, 366*24*3600).Draw(t, "from"), 0, time.UTC)
		open := time.Duration(rapid.Int64Range(1, 366*24*3600*1_000_000).Draw(t, "open")) * time.Microsecond
		due := on.Add(from, open)
		if have := on.Between(from, due); have != open {
			t.Fatalf("%s has %s until %s, not %s", from, have, due, open)
		}
		if have := on.Between(from, due.Add(-time.Microsecond)); have != open-time.Microsecond {
			t.Fatalf("%s comes later than need be", due)
		}
	})
}

// BenchmarkAddAYear is a target of 8,784 open hours in a calendar that is open for one hour a week.
func BenchmarkAddAYear(b *testing.B) {
	on, err := sla.Compile(muster.Calendar{Zone: "America/New_York", Hours: []muster.Hours{{Weekday: time.Monday, From: 9 * 60, To: 10 * 60}}}, "")
	require.NoError(b, err)
	from := time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)
	for b.Loop() {
		on.Add(from, 366*24*time.Hour)
	}
}

func TestCalendarsThatAreHardlyEverOpenAreRefused(t *testing.T) {
	for field, spoil := range map[string]func(*muster.Calendar){
		"calendar.hours":         func(c *muster.Calendar) { c.Hours = nil },
		"calendar.zone":          func(c *muster.Calendar) { c.Zone = "America/Nowhere" },
		"calendar.hours[0].to":   func(c *muster.Calendar) { c.Hours[0].To = c.Hours[0].From },
		"calendar.hours[1].from": func(c *muster.Calendar) { c.Hours[1].From = -1 },
		"calendar.holidays[0]":   func(c *muster.Calendar) { c.Holidays = []muster.Date{"2026-02-29"} },
		"calendar.extra[0].date": func(c *muster.Calendar) { c.Extra = []muster.OpenDay{{Date: "soon", To: 60}} },
		"calendar.extra[0].to":   func(c *muster.Calendar) { c.Extra = []muster.OpenDay{{Date: "2026-11-21", From: 60, To: 60}} },
	} {
		c := office("America/New_York")
		spoil(&c)
		_, err := sla.Compile(c, "")
		var e *muster.Error
		require.ErrorAs(t, err, &e, field)
		require.Equal(t, field, e.Field)
	}
	single := office("UTC")
	single.Hours = []muster.Hours{{Weekday: time.Monday, From: 60, To: 119}, {Weekday: time.Monday, From: 70, To: 90}}
	single.Extra = []muster.OpenDay{{Date: "2026-11-21", To: 24 * 60}}
	_, err := sla.Compile(single, "")
	require.ErrorContains(t, err, "59 minutes a week", "what overlaps counts once, single days not at all")
}
