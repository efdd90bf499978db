package detect

import (
	"math"

	"github.com/lince-ml/lince/graph"
	"github.com/lince-ml/lince/op"
)

// A rect is a box in pixels: x0, y0, x1, y1.
type rect [4]float32

func (r rect) width() float32  { return r[2] - r[0] }
func (r rect) height() float32 { return r[3] - r[1] }
func (r rect) area() float32   { return r.width() * r.height() }

func (r rect) center() (x, y float32) { return (r[0] + r[2]) / 2, (r[1] + r[3]) / 2 }

// clip cuts r off at the edges of an image of h x w pixels.
func (r rect) clip(h, w int) rect {
	x, y := float32(w), float32(h)
	return rect{min(max(r[0], 0), x), min(max(r[1], 0), y), min(max(r[2], 0), x), min(max(r[3], 0), y)}
}

// iou returns the intersection of a and b as a part of their union, 0 if there is none.
func iou(a, b rect) float32 {
	w, h := min(a[2], b[2])-max(a[0], b[0]), min(a[3], b[3])-max(a[1], b[1])
	if w <= 0 || h <= 0 {
		return 0
	}
	inter := w * h
	return inter / (a.area() + b.area() - inter)
}

// A deltas says how boxes are written as their distance from an anchor: the place of the middle in widths and heights of the anchor, and the
// logarithms of width and height in its own, each times a weight (Girshick et al., "Rich feature hierarchies", CVPR 2014, appendix C).
type deltas struct{ center, size float32 }

// maxScale bounds how much larger than its anchor a box may be, so that nothing overflows.
var maxScale = math.Log(1000. / 16)

func (d deltas) encode(anchor, b rect) [4]float32 {
	w, h := anchor.width(), anchor.height()
	x, y := anchor[0]+0.5*w, anchor[1]+0.5*h
	bw, bh := b.width(), b.height()
	return [4]float32{
		d.center * (b[0] + 0.5*bw - x) / w, d.center * (b[1] + 0.5*bh - y) / h,
		d.size * float32(math.Log(float64(bw/w))), d.size * float32(math.Log(float64(bh/h))),
	}
}

func (d deltas) decode(anchor rect, v []float32) rect {
	w, h := anchor.width(), anchor.height()
	x, y := v[0]/d.center*w+(anchor[0]+0.5*w), v[1]/d.center*h+(anchor[1]+0.5*h)
	bw, bh := d.scale(v[2])*w, d.scale(v[3])*h
	return rect{x - 0.5*bw, y - 0.5*bh, x + 0.5*bw, y + 0.5*bh}
}

func (d deltas) scale(v float32) float32 { return float32(math.Exp(min(float64(v/d.size), maxScale))) }

// boxes emits decode for the columns v of all anchors.
func (d deltas) boxes(v quad, a *anchors) quad {
	g := v[0].Graph()
	times := func(x *graph.Node, by float64) *graph.Node { return op.Mul(x, g.Scalar(by)) }
	var q quad
	for axis, side := range []func(rect) float32{rect.width, rect.height} {
		length := constant(g, a, side)
		middle := constant(g, a, func(r rect) float32 { return r[axis] + 0.5*side(r) })
		middle = op.Add(op.Mul(times(v[axis], 1/float64(d.center)), length), middle)
		scale := op.Exp(op.Min(times(v[2+axis], 1/float64(d.size)), g.Scalar(maxScale)))
		half := op.Mul(times(scale, 0.5), length)
		q[axis], q[2+axis] = op.Sub(middle, half), op.Add(middle, half)
	}
	return q
}
