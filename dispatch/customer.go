package dispatch

import (
	"context"
	"errors"
	"fmt"
	"net/mail"
	"slices"
	"strings"
	"time"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/graph"
)

// SaveCustomer registers or changes a customer with sites and devices; those not named stay as they are. An
// empty id, or one that there is not yet, is new. Of a site's place only the point (and perhaps how well it
// is known) is read, cell and zone follow. The answer is the customer with all sites and devices. A customer or
// site with open tickets can't be removed: that is CodeState.
func (d *Dispatch) SaveCustomer(ctx context.Context, cmd muster.Command, req CustomerRequest) (CustomerRequest, error) {
	id := req.Customer.ID
	if id == "" {
		id = muster.CustomerID(muster.NewID(muster.KindCustomer, cmd.ID, 0))
	}
	return d.onCustomer(ctx, cmd, "customer.save", req, id, func(graph.CustomerCase) (CustomerRequest, error) {
		named := req
		named.Customer.ID = id
		return named, nil
	})
}

// SaveSite adds a site to a customer (empty id, or one that is not there yet) or changes one; all else of
// the customer stays. The answer is the customer with all sites and devices. Seen is the customer's revision.
// A site with open tickets can't be removed: that is CodeState.
func (d *Dispatch) SaveSite(ctx context.Context, cmd muster.Command, req SiteRequest) (CustomerRequest, error) {
	return d.onCustomer(ctx, cmd, "customer.save_site", req, req.Customer, func(c graph.CustomerCase) (CustomerRequest, error) {
		return CustomerRequest{Customer: c.Customer, Sites: []muster.Site{req.Site}}, known(c, req.Customer)
	})
}

// SaveDevice is the same for a device.
func (d *Dispatch) SaveDevice(ctx context.Context, cmd muster.Command, req DeviceRequest) (CustomerRequest, error) {
	return d.onCustomer(ctx, cmd, "customer.save_device", req, req.Customer, func(c graph.CustomerCase) (CustomerRequest, error) {
		return CustomerRequest{Customer: c.Customer, Devices: []muster.Device{req.Device}}, known(c, req.Customer)
	})
}

// saved is the answer as it is stored: with what the command has taken out of service, so that its repetition looks
// again at that and no more.
type saved struct {
	CustomerRequest
	Gone removal `json:"gone,omitzero"`
}

// onCustomer carries out a command on a customer: it loads them, the zero case for a new one, lets work say what is
// to be saved, saves it, and looks again at what has been taken out of service.
func (d *Dispatch) onCustomer(
	ctx context.Context, cmd muster.Command, name string, request any, id muster.CustomerID,
	work func(graph.CustomerCase) (CustomerRequest, error),
) (CustomerRequest, error) {
	answer, err := decide(ctx, d, cmd, name, request, func(ctx context.Context, cmd muster.Command) (saved, graph.Change, error) {
		before, err := d.store.CustomerCase(ctx, cmd.ID, id)
		if err != nil && (muster.CodeOf(err) != muster.CodeNotFound || replayed(err)) {
			return saved{}, graph.Change{}, err
		}
		req, err := work(before)
		if err != nil {
			return saved{}, graph.Change{}, err
		}
		if err := d.there(ctx, namedBy(cmd.Actor, before.Customer, req.Customer)); err != nil {
			return saved{}, graph.Change{}, err
		}
		draft := newDraft(cmd, d.clock.Now(), nil)
		after, err := saveCustomer(draft, before, req)
		if err == nil {
			err = d.redecideBlocked(ctx, draft, before.Customer, after.Customer)
		}
		if err == nil {
			err = d.vacant(ctx, before, req)
		}
		if err != nil {
			return saved{}, graph.Change{}, err
		}
		change, err := draft.change()
		return saved{after, req.removal().since(before)}, change, err
	})
	if err == nil {
		err = d.lookAgain(ctx, cmd, id, answer.Gone)
	}
	if err != nil {
		return CustomerRequest{}, err
	}
	return answer.CustomerRequest, nil
}

