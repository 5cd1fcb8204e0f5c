package sim

import (
	"context"
	"slices"
)

// Shrink looks for a smaller history that still shows something wrong: fewer kinds of faults, then fewer calls, by
// leaving out halves, quarters and so on of them for as long as it fails without. It gives the options of the smallest
// that it found, and its report. Histories are run at most tries times.
func Shrink(ctx context.Context, open Open, o Options, tries int, said func(calls, kinds int)) (Options, Report, error) {
	best, err := o.filled()
	if err != nil {
		return o, Report{}, err
	}
	if best.Calls == nil {
		for n := range best.Tickets {
			best.Calls = append(best.Calls, n)
		}
	}
	var report Report
	fails := func(o Options) (bool, error) {
		if tries--; tries < 0 {
			return false, nil
		}
		r, err := Run(ctx, open, o)
		if err != nil || r.Clean() {
			return false, err
		}
		best, report = o, r
		if said != nil {
			said(len(o.Calls), len(o.Faults))
		}
		return true, nil
	}
	if wrong, err := fails(best); err != nil || !wrong {
		return best, report, err
	}
	for i := 0; i < len(best.Faults); {
		less := best
		less.Faults = slices.Delete(slices.Clone(best.Faults), i, i+1)
		wrong, err := fails(less)
		if err != nil {
			return best, report, err
		}
		if !wrong {
			i++
		}
	}
	for size := (len(best.Calls) + 1) / 2; size > 0 && tries > 0; size /= 2 {
		for from := 0; from < len(best.Calls) && len(best.Calls) > size; {
			less := best
			less.Calls = slices.Delete(slices.Clone(best.Calls), from, min(from+size, len(best.Calls)))
			wrong, err := fails(less)
			if err != nil {
				return best, report, err
			}
			if !wrong {
				from += size
			}
		}
	}
	return best, report, nil
}
