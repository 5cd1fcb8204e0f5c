package dispatch

import (
	"context"
	"fmt"
	"time"

	"github.com/sysopssquad/muster"
)

// commands checks that what was acknowledged is there: a ticket's id follows from the command that submitted it.
func (f *fsck) commands(ctx context.Context) error {
	for after := muster.CommandID(""); ; {
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
		f.report.Checked += len(ids)
		there, err := f.store.Records(ctx, "", ids...)
		if err != nil {
			return err
		}
		for i, id := range ids {
			if there[id] == nil {
				f.report.Breaches = append(f.report.Breaches, Breach{"I1", id, fmt.Sprintf(
					"command %s submitted it at %s, and there is no such ticket", submitted[i].ID, submitted[i].At.Format(time.RFC3339),
				)})
			}
		}
	}
}
