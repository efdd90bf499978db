package op

import (
	"math"

	"github.com/lince-ml/lince/graph"
	"github.com/lince-ml/lince/tensor"
)

// GeluOp is x times the normal distribution function of x.
type GeluOp struct{ unary }

// Gelu returns x*Phi(x), where Phi is the distribution function of the standard normal distribution, in its exact form with
// erf (Hendrycks & Gimpel 2016).
func Gelu(x *graph.Node) *graph.Node { return graph.Apply(GeluOp{}, x) }

// Name returns "Gelu".
func (GeluOp) Name() string { return "Gelu" }

// F returns x*Phi(x).
func (GeluOp) F(x float32) float32 { return float32(float64(x) * normalCDF(float64(x))) }

// normalCDF is the distribution function of the standard normal distribution, by erfc because 1+erf loses all its digits
// at large negative x.
func normalCDF(x float64) float64 { return math.Erfc(-x/math.Sqrt2) / 2 }

func normalPDF(x float64) float64 { return math.Exp(-x*x/2) / math.Sqrt(2*math.Pi) }

// Eval computes the reference value.
func (o GeluOp) Eval(out *tensor.Tensor, in []*tensor.Tensor) { evalUnary(out, in, o.F) }

// Grad: the derivative is Phi(x) + x*phi(x), with the density phi.
func (GeluOp) Grad(n, dy *graph.Node) []*graph.Node {
	return []*graph.Node{graph.Apply(GeluGradOp{}, dy, n.In(0))}
}

// GeluGradOp is dy*(Phi(x) + x*phi(x)); its inputs are dy and x, the input of Gelu.
type GeluGradOp struct{ unaryGrad }

// Name returns "GeluGrad".
func (GeluGradOp) Name() string { return "GeluGrad" }

// F returns dy*(Phi(x) + x*phi(x)).
func (GeluGradOp) F(dy, x float32) float32 {
	v := float64(x)
	return float32(float64(dy) * (normalCDF(v) + v*normalPDF(v)))
}

// Eval computes the reference value.
func (o GeluGradOp) Eval(out *tensor.Tensor, in []*tensor.Tensor) { evalBinary(out, in, o.F) }

// Grad: linear in dy; the derivative by x is dy*phi(x)*(2-x^2).
func (GeluGradOp) Grad(n, ddy *graph.Node) []*graph.Node {
	dy, x := n.In(0), n.In(1)
	square := Mul(x, x)
	density := Mul(Exp(Mul(square, scalar(n, -0.5))), scalar(n, 1/math.Sqrt(2*math.Pi)))
	slope := Mul(density, Sub(scalar(n, 2), square))
	return []*graph.Node{graph.Apply(GeluGradOp{}, ddy, x), Mul(Mul(ddy, dy), slope)}
}
