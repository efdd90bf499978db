package rle

import (
	"fmt"
	"math"
	"slices"
)

// Fine is how many parts a pixel has, in each direction, where COCO draws the outline of a polygon.
const Fine = 5

// Farthest is how far from the image's corner a polygon may go, in pixels: places on the fine grid fit 32 bits.
const Farthest = 1e8

// maxCrossings limits how often an outline crosses the middle of a column of pixels.
const maxCrossings = 1 << 22

// OfPolygons returns the pixels of an image of h x w that are inside of any of the polygons, each of which is x0, y0, x1, y1, ...
//
// Which pixels on the border count is COCO's choice: corners are rounded to a grid of five lines per pixel, an edge is the line of grid points
// that is drawn along its longer direction, and wherever the outline crosses the middle of a column of pixels, inside and outside
// change places from there down.
func OfPolygons(polygons [][]float64, h, w int) (Runs, error) {
	if err := checkSize(h, w); err != nil {
		return Runs{}, err
	}
	all := Runs{h, w, []uint32{uint32(h * w)}}
	for _, p := range polygons {
		if len(p) < 6 || len(p)%2 != 0 {
			return Runs{}, fmt.Errorf("a polygon of %d numbers, expected x and y of 3 corners or more", len(p))
		}
		for _, v := range p {
			if !(math.Abs(v) <= Farthest) {
				return Runs{}, fmt.Errorf("a polygon has a corner at %v", v)
			}
		}
		m, err := ofPolygon(p, h, w)
		if err != nil {
			return Runs{}, err
		}
		all = all.Union(m)
	}
	return all, nil
}

func ofPolygon(p []float64, h, w int) (Runs, error) {
	grid := func(v float64) int { return int(float64(Fine*v) + 0.5) }
	var crossings []int // places of the pixels, in the mask's order, at which inside and outside change
	n := len(p)
	for i := 0; i < n; i += 2 {
		x0, y0, x1, y1 := grid(p[i]), grid(p[i+1]), grid(p[(i+2)%n]), grid(p[(i+3)%n])
		if crossings = edge(crossings, h, w, x0, y0, x1, y1); len(crossings) > maxCrossings {
			return Runs{}, fmt.Errorf("a polygon crosses the columns of an image of %dx%d more than %d times", w, h, maxCrossings)
		}
	}
	slices.Sort(crossings)
	m := builder{Runs: Runs{H: h, W: w}}
	at := 0
	for i, c := range append(crossings, h*w) {
		if c > at {
			m.add(uint32(c-at), i%2 == 1)
			at = c
		}
	}
	return m.Runs, nil
}

// edge appends the crossings of the edge between two grid points: between the grid's columns 5x+2 and 5x+3 is the middle of column x.
func edge(crossings []int, h, w, x0, y0, x1, y1 int) []int {
	if x0 > x1 {
		x0, y0, x1, y1 = x1, y1, x0, y0
	}
	first, last := max(0, (x0+Fine-3)/Fine), min(w-1, (x1-3)/Fine)
	if x0 == x1 || x1 < 3 {
		return crossings
	}
	flat := x1-x0 >= max(y1-y0, y0-y1)
	slope := float64(y1-y0) / float64(x1-x0)
	last = min(last, first+maxCrossings) // enough to be refused
	for x := first; x <= last; x++ {
		var y int
		if left := Fine*x + 2; flat {
			y = min(rounded(y0, slope, left-x0), rounded(y0, slope, left+1-x0))
		} else {
			y = steep(x0, y0, x1, y1, left)
		}
		crossings = append(crossings, x*h+row(y, h))
	}
	return crossings
}

// rounded returns the grid line at steps from one at start.
func rounded(start int, slope float64, steps int) int {
	return int(float64(start) + float64(slope*float64(steps)) + 0.5)
}

// steep returns, of an edge that is higher than wide, the upper of the two grid lines between which it goes from grid column left to the next.
func steep(x0, y0, x1, y1, left int) int {
	if y0 > y1 {
		x0, y0, x1, y1 = x1, y1, x0, y0
	}
	slope := float64(x1-x0) / float64(y1-y0)
	beyond := func(i int) bool { // whether the line has crossed i steps below its upper end
		return (rounded(x0, slope, i) > left) != (x0 > left)
	}
	lo, hi := 0, y1-y0 // not beyond at lo, beyond at hi
	for hi-lo > 1 {
		if middle := (lo + hi) / 2; beyond(middle) {
			hi = middle
		} else {
			lo = middle
		}
	}
	return y0 + lo
}

// row returns the first row of pixels below a grid line.
func row(y, h int) int {
	v := (float64(y)+0.5)/Fine - 0.5
	return int(math.Ceil(min(max(v, 0), float64(h))))
}
