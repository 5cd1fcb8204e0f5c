package api

import (
	"encoding/json"
	"reflect"
	"slices"

	"github.com/sysopssquad/muster"
)

// narrowed is an answer as whoever reads it may see it, whatever the operation. Customers see of a ticket what they asked for,
// what they were promised and who comes; what staff write to one another, who said no, on what a choice rested and who has
// done what is not for them. It lists what is shown: a field that is new is kept back.
func narrowed[O any](s muster.Scope, answer *O) *O {
	if s.Customer != "" {
		narrow(reflect.ValueOf(answer))
	}
	return answer
}

// cuts make of a value what a customer sees of it.
var cuts = map[reflect.Type]func(reflect.Value) reflect.Value{
	reflect.TypeFor[muster.Ticket]():       cut(ticketForCustomer),
	reflect.TypeFor[muster.Visit]():        cut(visitForCustomer),
	reflect.TypeFor[[]muster.Offer]():      cut(func([]muster.Offer) []muster.Offer { return []muster.Offer{} }),
	reflect.TypeFor[[]muster.Assignment](): cut(assignmentsForCustomer),
	reflect.TypeFor[muster.Event]():        cut(eventForCustomer),
	reflect.TypeFor[muster.Message]():      cut(messageForCustomer),
	reflect.TypeFor[muster.Customer]():     cut(customerForCustomer),
}

func cut[T any](by func(T) T) func(reflect.Value) reflect.Value {
	return func(v reflect.Value) reflect.Value { return reflect.ValueOf(by(v.Interface().(T))) }
}

// narrow goes through all that an answer holds. What a pointer leads to may belong to others: it is replaced, not altered.
func narrow(v reflect.Value) {
	if by, ok := cuts[v.Type()]; ok && v.CanSet() {
		v.Set(by(v))
		return
	}
	switch v.Kind() {
	case reflect.Pointer:
		if v.IsNil() {
			return
		}
		if by, ok := cuts[v.Type().Elem()]; ok && v.CanSet() {
			fresh := reflect.New(v.Type().Elem())
			fresh.Elem().Set(by(v.Elem()))
			v.Set(fresh)
			return
		}
		narrow(v.Elem())
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() {
				narrow(v.Field(i))
			}
		}
	case reflect.Slice:
		for i := range v.Len() {
			narrow(v.Index(i))
		}
	}
}

func ticketForCustomer(t muster.Ticket) muster.Ticket {
	seen := muster.Ticket{
		ID: t.ID, Rev: t.Rev, Number: t.Number, Customer: t.Customer, Site: t.Site, Device: t.Device,
		Title: t.Title, Text: t.Text, Category: t.Category, Symptom: t.Symptom, Brand: t.Brand,
		Mode: t.Mode, Needs: t.Needs, Duration: t.Duration, Windows: t.Windows, Carry: t.Carry, Crew: t.Crew, Priority: t.Priority,
		State: t.State, Wait: muster.Wait{For: t.Wait.For, Until: t.Wait.Until}, Visits: t.Visits, City: t.City, Zone: t.Zone,
		DueAt: t.DueAt, CreatedAt: t.CreatedAt, CompletedAt: t.CompletedAt, ClosedAt: t.ClosedAt, Timers: muster.Timers{},
		Promised: t.Promised, ReopenedAt: t.ReopenedAt, Warranty: t.Warranty, MergedInto: t.MergedInto,
	}
	if slices.Contains(muster.VisitOutcomes(), muster.VisitOutcome(t.Outcome)) { // else it may be why staff cancelled it
		seen.Outcome = t.Outcome
	}
	if v := t.Visit; v != nil {
		brief := muster.OpenVisit{ID: v.ID, State: v.State, Start: v.Start, End: v.End}
		if v.State != muster.VisitOffered { // else they have only been asked
			brief.Experts = v.Experts
		}
		seen.Visit = &brief
	}
	return seen
}

func visitForCustomer(v muster.Visit) muster.Visit {
	return muster.Visit{
		ID: v.ID, Ticket: v.Ticket, N: v.N, State: v.State, Window: v.Window, Start: v.Start, End: v.End, Crew: v.Crew,
		Outcome: v.Outcome, DepartedAt: v.DepartedAt, ArrivedAt: v.ArrivedAt, StartedAt: v.StartedAt, EndedAt: v.EndedAt,
		Told: v.Told, BrokenAt: v.BrokenAt, PredictedAt: v.PredictedAt,
	}
}

// assignmentsForCustomer are those of whoever comes or came.
func assignmentsForCustomer(all []muster.Assignment) []muster.Assignment {
	seen := []muster.Assignment{}
	for _, a := range all {
		if a.State != muster.AssignmentWithdrawn {
			seen = append(seen, muster.Assignment{
				ID: a.ID, Ticket: a.Ticket, Visit: a.Visit, Place: a.Place, Expert: a.Expert, Start: a.Start, End: a.End, State: a.State,
			})
		}
	}
	return seen
}

// eventForCustomer tells that something happened, and when; what it is about is read with the ticket.
func eventForCustomer(e muster.Event) muster.Event {
	return muster.Event{
		Aggregate: e.Aggregate, Rev: e.Rev, Name: e.Name, Version: e.Version, At: e.At, Seq: e.Seq,
		Actor: muster.Actor{Role: e.Actor.Role}, Body: json.RawMessage("{}"),
	}
}

func messageForCustomer(m muster.Message) muster.Message {
	return muster.Message{
		ID: m.ID, Rev: m.Rev, Ticket: m.Ticket, Visit: m.Visit, Customer: m.Customer, Topic: m.Topic, State: m.State,
		Channel: m.Channel, Address: m.Address, Language: m.Language, Subject: m.Subject, Text: m.Text, Told: m.Told,
		At: m.At, EndedAt: m.EndedAt,
	}
}

// customerForCustomer leaves out which experts don't want to come any more.
func customerForCustomer(c muster.Customer) muster.Customer {
	seen := muster.Customer{
		ID: c.ID, Rev: c.Rev, Name: c.Name, Email: c.Email, Phone: c.Phone, Language: c.Language, Plan: c.Plan,
		Preferred: c.Preferred, CreatedAt: c.CreatedAt, Removed: c.Removed, OptOut: c.OptOut,
	}
	for _, b := range c.Blocked {
		if b.Declined == "" {
			seen.Blocked = append(seen.Blocked, b)
		}
	}
	return seen
}
