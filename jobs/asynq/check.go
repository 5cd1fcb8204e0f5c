package asynq

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"sync"

	"github.com/redis/go-redis/v9"

	"github.com/sysopssquad/muster"
)

// What a Redis must be: version 6.2, because of what Asynq sends, and without eviction, which would take
// tasks away in silence.
const (
	needMajor, needMinor = 6, 2
	needPolicy           = "noeviction"
)

// Check refuses a Redis that is too old or evicts keys (CodeUnsuitable), for every master of a cluster, and
// returns warnings about what is only unwise. CodeUnavailable: it can't be reached.
func (r *Redis) Check(ctx context.Context) (warnings []string, err error) {
	var mu sync.Mutex
	one := func(ctx context.Context, c *redis.Client) error {
		var info strings.Builder
		for _, section := range []string{"server", "memory", "persistence"} {
			text, err := c.Info(ctx, section).Result()
			if err != nil {
				return r.trouble(err)
			}
			info.WriteString(text)
			info.WriteString("\r\n")
		}
		w, err := suitable(r.shown, info.String())
		mu.Lock()
		defer mu.Unlock()
		warnings = append(warnings, w...)
		return err
	}
	switch c := r.client.(type) {
	case *redis.Client:
		err = one(ctx, c)
	case *redis.ClusterClient:
		err = c.ForEachMaster(ctx, one)
		if err != nil && muster.CodeOf(err) == muster.CodeInternal {
			err = r.trouble(err)
		}
	}
	return warnings, err
}

// suitable judges what INFO says: server, memory and persistence.
func suitable(shown, info string) (warnings []string, err error) {
	have := make(map[string]string)
	for line := range strings.Lines(info) {
		if name, value, ok := strings.Cut(strings.TrimSpace(line), ":"); ok {
			have[name] = value
		}
	}
	version := have["redis_version"]
	parts := strings.SplitN(version, ".", 3)
	if len(parts) < 2 {
		return nil, unsuitable(shown, "does not tell its version", "Muster needs Redis 6.2 or later")
	}
	major, merr := strconv.Atoi(parts[0])
	minor, nerr := strconv.Atoi(parts[1])
	if merr != nil || nerr != nil || major < needMajor || major == needMajor && minor < needMinor {
		return nil, unsuitable(shown, "is version "+version, "Muster needs Redis 6.2 or later")
	}
	if policy := have["maxmemory_policy"]; policy != needPolicy {
		return nil, unsuitable(shown, fmt.Sprintf("has maxmemory-policy %q and may evict tasks", policy),
			"set it: CONFIG SET maxmemory-policy noeviction, and the same in redis.conf")
	}
	if have["aof_enabled"] == "0" {
		warnings = append(warnings, "Redis at "+shown+" keeps no append-only file: a restart loses its tasks, and work waits for "+
			"the next sweep; to avoid that: CONFIG SET appendonly yes, and the same in redis.conf")
	}
	return warnings, nil
}

func unsuitable(shown, what, remedy string) error {
	return muster.E(muster.CodeUnsuitable, "Redis at "+shown+" "+what, remedy)
}
