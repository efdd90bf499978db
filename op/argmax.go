package op

import (
	"fmt"

	"github.com/lince-ml/lince/graph"
	"github.com/lince-ml/lince/tensor"
)

// ArgMaxOp is the index of the first maximum along Axis.
type ArgMaxOp struct {
	Axis     int
	KeepDims bool // leave Axis, with size 1
}

// ArgMax returns the index, i64, of the first maximum of x along axis (negative: from the end), which it removes or, with
// keepDims, leaves with size 1. A NaN counts as larger than any number.
func ArgMax(x *graph.Node, axis int, keepDims bool) *graph.Node {
	return graph.Apply(ArgMaxOp{fromEnd(axis, x.Shape().Rank()), keepDims}, x)
}

// Name returns "ArgMax".
func (ArgMaxOp) Name() string { return "ArgMax" }

// Infer removes Axis, or leaves it with size 1.
func (o ArgMaxOp) Infer(in []graph.Type) (graph.Type, error) {
	if err := takes(in, tensor.F32); err != nil {
		return graph.Type{}, err
	}
	s := in[0].Shape
	if err := checkAxis(o.Axis, s); err != nil {
		return graph.Type{}, err
	}
	if s.Dim(o.Axis) == 0 {
		return graph.Type{}, fmt.Errorf("axis %d of shape %v has no elements, one or more expected", o.Axis, s)
	}
	t, err := ReduceAttrs{Axes(o.Axis), o.KeepDims}.Infer(in)
	return graph.Type{DType: tensor.I64, Shape: t.Shape}, err
}

// Eval computes the reference value.
func (o ArgMaxOp) Eval(out *tensor.Tensor, in []*tensor.Tensor) {
	x, y := in[0].F32(), out.I64()
	line := 0
	eachLane(in[0].Shape(), o.Axis, func(start, n, stride int) {
		best := 0
		for i := range n {
			if m, v := x[start+best*stride], x[start+i*stride]; v > m || v != v && m == m {
				best = i
			}
		}
		y[line] = int64(best)
		line++
	})
}

// Grad returns nil: an index has no derivative.
func (ArgMaxOp) Grad(_, _ *graph.Node) []*graph.Node { return nil }

// FLOPs returns one comparison per element of the input.
func (ArgMaxOp) FLOPs(in []graph.Type, _ graph.Type) int64 { return int64(in[0].Size()) }
