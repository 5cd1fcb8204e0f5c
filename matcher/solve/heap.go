package solve

// entry is an opening at a distance.
type entry struct {
	dist    int64
	opening int32
}

func (a entry) less(b entry) bool {
	return a.dist < b.dist || a.dist == b.dist && a.opening < b.opening
}

// heap is a binary heap of openings by distance, then number. An opening may be in it more than once.
type heap []entry

func (h *heap) push(dist int64, opening int32) {
	x := entry{dist, opening}
	*h = append(*h, x)
	a := *h
	i := len(a) - 1
	for i > 0 {
		up := (i - 1) / 2
		if !x.less(a[up]) {
			break
		}
		a[i] = a[up]
		i = up
	}
	a[i] = x
}

func (h *heap) pop() (dist int64, opening int32) {
	a := *h
	top := a[0]
	x := a[len(a)-1]
	a = a[:len(a)-1]
	*h = a
	if len(a) > 0 {
		i := 0
		for {
			c := 2*i + 1
			if c >= len(a) {
				break
			}
			if c+1 < len(a) && a[c+1].less(a[c]) {
				c++
			}
			if !a[c].less(x) {
				break
			}
			a[i] = a[c]
			i = c
		}
		a[i] = x
	}
	return top.dist, top.opening
}
