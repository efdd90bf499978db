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
		return op, tensors(avoid(x, distance, kinks))
	}}
}

// unaryGrad is the case of the gradient of an elementwise op: dy in [-1, 1), and the op's input or result in [lo, hi), at
// a distance from the kinks.
func unaryGrad(name string, op graph.Op, lo, hi, distance float64, kinks ...float64) Case {
	return Case{Name: name, Tol: 2e-6, GradTol: 0.01, Make: func(r *rand.Rand) (graph.Op, []*tensor.Tensor) {
		dims := RandShape(r, 1+r.IntN(4), 5).Dims()
		return op, tensors(Rand(r, -1, 1, dims...), avoid(Rand(r, lo, hi, dims...), distance, kinks))
	}}
}

// avoid moves the elements of x that are nearer than distance to a kink to that distance.
func avoid(x *tensor.Tensor, distance float64, kinks []float64) *tensor.Tensor {
	for i, v := range x.F32() {
		for _, k := range kinks {
			if math.Abs(float64(v)-k) < distance {
				x.F32()[i] = float32(k + distance)
			}
		}
	}
	return x
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

// integers is the case of an elementwise op on two tensors of i32, i64 or u32 that broadcast.
func integers(name string, op graph.Op) Case {
	return Case{Name: name, Make: func(r *rand.Rand) (graph.Op, []*tensor.Tensor) {
		d := []tensor.DType{tensor.I32, tensor.I64, tensor.U32}[r.IntN(3)]
		full := RandShape(r, 1+r.IntN(4), 5)
		return op, tensors(Ints(r, d, 9, broadcastable(r, full)), Ints(r, d, 9, broadcastable(r, full)))
	}}
}

// Ints returns a tensor of the integer type d (or Bool) with elements of 0 to n-1.
func Ints(r *rand.Rand, d tensor.DType, n int, s tensor.Shape) *tensor.Tensor {
	t := tensor.New(d, s)
	for i := range s.Size() {
		switch v := r.IntN(n); d {
		case tensor.I32:
			t.I32()[i] = int32(v)
		case tensor.I64:
			t.I64()[i] = int64(v)
		case tensor.U32:
			t.U32()[i] = uint32(v)
		case tensor.U8:
			t.U8()[i] = uint8(v)
		case tensor.I8:
			t.I8()[i] = int8(v)
		case tensor.I16:
			t.I16()[i] = int16(v)
		case tensor.U16:
			t.U16()[i] = uint16(v)
		case tensor.U64:
			t.U64()[i] = uint64(v)
		case tensor.Bool:
			t.Bool()[i] = v%2 == 1
		}
	}
	return t
}