func known(c graph.CustomerCase, id muster.CustomerID) error {
	if c.Customer.Rev == 0 || c.Customer.Removed {
		return muster.NotFound(muster.KindCustomer, string(id))
	}
	return nil
}

func replayed(err error) bool {
	var r *graph.Replayed
	return errors.As(err, &r)
}

// saveCustomer puts the customer as it is after the request. Before is the zero case for a new one.
func saveCustomer(d *draft, before graph.CustomerCase, req CustomerRequest) (CustomerRequest, error) {
	c, old := req.Customer, before.Customer
	if err := permit(d.cmd.Actor, "save customers", asStaff, c.ID); err != nil {
		return CustomerRequest{}, err
	}
	if err := sameRevision(d.cmd, string(c.ID), old.Rev, c.Rev); err != nil {
		return CustomerRequest{}, err
	}
	if err := customerKnown(&c); err != nil {
		return CustomerRequest{}, err
	}
	if d.cmd.Actor.Role == muster.RoleCustomer { // what they bought, and from whom, isn't theirs to write
		c.Plan, c.Division = old.Plan, old.Division
		c.Blocked = keepWord(old.Blocked, c.Blocked)
	}
	c.Blocked = dated(old.Blocked, c.Blocked, d.now)
	c.Rev = old.Rev + 1
	if old.Rev > 0 {
		c.CreatedAt = old.CreatedAt
	} else if c.CreatedAt.IsZero() || c.CreatedAt.After(d.now) {
		c.CreatedAt = d.now
	}
	if c.Email != old.Email {
		if old.Email != "" {
			d.release = append(d.release, muster.Claim{Key: muster.EmailKey(old.Email), Owner: string(c.ID)})
		}
		if c.Email != "" {
			d.claim = append(d.claim, muster.Claim{Key: muster.EmailKey(c.Email), Owner: string(c.ID)})
		}
	}
	answer := CustomerRequest{Customer: c, Sites: before.Sites, Devices: before.Devices}
	var parts []muster.Record
	for i, s := range req.Sites {
		if err := settleSite(d, &c, i, &s); err != nil {
			return CustomerRequest{}, err
		}
		answer.Sites = replace(answer.Sites, s, func(o muster.Site) bool { return o.ID == s.ID })
		parts = append(parts, &s)
	}
	for i, v := range req.Devices {
		if err := settleDevice(d, &c, i, &v, answer.Sites); err != nil {
			return CustomerRequest{}, err
		}
		answer.Devices = replace(answer.Devices, v, func(o muster.Device) bool { return o.ID == v.ID })
		parts = append(parts, &v)
	}
	return answer, d.write("customer.saved", old.Rev, &c, parts...)
}

// keepWord gives the blocks that a customer wishes for, with those that experts have asked for as they were.
func keepWord(old, wished []muster.Block) []muster.Block {
	var out []muster.Block
	for _, b := range wished {
		if !slices.ContainsFunc(old, func(o muster.Block) bool { return o.Declined != "" && o.Expert == b.Expert }) {
			b.Declined = ""
			out = append(out, b)
		}
	}
	for _, b := range old {
		if b.Declined != "" {
			out = append(out, b)
		}
	}
	return out
}

// dated gives blocks without a moment the one that they had before, or now.
func dated(old, wished []muster.Block, now time.Time) []muster.Block {
	out := slices.Clone(wished)
	for i := range out {
		if !out[i].Since.IsZero() {
			continue
		}
		out[i].Since = now
		if n := slices.IndexFunc(old, func(o muster.Block) bool { return o.Expert == out[i].Expert }); n >= 0 {
			out[i].Since = old[n].Since
		}
	}
	return out
}

