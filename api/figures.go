package api

import (
	"reflect"
	"slices"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"github.com/sysopssquad/muster"
)

// policy is a policy as the document has it: every figure with its bounds.
type policy muster.Policy

// policyCapacity are the limits of a policy; those of an expert may be left out.
type policyCapacity muster.Capacity

// TransformSchema bounds the figures by the table that muster.Policy is checked with. The document tells them, and that none
// may be left out; the policy's check holds to them, since it knows what would become of a ticket.
func (policy) TransformSchema(r huma.Registry, s *huma.Schema) *huma.Schema {
	s.Properties["capacity"] = r.Schema(reflect.TypeFor[policyCapacity](), true, "")
	for _, b := range muster.PolicyBounds() {
		in, name := at(r, s, b.Field)
		figure := inner(in, name)
		figure.Extensions = map[string]any{"minimum": b.Least, "maximum": b.Most}
		if i := slices.Index(in.Required, name); i >= 0 && b.Least > 0 {
			if in.Extensions == nil {
				in.Extensions = map[string]any{"required": slices.Clone(in.Required)}
			}
			in.Required = slices.Delete(slices.Clone(in.Required), i, i+1)
			in.PrecomputeMessages()
		}
	}
	return s
}

// capacity are the limits of one expert.
type capacity muster.Capacity

// TransformSchema bounds the limits by the same table, but that nothing stands for the policy's figure.
func (capacity) TransformSchema(r huma.Registry, s *huma.Schema) *huma.Schema {
	for _, b := range muster.PolicyBounds() {
		if field, ok := strings.CutPrefix(b.Field, "capacity."); ok {
			least := 0.0
			s.Properties[field].Minimum, s.Properties[field].Maximum = &least, &b.Most
			s.Properties[field].PrecomputeMessages()
		}
	}
	return s
}

// at finds the schema that a figure is a part of, by the figure's path, and its name there.
func at(r huma.Registry, s *huma.Schema, path string) (*huma.Schema, string) {
	names := slices.Collect(strings.FieldsFuncSeq(path, func(sign rune) bool { return strings.ContainsRune(".[]", sign) }))
	last := len(names) - 1
	for _, name := range names[:last] {
		s = referred(r, inner(s, name))
	}
	return s, names[last]
}

func referred(r huma.Registry, s *huma.Schema) *huma.Schema {
	if s.Ref != "" {
		return r.SchemaFromRef(s.Ref)
	}
	return s
}

// inner is the schema of a part. All of a list, and all entries of a table, have the same.
func inner(s *huma.Schema, name string) *huma.Schema {
	switch part, known := s.Properties[name]; {
	case known:
		return part
	case s.Items != nil:
		return s.Items
	default:
		return s.AdditionalProperties.(*huma.Schema)
	}
}
