package matcher

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sysopssquad/muster"
)

// ruleCase is a scenario in which exactly one constraint speaks against a start, and what it says; near is the
// smallest change that makes it fit.
type ruleCase struct {
	name  string
	spoil func(*scenario)
	start string // clock of the Friday, empty: the cheapest
	want  muster.Reason
	near  func(*scenario)
}

var ruleCases = []ruleCase{
	{
		name: "works here no longer", spoil: func(s *scenario) { s.expert.Removed = true },
		want: muster.Reason{Code: muster.Gone, Class: muster.Never, Have: "removed", Need: "none", Text: "Works here no longer."},
		near: func(s *scenario) { s.expert.Removed = false },
	},
	{
		name: "other division", spoil: func(s *scenario) { s.ticket.Division = "north"; s.expert.Division = "south" },
		want: muster.Reason{Code: muster.OtherDivision, Class: muster.Never, Have: "south", Need: "north", Text: "Belongs to division south; the ticket to division north."},
		near: func(s *scenario) { s.expert.Division = "north" },
	},
	{
		name: "the customer's division counts where the ticket names none", spoil: func(s *scenario) { s.job.Customer.Division = "north" },
		want: muster.Reason{Code: muster.OtherDivision, Class: muster.Never, Have: "none", Need: "north", Text: "Belongs to no division; the ticket to division north."},
		near: func(s *scenario) { s.expert.Division = "north" },
	},
	{
		name: "at the shop only", spoil: func(s *scenario) { s.expert.Capacity.CarryInOnly = true },
		want: muster.Reason{Code: muster.NotMobile, Class: muster.Never, Have: muster.ModeCarryIn, Need: muster.ModeHomeVisit, Text: "Works at the shop and visits nobody."},
		near: func(s *scenario) { s.ticket.Mode = muster.ModeCarryIn },
	},
	{
		name: "lacks the skill", spoil: func(s *scenario) { s.ticket.Needs = append(s.ticket.Needs, muster.Need{Skill: sewing, Level: 2}) },
		want: muster.Reason{Code: muster.NoSkill, Class: muster.Never, About: string(sewing), Have: 0, Need: 2, Unit: "level", Text: "Lacks Sewing machines; this needs level 2."},
		near: func(s *scenario) {
			s.expert.Skills = append(s.expert.Skills, muster.Competence{Skill: sewing, Level: 2})
		},
	},
	{
		name: "the broader doesn't count for the narrower",
		spoil: func(s *scenario) {
			s.ticket.Needs[0].Skill = fridge
			s.expert.Skills[0].Skill = whiteGoods
		},
		want: muster.Reason{Code: muster.NoSkill, Class: muster.Never, About: string(fridge), Have: 0, Need: 2, Unit: "level", Text: "Lacks Refrigerator repair; this needs level 2."},
		near: func(s *scenario) { s.ticket.Needs[0].Skill = whiteGoods },
	},
	{
		name: "one level short", spoil: func(s *scenario) { s.ticket.Needs[0].Level = 4 },
		want: muster.Reason{Code: muster.LevelLow, Class: muster.ByDispatcher, About: string(whiteGoods), Have: 3, Need: 4, Unit: "level", Text: "Level 3; this needs 4 (White goods)."},
		near: func(s *scenario) {
			s.expert.Skills = append(s.expert.Skills, muster.Competence{Skill: whiteGoods, Level: 4})
		},
	},
	{
		name: "two levels short is for nobody to set aside", spoil: func(s *scenario) { s.ticket.Needs[0].Level = 5; s.job.Allowed = []muster.ReasonCode{muster.LevelLow} },
		want: muster.Reason{Code: muster.LevelLow, Class: muster.Never, About: string(whiteGoods), Have: 3, Need: 5, Unit: "level", Text: "Level 3; this needs 5 (White goods)."},
		near: func(s *scenario) { s.ticket.Needs[0].Level = 4 },
	},
	{
		name: "the certificate ends during the visit", start: "10:00",
		spoil: func(s *scenario) {
			s.expert.Skills[0].Expires = at("10:59")
			s.expert.Skills[0].Evidence = "EPA 608"
		},
		want: muster.Reason{Code: muster.CertificateEnds, Class: muster.Never, About: string(fridge), Have: at("10:59"), Need: at("11:00"), Text: "Certificate EPA 608 ends 20 Nov; the visit is 20 Nov."},
		near: func(s *scenario) { s.expert.Skills[0].Expires = at("11:00") },
	},
	{
		name: "of two that count the one that is good enough has ended",
		spoil: func(s *scenario) {
			s.ticket.Needs[0].Level = 3
			s.expert.Skills[0].Expires = on(18, "23:00")
			s.expert.Skills = append(s.expert.Skills, muster.Competence{Skill: whiteGoods, Level: 2})
		},
		want: muster.Reason{Code: muster.CertificateEnds, Class: muster.Never, About: string(fridge), Have: on(18, "23:00"), Need: at("09:20"), Text: "Certificate Refrigerator repair ends 18 Nov; the visit is 20 Nov."},
		near: func(s *scenario) { s.ticket.Needs[0].Level = 2 },
	},
	{
		name: "a licensed skill without a certificate",
		spoil: func(s *scenario) {
			s.ticket.Needs[0].Skill = gas
			s.expert.Skills[0].Skill = gas
		},
		want: muster.Reason{Code: muster.CertificateEnds, Class: muster.Never, About: string(gas), Have: "none", Need: at("09:20"), Text: "No certificate for Gas, which needs one."},
		near: func(s *scenario) { s.expert.Skills[0].Expires = at("09:20") },
	},
	{
		name: "authorised for other makes", spoil: func(s *scenario) {
			s.job.Device = &muster.Device{Brand: "Miele"}
			s.expert.Brands = []string{"Bosch", "Siemens"}
		},
		want: muster.Reason{Code: muster.NotAuthorised, Class: muster.Never, About: "Miele", Have: []string{"Bosch", "Siemens"}, Need: "Miele", Text: "Authorised for Bosch, Siemens; this is a Miele."},
		near: func(s *scenario) { s.expert.Brands = append(s.expert.Brands, "MIELE") },
	},
	{
		name: "lacks a part", spoil: func(s *scenario) {
			s.ticket.Carry = []string{"Door seal", "Vacuum pump"}
			s.expert.Carries = []string{"vacuum pump"}
		},
		want: muster.Reason{Code: muster.LacksParts, Class: muster.Never, About: "Door seal", Have: []string{"vacuum pump"}, Need: []string{"Door seal", "Vacuum pump"}, Text: "Does not carry Door seal."},
		near: func(s *scenario) { s.expert.Carries = append(s.expert.Carries, "door seal") },
	},
	{
		name: "before a part comes", start: "10:00", spoil: func(s *scenario) {
			s.ticket.Parts = []muster.PartNeed{
				{Name: "Fan", State: muster.PartOrdered, ETA: at("10:05")}, {Name: "Relay", State: muster.PartOrdered, ETA: at("10:15")},
				{Name: "Seal", State: muster.PartThere, ETA: at("12:00")}, {Name: "Hose", State: muster.PartMissing},
			}
		},
		want: muster.Reason{Code: muster.LacksParts, Class: muster.Never, About: "Relay", Have: at("10:00"), Need: at("10:15"), Text: "Relay comes 10:15."},
		near: func(s *scenario) {
			s.ticket.Parts[0].ETA, s.ticket.Parts[1].ETA = at("10:00"), at("09:50")
		},
	},
	{
		name: "outside the territory", spoil: func(s *scenario) { s.expert.Territory = []muster.Cell{0x852a3077fffffff} },
		want: muster.Reason{Code: muster.OutOfTerritory, Class: muster.ByDispatcher, Have: 1, Need: "882a306603fffff", Unit: "cells", Text: "The site is outside the territory."},
		near: func(s *scenario) { s.expert.Territory = append(s.expert.Territory, s.job.Site.Place.Cell.Parent(5)) },
	},
	{
		name: "too far", spoil: func(s *scenario) { s.job.Site.Place = north(60.1) },
		want: muster.Reason{Code: muster.TooFar, Class: muster.ByPolicy, Have: 60.1, Need: 60.0, Unit: "km", Text: "61 km from the base; the limit is 60."},
		near: func(s *scenario) { s.expert.Capacity.TravelKm = 61 },
	},
	{
		name: "blocked", spoil: func(s *scenario) {
			s.job.Customer.Blocked = []muster.Block{{Expert: "exp_tom"}, {Expert: "exp_ana", Since: time.Date(2026, 3, 3, 17, 0, 0, 0, time.UTC)}}
		},
		want: muster.Reason{Code: muster.IsBlocked, Class: muster.Never, About: "cus_1", Have: time.Date(2026, 3, 3, 17, 0, 0, 0, time.UTC), Need: "none", Text: "Is not to be sent to this customer, since 3 Mar."},
		near: func(s *scenario) { s.job.Customer.Blocked = s.job.Customer.Blocked[:1] },
	},
	{
		name: "declined the ticket for another reason", spoil: func(s *scenario) {
			s.ticket.Declines = []muster.Decline{{Expert: "exp_ana", At: at("06:20"), Reason: "other"}}
		},
		want: muster.Reason{Code: muster.HasDeclined, Class: muster.ByDispatcher, About: "other", Have: at("06:20"), Need: "none", Text: "Declined this ticket at 06:20: another reason."},
		near: func(s *scenario) { s.ticket.Declines[0].Expert = "exp_tom" },
	},
	{
		name: "declined the ticket", spoil: func(s *scenario) {
			s.ticket.Declines = []muster.Decline{{Expert: "exp_ana", At: at("06:20"), Reason: "too_far"}}
		},
		want: muster.Reason{Code: muster.HasDeclined, Class: muster.ByDispatcher, About: "too_far", Have: at("06:20"), Need: "none", Text: "Declined this ticket at 06:20: too far."},
		near: func(s *scenario) { s.ticket.Declines[0].Expert = "exp_tom" },
	},
	{
		name: "declined the customer", spoil: func(s *scenario) {
			s.ticket.Declines = []muster.Decline{{Expert: "exp_ana", At: on(3, "06:20"), Reason: "not_this_customer", Window: span("08:00", "09:00")}}
		},
		want: muster.Reason{Code: muster.HasDeclined, Class: muster.ByDispatcher, About: "not_this_customer", Have: on(3, "06:20"), Need: "none", Text: "Declined this ticket at 3 Nov 06:20: not this customer."},
		near: func(s *scenario) { s.job.Allowed = []muster.ReasonCode{muster.HasDeclined} },
	},
	{
		name: "declined that time", start: "10:00", spoil: func(s *scenario) {
			s.ticket.Declines = []muster.Decline{{Expert: "exp_ana", At: at("06:20"), Reason: "not_then", Window: span("10:59", "12:00")}}
		},
		want: muster.Reason{Code: muster.HasDeclined, Class: muster.ByDispatcher, About: "not_then", Have: span("10:00", "11:00"), Need: span("10:59", "12:00"), Text: "Declined this ticket at 06:20: not then."},
		near: func(s *scenario) { s.ticket.Declines[0].Window.Start = at("11:00") },
	},
	{
		name: "on the crew already", spoil: func(s *scenario) { s.ticket.Crew = 2; s.job.Crew = []muster.ExpertID{"exp_ana"}; s.job.Place = 1 },
		want: muster.Reason{Code: muster.CrewClash, Class: muster.Never, Have: 1, Need: 2, Unit: "experts", Text: "Is on this visit's crew already."},
		near: func(s *scenario) { s.job.Crew[0] = "exp_tom" },
	},
	{
		name: "not the crew's start", start: "13:00", spoil: func(s *scenario) { s.job.Start = at("13:05") },
		want: muster.Reason{Code: muster.CrewClash, Class: muster.Never, Have: at("13:00"), Need: at("13:05"), Text: "The crew starts at 13:05; this would be 13:00."},
		near: func(s *scenario) { s.job.Start = at("13:00") },
	},
	{
		name: "no shift at all", spoil: func(s *scenario) { s.expert.Shifts = nil },
		want: muster.Reason{Code: muster.OffShift, Class: muster.Never, Have: "none", Need: span("07:35", "08:35"), Text: "No shift 07:35 to 08:35."},
		near: func(s *scenario) { s.expert.Extra = []muster.Window{span("12:00", "14:00")} },
	},
	{
		name: "no shift in the window", spoil: func(s *scenario) {
			s.ticket.Windows = []muster.Window{{Start: on(21, "10:00"), End: on(21, "12:00")}}
		},
		want: muster.Reason{
			Code: muster.OffShift, Class: muster.Never, Have: []muster.Window{span("08:00", "17:00")},
			Need: muster.Window{Start: on(21, "10:00"), End: on(21, "11:00")}, Text: "No shift 21 Nov 10:00 to 11:00.",
		},
		near: func(s *scenario) {
			s.expert.Extra = []muster.Window{{Start: on(21, "09:40"), End: on(21, "11:20")}}
		},
	},
	{
		name: "the work passes the shift's end", start: "16:05", spoil: func(*scenario) {},
		want: muster.Reason{Code: muster.OffShift, Class: muster.Never, Have: at("17:05"), Need: at("17:00"), Text: "Shift ends 17:00; the work would end 17:05."},
		near: func(s *scenario) { s.expert.Capacity.OvertimeMin = 25 },
	},
	{
		name: "the work passes even the overtime", start: "16:05", spoil: func(s *scenario) { s.expert.Capacity.OvertimeMin = 4 },
		want: muster.Reason{Code: muster.OffShift, Class: muster.Never, Have: at("17:05"), Need: at("17:04"), Text: "Shift ends 17:00, with overtime 17:04; the work would end 17:05."},
		near: func(s *scenario) { s.expert.Capacity.OvertimeMin = 25 },
	},
	{
		name: "before the shift lets one be there", start: "08:19", spoil: func(*scenario) {},
		want: muster.Reason{Code: muster.OffShift, Class: muster.Never, Have: at("08:20"), Need: at("08:19"), Text: "Shift starts 08:00; would arrive 08:20."},
		near: func(s *scenario) { s.job.Site.Place = north(19) },
	},
	{
		name: "beyond the horizon", start: "08:20", spoil: func(s *scenario) {
			s.w.Now = now.AddDate(0, 0, -14).Add(-time.Hour)
			s.policy.HorizonDays = 14
		},
		want: muster.Reason{
			Code: muster.OffShift, Class: muster.Never, Have: at("08:20"), Need: now.Add(-time.Hour),
			Text: "Tours are planned until 20 Nov; this would be 20 Nov.",
		},
		near: func(s *scenario) { s.policy.HorizonDays = 15 },
	},
	{
		name: "on leave for days", spoil: func(s *scenario) {
			s.expert.Leave = []muster.Leave{{Window: muster.Window{Start: on(20, "00:00"), End: on(40, "00:00")}, Kind: "holiday"}}
		},
		want: muster.Reason{
			Code: muster.OnLeave, Class: muster.Never, Have: muster.Window{Start: on(20, "00:00"), End: on(40, "00:00")},
			Need: span("08:20", "09:20"), Text: "On leave 00:00 to 10 Dec 00:00.",
		},
		near: func(s *scenario) { s.expert.Leave[0].End = at("15:00") },
	},
	{
		name: "the way home falls into leave", start: "10:00", spoil: func(s *scenario) {
			s.expert.Leave = []muster.Leave{{Window: span("11:19", "18:00")}}
		},
		want: muster.Reason{Code: muster.OnLeave, Class: muster.Never, Have: span("11:19", "18:00"), Need: span("10:00", "11:00"), Text: "On leave 11:19 to 18:00."},
		near: func(s *scenario) { s.expert.Leave[0].Start = at("11:20") },
	},
	{
		name: "the way home can't wait for the end of leave", start: "10:00", spoil: func(s *scenario) {
			s.expert.Leave = []muster.Leave{{Window: span("11:05", "17:01")}}
		},
		want: muster.Reason{Code: muster.OnLeave, Class: muster.Never, Have: span("11:05", "17:01"), Need: span("10:00", "11:00"), Text: "On leave 11:05 to 17:01."},
		near: func(s *scenario) { s.expert.Leave[0].End = at("16:45") },
	},
	{
		name: "only on call, and it isn't urgent", spoil: func(s *scenario) {
			s.expert.Shifts = nil
			s.expert.OnCall = []muster.Window{span("08:00", "17:00")}
		},
		want: muster.Reason{Code: muster.NotOnCall, Class: muster.ByPolicy, Have: muster.PriorityNormal, Need: "urgent", Text: "Is only on call 08:00 to 17:00, for urgent tickets."},
		near: func(s *scenario) { s.ticket.Priority = muster.PriorityCritical },
	},
	{
		name: "after the window", spoil: func(s *scenario) {
			s.visit("2", "08:00", "14:02", 0)
			s.ticket.Windows = []muster.Window{span("12:00", "14:00")}
		},
		want: muster.Reason{Code: muster.AfterWindow, Class: muster.ByDispatcher, Have: at("14:25"), Need: span("12:00", "14:00"), Unit: "min", About: "vis_2", Text: "Would arrive 14:25, after the visit of 08:00 to 14:02; the window closes 14:00 (25 min late)."},
		near: func(s *scenario) { s.ticket.Windows[0].End = at("14:26") },
	},
	{
		name: "before the window", start: "11:59", spoil: func(s *scenario) { s.ticket.Windows = []muster.Window{span("12:00", "14:00")} },
		want: muster.Reason{Code: muster.AfterWindow, Class: muster.ByDispatcher, Have: at("11:59"), Need: span("12:00", "14:00"), Text: "Would arrive 11:59; the window opens 12:00."},
		near: func(s *scenario) { s.ticket.Windows[0].Start = at("11:59") },
	},
	{
		name: "the window is over", spoil: func(s *scenario) {
			s.ticket.Windows = []muster.Window{{Start: on(19, "12:00"), End: on(19, "14:00")}}
		},
		want: muster.Reason{
			Code: muster.AfterWindow, Class: muster.ByDispatcher, Have: at("08:20"), Need: muster.Window{Start: on(19, "12:00"), End: on(19, "14:00")},
			Unit: "min", Text: "Would arrive 20 Nov 08:20; the window closes 14:00 (1100 min late).",
		},
		near: func(s *scenario) { s.job.Allowed = []muster.ReasonCode{muster.AfterWindow} },
	},
	{
		name: "the site closes", start: "10:01", spoil: func(s *scenario) {
			s.job.Site.AccessHours = []muster.Hours{{Weekday: time.Friday, From: 9 * 60, To: 11 * 60}}
		},
		want: muster.Reason{Code: muster.SiteClosed, Class: muster.Never, Have: span("10:01", "11:01"), Need: span("09:00", "11:00"), Text: "The site is open 09:00 to 11:00; the visit is 10:01 to 11:01."},
		near: func(s *scenario) { s.job.Site.AccessHours[0].To++ },
	},
	{
		name: "the site is closed that day", start: "10:00", spoil: func(s *scenario) {
			s.job.Site.AccessHours = []muster.Hours{{Weekday: time.Monday, From: 9 * 60, To: 11 * 60}}
		},
		want: muster.Reason{Code: muster.SiteClosed, Class: muster.Never, Have: span("10:00", "11:00"), Need: muster.Window{Start: on(23, "09:00"), End: on(23, "11:00")}, Text: "The site is closed on 20 Nov."},
		near: func(s *scenario) { s.job.Site.AccessHours[0].Weekday = time.Friday },
	},
	{
		name: "work in a break", start: "11:01", spoil: func(s *scenario) {
			s.expert.Breaks = []muster.Hours{{Weekday: time.Friday, From: 12 * 60, To: 12*60 + 30}}
		},
		want: muster.Reason{Code: muster.BreakMissed, Class: muster.Never, Have: span("11:01", "12:01"), Need: span("12:00", "12:30"), Text: "The break is 12:00 to 12:30; the visit would be 11:01 to 12:01."},
		near: func(s *scenario) { s.expert.Breaks[0].From++ },
	},
	{
		name: "no time for the way beside the break", start: "12:30", spoil: func(s *scenario) {
			s.visit("2", "10:00", "11:50", 0)
			s.tours[0].Breaks = []muster.Window{span("12:00", "12:30")}
		},
		want: muster.Reason{Code: muster.BreakMissed, Class: muster.Never, Have: span("12:30", "13:30"), Need: span("12:00", "12:30"), Text: "The break is 12:00 to 12:30; the visit would be 12:30 to 13:30."},
		near: func(s *scenario) { s.tours[0].Stops[0].End = at("11:40") },
	},
	{
		name: "no time for the way onward beside the break", start: "10:50", spoil: func(s *scenario) {
			s.visit("2", "12:30", "13:30", 0)
			s.tours[0].Breaks = []muster.Window{span("12:00", "12:30")}
		},
		want: muster.Reason{Code: muster.BreakMissed, Class: muster.Never, Have: span("10:50", "11:50"), Need: span("12:00", "12:30"), Text: "The break is 12:00 to 12:30; the visit would be 10:50 to 11:50."},
		near: func(s *scenario) { s.tours[0].Stops[0].Start = at("12:40") },
	},
	{
		name: "runs into another visit", start: "10:00", spoil: func(s *scenario) { s.visit("2", "10:59", "12:00", 20) },
		want: muster.Reason{Code: muster.Overlaps, Class: muster.Never, About: "vis_2", Have: span("10:00", "11:00"), Need: span("10:59", "12:00"), Text: "10:00 to 11:00 runs into another visit, 10:59 to 12:00."},
		near: func(s *scenario) { s.tours[0].Stops[0].Start = at("11:00") },
	},
	{
		name: "no way from the visit before", start: "11:19", spoil: func(s *scenario) { s.visit("2", "10:00", "11:00", 0) },
		want: muster.Reason{Code: muster.NoOpening, Class: muster.Never, About: "vis_2", Have: 19, Need: 20, Unit: "min", Text: "No opening: from the visit of 10:00 to 11:00 there are 19 min, the way takes 20."},
		near: func(s *scenario) { s.tours[0].Stops[0].Place = north(1) },
	},
	{
		name: "no way to the visit after", start: "10:00", spoil: func(s *scenario) { s.visit("2", "11:19", "12:00", 0) },
		want: muster.Reason{Code: muster.NoOpening, Class: muster.Never, About: "vis_2", Have: 19, Need: 20, Unit: "min", Text: "No opening: to the visit of 11:19 to 12:00 there are 19 min, the way takes 20."},
		near: func(s *scenario) { s.tours[0].Stops[0].Place = north(1) },
	},
	{
		name: "no gap is long enough", spoil: func(s *scenario) {
			s.policy.HorizonDays = 1
			s.visit("2", "08:00", "10:00", 10)
			s.visit("3", "10:40", "12:00", 10)
			s.visit("4", "13:19", "16:59", 10)
		},
		want: muster.Reason{Code: muster.NoOpening, Class: muster.Never, About: "vis_4", Have: 79, Need: 80, Unit: "min", Text: "No opening: the longest gap on 20 Nov is 79 min, until the visit of 13:19 to 16:59; this one needs 80."},
		near: func(s *scenario) { s.tours[0].Stops[2].Start = at("13:20") },
	},
	{
		name: "sooner than one can be there", start: "08:20", spoil: func(s *scenario) { s.w.Now = at("07:46") },
		want: muster.Reason{Code: muster.NoOpening, Class: muster.Never, Have: at("08:20"), Need: at("08:21"), Text: "Could be there at 08:21 at the earliest."},
		near: func(s *scenario) { s.w.Now = at("07:45") },
	},
	{
		name: "held for another ticket", start: "10:00", spoil: func(s *scenario) {
			stop := s.visit("2", "10:30", "12:00", 20)
			stop.Assignment, stop.Offer, stop.HeldUntil = "", "off_2", at("07:10")
		},
		want: muster.Reason{Code: muster.HeldByOther, Class: muster.ByDispatcher, About: "vis_2", Have: span("10:00", "11:00"), Need: span("10:30", "12:00"), Text: "10:30 to 12:00 is held for another ticket until 07:10."},
		near: func(s *scenario) { s.w.Now = at("07:10") },
	},
	{
		name: "no way beside what is held", start: "10:00", spoil: func(s *scenario) {
			stop := s.visit("2", "11:10", "12:00", 0)
			stop.Assignment, stop.Offer, stop.HeldUntil = "", "off_2", at("07:10")
		},
		want: muster.Reason{Code: muster.HeldByOther, Class: muster.ByDispatcher, About: "vis_2", Have: span("10:00", "11:00"), Need: span("11:10", "12:00"), Text: "11:10 to 12:00 is held for another ticket until 07:10; the way between would be late."},
		near: func(s *scenario) { s.job.Allowed = []muster.ReasonCode{muster.HeldByOther} },
	},
	{
		name: "enough visits", spoil: func(s *scenario) {
			s.policy.HorizonDays = 1
			s.expert.Capacity.VisitsPerTour = 1
			s.visit("2", "10:00", "11:00", 20)
		},
		want: muster.Reason{Code: muster.OverCapacity, Class: muster.ByPolicy, Have: 1, Need: 1, Unit: "visits", Text: "Has 1 visits on 20 Nov; the limit is 1."},
		near: func(s *scenario) { s.expert.Capacity.VisitsPerTour = 2 },
	},
	{
		name: "home after the agreed overtime", start: "16:00", spoil: func(s *scenario) { s.expert.Capacity.OvertimeMin = 19 },
		want: muster.Reason{Code: muster.Overtime, Class: muster.ByPolicy, Have: 20, Need: 19, Unit: "min", Text: "Shift ends 17:00; would be home 17:20, 19 min of overtime are agreed."},
		near: func(s *scenario) { s.job.Allowed = []muster.ReasonCode{muster.Overtime} },
	},
	{
		name: "the day gets too long", start: "15:00", spoil: func(s *scenario) {
			s.visit("2", "09:00", "10:00", 0)
			s.expert.Capacity.DayMinutes = 7*60 + 19
		},
		want: muster.Reason{Code: muster.DayTooLong, Class: muster.Never, Have: 440, Need: 439, Unit: "min", Text: "Would work 7:20 h on 20 Nov; the longest day is 7:19 h."},
		near: func(s *scenario) { s.expert.Capacity.DayMinutes++ },
	},
	{
		name: "the week gets too long", start: "15:00", spoil: func(s *scenario) {
			s.visitOn(16, "2", "08:00", "17:00", 0)
			s.expert.Capacity.WeekMinutes = 9*60 + 99
		},
		want: muster.Reason{Code: muster.WeekTooLong, Class: muster.Never, Have: 640, Need: 639, Unit: "min", Text: "Would work 10:40 h in the week of 20 Nov; the longest week is 10:39 h."},
		near: func(s *scenario) { s.expert.Capacity.WeekMinutes++ },
	},
	{
		name: "too little rest", start: "08:20", spoil: func(s *scenario) {
			s.visitOn(19, "2", "15:00", "17:00", 0)
			s.expert.Capacity.RestMinutes = 15*60 + 1
		},
		want: muster.Reason{Code: muster.RestTooShort, Class: muster.Never, Have: 900, Need: 901, Unit: "min", Text: "Would rest 15:00 h between two tours; 15:01 h are due."},
		near: func(s *scenario) { s.expert.Capacity.RestMinutes-- },
	},
	{
		name: "too little rest before the next tour", start: "15:00", spoil: func(s *scenario) {
			s.expert.Extra = []muster.Window{{Start: on(21, "08:00"), End: on(21, "17:00")}}
			s.visitOn(21, "2", "09:00", "10:00", 0)
			s.expert.Capacity.RestMinutes = 16*60 + 41
		},
		want: muster.Reason{Code: muster.RestTooShort, Class: muster.Never, Have: 1000, Need: 1001, Unit: "min", Text: "Would rest 16:40 h between two tours; 16:41 h are due."},
		near: func(s *scenario) { s.expert.Capacity.RestMinutes-- },
	},
	{
		name: "two tours of a day run into each other", start: "17:00", spoil: func(s *scenario) {
			s.visit("2", "16:00", "16:50", 0)
			s.expert.Extra = []muster.Window{span("16:30", "21:00")}
			s.expert.Capacity.TravelKm = 60
		},
		want: muster.Reason{Code: muster.RestTooShort, Class: muster.Never, Have: 0, Need: 0, Unit: "min", Text: "Would run into another tour, 16:00 to 16:50."},
		near: func(s *scenario) { s.tours[0].Stops[0].End = at("16:40") },
	},
}

