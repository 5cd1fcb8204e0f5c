package dispatch

import (
	"context"
	"sync"
	"time"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/geo"
	"github.com/sysopssquad/muster/matcher"
)

// setupFor is how old a setup may be. Policy and skill tree are never guarded, so a decision may rest on
// one that has just been replaced; it records which.
const setupFor = 2 * time.Second

// around is how far before now and after the horizon tours count for an expert's rest and week.
const around = 8 * 24 * time.Hour

// A setup is what the decisions of a moment share. Nobody alters it.
type setup struct {
	policy  muster.Policy
	tree    muster.SkillTree
	skills  muster.Skills
	regions map[muster.RegionID]muster.Region
	travel  matcher.Travel
	at      time.Time
}

// settings keeps the latest setup.
type settings struct {
	mu   sync.Mutex
	last *setup
}

// setup loads policy, skills and regions, or takes those of a moment ago.
func (d *Dispatch) setup(ctx context.Context, now time.Time) (*setup, error) {
	d.settings.mu.Lock()
	last := d.settings.last
	d.settings.mu.Unlock()
	if last != nil && !now.Before(last.at) && now.Sub(last.at) < setupFor {
		return last, nil
	}
	loaded, err := d.store.Setup(ctx)
	if err != nil {
		return nil, err
	}
	s := &setup{
		policy: loaded.Policy, tree: loaded.Tree, skills: muster.NewSkills(loaded.Tree.Rev, loaded.Skills),
		regions: make(map[muster.RegionID]muster.Region, len(loaded.Regions)), at: now,
	}
	if s.policy.ID == "" {
		s.policy = muster.DefaultPolicy()
		s.policy.Rev = 0 // none was saved
	}
	if s.travel, err = geo.NewTravel(s.policy.Travel, s.policy.BufferMin); err != nil {
		return nil, err
	}
	for _, r := range loaded.Regions {
		s.regions[r.ID] = r
	}
	d.settings.mu.Lock()
	d.settings.last = s
	d.settings.mu.Unlock()
	return s, nil
}

// forget makes the next decision load the setup.
func (d *Dispatch) forget() {
	d.settings.mu.Lock()
	d.settings.last = nil
	d.settings.mu.Unlock()
}

// world is what the matcher needs to know at a moment.
func (s *setup) world(now time.Time) *matcher.World {
	return &matcher.World{Now: now, Policy: &s.policy, Skills: &s.skills, Travel: s.travel}
}

// span is the time whose tours a decision rests on.
func (s *setup) span(now time.Time) muster.Window {
	h := s.policy.Horizon(now)
	return muster.Window{Start: h.Start.Add(-around), End: h.End.Add(around)}
}
