package asynq

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/jobs"
)

// Figures of the stream.
const (
	streamKey    = "muster:events"
	streamLength = 10_000   // at least; Redis cuts whole nodes only
	largeBody    = 16 << 10 // bytes from which an event travels without its body, so that Redis stays small
	field        = "e"
)

// appendScript adds entries if the stream ends where the publisher thinks, in one step, and gives the number
// where it ended before. ARGV: that number, the length to keep, then number and event in turn.
var appendScript = redis.NewScript(`
local newest = redis.call("XREVRANGE", KEYS[1], "+", "-", "COUNT", 1)
local last = "0"
if #newest > 0 then
	last = string.match(newest[1][1], "^(%d+)")
end
if last ~= ARGV[1] then
	return last
end
for i = 3, #ARGV, 2 do
	redis.call("XADD", KEYS[1], "MAXLEN", "~", ARGV[2], ARGV[i] .. "-0", "` + field + `", ARGV[i + 1])
end
return last
`)

// Stream is a jobs.Stream in Redis, under the key muster:events.
type Stream struct{ redis *Redis }

// Stream gives the event stream of this Redis.
func (r *Redis) Stream() *Stream { return &Stream{redis: r} }

// Publish appends events.
func (s *Stream) Publish(ctx context.Context, after int64, events []muster.Event) error {
	args := make([]any, 0, 2+2*len(events))
	args = append(args, after, streamLength)
	for _, e := range events {
		if len(e.Body) > largeBody {
			e.Body = nil
		}
		text, err := json.Marshal(e)
		if err != nil {
			return muster.E(muster.CodeInternal, fmt.Sprintf("event %d has no JSON form", e.Seq), "report this").Because(err)
		}
		args = append(args, e.Seq, text)
	}
	last, err := appendScript.Run(ctx, s.redis.client, []string{streamKey}, args...).Text()
	if err != nil {
		return s.redis.trouble(err)
	}
	if n, err := strconv.ParseInt(last, 10, 64); err != nil || n != after {
		return jobs.Moved(after, n)
	}
	return nil
}

// Last is the highest number.
func (s *Stream) Last(ctx context.Context) (int64, error) {
	newest, err := s.redis.client.XRevRangeN(ctx, streamKey, "+", "-", 1).Result()
	if err != nil || len(newest) == 0 {
		return 0, s.redis.trouble(err)
	}
	return number(newest[0].ID)
}

// Read gives events above after, or waits for one.
func (s *Stream) Read(ctx context.Context, after int64, limit int, block time.Duration) ([]muster.Event, error) {
	if block <= 0 {
		block = -1 // to Redis, 0 is for ever
	}
	found, err := s.redis.client.XRead(ctx, &redis.XReadArgs{
		Streams: []string{streamKey, strconv.FormatInt(after, 10) + "-0"}, Count: int64(limit), Block: block,
	}).Result()
	if errors.Is(err, redis.Nil) {
		return nil, ctx.Err()
	}
	if err != nil {
		return nil, s.redis.trouble(err)
	}
	var events []muster.Event
	for _, m := range found[0].Messages {
		text, _ := m.Values[field].(string)
		var e muster.Event
		if err := json.Unmarshal([]byte(text), &e); err != nil {
			return nil, unreadable(m.ID, err)
		}
		if n, err := number(m.ID); err != nil || n != e.Seq {
			return nil, unreadable(m.ID, fmt.Errorf("it holds event %d", e.Seq))
		}
		if string(e.Body) == "null" {
			e.Body = nil
		}
		events = append(events, e)
	}
	return events, nil
}

// Reset empties the stream.
func (s *Stream) Reset(ctx context.Context) error {
	return s.redis.trouble(s.redis.client.Del(ctx, streamKey).Err())
}

// number is the event number of an entry's id.
func number(id string) (int64, error) {
	seq, _, _ := strings.Cut(id, "-")
	n, err := strconv.ParseInt(seq, 10, 64)
	if err != nil {
		return 0, unreadable(id, err)
	}
	return n, nil
}

func unreadable(id string, err error) error {
	return muster.E(muster.CodeUnsuitable, "the stream "+streamKey+" has an entry "+id+" that Muster didn't write",
		"delete the key: it is filled again from the graph").Because(err)
}