// namedBy lists what a customer names that they didn't name before. What customers say that experts said is
// not looked at.
func namedBy(a muster.Actor, old, c muster.Customer) []mention {
	var out []mention
	for i, e := range c.Preferred {
		if !slices.Contains(old.Preferred, e) {
			out = append(out, mention{fmt.Sprintf("customer.preferred[%d]", i), muster.KindExpert, string(e)})
		}
	}
	for i, b := range c.Blocked {
		at := fmt.Sprintf("customer.blocked[%d]", i)
		n := slices.IndexFunc(old.Blocked, func(o muster.Block) bool { return o.Expert == b.Expert })
		if n < 0 {
			out = append(out, mention{at + ".expert", muster.KindExpert, string(b.Expert)})
		}
		if b.Declined != "" && a.Role != muster.RoleCustomer && (n < 0 || old.Blocked[n].Declined != b.Declined) {
			out = append(out, mention{at + ".declined", muster.KindTicket, string(b.Declined)})
		}
	}
	return out
}

func replace[T any](list []T, v T, same func(T) bool) []T {
	if i := slices.IndexFunc(list, same); i >= 0 {
		list = slices.Clone(list)
		list[i] = v
		return list
	}
	return append(list[:len(list):len(list)], v)
}

func customerKnown(c *muster.Customer) error {
	if err := muster.CheckID(muster.KindCustomer, "customer.id", string(c.ID)); err != nil {
		return err
	}
	if c.Name = strings.TrimSpace(c.Name); c.Name == "" {
		return muster.Invalid("customer.name", "", "give a name")
	}
	if c.Email = strings.ToLower(strings.TrimSpace(c.Email)); c.Email != "" {
		if a, err := mail.ParseAddress(c.Email); err != nil || a.Address != c.Email {
			return muster.Invalid("customer.email", c.Email, "an address such as joan@example.com, or leave it out")
		}
	}
	for i, e := range c.Preferred {
		if err := muster.CheckID(muster.KindExpert, fmt.Sprintf("customer.preferred[%d]", i), string(e)); err != nil {
			return err
		}
	}
	for i, b := range c.Blocked {
		if err := muster.CheckID(muster.KindExpert, fmt.Sprintf("customer.blocked[%d].expert", i), string(b.Expert)); err != nil {
			return err
		}
	}
	for i, o := range c.OptOut {
		if !slices.Contains(muster.Channels(), o) || slices.Contains(c.OptOut[:i], o) {
			return muster.Invalid(fmt.Sprintf("customer.opt_out[%d]", i), string(o), "one of sms, email and push, each once")
		}
	}
	for _, f := range [][2]string{{"customer.name", c.Name}, {"customer.phone", c.Phone}, {"customer.division", c.Division}} {
		if err := textFits(f[0], f[1]); err != nil {
			return err
		}
	}
	return nil
}

func settleSite(d *draft, c *muster.Customer, i int, s *muster.Site) error {
	at := fmt.Sprintf("sites[%d]", i)
	if s.ID == "" {
		s.ID = muster.SiteID(d.id(muster.KindSite))
	}
	if err := muster.CheckID(muster.KindSite, at+".id", string(s.ID)); err != nil {
		return err
	}
	s.Customer = c.ID
	var err error
	if s.Place, err = settlePlace(at+".place", s.Place); err != nil {
		return err
	}
	for n, h := range s.AccessHours {
		if err := hoursKnown(fmt.Sprintf("%s.access_hours[%d]", at, n), h); err != nil {
			return err
		}
	}
	return textFits(at+".access_notes", s.AccessNotes)
}

func settleDevice(d *draft, c *muster.Customer, i int, v *muster.Device, sites []muster.Site) error {
	at := fmt.Sprintf("devices[%d]", i)
	if v.ID == "" {
		v.ID = muster.DeviceID(d.id(muster.KindDevice))
	}
	if err := muster.CheckID(muster.KindDevice, at+".id", string(v.ID)); err != nil {
		return err
	}
	v.Customer = c.ID
	if v.Site == "" && len(sites) == 1 {
		v.Site = sites[0].ID
	}
	if !slices.ContainsFunc(sites, func(s muster.Site) bool { return s.ID == v.Site && !s.Removed }) {
		return muster.Invalid(at+".site", string(v.Site), "use a site of the same customer")
	}
	if v.Category = strings.TrimSpace(v.Category); v.Category == "" {
		return muster.Invalid(at+".category", "", "say what kind of device it is")
	}
	return textFits(at+".category", v.Category)
}
