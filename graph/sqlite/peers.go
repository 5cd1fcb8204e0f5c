package sqlite

import (
	"context"
	"database/sql"
	"encoding/json"

	"github.com/sysopssquad/muster"
)

// Peers implements graph.Decisions.
func (s *Store) Peers(ctx context.Context, after muster.ExpertID, limit int) (out []muster.Expert, err error) {
	const text = `SELECT t."id", t."region", t."skills", t."capacity", t."paid_weeks" FROM expert t
		WHERE t."id" > ? AND t.alive ORDER BY t."id" LIMIT ?`
	err = s.view(ctx, func(q query) error {
		out = nil
		return q.each(text, []any{string(after), limit}, func(rows *sql.Rows) error {
			var e muster.Expert
			var skills, capacity sql.NullString
			if err := rows.Scan(&e.ID, &e.Region, &skills, &capacity, &e.PaidWeeks); err != nil {
				return err
			}
			if skills.Valid {
				if err := json.Unmarshal([]byte(skills.String), &e.Skills); err != nil {
					return err
				}
			}
			if capacity.Valid {
				if err := json.Unmarshal([]byte(capacity.String), &e.Capacity); err != nil {
					return err
				}
			}
			out = append(out, e)
			return nil
		})
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}
