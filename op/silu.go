package op

import (
	"github.com/lince-ml/lince/graph"
	"github.com/lince-ml/lince/tensor"
)

// SiluOp is x*sigmoid(x).
type SiluOp struct{ unary }

// Silu returns x*sigmoid(x), also called swish (Elfwing et al. 2017; Ramachandran et al. 2017).
func Silu(x *graph.Node) *graph.Node { return graph.Apply(SiluOp{}, x) }

// Name returns "Silu".
func (SiluOp) Name() string { return "Silu" }

// F returns x*sigmoid(x).
func (SiluOp) F(x float32) float32 { return float32(float64(x) * logistic(float64(x))) }

// Eval computes the reference value.
func (o SiluOp) Eval(out *tensor.Tensor, in []*tensor.Tensor) { evalUnary(out, in, o.F) }

// Grad: with s = sigmoid(x), the derivative is s(1 + x(1-s)).
func (SiluOp) Grad(n, dy *graph.Node) []*graph.Node {
	return []*graph.Node{graph.Apply(SiluGradOp{}, dy, n.In(0))}
}

// SiluGradOp is dy*s*(1 + x(1-s)) with s = sigmoid(x); its inputs are dy and x, the input of Silu.
type SiluGradOp struct{ unaryGrad }

// Name returns "SiluGrad".
func (SiluGradOp) Name() string { return "SiluGrad" }

// F returns dy*s*(1 + x(1-s)).
func (SiluGradOp) F(dy, x float32) float32 {
	v := float64(x)
	s := logistic(v)
	return float32(float64(dy) * s * (1 + v*(1-s)))
}

// Eval computes the reference value.
func (o SiluGradOp) Eval(out *tensor.Tensor, in []*tensor.Tensor) { evalBinary(out, in, o.F) }

// Grad: linear in dy; the derivative by x is dy*s(1-s)(2 + x(1-2s)).
func (SiluGradOp) Grad(n, ddy *graph.Node) []*graph.Node {
	dy, x := n.In(0), n.In(1)
	s := Sigmoid(x)
	bend := Add(scalar(n, 2), Mul(x, Sub(scalar(n, 1), Add(s, s))))
	slope := graph.Apply(SigmoidGradOp{}, bend, s)
	return []*graph.Node{graph.Apply(SiluGradOp{}, ddy, x), Mul(Mul(ddy, dy), slope)}
}
