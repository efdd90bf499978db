package op

import (
	"github.com/lince-ml/lince/graph"
	"github.com/lince-ml/lince/tensor"
)

// NegOp is -x.
type NegOp struct{ unary }

// Neg returns -x.
func Neg(x *graph.Node) *graph.Node { return graph.Apply(NegOp{}, x) }

// Name returns "Neg".
func (NegOp) Name() string { return "Neg" }

// F returns -x.
func (NegOp) F(x float32) float32 { return -x }

// Eval computes the reference value.
func (o NegOp) Eval(out *tensor.Tensor, in []*tensor.Tensor) { evalUnary(out, in, o.F) }

// Grad: the derivative is -1.
func (NegOp) Grad(_, dy *graph.Node) []*graph.Node { return []*graph.Node{Neg(dy)} }
