package graph

import (
	"fmt"

	"github.com/lince-ml/lince/tensor"
)

// Broadcast returns the shape to which a and b broadcast: aligned at their last dimensions, sizes must be equal or one of
// them 1 (NumPy's and ONNX's rule).
func Broadcast(a, b tensor.Shape) (tensor.Shape, error) {
	if a.Rank() < b.Rank() {
		a, b = b, a
	}
	s := a
	for i := range b.Rank() {
		x, y := a.Dim(-1-i), b.Dim(-1-i)
		switch {
		case x == 1:
			s = s.With(-1-i, y)
		case y != 1 && x != y:
			return s, fmt.Errorf("shapes %v and %v do not broadcast: %d and %d differ and neither is 1", a, b, x, y)
		}
	}
	return s, nil
}

// InferBroadcast is the type rule of a numeric op on two inputs that broadcast: equal element types, the broadcast shape.
func InferBroadcast(in []Type) (Type, error) {
	if len(in) != 2 {
		return Type{}, fmt.Errorf("%d inputs, 2 expected", len(in))
	}
	a, b := in[0], in[1]
	if a.DType != b.DType {
		return Type{}, fmt.Errorf("element types %v and %v differ", a.DType, b.DType)
	}
	switch a.DType {
	case tensor.F32, tensor.I32, tensor.I64, tensor.U32:
	default:
		return Type{}, fmt.Errorf("no arithmetic on %v", a.DType)
	}
	s, err := Broadcast(a.Shape, b.Shape)
	return Type{a.DType, s}, err
}

// BroadcastIndex returns, for a tensor of shape s broadcast to shape out, the strides in elements with which to walk
// it along out's dimensions: 0 where it repeats.
func BroadcastIndex(s, out tensor.Shape) (strides [tensor.MaxRank]int) {
	own := s.Strides()
	for i := range s.Rank() {
		if s.Dim(i) != 1 {
			strides[i+out.Rank()-s.Rank()] = own[i]
		}
	}
	return strides
}

// EvalBinary computes dst[i] = f(a[i], b[i]) over the elements of in[0] and in[1] broadcast to out's shape:
// the reference meaning of every op on two inputs.
func EvalBinary[T, R any](dst []R, a, b []T, out *tensor.Tensor, in []*tensor.Tensor, f func(a, b T) R) {
	if in[0].Shape() == out.Shape() && in[1].Shape() == out.Shape() {
		for i := range dst {
			dst[i] = f(a[i], b[i])
		}
		return
	}
	sa, sb := BroadcastIndex(in[0].Shape(), out.Shape()), BroadcastIndex(in[1].Shape(), out.Shape())
	Walk(out.Shape(), func(i int, at *[tensor.MaxRank]int) {
		dst[i] = f(a[Offset(at, &sa)], b[Offset(at, &sb)])
	})
}

// Walk calls f with each row-major position of shape s and its coordinates, in order.
func Walk(s tensor.Shape, f func(i int, at *[tensor.MaxRank]int)) {
	var at [tensor.MaxRank]int
	for i := range s.Size() {
		f(i, &at)
		for d := s.Rank() - 1; d >= 0; d-- {
			if at[d]++; at[d] < s.Dim(d) {
				break
			}
			at[d] = 0
		}
	}
}

// Offset returns the position in memory of the coordinates at in a tensor with the given strides.
func Offset(at, strides *[tensor.MaxRank]int) int {
	n := 0
	for d, s := range strides {
		n += at[d] * s
	}
	return n
}

// ExpandOp repeats its input along dimensions of size 1 (and new leading ones) up to Shape.
type ExpandOp struct{ Shape tensor.Shape }

// Expand returns x broadcast to shape s; x itself if it has that shape.
func Expand(x *Node, s tensor.Shape) *Node {
	if x.Shape() == s {
		return x
	}
	return Apply(ExpandOp{s}, x)
}

// Name returns "Expand".
func (ExpandOp) Name() string { return "Expand" }

// Infer returns the wanted shape if the input broadcasts to it.
func (o ExpandOp) Infer(in []Type) (Type, error) {
	s, err := Broadcast(in[0].Shape, o.Shape)
	if err == nil && s != o.Shape {
		err = fmt.Errorf("shape %v does not broadcast to %v", in[0].Shape, o.Shape)
	}
	return Type{in[0].DType, o.Shape}, err
}

// Eval copies.
func (o ExpandOp) Eval(out *tensor.Tensor, in []*tensor.Tensor) {
	size := out.DType().Size()
	st := BroadcastIndex(in[0].Shape(), o.Shape)
	Walk(o.Shape, func(i int, at *[tensor.MaxRank]int) {
		j := Offset(at, &st)
		copy(out.Bytes()[i*size:(i+1)*size], in[0].Bytes()[j*size:])
	})
}

// Grad sums dy back to the input's shape.
func (o ExpandOp) Grad(n, dy *Node) []*Node { return []*Node{SumTo(dy, n.In(0).Shape())} }

// FLOPs returns 0.
func (ExpandOp) FLOPs([]Type, Type) int64 { return 0 }

// SumToOp sums its input over the dimensions along which a tensor of shape Shape would be repeated to become the
// input's: the transpose of Expand.
type SumToOp struct{ Shape tensor.Shape }

// SumTo returns x summed to shape s; x itself if it has that shape.
func SumTo(x *Node, s tensor.Shape) *Node {
	if x.Shape() == s {
		return x
	}
	return Apply(SumToOp{s}, x)
}

// Name returns "SumTo".
func (SumToOp) Name() string { return "SumTo" }

// Infer returns the wanted shape if it broadcasts to the input's.
func (o SumToOp) Infer(in []Type) (Type, error) {
	if in[0].DType != tensor.F32 {
		return Type{}, fmt.Errorf("sum of %v, f32 expected", in[0].DType)
	}
	s, err := Broadcast(in[0].Shape, o.Shape)
	if err == nil && s != in[0].Shape {
		err = fmt.Errorf("shape %v does not broadcast to %v", o.Shape, in[0].Shape)
	}
	return Type{in[0].DType, o.Shape}, err
}

// Eval sums in float64, in row-major order.
func (o SumToOp) Eval(out *tensor.Tensor, in []*tensor.Tensor) {
	sum := make([]float64, out.Size())
	st := BroadcastIndex(o.Shape, in[0].Shape())
	x := in[0].F32()
	Walk(in[0].Shape(), func(i int, at *[tensor.MaxRank]int) { sum[Offset(at, &st)] += float64(x[i]) })
	for i, v := range sum {
		out.F32()[i] = float32(v)
	}
}

// Grad repeats dy.
func (o SumToOp) Grad(n, dy *Node) []*Node { return []*Node{Expand(dy, n.In(0).Shape())} }

// FLOPs returns one addition per element of the input.
func (SumToOp) FLOPs(in []Type, _ Type) int64 { return int64(in[0].Size()) }
