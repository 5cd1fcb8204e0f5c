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
	NeedsAPerson  = 5                // failures in a row from which a person is told, each time
	passingDelay  = 10 * time.Second // what is no fault of the aggregate's: with sweeps, tried again at every one
	notBefore     = time.Second
	jitterPercent = 20
)

// backoff is how long to leave an aggregate alone after that many failures in a row: 5 s, doubled each
// time up to an hour.
func backoff(id string, failures int) time.Duration {
	d := longestDelay
	if shift := failures - 1; shift < 20 {
		d = min(firstDelay<<max(shift, 0), longestDelay)
	}
	return spread(d, id, failures)
}

// spread adds up to a fifth by an aggregate's id, so that what failed together, for one cause, is not tried again together.
func spread(d time.Duration, id string, failures int) time.Duration {
	h := fnv.New32a()
	h.Write([]byte(id + "/" + strconv.Itoa(failures)))
	return d + d*time.Duration(h.Sum32()%(jitterPercent+1))/100
}