func TestEachConstraint(t *testing.T) {
	seen := map[muster.ReasonCode]bool{}
	for _, c := range ruleCases {
		t.Run(c.name, func(t *testing.T) {
			s := newScenario()
			c.spoil(s)
			var start time.Time
			if c.start != "" {
				start = at(c.start)
			}
			_, rs := s.check(start)
			requireCodes(t, rs, c.want.Code)
			require.Equal(t, c.want, rs[0])
			seen[c.want.Code] = true

			m := s.w.Rank(s.job, []Person{s.person()})
			if c.start == "" {
				require.Empty(t, m.Candidates)
				require.Equal(t, []muster.Exclusion{{Expert: "exp_ana", Name: "Ana Ruiz", Reasons: rs}}, m.Excluded, "ranking says the same")
				require.Equal(t, map[muster.ReasonCode]int{c.want.Code: 1}, m.Counts)
			}
			c.near(s)
			_, rs = s.check(start)
			require.Empty(t, rs, "the smallest change makes it fit")
		})
	}
	for _, c := range constraints {
		require.True(t, seen[c.code], "%s has no case", c.code)
	}
}

// Only what a dispatcher or a policy may set aside gives way when it is allowed.
func TestAllowedSetsAsideWhatMayBe(t *testing.T) {
	for _, c := range ruleCases {
		t.Run(c.name, func(t *testing.T) {
			s := newScenario()
			c.spoil(s)
			s.job.Allowed = append(s.job.Allowed, c.want.Code)
			var start time.Time
			if c.start != "" {
				start = at(c.start)
			}
			_, rs := s.check(start)
			if c.want.Class == muster.Never {
				requireCodes(t, rs, c.want.Code)
			} else {
				require.Empty(t, rs)
			}
		})
	}
}

