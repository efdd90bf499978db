package op

import (
	"math"

	"github.com/lince-ml/lince/graph"
	"github.com/lince-ml/lince/tensor"
)

// SqrtOp is the square root.
type SqrtOp struct{ unary }

// Sqrt returns the square root of x: NaN below 0.
func Sqrt(x *graph.Node) *graph.Node { return graph.Apply(SqrtOp{}, x) }

// Name returns "Sqrt".
func (SqrtOp) Name() string { return "Sqrt" }

// F returns the square root of x.
func (SqrtOp) F(x float32) float32 { return float32(math.Sqrt(float64(x))) }

// Eval computes the reference value.
func (o SqrtOp) Eval(out *tensor.Tensor, in []*tensor.Tensor) { evalUnary(out, in, o.F) }

// Grad: the derivative is 1/(2y), infinite at 0.
func (SqrtOp) Grad(n, dy *graph.Node) []*graph.Node { return []*graph.Node{Div(dy, Add(n, n))} }
