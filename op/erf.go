package op

import (
	"math"

	"github.com/lince-ml/lince/graph"
	"github.com/lince-ml/lince/tensor"
)

// ErfOp is the error function of x.
type ErfOp struct{ unary }

// Erf returns the error function of x, 2/sqrt(pi) times the integral of exp(-t t) from 0 to x.
func Erf(x *graph.Node) *graph.Node { return graph.Apply(ErfOp{}, x) }

// Name returns "Erf".
func (ErfOp) Name() string { return "Erf" }

// F returns the error function of x.
func (ErfOp) F(x float32) float32 { return float32(math.Erf(float64(x))) }

// Eval computes the reference value.
func (o ErfOp) Eval(out *tensor.Tensor, in []*tensor.Tensor) { evalUnary(out, in, o.F) }

// Grad: dx = dy 2/sqrt(pi) exp(-x x).
func (ErfOp) Grad(n, dy *graph.Node) []*graph.Node {
	x := n.In(0)
	return []*graph.Node{Mul(dy, Mul(scalar(n, 2/math.Sqrt(math.Pi)), Exp(Neg(Mul(x, x)))))}
}
