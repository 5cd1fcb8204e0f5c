package api

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/dispatch"
	"github.com/sysopssquad/muster/graph"
)

// CustomerPath names a customer in a path.
type CustomerPath struct {
	ID muster.CustomerID `path:"id" example:"cus_3k1v0c7m2q9xw4rd"`
}

// CustomerBody is what can be said about a customer.
type CustomerBody struct {
	Division  string             `json:"division,omitempty" maxLength:"100"`
	Name      string             `json:"name" minLength:"1" maxLength:"200" example:"Ruth Ortiz"`
	Email     string             `json:"email,omitempty" maxLength:"254" example:"ruth@example.com" doc:"Only one customer can have it."`
	Phone     string             `json:"phone,omitempty" maxLength:"40" example:"+1 415 555 0132"`
	Language  string             `json:"language,omitempty" maxLength:"35" example:"en" doc:"BCP 47."`
	Plan      muster.SupportPlan `json:"plan,omitzero"`
	Preferred []muster.ExpertID  `json:"preferred,omitempty" maxItems:"100"`
	Blocked   []BlockBody        `json:"blocked,omitempty" maxItems:"100" doc:"Experts who never come, whatever the policy."`
	OptOut    []muster.Channel   `json:"opt_out,omitempty" maxItems:"10" doc:"Channels by which they don't want to be told. None: all for which there is an address."`
}

// CustomerChange is a customer as GET gave it, with what is to be different.
type CustomerChange struct {
	CustomerBody
	ID        muster.CustomerID `json:"id,omitempty" doc:"As in the path, or left out."`
	Rev       int64             `json:"rev,omitempty" minimum:"0" doc:"The revision that was seen, as in If-Match."`
	CreatedAt time.Time         `json:"created_at,omitzero" readOnly:"true"`
	Removed   bool              `json:"removed,omitempty"`
}

// BlockBody keeps an expert away.
type BlockBody struct {
	Expert   muster.ExpertID `json:"expert"`
	Since    time.Time       `json:"since,omitzero" doc:"Now if left out."`
	Why      string          `json:"why,omitempty" maxLength:"1000"`
	Declined muster.TicketID `json:"declined,omitempty" doc:"As GET gave it: the expert asked for it, by declining this ticket. A customer can't take it back."`
}

// NewCustomerBody registers a customer, with sites and with devices at these.
type NewCustomerBody struct {
	CustomerBody
	Sites []NewSiteBody `json:"sites,omitempty" maxItems:"100"`
}

// NewSiteBody is a site with what stands there.
type NewSiteBody struct {
	SiteBody
	Devices []DeviceFields `json:"devices,omitempty" maxItems:"200"`
}

// CustomerWhole is a customer with its parts.
type CustomerWhole struct {
	ID       muster.CustomerID `json:"id"`
	Rev      int64             `json:"rev" doc:"The customer's revision, which is also the ETag."`
	Customer muster.Customer   `json:"customer"`
	Sites    []muster.Site     `json:"sites" nullable:"false"`
	Devices  []muster.Device   `json:"devices" nullable:"false"`
}

// CustomerOutcome is the answer to a command on a customer.
type CustomerOutcome struct {
	Keyed
	Status   int
	ETag     string `header:"ETag" doc:"The customer's revision after the command."`
	Location string `header:"Location" doc:"Where it is, if the command made it."`
	Body     CustomerWhole
}

