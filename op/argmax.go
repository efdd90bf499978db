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
// keepDims, leaves with size 1; x is float32, i32, i64 or u32. A NaN counts as larger than any number.
func ArgMax(x *graph.Node, axis int, keepDims bool) *graph.Node {
	return graph.Apply(ArgMaxOp{fromEnd(axis, x.Shape().Rank()), keepDims}, x)
}

// Name returns "ArgMax".
func (ArgMaxOp) Name() string { return "ArgMax" }

// Infer removes Axis, or leaves it with size 1.
func (o ArgMaxOp) Infer(in []graph.Type) (graph.Type, error) {
	if err := takes(in, anyType); err != nil {
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
	switch x, s := in[0], in[0].Shape(); x.DType() {
	case tensor.F32:
		firstMaxima(out.I64(), x.F32(), s, o.Axis)
	case tensor.I32:
		firstMaxima(out.I64(), x.I32(), s, o.Axis)
	case tensor.I64:
		firstMaxima(out.I64(), x.I64(), s, o.Axis)
	case tensor.U32:
		firstMaxima(out.I64(), x.U32(), s, o.Axis)
	}
}

// firstMaxima writes to y the index of the first maximum of each line along axis.
func firstMaxima[T number](y []int64, x []T, s tensor.Shape, axis int) {
	line := 0
	eachLane(s, axis, func(start, n, stride int) {
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
