package op

import (
	"github.com/lince-ml/lince/graph"
	"github.com/lince-ml/lince/tensor"
)

// DivOp is a / b with broadcasting.
type DivOp struct{ binary }

// Div returns a / b, broadcast to a common shape. Division by 0 gives infinities, and NaN for 0/0.
func Div(a, b *graph.Node) *graph.Node { return graph.Apply(DivOp{}, a, b) }

// Name returns "Div".
func (DivOp) Name() string { return "Div" }

// F returns a / b.
func (DivOp) F(a, b float32) float32 { return a / b }

// Eval computes the reference value.
func (o DivOp) Eval(out *tensor.Tensor, in []*tensor.Tensor) { evalBinary(out, in, o.F) }

// Grad: with y = a/b, dy/da = 1/b and dy/db = -y/b.
func (DivOp) Grad(n, dy *graph.Node) []*graph.Node {
	a, b := n.In(0), n.In(1)
	da := Div(dy, b)
	return []*graph.Node{graph.SumTo(da, a.Shape()), Neg(graph.SumTo(Mul(da, n), b.Shape()))}
}
