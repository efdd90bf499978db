package optest

import (
	"math"
	"math/rand/v2"

	"github.com/lince-ml/lince/graph"
	"github.com/lince-ml/lince/tensor"
)

// vec returns a vector.
func vec(values ...float32) *tensor.Tensor { return tensor.Of(tensor.ShapeOf(len(values)), values...) }

// unary is the case of an elementwise op on inputs in [lo, hi) that keep a distance from the kinks, where finite differences
// are no derivative.
func unary(name string, op graph.Op, lo, hi, distance float64, kinks ...float64) Case {
	if kinks == nil {
		kinks = []float64{0}
	}
	return Case{Name: name, Tol: 2e-6, GradTol: 0.01, Make: func(r *rand.Rand) (graph.Op, []*tensor.Tensor) {
		x := Rand(r, lo, hi, RandShape(r, 1+r.IntN(4), 5).Dims()...)
		for i, v := range x.F32() {
			for _, k := range kinks {
				if math.Abs(float64(v)-k) < distance {
					x.F32()[i] = float32(k + distance)
				}
			}
		}
		return op, []*tensor.Tensor{x}
	}}
}

// tensors saves typing.
func tensors(t ...*tensor.Tensor) []*tensor.Tensor { return t }

// binary is the case of an elementwise op on two inputs in [lo, hi) of shapes that broadcast, whose elements differ by
// more than distance, so that finite differences do not cross a kink at a == b.
func binary(name string, op graph.Op, lo, hi, distance float64) Case {
	return Case{Name: name, Tol: 2e-6, GradTol: 0.01, Make: func(r *rand.Rand) (graph.Op, []*tensor.Tensor) {
		full := RandShape(r, 1+r.IntN(4), 5)
		a, b := Rand(r, lo, hi, broadcastable(r, full).Dims()...), Rand(r, lo, hi, broadcastable(r, full).Dims()...)
		if distance > 0 {
			for i, v := range a.F32() { // a on even multiples of 2*distance, b on odd ones
				a.F32()[i] = float32(4 * distance * math.Round(float64(v)/(4*distance)))
			}
			for i, v := range b.F32() {
				b.F32()[i] = float32(4*distance*math.Round(float64(v)/(4*distance)) + 2*distance)
			}
		}
		return op, tensors(a, b)
	}}
}

// broadcastable returns a shape that broadcasts to full: some leading dimensions dropped, some sizes 1.
func broadcastable(r *rand.Rand, full tensor.Shape) tensor.Shape {
	dims := full.Dims()
	for i := range dims {
		if r.IntN(4) == 0 {
			dims[i] = 1
		}
	}
	if r.IntN(3) == 0 {
		dims = dims[r.IntN(len(dims)):]
	}
	return tensor.ShapeOf(dims...)
}
