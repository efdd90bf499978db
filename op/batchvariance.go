package op

import (
	"github.com/lince-ml/lince/graph"
	"github.com/lince-ml/lince/tensor"
)

// BatchVarianceOp is the mean square distance of each channel from a given mean.
type BatchVarianceOp struct{}

// BatchVariance returns the variance of each channel of x [N C] or [N C H W] about mean [C], which is BatchMean(x): [C]
// (Ioffe & Szegedy 2015, Algorithm 1, line 2). It is the biased one, divided by the number n of elements; running statistics
// take the unbiased one, which is n/(n-1) times as large.
func BatchVariance(x, mean *graph.Node) *graph.Node { return graph.Apply(BatchVarianceOp{}, x, mean) }

// Name returns "BatchVariance".
func (BatchVarianceOp) Name() string { return "BatchVariance" }

// Infer returns one value for each channel.
func (BatchVarianceOp) Infer(in []graph.Type) (graph.Type, error) {
	if err := expectChannels(in, "mean"); err != nil {
		return graph.Type{}, err
	}
	return channelType(in[0]), nil
}

// Eval sums in float64.
func (BatchVarianceOp) Eval(out *tensor.Tensor, in []*tensor.Tensor) {
	x, mean := in[0].F32(), in[1].F32()
	sum, m := make([]float64, out.Size()), float64(perChannel(in[0].Shape()))
	eachChannel(in[0].Shape(), func(i, c int) {
		d := float64(x[i]) - float64(mean[c])
		sum[c] += d * d / m
	})
	round(out.F32(), sum)
}

// Grad: the derivative by x is 2(x-mean)/n; that by the mean is minus its sum, which is 0 where mean is x's own.
func (BatchVarianceOp) Grad(n, dy *graph.Node) []*graph.Node {
	x, mean := n.In(0), n.In(1)
	share := Mul(dy, scalar(dy, 2/float64(perChannel(x.Shape()))))
	dx := Mul(Sub(x, spread(mean, x)), spread(share, x))
	return []*graph.Node{dx, Neg(collect(dx))}
}

// FLOPs returns three operations per element of x: a subtraction and a multiply-add.
func (BatchVarianceOp) FLOPs(in []graph.Type, _ graph.Type) int64 { return 3 * int64(in[0].Size()) }
