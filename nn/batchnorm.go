package nn

import (
	"fmt"

	"github.com/lince-ml/lince/graph"
	"github.com/lince-ml/lince/op"
	"github.com/lince-ml/lince/tensor"
)

type batchNorm struct {
	eps      float32
	momentum float64
	scale    Init
	noScale  bool
}

// A BatchNormOption is an option of [BatchNorm].
type BatchNormOption func(*batchNorm)

// Eps sets what is added to the variance before its root is taken, 1e-5 by default.
func Eps(v float32) BatchNormOption { return func(b *batchNorm) { b.eps = v } }

// Momentum sets the share of the batch in the running statistics, 0.1 by default.
func Momentum(v float64) BatchNormOption { return func(b *batchNorm) { b.momentum = v } }

// ScaleInit replaces the first values of "weight", by default 1. With Zeros in the last normalisation of each residual branch, a
// network begins as if it had no branches (Goyal et al., "Accurate, large minibatch SGD", 2017, section 5.1).
func ScaleInit(init Init) BatchNormOption { return func(b *batchNorm) { b.scale = init } }

// NoScale leaves out the parameter "weight": the scale is 1. Where a layer of weights follows, they can do what it does.
func NoScale(b *batchNorm) { b.noScale = true }

// BatchNorm normalises each channel of [N, C, H, W] or [N, C] to mean 0 and variance 1, then scales and shifts it by the
// parameters "weight" and "bias", [C] each (Ioffe & Szegedy 2015, Algorithm 1). In training, mean and variance are those of the
// batch, and the buffers "running_mean" and "running_var" follow them:
//
//	running = (1 - momentum) running + momentum batch
//
// with the unbiased variance (divided by n - 1), as PyTorch does. In evaluation, the running ones are used.
//
// Where the running statistics are frozen (see [Scope.Freeze]), training uses them too and leaves them, as Keras does: the weights behind
// the layer were learned for them, and the few images that a network is tuned with estimate them worse than the many that it has seen.
func BatchNorm(options ...BatchNormOption) Layer {
	b := batchNorm{eps: 1e-5, momentum: 0.1, scale: Ones}
	for _, o := range options {
		o(&b)
	}
	return b.apply
}

func (b batchNorm) apply(s Scope, x *graph.Node) *graph.Node {
	if r := x.Shape().Rank(); r != 2 && r != 4 {
		graph.Fail("BatchNorm", fmt.Errorf("x has shape %v, [N C H W] or [N C] expected", x.Shape()), x)
	}
	c := tensor.ShapeOf(x.Shape().Dim(1))
	var weight *graph.Node
	if b.noScale {
		weight = s.g.Fill(graph.F32(c.Size()), 1)
	} else {
		weight = s.Param("weight", c, b.scale)
	}
	bias := s.Param("bias", c, Zeros)
	mean, variance := s.Buffer("running_mean", c, Zeros), s.Buffer("running_var", c, Ones)
	if !s.Training() || s.Frozen("running_mean") {
		return op.BatchNorm(x, weight, bias, mean, variance, b.eps)
	}
	n := float64(x.Shape().Size()) / float64(c.Size())
	if n < 2 {
		graph.Fail("BatchNorm", fmt.Errorf("one value per channel has no variance: train with a batch of 2 or more"), x)
	}
	batchMean := op.BatchMean(x)
	batchVariance := op.BatchVariance(x, batchMean)
	b.follow(s, mean, batchMean, 1)
	b.follow(s, variance, batchVariance, n/(n-1))
	return op.BatchNormTraining(x, weight, bias, batchMean, batchVariance, b.eps)
}

// follow moves the running statistic towards the batch's, times factor.
func (b batchNorm) follow(s Scope, running, batch *graph.Node, factor float64) {
	g := running.Graph()
	old := op.Mul(running, g.Scalar(1-b.momentum))
	s.Update(running, op.Add(old, op.Mul(batch, g.Scalar(b.momentum*factor))))
}
