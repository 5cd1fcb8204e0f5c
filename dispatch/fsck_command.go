package dispatch

import (
	"context"
	"encoding/json"
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
			by[id] = submitted[i]
			if err := f.asTold(ctx, wrong, by[id], id, there); err != nil {
				return err
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

// asTold compares a ticket with what was answered to whoever submitted it: it is there, under the number that was told.
func (f *fsck) asTold(ctx context.Context, wrong found, by muster.Outcome, id string, there map[string]muster.Record) error {
	t, ok := there[id].(*muster.Ticket)
	if !ok {
		wrong.add("I1", id, "command %s submitted it at %s, and there is no such ticket", by.ID, by.At.Format(time.RFC3339))
		return nil
	}
	var told struct {
		Ticket struct {
			Number int64 `json:"number"`
		} `json:"ticket"`
	}
	if by.Name != verbSubmit.String() || json.Unmarshal(by.Result, &told) != nil {
		return nil // of an import, or of another Muster: it told no number
	}
	if n := told.Ticket.Number; n != 0 && n != t.Number {
		leads, err := f.store.Owners(ctx, muster.NumberKey(n))
		if err != nil {
			return err
		}
		if leads[muster.NumberKey(n)] != id {
			wrong.add("I1", id, "command %s was told the number %d, which doesn't lead to %s", by.ID, n, t.Ref())
		}
	}
	return nil
}

func (f *fsck) stillGone(ctx context.Context, by muster.Outcome, id string) (found, error) {
	there, err := f.store.Records(ctx, "", id)
	if err != nil {
		return nil, err
	}
	f.judged[id] = 0
	if t, ok := there[id].(*muster.Ticket); ok {
		f.judged[id] = t.Rev
	}
	wrong := make(found)
	return wrong, f.asTold(ctx, wrong, by, id, there)
}
