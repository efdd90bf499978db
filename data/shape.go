package data

import (
	"image"
	"math"
	"slices"
)

// moved returns what is left of a shape in an image of h x w pixels, by the functions of follow. Its pixels are expected in the part that in says.
func (s *Shape) moved(h, w int, to func(x, y float64) (float64, float64), mask moveMask, in image.Rectangle) *Shape {
	if s.Mask != nil {
		return &Shape{Mask: mask(s.Mask, in, 0)}
	}
	out := &Shape{}
	for _, p := range s.Polygons {
		q := make([]float32, len(p)&^1)
		for i := 0; i < len(q); i += 2 {
			x, y := to(float64(p[i]), float64(p[i+1]))
			q[i], q[i+1] = float32(x), float32(y)
		}
		if q = clipped(q, float32(h), float32(w)); len(q) >= 6 {
			out.Polygons = append(out.Polygons, q)
		}
	}
	return out
}

// clipped returns the part of a polygon that is inside of an image, side by side (Sutherland and Hodgman 1974, "Reentrant polygon clipping"). Where it is
// in several pieces, they hang together by lines along the edge.
func clipped(p []float32, h, w float32) []float32 {
	for axis, limit := range []float32{w, h} {
		p = clippedAt(p, axis, func(v float32) float32 { return v }, 0)
		p = clippedAt(p, axis, func(v float32) float32 { return limit - v }, limit)
	}
	return p
}

// clippedAt returns the part of a polygon where the coordinate of an axis is inside, not less than 0, of the line at limit.
func clippedAt(p []float32, axis int, inside func(v float32) float32, limit float32) []float32 {
	var out []float32
	for i := 0; i < len(p); i += 2 {
		j := (i + len(p) - 2) % len(p) // the corner before it
		a, b := inside(p[j+axis]), inside(p[i+axis])
		if a >= 0 != (b >= 0) {
			cut := [2]float32{p[j] + (p[i]-p[j])*(a/(a-b)), p[j+1] + (p[i+1]-p[j+1])*(a/(a-b))}
			cut[axis] = limit
			out = append(out, cut[:]...)
		}
		if b >= 0 {
			out = append(out, p[i], p[i+1])
		}
	}
	return out
}

// extent returns the smallest box around the shape, of which a mask is looked at in the part that in says; ok is false if nothing is there.
func (s *Shape) extent(in image.Rectangle) (b Box, ok bool) {
	b = Box{X0: math.MaxFloat32, Y0: math.MaxFloat32, X1: -math.MaxFloat32, Y1: -math.MaxFloat32}
	for _, p := range s.Polygons {
		for i := 0; i+1 < len(p); i += 2 {
			b.X0, b.Y0, b.X1, b.Y1 = min(b.X0, p[i]), min(b.Y0, p[i+1]), max(b.X1, p[i]), max(b.Y1, p[i+1])
		}
	}
	if m := s.Mask; m != nil {
		for y := in.Min.Y; y < in.Max.Y; y++ {
			row := m.Pix[y*m.W:][in.Min.X:in.Max.X]
			first := slices.IndexFunc(row, func(v uint16) bool { return v != 0 })
			if first < 0 {
				continue
			}
			last := len(row) - 1
			for row[last] == 0 {
				last--
			}
			b.X0, b.X1 = min(b.X0, float32(in.Min.X+first)), max(b.X1, float32(in.Min.X+last+1))
			b.Y0, b.Y1 = min(b.Y0, float32(y)), float32(y+1)
		}
	}
	return b, b.X1 > b.X0 && b.Y1 > b.Y0
}

// fit makes b no larger than its shape, which is in the part that in says; ok is false if too little is left.
func (b *Box) fit(in image.Rectangle) (ok bool) {
	thing, ok := b.Shape.extent(in)
	if !ok {
		return false
	}
	b.shrink(thing)
	return b.X1-b.X0 >= 1 && b.Y1-b.Y0 >= 1
}

// shrink moves the sides of b to those of the thing in it, where they are more than a pixel off: pixels say no more about where a side is.
func (b *Box) shrink(thing Box) {
	if thing.X0 > b.X0+1 {
		b.X0 = thing.X0
	}
	if thing.Y0 > b.Y0+1 {
		b.Y0 = thing.Y0
	}
	if thing.X1 < b.X1-1 {
		b.X1 = thing.X1
	}
	if thing.Y1 < b.Y1-1 {
		b.Y1 = thing.Y1
	}
}

// around returns the pixels of an image of h x w that b, made larger by two pixels on all sides, touches.
func (b Box) around(h, w int) image.Rectangle {
	return image.Rect(int(b.X0)-2, int(b.Y0)-2, int(b.X1)+3, int(b.Y1)+3).Intersect(image.Rect(0, 0, w, h))
}

// Raster returns the mask of a shape in an image of h x w pixels: a pixel is of a polygon if its middle is inside, by the rule of even and odd. It is for
// pasting and drawing; COCO's tools differ from it in some pixels of the edge.
func (s *Shape) Raster(h, w int) *Mask {
	if s.Mask != nil {
		return s.Mask
	}
	m := &Mask{h, w, make([]uint16, h*w)}
	var cuts []float64
	for _, p := range s.Polygons {
		for y := range h {
			cuts = cutsAt(cuts[:0], p, float64(y)+0.5)
			for i := 0; i+1 < len(cuts); i += 2 {
				from, to := min(max(math.Ceil(cuts[i]-0.5), 0), float64(w)), min(max(math.Ceil(cuts[i+1]-0.5), 0), float64(w))
				fillAll(m.Pix[y*w+int(from):y*w+int(max(from, to))], 1)
			}
		}
	}
	return m
}

// cutsAt appends to cuts where the edges of a polygon cross the row at y, in order.
func cutsAt(cuts []float64, p []float32, y float64) []float64 {
	n := len(p) &^ 1
	for i := 0; i < n; i += 2 {
		j := (i + 2) % n
		x0, y0, x1, y1 := float64(p[i]), float64(p[i+1]), float64(p[j]), float64(p[j+1])
		if y0 <= y != (y1 <= y) {
			cuts = append(cuts, x0+(x1-x0)*((y-y0)/(y1-y0)))
		}
	}
	slices.Sort(cuts)
	return cuts
}
