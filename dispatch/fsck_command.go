package dispatch

import (
	"context"
	"time"

	"github.com/sysopssquad/muster"
)

// commands checks that what was acknowledged is there: a ticket's id follows from the command that submitted it.
func (f *fsck) commands(ctx context.Context) error {
	for after := muster.CommandID(f.place.After); ; {
		page, err := f.store.Commands(ctx, after, fsckPage)
		if err != nil || len(page) == 0 {
			return err
		}
		after = page[len(page)-1].ID
		submitted := page[:0]
		var ids []string
		for _, o := range page {
			if o.Name == verbSubmit.String() || o.Name == importName {
				submitted, ids = append(submitted, o), append(ids, muster.NewID(muster.KindTicket, o.ID, 0))
			}
		}
		f.place.Report.Checked += len(ids)
		there, err := f.store.Records(ctx, "", ids...)
		if err != nil {
			return err
		}
		by := make(map[string]muster.Outcome, len(ids))
		wrong := make(found)
		for i, id := range ids {
			if by[id] = submitted[i]; there[id] == nil {
				wrong.gone(by[id], id)
			}
		}
		if err := f.again(ctx, wrong, func(id string) (found, error) { return f.stillGone(ctx, by[id], id) }); err != nil {
			return err
		}
		if err := f.turn(ctx, string(after)); err != nil {
			return err
		}
	}
}

func (f *fsck) stillGone(ctx context.Context, by muster.Outcome, id string) (found, error) {
	there, err := f.store.Records(ctx, "", id)
	if err != nil || there[id] != nil {
		return nil, err
	}
	f.judged[id] = 0
	wrong := make(found)
	wrong.gone(by, id)
	return wrong, nil
}

func (f found) gone(by muster.Outcome, id string) {
	f.add("I1", id, "command %s submitted it at %s, and there is no such ticket", by.ID, by.At.Format(time.RFC3339))
}
