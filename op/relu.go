package op

import (
	"github.com/lince-ml/lince/graph"
	"github.com/lince-ml/lince/tensor"
)

// ReluOp is max(x, 0).
type ReluOp struct{ unary }

// Relu returns max(x, 0) (Nair & Hinton 2010). NaN stays NaN.
func Relu(x *graph.Node) *graph.Node { return graph.Apply(ReluOp{}, x) }

// Name returns "Relu".
func (ReluOp) Name() string { return "Relu" }

// F returns max(x, 0).
func (ReluOp) F(x float32) float32 {
	if x < 0 {
		return 0
	}
	return x
}

// Eval computes the reference value.
func (o ReluOp) Eval(out *tensor.Tensor, in []*tensor.Tensor) { evalUnary(out, in, o.F) }

// Grad passes dy where the result is positive; the derivative at 0 is taken as 0.
func (ReluOp) Grad(n, dy *graph.Node) []*graph.Node {
	return []*graph.Node{graph.Apply(ReluGradOp{}, dy, n)}
}

// ReluGradOp is dy where y > 0, else 0; its inputs are dy and y, the result of Relu.
type ReluGradOp struct{ unaryGrad }

// Name returns "ReluGrad".
func (ReluGradOp) Name() string { return "ReluGrad" }

// F returns dy if y > 0, else 0.
func (ReluGradOp) F(dy, y float32) float32 {
	if y > 0 {
		return dy
	}
	return 0
}

// Eval computes the reference value.
func (o ReluGradOp) Eval(out *tensor.Tensor, in []*tensor.Tensor) { evalBinary(out, in, o.F) }

// Grad is linear in dy; y gets none (the derivative is 0 almost everywhere).
func (ReluGradOp) Grad(n, ddy *graph.Node) []*graph.Node {
	return []*graph.Node{graph.Apply(ReluGradOp{}, ddy, n.In(1)), nil}
}
