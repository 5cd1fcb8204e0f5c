package importer

import (
	"context"
	"errors"
	"io"
	"strings"

	"golang.org/x/sync/errgroup"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/dispatch"
)

// run is one import under way. One goroutine reads and builds, committers work beside it and each other, and
// one counts in the order of the file. A few batches between them are all the memory that it takes.
type run struct {
	options Options
	target  Target
	rejects *rejectsFile
	build   builder
	report  Report
}

// batch is some hundred rows of the file in their order, ending where a household ends: rows[i] tells of the
// i-th, intakes hold those that can be used.
type batch struct {
	rows    []readRow
	intakes []dispatch.Intake
	first   int // intake of the household at hand, -1 if none of its rows could be used yet
	blanked map[string]int
	bytes   int64                     // of the file read so far
	results chan []dispatch.RowResult // one answer, when it is committed
}

// readRow is a row as it stands in the file and, if it can't be used, why.
type readRow struct {
	line   int
	id     string
	reason string
	raw    []byte
}

// committers is how many batches are taken in side by side: while one is written the next is decided on.
const committers = 2

// attempts is how often a batch is committed whose outcome isn't known; rows that got in are then repeated.
const attempts = 4

func (r *run) stream(ctx context.Context) error {
	src, err := openSource(r.options.File)
	if err != nil {
		return err
	}
	defer src.Close()
	rs, err := newRows(src, r.options.File, r.build.mapping)
	if err != nil {
		return err
	}
	work, order := make(chan *batch), make(chan *batch, committers)
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() error {
		defer close(order)
		defer close(work)
		return r.read(ctx, src, rs, work, order)
	})
	for range committers {
		g.Go(func() error {
			for b := range work {
				results, err := r.takeIn(ctx, b.intakes)
				if err != nil {
					return err
				}
				b.results <- results
			}
			return nil
		})
	}
	g.Go(func() error {
		for b := range order {
			select {
			case results := <-b.results:
				if err := r.count(b, results); err != nil {
					return err
				}
			case <-ctx.Done():
				return ctx.Err()
			}
			if r.options.Progress != nil {
				r.options.Progress(Progress{Bytes: b.bytes, Size: src.size, Report: r.report})
			}
		}
		return nil
	})
	return g.Wait()
}

func (r *run) read(ctx context.Context, src *source, rs *rows, work, order chan<- *batch) error {
	next, err := rs.next()
	for err == nil {
		b := &batch{
			rows: make([]readRow, 0, r.options.Batch+maxHousehold), first: -1, blanked: map[string]int{},
			results: make(chan []dispatch.RowResult, 1),
		}
		r.build.blanked = b.blanked
		for err == nil && (len(b.rows) < r.options.Batch || !r.build.begins(next.fields[colID])) {
			b.add(&r.build, next)
			next, err = rs.next()
		}
		b.bytes = src.read.Load()
		for _, to := range []chan<- *batch{order, work} {
			select {
			case to <- b:
			case <-ctx.Done():
				return ctx.Err()
			}
		}
	}
	if !errors.Is(err, io.EOF) {
		return unreadable(r.options.File, err)
	}
	return nil
}

// add builds a row's intake. The first one of a household brings the devices of all, so that the customer is
// written once.
func (b *batch) add(build *builder, r row) {
	if r.reason == "" {
		if build.begins(r.fields[colID]) {
			b.first = -1
		}
		in, reason := build.intake(r.fields)
		if reason == "" {
			if b.first < 0 {
				b.first = len(b.intakes)
			} else {
				first := &b.intakes[b.first]
				first.Devices = append(first.Devices, in.Devices...)
			}
			b.intakes = append(b.intakes, in)
			b.rows = append(b.rows, readRow{line: r.line, id: r.fields[colID], raw: r.raw})
			return
		}
		r.reason = reason
	}
	b.rows = append(b.rows, readRow{line: r.line, id: r.fields[colID], reason: r.reason, raw: r.raw})
}

// count adds up what became of a batch's rows, in their order.
func (r *run) count(b *batch, results []dispatch.RowResult) error {
	next := 0
	for _, row := range b.rows {
		r.report.Rows++
		if row.reason == "" {
			result := results[next]
			next++
			switch result.State {
			case dispatch.RowNew:
				r.report.Imported++
				continue
			case dispatch.RowRepeated:
				r.report.Repeated++
				continue
			}
			row.reason = "refused: " + result.Err.Error()
		}
		if err := r.reject(row); err != nil {
			return err
		}
	}
	for column, n := range b.blanked {
		r.report.Blanked[column] += n
	}
	return r.rejects.flush()
}

// takeIn commits until the outcome is known, a few times at most.
func (r *run) takeIn(ctx context.Context, in []dispatch.Intake) ([]dispatch.RowResult, error) {
	if len(in) == 0 {
		return nil, nil
	}
	var err error
	for range attempts {
		var results []dispatch.RowResult
		results, err = r.target.Import(ctx, in)
		if err == nil && len(results) != len(in) {
			return nil, muster.E(muster.CodeInternal, "an import answered for too few rows", "report this")
		}
		if muster.CodeOf(err) != muster.CodeUnknown {
			return results, err
		}
	}
	return nil, err
}

func (r *run) reject(row readRow) error {
	r.report.Rejected++
	class, _, _ := strings.Cut(row.reason, ":")
	r.report.Reasons[class]++
	return r.rejects.add(row.line, row.id, row.reason, row.raw)
}
