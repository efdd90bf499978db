package check

import (
	"math/bits"
	"slices"
)

// A union is a division of things into groups, each known by one of them (the union-find structure of Galler and Fischer, 1964).
type union []int32

func newUnion(n int) union {
	u := make(union, n)
	for i := range u {
		u[i] = int32(i)
	}
	return u
}

func (u union) find(i int32) int32 {
	for u[i] != i {
		u[i] = u[u[i]]
		i = u[i]
	}
	return i
}

// join makes one group of those of i and j. The smaller number stands for it, so that the order of calls does not matter.
func (u union) join(i, j int32) {
	i, j = u.find(i), u.find(j)
	u[max(i, j)] = min(i, j)
}

// groups returns the groups of two or more, each in order, in the order of their first.
func (u union) groups() [][]int {
	sizes := make(map[int32]int)
	for i := range u {
		sizes[u.find(int32(i))]++
	}
	at := make(map[int32]int)
	var groups [][]int
	for i := range u {
		root := u.find(int32(i))
		if sizes[root] < 2 {
			continue
		}
		if _, ok := at[root]; !ok {
			at[root] = len(groups)
			groups = append(groups, nil)
		}
		groups[at[root]] = append(groups[at[root]], i)
	}
	return groups
}

// near calls found for all pairs of hashes that differ in at most distance bits, maybe more than once. Hashes are cut into distance+1 bands: two that differ in
// no more bits than that agree in a band, so only those that share one need be compared.
func near(hashes []uint64, distance int, found func(i, j int32)) {
	order := make([]int32, len(hashes))
	for i := range order {
		order[i] = int32(i)
	}
	for band := range distance + 1 {
		from, to := band*64/(distance+1), (band+1)*64/(distance+1)
		mask := uint64(1)<<to - uint64(1)<<from
		if to == 64 {
			mask = -(uint64(1) << from)
		}
		slices.SortStableFunc(order, func(i, j int32) int {
			a, b := hashes[i]&mask, hashes[j]&mask
			switch {
			case a < b:
				return -1
			case a > b:
				return 1
			}
			return 0
		})
		for first := 0; first < len(order); {
			end := first + 1
			for end < len(order) && hashes[order[end]]&mask == hashes[order[first]]&mask {
				end++
			}
			for a := first; a < end; a++ {
				for b := a + 1; b < end; b++ {
					if bits.OnesCount64(hashes[order[a]]^hashes[order[b]]) <= distance {
						found(order[a], order[b])
					}
				}
			}
			first = end
		}
	}
}
