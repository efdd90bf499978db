package op

import (
	"github.com/lince-ml/lince/graph"
	"github.com/lince-ml/lince/tensor"
)

// MulOp is a * b with broadcasting.
type MulOp struct{ arithmetic }

// Mul returns a * b, broadcast to a common shape; float32, i32, i64 and u32, where integers wrap around.
func Mul(a, b *graph.Node) *graph.Node { return graph.Apply(MulOp{}, a, b) }

// Name returns "Mul".
func (MulOp) Name() string { return "Mul" }

// F returns a * b.
func (MulOp) F(a, b float32) float32 { return a * b }

// Eval computes the reference value.
func (o MulOp) Eval(out *tensor.Tensor, in []*tensor.Tensor) {
	evalArithmetic(out, in, o.F, mul[int32], mul[int64], mul[uint32])
}

func mul[T int32 | int64 | uint32](a, b T) T { return a * b }

// Grad: d(ab) = b da + a db.
func (MulOp) Grad(n, dy *graph.Node) []*graph.Node {
	a, b := n.In(0), n.In(1)
	return []*graph.Node{graph.SumTo(Mul(dy, b), a.Shape()), graph.SumTo(Mul(dy, a), b.Shape())}
}