func (s *server) customers(api huma.API) {
	type create struct {
		Commanded
		Body NewCustomerBody
	}
	op := change(http.MethodPost, "/v1/customers", "add-customer", "customers", "Register a customer",
		"With sites, and devices at these, all in one. Of a site's place only the point is needed: its cell and time zone follow.")
	op.DefaultStatus = http.StatusCreated
	register(s, api, op, func(ctx context.Context, in *create) (*CustomerOutcome, error) {
		save := func(ctx context.Context, cmd muster.Command, b NewCustomerBody) (dispatch.CustomerRequest, error) {
			return s.Dispatch.SaveCustomer(ctx, cmd, b.request(cmd.ID))
		}
		return carry(ctx, &in.Commanded, in.Body, called(save, in.Body.field), customerOutcome(http.StatusCreated))
	})

	type query struct {
		Paged
		Text string `query:"text" maxLength:"100" doc:"Words to find: each must be the start of a word of the name, e-mail or phone, in any order, whatever the case."`
	}
	op = read("/v1/customers", "list-customers", "customers", "Customers", "By id, all or those that text finds.")
	register(s, api, op, func(ctx context.Context, in *query) (*Page[*muster.Customer], error) {
		find := func(ctx context.Context, p graph.Page) ([]*muster.Customer, string, error) {
			return s.Graph.Customers(ctx, scope(ctx), in.Text, p)
		}
		filter := url.Values{}
		if in.Text != "" {
			filter.Set("text", in.Text)
		}
		return page(ctx, in.Paged, "/v1/customers", filter, find, same)
	})

	type one struct {
		CustomerPath
		Conditional
	}
	op = readOne("/v1/customers/{id}", "show-customer", "customers", "One customer with sites and devices", "")
	register(s, api, op, func(ctx context.Context, in *one) (*Single[CustomerWhole], error) {
		c, err := s.customerCase(ctx, in.ID)
		if err != nil {
			return nil, err
		}
		return single(in.Conditional, c.Customer.Rev, customerWhole(c.Customer, c.Sites, c.Devices)), nil
	})

	type edit struct {
		CustomerPath
		Commanded
		Body CustomerChange
	}
	op = change(http.MethodPut, "/v1/customers/{id}", "change-customer", "customers", "Change a customer",
		"Send customer as GET gave it with what is to be different; what is left out is emptied. Sites and devices stay.")
	register(s, api, op, func(ctx context.Context, in *edit) (*CustomerOutcome, error) {
		if err := sameID(in.ID, in.Body.ID); err != nil {
			return nil, err
		}
		if _, err := s.customerCase(ctx, in.ID); err != nil {
			return nil, err
		}
		c := in.Body.customer()
		c.ID, c.Rev, c.Removed = in.ID, in.Body.Rev, in.Body.Removed
		return carry(ctx, &in.Commanded, dispatch.CustomerRequest{Customer: c}, called(s.Dispatch.SaveCustomer, aCustomer), customerOutcome(http.StatusOK))
	})
}

// customerCase loads a customer, if the actor may see it.
func (s *server) customerCase(ctx context.Context, id muster.CustomerID) (graph.CustomerCase, error) {
	c, err := s.Graph.CustomerCase(ctx, "", id)
	if err != nil {
		return graph.CustomerCase{}, err
	}
	if !seesCustomer(scope(ctx), id) {
		return graph.CustomerCase{}, muster.NotFound(muster.KindCustomer, string(id))
	}
	return c, nil
}

func (b CustomerBody) customer() muster.Customer {
	c := muster.Customer{
		Division: b.Division, Name: b.Name, Email: b.Email, Phone: b.Phone, Language: b.Language, OptOut: b.OptOut,
		Plan: b.Plan, Preferred: b.Preferred,
	}
	for _, k := range b.Blocked {
		c.Blocked = append(c.Blocked, muster.Block(k))
	}
	return c
}

// request names the new sites, so that devices can stand at them.
func (b NewCustomerBody) request(id muster.CommandID) dispatch.CustomerRequest {
	req := dispatch.CustomerRequest{Customer: b.customer()}
	for i, nb := range b.Sites {
		site := nb.site()
		site.ID = muster.SiteID(muster.NewID(muster.KindSite, id, i))
		req.Sites = append(req.Sites, site)
		for _, f := range nb.Devices {
			d := f.device()
			d.Site = site.ID
			req.Devices = append(req.Devices, d)
		}
	}
	return req
}

// aCustomer is the naming of a body that is the customer itself.
var aCustomer = inside("customer", "body")

// field is the naming of this body, where the devices are inside their sites.
func (b NewCustomerBody) field(of string) string {
	var n int
	if _, err := fmt.Sscanf(of, "devices[%d]", &n); err != nil {
		return aCustomer(of)
	}
	_, rest, _ := strings.Cut(of, "]")
	for i, site := range b.Sites {
		if n < len(site.Devices) {
			return fmt.Sprintf("sites[%d].devices[%d]%s", i, n, rest)
		}
		n -= len(site.Devices)
	}
	return of
}

func customerOutcome(status int) func(string, dispatch.CustomerRequest) *CustomerOutcome {
	return func(key string, c dispatch.CustomerRequest) *CustomerOutcome {
		out := &CustomerOutcome{
			Keyed: Keyed{key}, Status: status, ETag: etag(c.Customer.Rev), Body: customerWhole(c.Customer, c.Sites, c.Devices),
		}
		if status == http.StatusCreated {
			out.Location = "/v1/customers/" + string(c.Customer.ID)
		}
		return out
	}
}

func customerWhole(c muster.Customer, sites []muster.Site, devices []muster.Device) CustomerWhole {
	return CustomerWhole{ID: c.ID, Rev: c.Rev, Customer: c, Sites: filled(sites), Devices: filled(devices)}
}

func same[T any](v T) T { return v }
