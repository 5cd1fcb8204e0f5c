package notify

import (
	"fmt"
	"time"

	"github.com/sysopssquad/muster"
)

// Short names of days and months; English has those of package time.
var (
	diasES  = [...]string{"dom", "lun", "mar", "mié", "jue", "vie", "sáb"}
	mesesES = [...]string{"ene", "feb", "mar", "abr", "may", "jun", "jul", "ago", "sep", "oct", "nov", "dic"}
)

// dayText is a day such as Fri 20 Nov, vie 20 nov.
func dayText(language string, t time.Time) string {
	if language == "es" {
		return fmt.Sprintf("%s %d %s", diasES[t.Weekday()], t.Day(), mesesES[t.Month()-1])
	}
	return t.Format("Mon 2 Jan")
}

// clockText is a time of day such as 3:20 PM, 15:20.
func clockText(language string, t time.Time) string {
	if language == "es" {
		return t.Format("15:04")
	}
	return t.Format("3:04 PM")
}

// hour is a time of day as short as can be: 3 PM, 15; half leaves out the half of the day.
func hour(language string, t time.Time, half bool) string {
	if language == "es" {
		if t.Minute() == 0 {
			return t.Format("15")
		}
		return t.Format("15:04")
	}
	layout := "3:04"
	if t.Minute() == 0 {
		layout = "3"
	}
	if half {
		layout += " PM"
	}
	return t.Format(layout)
}

// windowText is a span in a zone: Fri 20 Nov, 1-3 PM; vie 20 nov, de 13 a 15 h.
func windowText(language string, w muster.Window, zone *time.Location) string {
	from, to := w.Start.In(zone), w.End.In(zone)
	if from.YearDay() != to.YearDay() || from.Year() != to.Year() {
		return dayText(language, from) + " " + clockText(language, from) + " - " + dayText(language, to) + " " + clockText(language, to)
	}
	if language == "es" {
		return fmt.Sprintf("%s, de %s a %s h", dayText(language, from), hour(language, from, true), hour(language, to, true))
	}
	differ := from.Hour() < 12 != (to.Hour() < 12)
	return fmt.Sprintf("%s, %s-%s", dayText(language, from), hour(language, from, differ), hour(language, to, true))
}

// zoned adds the zone's name where the reader's clock shows another time.
func zoned(text string, at time.Time, there, reader *time.Location) string {
	name, offset := at.In(there).Zone()
	if _, own := at.In(reader).Zone(); own == offset {
		return text
	}
	return text + " " + name
}

// quietUntil is when the quiet hours end in which an instant lies, in a zone; ok is false if it lies in none. Equal ends
// are no quiet hours. A time that the clock skips that day stands for the one after.
func quietUntil(now time.Time, zone *time.Location, from, to muster.Minutes) (end time.Time, ok bool) {
	if from == to {
		return time.Time{}, false
	}
	local := now.In(zone)
	span := muster.Hours{From: from, To: to}
	if to <= from {
		span.To += 24 * 60
	}
	for _, back := range []int{1, 0} {
		day := time.Date(local.Year(), local.Month(), local.Day()-back, 0, 0, 0, 0, zone)
		if w := span.On(day); w.Contains(now) {
			return w.End, true
		}
	}
	return time.Time{}, false
}
