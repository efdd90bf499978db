// Package outline has what can be done with the outline of a thing: polygons become pixels as in COCO, pixels become polygons, and both become the run
// lengths (RLE) in which COCO keeps masks.
package outline

import (
	"math"
	"slices"
	"strconv"

	"github.com/lince-ml/lince/data"
)

// Raster returns which pixels of an image of h x w are s: 1 there, else 0. Pixels of polygons are those that COCO's tools find. The result may be the mask of s,
// so it must not be changed; a mask of another size is cut off, or has nothing outside.
func Raster(s *data.Shape, h, w int) *data.Mask {
	if m := s.Mask; m != nil {
		if m.H == h && m.W == w {
			return m
		}
		out := newMask(h, w)
		for y := range min(h, m.H) {
			copy(out.Pix[y*w:][:w], m.Pix[y*m.W:][:min(w, m.W)])
		}
		return out
	}
	out := newMask(h, w)
	var marks []bool
	for _, p := range s.Polygons {
		marks = fill(out, p, marks)
	}
	return out
}

func newMask(h, w int) *data.Mask { return &data.Mask{H: h, W: w, Pix: make([]uint16, h*w)} }

// Area returns the area inside a polygon of corners x0, y0, x1, y1, ..., by the surveyor's formula: what crosses itself counts less.
func Area(polygon []float32) float64 {
	sum := 0.0
	n := len(polygon)
	for i := 0; i+1 < n; i += 2 {
		j := (i + 2) % n
		sum += float64(polygon[i])*float64(polygon[j+1]) - float64(polygon[j])*float64(polygon[i+1])
	}
	return math.Abs(sum) / 2
}

// Bounds returns the smallest rectangle around the corners of all polygons.
func Bounds(polygons [][]float32) (x0, y0, x1, y1 float32) {
	inf := float32(math.Inf(1))
	x0, y0, x1, y1 = inf, inf, -inf, -inf
	for _, p := range polygons {
		for i := 0; i+1 < len(p); i += 2 {
			x0, y0, x1, y1 = min(x0, p[i]), min(y0, p[i+1]), max(x1, p[i]), max(y1, p[i+1])
		}
	}
	return x0, y0, x1, y1
}

// COCO rounds the corners of polygons to a grid five times as fine as the pixels, and follows the sides from grid point to grid point. In the column of pixels x,
// the middle is between 5x + 2 and 5x + 3: where a side steps from one to the other, the polygon begins or ends in that column.
const fine = 5

// A corner is a point of the fine grid.
type corner struct{ x, y int }

// farthest is how far outside corners are taken seriously, so that arithmetic stays exact.
const farthest = 1 << 40

func onGrid(v float32) int {
	place := fine*float64(v) + 0.5
	if math.Abs(place-math.Round(place)) < 1e-2 { // it matters which of two decimals the number stands for: 0.7, not 0.69999999
		shortest, _ := strconv.ParseFloat(strconv.FormatFloat(float64(v), 'g', -1, 32), 64)
		place = fine*shortest + 0.5
	}
	if math.IsNaN(place) {
		return 0
	}
	return int(max(-farthest, min(place, farthest)))
}

// fill sets the pixels of out that are inside a polygon. marks is room for the next call.
func fill(out *data.Mask, polygon []float32, marks []bool) []bool {
	h, w := out.H, out.W
	marks = slices.Grow(marks[:0], (h+1)*w)[:(h+1)*w] // of column x and row y: from there on it is the other way round
	clear(marks)
	cross := func(x, y int) {
		row := min(max(y, 0), fine*h+2)
		row = min((row+2)/fine, h)
		marks[row*w+x] = !marks[row*w+x]
	}
	n := len(polygon) / 2
	for i := range n {
		j := (i + 1) % n
		a, b := corner{onGrid(polygon[2*i]), onGrid(polygon[2*i+1])}, corner{onGrid(polygon[2*j]), onGrid(polygon[2*j+1])}
		if dx, dy := distance(a.x, b.x), distance(a.y, b.y); dx >= dy {
			flat(a, b, w, cross)
		} else {
			steep(a, b, w, cross)
		}
	}
	x0, _, x1, _ := Bounds([][]float32{polygon})
	left, right := int(max(0, min(x0-1, float32(w)))), int(max(0, min(x1+1, float32(w))))
	for y := range h {
		row, next := marks[y*w:][:w], marks[(y+1)*w:][:w]
		for x := left; x < right; x++ {
			if row[x] {
				out.Pix[y*w+x] = 1
				next[x] = !next[x]
			}
		}
	}
	return marks
}

func distance(a, b int) int { return max(a-b, b-a) }

// flat tells cross where the side from a to b, which is at least as wide as it is high, crosses the middles of columns 0 to w-1.
func flat(a, b corner, w int, cross func(x, y int)) {
	if a.x > b.x {
		a, b = b, a
	}
	if a.x == b.x {
		return
	}
	slope := float64(b.y-a.y) / float64(b.x-a.x)
	at := func(x int) int { return int(float64(a.y) + float64(slope*float64(x-a.x)) + 0.5) }
	for x := max(0, (a.x+fine-3)/fine); x < w && fine*x+3 <= b.x; x++ { // from the first column whose middle is not left of a
		cross(x, min(at(fine*x+2), at(fine*x+3)))
	}
}

// steep is flat for sides that are higher than wide: each column is found by halving.
func steep(a, b corner, w int, cross func(x, y int)) {
	if a.y > b.y {
		a, b = b, a
	}
	dy := b.y - a.y
	slope := float64(b.x-a.x) / float64(dy)
	at := func(t int) int { return int(float64(a.x) + float64(slope*float64(t)) + 0.5) }
	left, right := min(at(0), at(dy)), max(at(0), at(dy))
	for x := max(0, (max(left, 0)+fine-3)/fine); x < w && fine*x+3 <= right; x++ {
		before, behind := 0, dy // on both sides of the crossing
		for behind-before > 1 {
			t := (before + behind) / 2
			if (at(t) <= fine*x+2) == (at(0) <= fine*x+2) {
				before = t
			} else {
				behind = t
			}
		}
		cross(x, a.y+before)
	}
}
