package importer

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/dispatch"
)

// builder makes of each row what dispatch takes in. It knows the rows before only by the household at hand.
type builder struct {
	mapping *Mapping
	zips    zipCodes
	now     time.Time
	days    int // by which dates are shifted
	home    household
	blanked map[string]int // values left out, by column
}

const maxSourceID = 120

// begins tells whether a row belongs to another household than the one before it.
func (b *builder) begins(id string) bool {
	return b.home.size == 0 || b.home.size >= maxHousehold || digest("record", b.mapping.Source, id)[0]%100 < newHouseholdPercent
}

// intake gives a row's ticket with its customer, site and device, or the reason why the row can't be used.
// What it says but for the date follows from the file alone: a repeated run names the same things.
func (b *builder) intake(f record) (dispatch.Intake, string) {
	m := b.mapping
	id := f[colID]
	if id == "" || len(id) > maxSourceID {
		return dispatch.Intake{}, fmt.Sprintf("id: a record needs one of 1 to %d bytes", maxSourceID)
	}
	if b.begins(id) {
		var err error
		if b.home, err = newHousehold(m.Source, id, b.zips); err != nil {
			return dispatch.Intake{}, "address: " + err.Error()
		}
	}
	h := digest("record", m.Source, id)
	plan, ok := m.plans[f[colCategory]]
	if !ok {
		return dispatch.Intake{}, fmt.Sprintf("category: the mapping has no %q; add it there", cut(f[colCategory], 60))
	}
	date, reason := parseDate(f[colDate], b.now)
	if reason != "" {
		return dispatch.Intake{}, reason
	}
	outcome, ok := m.ends[f[colOutcome]]
	if !ok && m.Columns.Outcome != "" {
		return dispatch.Intake{}, fmt.Sprintf("outcome: the mapping has no %q; add it there", cut(f[colOutcome], 60))
	}
	if b.home.size++; b.home.size == 1 {
		b.home.customer.CreatedAt = shifted(date, b.days, h[1], b.now)
	}
	detail := b.value(colDetail, plainText(tail(f[colDetail]), maxTitle))
	brand := b.value(colBrand, plainText(f[colBrand], maxBrand))
	t := plan.treatmentFor(f[colDetail])
	cmd := muster.CommandID("import/" + m.Source + "/" + id)
	customer, site := b.home.customer, b.home.site
	device := muster.Device{
		ID: muster.DeviceID(muster.NewID(muster.KindDevice, cmd, 0)), Customer: customer.ID, Site: site.ID,
		Category: f[colCategory], Brand: brand, Year: b.year(f[colYear], date),
	}
	return dispatch.Intake{
		Command:  muster.Command{ID: cmd, Actor: actor},
		Customer: customer,
		Sites:    []muster.Site{site},
		Devices:  []muster.Device{device},
		At:       shifted(date, b.days, h[1], b.now),
		Submit: dispatch.SubmitRequest{
			Customer: customer.ID, Site: site.ID, Device: device.ID,
			Title: title(t.title, brand), Text: describe(detail, f[colCategory], plainText(f[colText], maxText)),
			Category: f[colCategory], Mode: t.mode, Needs: t.needs, Duration: t.duration, Priority: t.priority,
			Legacy: m.Source + "/" + id, Expected: outcome,
		},
	}, ""
}

// value is empty for what the mapping calls blank, which is counted.
func (b *builder) value(c column, v string) string {
	if v == "" || !b.mapping.blank[c][strings.ToLower(v)] {
		return v
	}
	b.blanked[b.mapping.columnNames()[c]]++
	return ""
}

// year is 0 where the column holds no year in which the device can have been made.
func (b *builder) year(text string, reported time.Time) int {
	if b.value(colYear, text) == "" {
		return 0
	}
	y, err := strconv.Atoi(text)
	if err != nil || y < b.mapping.FirstYear || y > reported.Year() {
		b.blanked[b.mapping.columnNames()[colYear]]++
		return 0
	}
	return y
}

// title is what lists show: the thing, and its make where it is known.
func title(thing, brand string) string {
	if brand == "" {
		return thing
	}
	return cut(thing+", "+brand, maxTitle)
}

// describe is the customer's text, after the source's own name of the thing where it says more than the category.
func describe(detail, category, text string) string {
	if detail == "" || strings.EqualFold(detail, category) {
		return text
	}
	if text == "" {
		return detail
	}
	return detail + "\n\n" + text
}
