package op

import (
	"github.com/lince-ml/lince/graph"
	"github.com/lince-ml/lince/tensor"
)

// BatchNormTrainingOp normalises each channel with the mean and variance of the batch itself.
type BatchNormTrainingOp struct{ Eps float32 }

// BatchNormTraining returns the value of [BatchNorm] (Ioffe & Szegedy 2015, Algorithm 1, lines 3 and 4), where mean and
// variance must be BatchMean(x) and BatchVariance(x, mean): the gradient with respect to x includes the paths through them, so they
// get none of their own.
func BatchNormTraining(x, scale, bias, mean, variance *graph.Node, eps float32) *graph.Node {
	return graph.Apply(BatchNormTrainingOp{eps}, x, scale, bias, mean, variance)
}

// Name returns "BatchNormTraining".
func (BatchNormTrainingOp) Name() string { return "BatchNormTraining" }

// Infer returns x's type.
func (o BatchNormTrainingOp) Infer(in []graph.Type) (graph.Type, error) {
	return inferBatchNorm(in, o.Eps)
}

// Eval computes in float64.
func (o BatchNormTrainingOp) Eval(out *tensor.Tensor, in []*tensor.Tensor) {
	evalBatchNorm(out, in, o.Eps)
}

// Decompose emits a factor and a shift for each channel, as BatchNorm's does.
func (o BatchNormTrainingOp) Decompose(in []*graph.Node) *graph.Node {
	return decomposeBatchNorm(in, o.Eps)
}

// Grad follows the equations below Algorithm 1, section 3 of the paper, whose three terms for x join into one.
func (o BatchNormTrainingOp) Grad(n, dy *graph.Node) []*graph.Node {
	x, scale, mean, variance := n.In(0), n.In(1), n.In(3), n.In(4)
	dscale := BatchNormGradScale(dy, x, mean, variance, o.Eps)
	dbias := collect(dy)
	dx := BatchNormGradInput(dy, x, scale, mean, variance, dscale, dbias, o.Eps)
	return []*graph.Node{dx, dscale, dbias, nil, nil}
}

// FLOPs returns a multiply-add per element.
func (BatchNormTrainingOp) FLOPs(_ []graph.Type, out graph.Type) int64 { return 2 * int64(out.Size()) }
