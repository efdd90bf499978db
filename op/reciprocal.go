package op

import (
	"github.com/lince-ml/lince/graph"
	"github.com/lince-ml/lince/tensor"
)

// ReciprocalOp is 1/x.
type ReciprocalOp struct{ unary }

// Reciprocal returns 1/x: an infinity at 0.
func Reciprocal(x *graph.Node) *graph.Node { return graph.Apply(ReciprocalOp{}, x) }

// Name returns "Reciprocal".
func (ReciprocalOp) Name() string { return "Reciprocal" }

// F returns 1/x.
func (ReciprocalOp) F(x float32) float32 { return 1 / x }

// Eval computes the reference value.
func (o ReciprocalOp) Eval(out *tensor.Tensor, in []*tensor.Tensor) { evalUnary(out, in, o.F) }

// Grad: the derivative is -y^2.
func (ReciprocalOp) Grad(n, dy *graph.Node) []*graph.Node {
	return []*graph.Node{Neg(Mul(dy, Mul(n, n)))}
}