// Everybody excluded hears every reason, not the first.
func TestAllReasonsAreTold(t *testing.T) {
	s := newScenario()
	s.expert.Brands = []string{"Bosch"}
	s.ticket.Brand = "Miele"
	s.ticket.Needs[0].Level = 4
	s.ticket.Needs = append(s.ticket.Needs, muster.Need{Skill: sewing, Level: 1}, muster.Need{Skill: gas, Level: 1})
	s.job.Customer.Blocked = []muster.Block{{Expert: "exp_ana"}}
	s.job.Site.Place = north(500)
	s.visit("2", "09:00", "12:00", 0)
	s.ticket.Windows = []muster.Window{span("10:00", "11:00")}
	_, rs := s.check(at("11:30"))
	requireCodes(t, rs, muster.NoSkill, muster.NoSkill, muster.LevelLow, muster.NotAuthorised, muster.TooFar, muster.IsBlocked, muster.AfterWindow, muster.Overlaps)
	_, rs = s.check(time.Time{})
	requireCodes(t, rs, muster.NoSkill, muster.NoSkill, muster.LevelLow, muster.NotAuthorised, muster.TooFar, muster.IsBlocked, muster.AfterWindow)
	m := s.w.Rank(s.job, []Person{s.person()})
	require.Equal(t, 1, m.Counts[muster.NoSkill], "an expert counts once for a reason")
}
