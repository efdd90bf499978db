package op

import (
	"github.com/lince-ml/lince/graph"
	"github.com/lince-ml/lince/tensor"
)

// BatchNormGradScaleOp is the gradient of batch normalisation with respect to the scale.
type BatchNormGradScaleOp struct{ Eps float32 }

// BatchNormGradScale returns the sum over each channel of dy * xhat, where xhat = (x - mean) / sqrt(variance + eps): [C], from dy and x
// [N C] or [N C H W] and mean and variance [C].
func BatchNormGradScale(dy, x, mean, variance *graph.Node, eps float32) *graph.Node {
	return graph.Apply(BatchNormGradScaleOp{eps}, dy, x, mean, variance)
}

// Name returns "BatchNormGradScale".
func (BatchNormGradScaleOp) Name() string { return "BatchNormGradScale" }

// Infer returns one value for each channel.
func (o BatchNormGradScaleOp) Infer(in []graph.Type) (graph.Type, error) {
	t, err := inferBatchNormGrad(in, o.Eps, "mean", "variance")
	if err != nil {
		return graph.Type{}, err
	}
	return channelType(t), nil
}

// inferBatchNormGrad returns the type of dy and x, the first two inputs.
func inferBatchNormGrad(in []graph.Type, eps float32, vectors ...string) (graph.Type, error) {
	if err := expectChannels(in[1:], vectors...); err != nil {
		return graph.Type{}, err
	}
	if err := expectType("dy", in[0], in[1]); err != nil {
		return graph.Type{}, err
	}
	return in[1], checkEps(eps)
}

// Eval sums in float64.
func (o BatchNormGradScaleOp) Eval(out *tensor.Tensor, in []*tensor.Tensor) {
	dy, x, sum := in[0].F32(), in[1].F32(), make([]float64, out.Size())
	normalised := normaliser(in[2], in[3], o.Eps)
	eachChannel(in[1].Shape(), func(i, c int) { sum[c] += float64(dy[i]) * normalised(x[i], c) })
	round(out.F32(), sum)
}

// Grad differentiates by all four inputs as by independent ones.
func (o BatchNormGradScaleOp) Grad(n, d *graph.Node) []*graph.Node {
	dy, x, mean, variance := n.In(0), n.In(1), n.In(2), n.In(3)
	inv := inverseStd(variance, o.Eps)
	factor := Mul(d, inv)
	dvariance := Mul(Mul(Mul(factor, n), inv), scalar(n, -0.5))
	return []*graph.Node{
		Mul(centre(x, mean), spread(factor, x)),
		Mul(dy, spread(factor, x)),
		Neg(Mul(factor, collect(dy))),
		dvariance,
	}
}

// FLOPs returns three operations per element: a subtraction and a multiply-add.
func (BatchNormGradScaleOp) FLOPs(in []graph.Type, _ graph.Type) int64 {
	return 3 * int64(in[1].Size())
}
