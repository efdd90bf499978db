package op

import (
	"math"

	"github.com/lince-ml/lince/graph"
	"github.com/lince-ml/lince/tensor"
)

// TanhOp is the hyperbolic tangent.
type TanhOp struct{ unary }

// Tanh returns the hyperbolic tangent of x.
func Tanh(x *graph.Node) *graph.Node { return graph.Apply(TanhOp{}, x) }

// Name returns "Tanh".
func (TanhOp) Name() string { return "Tanh" }

// F returns the hyperbolic tangent of x.
func (TanhOp) F(x float32) float32 { return float32(math.Tanh(float64(x))) }

// Eval computes the reference value.
func (o TanhOp) Eval(out *tensor.Tensor, in []*tensor.Tensor) { evalUnary(out, in, o.F) }

// Grad: the derivative is 1-y^2.
func (TanhOp) Grad(n, dy *graph.Node) []*graph.Node {
	return []*graph.Node{graph.Apply(TanhGradOp{}, dy, n)}
}

// TanhGradOp is dy*(1-y^2); its inputs are dy and y, the result of Tanh.
type TanhGradOp struct{ unaryGrad }

// Name returns "TanhGrad".
func (TanhGradOp) Name() string { return "TanhGrad" }

// F returns dy*(1-y^2).
func (TanhGradOp) F(dy, y float32) float32 { return dy * (1 - y*y) }

// Eval computes the reference value.
func (o TanhGradOp) Eval(out *tensor.Tensor, in []*tensor.Tensor) { evalBinary(out, in, o.F) }

// Grad: linear in dy; the derivative by y is -2 dy y.
func (TanhGradOp) Grad(n, ddy *graph.Node) []*graph.Node {
	dy, y := n.In(0), n.In(1)
	return []*graph.Node{graph.Apply(TanhGradOp{}, ddy, y), Mul(Mul(ddy, dy), Mul(y, scalar(n, -2)))}
}
