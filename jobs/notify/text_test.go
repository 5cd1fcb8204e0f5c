package notify

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sysopssquad/muster"
)

// TestEveryTopicHasTextsThatFitOneSMS in both languages, with names and titles as long as they come.
func TestEveryTopicHasTextsThatFitOneSMS(t *testing.T) {
	for _, language := range languages {
		for _, topic := range muster.Topics() {
			for _, plan := range []string{planVisit, planCancelled, planMerged, planDone, planWaiting, planSearching} {
				f := facts{
					Name: "Joan Park", Ref: "T-123456", Title: "Refrigerator warm, freezer fine, makes a noise", City: "San Francisco", Who: "María José Muñoz",
					Window: windowText(language, muster.Window{Start: monday.Add(30 * time.Minute), End: monday.Add(150 * time.Minute)}, time.UTC),
					Time:   clockText(language, monday), Deadline: clockText(language, monday), Survey: "https://muster.example.com/survey/tic_3k1v0c7m2q9xw4rd", Plan: plan,
				}
				if topic == muster.TopicChanged && plan == planWaiting {
					f.Until = dayText(language, monday)
				}
				w, err := write(language, topic, f)
				require.NoError(t, err)
				require.True(t, gsm(w.short), "%s %s: %s", language, topic, w.short)
				require.Equal(t, 1, segments(w.short), "%s %s: %s", language, topic, w.short)
				require.Contains(t, w.short, f.Ref)
				require.Contains(t, w.subject, f.Ref)
				require.Contains(t, w.long, f.Name)
				require.NotContains(t, w.short+w.long+w.subject, "<no value>")
				require.NotContains(t, w.subject, "\n")
			}
		}
	}
	require.Len(t, templates, len(languages)*len(muster.Topics()))
}

func TestSegments(t *testing.T) {
	for text, want := range map[string]int{
		"": 1, strings.Repeat("a", 160): 1, strings.Repeat("a", 161): 2, strings.Repeat("a", 306): 2, strings.Repeat("a", 307): 3,
		strings.Repeat("€", 80): 1, strings.Repeat("€", 81): 2, strings.Repeat("ñ", 160): 1,
		strings.Repeat("í", 70): 1, strings.Repeat("í", 71): 2, strings.Repeat("冷", 134): 2, strings.Repeat("😀", 35): 1, strings.Repeat("😀", 36): 2,
	} {
		require.Equal(t, want, segments(text), "%.20s", text)
	}
	require.Equal(t, "vendra el mié", plainSMS("vendrá el mié"))
	require.Equal(t, "冷蔵庫 está", plainSMS("冷蔵庫 está"), "as it was, where it saves nothing")
}

func TestTimesAreTheSites(t *testing.T) {
	boston := muster.Location("America/New_York")
	at := func(h, m int) time.Time { return time.Date(2026, 11, 20, h, m, 0, 0, boston) }
	for _, c := range []struct {
		from, to time.Time
		en, es   string
	}{
		{at(13, 0), at(15, 0), "Fri 20 Nov, 1-3 PM", "vie 20 nov, de 13 a 15 h"},
		{at(11, 0), at(13, 30), "Fri 20 Nov, 11 AM-1:30 PM", "vie 20 nov, de 11 a 13:30 h"},
		{at(8, 0), at(10, 0), "Fri 20 Nov, 8-10 AM", "vie 20 nov, de 8 a 10 h"},
		{at(23, 0), at(25, 0), "Fri 20 Nov 11:00 PM - Sat 21 Nov 1:00 AM", "vie 20 nov 23:00 - sáb 21 nov 01:00"},
	} {
		w := muster.Window{Start: c.from.UTC(), End: c.to.UTC()}
		require.Equal(t, c.en, windowText("en", w, boston))
		if c.es != "" {
			require.Equal(t, strings.Replace(c.es, "de 8", "de 08", 1), windowText("es", w, boston))
		}
	}
	require.Equal(t, "x CST", zoned("x", at(9, 0), muster.Location("America/Chicago"), boston))
	require.Equal(t, "x", zoned("x", at(9, 0), boston, boston))
	require.Equal(t, "es", languageOf("es-MX"))
	require.Equal(t, "en", languageOf("de"))
	require.Equal(t, "en", languageOf(""))
}
