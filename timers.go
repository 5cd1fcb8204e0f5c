package muster

import (
	"hash/fnv"
	"time"
)

// Lane groups timers by how much a late one hurts; workers look at them 8:3:1.
type Lane string

// The lanes.
const (
	LanePromises     Lane = "promises" // offers, departures, SLA
	LaneMatching     Lane = "matching"
	LaneHousekeeping Lane = "housekeeping"
)

// Lanes lists them by weight.
func Lanes() []Lane { return []Lane{LanePromises, LaneMatching, LaneHousekeeping} }

// TimerName names one deadline of an aggregate.
type TimerName string

// The timers of this release, each with its lane.
const (
	TimerOffer   TimerName = "offer"   // an offer's deadline
	TimerQueue   TimerName = "queue"   // the next step of escalation of a ticket that nobody has
	TimerTriage  TimerName = "triage"  // nobody has triaged yet: it is put before a person
	TimerWake    TimerName = "wake"    // a waiting ticket returns to the queue
	TimerVisit   TimerName = "visit"   // a scheduled visit is looked at
	TimerSLA     TimerName = "sla"     // a clock is due, or a promise ends
	TimerOverrun TimerName = "overrun" // the work of a visit should have ended
	TimerResolve TimerName = "resolve" // a completed ticket becomes resolved
	TimerRound   TimerName = "round"   // a region's next round
	TimerLease   TimerName = "lease"   // a duty may be taken over
	TimerSend    TimerName = "send"    // a message is to be sent
	TimerRetry   TimerName = "retry"   // what a consumer of events couldn't handle is tried again
	TimerResend  TimerName = "resend"  // one that could not be sent, or had to wait for the morning, is tried again

	TimerException TimerName = "exception" // an exception that was taken returns to the list
	TimerEnding    TimerName = "ending"    // an offer runs out and there is no time to lose: a person may call
	TimerRedecide  TimerName = "redecide"  // what an expert has ahead is looked at anew
	TimerSkills    TimerName = "skills"    // the same, some time after a skill of theirs counts for less
	TimerLeave     TimerName = "leave"     // an expert works here no longer
	TimerDepart    TimerName = "depart"    // the latest leaving time: whoever hasn't left is asked
	TimerAnswer    TimerName = "answer"    // whoever was asked has had the time to answer
	TimerReplace   TimerName = "replace"   // somebody else may be sent
)

// Lane of a timer.
func (n TimerName) Lane() Lane {
	switch n {
	case TimerOffer, TimerVisit, TimerWake, TimerSLA, TimerOverrun, TimerSend, TimerException, TimerRedecide, TimerSkills, TimerEnding:
		return LanePromises
	case TimerQueue, TimerTriage, TimerRound:
		return LaneMatching
	case TimerDepart, TimerAnswer, TimerReplace:
		return LanePromises
	default:
		return LaneHousekeeping
	}
}

// Timers are the named deadlines of an aggregate.
type Timers map[TimerName]time.Time

// Next is the earliest deadline, with its name; of equal ones the first by name. ok is false without timers.
func (t Timers) Next() (name TimerName, at time.Time, ok bool) {
	for n, a := range t {
		if !ok || a.Before(at) || a.Equal(at) && n < name {
			name, at, ok = n, a, true
		}
	}
	return name, at, ok
}

// Shards is how many shares the timers of a lane are spread over, so that workers don't fight for
// the head of one index (measured: on one index they lose three quarters of their updates to each other).
const Shards = 256

// ShardOf is the shard of an aggregate.
func ShardOf(id string) int {
	h := fnv.New32a()
	h.Write([]byte(id))
	return int(h.Sum32() % Shards)
}
