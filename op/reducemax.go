package op

import (
	"math"

	"github.com/lince-ml/lince/graph"
	"github.com/lince-ml/lince/tensor"
)

// ReduceMaxOp is the maximum over some dimensions.
type ReduceMaxOp struct{ ReduceAttrs }

// ReduceMax returns the maximum of x over axes (none: all; negative ones count from the end), which it removes or, with
// keepDims, leaves with size 1; float32, i32, i64 and u32. It is NaN if one of the elements is NaN. The maximum of no elements is an error.
// Equal maxima get equal shares of the gradient, as in PyTorch's amax.
func ReduceMax(x *graph.Node, keepDims bool, axes ...int) *graph.Node {
	return graph.Apply(ReduceMaxOp{reduceAttrs("ReduceMax", x, keepDims, axes)}, x)
}

// Name returns "ReduceMax".
func (ReduceMaxOp) Name() string { return "ReduceMax" }

// Infer removes the reduced dimensions, or leaves them with size 1.
func (o ReduceMaxOp) Infer(in []graph.Type) (graph.Type, error) {
	t, err := o.ReduceAttrs.Infer(in)
	if err == nil {
		err = o.notEmpty(in[0])
	}
	return t, err
}

// Eval computes the reference value; math.Max returns NaN if either argument is.
func (o ReduceMaxOp) Eval(out *tensor.Tensor, in []*tensor.Tensor) {
	if out.DType() != tensor.F32 {
		o.evalIntegers(out, in[0], math.MinInt64, func(a, b int64) int64 { return max(a, b) })
		return
	}
	round(out.F32(), o.eval(in[0], math.Inf(-1), math.Max))
}

// Grad gives each maximum an equal share of dy.
func (o ReduceMaxOp) Grad(n, dy *graph.Node) []*graph.Node { return o.gradToEqual(n, dy) }

// gradToEqual is the gradient of a reduction that selects: the elements of x equal to the result share dy.
func (o ReduceAttrs) gradToEqual(n, dy *graph.Node) []*graph.Node {
	x := n.In(0)
	chosen := Cast(Equal(x, o.keep(n, x)), tensor.F32)
	count := graph.SumTo(chosen, o.Kept(x.Shape()))
	return []*graph.Node{Mul(chosen, Div(o.keep(dy, x), count))}
}
