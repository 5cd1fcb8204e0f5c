// Package importer takes repair records of other systems in from CSV files: streaming, in memory that
// doesn't grow with the file, each record once however often it is run. A mapping file (openrepair.yaml is
// the one that comes along) says what each category of the source is here: the work mode, the skills with
// levels, the time it takes. A row that can't be used goes to a file of rejects with its line and reason.
//
// Customers, sites and positions are synthesised from the record's id over US ZIP codes, because the
// records of public sources have none.
package importer

import (
	"context"
	"time"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/dispatch"
	"github.com/sysopssquad/muster/graph"
)

// Notice credits the sources of the data that importer/openrepair.yaml is made for. It is shown wherever
// that data is taken in.
const Notice = `Open Repair Data, Open Repair Alliance (https://openrepair.org), with data from Fixit Clinic, Repair Café Denmark,
Repair Café International, Repair Café Toronto, Repair Cafe Wales, Repair Connects, The Restart Project and anstiftung;
CC BY-SA 4.0 (https://creativecommons.org/licenses/by-sa/4.0/); columns selected, records merged, sorted and partly held
back, one phone number removed. What is built from it and published stays under that licence.
US ZIP codes: GeoNames (https://www.geonames.org), CC BY 3.0 (https://creativecommons.org/licenses/by/3.0/).`

// Target is what an import needs of dispatch; *dispatch.Dispatch is one. Import is called side by side.
type Target interface {
	Import(ctx context.Context, rows []dispatch.Intake) ([]dispatch.RowResult, error)
	SaveSkills(ctx context.Context, cmd muster.Command, req dispatch.SkillRequest) ([]muster.Skill, error)
}

// Tree tells which skills the store has; every graph.Store is one.
type Tree interface {
	Setup(ctx context.Context) (graph.Setup, error)
}

// Options say what to import.
type Options struct {
	File     string         // CSV with one header row, plain or gzipped
	Map      string         // mapping file; "" is the built-in importer/openrepair.yaml
	Rejects  string         // CSV of what could not be used, overwritten; "" keeps none, they are still counted
	Data     string         // folder of us_zips.csv.gz; "" is $MUSTER_DATA, or ../shared/data
	Clock    muster.Clock   // dates are shifted so that the newest is now; nil is the machine's
	Progress func(Progress) // called after each commit, from one goroutine at a time; may be nil
	Batch    int            // rows a commit, 500 if 0
}

// Progress is how far an import has come.
type Progress struct {
	Bytes, Size int64 // of the file as it lies on disk
	Report
}

// Report says what became of the rows; Rows is the sum of the three after it.
type Report struct {
	Rows     int            `json:"rows"`
	Imported int            `json:"imported"`
	Repeated int            `json:"repeated"` // were there from an earlier run
	Rejected int            `json:"rejected"`
	Seconds  float64        `json:"seconds"`
	Reasons  map[string]int `json:"reasons,omitempty"` // of the rejects
	Blanked  map[string]int `json:"blanked,omitempty"` // values that say nothing, left out of rows that were used, by column
}

// Run imports a file. Rows that can't be used don't stop it; an unreadable file, a wrong mapping and an
// unreachable store do. What was committed till then stays, and running again goes on where it ended.
func Run(ctx context.Context, o Options, target Target, tree Tree) (Report, error) {
	started := time.Now()
	if o.Clock == nil {
		o.Clock = muster.SystemClock{}
	}
	if o.Batch <= 0 {
		o.Batch = 500
	}
	m, err := LoadMapping(o.Map)
	if err != nil {
		return Report{}, err
	}
	now := o.Clock.Now()
	newest, err := newestDate(ctx, o.File, m, now)
	if err != nil {
		return Report{}, err
	}
	zips, err := loadZIPs(o.Data)
	if err != nil {
		return Report{}, err
	}
	if err := m.prepare(ctx, target, tree); err != nil {
		return Report{}, err
	}
	rejects, err := openRejects(o.Rejects, o.File)
	if err != nil {
		return Report{}, err
	}
	r := &run{
		options: o, target: target, rejects: rejects,
		build:  builder{mapping: m, zips: zips, now: now, days: daysBetween(newest, now)},
		report: Report{Reasons: map[string]int{}, Blanked: map[string]int{}},
	}
	err = r.stream(ctx)
	if closed := rejects.Close(); err == nil {
		err = closed
	}
	r.report.Seconds = time.Since(started).Seconds()
	return r.report, err
}
