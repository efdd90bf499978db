package op

import (
	"github.com/lince-ml/lince/graph"
	"github.com/lince-ml/lince/tensor"
)

// SignOp is the sign of x.
type SignOp struct{ unary }

// Sign returns -1, 0 or 1, whichever has the sign of x. NaN stays NaN.
func Sign(x *graph.Node) *graph.Node { return graph.Apply(SignOp{}, x) }

// Name returns "Sign".
func (SignOp) Name() string { return "Sign" }

// F returns the sign of x.
func (SignOp) F(x float32) float32 {
	switch {
	case x > 0:
		return 1
	case x < 0:
		return -1
	}
	return x // 0 or NaN
}

// Eval computes the reference value.
func (o SignOp) Eval(out *tensor.Tensor, in []*tensor.Tensor) { evalUnary(out, in, o.F) }

// Grad returns nil: the derivative is 0 wherever there is one.
func (SignOp) Grad(_, _ *graph.Node) []*graph.Node { return nil }
