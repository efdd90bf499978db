package op

import (
	"github.com/lince-ml/lince/graph"
	"github.com/lince-ml/lince/tensor"
)

// HardSigmoidOp is clip(Alpha*x + Beta, 0, 1).
type HardSigmoidOp struct {
	unary
	Alpha, Beta float32
}

// HardSigmoid returns clip(alpha*x + beta, 0, 1), a sigmoid of straight lines (Courbariaux, Bengio & David, "BinaryConnect", NIPS 2015,
// equation 3, has alpha = beta = 1/2; MobileNetV3 and PyTorch have alpha = 1/6, beta = 1/2). NaN stays NaN.
func HardSigmoid(x *graph.Node, alpha, beta float32) *graph.Node {
	return graph.Apply(HardSigmoidOp{Alpha: alpha, Beta: beta}, x)
}

// Name returns "HardSigmoid".
func (HardSigmoidOp) Name() string { return "HardSigmoid" }

// F returns clip(Alpha*x + Beta, 0, 1).
func (o HardSigmoidOp) F(x float32) float32 {
	y := float32(o.Alpha*x) + o.Beta
	switch {
	case y < 0:
		return 0
	case y > 1:
		return 1
	}
	return y
}

// Eval computes the reference value.
func (o HardSigmoidOp) Eval(out *tensor.Tensor, in []*tensor.Tensor) { evalUnary(out, in, o.F) }

// Grad: the derivative is Alpha between the kinks; at them it is taken as 0.
func (o HardSigmoidOp) Grad(n, dy *graph.Node) []*graph.Node {
	return []*graph.Node{graph.Apply(HardSigmoidGradOp{Alpha: o.Alpha}, dy, n)}
}

// HardSigmoidGradOp is dy*Alpha where 0 < y < 1, else 0; its inputs are dy and y, the result of HardSigmoid.
type HardSigmoidGradOp struct {
	unaryGrad
	Alpha float32
}

// Name returns "HardSigmoidGrad".
func (HardSigmoidGradOp) Name() string { return "HardSigmoidGrad" }

// F returns dy*Alpha if 0 < y < 1, else 0.
func (o HardSigmoidGradOp) F(dy, y float32) float32 {
	if 0 < y && y < 1 {
		return dy * o.Alpha
	}
	return 0
}

// Eval computes the reference value.
func (o HardSigmoidGradOp) Eval(out *tensor.Tensor, in []*tensor.Tensor) { evalBinary(out, in, o.F) }

// Grad is linear in dy; y gets none (the derivative is 0 almost everywhere).
func (o HardSigmoidGradOp) Grad(n, ddy *graph.Node) []*graph.Node {
	return []*graph.Node{graph.Apply(o, ddy, n.In(1)), nil}
}
