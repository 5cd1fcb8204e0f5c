package demo

import (
	"strings"

	"github.com/sysopssquad/muster"
)

// people are those who can act, one of each role, Dana first. The phones of other experts are registered when
// they are first used.
func people(c *Company) []muster.User {
	out := []muster.User{
		{ID: "usr_dana", Name: "Dana Whitfield", Role: muster.RoleDispatcher, About: "Gives tickets to experts, all over the country"},
		{ID: "usr_morgan", Name: "Morgan Achebe", Role: muster.RoleManager, About: "Watches promises and the load of the week"},
		{ID: "usr_hollis", Name: "Hollis Brandt", Role: muster.RoleHelpdesk, About: "Answers the phone and finds out what is broken"},
		{ID: "usr_ada", Name: "Ada Marchetti", Role: muster.RoleAdministrator, About: "Keeps skills, policy and people in order"},
		{ID: "usr_ines", Name: "Ines Calder", Role: muster.RoleAccountant, About: "Sees what was done, when and by whom"},
	}
	for _, t := range c.Tickets {
		if t.Customer != nil && len(t.Submit.Windows) > 0 {
			out = append(out, muster.User{
				ID: "usr_customer", Name: t.Customer.Name, Role: muster.RoleCustomer, Customer: t.Customer.ID,
				About: "Waits for somebody: " + t.Submit.Title,
			})
			break
		}
	}
	if len(c.Experts) > 0 {
		out = append(out, phone(&c.Experts[0]))
	}
	return out
}

// phone is an expert as somebody who acts.
func phone(e *muster.Expert) muster.User {
	about := "Repairs around " + e.City
	if e.Capacity.CarryInOnly {
		about = "Repairs at the shop in " + e.City
	}
	return muster.User{ID: UserOf(e.ID), Name: e.Name, Role: muster.RoleExpert, Expert: e.ID, About: about}
}

// UserOf gives the id under which an expert acts.
func UserOf(e muster.ExpertID) muster.UserID {
	return muster.UserID("usr_" + strings.TrimPrefix(string(e), "exp_"))
}
