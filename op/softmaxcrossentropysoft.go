package op

import (
	"math"

	"github.com/lince-ml/lince/graph"
	"github.com/lince-ml/lince/tensor"
)

// SoftmaxCrossEntropySoftOp is the cross-entropy of the softmax of logits and target probabilities.
type SoftmaxCrossEntropySoftOp struct{}

// SoftmaxCrossEntropySoft returns the loss of each sample, minus the sum over c of target[n c] log Softmax(logits)[n c]: [N], from
// logits and target f32[N C]. The targets of a sample usually sum to 1, as they do with mixup, but need not.
func SoftmaxCrossEntropySoft(logits, target *graph.Node) *graph.Node {
	return graph.Apply(SoftmaxCrossEntropySoftOp{}, logits, target)
}

// Name returns "SoftmaxCrossEntropySoft".
func (SoftmaxCrossEntropySoftOp) Name() string { return "SoftmaxCrossEntropySoft" }

// Infer checks that logits and target have one shape.
func (SoftmaxCrossEntropySoftOp) Infer(in []graph.Type) (graph.Type, error) {
	if err := expect(in, "logits f32[N C]", "target f32[N C]"); err != nil {
		return graph.Type{}, err
	}
	return graph.F32(in[0].Shape.Dim(0)), expectType("target", in[1], in[0])
}

// Eval computes in float64.
func (SoftmaxCrossEntropySoftOp) Eval(out *tensor.Tensor, in []*tensor.Tensor) {
	x, t, c := in[0].F32(), in[1].F32(), in[0].Shape().Dim(1)
	for i := range out.F32() {
		logSum, sum := logSumExp(x, i*c, c, 1), 0.0
		for j := i * c; j < (i+1)*c; j++ {
			sum += float64(t[j]) * (logSum - float64(x[j]))
		}
		out.F32()[i] = float32(sum)
	}
}

// Grad: the derivative by the target is -log Softmax(logits).
func (SoftmaxCrossEntropySoftOp) Grad(n, dy *graph.Node) []*graph.Node {
	x, t := n.In(0), n.In(1)
	return []*graph.Node{SoftmaxCrossEntropySoftGrad(dy, x, t), Neg(Mul(LogSoftmax(x, 1), column(dy)))}
}

// FLOPs counts six operations for each logit: those of the softmax, and a multiply-add.
func (SoftmaxCrossEntropySoftOp) FLOPs(in []graph.Type, _ graph.Type) int64 {
	return 6 * int64(in[0].Size())
}

// SoftmaxCrossEntropySoftGradOp is the gradient of SoftmaxCrossEntropySoft with respect to the logits.
type SoftmaxCrossEntropySoftGradOp struct{}

// SoftmaxCrossEntropySoftGrad returns dy[n] (T Softmax(logits)[n c] - target[n c]), [N C], where T is the sum of the sample's targets,
// from dy f32[N] and logits and target f32[N C].
func SoftmaxCrossEntropySoftGrad(dy, logits, target *graph.Node) *graph.Node {
	return graph.Apply(SoftmaxCrossEntropySoftGradOp{}, dy, logits, target)
}

// Name returns "SoftmaxCrossEntropySoftGrad".
func (SoftmaxCrossEntropySoftGradOp) Name() string { return "SoftmaxCrossEntropySoftGrad" }

// Infer checks that dy has the type of the loss.
func (SoftmaxCrossEntropySoftGradOp) Infer(in []graph.Type) (graph.Type, error) {
	return inferLossGrad(SoftmaxCrossEntropySoftOp{}, in)
}

// Eval computes in float64.
func (SoftmaxCrossEntropySoftGradOp) Eval(out *tensor.Tensor, in []*tensor.Tensor) {
	dy, x, t, c := in[0].F32(), in[1].F32(), in[2].F32(), out.Shape().Dim(1)
	for i, d := range dy {
		logSum, total := logSumExp(x, i*c, c, 1), 0.0
		for _, v := range t[i*c : (i+1)*c] {
			total += float64(v)
		}
		for j := i * c; j < (i+1)*c; j++ {
			out.F32()[j] = float32(float64(d) * (total*math.Exp(float64(x[j])-logSum) - float64(t[j])))
		}
	}
}

// Grad: the op is linear in dy and in the target; the rest is the derivative of the softmax.
func (SoftmaxCrossEntropySoftGradOp) Grad(n, d *graph.Node) []*graph.Node {
	dy, x, t := n.In(0), n.In(1), n.In(2)
	unit := SoftmaxCrossEntropySoftGrad(graph.Expand(scalar(dy, 1), dy.Shape()), x, t)
	p, v := Softmax(x, 1), Mul(d, column(dy))
	return []*graph.Node{
		ReduceSum(Mul(d, unit), false, 1),
		Mul(graph.Apply(SoftmaxGradOp{1}, v, p), ReduceSum(t, true, 1)),
		Sub(ReduceSum(Mul(v, p), true, 1), v),
	}
}

// FLOPs counts eight operations for each logit: those of the softmax, two products, a sum and a difference.
func (SoftmaxCrossEntropySoftGradOp) FLOPs(_ []graph.Type, out graph.Type) int64 {
	return 8 * int64(out.Size())
}
