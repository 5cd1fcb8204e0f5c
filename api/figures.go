package api

import (
	"reflect"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"github.com/sysopssquad/muster"
)

// policy is a policy as the document has it: every figure with its bounds.
type policy muster.Policy

// policyCapacity are the limits of a policy; those of an expert may be left out.
type policyCapacity muster.Capacity

// TransformSchema bounds the figures by the table that muster.Policy is checked with.
func (policy) TransformSchema(r huma.Registry, s *huma.Schema) *huma.Schema {
	s.Properties["capacity"] = r.Schema(reflect.TypeFor[policyCapacity](), true, "")
	for _, b := range muster.PolicyBounds() {
		bind(r, s, b)
	}
	return s
}

// capacity are the limits of one expert.
type capacity muster.Capacity

// TransformSchema bounds the limits by the same table, but that nothing stands for the policy's figure.
func (capacity) TransformSchema(r huma.Registry, s *huma.Schema) *huma.Schema {
	for _, b := range muster.PolicyBounds() {
		if field, ok := strings.CutPrefix(b.Field, "capacity."); ok {
			bind(r, s, muster.Bound{Field: field, Least: 0, Most: b.Most})
		}
	}
	return s
}

// bind gives the figure at a path its bounds. All of a list, and all entries of a table, have the same.
func bind(r huma.Registry, s *huma.Schema, b muster.Bound) {
	for name := range strings.FieldsFuncSeq(b.Field, func(sign rune) bool { return strings.ContainsRune(".[]", sign) }) {
		if s.Ref != "" {
			s = r.SchemaFromRef(s.Ref)
		}
		switch inner, known := s.Properties[name]; {
		case known:
			s = inner
		case s.Items != nil:
			s = s.Items
		default:
			s = s.AdditionalProperties.(*huma.Schema)
		}
	}
	s.Minimum, s.Maximum = &b.Least, &b.Most
	s.PrecomputeMessages()
}
