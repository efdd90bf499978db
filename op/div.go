package op

import (
	"github.com/lince-ml/lince/graph"
	"github.com/lince-ml/lince/tensor"
)

// DivOp is a / b with broadcasting.
type DivOp struct{ arithmetic }

// Div returns a / b, broadcast to a common shape; float32, i32, i64 and u32. Division by 0 gives infinities, and NaN for 0/0. Quotients of
// integers are rounded toward 0, and 0 where b is 0.
func Div(a, b *graph.Node) *graph.Node { return graph.Apply(DivOp{}, a, b) }

// Name returns "Div".
func (DivOp) Name() string { return "Div" }

// F returns a / b.
func (DivOp) F(a, b float32) float32 { return a / b }

// Eval computes the reference value.
func (o DivOp) Eval(out *tensor.Tensor, in []*tensor.Tensor) {
	evalArithmetic(out, in, o.F, quotient[int32], quotient[int64], quotient[uint32])
}

func quotient[T int32 | int64 | uint32](a, b T) T {
	if b == 0 {
		return 0
	}
	return a / b
}

// Grad: with y = a/b, dy/da = 1/b and dy/db = -y/b.
func (DivOp) Grad(n, dy *graph.Node) []*graph.Node {
	a, b := n.In(0), n.In(1)
	da := Div(dy, b)
	return []*graph.Node{graph.SumTo(da, a.Shape()), Neg(graph.SumTo(Mul(da, n), b.Shape()))}
}
