package op

import (
	"github.com/lince-ml/lince/graph"
	"github.com/lince-ml/lince/tensor"
)

// MinOp is the smaller of a and b, with broadcasting.
type MinOp struct{ arithmetic }

// Min returns the smaller of a and b, broadcast to a common shape; float32, i32, i64 and u32. It is NaN if either is NaN.
// Where a = b, each gets half of the gradient, as in PyTorch.
func Min(a, b *graph.Node) *graph.Node { return graph.Apply(MinOp{}, a, b) }

// Name returns "Min".
func (MinOp) Name() string { return "Min" }

// F returns the smaller of a and b, or NaN.
func (MinOp) F(a, b float32) float32 {
	if a < b || a != a {
		return a
	}
	return b
}

// Eval computes the reference value.
func (o MinOp) Eval(out *tensor.Tensor, in []*tensor.Tensor) {
	evalArithmetic(out, in, o.F, smaller[int32], smaller[int64], smaller[uint32])
}

func smaller[T int32 | int64 | uint32](a, b T) T { return min(a, b) }

// Grad gives dy to the smaller input, half to each where they are equal.
func (MinOp) Grad(n, dy *graph.Node) []*graph.Node {
	a, b := n.In(0), n.In(1)
	return []*graph.Node{shareOf(dy, b, a, a), shareOf(dy, a, b, b)}
}
