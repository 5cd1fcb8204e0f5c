package sqlite

import (
	"fmt"
	"slices"
	"sync"

	"github.com/sysopssquad/muster"
)

// decodePage is how many rows are decoded together.
const decodePage = 256

// decoder makes records of rows in pages, each beside the reading of the next: SQLite keeps one core busy,
// and decoding is two fifths of the work of a large read.
type decoder[P muster.Record] struct {
	table *table
	rows  [][]any
	pages []*decoded[P]
	wg    sync.WaitGroup
}

// decoded is a page of records, valid after the decoder's wait.
type decoded[P muster.Record] struct {
	records []P
	err     error
}

func (d *decoder[P]) add(values []any) {
	d.rows = append(d.rows, values)
	if len(d.rows) == decodePage {
		page, rows := d.next()
		d.wg.Go(func() { page.decode(d.table, rows) })
	}
}

func (d *decoder[P]) next() (*decoded[P], [][]any) {
	page, rows := new(decoded[P]), d.rows
	d.pages, d.rows = append(d.pages, page), nil
	return page, rows
}

// finish decodes the rows that are left and gives all records in the order of their rows.
func (d *decoder[P]) finish() ([]P, error) {
	page, rows := d.next()
	page.decode(d.table, rows)
	d.wg.Wait()
	lists := make([][]P, len(d.pages))
	for i, p := range d.pages {
		if p.err != nil {
			return nil, p.err
		}
		lists[i] = p.records
	}
	return slices.Concat(lists...), nil
}

func (p *decoded[P]) decode(t *table, rows [][]any) {
	p.records = make([]P, len(rows))
	for i, values := range rows {
		r, err := t.spec.Decode(values)
		if err != nil {
			p.err = err
			return
		}
		record, ok := r.(P)
		if !ok {
			p.err = fmt.Errorf("%T is not a %T", r, p.records[i])
			return
		}
		p.records[i] = record
	}
}
