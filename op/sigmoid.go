package op

import (
	"math"

	"github.com/lince-ml/lince/graph"
	"github.com/lince-ml/lince/tensor"
)

// SigmoidOp is 1/(1+exp(-x)).
type SigmoidOp struct{ unary }

// Sigmoid returns the logistic function 1/(1+exp(-x)).
func Sigmoid(x *graph.Node) *graph.Node { return graph.Apply(SigmoidOp{}, x) }

// Name returns "Sigmoid".
func (SigmoidOp) Name() string { return "Sigmoid" }

// F returns 1/(1+exp(-x)).
func (SigmoidOp) F(x float32) float32 { return float32(logistic(float64(x))) }

func logistic(x float64) float64 { return 1 / (1 + math.Exp(-x)) }

// Eval computes the reference value.
func (o SigmoidOp) Eval(out *tensor.Tensor, in []*tensor.Tensor) { evalUnary(out, in, o.F) }

// Grad: the derivative is y(1-y).
func (SigmoidOp) Grad(n, dy *graph.Node) []*graph.Node {
	return []*graph.Node{graph.Apply(SigmoidGradOp{}, dy, n)}
}

// SigmoidGradOp is dy*y*(1-y); its inputs are dy and y, the result of Sigmoid.
type SigmoidGradOp struct{ unaryGrad }

// Name returns "SigmoidGrad".
func (SigmoidGradOp) Name() string { return "SigmoidGrad" }

// F returns dy*y*(1-y).
func (SigmoidGradOp) F(dy, y float32) float32 { return dy * y * (1 - y) }

// Eval computes the reference value.
func (o SigmoidGradOp) Eval(out *tensor.Tensor, in []*tensor.Tensor) { evalBinary(out, in, o.F) }

// Grad: linear in dy; the derivative by y is dy(1-2y).
func (SigmoidGradOp) Grad(n, ddy *graph.Node) []*graph.Node {
	dy, y := n.In(0), n.In(1)
	slope := Sub(scalar(n, 1), Add(y, y))
	return []*graph.Node{graph.Apply(SigmoidGradOp{}, ddy, y), Mul(Mul(ddy, dy), slope)}
}
