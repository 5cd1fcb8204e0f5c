package dispatch_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/dispatch"
)

// TestBadTicketsAreRefused names the field and leaves nothing behind.
func TestBadTicketsAreRefused(t *testing.T) {
	c := newCompany(t)
	for name, tt := range map[string]struct {
		edit  func(*dispatch.SubmitRequest)
		field string
		code  muster.Code
	}{
		"customer": {func(r *dispatch.SubmitRequest) { r.Customer = "cus_nobody" }, "customer", muster.CodeNotFound},
		"site":     {func(r *dispatch.SubmitRequest) { r.Site = "sit_nowhere" }, "site", muster.CodeInvalid},
		"device":   {func(r *dispatch.SubmitRequest) { r.Device = "dev_nothing" }, "device", muster.CodeInvalid},
		"no title": {func(r *dispatch.SubmitRequest) { r.Title = " " }, "title", muster.CodeInvalid},
		"title":    {func(r *dispatch.SubmitRequest) { r.Title = strings.Repeat("x", 301) }, "title", muster.CodeInvalid},
		"utf-8":    {func(r *dispatch.SubmitRequest) { r.Text = "caf\xe9" }, "text", muster.CodeInvalid},
		"length":   {func(r *dispatch.SubmitRequest) { r.Text = strings.Repeat("x", 64<<10+1) }, "text", muster.CodeTooLarge},
		"level":    {func(r *dispatch.SubmitRequest) { r.Needs[0].Level = 6 }, "needs[0].level", muster.CodeInvalid},
		"skill":    {func(r *dispatch.SubmitRequest) { r.Needs[0].Skill = "skl_magic" }, "needs[0].skill", muster.CodeInvalid},
		"twice":    {func(r *dispatch.SubmitRequest) { r.Needs = append(r.Needs, r.Needs[0]) }, "needs[1].skill", muster.CodeInvalid},
		"mode":     {func(r *dispatch.SubmitRequest) { r.Mode = "by_post" }, "mode", muster.CodeInvalid},
		"priority": {func(r *dispatch.SubmitRequest) { r.Priority = "asap" }, "priority", muster.CodeInvalid},
		"crew":     {func(r *dispatch.SubmitRequest) { r.Crew = 3 }, "crew", muster.CodeInvalid},
		"duration": {func(r *dispatch.SubmitRequest) { r.Duration = 1441 }, "duration_min", muster.CodeInvalid},
		"window": {func(r *dispatch.SubmitRequest) {
			r.Windows = []muster.Window{{Start: monday.Add(2 * time.Hour), End: monday.Add(time.Hour)}}
		}, "windows[0]", muster.CodeInvalid},
		"past": {func(r *dispatch.SubmitRequest) {
			r.Windows = []muster.Window{{Start: monday.Add(-2 * time.Hour), End: monday.Add(-time.Hour)}}
		}, "windows[0].end", muster.CodeInvalid},
		"legacy": {func(r *dispatch.SubmitRequest) { r.Legacy = "4711" }, "legacy", muster.CodeInvalid},
	} {
		req := c.request()
		tt.edit(&req)
		_, err := c.dispatch.Submit(c.ctx, c.as(helpdesk), req)
		var e *muster.Error
		require.ErrorAs(t, err, &e, name)
		require.Equal(t, tt.code, e.Code, name)
		require.Equal(t, tt.field, e.Field, name)
		require.NotEmpty(t, e.Hint, name)
	}
	counts, err := c.store.TicketCounts(c.ctx, muster.Scope{Everything: true})
	require.NoError(t, err)
	require.Empty(t, counts)
}

func TestALegacyIDIsTakenOnce(t *testing.T) {
	c := newCompany(t)
	with := func(r *dispatch.SubmitRequest) { r.Legacy = "oldsys/17" }
	c.submit(with)
	req := c.request()
	with(&req)
	_, err := c.dispatch.Submit(c.ctx, c.as(helpdesk), req)
	require.Equal(t, muster.CodeTaken, muster.CodeOf(err))
}

func TestCustomersOnlyActForThemselves(t *testing.T) {
	c := newCompany(t)
	joan := muster.Actor{ID: "usr_joan", Role: muster.RoleCustomer, Customer: c.customer.ID}
	_, err := c.dispatch.Submit(c.ctx, c.as(joan), c.request())
	require.NoError(t, err)
	joan.Customer = "cus_other"
	_, err = c.dispatch.Submit(c.ctx, c.as(joan), c.request())
	require.Equal(t, muster.CodeForbidden, muster.CodeOf(err))
	for _, who := range []muster.Actor{{}, {Role: muster.RoleAccountant}, {Role: muster.RoleExpert, Expert: "exp_li"}} {
		_, err = c.dispatch.Submit(c.ctx, c.as(who), c.request())
		require.Equal(t, muster.CodeForbidden, muster.CodeOf(err), who.Role)
	}
}

