package op

import (
	"math"

	"github.com/lince-ml/lince/graph"
	"github.com/lince-ml/lince/tensor"
)

// ReduceMinOp is the minimum over some dimensions.
type ReduceMinOp struct{ ReduceAttrs }

// ReduceMin returns the minimum of x over axes (none: all; negative ones count from the end), which it removes or, with
// keepDims, leaves with size 1; float32, i32, i64 and u32. It is NaN if one of the elements is NaN. The minimum of no elements is an error.
// Equal minima get equal shares of the gradient, as in PyTorch's amin.
func ReduceMin(x *graph.Node, keepDims bool, axes ...int) *graph.Node {
	return graph.Apply(ReduceMinOp{reduceAttrs("ReduceMin", x, keepDims, axes)}, x)
}

// Name returns "ReduceMin".
func (ReduceMinOp) Name() string { return "ReduceMin" }

// Infer removes the reduced dimensions, or leaves them with size 1.
func (o ReduceMinOp) Infer(in []graph.Type) (graph.Type, error) {
	t, err := o.ReduceAttrs.Infer(in)
	if err == nil {
		err = o.notEmpty(in[0])
	}
	return t, err
}

// Eval computes the reference value; math.Min returns NaN if either argument is.
func (o ReduceMinOp) Eval(out *tensor.Tensor, in []*tensor.Tensor) {
	if out.DType() != tensor.F32 {
		o.evalIntegers(out, in[0], math.MaxInt64, func(a, b int64) int64 { return min(a, b) })
		return
	}
	round(out.F32(), o.eval(in[0], math.Inf(1), math.Min))
}

// Grad gives each minimum an equal share of dy.
func (o ReduceMinOp) Grad(n, dy *graph.Node) []*graph.Node { return o.gradToEqual(n, dy) }
