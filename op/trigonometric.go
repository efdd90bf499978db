package op

import (
	"math"

	"github.com/lince-ml/lince/graph"
	"github.com/lince-ml/lince/tensor"
)

// SinOp is the sine of x.
type SinOp struct{ unary }

// Sin returns the sine of x, in radians.
func Sin(x *graph.Node) *graph.Node { return graph.Apply(SinOp{}, x) }

// Name returns "Sin".
func (SinOp) Name() string { return "Sin" }

// F returns the sine of x.
func (SinOp) F(x float32) float32 { return float32(math.Sin(float64(x))) }

// Eval computes the reference value.
func (o SinOp) Eval(out *tensor.Tensor, in []*tensor.Tensor) { evalUnary(out, in, o.F) }

// Grad: dx = dy cos x.
func (SinOp) Grad(n, dy *graph.Node) []*graph.Node {
	return []*graph.Node{Mul(dy, Cos(n.In(0)))}
}

// CosOp is the cosine of x.
type CosOp struct{ unary }

// Cos returns the cosine of x, in radians.
func Cos(x *graph.Node) *graph.Node { return graph.Apply(CosOp{}, x) }

// Name returns "Cos".
func (CosOp) Name() string { return "Cos" }

// F returns the cosine of x.
func (CosOp) F(x float32) float32 { return float32(math.Cos(float64(x))) }

// Eval computes the reference value.
func (o CosOp) Eval(out *tensor.Tensor, in []*tensor.Tensor) { evalUnary(out, in, o.F) }

// Grad: dx = -dy sin x.
func (CosOp) Grad(n, dy *graph.Node) []*graph.Node {
	return []*graph.Node{Neg(Mul(dy, Sin(n.In(0))))}
}

// TanOp is the tangent of x.
type TanOp struct{ unary }

// Tan returns the tangent of x, in radians.
func Tan(x *graph.Node) *graph.Node { return graph.Apply(TanOp{}, x) }

// Name returns "Tan".
func (TanOp) Name() string { return "Tan" }

// F returns the tangent of x.
func (TanOp) F(x float32) float32 { return float32(math.Tan(float64(x))) }

// Eval computes the reference value.
func (o TanOp) Eval(out *tensor.Tensor, in []*tensor.Tensor) { evalUnary(out, in, o.F) }

// Grad: dx = dy (1 + y y).
func (TanOp) Grad(n, dy *graph.Node) []*graph.Node {
	return []*graph.Node{Mul(dy, Add(scalar(n, 1), Mul(n, n)))}
}

// AsinOp is the arc sine of x.
type AsinOp struct{ unary }

// Asin returns the arc sine of x, in radians from -pi/2 to pi/2; NaN outside -1..1.
func Asin(x *graph.Node) *graph.Node { return graph.Apply(AsinOp{}, x) }

// Name returns "Asin".
func (AsinOp) Name() string { return "Asin" }

// F returns the arc sine of x.
func (AsinOp) F(x float32) float32 { return float32(math.Asin(float64(x))) }

// Eval computes the reference value.
func (o AsinOp) Eval(out *tensor.Tensor, in []*tensor.Tensor) { evalUnary(out, in, o.F) }

// Grad: dx = dy / sqrt(1 - x x).
func (AsinOp) Grad(n, dy *graph.Node) []*graph.Node {
	x := n.In(0)
	return []*graph.Node{Div(dy, Sqrt(Sub(scalar(n, 1), Mul(x, x))))}
}

// AcosOp is the arc cosine of x.
type AcosOp struct{ unary }

// Acos returns the arc cosine of x, in radians from 0 to pi; NaN outside -1..1.
func Acos(x *graph.Node) *graph.Node { return graph.Apply(AcosOp{}, x) }

// Name returns "Acos".
func (AcosOp) Name() string { return "Acos" }

// F returns the arc cosine of x.
func (AcosOp) F(x float32) float32 { return float32(math.Acos(float64(x))) }

// Eval computes the reference value.
func (o AcosOp) Eval(out *tensor.Tensor, in []*tensor.Tensor) { evalUnary(out, in, o.F) }

// Grad: dx = -dy / sqrt(1 - x x).
func (AcosOp) Grad(n, dy *graph.Node) []*graph.Node {
	x := n.In(0)
	return []*graph.Node{Neg(Div(dy, Sqrt(Sub(scalar(n, 1), Mul(x, x)))))}
}

// AtanOp is the arc tangent of x.
type AtanOp struct{ unary }

// Atan returns the arc tangent of x, in radians from -pi/2 to pi/2.
func Atan(x *graph.Node) *graph.Node { return graph.Apply(AtanOp{}, x) }

// Name returns "Atan".
func (AtanOp) Name() string { return "Atan" }

// F returns the arc tangent of x.
func (AtanOp) F(x float32) float32 { return float32(math.Atan(float64(x))) }

// Eval computes the reference value.
func (o AtanOp) Eval(out *tensor.Tensor, in []*tensor.Tensor) { evalUnary(out, in, o.F) }

// Grad: dx = dy / (1 + x x).
func (AtanOp) Grad(n, dy *graph.Node) []*graph.Node {
	x := n.In(0)
	return []*graph.Node{Div(dy, Add(scalar(n, 1), Mul(x, x)))}
}
