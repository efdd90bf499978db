package data

import (
	"image"
	"math"
)

// kept is the share of its area that a box needs to have left in the image, else it is dropped.
const kept = 0.25

// A moveMask returns m after a move, at least in the part that in says; where nothing comes from, it has the value outside.
type moveMask func(m *Mask, in image.Rectangle, outside uint16) *Mask

// follow moves the mask, the boxes and the points of s to where to leads, in an image of h x w pixels; mask moves masks there. A box becomes the smallest
// one around its four moved corners, cut off at the edges of the image, and no larger than what is left of its shape, if it has one. It is dropped if less
// than a quarter of its area is left, less than a pixel in width or height, or nothing of its shape: what can hardly be seen of a thing teaches nothing.
// A point outside of the image stays in its place among the others but is no longer visible.
func (s *Sample) follow(h, w int, to func(x, y float64) (float64, float64), mask moveMask) {
	if s.Mask != nil {
		s.Mask = mask(s.Mask, image.Rect(0, 0, w, h), Ignore)
	}
	if s.Boxes != nil {
		boxes := make([]Box, 0, len(s.Boxes))
		for _, b := range s.Boxes {
			b, ok := b.moved(to).within(float32(h), float32(w))
			if ok && b.Shape != nil {
				in := b.around(h, w)
				b.Shape = b.Shape.moved(h, w, to, mask, in)
				ok = b.fit(in)
			}
			if ok {
				boxes = append(boxes, b)
			}
		}
		s.Boxes = boxes
	}
	s.movePoints(h, w, to)
}

// movePoints moves the points of s to where to leads, in an image of h x w pixels.
func (s *Sample) movePoints(h, w int, to func(x, y float64) (float64, float64)) {
	if s.Points == nil {
		return
	}
	points := make([]Point, len(s.Points))
	for i, p := range s.Points {
		x, y := to(float64(p.X), float64(p.Y))
		points[i] = Point{float32(x), float32(y), p.Visible}
		if !(x >= 0 && x < float64(w) && y >= 0 && y < float64(h)) {
			points[i].Visible = 0
		}
	}
	s.Points = points
}

// moved returns the box around the corners of b after their move.
func (b Box) moved(to func(x, y float64) (float64, float64)) Box {
	x0, y0, x1, y1 := math.Inf(1), math.Inf(1), math.Inf(-1), math.Inf(-1)
	for _, c := range [4][2]float32{{b.X0, b.Y0}, {b.X1, b.Y0}, {b.X0, b.Y1}, {b.X1, b.Y1}} {
		x, y := to(float64(c[0]), float64(c[1]))
		x0, y0, x1, y1 = min(x0, x), min(y0, y), max(x1, x), max(y1, y)
	}
	b.X0, b.Y0, b.X1, b.Y1 = float32(x0), float32(y0), float32(x1), float32(y1)
	return b
}

// within cuts b off at the edges of an image; ok is false if too little is left of it.
func (b Box) within(h, w float32) (cut Box, ok bool) {
	cut = b
	cut.X0, cut.Y0, cut.X1, cut.Y1 = max(b.X0, 0), max(b.Y0, 0), min(b.X1, w), min(b.Y1, h)
	dx, dy := cut.X1-cut.X0, cut.Y1-cut.Y0
	return cut, dx >= 1 && dy >= 1 && dx*dy >= kept*(b.X1-b.X0)*(b.Y1-b.Y0)
}
