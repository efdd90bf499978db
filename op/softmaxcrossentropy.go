package op

import (
	"fmt"
	"math"

	"github.com/lince-ml/lince/graph"
	"github.com/lince-ml/lince/tensor"
)

// SoftmaxCrossEntropyOp is the cross-entropy of the softmax of logits and class labels.
type SoftmaxCrossEntropyOp struct{ Smoothing float32 }

// SoftmaxCrossEntropy returns the loss of each sample, [N], from logits f32[N C] and labels i32[N]:
//
//	-(1-smoothing) log p[label] - smoothing/C * sum over c of log p[c],  p = Softmax(logits)
//
// the cross-entropy with the label's one-hot vector mixed with the uniform distribution (Szegedy et al. 2016, "Rethinking the
// Inception architecture", section 7). A label that is no class, less than 0 or C or more, gives NaN.
func SoftmaxCrossEntropy(logits, labels *graph.Node, smoothing float32) *graph.Node {
	return graph.Apply(SoftmaxCrossEntropyOp{smoothing}, logits, labels)
}

// Name returns "SoftmaxCrossEntropy".
func (SoftmaxCrossEntropyOp) Name() string { return "SoftmaxCrossEntropy" }

// Infer checks the shapes and the smoothing.
func (o SoftmaxCrossEntropyOp) Infer(in []graph.Type) (graph.Type, error) {
	if err := expect(in, "logits f32[N C]", "labels i32[N]"); err != nil {
		return graph.Type{}, err
	}
	n := in[0].Shape.Dim(0)
	if err := expectType("labels", in[1], graph.TypeOf(tensor.I32, n)); err != nil {
		return graph.Type{}, err
	}
	if !(o.Smoothing >= 0 && o.Smoothing <= 1) {
		return graph.Type{}, fmt.Errorf("smoothing %v, 0 to 1 expected", o.Smoothing)
	}
	return graph.F32(n), nil
}

// Eval computes in float64.
func (o SoftmaxCrossEntropyOp) Eval(out *tensor.Tensor, in []*tensor.Tensor) {
	x, c := in[0].F32(), in[0].Shape().Dim(1)
	for i, label := range in[1].I32() {
		out.F32()[i] = float32(o.sample(x[i*c:(i+1)*c], label))
	}
}

// sample returns the loss of one sample.
func (o SoftmaxCrossEntropyOp) sample(x []float32, label int32) float64 {
	if label < 0 || int(label) >= len(x) {
		return math.NaN()
	}
	logSum, sum := logSumExp(x, 0, len(x), 1), 0.0
	if s := float64(o.Smoothing); s > 0 {
		for _, v := range x {
			sum += s / float64(len(x)) * (logSum - float64(v))
		}
	}
	return sum + (1-float64(o.Smoothing))*(logSum-float64(x[label]))
}

// Grad: the labels have no derivative.
func (o SoftmaxCrossEntropyOp) Grad(n, dy *graph.Node) []*graph.Node {
	return []*graph.Node{SoftmaxCrossEntropyGrad(dy, n.In(0), n.In(1), o.Smoothing), nil}
}

// FLOPs counts the maximum, difference, exponential and sum of each logit, as Softmax does.
func (SoftmaxCrossEntropyOp) FLOPs(in []graph.Type, _ graph.Type) int64 {
	return 4 * int64(in[0].Size())
}

// SoftmaxCrossEntropyGradOp is the gradient of SoftmaxCrossEntropy with respect to the logits.
type SoftmaxCrossEntropyGradOp struct{ Smoothing float32 }

// SoftmaxCrossEntropyGrad returns dy[n] (Softmax(logits)[n c] - (1-smoothing) [c = label] - smoothing/C), [N C], from dy f32[N], logits
// f32[N C] and labels i32[N]. A label that is no class gives NaN for its sample.
func SoftmaxCrossEntropyGrad(dy, logits, labels *graph.Node, smoothing float32) *graph.Node {
	return graph.Apply(SoftmaxCrossEntropyGradOp{smoothing}, dy, logits, labels)
}

// Name returns "SoftmaxCrossEntropyGrad".
func (SoftmaxCrossEntropyGradOp) Name() string { return "SoftmaxCrossEntropyGrad" }

// Infer checks that dy has the type of the loss.
func (o SoftmaxCrossEntropyGradOp) Infer(in []graph.Type) (graph.Type, error) {
	return inferLossGrad(SoftmaxCrossEntropyOp(o), in)
}

// inferLossGrad is the type rule of the gradient, from dy, the logits and the target, of a loss.
func inferLossGrad(loss graph.Op, in []graph.Type) (graph.Type, error) {
	y, err := loss.Infer(in[1:])
	if err == nil {
		err = expectType("dy", in[0], y)
	}
	if err != nil {
		return graph.Type{}, err
	}
	return in[1], nil
}

// Eval computes in float64.
func (o SoftmaxCrossEntropyGradOp) Eval(out *tensor.Tensor, in []*tensor.Tensor) {
	dy, x, c := in[0].F32(), in[1].F32(), out.Shape().Dim(1)
	for i, label := range in[2].I32() {
		o.sample(out.F32()[i*c:(i+1)*c], float64(dy[i]), x[i*c:(i+1)*c], label)
	}
}

// sample computes the gradient of one sample into dx.
func (o SoftmaxCrossEntropyGradOp) sample(dx []float32, dy float64, x []float32, label int32) {
	logSum, smoothing := logSumExp(x, 0, len(x), 1), float64(o.Smoothing)
	if label < 0 || int(label) >= len(x) {
		dy = math.NaN()
	}
	for c, v := range x {
		d := math.Exp(float64(v)-logSum) - smoothing/float64(len(x))
		if c == int(label) {
			d -= 1 - smoothing
		}
		dx[c] = float32(dy * d)
	}
}

// Grad: the op is linear in dy; the rest is the derivative of the softmax.
func (o SoftmaxCrossEntropyGradOp) Grad(n, d *graph.Node) []*graph.Node {
	dy, x, labels := n.In(0), n.In(1), n.In(2)
	unit := SoftmaxCrossEntropyGrad(graph.Expand(scalar(dy, 1), dy.Shape()), x, labels, o.Smoothing)
	return []*graph.Node{
		ReduceSum(Mul(d, unit), false, 1),
		graph.Apply(SoftmaxGradOp{1}, Mul(d, column(dy)), Softmax(x, 1)),
		nil,
	}
}

// column returns v [N] as [N 1].
func column(v *graph.Node) *graph.Node { return Reshape(v, v.Shape().Dim(0), 1) }

// FLOPs counts six operations for each logit: those of the softmax, and a difference and a product.
func (SoftmaxCrossEntropyGradOp) FLOPs(_ []graph.Type, out graph.Type) int64 {
	return 6 * int64(out.Size())
}
