package op

import (
	"math"

	"github.com/lince-ml/lince/graph"
	"github.com/lince-ml/lince/tensor"
)

// AbsOp is the absolute value.
type AbsOp struct{ unary }

// Abs returns the absolute value of x.
func Abs(x *graph.Node) *graph.Node { return graph.Apply(AbsOp{}, x) }

// Name returns "Abs".
func (AbsOp) Name() string { return "Abs" }

// F returns |x|.
func (AbsOp) F(x float32) float32 { return float32(math.Abs(float64(x))) }

// Eval computes the reference value.
func (o AbsOp) Eval(out *tensor.Tensor, in []*tensor.Tensor) { evalUnary(out, in, o.F) }

// Grad: the derivative is the sign, taken as 0 at 0.
func (AbsOp) Grad(n, dy *graph.Node) []*graph.Node { return []*graph.Node{Mul(dy, Sign(n.In(0)))} }
