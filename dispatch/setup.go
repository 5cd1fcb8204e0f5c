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

// peersFor is how old the peers may be that costs compare with. They are means over the whole company, which
// one more visit or hour doesn't move; a change of experts that goes through here counts at once.
const peersFor = time.Minute

// around is how far before now and after the horizon tours count for an expert's rest and week.
const around = 8 * 24 * time.Hour

// A setup is what the decisions of a moment share. Nobody alters it.
type setup struct {
	policy  muster.Policy
	tree    muster.SkillTree
	skills  muster.Skills
	regions map[muster.RegionID]muster.Region
	travel  matcher.Travel
	hours   *hours
	at      time.Time
	signs   signs                       // the last break in which nobody who was asked could answer
	peers   *matcher.Peers              // nil where no costs are needed
	roams   map[muster.RegionID]float64 // km that somebody of a region travels by a figure of their own; with peers
}

// settings keeps the latest setup and peers.
type settings struct {
	mu      sync.Mutex
	last    *setup
	peers   *matcher.Peers
	roams   map[muster.RegionID]float64
	peersAt time.Time
	changes int // of experts, so that peers which were read before one aren't kept
}

// setup loads policy, skills and regions, or takes those of a moment ago.
func (d *Dispatch) setup(ctx context.Context, now time.Time) (*setup, error) {
	d.settings.mu.Lock()
	last := d.settings.last
	d.settings.mu.Unlock()
	if last != nil && !now.Before(last.at) && now.Sub(last.at) < d.setupFor {
		return last, nil
	}
	loaded, err := d.store.Setup(ctx)
	if err != nil {
		return nil, err
	}
	s := &setup{
		policy: loaded.Policy.Filled(), tree: loaded.Tree, skills: muster.NewSkills(loaded.Tree.Rev, loaded.Skills),
		regions: make(map[muster.RegionID]muster.Region, len(loaded.Regions)), at: now,
	}
	if s.policy.ID == "" {
		s.policy = muster.DefaultPolicy()
		s.policy.Rev = 0 // none was saved
	}
	if s.travel, err = geo.NewTravel(s.policy.Travel, s.policy.BufferMin); err != nil {
		return nil, err
	}
	if s.signs, err = d.signs(ctx); err != nil {
		return nil, err
	}
	s.hours = &hours{of: s.policy.SLA.Calendars}
	for _, r := range loaded.Regions {
		s.regions[r.ID] = r
	}
	d.settings.mu.Lock()
	d.settings.last = s
	d.settings.mu.Unlock()
	return s, nil
}

// weighing is the setup of decisions that compare costs: with the peers of the whole company, so that a
// ranking, a round and the question about one expert name the same cost.
func (d *Dispatch) weighing(ctx context.Context, now time.Time) (*setup, error) {
	on, err := d.setup(ctx, now)
	if err != nil {
		return nil, err
	}
	own := *on
	own.peers, own.roams, err = d.peers(ctx, now)
	return &own, err
}

// peers sums up all who work here, and how far those of a region travel, or takes the sums of a while ago.
func (d *Dispatch) peers(ctx context.Context, now time.Time) (*matcher.Peers, map[muster.RegionID]float64, error) {
	s := &d.settings
	s.mu.Lock()
	last, roams, at, changes := s.peers, s.roams, s.peersAt, s.changes
	s.mu.Unlock()
	if last != nil && !now.Before(at) && now.Sub(at) < d.peersFor {
		return last, roams, nil
	}
	var all []*muster.Expert
	for after := muster.ExpertID(""); ; {
		page, err := d.store.Peers(ctx, after, peersPage)
		if err != nil {
			return nil, nil, err
		}
		for i := range page {
			all = append(all, &page[i])
		}
		if len(page) < peersPage {
			break
		}
		after = page[len(page)-1].ID
	}
	peers := matcher.NewPeers(all)
	roams = make(map[muster.RegionID]float64)
	for _, e := range all {
		if km := e.Capacity.TravelKm; km > 0 {
			roams[e.Region] = max(roams[e.Region], km)
		}
	}
	s.mu.Lock()
	if s.changes == changes {
		s.peers, s.roams, s.peersAt = peers, roams, now
	}
	s.mu.Unlock()
	return peers, roams, nil
}

// peersPage is how many experts are read at once.
const peersPage = 10_000

// forgetPeers makes the next decision that compares costs look at the company anew.
func (d *Dispatch) forgetPeers() {
	d.settings.mu.Lock()
	d.settings.peers = nil
	d.settings.changes++
	d.settings.mu.Unlock()
}

// forget makes the next decision load the setup.
func (d *Dispatch) forget() {
	d.settings.mu.Lock()
	d.settings.last = nil
	d.settings.mu.Unlock()
}

// world is what the matcher needs to know at a moment.
func (s *setup) world(now time.Time) *matcher.World {
	w := &matcher.World{Now: now, Policy: &s.policy, Skills: &s.skills, Travel: s.travel, Peers: s.peers}
	whole := s.longestOffer()
	w.Hold, w.Broke = s.signs.answerable(now, now.Add(-whole), whole), s.signs.broke(now, whole)
	return w
}

// longestOffer is how long anybody who is asked may have to answer.
func (s *setup) longestOffer() time.Duration {
	return max(s.policy.OfferMinutes, s.policy.UrgentOffer).Duration()
}

// span is the time whose tours a decision rests on.
func (s *setup) span(now time.Time) muster.Window {
	h := s.policy.Horizon(now)
	return muster.Window{Start: h.Start.Add(-around), End: h.End.Add(around)}
}
