package op

import (
	"github.com/lince-ml/lince/graph"
	"github.com/lince-ml/lince/tensor"
)

// ReduceProdOp is the product over some dimensions.
type ReduceProdOp struct{ ReduceAttrs }

// ReduceProd returns the product of x over axes (none: all; negative ones count from the end), which it removes or, with
// keepDims, leaves with size 1; float32, i32, i64 and u32, where integers wrap around. The product of no elements is 1.
func ReduceProd(x *graph.Node, keepDims bool, axes ...int) *graph.Node {
	return graph.Apply(ReduceProdOp{reduceAttrs("ReduceProd", x, keepDims, axes)}, x)
}

// Name returns "ReduceProd".
func (ReduceProdOp) Name() string { return "ReduceProd" }

// Eval multiplies in float64, integers in int64.
func (o ReduceProdOp) Eval(out *tensor.Tensor, in []*tensor.Tensor) {
	if out.DType() != tensor.F32 {
		o.evalIntegers(out, in[0], 1, func(product, x int64) int64 { return product * x })
		return
	}
	round(out.F32(), o.eval(in[0], 1, func(product, x float64) float64 { return product * x }))
}

// Grad: the derivative by an element is the product of the others. It is the product of all that are not 0 divided by the
// element (by 1 for a 0), if none of the others is 0. This is exact; differentiated again it is so only without zeros.
func (o ReduceProdOp) Grad(n, dy *graph.Node) []*graph.Node {
	x := n.In(0)
	zero := scalar(x, 0)
	isZero := Equal(x, zero)
	factor := Where(isZero, scalar(x, 1), x)
	product := graph.Apply(ReduceProdOp{ReduceAttrs{o.Axes, true}}, factor)
	zeros := Cast(isZero, tensor.F32)
	otherZeros := Sub(graph.SumTo(zeros, o.Kept(x.Shape())), zeros)
	others := Where(Equal(otherZeros, zero), Div(product, factor), zero)
	return []*graph.Node{Mul(others, o.keep(dy, x))}
}
