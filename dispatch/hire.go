package dispatch

import (
	"context"
	"maps"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/graph"
)

// SaveExperts saves many experts in few commits, each as SaveExpert would; experts whose id exists are
// left as they are and count as repeated. Results are by position.
func (d *Dispatch) SaveExperts(ctx context.Context, actor muster.Actor, experts []muster.Expert) ([]RowResult, error) {
	if err := permit(actor, "save experts", asBoard, ""); err != nil {
		return nil, err
	}
	results := make([]RowResult, len(experts))
	for from := 0; from < len(experts); from += rowsPerCommit {
		to := min(from+rowsPerCommit, len(experts))
		if err := d.hire(ctx, actor, experts[from:to], results[from:to]); err != nil {
			return nil, err
		}
	}
	return results, nil
}

func (d *Dispatch) hire(ctx context.Context, actor muster.Actor, experts []muster.Expert, results []RowResult) error {
	now := d.clock.Now()
	on, err := d.setup(ctx, now)
	if err != nil {
		return err
	}
	ids := make([]string, len(experts))
	for i, e := range experts {
		ids[i] = string(e.ID)
	}
	found, err := d.store.Records(ctx, "", ids...)
	if err != nil {
		return err
	}
	own := *on
	own.regions = maps.Clone(on.regions)
	b := &batch{now: now, on: &own}
	var changes []graph.Change
	var of []int
	for i, e := range experts {
		results[i] = RowResult{State: RowRepeated, ID: string(e.ID)}
		if _, known := found[string(e.ID)]; known {
			continue
		}
		if err := settleExpert(on, &e); err != nil {
			results[i] = RowResult{State: RowRefused, ID: string(e.ID), Err: err}
			continue
		}
		if err := b.region(e.Region, actor); err != nil {
			return err
		}
		e.Rev = 1
		cmd := muster.Command{ID: muster.CommandID("expert/" + e.ID), Name: "expert.add", Actor: actor}
		cmd.Fingerprint = muster.Fingerprint(cmd.Name, e.ID)
		_, change, err := one(newDraft(cmd, now, b.on), "expert.saved", 0, e, &e)
		if err != nil {
			return err
		}
		changes, of = append(changes, change), append(of, i)
	}
	if len(changes) == 0 {
		return nil
	}
	outcomes, settled, err := d.commit(ctx, append(b.opened, changes...)...)
	if err != nil {
		return err
	}
	for n, o := range outcomes[len(b.opened):] {
		if o.Accepted && (settled || !o.Replayed) {
			results[of[n]].State = RowNew
		} // else somebody else saved it meanwhile: repeated
	}
	return nil
}
