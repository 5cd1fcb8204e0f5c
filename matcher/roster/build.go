package roster

// build makes a snapshot of entries. It sorts them.
func build(t *terms, rows []*row) *Snapshot {
	l, starts := arrange(rows)
	all := l.all()
	s := &Snapshot{terms: t, layout: l, count: len(rows), dated: newBitmap[line](all)}
	s.skills = make([][steps]plane, len(t.ids))
	for n := range s.skills {
		s.skills[n] = newPlanes(all)
	}
	s.slots = make([]bitmap[line], t.days*24)
	for n := range s.slots {
		s.slots[n] = newBitmap[line](all)
	}
	s.shifts = make([][]*[wide]brief, t.days)
	for n := range s.shifts {
		s.shifts[n] = make([]*[wide]brief, all)
		parts := make([][wide]brief, all)
		for b := range parts {
			s.shifts[n][b] = &parts[b]
		}
	}
	s.blocks = make([]block, all)
	var d derived
	for b := range s.blocks {
		s.blocks[b] = block{at: &[wide]vector{}, rows: &[wide]*row{}}
		if b >= l.blocks {
			continue
		}
		for i, r := range rows[starts[b]:starts[b+1]] {
			n := int32(i)
			s.blocks[b].at[n], s.blocks[b].rows[n] = vectorOf(r.point), r
			d.derive(t, r)
			for _, m := range d.skills {
				for k := range m.level {
					s.skills[m.skill][k].at(b).put(n, true)
				}
			}
			s.dated.at(b).put(n, d.dated)
			for k := range t.days {
				each(d.may[k], func(h int) { s.slots[k*24+h].at(b).put(n, true) })
			}
			for k := range s.shifts {
				s.shifts[k][b][n] = d.shifts[k]
			}
		}
		for n := range s.skills {
			for k := range s.skills[n] {
				s.skills[n][k].some[b] = s.skills[n][k].at(b).some()
			}
		}
	}
	return s
}

func newPlanes(blocks int) (p [steps]plane) {
	for k := range p {
		p[k] = plane{newBitmap[line](blocks), make([]uint8, blocks)}
	}
	return p
}
