package importer

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/sysopssquad/muster"
)

const day = 24 * time.Hour

// parseDate reads a record's day. One that lies ahead is refused: as the newest it would shift all others.
func parseDate(text string, now time.Time) (time.Time, string) {
	d, err := time.Parse(time.DateOnly, text)
	if err != nil {
		return time.Time{}, fmt.Sprintf("date: %q is none; write it as 2025-07-31", cut(text, 40))
	}
	if d.After(now) {
		return time.Time{}, fmt.Sprintf("date: %s lies in the future", text)
	}
	if d.Year() < 1970 {
		return time.Time{}, fmt.Sprintf("date: %s lies before 1970", text)
	}
	return d, ""
}

// newestDate reads the file once for its newest day, by which all days are shifted. Rows that can't be
// used don't count.
func newestDate(ctx context.Context, path string, m *Mapping, now time.Time) (time.Time, error) {
	src, err := openSource(path)
	if err != nil {
		return time.Time{}, err
	}
	defer src.Close()
	rs, err := newRows(src, path, m)
	if err != nil {
		return time.Time{}, err
	}
	var newest time.Time
	for n := 0; ; n++ {
		if n%1000 == 0 && ctx.Err() != nil {
			return time.Time{}, ctx.Err()
		}
		r, err := rs.next()
		if errors.Is(err, io.EOF) {
			return newest, nil
		}
		if err != nil {
			return time.Time{}, unreadable(path, err)
		}
		if r.reason != "" {
			continue
		}
		if d, reason := parseDate(r.fields[colDate], now); reason == "" && d.After(newest) {
			newest = d
		}
	}
}

// daysBetween is by how many days records of a file are shifted: whole ones, so that all runs of one day
// shift alike. Rows of a file that is finished on a later day are shifted by a day more; nothing rests on
// it, since a row is known by its id alone.
func daysBetween(newest, now time.Time) int {
	if newest.IsZero() {
		return 0
	}
	return int(now.UTC().Truncate(day).Sub(newest) / day)
}

// shifted is when a record would have been reported had its file been written today: at a time of day that
// its id decides, and never ahead of now.
func shifted(d time.Time, days int, h uint64, now time.Time) time.Time {
	at := d.AddDate(0, 0, days).Add(7*time.Hour + time.Duration(h%(13*3600))*time.Second)
	if at.After(now) {
		return muster.Instant(now)
	}
	return at
}
