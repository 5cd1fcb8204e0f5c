package neo4j

import (
	"context"
	"encoding/json"

	"github.com/neo4j/neo4j-go-driver/v5/neo4j"

	"github.com/sysopssquad/muster"
)

// Peers implements graph.Decisions.
func (s *Store) Peers(ctx context.Context, after muster.ExpertID, limit int) (out []muster.Expert, err error) {
	p := scanning(muster.KindExpert, string(after), limit)
	err = s.view(ctx, decision, "peers", p, func(_ *reader, records []*neo4j.Record) error {
		out = nil
		for _, rec := range records {
			e := muster.Expert{
				ID: muster.ExpertID(text(rec.Values[0])), Region: muster.RegionID(text(rec.Values[1])),
				PaidWeeks: muster.Minutes(whole64(rec.Values[4])),
			}
			if skills := text(rec.Values[2]); skills != "" {
				if err := json.Unmarshal([]byte(skills), &e.Skills); err != nil {
					return err
				}
			}
			if capacity := text(rec.Values[3]); capacity != "" {
				if err := json.Unmarshal([]byte(capacity), &e.Capacity); err != nil {
					return err
				}
			}
			out = append(out, e)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}
