package outline

import "github.com/lince-ml/lince/data"

// Polygons returns the outlines of all pixels of m that are not 0, along the edges of the pixels: one polygon for each part whose pixels touch at their sides.
// A hole is part of its polygon, which goes to it and back on the same line. Raster makes exactly the same pixels of them again.
func Polygons(m *data.Mask) [][]float32 {
	t := &tracer{Mask: m, part: parts(m), followed: make([]bool, len(m.Pix))}
	for y := range m.H {
		for x := range m.W {
			if i := y*m.W + x; m.Pix[i] != 0 && !t.on(x-1, y) && !t.followed[i] {
				t.add(int(t.part[i])-1, t.follow(x, y))
			}
		}
	}
	return t.polygons
}

// parts numbers the parts of m from 1, in the order of their first pixels.
func parts(m *data.Mask) []int32 {
	part := make([]int32, len(m.Pix))
	n := int32(0)
	var todo []int
	for i, v := range m.Pix {
		if v == 0 || part[i] != 0 {
			continue
		}
		n++
		part[i] = n
		for todo = append(todo[:0], i); len(todo) > 0; {
			k := todo[len(todo)-1]
			todo = todo[:len(todo)-1]
			x := k % m.W
			for _, next := range [4]struct {
				at int
				ok bool
			}{{k - 1, x > 0}, {k + 1, x < m.W-1}, {k - m.W, k >= m.W}, {k + m.W, k+m.W < len(m.Pix)}} {
				if next.ok && m.Pix[next.at] != 0 && part[next.at] == 0 {
					part[next.at] = n
					todo = append(todo, next.at)
				}
			}
		}
	}
	return part
}

type tracer struct {
	*data.Mask
	part     []int32
	followed []bool // by pixel: its left side is part of an outline that is known
	polygons [][]float32
}

func (t *tracer) on(x, y int) bool {
	return x >= 0 && x < t.W && y >= 0 && y < t.H && t.Pix[y*t.W+x] != 0
}

// The directions, clockwise from up; and where the pixels to the left and right of the way ahead are, from a corner of pixels.
var (
	ahead      = [4][2]int{{0, -1}, {1, 0}, {0, 1}, {-1, 0}}
	aheadLeft  = [4][2]int{{-1, -1}, {0, -1}, {0, 0}, {-1, 0}}
	aheadRight = [4][2]int{{0, -1}, {0, 0}, {-1, 0}, {-1, -1}}
)

// follow goes up the left side of pixel (x, y) and on, with the part to the right, until it is back. It returns the corners where it turned.
func (t *tracer) follow(x, y int) (corners []float32) {
	cx, cy, d := x, y+1, 0
	startX, startY := cx, cy
	for {
		if d == 0 {
			t.followed[(cy-1)*t.W+cx] = true
		}
		cx, cy = cx+ahead[d][0], cy+ahead[d][1]
		turn := 0
		if !t.on(cx+aheadRight[d][0], cy+aheadRight[d][1]) {
			turn = 1
		} else if t.on(cx+aheadLeft[d][0], cy+aheadLeft[d][1]) {
			turn = 3
		}
		if turn != 0 {
			corners = append(corners, float32(cx), float32(cy))
		}
		d = (d + turn) % 4
		if cx == startX && cy == startY && d == 0 {
			return corners
		}
	}
}

// add adds the outline of a part, or of a hole in it, which is found later.
func (t *tracer) add(part int, corners []float32) {
	if part == len(t.polygons) {
		t.polygons = append(t.polygons, corners)
		return
	}
	t.polygons[part] = join(t.polygons[part], corners)
}

// Join returns one polygon that goes along all of them, from one to the next and back on the same line. Raster makes the same pixels of it where they do not overlap.
func Join(polygons [][]float32) []float32 {
	var all []float32
	for _, p := range polygons {
		if all == nil {
			all = p
		} else if len(p) >= 2 {
			all = join(all, p)
		}
	}
	return all
}

// join returns a polygon that leaves outer at the corner that is nearest to the first of inner, and comes back to it.
func join(outer, inner []float32) []float32 {
	best, least := 0, float32(-1)
	for i := 0; i+1 < len(outer); i += 2 {
		dx, dy := outer[i]-inner[0], outer[i+1]-inner[1]
		if d := dx*dx + dy*dy; least < 0 || d < least {
			best, least = i, d
		}
	}
	joined := make([]float32, 0, len(outer)+len(inner)+4)
	joined = append(joined, outer[:best+2]...)
	joined = append(joined, inner...)
	joined = append(joined, inner[0], inner[1])
	return append(joined, outer[best:]...)
}
