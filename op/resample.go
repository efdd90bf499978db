package op

import (
	"fmt"

	"github.com/lince-ml/lince/graph"
	"github.com/lince-ml/lince/tensor"
)

// ResampleOp is a weighted sum of some elements along Axis for each place of a new grid: what every way of resizing does to one dimension.
type ResampleOp struct{ Axis int }

// Resample returns x, float32, with M elements along axis (negative: from the end), each the sum of T of the old ones:
//
//	y[... m ...] = sum over t of weights[m t] * x[... indices[m t] ...]
//
// where indices, i32 or i64, and weights, float32, are [M T]. Indices outside of x are left out. The weights are taken as constant: they get no gradient.
func Resample(x, indices, weights *graph.Node, axis int) *graph.Node {
	return graph.Apply(ResampleOp{fromEnd(axis, x.Shape().Rank())}, x, indices, weights)
}

// Name returns "Resample".
func (ResampleOp) Name() string { return "Resample" }

// Infer replaces the size of Axis by M.
func (o ResampleOp) Infer(in []graph.Type) (graph.Type, error) {
	if err := inferResample(o.Axis, in); err != nil {
		return graph.Type{}, err
	}
	return graph.Type{DType: tensor.F32, Shape: in[0].Shape.With(o.Axis, in[1].Shape.Dim(0))}, nil
}

func inferResample(axis int, in []graph.Type) error {
	if err := takes(in, tensor.F32, anyType, tensor.F32); err != nil {
		return err
	}
	if err := takesIndices(in[1]); err != nil {
		return err
	}
	if in[1].Shape.Rank() != 2 || in[1].Shape != in[2].Shape {
		return fmt.Errorf("indices of shape %v and weights of shape %v, [M T] expected of both", in[1].Shape, in[2].Shape)
	}
	return checkAxis(axis, in[0].Shape)
}

// Eval sums in float64.
func (o ResampleOp) Eval(out *tensor.Tensor, in []*tensor.Tensor) {
	sum := make([]float64, out.Size())
	x := in[0].F32()
	eachTap(in[0].Shape(), out.Shape(), o.Axis, in[1], in[2], func(i, j int, weight float64) { sum[j] += weight * float64(x[i]) })
	round(out.F32(), sum)
}

// eachTap calls f for each product in the resampling of a tensor of shape x to one of shape y: element j of y is the sum of weight times element i of x.
func eachTap(x, y tensor.Shape, axis int, indices, weights *tensor.Tensor, f func(i, j int, weight float64)) {
	taps, w := indices.Shape().Dim(1), weights.F32()
	strides := x.Strides()
	step := strides[axis]
	strides[axis] = 0
	graph.Walk(y, func(j int, at *[tensor.MaxRank]int) {
		for t := at[axis] * taps; t < (at[axis]+1)*taps; t++ {
			if index := integerAt(indices, t); 0 <= index && index < int64(x.Dim(axis)) {
				f(graph.Offset(at, &strides)+int(index)*step, j, float64(w[t]))
			}
		}
	})
}

// Grad gives each element of x its share of dy.
func (o ResampleOp) Grad(n, dy *graph.Node) []*graph.Node {
	size := n.In(0).Shape().Dim(o.Axis)
	return []*graph.Node{graph.Apply(ResampleGradOp{o.Axis, size}, dy, n.In(1), n.In(2)), nil, nil}
}

// FLOPs returns a multiply-add for each tap.
func (o ResampleOp) FLOPs(in []graph.Type, out graph.Type) int64 {
	return 2 * int64(out.Size()) * int64(in[1].Shape.Dim(1))
}

// ResampleGradOp is the gradient of Resample with respect to an x of Size elements along Axis; its inputs are dy, the indices and the weights.
type ResampleGradOp struct{ Axis, Size int }

// Name returns "ResampleGrad".
func (ResampleGradOp) Name() string { return "ResampleGrad" }

// Infer replaces the size of Axis by Size.
func (o ResampleGradOp) Infer(in []graph.Type) (graph.Type, error) {
	if err := inferResample(o.Axis, in); err != nil {
		return graph.Type{}, err
	}
	if err := expectRange("size", 0, o.Size); err != nil {
		return graph.Type{}, err
	}
	if m, rows := in[0].Shape.Dim(o.Axis), in[1].Shape.Dim(0); m != rows {
		return graph.Type{}, fmt.Errorf("dy has %d elements along axis %d, the indices %d", m, o.Axis, rows)
	}
	return graph.Type{DType: tensor.F32, Shape: in[0].Shape.With(o.Axis, o.Size)}, nil
}

// Eval sums in float64.
func (o ResampleGradOp) Eval(out *tensor.Tensor, in []*tensor.Tensor) {
	sum := make([]float64, out.Size())
	dy := in[0].F32()
	eachTap(out.Shape(), in[0].Shape(), o.Axis, in[1], in[2], func(i, j int, weight float64) { sum[i] += weight * float64(dy[j]) })
	round(out.F32(), sum)
}

// Grad: the op is linear in dy, with Resample as its transpose.
func (o ResampleGradOp) Grad(n, dx *graph.Node) []*graph.Node {
	return []*graph.Node{graph.Apply(ResampleOp{o.Axis}, dx, n.In(1), n.In(2)), nil, nil}
}

// FLOPs returns a multiply-add for each tap.
func (o ResampleGradOp) FLOPs(in []graph.Type, _ graph.Type) int64 {
	return 2 * int64(in[0].Size()) * int64(in[1].Shape.Dim(1))
}
