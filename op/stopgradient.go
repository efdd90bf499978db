package op

import (
	"github.com/lince-ml/lince/graph"
	"github.com/lince-ml/lince/tensor"
)

// StopGradientOp is x, taken as constant by what differentiates.
type StopGradientOp struct{ unary }

// StopGradient returns x, which gets no gradient from what reads the result: for a target that the network itself has computed.
func StopGradient(x *graph.Node) *graph.Node { return graph.Apply(StopGradientOp{}, x) }

// Name returns "StopGradient".
func (StopGradientOp) Name() string { return "StopGradient" }

// F returns x.
func (StopGradientOp) F(x float32) float32 { return x }

// Eval copies.
func (StopGradientOp) Eval(out *tensor.Tensor, in []*tensor.Tensor) { copy(out.Bytes(), in[0].Bytes()) }

// Grad returns nil.
func (StopGradientOp) Grad(_, _ *graph.Node) []*graph.Node { return nil }
