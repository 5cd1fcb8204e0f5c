package graph

import (
	"slices"
	"strings"

	"github.com/sysopssquad/muster"
)

// On tells whether the filter narrows at all.
func (f ExceptionFilter) On() bool { return f != ExceptionFilter{} }

// Check refuses a kind that there is none of, and an owner of what nobody has taken.
func (f ExceptionFilter) Check() error {
	if f.Kind != "" && !slices.Contains(muster.ExceptionKinds(), f.Kind) {
		names := make([]string, 0, len(muster.ExceptionKinds()))
		for _, k := range muster.ExceptionKinds() {
			names = append(names, string(k))
		}
		return muster.Invalid("kind", string(f.Kind), "one of "+strings.Join(names, ", "))
	}
	if f.Free && f.Owner != "" {
		return muster.Invalid("owner", string(f.Owner), "ask for those of an owner, or for those that nobody has taken")
	}
	return nil
}

// Pass tells whether an exception passes.
func (f ExceptionFilter) Pass(e muster.Exception) bool {
	return (f.Kind == "" || e.Kind == f.Kind) && (f.Owner == "" || e.Owner == f.Owner) && (!f.Free || e.Owner == "")
}

// Mark is a text that occurs in the marks of a ticket if one of its exceptions passes.
func (f ExceptionFilter) Mark() string {
	switch owned := f.Owner != "" || f.Free; {
	case owned && f.Kind != "":
		return "|" + string(f.Kind) + ":" + string(f.Owner) + "|"
	case owned:
		return ":" + string(f.Owner) + "|"
	case f.Kind != "":
		return "|" + string(f.Kind) + ":"
	default:
		return "|"
	}
}

// marks are a ticket's exceptions in short, |kind:owner||kind:owner|, for lists to look into.
func marks(t *muster.Ticket) any {
	if len(t.Exceptions) == 0 {
		return nil
	}
	var b strings.Builder
	for _, e := range t.Exceptions {
		b.WriteString("|" + string(e.Kind) + ":" + string(e.Owner) + "|")
	}
	return b.String()
}
