package op

import (
	"math"

	"github.com/lince-ml/lince/graph"
	"github.com/lince-ml/lince/tensor"
)

// SinhOp is the hyperbolic sine of x.
type SinhOp struct{ unary }

// Sinh returns the hyperbolic sine of x.
func Sinh(x *graph.Node) *graph.Node { return graph.Apply(SinhOp{}, x) }

// Name returns "Sinh".
func (SinhOp) Name() string { return "Sinh" }

// F returns the hyperbolic sine of x.
func (SinhOp) F(x float32) float32 { return float32(math.Sinh(float64(x))) }

// Eval computes the reference value.
func (o SinhOp) Eval(out *tensor.Tensor, in []*tensor.Tensor) { evalUnary(out, in, o.F) }

// Grad: dx = dy cosh x.
func (SinhOp) Grad(n, dy *graph.Node) []*graph.Node {
	return []*graph.Node{Mul(dy, Cosh(n.In(0)))}
}

// CoshOp is the hyperbolic cosine of x.
type CoshOp struct{ unary }

// Cosh returns the hyperbolic cosine of x.
func Cosh(x *graph.Node) *graph.Node { return graph.Apply(CoshOp{}, x) }

// Name returns "Cosh".
func (CoshOp) Name() string { return "Cosh" }

// F returns the hyperbolic cosine of x.
func (CoshOp) F(x float32) float32 { return float32(math.Cosh(float64(x))) }

// Eval computes the reference value.
func (o CoshOp) Eval(out *tensor.Tensor, in []*tensor.Tensor) { evalUnary(out, in, o.F) }

// Grad: dx = dy sinh x.
func (CoshOp) Grad(n, dy *graph.Node) []*graph.Node {
	return []*graph.Node{Mul(dy, Sinh(n.In(0)))}
}

// AsinhOp is the inverse hyperbolic sine of x.
type AsinhOp struct{ unary }

// Asinh returns the inverse hyperbolic sine of x.
func Asinh(x *graph.Node) *graph.Node { return graph.Apply(AsinhOp{}, x) }

// Name returns "Asinh".
func (AsinhOp) Name() string { return "Asinh" }

// F returns the inverse hyperbolic sine of x.
func (AsinhOp) F(x float32) float32 { return float32(math.Asinh(float64(x))) }

// Eval computes the reference value.
func (o AsinhOp) Eval(out *tensor.Tensor, in []*tensor.Tensor) { evalUnary(out, in, o.F) }

// Grad: dx = dy / sqrt(x x + 1).
func (AsinhOp) Grad(n, dy *graph.Node) []*graph.Node {
	x := n.In(0)
	return []*graph.Node{Div(dy, Sqrt(Add(Mul(x, x), scalar(n, 1))))}
}

// AcoshOp is the inverse hyperbolic cosine of x.
type AcoshOp struct{ unary }

// Acosh returns the inverse hyperbolic cosine of x; NaN below 1.
func Acosh(x *graph.Node) *graph.Node { return graph.Apply(AcoshOp{}, x) }

// Name returns "Acosh".
func (AcoshOp) Name() string { return "Acosh" }

// F returns the inverse hyperbolic cosine of x.
func (AcoshOp) F(x float32) float32 { return float32(math.Acosh(float64(x))) }

// Eval computes the reference value.
func (o AcoshOp) Eval(out *tensor.Tensor, in []*tensor.Tensor) { evalUnary(out, in, o.F) }

// Grad: dx = dy / sqrt(x x - 1).
func (AcoshOp) Grad(n, dy *graph.Node) []*graph.Node {
	x := n.In(0)
	return []*graph.Node{Div(dy, Sqrt(Sub(Mul(x, x), scalar(n, 1))))}
}

// AtanhOp is the inverse hyperbolic tangent of x.
type AtanhOp struct{ unary }

// Atanh returns the inverse hyperbolic tangent of x; NaN outside -1..1.
func Atanh(x *graph.Node) *graph.Node { return graph.Apply(AtanhOp{}, x) }

// Name returns "Atanh".
func (AtanhOp) Name() string { return "Atanh" }

// F returns the inverse hyperbolic tangent of x.
func (AtanhOp) F(x float32) float32 { return float32(math.Atanh(float64(x))) }

// Eval computes the reference value.
func (o AtanhOp) Eval(out *tensor.Tensor, in []*tensor.Tensor) { evalUnary(out, in, o.F) }

// Grad: dx = dy / (1 - x x).
func (AtanhOp) Grad(n, dy *graph.Node) []*graph.Node {
	x := n.In(0)
	return []*graph.Node{Div(dy, Sub(scalar(n, 1), Mul(x, x)))}
}
