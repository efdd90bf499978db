package op

import (
	"fmt"
	"math/bits"
	"strings"

	"github.com/lince-ml/lince/graph"
	"github.com/lince-ml/lince/tensor"
)

// An AxisSet is a set of dimensions: bit i stands for dimension i.
type AxisSet uint8

// Axes returns the set of the given dimensions, which must be 0 to tensor.MaxRank-1.
func Axes(axes ...int) AxisSet {
	var s AxisSet
	for _, a := range axes {
		s |= 1 << a
	}
	return s
}

// Has reports whether the set has dimension i.
func (s AxisSet) Has(i int) bool { return s>>i&1 == 1 }

// String returns for example "[2 3]".
func (s AxisSet) String() string {
	var list []string
	for i := range tensor.MaxRank {
		if s.Has(i) {
			list = append(list, fmt.Sprint(i))
		}
	}
	return "[" + strings.Join(list, " ") + "]"
}

// ReduceAttrs say which dimensions a reduction removes.
type ReduceAttrs struct {
	Axes     AxisSet
	KeepDims bool // leave the reduced dimensions, with size 1
}

// reduceAttrs makes the attributes of the reduction called name from a builder's arguments.
func reduceAttrs(name string, x *graph.Node, keepDims bool, axes []int) ReduceAttrs {
	rank := x.Shape().Rank()
	if len(axes) == 0 {
		return ReduceAttrs{1<<rank - 1, keepDims}
	}
	var set AxisSet
	for _, axis := range axes {
		a := fromEnd(axis, rank)
		err := checkAxis(a, x.Shape())
		if err == nil && set.Has(a) {
			err = fmt.Errorf("axis %d is listed twice in %v", axis, axes)
		}
		if err != nil {
			graph.Fail(name, err, x)
		}
		set |= Axes(a)
	}
	return ReduceAttrs{set, keepDims}
}

// Kept returns s with the reduced dimensions of size 1.
func (o ReduceAttrs) Kept(s tensor.Shape) tensor.Shape {
	for i := range s.Rank() {
		if o.Axes.Has(i) {
			s = s.With(i, 1)
		}
	}
	return s
}

// Count returns the number of elements of a tensor of shape s that make one element of the result.
func (o ReduceAttrs) Count(s tensor.Shape) int {
	n := 1
	for i, d := range s.All() {
		if o.Axes.Has(i) {
			n *= d
		}
	}
	return n
}

// Infer removes the reduced dimensions, or leaves them with size 1. Numbers of type f32, i32, i64 and u32 can be reduced.
func (o ReduceAttrs) Infer(in []graph.Type) (graph.Type, error) {
	if err := takes(in, anyType); err != nil {
		return graph.Type{}, err
	}
	switch in[0].DType {
	case tensor.F32, tensor.I32, tensor.I64, tensor.U32:
	default:
		return graph.Type{}, fmt.Errorf("no reduction of %v", in[0].DType)
	}
	s := in[0].Shape
	if top := bits.Len8(uint8(o.Axes)); top > s.Rank() {
		return graph.Type{}, fmt.Errorf("axes %v of shape %v, which has %d", o.Axes, s, s.Rank())
	}
	if o.KeepDims {
		return graph.Type{DType: in[0].DType, Shape: o.Kept(s)}, nil
	}
	var dims []int
	for i, d := range s.All() {
		if !o.Axes.Has(i) {
			dims = append(dims, d)
		}
	}
	return graph.TypeOf(in[0].DType, dims...), nil
}

// FLOPs returns one operation per element of the input.
func (ReduceAttrs) FLOPs(in []graph.Type, _ graph.Type) int64 { return int64(in[0].Size()) }

// eval folds the elements that make each element of the result with f, from first, in row-major order and float64, and
// returns the results.
func (o ReduceAttrs) eval(x *tensor.Tensor, first float64, f func(sum, x float64) float64) []float64 {
	kept := o.Kept(x.Shape())
	sums := make([]float64, kept.Size())
	for i := range sums {
		sums[i] = first
	}
	strides := graph.BroadcastIndex(kept, x.Shape())
	graph.Walk(x.Shape(), func(i int, at *[tensor.MaxRank]int) {
		sum := &sums[graph.Offset(at, &strides)]
		*sum = f(*sum, float64(x.F32()[i]))
	})
	return sums
}

// evalIntegers folds likewise in int64, and stores what fits the result's type.
func (o ReduceAttrs) evalIntegers(out, x *tensor.Tensor, first int64, f func(sum, x int64) int64) {
	kept := o.Kept(x.Shape())
	sums := make([]int64, kept.Size())
	for i := range sums {
		sums[i] = first
	}
	strides := graph.BroadcastIndex(kept, x.Shape())
	graph.Walk(x.Shape(), func(i int, at *[tensor.MaxRank]int) {
		sum := &sums[graph.Offset(at, &strides)]
		*sum = f(*sum, integerAt(x, i))
	})
	CastOp{out.DType()}.Eval(out, []*tensor.Tensor{tensor.Of(kept, sums...)})
}

// keep returns n, or the gradient for it, with the dimensions that the reduction of x removed back at size 1, so that it
// broadcasts to x's shape.
func (o ReduceAttrs) keep(n, x *graph.Node) *graph.Node { return reshape(n, o.Kept(x.Shape())) }

// notEmpty returns an error if the elements of the result come from no element of a tensor of type t.
func (o ReduceAttrs) notEmpty(t graph.Type) error {
	if o.Count(t.Shape) == 0 {
		return fmt.Errorf("axes %v of shape %v have no elements, one or more expected", o.Axes, t.Shape)
	}
	return nil
}
