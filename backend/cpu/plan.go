package cpu

import (
	"cmp"
	"slices"

	"github.com/lince-ml/lince/tensor"
)

// A region is memory in the arena that one value, or several that are written over each other, hold during the stages first..last.
type region struct {
	bytes, offset int
	first, last   int
}

// plan places every arena value, so that regions that live at the same time do not overlap, and returns the size of the
// arena: each region, largest first, goes to the lowest offset that is free during its life.
func plan(values []*value, stages []*stage) int {
	regions := lifetimes(values, stages)
	slices.SortStableFunc(regions, func(a, b *region) int { return cmp.Compare(b.bytes, a.bytes) })
	var placed []*region // by offset
	size := 0
	for _, r := range regions {
		for _, p := range placed {
			if p.first <= r.last && r.first <= p.last && p.offset < r.offset+r.bytes {
				r.offset = max(r.offset, p.offset+p.bytes)
			}
		}
		at, _ := slices.BinarySearchFunc(placed, r, func(p, r *region) int { return cmp.Compare(p.offset, r.offset) })
		placed = slices.Insert(placed, at, r)
		size = max(size, r.offset+r.bytes)
	}
	return size
}

// lifetimes gives every arena value a region; a value that may be written over one that dies in the same step shares its.
func lifetimes(values []*value, stages []*stage) []*region {
	last := make([]int, len(values)) // stage of the last reader
	readers := make([]int, len(values))
	for i, st := range stages {
		for _, s := range st.steps {
			for j, v := range s.in {
				if v = v.root(); !slices.ContainsFunc(s.in[:j], func(w *value) bool { return w.root() == v }) {
					if last[v.id] < i {
						last[v.id], readers[v.id] = i, 0
					}
					readers[v.id]++
				}
			}
		}
	}
	var regions []*region
	for i, st := range stages {
		for _, s := range st.steps {
			for _, v := range s.out {
				if v.place != inArena || v.alias != nil {
					continue
				}
				end := max(i, last[v.id])
				if in := dying(s, v, i, last, readers); in != nil {
					v.store = in.store
					v.store.last = end
					continue
				}
				v.store = &region{bytes: roundUp(v.typ.Bytes()), first: i, last: end}
				regions = append(regions, v.store)
			}
		}
	}
	return regions
}

// dying returns an input of s that nobody reads after s or beside it, and whose memory the output v may take over.
func dying(s *step, v *value, stage int, last, readers []int) *value {
	if s.mayShare == nil {
		return nil
	}
	for _, in := range s.in {
		in = in.root()
		if in.place == inArena && in.store != nil && in.typ.Bytes() == v.typ.Bytes() && in.store.last == stage &&
			last[in.id] == stage && readers[in.id] == 1 && s.mayShare(in, v) {
			return in
		}
	}
	return nil
}

func roundUp(n int) int { return (n + tensor.Align - 1) &^ (tensor.Align - 1) }
