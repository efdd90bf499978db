package op

import (
	"github.com/lince-ml/lince/graph"
	"github.com/lince-ml/lince/tensor"
)

// MaxOp is the larger of a and b, with broadcasting.
type MaxOp struct{ arithmetic }

// Max returns the larger of a and b, broadcast to a common shape; float32, i32, i64 and u32. It is NaN if either is NaN.
// Where a = b, each gets half of the gradient, as in PyTorch.
func Max(a, b *graph.Node) *graph.Node { return graph.Apply(MaxOp{}, a, b) }

// Name returns "Max".
func (MaxOp) Name() string { return "Max" }

// F returns the larger of a and b, or NaN.
func (MaxOp) F(a, b float32) float32 {
	if a > b || a != a {
		return a
	}
	return b
}

// Eval computes the reference value.
func (o MaxOp) Eval(out *tensor.Tensor, in []*tensor.Tensor) {
	evalArithmetic(out, in, o.F, larger[int32], larger[int64], larger[uint32])
}

func larger[T int32 | int64 | uint32](a, b T) T { return max(a, b) }

// Grad gives dy to the larger input, half to each where they are equal.
func (MaxOp) Grad(n, dy *graph.Node) []*graph.Node {
	a, b := n.In(0), n.In(1)
	return []*graph.Node{shareOf(dy, a, b, a), shareOf(dy, b, a, b)}
}

// shareOf returns dy where large > small, half of it where they are equal, 0 elsewhere, summed to the shape of to.
func shareOf(dy, large, small, to *graph.Node) *graph.Node {
	return graph.SumTo(Mul(dy, graph.Apply(MaxShareOp{}, large, small)), to.Shape())
}

// MaxShareOp is the derivative of max(a, b) with respect to a: 1 where a > b, 1/2 where a = b, 0 elsewhere.
type MaxShareOp struct{ binary }

// Name returns "MaxShare".
func (MaxShareOp) Name() string { return "MaxShare" }

// F returns 1 if a > b, 1/2 if a = b, else 0.
func (MaxShareOp) F(a, b float32) float32 {
	switch {
	case a > b:
		return 1
	case a == b:
		return 0.5
	}
	return 0
}

// Eval computes the reference value.
func (o MaxShareOp) Eval(out *tensor.Tensor, in []*tensor.Tensor) { evalBinary(out, in, o.F) }

// Grad returns nil: the derivative is 0 almost everywhere.
func (MaxShareOp) Grad(_, _ *graph.Node) []*graph.Node { return nil }
