package dispatch

import (
	"context"

	"github.com/sysopssquad/muster"
)

// A mention is an id in a field of a request that must be of something that there is.
type mention struct {
	field string
	kind  muster.Kind
	id    string
}

// there refuses the first mention of what there is not. What is removed is still there: its history is.
func (d *Dispatch) there(ctx context.Context, all []mention) error {
	if len(all) == 0 {
		return nil
	}
	ids := make([]string, len(all))
	for i, m := range all {
		ids[i] = m.id
	}
	found, err := d.store.Records(ctx, "", ids...)
	if err != nil {
		return err
	}
	for _, m := range all {
		if r := found[m.id]; r == nil || r.Kind() != m.kind {
			return muster.Invalid(m.field, m.id, "there is no such "+string(m.kind)+"; check the id, or leave it out")
		}
	}
	return nil
}
