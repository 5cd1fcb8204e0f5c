package dispatch

import (
	"context"
	"maps"
	"slices"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/graph"
)

// secondLooks is how often something is looked at that looks wrong and changes all the time.
const secondLooks = 10

// again runs a check once more on each aggregate that it found something wrong with, and reports what stands: in
// between the store may have been read in the middle of somebody's work.
func (f *fsck) again(ctx context.Context, first found, check func(id string) (found, error)) error {
	for _, id := range slices.Sorted(maps.Keys(first)) {
		f.place.Report.Suspects++
		stands, err := f.stands(ctx, id, check)
		if err != nil {
			return err
		}
		if f.o.Repair && len(stands) > 0 {
			if stands, err = f.repaired(ctx, id, stands, check); err != nil {
				return err
			}
		}
		f.report(stands...)
	}
	return nil
}

// stands gives what a check finds wrong with one aggregate while nothing that it looks at moves: a commit that writes
// nothing expects every revision that was read, and so takes the locks of all these aggregates. Two looks in a row have
// to agree on the same revisions: for a moment after a commit Neo4j's index may not show yet what the commit wrote.
func (f *fsck) stands(ctx context.Context, id string, check func(id string) (found, error)) ([]Breach, error) {
	var before map[string]int64
	for range secondLooks {
		if err := f.fresh(ctx); err != nil {
			return nil, err
		}
		f.judged = make(map[string]int64)
		wrong, err := check(id)
		judged := f.judged
		f.judged = nil
		if muster.CodeOf(err) == muster.CodeNotFound || err == nil && len(wrong[id]) == 0 {
			return nil, nil
		}
		if err != nil {
			return nil, err
		}
		still, err := f.still(ctx, id, judged)
		if err != nil {
			return nil, err
		}
		if still && maps.Equal(before, judged) {
			return wrong[id], nil
		}
		if before = nil; still {
			before = judged
		}
	}
	f.place.Report.Unsettled = append(f.place.Report.Unsettled, id)
	return nil, nil
}

// rests notes the revision of an aggregate that a second look has read.
func (f *fsck) rests(r muster.Record) {
	root, ok := r.(muster.Root)
	if !ok || f.judged == nil {
		return
	}
	if rev, known := f.judged[root.RecordID()]; known && rev != root.Revision() {
		f.judged[root.RecordID()] = -1
		return
	}
	f.judged[root.RecordID()] = root.Revision()
}

// still tells whether all that was read is as it was, all at once.
func (f *fsck) still(ctx context.Context, id string, judged map[string]int64) (bool, error) {
	cmd := f.command()
	cmd.Name, cmd.Fingerprint = "fsck.look", muster.Fingerprint("fsck.look", id)
	change := graph.Change{Command: cmd, At: f.now}
	for _, read := range slices.Sorted(maps.Keys(judged)) {
		switch rev := judged[read]; {
		case rev < 0:
			return false, nil
		case rev == 0:
			change.Expect = append(change.Expect, graph.Absent(read))
		default:
			change.Expect = append(change.Expect, graph.At(read, rev))
		}
	}
	outcomes, _, err := f.d.commit(ctx, change)
	if err != nil {
		return false, err
	}
	return outcomes[0].Accepted, nil
}
