package op

import (
	"math"

	"github.com/lince-ml/lince/graph"
	"github.com/lince-ml/lince/tensor"
)

// ExpOp is e to the power x.
type ExpOp struct{ unary }

// Exp returns e to the power x.
func Exp(x *graph.Node) *graph.Node { return graph.Apply(ExpOp{}, x) }

// Name returns "Exp".
func (ExpOp) Name() string { return "Exp" }

// F returns e to the power x.
func (ExpOp) F(x float32) float32 { return float32(math.Exp(float64(x))) }

// Eval computes the reference value.
func (o ExpOp) Eval(out *tensor.Tensor, in []*tensor.Tensor) { evalUnary(out, in, o.F) }

// Grad: the derivative is the result itself.
func (ExpOp) Grad(n, dy *graph.Node) []*graph.Node { return []*graph.Node{Mul(dy, n)} }
