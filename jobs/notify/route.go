package notify

import (
	"slices"
	"time"

	"github.com/sysopssquad/muster"
)

// Figures of trying again.
const (
	triesInARow  = 3 // of one channel, before the next one is tried
	firstRetry   = 15 * time.Second
	longestRetry = 30 * time.Minute
	repeats      = 1 // after a try of which nobody knows what came, by a channel that would deliver it twice
)

// unknownOutcome is what a try's error reads until it is known what came of it.
const unknownOutcome = ""

// route picks the channel by which a message goes next, with the address there. Without one, why tells; wanted is false if
// that is the reader's wish.
func (s *scene) route(channels Channels) (c muster.Channel, address, why string, wanted bool) {
	order := s.policy.Messages.Customers
	if s.expert != nil {
		order = s.policy.Messages.Experts
	}
	if len(order) == 0 && s.expert != nil {
		order = muster.DefaultTelling().Experts
	} else if len(order) == 0 {
		order = muster.DefaultTelling().Customers
	}
	var open []muster.Channel
	declined, refused := false, ""
	for _, c := range order {
		switch {
		case channels[c] == nil || s.address(c) == "":
		case s.expert == nil && slices.Contains(s.customer.OptOut, c):
			declined = true
		default:
			if r := s.exhausted(c, channels[c]); r != "" {
				refused = r
				continue
			}
			open = append(open, c)
		}
	}
	switch {
	case len(open) > 0:
		c = s.turn(open)
		return c, s.address(c), "", true
	case refused != "":
		return "", "", refused, true
	case declined:
		return "", "", "they don't want to be told by any channel that knows them", false
	default:
		return "", "", "there is no address for any channel that is configured", true
	}
}

// address is where a channel reaches the reader.
func (s *scene) address(c muster.Channel) string {
	switch {
	case s.expert != nil && c == muster.ChannelPush:
		return string(s.expert.ID) // whoever pushes knows the expert's phones
	case s.expert != nil && c == muster.ChannelSMS:
		return s.expert.Phone
	case s.expert != nil && c == muster.ChannelEmail:
		return s.expert.Email
	case s.expert != nil:
		return ""
	case c == muster.ChannelSMS:
		return s.customer.Phone
	case c == muster.ChannelEmail:
		return s.customer.Email
	}
	return ""
}

// exhausted says why a channel is not tried any more, "" if it may be: it refused the letter for good, or once more could
// deliver it a third time.
func (s *scene) exhausted(c muster.Channel, by Channel) string {
	unknown := 0
	for _, t := range s.message.Tries {
		if t.Channel != c {
			continue
		}
		if t.Final {
			return t.Error
		}
		if t.Error == unknownOutcome {
			unknown++
		}
	}
	if unknown > repeats && !by.Once() {
		return "nobody knows whether it was delivered"
	}
	return ""
}

// turn goes on with the channel of the last try until that failed a few times in a row, then with the next one.
func (s *scene) turn(open []muster.Channel) muster.Channel {
	tries := s.message.Tries
	if len(tries) == 0 {
		return open[0]
	}
	last, row := tries[len(tries)-1].Channel, 0
	for _, t := range slices.Backward(tries) {
		if t.Channel != last {
			break
		}
		row++
	}
	at := slices.Index(open, last)
	if at < 0 {
		return open[0]
	}
	if row%triesInARow == 0 {
		at = (at + 1) % len(open)
	}
	return open[at]
}

// retryAt is when a message is tried again after so many tries: after 15 s, doubled each time up to half an hour, not
// before the provider wants to be called.
func retryAt(now time.Time, tries int, after time.Duration) time.Time {
	d := firstRetry << min(max(tries-1, 0), 10)
	return now.Add(max(min(d, longestRetry), min(after, longestRetry)))
}
