package bench

import (
	"bufio"
	"compress/gzip"
	"context"
	"encoding/csv"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"

	"github.com/sysopssquad/muster/importer"
)

// importTickets imports the openrepair records, or the first of them, into an empty store.
func importTickets(ctx context.Context, o Options, p place) ([]Line, error) {
	file := filepath.Join(o.Data, "openrepair.csv.gz")
	if o.Rows > 0 {
		short, err := firstRows(file, o.Rows)
		if err != nil {
			return nil, err
		}
		defer os.Remove(short)
		file = short
	}
	var rates []float64
	var bare probed
	for range o.Turns {
		at, err := p.fresh(ctx)
		if err != nil {
			return nil, err
		}
		if err := child(ctx, nil, o.Muster, "schema", "--graph", at, "--json"); err != nil {
			return nil, err
		}
		if err := p.keep(ctx, o, "before"); err != nil {
			return nil, err
		}
		var r importer.Report
		if err := child(ctx, &r, o.Muster, "import", "tickets", file, "--graph", at, "--json"); err != nil {
			return nil, err
		}
		rates = append(rates, float64(r.Imported)/r.Seconds)
		if err := p.keep(ctx, o, "after"); err != nil {
			return nil, err
		}
		peer, err := p.probe(ctx, o, "before", "after", r.Imported, 0)
		if err != nil {
			return nil, err
		}
		bare = bare.better(peer)
	}
	return []Line{perSecond(p, "import, file to last commit", "tickets/s", rates, bare, 0.6)}, nil
}

// perSecond is the line of a rate that was measured several times.
func perSecond(p place, work, unit string, rates []float64, bare probed, owed float64) Line {
	best := slices.Max(rates)
	return Line{
		Store: p.name(), Work: work, Unit: unit, Have: best, Turns: rates,
		Peer: bare.String(), Probe: bare.Best.Rate, Ratio: best / bare.Best.Rate, Owed: owed,
	}
}

// firstRows copies the header and the first rows of a gzipped CSV into a plain one.
func firstRows(file string, rows int) (string, error) {
	in, err := os.Open(file)
	if err != nil {
		return "", err
	}
	defer in.Close()
	z, err := gzip.NewReader(bufio.NewReader(in))
	if err != nil {
		return "", err
	}
	out, err := os.CreateTemp("", "rows*.csv")
	if err != nil {
		return "", err
	}
	defer out.Close()
	from, to := csv.NewReader(z), csv.NewWriter(out)
	for range rows + 1 {
		row, err := from.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return "", err
		}
		if err := to.Write(row); err != nil {
			return "", err
		}
	}
	to.Flush()
	return out.Name(), to.Error()
}
