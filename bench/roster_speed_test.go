package bench

import (
	"math/rand/v2"
	"os"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sysopssquad/muster/matcher/roster"
)

// BenchmarkRoster is muster bench roster without its peers, for profiles.
func BenchmarkRoster(b *testing.B) {
	c, err := newCrowd(os.Getenv("MUSTER_DATA"), 100_000, 80, 1)
	require.NoError(b, err)
	r, err := roster.New(c.tree, c.horizon, c.entries)
	require.NoError(b, err)
	for _, band := range bands {
		b.Run(band.name, func(b *testing.B) {
			asks, err := c.asks(band, 10_000, rand.New(rand.NewPCG(1, 6)))
			require.NoError(b, err)
			into := make([]roster.Hit, topOf)
			for n := 0; b.Loop(); n++ {
				if _, err := r.Now().Find(&asks[n%len(asks)].Query, into); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
	b.Run("build", func(b *testing.B) {
		for b.Loop() {
			if _, err := roster.New(c.tree, c.horizon, c.entries); err != nil {
				b.Fatal(err)
			}
		}
	})
}

// TestDataRosterAgreesWithItsPeers compares some queries of each band with both peers on another seed.
func TestDataRosterAgreesWithItsPeers(t *testing.T) {
	out, err := SearchRoster(t.Context(), RosterOptions{
		Data: os.Getenv("MUSTER_DATA"), Experts: 20_000, Skills: 40, Queries: 100, Seed: 3, Patient: 1 << 40,
		Say: t.Logf,
	})
	require.NoError(t, err)
	require.Len(t, out.Bands, 3)
	for _, b := range out.Bands {
		require.Zero(t, b.Allocs)
		for _, p := range b.Peers {
			require.Equal(t, b.Queries, p.Compared)
		}
	}
	require.InDelta(t, onShift, out.OnShift, 0.02)
	require.InDelta(t, withRoom, out.Room, 0.02)
}
