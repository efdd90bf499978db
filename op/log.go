package op

import (
	"math"

	"github.com/lince-ml/lince/graph"
	"github.com/lince-ml/lince/tensor"
)

// LogOp is the natural logarithm.
type LogOp struct{ unary }

// Log returns the natural logarithm of x: -Inf at 0, NaN below.
func Log(x *graph.Node) *graph.Node { return graph.Apply(LogOp{}, x) }

// Name returns "Log".
func (LogOp) Name() string { return "Log" }

// F returns the natural logarithm of x.
func (LogOp) F(x float32) float32 { return float32(math.Log(float64(x))) }

// Eval computes the reference value.
func (o LogOp) Eval(out *tensor.Tensor, in []*tensor.Tensor) { evalUnary(out, in, o.F) }

// Grad: the derivative is 1/x.
func (LogOp) Grad(n, dy *graph.Node) []*graph.Node { return []*graph.Node{Div(dy, n.In(0))} }
