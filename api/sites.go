package api

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/dispatch"
)

// SitePath names a site in a path.
type SitePath struct {
	ID muster.SiteID `path:"id" example:"sit_9a0rjw2c51tbe6mx"`
}

// SiteBody is what can be said about a site.
type SiteBody struct {
	Name        string         `json:"name,omitempty" maxLength:"200" example:"Home"`
	Street      string         `json:"street,omitempty" maxLength:"200" example:"1012 Valencia St"`
	City        string         `json:"city,omitempty" maxLength:"100" example:"San Francisco"`
	State       string         `json:"state,omitempty" maxLength:"100" example:"CA"`
	ZIP         string         `json:"zip,omitempty" maxLength:"20" example:"94110"`
	Place       PlaceBody      `json:"place"`
	AccessNotes string         `json:"access_notes,omitempty" maxLength:"2000" example:"Gate code at the office."`
	AccessHours []muster.Hours `json:"access_hours,omitempty" maxItems:"50" doc:"When somebody can get in, in the site's zone. None: at any time."`
}

// SiteChange is a site as GET gave it, with what is to be different.
type SiteChange struct {
	SiteBody
	ID       muster.SiteID     `json:"id,omitempty" doc:"As in the path, or left out."`
	Customer muster.CustomerID `json:"customer,omitempty" readOnly:"true"`
	Removed  bool              `json:"removed,omitempty"`
}

// PlaceBody is where something is.
type PlaceBody struct {
	Point     PointBody        `json:"point"`
	Precision muster.Precision `json:"precision,omitempty"`
	Cell      muster.Cell      `json:"cell,omitempty" readOnly:"true" doc:"Follows from the point."`
	Zone      string           `json:"zone,omitempty" maxLength:"64" example:"America/Los_Angeles" doc:"IANA zone. Follows from the point if left out, so leave it out when the point moves; a point in the open sea needs one."`
}

// PointBody is a position in degrees, WGS 84.
type PointBody struct {
	Lat float64 `json:"lat" minimum:"-90" maximum:"90" example:"37.7563"`
	Lng float64 `json:"lng" minimum:"-180" maximum:"180" example:"-122.4212"`
}

func (s *server) sites(api huma.API) {
	type add struct {
		CustomerPath
		Commanded
		Body SiteBody
	}
	op := change(http.MethodPost, "/v1/customers/{id}/sites", "add-site", "customers", "Add a site to a customer",
		"Of its place only the point is needed. A point without a time zone, such as one in the open sea, is refused.")
	op.DefaultStatus = http.StatusCreated
	register(s, api, op, func(ctx context.Context, in *add) (*CustomerOutcome, error) {
		req := dispatch.SiteRequest{Customer: in.ID, Site: in.Body.site()}
		return carry(ctx, &in.Commanded, req, called(s.Dispatch.SaveSite, inside("sites[0]", "body")), customerOutcome(http.StatusCreated))
	})

	type one struct {
		SitePath
		Conditional
	}
	op = readOne("/v1/sites/{id}", "show-site", "customers", "One site", "Its revision is its customer's.")
	register(s, api, op, func(ctx context.Context, in *one) (*Single[muster.Site], error) {
		site, rev, err := part[*muster.Site](ctx, s, muster.KindSite, string(in.ID))
		if err != nil {
			return nil, err
		}
		return single(in.Conditional, rev, *site), nil
	})

	type edit struct {
		SitePath
		Commanded
		Body SiteChange
	}
	op = change(http.MethodPut, "/v1/sites/{id}", "change-site", "customers", "Change a site",
		"Send what GET gave with what is to be different; what is left out is emptied.")
	register(s, api, op, func(ctx context.Context, in *edit) (*CustomerOutcome, error) {
		if err := sameID(in.ID, in.Body.ID); err != nil {
			return nil, err
		}
		old, _, err := part[*muster.Site](ctx, s, muster.KindSite, string(in.ID))
		if err != nil {
			return nil, err
		}
		site := in.Body.site()
		site.ID, site.Removed = in.ID, in.Body.Removed
		req := dispatch.SiteRequest{Customer: old.Customer, Site: site}
		return carry(ctx, &in.Commanded, req, called(s.Dispatch.SaveSite, inside("sites[0]", "body")), customerOutcome(http.StatusOK))
	})
}

// part loads a site or device by its id with its customer's revision, if the actor may see that customer.
func part[T muster.Record](ctx context.Context, s *server, kind muster.Kind, id string) (T, int64, error) {
	var none T
	missing := muster.NotFound(kind, id)
	found, err := s.Graph.Records(ctx, "", id)
	if err != nil {
		return none, 0, err
	}
	r, ok := found[id].(T)
	if !ok || !seesCustomer(scope(ctx), muster.CustomerID(r.RootID())) {
		return none, 0, missing
	}
	roots, err := s.Graph.Records(ctx, "", r.RootID())
	if err != nil {
		return none, 0, err
	}
	root, ok := roots[r.RootID()].(muster.Root)
	if !ok {
		return none, 0, missing
	}
	return r, root.Revision(), nil
}

func (b SiteBody) site() muster.Site {
	return muster.Site{
		Name: b.Name, Street: b.Street, City: b.City, State: b.State, ZIP: b.ZIP, Place: b.Place.place(),
		AccessNotes: b.AccessNotes, AccessHours: b.AccessHours,
	}
}

func (b PlaceBody) place() muster.Place {
	return muster.Place{Point: muster.Point(b.Point), Precision: b.Precision, Zone: b.Zone}
}
