package data

import "slices"

// A Grouper is a Dataset in which samples belong together, such as several pictures of one thing: a division that has some of them in training
// and some in the test would measure what is known already. Group returns a number that the samples of a group share.
type Grouper interface{ Group(i int) int }

// units returns for each sample of d which of the things it belongs to that a division must not cut: its group, or itself. Numbers begin with 0; n is how
// many there are.
func units(d Dataset) (unit []int, n int) {
	seen := map[int]int{}
	unit = make([]int, d.Len())
	for i := range unit {
		from, k := origin(d, i)
		if g, ok := from.(Grouper); ok {
			group := g.Group(k)
			if _, ok := seen[group]; !ok {
				seen[group] = n
				n++
			}
			unit[i] = seen[group]
		} else {
			unit[i] = n
			n++
		}
	}
	return unit, n
}

// unitClasses returns the classes of each unit of d, and the unit of each sample.
func unitClasses(d Dataset) (classes [][]int, unit []int, err error) {
	all, err := allClasses(d)
	if err != nil {
		return nil, nil, err
	}
	unit, n := units(d)
	if n == len(all) {
		return all, unit, nil
	}
	classes = make([][]int, n)
	for i, u := range unit {
		for _, c := range all[i] {
			if !slices.Contains(classes[u], c) {
				classes[u] = append(classes[u], c)
			}
		}
	}
	return classes, unit, nil
}