func TestCustomersAreSavedWithTheirParts(t *testing.T) {
	c := newCompany(t)
	require.Equal(t, "joan@example.com", c.customer.Email)
	require.Equal(t, "America/New_York", c.site.Place.Zone)
	require.NotZero(t, c.site.Place.Cell)
	require.Equal(t, c.site.ID, c.device.Site, "their only site")

	save := func(req dispatch.CustomerRequest) error {
		_, err := c.dispatch.SaveCustomer(c.ctx, c.as(helpdesk), req)
		return err
	}
	site := func(p muster.Point) dispatch.CustomerRequest {
		return dispatch.CustomerRequest{Customer: muster.Customer{Name: "Max"}, Sites: []muster.Site{{Place: muster.Place{Point: p}}}}
	}
	for field, req := range map[string]dispatch.CustomerRequest{
		"customer.name":        {},
		"customer.email":       {Customer: muster.Customer{Name: "Max", Email: "max at home"}},
		"customer.id":          {Customer: muster.Customer{ID: "max", Name: "Max"}},
		"sites[0].place.point": site(muster.Point{Lat: 40, Lng: -40}),
		"devices[0].site":      {Customer: muster.Customer{Name: "Max"}, Devices: []muster.Device{{Category: "Oven", Site: c.site.ID}}},
		"devices[0].category":  {Customer: muster.Customer{Name: "Max"}, Sites: site(boston).Sites, Devices: []muster.Device{{}}},
	} {
		err := save(req)
		var e *muster.Error
		require.ErrorAs(t, err, &e, field)
		require.Equal(t, muster.CodeInvalid, e.Code, field)
		require.Equal(t, field, e.Field)
	}
	require.Equal(t, muster.CodeTaken, muster.CodeOf(save(dispatch.CustomerRequest{Customer: muster.Customer{Name: "Twin", Email: "joan@example.com"}})))

	// A change keeps what it doesn't name; one made on an older revision is refused.
	changed := c.customer
	changed.Email = ""
	saved, err := c.dispatch.SaveCustomer(c.ctx, c.as(helpdesk), dispatch.CustomerRequest{Customer: changed})
	require.NoError(t, err)
	require.Equal(t, int64(2), saved.Customer.Rev)
	require.Len(t, saved.Sites, 1)
	require.Equal(t, muster.CodeStale, muster.CodeOf(save(dispatch.CustomerRequest{Customer: changed})))
	require.NoError(t, save(dispatch.CustomerRequest{Customer: muster.Customer{Name: "Twin", Email: "joan@example.com"}}), "the address is free")

	added, err := c.dispatch.SaveSite(c.ctx, c.as(helpdesk), dispatch.SiteRequest{
		Customer: c.customer.ID, Site: muster.Site{Place: muster.Place{Point: muster.Point{Lat: 40, Lng: -40}, Zone: "America/Nuuk"}},
	})
	require.NoError(t, err, "a place at sea whose zone is given")
	require.Len(t, added.Sites, 2)
	added, err = c.dispatch.SaveDevice(c.ctx, c.as(helpdesk), dispatch.DeviceRequest{
		Customer: c.customer.ID, Device: muster.Device{Category: "Oven", Site: c.site.ID},
	})
	require.NoError(t, err)
	require.Len(t, added.Devices, 2)
	_, err = c.dispatch.SaveDevice(c.ctx, c.as(helpdesk), dispatch.DeviceRequest{Customer: "cus_nobody", Device: muster.Device{Category: "Oven"}})
	require.Equal(t, muster.CodeNotFound, muster.CodeOf(err))
	c.sound()
}

func TestSkillsMakeATree(t *testing.T) {
	c := newCompany(t)
	save := func(skills ...muster.Skill) ([]muster.Skill, error) {
		return c.dispatch.SaveSkills(c.ctx, c.as(admin), dispatch.SkillRequest{Skills: skills})
	}
	saved, err := save(muster.Skill{Name: "Wine coolers", Narrows: fridges})
	require.NoError(t, err)
	require.Equal(t, muster.SkillID("skl_wine-coolers"), saved[0].ID)
	_, err = save(muster.Skill{ID: goods, Name: "White goods", Narrows: "skl_wine-coolers"})
	require.Equal(t, muster.CodeInvalid, muster.CodeOf(err), "a circle")
	_, err = save(muster.Skill{Name: "Radios", Narrows: "skl_hifi"})
	require.Equal(t, muster.CodeInvalid, muster.CodeOf(err))
	_, err = save()
	require.Equal(t, muster.CodeInvalid, muster.CodeOf(err))
	_, err = c.dispatch.SaveSkills(c.ctx, c.as(dispatcher), dispatch.SkillRequest{Skills: saved})
	require.Equal(t, muster.CodeForbidden, muster.CodeOf(err))
	c.submit(func(r *dispatch.SubmitRequest) { r.Needs = []muster.Need{{Skill: "skl_wine-coolers", Level: 1}} })
}

