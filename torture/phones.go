package torture

import (
	"context"
	"net/http"
	"slices"
	"time"

	"github.com/sysopssquad/muster"
)

// live takes everybody in the district through an outage that has just begun, and past its end.
func (d *district) live(ctx context.Context, outage string, began time.Time, over <-chan struct{}) error {
	if err := d.act(ctx, outage, began); err != nil || outage != GraphDown {
		return err
	}
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-over:
		return d.catchUp(ctx)
	}
}

// act lets everybody in the district do what they are held to in an outage that has just begun, and their phones tell it at once,
// as far as it can be heard. With the graph away it can't: then the phones keep it.
func (d *district) act(ctx context.Context, outage string, began time.Time) error {
	for _, x := range d.people {
		switch x.deadline {
		case toAnswer, toReplace:
			x.did = began.Add(beforeIt)
		case toLeave:
			if x.did = x.by.Add(-beforeIt); outage == RedisDown {
				x.did = x.by.Add(askedWithin + beforeIt) // once workers have asked, without Redis
			}
		default:
			x.did = x.by.Add(-beforeIt)
		}
	}
	if outage == GraphDown {
		return nil
	}
	slices.SortFunc(d.people, func(a, b *exposed) int { return a.did.Compare(b.did) })
	for _, x := range d.people {
		if err := muster.Sleep(ctx, d.clock, max(0, x.did.Sub(d.clock.Now()))); err != nil {
			return err
		}
		if err := d.tell(ctx, x, time.Time{}); err != nil {
			return err
		}
	}
	return nil
}

// catchUp lets phones tell what they kept, a while after the graph can be reached again.
func (d *district) catchUp(ctx context.Context) error {
	if err := muster.Sleep(ctx, d.clock, tellAfter); err != nil {
		return err
	}
	return each(d.people, func(_ int, x *exposed) error { return d.tell(ctx, x, x.did) })
}

// tell is the phone of somebody who has done what they are held to; at is when, if that was before. That it is refused, or never
// answered, shows afterwards: they are not heard.
func (d *district) tell(ctx context.Context, x *exposed, at time.Time) error {
	switch x.deadline {
	case toAccept:
		_ = d.ask(ctx, x.phone, http.MethodPost, "/v1/offers/"+string(x.offer)+"/accept", map[string]any{}, nil)
	case toArrive:
		_ = d.step(ctx, x, "arrive", at)
	default:
		_ = d.step(ctx, x, "depart", at)
	}
	return ctx.Err()
}

// step tells a step of a visit; the zero time is now.
func (d *district) step(ctx context.Context, x *exposed, step string, at time.Time) error {
	body := map[string]any{}
	if !at.IsZero() {
		body["at"] = muster.Instant(at)
	}
	return d.ask(ctx, x.phone, http.MethodPost, "/v1/visits/"+string(x.visit)+"/"+step, body, nil)
}
