package bench

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sysopssquad/muster"
)

func TestWhatOverloadIsMissing(t *testing.T) {
	fine := Overload{
		Share: 0.9, P99Ms: 2000, Refused: 1, Intake: 0.1, Reads: 0.1,
		MemoryMiB: []int{10, 90, 160, 150, 150, 100, 120, 125, 90, 100, 125}, // it may grow until the half
	}
	require.Empty(t, fine.Missing(0.9))
	for name, spoil := range map[string]func(o *Overload){
		"80 % of the rated load were accepted, 90 are owed": func(o *Overload) { o.Share = 0.8 },
		"3 requests failed otherwise":                       func(o *Overload) { o.Failed = 3 },
		"what was accepted took 2001 ms":                    func(o *Overload) { o.P99Ms = 2001 },
		"nothing was refused":                               func(o *Overload) { o.Refused = 0 },
		"submissions waited behind reads":                   func(o *Overload) { o.Reads = 0.11 },
		"the memory grew from 100 MiB to 126":               func(o *Overload) { o.MemoryMiB[10] = 126 },
	} {
		o := fine
		o.MemoryMiB = append([]int(nil), fine.MemoryMiB...)
		spoil(&o)
		missing := o.Missing(0.9)
		require.Len(t, missing, 1, name)
		require.Contains(t, missing[0], name)
	}
}

func TestOverloadOfNoProcess(t *testing.T) {
	_, err := RunOverload(t.Context(), OverloadOptions{URL: "http://127.0.0.1:1", PID: 1 << 30})
	require.Equal(t, muster.CodeInvalid, muster.CodeOf(err), "%v", err)
	require.ErrorContains(t, err, "1073741824")
}
