package op

import (
	"math"

	"github.com/lince-ml/lince/graph"
	"github.com/lince-ml/lince/tensor"
)

// SoftplusOp is log(1+exp(x)).
type SoftplusOp struct{ unary }

// Softplus returns log(1+exp(x)), a smooth form of Relu (Dugas et al. 2001), computed so that it does not overflow.
func Softplus(x *graph.Node) *graph.Node { return graph.Apply(SoftplusOp{}, x) }

// Name returns "Softplus".
func (SoftplusOp) Name() string { return "Softplus" }

// F returns log(1+exp(x)).
func (SoftplusOp) F(x float32) float32 {
	v := float64(x)
	return float32(math.Max(v, 0) + math.Log1p(math.Exp(-math.Abs(v))))
}

// Eval computes the reference value.
func (o SoftplusOp) Eval(out *tensor.Tensor, in []*tensor.Tensor) { evalUnary(out, in, o.F) }

// Grad: the derivative is the logistic function.
func (SoftplusOp) Grad(n, dy *graph.Node) []*graph.Node {
	return []*graph.Node{Mul(dy, Sigmoid(n.In(0)))}
}
