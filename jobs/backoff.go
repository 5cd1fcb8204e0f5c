package jobs

import (
	"hash/fnv"
	"strconv"
	"time"
)

// Figures of what a worker does about an aggregate whose handler fails.
const (
	firstDelay    = 5 * time.Second
	longestDelay  = time.Hour
	NeedsAPerson  = 5 // failures in a row from which a person is told, each time
	notBefore     = time.Second
	jitterPercent = 20
)

// backoff is how long to leave an aggregate alone after that many failures in a row: 5 s, doubled each
// time up to an hour. Up to a fifth is added by its id, so that what failed together, for one cause, is not
// tried again together.
func backoff(id string, failures int) time.Duration {
	d := longestDelay
	if shift := failures - 1; shift < 20 {
		d = min(firstDelay<<max(shift, 0), longestDelay)
	}
	h := fnv.New32a()
	h.Write([]byte(id + "/" + strconv.Itoa(failures)))
	return d + d*time.Duration(h.Sum32()%(jitterPercent+1))/100
}
