package muster

import (
	"fmt"
	"slices"
)

// Telling are the figures of what people are told.
type Telling struct {
	QuietFrom Minutes   `json:"quiet_from"` // of the day, local time where the person is: from then on nobody is disturbed
	QuietTo   Minutes   `json:"quiet_to"`   // until then, of the next day if it is before; equal: at no time
	AnyTime   []Topic   `json:"any_time"`   // are sent in quiet hours too
	Soon      Minutes   `json:"soon"`       // so is what is about a visit that begins within
	Customers []Channel `json:"customers"`  // in this order, as far as there is an address and they don't mind; none: sms, email
	Experts   []Channel `json:"experts"`    // the same; none: push, sms, email
	Search    Minutes   `json:"search"`     // how long somebody else is looked for before a customer is told that nobody comes
}

// DefaultTelling is what a new company starts from.
func DefaultTelling() Telling {
	return Telling{
		QuietFrom: 21 * 60, QuietTo: 8 * 60, Soon: 3 * 60, Search: 30,
		AnyTime:   []Topic{TopicOnTheWay, TopicLate, TopicOffer, TopicComing},
		Customers: []Channel{ChannelSMS, ChannelEmail},
		Experts:   []Channel{ChannelPush, ChannelSMS, ChannelEmail},
	}
}

func (t Telling) bounds() []bound {
	return []bound{
		whole("messages.quiet_from", t.QuietFrom, 0, day),
		whole("messages.quiet_to", t.QuietTo, 0, day),
		whole("messages.soon", t.Soon, 0, 7*day),
		whole("messages.search", t.Search, 0, day),
	}
}

// check finds topics and channels that there aren't, or that are named twice.
func (t Telling) check(f *Findings) {
	for i, topic := range t.AnyTime {
		if !slices.Contains(Topics(), topic) || slices.Contains(t.AnyTime[:i], topic) {
			f.add(Invalid(fmt.Sprintf("messages.any_time[%d]", i), string(topic), "a topic of messages such as on_the_way, each once"))
		}
	}
	known := func(field string, order []Channel) {
		for i, c := range order {
			if !slices.Contains(Channels(), c) || slices.Contains(order[:i], c) {
				f.add(Invalid(fmt.Sprintf("messages.%s[%d]", field, i), string(c), "one of sms, email and push, each once"))
			}
		}
	}
	known("customers", t.Customers)
	known("experts", t.Experts)
}
