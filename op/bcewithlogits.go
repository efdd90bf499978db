package op

import (
	"math"

	"github.com/lince-ml/lince/graph"
	"github.com/lince-ml/lince/tensor"
)

// BCEWithLogitsOp is the binary cross-entropy of Sigmoid(x) and a target.
type BCEWithLogitsOp struct{ loss }

// BCEWithLogits returns, for each element, the cross-entropy -t log p - (1-t) log(1-p) of the probability p = Sigmoid(logits) and the
// target t in 0..1; both tensors have one shape. It is computed as max(x, 0) - x t + log(1 + exp(-|x|)), which does not overflow.
func BCEWithLogits(logits, target *graph.Node) *graph.Node {
	return graph.Apply(BCEWithLogitsOp{}, logits, target)
}

// Name returns "BCEWithLogits".
func (BCEWithLogitsOp) Name() string { return "BCEWithLogits" }

// F returns the loss of one element with logit x and target t.
func (BCEWithLogitsOp) F(x, t float32) float32 {
	v := float64(x)
	return float32(math.Max(v, 0) - v*float64(t) + math.Log1p(math.Exp(-math.Abs(v))))
}

// Eval computes the reference value.
func (o BCEWithLogitsOp) Eval(out *tensor.Tensor, in []*tensor.Tensor) { evalBinary(out, in, o.F) }

// Grad: the derivative by the logits is Sigmoid(logits) - target, that by the target -logits.
func (BCEWithLogitsOp) Grad(n, dy *graph.Node) []*graph.Node {
	x, t := n.In(0), n.In(1)
	return []*graph.Node{Mul(dy, Sub(Sigmoid(x), t)), Neg(Mul(dy, x))}
}
