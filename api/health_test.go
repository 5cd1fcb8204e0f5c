package api

import (
	"context"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sysopssquad/muster"
)

func TestHealthNeedsNobody(t *testing.T) {
	r := newRig(t)
	h := into[Health](t, http.StatusOK, r.as("", "GET", "/healthz", nil))
	require.Equal(t, Health{Status: "ok", Version: "test"}, h)
}

// skewed is a store whose clock is off.
type skewed struct {
	Graph
	by      time.Duration
	version int
}

func (s skewed) Now(ctx context.Context) (time.Time, error) {
	now, err := s.Graph.Now(ctx)
	return now.Add(s.by), err
}

func (s skewed) Version(ctx context.Context) (int, error) {
	v, err := s.Graph.Version(ctx)
	return v + s.version, err
}

func TestReadyNamesWhatFails(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*Config)
		failed string
		says   string
	}{
		"ready":        {func(*Config) {}, "", ""},
		"clock":        {func(c *Config) { c.Graph = skewed{Graph: c.Graph, by: 2100 * time.Millisecond} }, "clock", "NTP"},
		"clock behind": {func(c *Config) { c.Graph = skewed{Graph: c.Graph, by: -3 * time.Second} }, "clock", "3s apart"},
		"newer schema": {func(c *Config) { c.Graph = skewed{Graph: c.Graph, version: 1} }, "store", "newer Muster"},
		"older schema": {func(c *Config) { c.Graph = skewed{Graph: c.Graph, version: -1} }, "store", "muster schema"},
		"relay": {func(c *Config) {
			c.Checks = []Check{{"relay", func(context.Context) (string, error) {
				return "412 waiting", muster.E(muster.CodeUnavailable, "the relay has stood still for 40 s", "start muster work")
			}}}
		}, "relay", "start muster work"},
	} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t, c.change)
			status := http.StatusOK
			if c.failed != "" {
				status = http.StatusServiceUnavailable
			}
			got := into[Readiness](t, status, r.as("", "GET", "/readyz", nil))
			require.Equal(t, c.failed == "", got.Ready)
			require.GreaterOrEqual(t, len(got.Checks), 2)
			for _, k := range got.Checks {
				require.Equal(t, k.Name != c.failed, k.OK, "%+v", k)
				if !k.OK {
					require.Contains(t, k.Error, c.says)
				}
			}
		})
	}
}