func TestExperts(t *testing.T) {
	c := newCompany(t)
	li := c.expert("li", 3)
	require.NotEmpty(t, li.Region)
	for field, edit := range map[string]func(*muster.Expert){
		"name":              func(e *muster.Expert) { e.Name = "" },
		"skills[0].level":   func(e *muster.Expert) { e.Skills = []muster.Competence{{Skill: fridges, Level: 0}} },
		"skills[0].skill":   func(e *muster.Expert) { e.Skills = []muster.Competence{{Skill: "skl_magic", Level: 1}} },
		"shifts[0]":         func(e *muster.Expert) { e.Shifts = []muster.Hours{{From: 600, To: 600}} },
		"shifts[0].weekday": func(e *muster.Expert) { e.Shifts = []muster.Hours{{Weekday: 7, To: 60}} },
		"leave[0]":          func(e *muster.Expert) { e.Leave = []muster.Leave{{}} },
		"skills[0].visits":  func(e *muster.Expert) { e.Skills = []muster.Competence{{Skill: fridges, Level: 1, Visits: -1}} },
		"skills[0].fixed": func(e *muster.Expert) {
			e.Skills = []muster.Competence{{Skill: fridges, Level: 1, Visits: 3, Fixed: 4}}
		},
		"paid_weeks":         func(e *muster.Expert) { e.PaidWeeks = -1000 },
		"capacity.travel_km": func(e *muster.Expert) { e.Capacity.TravelKm = -1 },
		"territory[0]":       func(e *muster.Expert) { e.Territory = []muster.Cell{42} },
		"base.point":         func(e *muster.Expert) { e.Base = muster.Place{Point: muster.Point{Lat: 40, Lng: -40}} },
	} {
		bad := li
		edit(&bad)
		_, err := c.dispatch.SaveExpert(c.ctx, c.as(admin), bad)
		var e *muster.Error
		require.ErrorAs(t, err, &e, field)
		require.Equal(t, field, e.Field)
	}

	a := c.assign(c.submit().ID, li.ID)
	_, err := c.dispatch.RemoveExpert(c.ctx, c.as(admin), li.ID)
	require.Equal(t, muster.CodeState, muster.CodeOf(err), "somebody waits for them")
	_, err = c.dispatch.Cancel(c.ctx, c.as(helpdesk), dispatch.TicketRequest{Ticket: a.Ticket.ID})
	require.NoError(t, err)
	gone, err := c.dispatch.RemoveExpert(c.ctx, c.as(admin), li.ID)
	require.NoError(t, err)
	require.True(t, gone.Removed)
	_, err = c.dispatch.Assign(c.ctx, c.as(dispatcher), dispatch.AssignRequest{Ticket: c.submit().ID, Expert: li.ID})
	require.Equal(t, muster.CodeUnfit, muster.CodeOf(err))
	_, err = c.dispatch.AddLeave(c.ctx, c.as(dispatcher), dispatch.LeaveRequest{Expert: li.ID, Leave: muster.Leave{Window: muster.Window{Start: monday, End: monday.Add(time.Hour)}}})
	require.Equal(t, muster.CodeNotFound, muster.CodeOf(err))

	kim := c.expert("kim", 3)
	shifts, err := c.dispatch.SaveShifts(c.ctx, c.as(dispatcher), dispatch.ShiftsRequest{Expert: kim.ID, Shifts: []muster.Hours{{Weekday: time.Sunday, From: 600, To: 700}}})
	require.NoError(t, err)
	require.Len(t, shifts.Shifts, 1)
	require.Equal(t, kim.Skills, shifts.Skills)
	c.sound()
}

func TestPolicyAndUsers(t *testing.T) {
	c := newCompany(t)
	p := muster.DefaultPolicy()
	p.OfferMinutes = 0
	_, err := c.dispatch.SavePolicy(c.ctx, c.as(admin), p)
	require.Equal(t, muster.CodeInvalid, muster.CodeOf(err))
	p = muster.DefaultPolicy()
	p.OfferMinutes = 15
	saved, err := c.dispatch.SavePolicy(c.ctx, c.as(admin), p)
	require.NoError(t, err)
	require.Equal(t, int64(2), saved.Rev)
	offer := c.offer(c.submit().ID, c.expert("li", 3).ID).Offers[0]
	require.Equal(t, monday.Add(15*time.Minute), offer.Deadline, "known at once")
	require.Equal(t, int64(2), offer.Decided.Policy)

	u, err := c.dispatch.SaveUser(c.ctx, c.as(admin), muster.User{Name: "Dana", Role: muster.RoleDispatcher})
	require.NoError(t, err)
	require.NotEmpty(t, u.ID)
	u.About = "nights"
	u, err = c.dispatch.SaveUser(c.ctx, c.as(admin), u)
	require.NoError(t, err)
	require.Equal(t, int64(2), u.Rev)
	for _, bad := range []muster.User{{Role: muster.RoleManager}, {Name: "X", Role: "boss"}, {Name: "X", Role: muster.RoleSystem}, {Name: "X", Role: muster.RoleExpert}, {Name: "X", Role: muster.RoleCustomer}} {
		_, err = c.dispatch.SaveUser(c.ctx, c.as(admin), bad)
		require.Equal(t, muster.CodeInvalid, muster.CodeOf(err), "%+v", bad)
	}
	_, err = c.dispatch.SaveUser(c.ctx, c.as(helpdesk), muster.User{Name: "X", Role: muster.RoleAdministrator})
	require.Equal(t, muster.CodeForbidden, muster.CodeOf(err))
	c.sound()
}
