package op

import (
	"github.com/lince-ml/lince/graph"
	"github.com/lince-ml/lince/tensor"
)

// ReduceSumOp is the sum over some dimensions.
type ReduceSumOp struct{ ReduceAttrs }

// ReduceSum returns the sum of x over axes (none: all; negative ones count from the end), which it removes or, with
// keepDims, leaves with size 1; float32, i32, i64 and u32, where integers wrap around. The sum of no elements is 0.
func ReduceSum(x *graph.Node, keepDims bool, axes ...int) *graph.Node {
	return graph.Apply(ReduceSumOp{reduceAttrs("ReduceSum", x, keepDims, axes)}, x)
}

// Name returns "ReduceSum".
func (ReduceSumOp) Name() string { return "ReduceSum" }

// Eval sums in float64, integers in int64.
func (o ReduceSumOp) Eval(out *tensor.Tensor, in []*tensor.Tensor) {
	if out.DType() != tensor.F32 {
		o.evalIntegers(out, in[0], 0, func(sum, x int64) int64 { return sum + x })
		return
	}
	round(out.F32(), o.eval(in[0], 0, func(sum, x float64) float64 { return sum + x }))
}

// Grad repeats dy.
func (o ReduceSumOp) Grad(n, dy *graph.Node) []*graph.Node {
	x := n.In(0)
	return []*graph.Node{graph.Expand(o.keep(dy, x), x.Shape())}
}
