package op

import (
	"fmt"
	"math"
	"slices"

	"github.com/lince-ml/lince/graph"
	"github.com/lince-ml/lince/tensor"
)

// GatherOp selects slices of its first input along Axis by the indices in its second.
type GatherOp struct{ Axis int }

// Gather returns the slices of x, of any type, along axis (negative: from the end) that indices, i32 or i64, select: the
// result has x's sizes with that of axis replaced by all of indices'. An index outside 0..n-1 has no slice: it gives NaN in
// float32 and 0 in other types.
func Gather(x, indices *graph.Node, axis int) *graph.Node {
	return graph.Apply(GatherOp{fromEnd(axis, x.Shape().Rank())}, x, indices)
}

// Name returns "Gather".
func (GatherOp) Name() string { return "Gather" }

// Infer replaces the size of Axis by those of the indices.
func (o GatherOp) Infer(in []graph.Type) (graph.Type, error) {
	if err := takes(in, anyType, anyType); err != nil {
		return graph.Type{}, err
	}
	if err := takesIndices(in[1]); err != nil {
		return graph.Type{}, err
	}
	x := in[0].Shape
	if err := checkAxis(o.Axis, x); err != nil {
		return graph.Type{}, err
	}
	dims := slices.Concat(x.Dims()[:o.Axis], in[1].Shape.Dims(), x.Dims()[o.Axis+1:])
	if len(dims) > tensor.MaxRank {
		return graph.Type{}, fmt.Errorf("a result of %d dimensions, at most %d are possible", len(dims), tensor.MaxRank)
	}
	return graph.TypeOf(in[0].DType, dims...), nil
}

// Eval copies slice by slice.
func (o GatherOp) Eval(out *tensor.Tensor, in []*tensor.Tensor) {
	x, indices := in[0], in[1]
	eachSlice(x.Shape(), indices, o.Axis, func(i, j, n int) {
		for k := range n {
			switch {
			case j >= 0:
				copyElement(out, i+k, x, j+k)
			case out.DType() == tensor.F32:
				out.F32()[i+k] = float32(math.NaN())
			default:
				size := out.DType().Size()
				clear(out.Bytes()[(i+k)*size : (i+k+1)*size])
			}
		}
	})
}

// eachSlice calls f for each slice of n elements that indices select along axis in a tensor of shape s: it is at j there,
// or j is -1 if there is none, and at i in the gathered tensor.
func eachSlice(s tensor.Shape, indices *tensor.Tensor, axis int, f func(i, j, n int)) {
	size, n := s.Dim(axis), s.Strides()[axis]
	if n == 0 { // slices without elements, of which there may be any number
		return
	}
	outer := 1
	for i := range axis {
		outer *= s.Dim(i)
	}
	for at := range outer {
		for k := range indices.Size() {
			i, j := (at*indices.Size()+k)*n, -1
			if index := integerAt(indices, k); 0 <= index && index < int64(size) {
				j = (at*size + int(index)) * n
			}
			f(i, j, n)
		}
	}
}

// Grad adds each slice of dy to the slice that it came from.
func (o GatherOp) Grad(n, dy *graph.Node) []*graph.Node {
	size := n.In(0).Shape().Dim(o.Axis)
	return []*graph.Node{graph.Apply(GatherGradOp{o.Axis, size}, dy, n.In(1)), nil}
}

// FLOPs returns 0.
func (GatherOp) FLOPs([]graph.Type, graph.Type) int64 { return 0 }

// GatherGradOp adds the slices of dy to those slices of a tensor of zeros, with Size of them along Axis, that the indices
// name; its inputs are dy and the indices. Indices outside 0..Size-1 are left out.
type GatherGradOp struct{ Axis, Size int }

// Name returns "GatherGrad".
func (GatherGradOp) Name() string { return "GatherGrad" }

// Infer replaces the sizes of the indices in dy's by Size.
func (o GatherGradOp) Infer(in []graph.Type) (graph.Type, error) {
	if err := takes(in, tensor.F32, anyType); err != nil {
		return graph.Type{}, err
	}
	if err := takesIndices(in[1]); err != nil {
		return graph.Type{}, err
	}
	dy, indices := in[0].Shape.Dims(), in[1].Shape.Dims()
	if o.Size < 0 {
		return graph.Type{}, fmt.Errorf("size %d, 0 or more expected", o.Size)
	}
	if o.Axis < 0 || o.Axis > len(dy)-len(indices) || !slices.Equal(dy[o.Axis:o.Axis+len(indices)], indices) {
		return graph.Type{}, fmt.Errorf("dy of shape %v does not have the sizes %v from dimension %d on", in[0].Shape, in[1].Shape, o.Axis)
	}
	dims := slices.Concat(dy[:o.Axis], []int{o.Size}, dy[o.Axis+len(indices):])
	if len(dims) > tensor.MaxRank {
		return graph.Type{}, fmt.Errorf("a result of %d dimensions, at most %d are possible", len(dims), tensor.MaxRank)
	}
	return graph.F32(dims...), nil
}

// Eval sums in float64, in the order of the indices.
func (o GatherGradOp) Eval(out *tensor.Tensor, in []*tensor.Tensor) {
	sums := make([]float64, out.Size())
	dy := in[0].F32()
	eachSlice(out.Shape(), in[1], o.Axis, func(i, j, n int) {
		if j < 0 {
			return
		}
		for k := range n {
			sums[j+k] += float64(dy[i+k])
		}
	})
	round(out.F32(), sums)
}

// Grad gathers.
func (o GatherGradOp) Grad(n, ddy *graph.Node) []*graph.Node {
	return []*graph.Node{graph.Apply(GatherOp{o.Axis}, ddy, n.In(1)), nil}
}

// FLOPs returns one addition per element of dy.
func (GatherGradOp) FLOPs(in []graph.Type, _ graph.Type) int64 { return int64(in[0].Size()) }
