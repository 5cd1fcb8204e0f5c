package asynq

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sysopssquad/muster"
)

func TestSuitable(t *testing.T) {
	const at = "redis://there:6379"
	info := func(version, policy, aof string) string {
		return "# Server\r\nredis_version:" + version + "\r\n# Memory\r\nmaxmemory_policy:" + policy + "\r\naof_enabled:" + aof + "\r\n"
	}
	for name, c := range map[string]struct {
		info     string
		refused  string // part of the error, "" for none
		warnings int
	}{
		"as it should be":     {info("7.0.15", "noeviction", "1"), "", 0},
		"the oldest":          {info("6.2.0", "noeviction", "1"), "", 0},
		"of two parts":        {info("8.0", "noeviction", "1"), "", 0},
		"a two-digit minor":   {info("6.10.1", "noeviction", "1"), "", 0},
		"no append-only":      {info("7.2.4", "noeviction", "0"), "", 1},
		"too old":             {info("6.0.16", "noeviction", "1"), "is version 6.0.16: Muster needs Redis 6.2 or later", 0},
		"much too old":        {info("5.0.7", "noeviction", "1"), "is version 5.0.7", 0},
		"evicts":              {info("7.0.15", "allkeys-lru", "1"), `maxmemory-policy "allkeys-lru" and may evict tasks: set it: CONFIG SET maxmemory-policy noeviction`, 0},
		"evicts what expires": {info("7.0.15", "volatile-ttl", "1"), "volatile-ttl", 0},
		"says nothing":        {"", "does not tell its version", 0},
		"says nonsense":       {info("seven.0", "noeviction", "1"), "seven.0", 0},
	} {
		t.Run(name, func(t *testing.T) {
			warnings, err := suitable(at, c.info)
			require.Len(t, warnings, c.warnings)
			if c.refused == "" {
				require.NoError(t, err)
				return
			}
			require.Equal(t, muster.CodeUnsuitable, muster.CodeOf(err))
			require.ErrorContains(t, err, c.refused)
			require.ErrorContains(t, err, at)
		})
	}
}
