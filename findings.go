package muster

import "strings"

// Findings are all that is wrong with one input, one refusal a field.
type Findings []*Error

// Error reads as all of them.
func (f Findings) Error() string {
	var texts []string
	for _, e := range f {
		texts = append(texts, e.Error())
	}
	return strings.Join(texts, "; ")
}

// Unwrap gives them one by one: the first is what errors.As finds.
func (f Findings) Unwrap() []error {
	out := make([]error, len(f))
	for i, e := range f {
		out[i] = e
	}
	return out
}

// add takes in what was found, if anything was; the first thing about a field is enough.
func (f *Findings) add(found *Error) {
	if found != nil && !f.about(found.Field) {
		*f = append(*f, found)
	}
}

// about tells whether something is wrong with one of these fields.
func (f *Findings) about(fields ...string) bool {
	for _, e := range *f {
		for _, field := range fields {
			if e.Field == field {
				return true
			}
		}
	}
	return false
}

// err is nil if nothing was found.
func (f Findings) err() error {
	if len(f) == 0 {
		return nil
	}
	return f
}
