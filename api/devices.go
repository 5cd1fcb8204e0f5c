package api

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/dispatch"
)

// DevicePath names a device in a path.
type DevicePath struct {
	ID muster.DeviceID `path:"id" example:"dev_c5x9d1k4trw7q0m2"`
}

// DeviceFields is what can be said about a device, but for where it stands.
type DeviceFields struct {
	Category string `json:"category" minLength:"1" maxLength:"100" example:"refrigerator"`
	Brand    string `json:"brand,omitempty" maxLength:"100" example:"Bosch"`
	Model    string `json:"model,omitempty" maxLength:"100" example:"KGN39VLEB"`
	Year     int    `json:"year,omitempty" minimum:"0" maximum:"2100" example:"2019" doc:"Of manufacture; 0 if not known."`
	Serial   string `json:"serial,omitempty" maxLength:"100"`
}

// DeviceBody is a device at a site.
type DeviceBody struct {
	DeviceFields
	Site muster.SiteID `json:"site" doc:"One of the customer's."`
}

// DeviceChange is a device as GET gave it, with what is to be different.
type DeviceChange struct {
	DeviceBody
	ID       muster.DeviceID   `json:"id,omitempty" doc:"As in the path, or left out."`
	Customer muster.CustomerID `json:"customer,omitempty" readOnly:"true"`
	Removed  bool              `json:"removed,omitempty"`
}

func (s *server) devices(api huma.API) {
	type add struct {
		CustomerPath
		Commanded
		Body DeviceBody
	}
	op := change(http.MethodPost, "/v1/customers/{id}/devices", "add-device", "customers", "Add a device to a customer", "")
	op.DefaultStatus = http.StatusCreated
	register(s, api, op, func(ctx context.Context, in *add) (*CustomerOutcome, error) {
		req := dispatch.DeviceRequest{Customer: in.ID, Device: in.Body.device()}
		return carry(ctx, &in.Commanded, req, called(s.Dispatch.SaveDevice, inside("devices[0]", "body")), customerOutcome(http.StatusCreated))
	})

	type one struct {
		DevicePath
		Conditional
	}
	op = readOne("/v1/devices/{id}", "show-device", "customers", "One device", "Its revision is its customer's.")
	register(s, api, op, func(ctx context.Context, in *one) (*Single[muster.Device], error) {
		device, rev, err := part[*muster.Device](ctx, s, muster.KindDevice, string(in.ID))
		if err != nil {
			return nil, err
		}
		return single(in.Conditional, rev, *device), nil
	})

	type edit struct {
		DevicePath
		Commanded
		Body DeviceChange
	}
	op = change(http.MethodPut, "/v1/devices/{id}", "change-device", "customers", "Change a device",
		"Send what GET gave with what is to be different; what is left out is emptied.")
	register(s, api, op, func(ctx context.Context, in *edit) (*CustomerOutcome, error) {
		if err := sameID(in.ID, in.Body.ID); err != nil {
			return nil, err
		}
		old, _, err := part[*muster.Device](ctx, s, muster.KindDevice, string(in.ID))
		if err != nil {
			return nil, err
		}
		device := in.Body.device()
		device.ID, device.Removed = in.ID, in.Body.Removed
		req := dispatch.DeviceRequest{Customer: old.Customer, Device: device}
		return carry(ctx, &in.Commanded, req, called(s.Dispatch.SaveDevice, inside("devices[0]", "body")), customerOutcome(http.StatusOK))
	})
}

func (f DeviceFields) device() muster.Device {
	return muster.Device{Category: f.Category, Brand: f.Brand, Model: f.Model, Year: f.Year, Serial: f.Serial}
}

func (b DeviceBody) device() muster.Device {
	d := b.DeviceFields.device()
	d.Site = b.Site
	return d
}
