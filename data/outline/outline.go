// Package outline has what can be done with the outline of a thing: polygons become pixels as in COCO, pixels become polygons, and both become the run
// lengths (RLE) in which COCO keeps masks.
package outline

import (
	"math"
	"strconv"

	"github.com/lince-ml/lince/data"
	"github.com/lince-ml/lince/rle"
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
	for _, p := range s.Polygons {
		if r, err := rle.OfPolygons([][]float64{corners(p)}, h, w); err == nil { // else it has no corners, or more than a thing has
			paint(out, r)
		}
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

// corners returns a polygon for OfPolygons. It matters which decimals numbers stand for where these are rounded: 0.7, not 0.69999999. Those far away are brought near
// enough, and what is no number is 0.
func corners(polygon []float32) []float64 {
	out := make([]float64, len(polygon)&^1)
	for i := range out {
		v := float64(polygon[i])
		if place := rle.Fine*v + 0.5; math.Abs(place-math.Round(place)) < 1e-2 {
			v, _ = strconv.ParseFloat(strconv.FormatFloat(v, 'g', -1, 32), 64)
		}
		if !math.IsNaN(v) {
			out[i] = max(-rle.Farthest, min(v, rle.Farthest))
		}
	}
	return out
}
