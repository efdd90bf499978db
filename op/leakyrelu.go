package op

import (
	"github.com/lince-ml/lince/graph"
	"github.com/lince-ml/lince/tensor"
)

// LeakyReluOp is x where x > 0, else Alpha*x.
type LeakyReluOp struct {
	unary
	Alpha float32
}

// LeakyRelu returns x where x > 0, else alpha*x (Maas et al. 2013). NaN stays NaN.
func LeakyRelu(x *graph.Node, alpha float32) *graph.Node {
	return graph.Apply(LeakyReluOp{Alpha: alpha}, x)
}

// Name returns "LeakyRelu".
func (LeakyReluOp) Name() string { return "LeakyRelu" }

// F returns x if x > 0, else Alpha*x.
func (o LeakyReluOp) F(x float32) float32 {
	if x > 0 {
		return x
	}
	return o.Alpha * x
}

// Eval computes the reference value.
func (o LeakyReluOp) Eval(out *tensor.Tensor, in []*tensor.Tensor) { evalUnary(out, in, o.F) }

// Grad: the derivative is 1 where x > 0, else Alpha.
func (o LeakyReluOp) Grad(n, dy *graph.Node) []*graph.Node {
	return []*graph.Node{graph.Apply(LeakyReluGradOp{Alpha: o.Alpha}, dy, n.In(0))}
}

// LeakyReluGradOp is dy where x > 0, else Alpha*dy; its inputs are dy and x, the input of LeakyRelu.
type LeakyReluGradOp struct {
	unaryGrad
	Alpha float32
}

// Name returns "LeakyReluGrad".
func (LeakyReluGradOp) Name() string { return "LeakyReluGrad" }

// F returns dy if x > 0, else Alpha*dy.
func (o LeakyReluGradOp) F(dy, x float32) float32 {
	if x > 0 {
		return dy
	}
	return o.Alpha * dy
}

// Eval computes the reference value.
func (o LeakyReluGradOp) Eval(out *tensor.Tensor, in []*tensor.Tensor) { evalBinary(out, in, o.F) }

// Grad is linear in dy; x gets none (the derivative is 0 almost everywhere).
func (o LeakyReluGradOp) Grad(n, ddy *graph.Node) []*graph.Node {
	return []*graph.Node{graph.Apply(o, ddy, n.In(1)), nil}
}
