package graphtest

import (
	"fmt"
	"reflect"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/graph"
)

// Filled makes a record of a kind with a value of its own in every field, however deep; a field that is added
// to a kind is filled too, so that no store can forget it. Ids are of their field's kind.
func Filled(t testing.TB, kind muster.Kind) muster.Record {
	spec, ok := graph.SpecOf(kind)
	require.True(t, ok, "%s is in no schema", kind)
	r := spec.New()
	f := filler{t: t}
	f.fill(reflect.ValueOf(r).Elem(), string(kind))
	v := reflect.ValueOf(r).Elem()
	v.FieldByName("ID").SetString(muster.SlugID(kind, "filled"))
	if rev := v.FieldByName("Rev"); rev.IsValid() {
		rev.SetInt(1)
	}
	notZero(t, v, string(kind))
	return r
}

type filler struct {
	t testing.TB
	n int
}

var (
	timeType = reflect.TypeFor[time.Time]()
	idKinds  = map[reflect.Type]muster.Kind{
		reflect.TypeFor[muster.CustomerID](): muster.KindCustomer, reflect.TypeFor[muster.SiteID](): muster.KindSite,
		reflect.TypeFor[muster.DeviceID](): muster.KindDevice, reflect.TypeFor[muster.TicketID](): muster.KindTicket,
		reflect.TypeFor[muster.VisitID](): muster.KindVisit, reflect.TypeFor[muster.OfferID](): muster.KindOffer,
		reflect.TypeFor[muster.AssignmentID](): muster.KindAssignment, reflect.TypeFor[muster.ExpertID](): muster.KindExpert,
		reflect.TypeFor[muster.TourID](): muster.KindTour, reflect.TypeFor[muster.SkillID](): muster.KindSkill,
		reflect.TypeFor[muster.SkillTreeID](): muster.KindSkillTree, reflect.TypeFor[muster.PolicyID](): muster.KindPolicy,
		reflect.TypeFor[muster.UserID](): muster.KindUser, reflect.TypeFor[muster.ArticleID](): muster.KindArticle,
		reflect.TypeFor[muster.RegionID](): muster.KindRegion, reflect.TypeFor[muster.MessageID](): muster.KindMessage,
		reflect.TypeFor[muster.SurveyID](): muster.KindSurvey, reflect.TypeFor[muster.DutyID](): muster.KindDuty,
	}
)

// fill sets v and all inside it. Numbers rise with each field, so that two swapped fields differ.
func (f *filler) fill(v reflect.Value, path string) {
	f.n++
	if kind, ok := idKinds[v.Type()]; ok {
		v.SetString(muster.SlugID(kind, fmt.Sprintf("%s %d", path, f.n)))
		return
	}
	if v.Type() == timeType {
		v.Set(reflect.ValueOf(Start.Add(time.Duration(f.n)*time.Minute + 123456*time.Microsecond)))
		return
	}
	switch v.Kind() {
	case reflect.String:
		v.SetString(fmt.Sprintf("%s-%d", path, f.n))
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Int, reflect.Int64:
		v.SetInt(int64(f.n))
	case reflect.Uint64:
		v.SetUint(uint64(Downtown.Cell) + uint64(f.n))
	case reflect.Float64:
		v.SetFloat(float64(f.n) + 0.1)
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		f.fill(v.Elem(), path)
	case reflect.Interface: // values that were compared, as JSON gives them back
		v.Set(reflect.ValueOf(float64(f.n) + 0.5))
	case reflect.Struct:
		for i := range v.NumField() {
			f.fill(v.Field(i), path+"."+v.Type().Field(i).Name)
		}
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 2, 2))
		fallthrough
	case reflect.Array:
		for i := range v.Len() {
			f.fill(v.Index(i), path)
		}
	case reflect.Map:
		v.Set(reflect.MakeMap(v.Type()))
		for range 2 {
			key, value := reflect.New(v.Type().Key()).Elem(), reflect.New(v.Type().Elem()).Elem()
			f.fill(key, path)
			f.fill(value, path)
			v.SetMapIndex(key, value)
		}
	default:
		require.Fail(f.t, "a field that can't be filled", "%s is a %s", path, v.Type())
	}
}

// notZero fails if any field was left out.
func notZero(t testing.TB, v reflect.Value, path string) {
	require.False(t, v.IsZero(), "%s is not filled", path)
	if v.Type() == timeType {
		return
	}
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			notZero(t, v.Field(i), path+"."+v.Type().Field(i).Name)
		}
	case reflect.Slice, reflect.Array:
		for i := range v.Len() {
			notZero(t, v.Index(i), path)
		}
	case reflect.Pointer:
		notZero(t, v.Elem(), path)
	}
}
