package demo

import (
	"strings"
	"sync"

	"github.com/sysopssquad/muster"
)

// A trade is what an expert was trained for: a bundle of skills that go together.
type trade struct {
	name     string
	share    float64 // among specialists
	workshop bool    // most of them work at a shop and visit nobody
	skills   string  // skill:lowest-highest level, with ?percent where not all have it
	carries  []string
}

// The two technicians that every town has: between them they know what homes need most.
var (
	homeTechnician = trade{
		name: "home technician",
		skills: `washing-machine:3-4 tumble-dryer:3-4 refrigerator:3-4 oven:3-4 dishwasher:3-4 window-unit:2-4 electric-heater:3-4
			ventilation:2-3 thermostat:2-3 door-entry:2-3 freezer:2-3?50 induction-hob:2-3?50 range-hood:2-3?60 dehumidifier:2-3?60
			water-heater:2-3?60 sealed-system:2-4?35 garage-door:2-3?30 lighting-control:2-2?20`,
		carries: []string{"meter", "ladder"},
	}
	electronicsTechnician = trade{
		name: "electronics technician",
		skills: `large-television:3-4 laptop:3-4 desktop-computer:3-4 operating-system:3-4 printer:3-4 network:2-4 laptop-screen:2-3?40
			laser-printer:2-4?40 amplifier:2-3?50 games-console:2-3?40 alarm-system:2-3?40 smart-lock:2-3?40 projector:2-3?40
			phone:2-3?30 data-recovery:2-3?20`,
		carries: []string{"meter"},
	}
)

// specialists work where many people live.
var specialists = []trade{
	{
		name: "appliance specialist", share: 26,
		skills: `washing-machine:2-5 tumble-dryer:2-4?70 refrigerator:2-5?80 freezer:2-4?60 wine-cooler:2-4?30 sealed-system:3-5?45
			oven:2-4?60 induction-hob:2-4?50 gas-range:2-4?35 dishwasher:2-5?80 range-hood:2-3?40`,
		carries: []string{"meter", "gauges", "ladder", "pump kit", "door seals"},
	},
	{
		name: "heating and cooling specialist", share: 18,
		skills: `split-system:3-5?80 window-unit:2-4?60 heat-pump:2-4?70 furnace:3-5?70 boiler:2-4?50 water-heater:2-5?80
			tankless-water-heater:2-4?60 thermostat:2-4 ventilation:2-4 dehumidifier:2-3?40 electric-heater:2-4?60`,
		carries: []string{"gauges", "meter", "ladder", "igniters"},
	},
	{
		name: "entertainment specialist", share: 12,
		skills: `large-television:3-5 oled-panel:2-3?60 projector:2-4?60 amplifier:2-5?70 turntable:2-4?50 loudspeaker:2-4?60 radio:2-3?40
			camera:2-3?30 games-console:2-4?50 network:2-3?40`,
		carries: []string{"ladder", "panel frames"},
	},
	{
		name: "computer specialist", share: 14,
		skills: `laptop:2-5 laptop-board:2-5?50 laptop-screen:2-4?80 desktop-computer:2-5 operating-system:2-5 printer:2-4?60
			laser-printer:2-4?40 network:2-5?80 data-recovery:2-5?50`,
		carries: []string{"spare disks", "meter"},
	},
	{
		name: "electrician", share: 14,
		skills: `electrical-work:3-5 ev-charger:2-4?65 solar-inverter:2-4?55 alarm-system:2-4?60 door-entry:2-4?80 smart-lock:2-3?60
			garage-door:2-4?60 lighting-control:2-4?60 generator:2-3?40 thermostat:2-3?40 electric-heater:2-3?50`,
		carries: []string{"meter", "ladder"},
	},
	{
		name: "garden machine specialist", share: 5,
		skills:  `lawn-mower:2-5 robot-mower:2-4?80 pressure-washer:2-4?70 generator:2-4?70 power-tool:2-4 e-bike:2-4?60`,
		carries: []string{"meter", "blades"},
	},
	{
		name: "small appliance specialist", share: 7, workshop: true,
		skills: `espresso-machine:2-5?80 vacuum-cleaner:2-4 robot-vacuum:2-4?60 food-processor:2-4 heating-appliance:2-4 lighting:2-4?70
			sewing-machine:2-5?60 personal-care:1-3?50 clock:2-4?40 toy:1-3?50 radio:2-4?40 power-tool:2-3?40`,
	},
	{
		name: "mobile device specialist", share: 4, workshop: true,
		skills: `phone-screen:2-5 tablet:2-4 battery-cells:2-4 headphones:2-4?60 micro-soldering:2-5?50 laptop-board:2-4?30 camera:2-3?30`,
	},
}

// craft is one skill of a trade.
type craft struct {
	skill  muster.SkillID
	lo, hi int
	odds   float64
}

// crafts reads a trade's bundle.
func (t *trade) crafts() []craft {
	bundlesOnce.Do(readBundles)
	return bundles[t.name]
}

var (
	bundlesOnce sync.Once
	bundles     map[string][]craft
)

func readBundles() {
	bundles = make(map[string][]craft)
	for _, t := range append([]trade{homeTechnician, electronicsTechnician}, specialists...) {
		for _, f := range strings.Fields(t.skills) {
			slug, levels, _ := strings.Cut(f, ":")
			levels, odds, sometimes := strings.Cut(levels, "?")
			lo, hi, _ := strings.Cut(levels, "-")
			c := craft{skill: skillID(slug), lo: number(lo), hi: number(hi), odds: 1}
			if sometimes {
				c.odds = float64(number(odds)) / 100
			}
			bundles[t.name] = append(bundles[t.name], c)
		}
	}
}
