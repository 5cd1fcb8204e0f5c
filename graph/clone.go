package graph

import (
	"context"
	"fmt"
	"reflect"
	"sync"
	"time"

	"github.com/sysopssquad/muster"
)

// Clone gives a record that shares nothing that can be altered with the one it was made from.
func Clone(r muster.Record) muster.Record {
	from := reflect.ValueOf(r).Elem()
	to := reflect.New(from.Type())
	to.Elem().Set(from)
	deepenerOf(from.Type())(to.Elem())
	return to.Interface().(muster.Record)
}

// A deepener replaces what a flat copy shares with its original. Types without anything to share have none.
type deepener func(reflect.Value)

var deepeners sync.Map // by type

func deepenerOf(t reflect.Type) deepener {
	if d, ok := deepeners.Load(t); ok {
		return d.(deepener)
	}
	d := newDeepener(t)
	if d == nil {
		d = func(reflect.Value) {}
	}
	deepeners.Store(t, d)
	return d
}

var instantType = reflect.TypeFor[time.Time]()

func newDeepener(t reflect.Type) deepener {
	if t == instantType {
		return nil // its zone is shared, and nobody alters zones
	}
	switch t.Kind() {
	case reflect.Struct:
		return structs(t)
	case reflect.Slice:
		each := newDeepener(t.Elem())
		return func(v reflect.Value) {
			if v.IsNil() {
				return
			}
			own := reflect.MakeSlice(t, v.Len(), v.Len())
			reflect.Copy(own, v)
			v.Set(own)
			for i := 0; each != nil && i < own.Len(); i++ {
				each(own.Index(i))
			}
		}
	case reflect.Map:
		if newDeepener(t.Key()) != nil {
			panic("graph: no copy of a map by " + t.Key().String())
		}
		each := newDeepener(t.Elem())
		return func(v reflect.Value) {
			if v.IsNil() {
				return
			}
			own := reflect.MakeMapWithSize(t, v.Len())
			value := reflect.New(t.Elem()).Elem()
			for at := v.MapRange(); at.Next(); {
				value.Set(at.Value())
				if each != nil {
					each(value)
				}
				own.SetMapIndex(at.Key(), value)
			}
			v.Set(own)
		}
	case reflect.Pointer:
		each := newDeepener(t.Elem())
		return func(v reflect.Value) {
			if v.IsNil() {
				return
			}
			own := reflect.New(t.Elem())
			own.Elem().Set(v.Elem())
			if each != nil {
				each(own.Elem())
			}
			v.Set(own)
		}
	case reflect.Array:
		if newDeepener(t.Elem()) == nil {
			return nil
		}
	case reflect.Interface: // what is in it is known when it is there
		return func(v reflect.Value) {
			if v.IsNil() {
				return
			}
			own := reflect.New(v.Elem().Type()).Elem()
			own.Set(v.Elem())
			deepenerOf(own.Type())(own)
			v.Set(own)
		}
	case reflect.Func, reflect.Chan, reflect.UnsafePointer:
	default:
		return nil
	}
	panic(fmt.Sprintf("graph: no copy of %s", t))
}

// structs looks after the fields in which there is something to share.
func structs(t reflect.Type) deepener {
	type field struct {
		n    int
		each deepener
	}
	var fields []field
	for i := range t.NumField() {
		each := newDeepener(t.Field(i).Type)
		if each == nil {
			continue
		}
		if !t.Field(i).IsExported() {
			panic(fmt.Sprintf("graph: no copy of %s.%s", t, t.Field(i).Name))
		}
		fields = append(fields, field{i, each})
	}
	if len(fields) == 0 {
		return nil
	}
	return func(v reflect.Value) {
		for _, f := range fields {
			f.each(v.Field(f.n))
		}
	}
}

type anew struct{}

// Anew asks a store to read what is on its disk, not what it remembers by revision: for who looks for what is wrong there.
func Anew(ctx context.Context) context.Context { return context.WithValue(ctx, anew{}, true) }

// IsAnew tells whether that was asked for.
func IsAnew(ctx context.Context) bool { return ctx.Value(anew{}) != nil }
