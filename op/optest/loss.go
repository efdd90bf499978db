package optest

import (
	"math"
	"math/rand/v2"

	"github.com/lince-ml/lince/graph"
	"github.com/lince-ml/lince/op"
	"github.com/lince-ml/lince/tensor"
)

func init() {
	add(
		pointLoss("SquaredError", op.SquaredErrorOp{}, -2, 2),
		pointLoss("BCEWithLogits", op.BCEWithLogitsOp{}, 0, 1),
		pointLoss("SmoothL1", op.SmoothL1Op{Beta: 0.5}, -2, 2),
		pointLoss("SmoothL1/absolute", op.SmoothL1Op{}, 2.1, 3), // away from x, where it has a kink
		classLoss("SoftmaxCrossEntropy", 0), classLoss("SoftmaxCrossEntropy/smoothed", 0.1),
		classLossGrad("SoftmaxCrossEntropyGrad", 0), classLossGrad("SoftmaxCrossEntropyGrad/smoothed", 0.1),
		Case{Name: "SoftmaxCrossEntropySoft", Tol: 5e-6, GradTol: 0.01, Make: func(r *rand.Rand) (graph.Op, []*tensor.Tensor) {
			_, x, t := logits(r)
			return op.SoftmaxCrossEntropySoftOp{}, tensors(x, t)
		}},
		Case{Name: "SoftmaxCrossEntropySoftGrad", Tol: 5e-6, GradTol: 0.01, Make: func(r *rand.Rand) (graph.Op, []*tensor.Tensor) {
			dy, x, t := logits(r)
			return op.SoftmaxCrossEntropySoftGradOp{}, tensors(dy, x, t)
		}},
	)
	example(
		Example{"SquaredError", op.SquaredErrorOp{}, tensors(vec(1, -2), vec(3, 1)), vec(4, 9), 0},
		Example{"BCEWithLogits", op.BCEWithLogitsOp{}, tensors(vec(0, float32(math.Log(3)), 1000, -1000, 1000), vec(0.3, 1, 1, 1, 0)),
			vec(math.Ln2, float32(-math.Log(0.75)), 0, 1000, 1000), 1e-7},
		Example{"SmoothL1", op.SmoothL1Op{Beta: 2}, tensors(vec(1, 2, -3), vec(0, 0, 0)), vec(0.25, 1, 2), 0},
		Example{"SmoothL1/absolute", op.SmoothL1Op{}, tensors(vec(1, 2, -3), vec(0, 2, 0)), vec(1, 0, 3), 0},
	)
	addClassExamples()
}

// addClassExamples adds examples whose softmax is 1/8, 2/8, 5/8.
func addClassExamples() {
	log := func(v float64) float32 { return float32(math.Log(v)) }
	row := func(values ...float32) *tensor.Tensor { return tensor.Of(tensor.ShapeOf(1, len(values)), values...) }
	label := func(l int32) *tensor.Tensor { return tensor.Of(tensor.ShapeOf(1), l) }
	x := row(0, log(2), log(5))
	smoothed := 0.7*math.Log(4) + 0.1*(math.Log(8)+math.Log(4)+math.Log(1.6))
	example(
		Example{"SoftmaxCrossEntropy", op.SoftmaxCrossEntropyOp{}, tensors(x, label(1)), vec(log(4)), 1e-7},
		Example{"SoftmaxCrossEntropy/smoothed", op.SoftmaxCrossEntropyOp{Smoothing: 0.3}, tensors(x, label(1)), vec(float32(smoothed)), 1e-7},
		Example{"SoftmaxCrossEntropy/large", op.SoftmaxCrossEntropyOp{}, tensors(row(1000, -1000), label(1)), vec(2000), 0},
		Example{"SoftmaxCrossEntropy/impossible class", op.SoftmaxCrossEntropyOp{}, tensors(row(0, -inf), label(0)), vec(0), 0},
		Example{"SoftmaxCrossEntropy/no such class", op.SoftmaxCrossEntropyOp{}, tensors(x, label(3)), vec(nan), 0},
		Example{"SoftmaxCrossEntropy/negative label", op.SoftmaxCrossEntropyOp{}, tensors(x, label(-1)), vec(nan), 0},
		Example{"SoftmaxCrossEntropyGrad", op.SoftmaxCrossEntropyGradOp{}, tensors(vec(8), x, label(1)), row(1, -6, 5), 2e-7},
		Example{"SoftmaxCrossEntropyGrad/smoothed", op.SoftmaxCrossEntropyGradOp{Smoothing: 0.3}, tensors(vec(8), x, label(1)),
			row(0.2, -4.4, 4.2), 2e-7},
		Example{"SoftmaxCrossEntropyGrad/no such class", op.SoftmaxCrossEntropyGradOp{}, tensors(vec(8), x, label(3)), row(nan, nan, nan), 0},
		Example{"SoftmaxCrossEntropySoft", op.SoftmaxCrossEntropySoftOp{}, tensors(x, row(0.5, 0.5, 0)), vec(log(32) / 2), 1e-7},
		Example{"SoftmaxCrossEntropySoftGrad", op.SoftmaxCrossEntropySoftGradOp{}, tensors(vec(8), x, row(0.5, 0.25, 0.25)), row(-3, 0, 3), 2e-7},
		Example{"SoftmaxCrossEntropySoftGrad/sum 2", op.SoftmaxCrossEntropySoftGradOp{}, tensors(vec(8), x, row(2, 0, 0)), row(-14, 4, 10), 2e-7},
	)
}

// pointLoss is the case of a loss of each element, with x in [-2, 2) and targets in [lo, hi).
func pointLoss(name string, o graph.Op, lo, hi float64) Case {
	return Case{Name: name, Tol: 2e-6, GradTol: 0.01, Make: func(r *rand.Rand) (graph.Op, []*tensor.Tensor) {
		dims := RandShape(r, 1+r.IntN(4), 5).Dims()
		return o, tensors(Rand(r, -2, 2, dims...), Rand(r, lo, hi, dims...))
	}}
}

// logits returns the gradients of losses [N], and logits and soft targets [N C].
func logits(r *rand.Rand) (dy, x, t *tensor.Tensor) {
	n, c := 1+r.IntN(5), 2+r.IntN(20)
	return Rand(r, -1, 1.5, n), Rand(r, -3, 3, n, c), Rand(r, 0, 1, n, c)
}

func classLoss(name string, smoothing float32) Case {
	return Case{Name: name, Tol: 5e-6, GradTol: 0.01, Make: func(r *rand.Rand) (graph.Op, []*tensor.Tensor) {
		_, x, _ := logits(r)
		labels := Ints(r, tensor.I32, x.Shape().Dim(1), tensor.ShapeOf(x.Shape().Dim(0)))
		return op.SoftmaxCrossEntropyOp{Smoothing: smoothing}, tensors(x, labels)
	}}
}

func classLossGrad(name string, smoothing float32) Case {
	return Case{Name: name, Tol: 5e-6, GradTol: 0.01, Make: func(r *rand.Rand) (graph.Op, []*tensor.Tensor) {
		dy, x, _ := logits(r)
		labels := Ints(r, tensor.I32, x.Shape().Dim(1), tensor.ShapeOf(x.Shape().Dim(0)))
		return op.SoftmaxCrossEntropyGradOp{Smoothing: smoothing}, tensors(dy, x, labels)
	}}
}
