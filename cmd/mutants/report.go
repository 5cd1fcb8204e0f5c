package main

import (
	"fmt"
	"math"
	"strings"
)

// What becomes of a patch.
const (
	Caught   = "caught"   // a test failed by assertion
	Survived = "survived" // none did
	Invalid  = "invalid"  // it doesn't apply, build or pass vet
)

// verdict is what was found of one patch.
type verdict struct {
	Name     string   `json:"name"`
	What     string   `json:"what"`
	Harmless bool     `json:"harmless,omitempty"`
	Verdict  string   `json:"verdict"`
	Package  string   `json:"package,omitempty"` // whose test noticed
	Test     string   `json:"test,omitempty"`
	Says     string   `json:"says,omitempty"`
	Why      string   `json:"why,omitempty"`    // of one that is invalid, or broke without an assertion
	Chance   []string `json:"chance,omitempty"` // failures that did not come back
	Seconds  float64  `json:"seconds"`
	Commit   string   `json:"commit"`
	Digest   string   `json:"digest"` // of the patch
}

func (v *verdict) note(format string, args ...any) {
	v.Why = strings.TrimPrefix(v.Why+"; "+fmt.Sprintf(format, args...), "; ")
}

// asMeant tells whether a bug was caught, or a harmless patch survived.
func (v verdict) asMeant() bool {
	if v.Harmless {
		return v.Verdict == Survived && v.Why == ""
	}
	return v.Verdict == Caught
}

func (v verdict) String() string {
	s := fmt.Sprintf("%-8s %5.0f s  %s", v.Verdict, v.Seconds, v.Name)
	if v.Test != "" {
		s += "  by " + v.Test + " of " + v.Package
	}
	if v.Why != "" {
		s += "  (" + v.Why + ")"
	}
	return s
}

// report counts bugs; harmless patches are listed apart.
type report struct {
	Caught      int       `json:"caught"`
	Survived    int       `json:"survived"`
	Invalid     int       `json:"invalid"`
	Total       int       `json:"total"`
	FalseAlarms int       `json:"false_alarms"` // harmless patches that did not just survive
	Seconds     float64   `json:"seconds"`      // of all, in however many runs
	Mutants     []verdict `json:"mutants"`
	Harmless    []verdict `json:"harmless"`
}

func (r *report) add(v verdict) {
	r.Seconds = math.Round(10*(r.Seconds+v.Seconds)) / 10
	if v.Harmless {
		r.Harmless = append(r.Harmless, v)
		if !v.asMeant() {
			r.FalseAlarms++
		}
		return
	}
	r.Mutants = append(r.Mutants, v)
	r.Total++
	switch v.Verdict {
	case Caught:
		r.Caught++
	case Survived:
		r.Survived++
	default:
		r.Invalid++
	}
}

// clean tells whether every bug was caught and nothing else was.
func (r report) clean() bool { return r.Caught == r.Total && r.FalseAlarms == 0 }

// String says what there is to do.
func (r report) String() string {
	var b strings.Builder
	for _, v := range r.Mutants {
		if !v.asMeant() {
			fmt.Fprintf(&b, "%s: %s\n  %s\n", v.Verdict, v.Name, v.What)
			for _, why := range append(v.Chance, v.Why) {
				if why != "" {
					fmt.Fprintf(&b, "  %s\n", strings.ReplaceAll(why, "\n", "\n  "))
				}
			}
		}
	}
	for _, v := range r.Harmless {
		if !v.asMeant() {
			fmt.Fprintf(&b, "harmless, but %s: %s %s of %s\n  %s\n", v.Verdict, v.Name, v.Test, v.Package, strings.ReplaceAll(v.Why+v.Says, "\n", "\n  "))
		}
	}
	fmt.Fprintf(&b, "%d caught, %d survived, %d invalid, %d in all; of %d harmless patches %d were taken for a bug\n",
		r.Caught, r.Survived, r.Invalid, r.Total, len(r.Harmless), r.FalseAlarms)
	return b.String()
}
