package op

import (
	"github.com/lince-ml/lince/graph"
	"github.com/lince-ml/lince/tensor"
)

// HardSwishOp is x*clip(x+3, 0, 6)/6.
type HardSwishOp struct{ unary }

// HardSwish returns x*clip(x+3, 0, 6)/6 (Howard et al. 2019, section 5.2). NaN stays NaN.
func HardSwish(x *graph.Node) *graph.Node { return graph.Apply(HardSwishOp{}, x) }

// Name returns "HardSwish".
func (HardSwishOp) Name() string { return "HardSwish" }

// F returns x*clip(x+3, 0, 6)/6.
func (HardSwishOp) F(x float32) float32 {
	switch {
	case x <= -3:
		return 0
	case x >= 3:
		return x
	}
	return x * (x + 3) / 6
}

// Eval computes the reference value.
func (o HardSwishOp) Eval(out *tensor.Tensor, in []*tensor.Tensor) { evalUnary(out, in, o.F) }

// Grad: the derivative is (2x+3)/6 between the kinks; at -3 it is taken as 0, at 3 as 1.
func (HardSwishOp) Grad(n, dy *graph.Node) []*graph.Node {
	return []*graph.Node{graph.Apply(HardSwishGradOp{}, dy, n.In(0))}
}

// HardSwishGradOp is dy times the derivative of HardSwish; its inputs are dy and x, the input of HardSwish.
type HardSwishGradOp struct{ unaryGrad }

// Name returns "HardSwishGrad".
func (HardSwishGradOp) Name() string { return "HardSwishGrad" }

// F returns 0 for x <= -3, dy for x >= 3, else dy*(2x+3)/6.
func (HardSwishGradOp) F(dy, x float32) float32 {
	switch {
	case x <= -3:
		return 0
	case x >= 3:
		return dy
	}
	return dy * (2*x + 3) / 6
}

// Eval computes the reference value.
func (o HardSwishGradOp) Eval(out *tensor.Tensor, in []*tensor.Tensor) { evalBinary(out, in, o.F) }

// Grad: linear in dy; the derivative by x is dy/3 between the kinks.
func (HardSwishGradOp) Grad(n, ddy *graph.Node) []*graph.Node {
	dy, x := n.In(0), n.In(1)
	slope := Mul(Mul(ddy, dy), scalar(n, 1.0/3))
	return []*graph.Node{
		graph.Apply(HardSwishGradOp{}, ddy, x),
		graph.Apply(ClipGradOp{Lo: -3, Hi: 3}, slope, x),
	}
}
