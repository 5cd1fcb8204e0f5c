package graph

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/sysopssquad/muster"
)

// This file holds what the table of kinds is written with: a builder of a kind's description, and a
// constructor for each type of field and edge.

type recordOf[T any] interface {
	*T
	muster.Record
}

type builder struct{ s Spec }

func of[T any, P recordOf[T]](label string) *builder {
	var p P = new(T)
	_, timed := any(p).(muster.Timed)
	return &builder{Spec{Kind: p.Kind(), Label: label, New: func() muster.Record { return P(new(T)) }, Timed: timed}}
}

func (b *builder) fields(f ...Field) *builder { b.s.Fields = append(b.s.Fields, f...); return b }
func (b *builder) edges(e ...Edge) *builder   { b.s.Edges = append(b.s.Edges, e...); return b }
func (b *builder) index(f ...string) *builder {
	b.s.Indexes = append(b.s.Indexes, Index{Fields: f})
	return b
}

func (b *builder) unique(f ...string) *builder {
	b.s.Indexes = append(b.s.Indexes, Index{Fields: f, Unique: true})
	return b
}
func (b *builder) search(f string) *builder { b.s.Search = f; return b }
func (b *builder) spec() Spec               { return b.s }

// whole describes a kind that is read and written whole and never searched by its fields.
func whole[T any, P recordOf[T], S ~string](label string, keys func(*T) (*S, *int64)) Spec {
	return of[T, P](label).fields(
		text("id", func(r *T) *S { id, _ := keys(r); return id }),
		integer("rev", func(r *T) *int64 { _, rev := keys(r); return rev }),
		document("body", func(r *T) *T { return r }),
	).spec()
}

func text[T any, S ~string](name string, at func(*T) *S) Field {
	return Field{
		Name: name, Type: Text,
		Get: func(r muster.Record) any {
			if s := string(*at(any(r).(*T))); s != "" {
				return s
			}
			return nil
		},
		Set: func(r muster.Record, v any) error {
			s, ok := v.(string)
			if !ok {
				return fmt.Errorf("%T is not text", v)
			}
			*at(any(r).(*T)) = S(s)
			return nil
		},
	}
}

func integer[T any, N ~int | ~int64](name string, at func(*T) *N) Field {
	return Field{
		Name: name, Type: Int,
		Get: func(r muster.Record) any { return int64(*at(any(r).(*T))) },
		Set: func(r muster.Record, v any) error {
			n, ok := v.(int64)
			if !ok {
				return fmt.Errorf("%T is not a whole number", v)
			}
			*at(any(r).(*T)) = N(n)
			return nil
		},
	}
}

func real[T any](name string, at func(*T) *float64) Field {
	return Field{
		Name: name, Type: Real,
		Get: func(r muster.Record) any { return *at(any(r).(*T)) },
		Set: func(r muster.Record, v any) error {
			switch n := v.(type) {
			case float64:
				*at(any(r).(*T)) = n
			case int64:
				*at(any(r).(*T)) = float64(n)
			default:
				return fmt.Errorf("%T is not a number", v)
			}
			return nil
		},
	}
}

func boolean[T any](name string, at func(*T) *bool) Field {
	return Field{
		Name: name, Type: Bool,
		Get: func(r muster.Record) any { return *at(any(r).(*T)) },
		Set: func(r muster.Record, v any) error {
			switch b := v.(type) {
			case bool:
				*at(any(r).(*T)) = b
			case int64:
				*at(any(r).(*T)) = b != 0
			default:
				return fmt.Errorf("%T is not true or false", v)
			}
			return nil
		},
	}
}

func instant[T any](name string, at func(*T) *time.Time) Field {
	return Field{
		Name: name, Type: Time,
		Get: func(r muster.Record) any { return micros(*at(any(r).(*T))) },
		Set: func(r muster.Record, v any) error {
			n, ok := v.(int64)
			if !ok {
				return fmt.Errorf("%T is not an instant", v)
			}
			*at(any(r).(*T)) = FromMicros(n)
			return nil
		},
	}
}

func document[T, V any](name string, at func(*T) *V) Field {
	return Field{
		Name: name, Type: JSON,
		Get: func(r muster.Record) any {
			b, err := json.Marshal(at(any(r).(*T)))
			if err != nil {
				panic("graph: " + name + " has no JSON form: " + err.Error()) // a type error of ours
			}
			switch string(b) {
			case "null", "[]", "{}":
				return nil
			}
			return string(b)
		},
		Set: func(r muster.Record, v any) error {
			s, ok := v.(string)
			if !ok {
				return fmt.Errorf("%T is not a JSON text", v)
			}
			return json.Unmarshal([]byte(s), at(any(r).(*T)))
		},
	}
}

func derived[T any](name string, t Type, get func(*T) any) Field {
	return Field{Name: name, Type: t, Derived: true, Get: func(r muster.Record) any { return get(any(r).(*T)) }}
}

func one[T any](typ, to, field string, reverse bool, id func(*T) string) Edge {
	return Edge{Type: typ, To: to, Field: field, Reverse: reverse, Targets: single(id)}
}

func merged[T any](typ, to, field string, id func(*T) string) Edge {
	return Edge{Type: typ, To: to, Field: field, Merge: true, Targets: single(id)}
}

func many[T any](typ, to, field string, props []string, targets func(*T) []Target) Edge {
	return Edge{Type: typ, To: to, Field: field, Many: true, Props: props, Targets: func(r muster.Record) []Target { return targets(any(r).(*T)) }}
}

func single[T any](id func(*T) string) func(muster.Record) []Target {
	return func(r muster.Record) []Target {
		if s := id(any(r).(*T)); s != "" {
			return []Target{{ID: s}}
		}
		return nil
	}
}
