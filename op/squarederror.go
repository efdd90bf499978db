package op

import (
	"github.com/lince-ml/lince/graph"
	"github.com/lince-ml/lince/tensor"
)

// SquaredErrorOp is (x - target)².
type SquaredErrorOp struct{ loss }

// SquaredError returns (x - target)² for each element; both have one shape.
func SquaredError(x, target *graph.Node) *graph.Node {
	return graph.Apply(SquaredErrorOp{}, x, target)
}

// Name returns "SquaredError".
func (SquaredErrorOp) Name() string { return "SquaredError" }

// F returns (x - t)².
func (SquaredErrorOp) F(x, t float32) float32 { return (x - t) * (x - t) }

// Eval computes the reference value.
func (o SquaredErrorOp) Eval(out *tensor.Tensor, in []*tensor.Tensor) { evalBinary(out, in, o.F) }

// Grad: the derivative by x is 2(x - target), that by the target its negative.
func (SquaredErrorOp) Grad(n, dy *graph.Node) []*graph.Node {
	dx := Mul(Mul(dy, scalar(dy, 2)), Sub(n.In(0), n.In(1)))
	return []*graph.Node{dx, Neg(dx)}
}
