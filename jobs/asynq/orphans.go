package asynq

import (
	"context"
	"time"

	"github.com/redis/go-redis/v9"
)

// Figures of the look for orphans.
const (
	orphansEvery = 15 * time.Second // as often as the sweep, which does the work of a hint that is lost
	orphansAtAll = 1_000            // looked at in one go, the oldest first: the script holds up all other commands
)

// adopt gives tasks that are active without a lease back to be taken again. Asynq looks for workers that died among
// the leases alone (issue 1144 of hibiken/asynq), so that such a task would stay active for ever, and its id with it.
// Taking a task and giving it a lease is one script, so whatever is active without one is nobody's, or its worker has
// lost it and can't finish it any more: that it may then run twice is what every handler expects. What has lost its
// message can't run, and is forgotten: its id is free again.
//
// KEYS: active, lease, pending. ARGV: prefix of a task's key, how many to look at, now in ns.
var adopt = redis.NewScript(`
local found = 0
for _, id in ipairs(redis.call("LRANGE", KEYS[1], -tonumber(ARGV[2]), -1)) do
  local key = ARGV[1] .. id
  if redis.call("HEXISTS", key, "msg") == 0 then
    redis.call("LREM", KEYS[1], 0, id)
    redis.call("ZREM", KEYS[2], id)
    redis.call("DEL", key)
    found = found + 1
  elseif not redis.call("ZSCORE", KEYS[2], id) then
    redis.call("LREM", KEYS[1], 0, id)
    redis.call("RPUSH", KEYS[3], id)
    redis.call("HSET", key, "state", "pending", "pending_since", ARGV[3])
    found = found + 1
  end
end
return found
`)

// orphans has tasks that are nobody's taken up again, and tells how many there were.
func (q *Queue) orphans(ctx context.Context) (int, error) {
	const prefix = "asynq:{" + queueName + "}:"
	return adopt.Run(ctx, q.redis.client, []string{prefix + "active", prefix + "lease", prefix + "pending"},
		prefix+"t:", orphansAtAll, time.Now().UnixNano()).Int()
}

// tendOrphans looks for them at once, then at every tick, until ctx is done.
func (q *Queue) tendOrphans(ctx context.Context, tick <-chan time.Time) {
	for {
		n, err := q.orphans(ctx)
		switch {
		case err != nil && ctx.Err() == nil:
			q.redis.log.Debug("tasks without a lease can't be looked for", "err", err)
		case n > 0:
			q.redis.log.Warn("tasks that no worker held are taken up again", "tasks", n)
		}
		select {
		case <-ctx.Done():
			return
		case <-tick:
		}
	}
}
